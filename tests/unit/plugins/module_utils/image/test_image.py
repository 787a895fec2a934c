# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images judged by their first bytes: what disks and volumes are made of, and what is refused by one sentence."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._image import image
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.image import (
    capacity_of,
    convert,
    digests_of,
    file_format,
    image_format,
    inspect,
    read_header,
)

WHAT = "The image x"
GIB = 1024**3


def qcow2(version: int = 3, backing: int = 0, encryption: int = 0, features: int = 0, capacity: int = GIB) -> bytes:
    """Return the header of a qcow2 image, as https://www.qemu.org/docs/master/interop/qcow2.html lays it out."""
    head = struct.pack(">4sIQIIQI", b"QFI\xfb", version, backing, 0, 16, capacity, encryption)
    return head.ljust(72, b"\0") + struct.pack(">Q", features) + bytes(432)


def raw(offset: int, mark: bytes, size: int = 128 * 1024) -> bytes:
    """Return the first bytes of a raw disk with a mark somewhere."""
    return bytes(offset) + mark + bytes(size - offset - len(mark))


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

REFUSED = [
    (b"", 0, "empty"),
    (b"\x1f\x8b\x08" + bytes(600), 603, "gunzip"),
    (b"\xfd7zXZ\x00" + bytes(600), 606, "unxz"),
    (b"BZh91AY" + bytes(600), 607, "bunzip2"),
    (b"(\xb5/\xfd" + bytes(600), 604, "zstd"),
    (b"\x04\x22M\x18" + bytes(600), 604, "lz4"),
    (b"PK\x03\x04" + bytes(600), 604, "zip"),
    (b"7z\xbc\xaf\x27\x1c" + bytes(600), 606, "7z"),
    (b"KDMV" + bytes(508), 512, "VMDK"),
    (b"# Disk DescriptorFile\n" + bytes(490), 512, "VMDK"),
    (b"vhdxfile" + bytes(504), 512, "VHDX"),
    (b"conectix" + bytes(504), 512, "VHD"),
    (raw(0x40, b"\x7f\x10\xda\xbe"), GIB, "VDI"),
    (b"LUKS\xba\xbe" + bytes(506), 512, "LUKS"),
    (raw(510, b"\x55\xaa")[:0x8001] + b"CD001" + bytes(100), GIB, "ISO 9660"),
    (qcow2(version=1), 1000, "qcow version 1"),
    (qcow2(backing=104), 1000, "backing file"),
    (qcow2(features=4), 1000, "another file"),
    (qcow2(features=2), 1000, "corrupt"),
    (qcow2(encryption=2), 1000, "encrypted"),
    (qcow2()[:60], 60, "cut off"),
    (b"root:x:0:0:root:/root:/bin/bash\n" * 100, 3200, "no disk image"),
    (bytes(1024), 1024, "no disk image"),
    (raw(510, b"\x55\xaa", 512) + b"\0", 513, "no disk image"),
]


@pytest.mark.parametrize(("first", "size", "kind"), WHOLE)
def test_formats_of_disks(first: bytes, size: int, kind: str) -> None:
    assert image_format(WHAT, first, size) == kind


@pytest.mark.parametrize(("first", "size", "word"), REFUSED)
def test_every_other_file_is_refused_in_one_sentence(first: bytes, size: int, word: str) -> None:
    with pytest.raises(Refused) as caught:
        image_format(WHAT, first, size)
    sentence = str(caught.value)
    assert sentence.startswith(WHAT)
    assert word in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


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
    [("qcow2", qcow2(capacity=5 * GIB), 1000, 5 * GIB), ("raw", raw(510, b"\x55\xaa", 512), 512, 512)],
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


class Program:
    """Stands in for a host on which qemu-img answers as told."""

    def __init__(self, **answers: tuple[int, str, str]) -> None:
        self.answers = answers
        self.commands: list[list[str]] = []

    def attempt(self, command: list[str]) -> tuple[int, str, str]:
        self.commands.append(command)
        return self.answers[command[3]]


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image.shutil, "which", lambda program: f"/usr/bin/{program}")


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "image").write_bytes(qcow2())
    return str(tmp_path / "image")


def test_a_whole_image_is_described(path: str) -> None:
    host: Any = Program(info=(0, '{"virtual-size": 4096}', ""), check=(0, "{}", ""))
    found = inspect(host, WHAT, path, 60)
    assert (found.format, found.size, found.capacity) == ("qcow2", 512, 4096)


def test_qemu_img_never_guesses_the_format(path: str) -> None:
    host: Any = Program(info=(0, '{"virtual-size": 4096}', ""), check=(0, "{}", ""), convert=(0, "", ""))
    inspect(host, WHAT, path, 60)
    convert(host, WHAT, path, "/target", 60)
    assert [command[:4] for command in host.commands] == [
        ["timeout", "60", "qemu-img", verb] for verb in ("info", "check", "convert")
    ]
    assert all("-f" in command for command in host.commands)


@pytest.mark.parametrize(
    ("info", "check", "error", "word"),
    [
        ((1, "", "qemu-img: broken\nmore"), (0, "", ""), Refused, "qemu-img: broken"),
        ((0, "{}", ""), (2, "", "ERROR: end\nERROR: end"), Refused, "cut off"),
        ((0, "{}", ""), (1, "", "lock"), Refused, "in use"),
        ((124, "", ""), (0, "", ""), TimedOut, "60 s"),
    ],
)
def test_a_broken_image_is_refused(path: str, info: Any, check: Any, error: type[KvmError], word: str) -> None:
    host: Any = Program(info=info, check=check)
    with pytest.raises(error, match=word) as caught:
        inspect(host, WHAT, path, 60)
    assert "\n" not in str(caught.value)


def test_leaked_clusters_do_no_harm(path: str) -> None:
    host: Any = Program(info=(0, '{"virtual-size": 4096}', ""), check=(3, "{}", "Leaked cluster 5"))
    assert inspect(host, WHAT, path, 60).capacity == 4096


def test_a_host_without_qemu_img_is_told_what_to_install(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image.shutil, "which", lambda _program: None)
    host: Any = Program()
    with pytest.raises(KvmError, match="install qemu-utils"):
        inspect(host, WHAT, path, 60)
