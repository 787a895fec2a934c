# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images judged by their first bytes: what disks and volumes are made of, and what is refused by one sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.image import (
    capacity_of,
    digests_of,
    file_format,
    read_header,
)

from tests.unit.plugins.module_utils.image.images import GIB, WHAT, qcow2, raw, vdi, vmdk

WHOLE = [
    (qcow2(), 1000, "qcow2"),
    (qcow2(version=2), 1000, "qcow2"),
    (qcow2(features=1), 1000, "qcow2"),
    (raw(510, b"\x55\xaa", 512), 512, "raw"),
    (raw(1080, b"\x53\xef"), GIB, "raw"),
    (raw(0, b"XFSB"), GIB, "raw"),
    (raw(0x10040, b"_BHRfS_M"), GIB, "raw"),
    (raw(512, b"LABELONE"), GIB, "raw"),
]

KEPT = [
    *WHOLE,
    (b"anything", 8, "raw"),
    (b"QFI", 3, "raw"),
    (b"\x1f\x8b\x08" + bytes(600), 603, "raw"),
    (raw(0x8001, b"CD001"), GIB, "raw"),
    (b"LUKS\xba\xbe" + bytes(506), 512, "raw"),
    (b"vhdxfile" + bytes(504), 512, "raw"),
    (qcow2(encryption=2), 1000, "qcow2"),
    (qcow2(features=2), 1000, "qcow2"),
]

NAMING_OTHERS = [
    (b"", 0, "empty"),
    (qcow2(backing=104), 1000, "has a backing file; flatten it first"),
    (qcow2(version=2, backing=104), 1000, "has a backing file; flatten it first"),
    (qcow2(features=4), 1000, "keeps its data in another file"),
    (qcow2(version=1, backing=48), 1000, "qcow version 1"),
    (qcow2()[:60], 60, "cut off"),
    (b"KDMV" + bytes(508), 512, "VMDK"),
    (b"# Disk DescriptorFile\n" + bytes(490), 512, "VMDK"),
    (b"QED\x00" + bytes(508), 512, "QED"),
]


@pytest.mark.parametrize(("first", "size", "kind"), KEPT)
def test_a_file_is_kept_as_it_is(first: bytes, size: int, kind: str) -> None:
    assert file_format(WHAT, first, size) == kind


@pytest.mark.parametrize(("first", "size", "words"), NAMING_OTHERS)
def test_a_file_that_may_name_others_is_no_volume(first: bytes, size: int, words: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        file_format(WHAT, first, size)
    assert str(caught.value).startswith(WHAT)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "first", "size", "capacity"),
    [
        ("qcow2", qcow2(capacity=5 * GIB), 1000, 5 * GIB),
        ("raw", raw(510, b"\x55\xaa", 512), 512, 512),
        ("vmdk", vmdk(capacity=3), 1000, 1536),
        ("vdi", vdi(), 1000, GIB),
        ("gzip", b"", 1000, 0),
    ],
)
def test_the_capacity_is_told_by_the_first_bytes(kind: str, first: bytes, size: int, capacity: int) -> None:
    assert capacity_of(kind, first, size) == capacity


def test_digests_are_those_of_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1 and C.1.
    assert digests_of(WHAT, str(path), ["sha256", "sha512"]) == {
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha512": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    }


@pytest.mark.parametrize(("name", "word"), [("gone", "No such file"), (".", "directory"), ("pipe", "regular file")])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str, word: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Refused, match=word):
        read_header(WHAT, str(tmp_path / name))
