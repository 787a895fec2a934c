# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that tests make: headers as the formats' own documents lay them out, and nothing behind them."""

from __future__ import annotations

import struct

WHAT = "The image x"
GIB = 1024**3
SECTOR = 512
DESCRIPTION = """# Disk DescriptorFile
version=1
CID=831bc654
parentCID=ffffffff
createType="monolithicSparse"
# Extent description
RW 16384 SPARSE "disk.vmdk"
# The Disk Data Base
ddb.adapterType = "ide"
"""


def qcow2(version: int = 3, backing: int = 0, encryption: int = 0, features: int = 0, capacity: int = GIB) -> bytes:
    """Return the header of a qcow2 image, as https://www.qemu.org/docs/master/interop/qcow2.html lays it out."""
    head = struct.pack(">4sIQIIQI", b"QFI\xfb", version, backing, 0, 16, capacity, encryption)
    return head.ljust(72, b"\0") + struct.pack(">Q", features) + bytes(432)


def raw(offset: int, mark: bytes, size: int = 128 * 1024) -> bytes:
    """Return the first bytes of a raw disk with a mark somewhere."""
    return bytes(offset) + mark + bytes(size - offset - len(mark))


def vmdk(description: str = DESCRIPTION, capacity: int = 16384, start: int = 1, size: int = 128 * SECTOR) -> bytes:
    """Return a sparse VMDK (magic, version, flags, capacity, grain, description's place and length) without data."""
    head = struct.pack("<4sIIQQQQ", b"KDMV", 1, 3, capacity, 128, start, 20)
    return (head.ljust(SECTOR, b"\0") + description.encode()).ljust(size, b"\0")


def vhd(kind: int = 3, size: int = 2048) -> bytes:
    """Return the footer of a VHD, which is its first and its last sector, with nothing between them."""
    footer = (b"conectix".ljust(60, b"\0") + struct.pack(">I", kind)).ljust(SECTOR, b"\0")
    return footer + bytes(size - 2 * SECTOR) + footer


def vdi(kind: int = 1, blocks: int = 1) -> bytes:
    """Return a VDI with blocks of one sector, which begin behind its header."""
    head = bytearray(SECTOR)
    head[0x40:0x44] = b"\x7f\x10\xda\xbe"
    for place, value in ((0x4C, kind), (0x158, SECTOR), (0x178, SECTOR), (0x184, blocks)):
        struct.pack_into("<I", head, place, value)
    struct.pack_into("<Q", head, 0x170, GIB)
    return bytes(head) + bytes(SECTOR * blocks)
