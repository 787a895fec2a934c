# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk images as files: judged by their own first bytes, before any program opens them.

An image comes from somewhere else and may be made to harm: a program that guesses its format follows the backing files,
data files and extents that the image names, on this host. So the format is read from the bytes here, everything that
points outside is refused, and programs are always told the format.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from collections.abc import Collection

from .._errors import Refused

# Enough of a file to find every mark below in it.
HEADER_BYTES = 128 * 1024
_CHUNK = 4 * 1024 * 1024

# https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.rst
_QCOW2 = struct.Struct(">4sIQIIQI")
QCOW2_MAGIC = b"QFI\xfb"
_FEATURES = struct.Struct(">Q")
_FEATURES_AT = 72
_CORRUPT = 2
_DATA_FILE = 4

# Where the first bytes tell the size of the disk: layout, offset, unit in bytes.
_CAPACITY = {"qcow2": (">Q", 24, 1), "vmdk": ("<Q", 12, 512), "vdi": ("<Q", 0x170, 1)}

# Formats by their marks: offset, bytes, name.
FOREIGN = (
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


def file_format(what: str, first: bytes, size: int) -> str:
    """Return qcow2 or raw for a file of `size` bytes that is kept as it is: every file that is no qcow2 image is raw.

    Refused, naming it as `what`, where it is empty, or of a format in which it could name other files: libvirt tells
    the formats of volumes by their first bytes, so QEMU would read those files of the host for a VM.
    """
    if not size:
        raise Refused(f"{what} is empty; nothing can be made of it.")
    refuse_kinds(what, first, _NAMING)
    if not first.startswith(QCOW2_MAGIC):
        return "raw"
    check_whole(what, first)
    return "qcow2"


def refuse_kinds(what: str, first: bytes, kinds: Collection[str]) -> None:
    """Refuse a file of one of the named formats of `FOREIGN`."""
    for offset, magic, kind in FOREIGN:
        if kind in kinds and first[offset:].startswith(magic):
            raise Refused(f"{what} is of format {kind}; convert it to qcow2 first (qemu-img convert -O qcow2).")


def check_whole(what: str, first: bytes) -> None:
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


def check_readable(what: str, first: bytes) -> None:
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
    """Return how many bytes of disk a VM sees, told by the first bytes of the image and the size of its file.

    0 where these do not tell.
    """
    if kind == "raw":
        return size
    if kind not in _CAPACITY:
        return 0
    layout, offset, unit = _CAPACITY[kind]
    return int(struct.unpack_from(layout, first, offset)[0]) * unit


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
