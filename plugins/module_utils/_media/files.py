# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files out of installation media, which nobody vouches for; and an initrd with files added to it."""

from __future__ import annotations

import gzip
import os
import shutil
import stat
from collections.abc import Mapping, Sequence

from .._errors import KvmError, Refused
from .._hypervisor import Hypervisor
from .._units import GIB, format_size

# The largest kernels and initrds have some hundreds of MiB; what says that it has more would fill the host.
_MOST = GIB
# The first letter of what `ls -l` says of rights.
_KINDS = {"d": "a directory", "l": "a symbolic link"}
_FILE = "-"
# How xorriso begins what it says of the reason.
_FAILURE = " : FAILURE : "


def extracted(host: Hypervisor, image: str, paths: Sequence[str], into: str) -> list[str]:
    """Copy files out of an ISO 9660 image of this host into a directory, and return where each is.

    `image` is a file or block device, and is only read. Nothing that is no regular file leaves it: a link in it could
    lead to any file of this host; and nothing that stands in the directory is replaced. KvmError where the image or a
    file is not there, a file is none or too large, or the host has no xorriso.
    """
    if shutil.which("xorriso") is None:
        raise KvmError("No tool to read installation media is on this host; install the package xorriso.")
    most = min(_size(image), _MOST)
    return [_extracted(host, image, path, most, os.path.join(into, str(place))) for place, path in enumerate(paths)]


def _size(image: str) -> int:
    try:
        opened = os.open(image, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise KvmError(f"The image {image} cannot be read ({error.strerror}); correct the path.") from error
    try:
        return os.lseek(opened, 0, os.SEEK_END)
    finally:
        os.close(opened)


def _extracted(host: Hypervisor, image: str, path: str, most: int, target: str) -> str:
    wanted, what = f"/{path.lstrip('/')}", f"The image {image}"
    listed = _asked(host, image, ["-lsdl", wanted, "--"]).split()
    if not listed:
        raise KvmError(f"{what} has no file {path}; is it damaged, or another medium than it says?")
    kind = listed[0][0]
    if kind != _FILE:
        raise KvmError(f"{path} in the image {image} is {_KINDS.get(kind, 'no file')}; get the image again.")
    size = int(listed[4])
    if size > most:
        raise KvmError(
            f"{path} in the image {image} says that it has {size} bytes, but {format_size(most)} is the most that it "
            "can have; get the image again."
        )
    _asked(host, image, ["-overwrite", "off", "-osirrox", "on", "-extract", wanted, target])
    if not _is_file(target, size):
        raise KvmError(f"{path} in the image {image} is not what the image says; get the image again.")
    return target


def _asked(host: Hypervisor, image: str, command: Sequence[str]) -> str:
    """Return what xorriso prints; it takes neither settings of users nor patterns, and the image for a file."""
    reading = ["xorriso", "-no_rc", "-iso_rr_pattern", "off", "-indev", f"stdio:{os.path.abspath(image)}"]
    code, out, err = host.attempt([*reading, *command])
    if code:
        failures = [line.partition(_FAILURE)[2] for line in err.splitlines() if _FAILURE in line]
        why = failures[0] if failures else f"it ended with {code}"
        raise KvmError(f"A file of the image {image} cannot be copied (xorriso: {why}); is the image damaged?")
    return out


def _is_file(path: str, size: int) -> bool:
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        found = os.fstat(opened)
    finally:
        os.close(opened)
    return stat.S_ISREG(found.st_mode) and found.st_size == size


def initrd_with(initrd: bytes, files: Mapping[str, str]) -> bytes:
    """Return an initrd with files added in its top directory, which only root may read; the same bytes each time.

    The kernel unpacks archives one behind the other, however each is packed. This one is written here and not by cpio:
    so the passwords in it lie in no temporary file, and hosts need one program less. Source:
    https://docs.kernel.org/driver-api/early-userspace/buffer-format.html. Refused where a name is none of a file.
    """
    records = [_record(number, name, text.encode()) for number, (name, text) in enumerate(sorted(files.items()), 1)]
    archive = b"".join([*records, _entry(0, 0, _TRAILER, b"")])
    return _padded(initrd) + gzip.compress(archive, mtime=0)


_TRAILER = "TRAILER!!!"
_RIGHTS = stat.S_IFREG | 0o600


def _record(number: int, name: str, content: bytes) -> bytes:
    if name in ("", ".", "..", _TRAILER) or "/" in name or "\0" in name:
        raise Refused(f"The file '{name}' cannot be added to an initrd; name it without a directory.")
    return _entry(number, _RIGHTS, name, content)


def _entry(number: int, mode: int, name: str, content: bytes) -> bytes:
    """Return one file as the format newc has it: a head of numbers, its name, its content; root's, of no time."""
    path = name.encode() + b"\0"
    numbers = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(path), 0)
    head = b"070701" + b"".join(b"%08X" % value for value in numbers)
    return _padded(head + path) + _padded(content)


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 4)
