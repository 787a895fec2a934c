# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kind of file an image comes as, and which of them are refused: told by the bytes, never by a name.

Disks are named as qemu-img names their formats. What holds a disk is `PACKED`, by the program that unpacks it, or an
OVA. Each is whole in itself: what another file would be read for is refused before any program opens it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from functools import partial

from .._errors import Refused
from .._units import MIB
from .image import QCOW2_MAGIC, check_readable, check_whole, refuse_kinds

PACKED = ("gzip", "xz", "bzip2", "zstd")
OVA = "ova"
# What only holds a disk.
HOLDERS = (*PACKED, OVA)
SECTOR = 512

_PACKED = (
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bzip2"),
    (b"(\xb5/\xfd", "zstd"),
)
_OTHERWISE_PACKED = (
    (b"\x04\x22M\x18", "lz4", "unlz4"),
    (b"PK\x03\x04", "zip", "unzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "7z x"),
)
_VMDK = b"KDMV"
_VHD = b"conectix"
_DISKS = ((0, _VMDK, "vmdk"), (0, b"vhdxfile", "vhdx"), (0, _VHD, "vpc"), (0x40, b"\x7f\x10\xda\xbe", "vdi"))
# What the first bytes of a raw disk show: a boot sector or partition table, a file system, a physical volume.
_RAW_MARKS = (
    (510, b"\x55\xaa"),
    (1080, b"\x53\xef"),
    (0, b"XFSB"),
    (0x10040, b"_BHRfS_M"),
    (SECTOR, b"LABELONE"),
)
_TAR_AT, _TAR = 257, b"ustar"

# https://www.vmware.com/app/vmdk/?src=vmdk, and block/vmdk.c of QEMU: magic, version, flags, capacity, grain size, and
# where the description is and how long, in sectors.
_SPARSE = struct.Struct("<4sIIQQQQ")
_KINDS_OF_VMDK = ("monolithicSparse", "streamOptimized")
# QEMU looks for a parent in so many bytes from the second sector on.
_LONGEST_DESCRIPTION = 64 * 1024
_EXTENT = re.compile(r"^(?:RW|RDONLY|NOACCESS)\s", re.MULTILINE)
# The type of a VHD is in its footer, of which one that grows has a copy as its first sector.
_VHD_TYPE, _VHD_FIXED, _VHD_GROWING = (">I", 60), 2, 3
_VDI_TYPE, _VDI_WHOLE = ("<I", 0x4C), (1, 2)


def image_format(what: str, first: bytes, size: int) -> str:
    """Return what a file of `size` bytes is that begins with `first`: the format of a disk, one of `PACKED`, or `OVA`.

    Refused, naming it as `what`, for everything else, and for an image that is not whole in itself.
    """
    if not size:
        raise Refused(f"{what} is empty; it is no disk image.")
    kind = next((kind for magic, kind in _PACKED if first.startswith(magic)), None) or _disk(what, first, size)
    if kind is None and first[_TAR_AT:].startswith(_TAR):
        return OVA
    if kind is None:
        raise Refused(
            f"{what} is no disk image: neither of a known format (qcow2, VMDK, VHD, VHDX, VDI, OVA) nor a raw disk "
            "with a boot sector or a file system."
        )
    return kind


def disk_format(what: str, first: bytes, size: int) -> str:
    """Return the format of a disk as `image_format` does; Refused for what only holds one."""
    kind = image_format(what, first, size)
    if kind in HOLDERS:
        raise Refused(f"{what} is no disk but holds one ({kind}) once more; unpack the outer file first.")
    return kind


def _disk(what: str, first: bytes, size: int) -> str | None:
    _refuse_foreign(what, first)
    if first.startswith(QCOW2_MAGIC):
        check_whole(what, first)
        check_readable(what, first)
        _check_sectors(what, size)
        return "qcow2"
    for offset, magic, kind in _DISKS:
        if first[offset:].startswith(magic):
            _CHECKS.get(kind, _check_sectors_only)(what, first, size)
            return kind
    if size % SECTOR == 0 and any(first[offset:].startswith(mark) for offset, mark in _RAW_MARKS):
        return "raw"
    return None


def _refuse_foreign(what: str, first: bytes) -> None:
    for magic, kind, program in _OTHERWISE_PACKED:
        if first.startswith(magic):
            raise Refused(f"{what} is compressed ({kind}); unpack it first ({program}), this is not unpacked.")
    if not first.startswith(_VMDK):
        refuse_kinds(what, first, ("VMDK", "QED"))
    if first.startswith(b"LUKS\xba\xbe"):
        raise Refused(f"{what} is encrypted (LUKS); an image has to be readable, decrypt it first.")
    if first[0x8001:].startswith(b"CD001"):
        raise Refused(f"{what} is a CD-ROM (ISO 9660); an image is the disk of an installed system.")


def _check_sectors(what: str, size: int) -> None:
    """Refuse what ends within a sector: the programs that make images fill up the last one."""
    if size % SECTOR:
        raise Refused(f"{what} is cut off ({size} bytes are no whole sectors); get it again.")


def _check_sectors_only(what: str, first: bytes, size: int) -> None:
    _check_sectors(what, size)


def _check_vmdk(what: str, first: bytes, size: int) -> None:
    """Refuse a VMDK that is not one file with all in it: its description may name others."""
    if len(first) < _SPARSE.size:
        raise Refused(f"{what} is cut off within its header; get it again.")
    *_head, capacity, _grain, start, length = _SPARSE.unpack_from(first)
    # Without a capacity QEMU takes the file for a description of other files, wherever that is in it.
    if not capacity or start != 1 or not 0 < length <= _LONGEST_DESCRIPTION // SECTOR:
        raise Refused(f"{what} is a VMDK without its own description; {_ONE_FILE}.")
    _check_sectors(what, size)
    text = first[SECTOR : SECTOR + _LONGEST_DESCRIPTION].decode("latin-1")
    described = text[: length * SECTOR].split("\0", 1)[0]
    kind = re.search(r'^createType\s*=\s*"(\w*)"', described, re.MULTILINE)
    if kind is None or kind[1] not in _KINDS_OF_VMDK or len(_EXTENT.findall(described)) != 1:
        raise Refused(f"{what} is a VMDK of type {kind[1] if kind else 'unknown'}, which has other files; {_ONE_FILE}.")
    if "parentfilenamehint" in text.lower():
        raise Refused(f"{what} is a VMDK that has a parent, without which it is not whole; {_ONE_FILE}.")


def _check_type(told: tuple[str, int], whole: tuple[int, ...], kind: str, what: str, first: bytes, size: int) -> None:
    """Refuse an image whose type, which is told by a number at one place, is not among those that are whole."""
    layout, offset = told
    if len(first) < SECTOR:
        raise Refused(f"{what} is cut off within its header; get it again.")
    if struct.unpack_from(layout, first, offset)[0] not in whole:
        raise Refused(f"{what} is a {kind} that stands on another file; flatten it first, an image is whole.")
    _check_sectors(what, size)


_ONE_FILE = "give a VMDK of one file (monolithicSparse or streamOptimized)"
_CHECKS: dict[str, Callable[[str, bytes, int], None]] = {
    "vmdk": _check_vmdk,
    "vpc": partial(_check_type, _VHD_TYPE, (_VHD_GROWING,), "VHD"),
    "vdi": partial(_check_type, _VDI_TYPE, _VDI_WHOLE, "VDI"),
}


def is_fixed_vhd(last: bytes) -> bool:
    """Return whether a raw disk is a VHD of fixed size, by its last sector: that is not a part of the disk then."""
    layout, offset = _VHD_TYPE
    return last.startswith(_VHD) and struct.unpack_from(layout, last, offset)[0] == _VHD_FIXED


_VDI_DATA = (("<I", 0x158), ("<I", 0x178), ("<I", 0x184))


def check_end(what: str, kind: str, first: bytes, last: bytes, size: int) -> None:
    """Refuse an image that is cut off, where its first and last sector tell and qemu-img would read zeros instead."""
    if kind == "vpc" and not last.startswith(_VHD):
        raise Refused(f"{what} is cut off: its last sector is not that of a VHD; get it again.")
    if kind == "vdi":
        start, block, blocks = (struct.unpack_from(layout, first, offset)[0] for layout, offset in _VDI_DATA)
        missing = start + block * blocks - size
        if missing > 0:
            raise Refused(f"{what} is cut off: {-(-missing // MIB)} MiB are missing; get it again.")
