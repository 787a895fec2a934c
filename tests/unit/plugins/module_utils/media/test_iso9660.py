# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images are told by their first sectors, whatever is in these, and no more than these is read."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._media.iso9660 import HEAD, Disc, read_disc
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.module_utils.media.discs import (
    BIOS_AND_EFI,
    SECTOR,
    SIZE,
    boots,
    descriptor,
    image,
    primary,
    record,
    section,
    validation,
)

END = descriptor(255)
FALSE_SUM = bytes([1, 0, 9]) + validation(0)[3:]
MORE = validation(0) + boots() + section(1, 1, last=False) + boots() + section(0xEF, 1) + boots()
EXTENDED = validation(0) + boots() + section(2, 1, last=False) + boots() + b"\x44".ljust(32, b"\0") + section(0xEF, 1)


def disc_of(content: bytes) -> Disc | None:
    return read_disc(lambda offset, count: content[offset : offset + count], len(content))


@pytest.mark.parametrize(
    ("content", "boot", "wrong"),
    [
        (image(), ("bios", "efi"), ""),
        (image(catalogue=validation(0) + boots()), ("bios",), ""),
        (image(catalogue=validation(0xEF) + boots()), ("efi",), ""),
        (image(catalogue=MORE), ("bios", "efi"), ""),
        (image(catalogue=EXTENDED + boots()), ("bios", "efi"), ""),
        (image(catalogue=validation(0) + boots() + section(0xEF, 1) + boots(0)), ("bios",), ""),
        (image(catalogue=validation(0) + boots() + bytes(32) + section(0xEF, 1) + boots()), ("bios",), ""),
        (image(descriptor(2), primary(), record(), END), ("bios", "efi"), ""),
        (image(primary(SIZE - SECTOR), record(), END), ("bios", "efi"), ""),
        (image(primary(SIZE, 512), record(), END), ("bios", "efi"), ""),
        (image(primary(), END), (), "has no boot record"),
        (image(primary(), END, record()), (), "has no boot record"),
        (image(primary(), record(name=b"SOMETHING ELSE"), END), (), "has no boot record"),
        (image(primary(), record(24), END), (), "lies behind its end"),
        (image(primary(), record(4_000_000_000), END), (), "lies behind its end"),
        (image(catalogue=b""), (), "catalogue is damaged"),
        (image(catalogue=b"\x02" + BIOS_AND_EFI[1:]), (), "catalogue is damaged"),
        (image(catalogue=FALSE_SUM + boots()), (), "catalogue is damaged"),
        (image(catalogue=validation(0) + boots(place=24)), (), "catalogue is damaged"),
        (image(catalogue=validation(0) + boots(0)), (), "nothing in its boot catalogue"),
        (image(catalogue=validation(1) + boots()), (), "nothing in its boot catalogue"),
        (image()[: SIZE - 1], (), f"is cut off: it has {SIZE - 1} of {SIZE} bytes"),
        (image()[: 17 * SECTOR], (), "is cut off"),
        (image(record(), END), (), "no primary volume descriptor"),
        (image(bytes(SECTOR), descriptor(2), END), (), "no primary volume descriptor"),
        (image(primary(block=0), record(), END), (), "damaged volume descriptor"),
        (image(primary(block=4096), record(), END), (), "damaged volume descriptor"),
    ],
)
def test_what_boots_and_what_is_wrong(content: bytes, boot: tuple[str, ...], wrong: str) -> None:
    disc = disc_of(content)
    assert disc is not None
    assert disc.boot == boot
    assert wrong in disc.wrong
    assert bool(disc.wrong) == bool(wrong)


@pytest.mark.parametrize("content", [b"", bytes(SIZE), image()[: 17 * SECTOR - 1], bytes(HEAD) + b"CD001".ljust(SIZE)])
def test_what_is_no_such_image(content: bytes) -> None:
    assert disc_of(content) is None


def test_the_ids_without_what_fills_them_up() -> None:
    disc = disc_of(image(primary(volume=" a\x1bé", publisher=""), record(), END))
    assert disc is not None
    assert (disc.volume_id, disc.system_id, disc.publisher_id, disc.application_id, disc.size) == (
        *(" a?é", "LINUX", "", "MAKER 1"),
        SIZE,
    )


def test_two_short_reads_are_enough_for_any_size() -> None:
    content, asked = image(), []

    def read(offset: int, count: int) -> bytes:
        asked.append((offset, count))
        return content[offset : offset + count]

    assert read_disc(read, 9 * 1024**3) is not None
    assert asked == [(HEAD, 16 * SECTOR), (20 * SECTOR, SECTOR)]


@given(
    place=st.integers(16 * SECTOR, 21 * SECTOR), damage=st.binary(min_size=1, max_size=64), keep=st.integers(0, SIZE)
)
def test_no_damage_is_more_than_a_finding(place: int, damage: bytes, keep: int) -> None:
    content = image()
    damaged = (content[:place] + damage + content[place + len(damage) :])[:keep]
    disc = disc_of(damaged)
    assert disc is None or bool(disc.wrong) or bool(disc.boot)
