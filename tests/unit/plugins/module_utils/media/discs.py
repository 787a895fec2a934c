# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ISO 9660 images, as few bytes of them as tests need."""

from __future__ import annotations

import struct

SECTOR = 2048
CATALOGUE = 20
SIZE = 24 * SECTOR
IDS = {"volume": "Wonder 1 amd64", "system": "LINUX", "publisher": "WONDER", "application": "MAKER 1"}


def descriptor(kind: int, content: bytes = b"") -> bytes:
    """Return a volume descriptor of one sector."""
    return (bytes([kind]) + b"CD001\x01" + content).ljust(SECTOR, b"\0")


def primary(size: int = SIZE, block: int = SECTOR, **ids: str) -> bytes:
    """Return a primary volume descriptor; the size in bytes."""
    told = {**IDS, **ids}
    sector = bytearray(descriptor(1))
    for name, place, length in (
        ("system", 8, 32),
        ("volume", 40, 32),
        ("publisher", 318, 128),
        ("application", 574, 128),
    ):
        sector[place : place + length] = told[name].encode().ljust(length)
    struct.pack_into("<I", sector, 80, size // (block or 1))
    struct.pack_into("<H", sector, 128, block)
    return bytes(sector)


def record(place: int = CATALOGUE, name: bytes = b"EL TORITO SPECIFICATION") -> bytes:
    """Return the boot record that says in which sector the boot catalogue is."""
    return descriptor(0, name.ljust(64, b"\0") + struct.pack("<I", place))


def validation(platform: int) -> bytes:
    """Return the entry that begins a boot catalogue."""
    entry = bytearray(32)
    entry[0], entry[1], entry[30], entry[31] = 1, platform, 0x55, 0xAA
    struct.pack_into("<H", entry, 28, -sum(struct.unpack("<16H", entry)) % 0x10000)
    return bytes(entry)


def boots(indicator: int = 0x88, place: int = 22) -> bytes:
    """Return the entry of something to boot, in which sector it is."""
    return struct.pack("<BBHBBHI", indicator, 0, 0, 0, 0, 4, place).ljust(32, b"\0")


def section(platform: int, count: int, last: bool = True) -> bytes:
    """Return the header of as many entries for a platform."""
    return struct.pack("<BBH", 0x91 if last else 0x90, platform, count).ljust(32, b"\0")


BIOS_AND_EFI = validation(0) + boots() + section(0xEF, 1) + boots()


def image(*descriptors: bytes, catalogue: bytes = BIOS_AND_EFI, size: int = SIZE) -> bytes:
    """Return an image with these descriptors, else with the usual ones."""
    sectors = descriptors or (primary(), record(), descriptor(255))
    content = bytes(16 * SECTOR) + b"".join(sectors)
    return (content.ljust(CATALOGUE * SECTOR, b"\0") + catalogue).ljust(size, b"\0")[:size]
