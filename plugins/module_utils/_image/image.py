# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk images as files: judged by their own first bytes, before any program opens them, then by qemu-img.

An image comes from somewhere else and may be made to harm: qemu-img that guesses a format follows the backing files,
data files and extents that the image names, on this host. So the format is read from the bytes here, everything that
points outside is refused, and qemu-img is always told the format.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import struct
from collections.abc import Collection, Sequence

from .._errors import KvmError, Refused, TimedOut
from .._hypervisor import Hypervisor
from .._values import dataclass

# Enough of a file to find every mark below in it.
HEADER_BYTES = 128 * 1024
_CHUNK = 4 * 1024 * 1024
# What the program timeout exits with.
_OUT_OF_TIME = 124
_SECTOR = 512

# https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.rst
_QCOW2 = struct.Struct(">4sIQIIQI")
_QCOW2_MAGIC = b"QFI\xfb"
_FEATURES = struct.Struct(">Q")
_FEATURES_AT = 72
_CORRUPT = 2
_DATA_FILE = 4

_PACKED = (
    (b"\x1f\x8b", "gzip", "gunzip"),
    (b"\xfd7zXZ\x00", "xz", "unxz"),
    (b"BZh", "bzip2", "bunzip2"),
    (b"(\xb5/\xfd", "zstd", "unzstd"),
    (b"\x04\x22M\x18", "lz4", "unlz4"),
    (b"PK\x03\x04", "zip", "unzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "7z x"),
)
_FOREIGN = (
    (0, b"KDMV", "VMDK"),
    (0, b"COWD", "VMDK"),
    (0, b"# Disk DescriptorFile", "VMDK"),
    (0, b"vhdxfile", "VHDX"),
    (0, b"conectix", "VHD"),
    (0x40, b"\x7f\x10\xda\xbe", "VDI"),
    (0, b"QED\x00", "QED"),
)
# Those of them that may name other files.
_NAMING = ("VMDK", "QED")
# What the first bytes of a raw disk show: a boot sector or partition table, a file system, a physical volume.
_RAW_MARKS = (
    (510, b"\x55\xaa"),
    (1080, b"\x53\xef"),
    (0, b"XFSB"),
    (0x10040, b"_BHRfS_M"),
    (_SECTOR, b"LABELONE"),
)


@dataclass(frozen=True)
class ImageFile:
    """A disk image in a file; in bytes: the file's size, what it takes on the disk, the size that a VM sees."""

    path: str
    format: str
    size: int
    allocated: int
    capacity: int


def image_format(what: str, first: bytes, size: int) -> str:
    """Return qcow2 or raw for a file of `size` bytes that begins with `first`.

    Refused, naming it as `what`, for everything else, and for an image that is not whole in itself.
    """
    if not size:
        raise Refused(f"{what} is empty; it is no disk image.")
    _refuse_packed(what, first)
    _refuse_foreign(what, first)
    if first.startswith(_QCOW2_MAGIC):
        _check_whole(what, first)
        _check_readable(what, first)
        return "qcow2"
    if size % _SECTOR or not any(first[offset:].startswith(mark) for offset, mark in _RAW_MARKS):
        raise Refused(f"{what} is no disk image: neither qcow2 nor a raw disk with a boot sector or a file system.")
    return "raw"


def file_format(what: str, first: bytes, size: int) -> str:
    """Return qcow2 or raw for a file of `size` bytes that is kept as it is: every file that is no qcow2 image is raw.

    Refused, naming it as `what`, where it is empty, or of a format in which it could name other files: libvirt tells
    the formats of volumes by their first bytes, so QEMU would read those files of the host for a VM.
    """
    if not size:
        raise Refused(f"{what} is empty; nothing can be made of it.")
    _refuse_kinds(what, first, _NAMING)
    if not first.startswith(_QCOW2_MAGIC):
        return "raw"
    _check_whole(what, first)
    return "qcow2"


def _refuse_packed(what: str, first: bytes) -> None:
    for magic, kind, program in _PACKED:
        if first.startswith(magic):
            raise Refused(f"{what} is compressed ({kind}); unpack it first ({program}), images are not unpacked.")


def _refuse_foreign(what: str, first: bytes) -> None:
    _refuse_kinds(what, first, {kind for _offset, _magic, kind in _FOREIGN})
    if first.startswith(b"LUKS\xba\xbe"):
        raise Refused(f"{what} is encrypted (LUKS); an image has to be readable, decrypt it first.")
    if first[0x8001:].startswith(b"CD001"):
        raise Refused(f"{what} is a CD-ROM (ISO 9660); an image is the disk of an installed system.")


def _refuse_kinds(what: str, first: bytes, kinds: Collection[str]) -> None:
    for offset, magic, kind in _FOREIGN:
        if kind in kinds and first[offset:].startswith(magic):
            raise Refused(f"{what} is of format {kind}; convert it to qcow2 first (qemu-img convert -O qcow2).")


def _check_whole(what: str, first: bytes) -> None:
    """Refuse a qcow2 image that names other files, or whose header nobody could read."""
    if len(first) < _FEATURES_AT + _FEATURES.size:
        raise Refused(f"{what} is cut off within its header; get it again.")
    _magic, version, backing_at, *_rest = _QCOW2.unpack_from(first)
    if version not in (2, 3):
        raise Refused(f"{what} is of qcow version {version}; convert it to qcow2 first (qemu-img convert -O qcow2).")
    if backing_at:
        raise Refused(f"{what} has a backing file; flatten it first (qemu-img convert -O qcow2), an image is whole.")
    if _features(first) & _DATA_FILE:
        raise Refused(f"{what} keeps its data in another file; flatten it first (qemu-img convert -O qcow2).")


def _check_readable(what: str, first: bytes) -> None:
    """Refuse a qcow2 image that nobody could copy."""
    if _QCOW2.unpack_from(first)[6]:
        raise Refused(f"{what} is encrypted; an image has to be readable, decrypt it first.")
    if _features(first) & _CORRUPT:
        raise Refused(f"{what} is marked as corrupt; get it again, or repair it (qemu-img check -r all).")


def _features(first: bytes) -> int:
    """Return the features without which a qcow2 image is not understood; version 2 has none."""
    version = _QCOW2.unpack_from(first)[1]
    return int(_FEATURES.unpack_from(first, _FEATURES_AT)[0]) if version == 3 else 0


def capacity_of(kind: str, first: bytes, size: int) -> int:
    """Return how many bytes of disk a VM sees, told by the first bytes of the image and the size of its file."""
    return int(_QCOW2.unpack_from(first)[5]) if kind == "qcow2" else size


def read_header(what: str, path: str) -> tuple[bytes, os.stat_result]:
    """Return the first bytes of a regular file and its stat; Refused, naming it as `what`, where that cannot be had."""
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            raise Refused(f"{what} is a directory; name the image file in it.")
        if not stat.S_ISREG(found.st_mode):
            raise Refused(f"{what} is not a regular file; copy the image into a file first.")
        with open(path, "rb") as opened:
            return opened.read(HEADER_BYTES), found
    except OSError as error:
        raise Refused(f"{what} cannot be read ({error.strerror}); correct the path, or its permissions.") from error


def digests_of(what: str, path: str, algorithms: Collection[str]) -> dict[str, str]:
    """Return the digests of a file, by algorithm, in one reading; Refused where it cannot be read."""
    read_header(what, path)
    made = {algorithm: hashlib.new(algorithm) for algorithm in sorted(algorithms)}
    try:
        with open(path, "rb") as opened:
            for chunk in iter(lambda: opened.read(_CHUNK), b""):
                for digest in made.values():
                    digest.update(chunk)
    except OSError as error:
        raise Refused(f"{what} cannot be read ({error.strerror}); correct the path, or its permissions.") from error
    return {algorithm: digest.hexdigest() for algorithm, digest in made.items()}


def inspect(host: Hypervisor, what: str, path: str, timeout: int) -> ImageFile:
    """Return what the image at `path` is; Refused where it is none, is damaged, or is not whole in itself.

    `timeout` in seconds, for each run of qemu-img.
    """
    first, found = read_header(what, path)
    kind = image_format(what, first, found.st_size)
    code, told, errors = _qemu_img(host, ["info", "--output=json", "-f", kind, path], timeout)
    if code:
        raise Refused(f"{what} cannot be opened as {kind} (qemu-img: {_words(errors)}); get it again.")
    if kind == "qcow2":
        _check_structure(host, what, path, timeout)
    return ImageFile(path, kind, found.st_size, found.st_blocks * 512, int(json.loads(told)["virtual-size"]))


def _check_structure(host: Hypervisor, what: str, path: str, timeout: int) -> None:
    """Refuse a qcow2 image whose tables are broken or that is cut off; clusters that leaked (code 3) do no harm."""
    code, _told, errors = _qemu_img(host, ["check", "--output=json", "-f", "qcow2", path], timeout)
    if code == 2:
        raise Refused(f"{what} is damaged or cut off (qemu-img: {_words(errors)}); get it again.")
    if code not in (0, 3):
        raise Refused(f"{what} cannot be checked (qemu-img: {_words(errors)}); is it in use, or cut off?")


def convert(host: Hypervisor, what: str, source: str, target: str, timeout: int) -> None:
    """Write the raw image `source` as qcow2 to `target` (qemu-img convert)."""
    code, _told, errors = _qemu_img(host, ["convert", "-f", "raw", "-O", "qcow2", source, target], timeout)
    if code:
        raise KvmError(
            f"{what} could not be converted to qcow2 (qemu-img: {_words(errors)}); nothing was put into a pool."
        )


def _qemu_img(host: Hypervisor, arguments: Sequence[str], timeout: int) -> tuple[int, str, str]:
    if shutil.which("qemu-img") is None:
        raise KvmError("qemu-img is missing on this host; install qemu-utils (Debian, Ubuntu) or qemu-img.")
    code, told, errors = host.attempt(["timeout", str(timeout), "qemu-img", *arguments])
    if code == _OUT_OF_TIME:
        raise TimedOut(f"qemu-img {arguments[0]} did not end within {timeout} s; raise 'timeout'.")
    return code, told, errors


def _words(errors: str) -> str:
    """Return the first line that qemu-img wrote to people."""
    return next(iter(errors.strip().splitlines()), "it tells no reason")
