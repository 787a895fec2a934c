# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving the content of volumes through the libvirt connection, whatever the pool is made of."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from .._errors import KvmError
from .._hypervisor import Hypervisor
from .._libs import libvirt


def upload_file(host: Hypervisor, volume: Any, path: str, size: int) -> None:
    """Put the file at `path`, `size` bytes long, into a volume from its first byte on (virStorageVolUpload)."""
    try:
        with open(path, "rb") as source:
            _upload(host, volume, source, size)
    except OSError as error:
        raise KvmError(f"The file {path} cannot be read ({error.strerror}); nothing usable was uploaded.") from error


def upload_bytes(host: Hypervisor, volume: Any, content: bytes) -> None:
    """Put bytes into a volume from its first byte on (virStorageVolUpload)."""
    _upload(host, volume, io.BytesIO(content), len(content))


def _upload(host: Hypervisor, volume: Any, source: BinaryIO, size: int) -> None:
    with _stream(host) as stream:
        volume.upload(stream, 0, size, 0)
        stream.sendAll(lambda _stream, count, opened: opened.read(count), source)


def sha256_of_volume(host: Hypervisor, volume: Any, size: int) -> str:
    """Return the SHA-256 of the first `size` bytes of a volume, read through libvirt (virStorageVolDownload)."""
    digest = hashlib.sha256()
    with _stream(host) as stream:
        volume.download(stream, 0, size, 0)
        stream.recvAll(lambda _stream, data, found: found.update(data), digest)
    return digest.hexdigest()


def download_bytes(host: Hypervisor, volume: Any) -> bytes:
    """Return the whole content of a small volume (virStorageVolDownload)."""
    return download_part(host, volume, 0, 0)


def download_part(host: Hypervisor, volume: Any, offset: int, count: int) -> bytes:
    """Return `count` bytes of a volume from an offset on, fewer where it ends (virStorageVolDownload)."""
    content = io.BytesIO()
    with _stream(host) as stream:
        volume.download(stream, offset, count, 0)
        stream.recvAll(lambda _stream, data, opened: opened.write(data), content)
    return content.getvalue()


def download_file(host: Hypervisor, volume: Any, path: str, size: int) -> str:
    """Put the first `size` bytes of a volume into a new file, and return their SHA-256 (virStorageVolDownload).

    Nobody but the owner of the file's folder can read it. What is zero takes no space in it.
    """
    digest = hashlib.sha256()

    def take(_stream: Any, data: bytes, target: BinaryIO) -> None:
        digest.update(data)
        if data == bytes(len(data)):
            target.seek(len(data), os.SEEK_CUR)
        else:
            target.write(data)

    try:
        with _private_file(path) as target:
            with _stream(host) as stream:
                volume.download(stream, 0, size, 0)
                stream.recvAll(take, target)
            target.truncate()
            came = target.tell()
    except OSError as error:
        raise KvmError(f"The file {path} cannot be written ({error.strerror}); make room for it.") from error
    if came != size:
        raise KvmError(f"Volume '{volume.name()}' ended after {came} of {size} bytes; does something change it now?")
    return digest.hexdigest()


def _private_file(path: str) -> BinaryIO:
    """Open a new file that belongs to whom its folder belongs to: a user other than root may have to fetch it."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    owner = os.stat(os.path.dirname(path)).st_uid
    if owner != os.geteuid():
        os.fchown(file, owner, -1)
    return open(file, "wb")


@contextmanager
def _stream(host: Hypervisor) -> Iterator[Any]:
    """Open a virStream for the body, which uses it up; one that did not get to its end is given up."""
    stream = host.connection.newStream(0)
    try:
        yield stream
        stream.finish()
    except BaseException:
        _abort(stream)
        raise


def _abort(stream: Any) -> None:
    """Give a stream up; where it has broken by itself there is nothing left to give up."""
    try:
        stream.abort()
    except libvirt.libvirtError:
        return
