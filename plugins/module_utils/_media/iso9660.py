# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the first sectors of an ISO 9660 image tell: what it is called, how large it is, and from what it boots.

Only those sectors are read, never the image. Sources: ECMA-119 (https://ecma-international.org), and the "El Torito"
Bootable CD-ROM Format Specification 1.0, with the platform 0xEF of the UEFI specification 2.10, 13.3.2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Callable

from .._values import dataclass

SECTOR = 2048
# Where the volume descriptors begin, and how many bytes of them are looked at.
HEAD = 16 * SECTOR
HEAD_BYTES = 16 * SECTOR

# What reads `count` bytes from an offset on, or fewer where the image ends.
Read = Callable[[int, int], bytes]

_MAGIC = b"CD001"
_BOOT_RECORD, _PRIMARY, _END = 0, 1, 255
_EL_TORITO = b"EL TORITO SPECIFICATION"
_BLOCK_SIZES = (512, 1024, 2048)

_ENTRY = 32
_BOOTABLE, _MORE_FOLLOW, _LAST = 0x88, 0x90, 0x91
# More of the entry before it, which says nothing that is needed here.
_EXTENSION = 0x44
_FIRMWARE = {0x00: "bios", 0xEF: "efi"}


@dataclass(frozen=True)
class Disc:
    """An ISO 9660 image: its ids, the bytes that it says it has, what firmware can boot from it, and what is wrong.

    `wrong` is said of the medium ("is cut off …"), and empty where nothing is.
    """

    volume_id: str = ""
    system_id: str = ""
    publisher_id: str = ""
    application_id: str = ""
    size: int = 0
    boot: tuple[str, ...] = ()
    wrong: str = ""

    @property
    def ids(self) -> dict[str, str]:
        """Return the ids that there are, by libosinfo's words (osinfo_db_identify_media)."""
        ids = {
            "volume-id": self.volume_id,
            "system-id": self.system_id,
            "publisher-id": self.publisher_id,
            "application-id": self.application_id,
        }
        return {word: said for word, said in ids.items() if said}


class _Damaged(Exception):
    """A boot catalogue that cannot be what was written."""


def read_disc(read: Read, size: int) -> Disc | None:
    """Return what an image of `size` bytes is, or None for what is no ISO 9660 image. At most two short reads."""
    if size < HEAD + SECTOR:
        return None
    descriptors = list(_descriptors(read(HEAD, HEAD_BYTES)))
    if not any(_is_descriptor(sector) for sector in descriptors):
        return None
    primary = next((sector for sector in descriptors if _is_descriptor(sector, _PRIMARY)), None)
    if primary is None:
        return Disc(wrong="has no primary volume descriptor, so it is damaged; get it again")
    if struct.unpack_from("<H", primary, 128)[0] not in _BLOCK_SIZES:
        return Disc(wrong="has a damaged volume descriptor; get it again")
    return _judged(read, size, primary, descriptors)


def _descriptors(head: bytes) -> Iterator[bytes]:
    """Go through the whole sectors up to the descriptor that ends the set."""
    for place in range(0, len(head) - SECTOR + 1, SECTOR):
        sector = head[place : place + SECTOR]
        yield sector
        if _is_descriptor(sector, _END):
            return


def _is_descriptor(sector: bytes, kind: int | None = None) -> bool:
    return sector[1:6] == _MAGIC and kind in (None, sector[0])


def _judged(read: Read, size: int, primary: bytes, descriptors: Sequence[bytes]) -> Disc:
    blocks, block = struct.unpack_from("<I", primary, 80)[0], struct.unpack_from("<H", primary, 128)[0]
    told = blocks * block
    boot: tuple[str, ...] = ()
    wrong = ""
    if size < told:
        wrong = f"is cut off: it has {size} of {told} bytes; get it again"
    else:
        boot, wrong = _boot(read, size, descriptors)
    return Disc(
        volume_id=_words(primary[40:72]),
        system_id=_words(primary[8:40]),
        publisher_id=_words(primary[318:446]),
        application_id=_words(primary[574:702]),
        size=told,
        boot=boot,
        wrong=wrong,
    )


def _words(field: bytes) -> str:
    """Return a field without what fills it up; characters that XML and terminals cannot show are question marks."""
    text = field.decode("utf-8", "replace").rstrip(" \0")
    return "".join(character if character.isprintable() else "?" for character in text)


def _boot(read: Read, size: int, descriptors: Sequence[bytes]) -> tuple[tuple[str, ...], str]:
    """Return what firmware can boot from an image, and what is wrong with that."""
    records = (sector for sector in descriptors if _is_descriptor(sector, _BOOT_RECORD))
    record = next((sector for sector in records if sector[7:39].rstrip(b"\0 ") == _EL_TORITO), None)
    if record is None:
        return (), "is not bootable: it has no boot record"
    place = struct.unpack_from("<I", record, 71)[0] * SECTOR
    if place + SECTOR > size:
        return (), "is not bootable: its boot catalogue lies behind its end; get it again"
    try:
        boot = tuple(sorted(set(_firmware(read(place, SECTOR), size))))
    except _Damaged:
        return (), "is not bootable: its boot catalogue is damaged; get it again"
    return boot, "" if boot else "is not bootable: nothing in its boot catalogue is for BIOS or UEFI"


def _firmware(catalogue: bytes, size: int) -> Iterator[str]:
    """Go through what the bootable entries of a boot catalogue are for; _Damaged where it cannot be one."""
    if len(catalogue) < SECTOR or not _valid(catalogue[:_ENTRY]):
        raise _Damaged
    platform, left = catalogue[1], 1
    for place in range(_ENTRY, SECTOR, _ENTRY):
        entry = catalogue[place : place + _ENTRY]
        if left:
            left -= 1
            if entry[0] == _BOOTABLE and platform in _FIRMWARE and _inside(entry, size):
                yield _FIRMWARE[platform]
        elif entry[0] in (_MORE_FOLLOW, _LAST):
            platform, left = entry[1], struct.unpack_from("<H", entry, 2)[0]
        elif entry[0] != _EXTENSION:
            return


def _valid(entry: bytes) -> bool:
    """Return whether the entry that begins a boot catalogue is one: all its words add up to nothing."""
    return entry[0] == 1 and entry[30:] == b"\x55\xaa" and sum(struct.unpack("<16H", entry)) % 0x10000 == 0


def _inside(entry: bytes, size: int) -> bool:
    """Return whether what an entry boots begins in the image; _Damaged where it does not."""
    if struct.unpack_from("<I", entry, 8)[0] * SECTOR >= size:
        raise _Damaged
    return True
