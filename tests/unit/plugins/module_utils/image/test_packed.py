# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compressed images: unpacked whole or not at all, and never more than there is room for."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._image import packed
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.packed import check_inside, peek, unpack
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.room import Room

from tests.unit.plugins.module_utils.image.images import WHAT, qcow2, raw

MIB = 1024**2
# Data between holes, longer than what is read at once.
DISK = raw(510, b"\x55\xaa") + bytes(3 * MIB) + os.urandom(2 * MIB + 100) + bytes(MIB - 100)
PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
NO_PROGRAM: Any = None


class Zstd:
    """Stands in for a host whose zstd writes what it is told into the pipe, ends with a code, or does not even open."""

    def __init__(self, content: bytes, code: int = 0, opens: bool = True) -> None:
        self.content, self.code, self.opens = content, code, opens
        self.written = 0

    def attempt(self, command: list[str]) -> tuple[int, str, str]:
        if self.opens:
            try:
                with open(command[-1], "wb", buffering=0) as pipe:
                    for start in range(0, len(self.content), 4096):
                        self.written += pipe.write(self.content[start : start + 4096])
            except BrokenPipeError:
                return 1, "", "zstd: Broken pipe"
        return self.code, "", "zstd: it is\nbroken" if self.code else ""


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed.shutil, "which", lambda program: f"/usr/bin/{program}")


def unpacked(tmp_path: Path, kind: str, content: bytes, host: Any = NO_PROGRAM, free: int = 10 * MIB) -> Path:
    (tmp_path / "packed").write_bytes(content)
    target = tmp_path / "unpacked"
    unpack(host, WHAT, kind, str(tmp_path / "packed"), str(target), Room(str(tmp_path), free), 60)
    return target


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("behind", [b"", bytes(3 * MIB)], ids=["nothing", "zeros"])
@pytest.mark.parametrize("streams", [1, 3])
def test_all_is_unpacked_and_zeros_take_no_space(tmp_path: Path, kind: str, behind: bytes, streams: int) -> None:
    step = -(-len(DISK) // streams)
    parts = [PACK[kind](DISK[start : start + step]) for start in range(0, len(DISK), step)]
    target = unpacked(tmp_path, kind, b"".join(parts) + behind)
    assert target.read_bytes() == DISK
    assert target.stat().st_blocks * 512 < 3 * MIB


@pytest.mark.parametrize("kind", PACK)
def test_only_what_is_written_counts(tmp_path: Path, kind: str) -> None:
    unpacked(tmp_path, kind, PACK[kind](DISK), free=2 * MIB + 400_000)
    (tmp_path / "unpacked").unlink()
    with pytest.raises(Refused, match=r"takes more than the 1 MiB that are left for it .* free space there"):
        unpacked(tmp_path, kind, PACK[kind](DISK), free=2 * MIB - 1)
    assert (tmp_path / "unpacked").stat().st_size <= len(DISK)


BROKEN: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("a byte is missing", lambda content: content[:-1], "cut off"),
    ("the middle is missing", lambda content: content[: len(content) // 2], "cut off"),
    ("it is changed", lambda content: content[:-1000] + b"\xff" * 900 + content[-100:], "cannot be unpacked"),
    ("something else is behind it", lambda content: content + b"#!/bin/sh", "cannot be unpacked"),
]


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize(("change", "word"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_is_not_whole_is_refused(tmp_path: Path, kind: str, change: Callable[[bytes], bytes], word: str) -> None:
    with pytest.raises(Refused, match=word) as caught:
        unpacked(tmp_path, kind, change(PACK[kind](DISK)))
    assert str(caught.value).startswith(f"{WHAT} cannot be unpacked ({kind}: ")
    assert "\n" not in str(caught.value)


def test_what_is_no_disk_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=f"What is packed in {WHAT} is no disk image"):
        unpacked(tmp_path, "gzip", gzip.compress(bytes(50 * MIB)))
    assert (tmp_path / "unpacked").stat().st_size < 2 * MIB


def test_an_archive_that_needs_much_memory_is_refused(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1024 * MIB}]
    # The size of the dictionary is a byte in the header of the block; one that long is costly to write.
    small = lzma.compress(DISK, filters=[{**filters[0], "dict_size": 4096}])
    header = bytearray(small[12:24])
    assert header[4] == 0
    header[4] = 40
    header[8:12] = _crc(bytes(header[:8]))
    with pytest.raises(Refused, match=r"xz: .*[Mm]emory"):
        unpacked(tmp_path, "xz", small[:12] + bytes(header) + small[24:])


def _crc(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(4, "little")


def test_unpacking_is_given_up_in_time(tmp_path: Path) -> None:
    (tmp_path / "packed").write_bytes(gzip.compress(DISK))
    room = Room(str(tmp_path), 10 * MIB)
    with pytest.raises(TimedOut, match="raise 'timeout'"):
        unpack(NO_PROGRAM, WHAT, "gzip", str(tmp_path / "packed"), str(tmp_path / "unpacked"), room, 0)


def test_zstd_is_a_program_that_writes_into_a_pipe(tmp_path: Path) -> None:
    assert unpacked(tmp_path, "zstd", b"", Zstd(DISK)).read_bytes() == DISK
    assert sorted(file.name for file in tmp_path.iterdir()) == ["packed", "unpacked"]


@pytest.mark.parametrize(
    ("host", "word"),
    [
        (Zstd(DISK[:MIB], 1), r"cannot be unpacked \(zstd: zstd: it is broken\)"),
        (Zstd(b"", 1, opens=False), r"cannot be unpacked \(zstd: zstd: it is broken\)"),
        (Zstd(DISK * 2), "takes more than the 3 MiB"),
        (Zstd(bytes(MIB)), "is no disk image"),
    ],
)
def test_zstd_is_stopped_when_that_is_enough(tmp_path: Path, host: Zstd, word: str) -> None:
    with pytest.raises(Refused, match=word):
        unpacked(tmp_path, "zstd", b"", host, 3 * MIB)
    assert host.written < 11 * MIB
    assert not (tmp_path / "unpacked.pipe").exists()


def test_a_host_without_zstd_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed.shutil, "which", lambda _program: None)
    with pytest.raises(KvmError, match="install the package zstd"):
        unpacked(tmp_path, "zstd", b"", Zstd(DISK))


@pytest.mark.parametrize("kind", PACK)
def test_the_beginning_is_seen_before_all_is_there(kind: str) -> None:
    assert peek(kind, PACK[kind](DISK[: 3 * MIB])[: 128 * 1024])[:1000] == DISK[:1000]
    assert peek(kind, b"anything else") == b""


def test_the_beginning_of_zstd_is_not_seen() -> None:
    assert peek("zstd", b"(\xb5/\xfd") == b""


@pytest.mark.parametrize(("first", "kind"), [(qcow2(), "qcow2"), (raw(257, b"ustar"), "ova"), (DISK[:1024], "raw")])
def test_what_may_be_packed(first: bytes, kind: str) -> None:
    assert check_inside(WHAT, first) == kind


def test_what_is_packed_twice_is_refused() -> None:
    with pytest.raises(Refused, match=r"compressed once more \(gzip\)"):
        check_inside(WHAT, gzip.compress(DISK))
