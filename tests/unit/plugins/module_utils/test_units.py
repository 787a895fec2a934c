# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes: what is read, what is refused, what is shown."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import (
    GIB,
    KIB,
    MIB,
    format_size,
    libvirt_bytes,
    parse_size,
)

READ = [
    ("4GiB", GIB, 4 * GIB),
    ("4gib", GIB, 4 * GIB),
    ("4 GiB", MIB, 4 * GIB),
    ("512MiB", GIB, 512 * MIB),
    ("1.5GiB", MIB, 1536 * MIB),
    ("0.5KiB", MIB, 512),
    ("1TiB", MIB, 1024 * GIB),
    ("2PiB", MIB, 2 * 1024 * 1024 * GIB),
    ("100B", MIB, 100),
    ("20", GIB, 20 * GIB),
    (" 20 ", GIB, 20 * GIB),
    (20, MIB, 20 * MIB),
    (1, 1, 1),
    ("8388607TiB", MIB, 8388607 * 1024 * GIB),
]


@pytest.mark.parametrize(("written", "plain_unit", "size"), READ)
def test_sizes_that_are_read(written: str | int, plain_unit: int, size: int) -> None:
    assert parse_size(written, "memory", plain_unit) == size


REFUSED = [
    ("4GB", "no binary unit; write 4GiB if you mean that."),
    ("4G", "write 4GiB if you mean that."),
    ("500M", "write 500MiB if you mean that."),
    ("500mb", "write 500MiB if you mean that."),
    ("1k", "write 1KiB if you mean that."),
    ("4 giga", "no binary unit; use KiB, MiB, GiB or TiB."),
    ("1EiB", "no binary unit"),
    ("four", "is not a size; write a number with a unit"),
    ("", "is not a size"),
    ("-1", "is not a size"),
    ("1e9", "is not a size"),
    ("1,5GiB", "is not a size"),
    ("4GiB extra", "is not a size"),
    ("0", "is out of range"),
    ("0GiB", "is out of range"),
    ("8388608TiB", "is out of range"),
    ("999999999PiB", "is out of range"),
    ("1.0001KiB", "is not a whole number of bytes"),
    (True, "is not a size"),
]


@pytest.mark.parametrize(("written", "why"), REFUSED)
def test_sizes_that_are_refused(written: str | int, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_size(written, "memory of web01", MIB)
    sentence = str(refusal.value)
    assert why in sentence
    assert sentence.startswith(f"memory of web01 '{str(written).strip()}' ")
    assert sentence.endswith(".")


SHOWN = [
    (2 * GIB, "2GiB"),
    (1536 * MIB, "1536MiB"),
    (GIB + 1, "1073741825B"),
    (3 * KIB, "3KiB"),
    (1, "1B"),
    (0, "0B"),
    (1024 * GIB, "1TiB"),
    (1024 * 1024 * GIB, "1PiB"),
]


@pytest.mark.parametrize(("size", "shown"), SHOWN)
def test_sizes_that_are_shown(size: int, shown: str) -> None:
    assert format_size(size) == shown


@pytest.mark.parametrize("size", [1, 1023, KIB, 5 * MIB, 96 * MIB, 3 * GIB, 7 * 1024 * GIB, 2**63 - 1])
def test_what_is_shown_is_read_back(size: int) -> None:
    assert parse_size(format_size(size), "size", 1) == size


LIBVIRT = [
    ("4", "MiB", 4 * MIB),
    ("4", "M", 4 * MIB),
    ("4", "MB", 4_000_000),
    ("4", "KB", 4000),
    ("4", "k", 4 * KIB),
    ("4", "bytes", 4),
    ("4", "b", 4),
    ("1", "GB", 1000**3),
    ("1", "G", GIB),
    ("1", "TB", 1000**4),
    ("1", "TiB", 1024 * GIB),
]


@pytest.mark.parametrize(("number", "unit", "size"), LIBVIRT)
def test_units_that_libvirt_reads(number: str, unit: str, size: int) -> None:
    assert libvirt_bytes(number, unit) == size
