# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image takes and needs, and how a copy takes its place.

qemu-img and libvirt are stand-ins: what matters here is what is done with their answers. The lab has the real ones.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path
from typing import Any, Callable

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage import sparsify
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.measuring import (
    Measure,
    filled_bytes,
    measure,
    pieces_of,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.sparsify import SparsifyVolume
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB, MIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

K64 = 64 * 1024
PLAIN = {"virtual-size": 64 * MIB, "cluster-size": K64, "format": "qcow2"}


def host_with(answers: dict[str, Any], code: int = 0) -> Hypervisor:
    """Return a host whose qemu-img answers by its command."""

    def run(command: list[str]) -> tuple[int, str, str]:
        return code, json.dumps(answers[command[1]]), "no such image\n" if code else ""

    return Hypervisor(None, "test:///default", run)


@pytest.mark.parametrize(
    ("start", "length", "pieces"),
    [
        (0, 0, []),
        (0, 100, [(0, 64), (64, 36)]),
        (60, 10, [(60, 4), (64, 6)]),
        (64, 128, [(64, 64), (128, 64)]),
    ],
)
def test_pieces(start: int, length: int, pieces: list[tuple[int, int]]) -> None:
    assert list(pieces_of(start, length, 64)) == pieces


STORED = [
    (bytes(4 * K64), [(0, 4 * K64, 0)], 0),
    (b"x" * 4 * K64, [(0, 4 * K64, 0)], 4),
    (b"x" * 4 * K64, [(K64, K64, 0), (5 * K64, K64, K64)], 2),
    (bytes(K64 - 1) + b"x" + bytes(3 * K64), [(0, 4 * K64, 0)], 1),
    # Two parts of one piece, wherever in the file they are.
    (b"x" * K64, [(0, 4096, 8192), (8192, 4096, 0)], 1),
    (b"x" * 4 * K64, [], 0),
]


@pytest.mark.parametrize(("content", "stored", "pieces"), STORED)
def test_what_holds_anything(tmp_path: Path, content: bytes, stored: list[tuple[int, int, int]], pieces: int) -> None:
    file = tmp_path / "image"
    file.write_bytes(content)
    assert filled_bytes(str(file), stored, K64) == pieces * K64


WASTE = [(8 * MIB, MIB, True), (2 * MIB, MIB, False), (GIB, GIB, False), (102 * MIB, 100 * MIB, False), (0, 0, False)]


@pytest.mark.parametrize(("allocation", "needed", "wasteful"), WASTE)
def test_whether_a_copy_is_worth_it(allocation: int, needed: int, wasteful: bool) -> None:
    assert Measure(allocation, needed).wasteful is wasteful


def extent(start: int, length: int, **more: Any) -> dict[str, Any]:
    return {"start": start, "length": length, "data": True, "zero": False, "offset": start, **more}


MAPS: list[tuple[str, list[dict[str, Any]], int, int]] = [
    ("raw", [extent(0, 2 * MIB)], MIB, 0),
    ("raw", [extent(0, 2 * MIB, data=False)], 0, 0),
    ("qcow2", [extent(0, 2 * MIB)], MIB, 6 * K64),
    ("qcow2", [extent(0, MIB, zero=True), {"start": MIB, "length": MIB, "data": True, "zero": False}], 0, 6 * K64),
]


@pytest.mark.parametrize(("kind", "extents", "filled", "tables"), MAPS)
def test_an_image_is_measured(
    tmp_path: Path, kind: str, extents: list[dict[str, Any]], filled: int, tables: int
) -> None:
    file = tmp_path / "image"
    file.write_bytes(b"x" * MIB + bytes(MIB))
    host = host_with({"info": PLAIN, "check": {}, "map": extents})
    measured = measure(host, "it", str(file), kind)
    assert (measured.allocation, measured.needed) == (512 * file.stat().st_blocks, filled + tables)


def data(**details: Any) -> dict[str, Any]:
    return {**PLAIN, "format-specific": {"data": details}}


UNFIT: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({**PLAIN, "snapshots": [{}]}, {}, "it has snapshots in it"),
    (data(bitmaps=[{}]), {}, "it has bitmaps of backups in it"),
    ({**PLAIN, "encrypted": True}, {}, "it is encrypted"),
    ({**PLAIN, "format": "luks"}, {}, "it is encrypted"),
    (data(**{"data-file": "x"}), {}, "it keeps its data in another file"),
    (data(corrupt=True), {}, "it was not closed in good order, or is damaged"),
    ({**PLAIN, "dirty-flag": True}, {}, "it was not closed in good order, or is damaged"),
    (PLAIN, {"compressed-clusters": 1}, "it is compressed, so a copy would take more space"),
]


@pytest.mark.parametrize(("info", "check", "words"), UNFIT)
def test_an_image_of_which_a_copy_would_lose_something(
    tmp_path: Path, info: dict[str, Any], check: dict[str, Any], words: str
) -> None:
    file = tmp_path / "image"
    file.write_bytes(b"x")
    with pytest.raises(Refused, match=words):
        measure(host_with({"info": info, "check": check, "map": []}), "it", str(file), "qcow2")


def test_what_is_no_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "image").touch()
    (tmp_path / "link").symlink_to("image")
    os.link(tmp_path / "image", tmp_path / "twin")
    for name, words in (("none", "is no file here"), ("link", "no file with one name"), ("twin", "with one name")):
        with pytest.raises(Refused, match=words):
            measure(host_with({}), "it", str(tmp_path / name), "raw")


def test_an_image_that_cannot_be_measured(tmp_path: Path) -> None:
    (tmp_path / "image").touch()
    with pytest.raises(KvmError, match=r"cannot be measured \(qemu-img info: no such image\)"):
        measure(host_with({"info": {}}, code=1), "it", str(tmp_path / "image"), "raw")


class Pool:
    """A pool in a folder, and the connection to it; its volumes are files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def storagePoolLookupByName(self, _name: str) -> Pool:
        return self

    def name(self) -> str:
        return "p"

    def isActive(self) -> bool:
        return True

    def refresh(self) -> None:
        assert self.folder.is_dir()

    def storageVolLookupByName(self, name: str) -> Volume:
        return Volume(self.folder / name)

    def createXML(self, xml: str, _flags: int) -> Volume:
        copy = self.storageVolLookupByName(parse_xml(xml).findtext("name"))
        copy.file.touch(exist_ok=False)
        return copy

    def listVolumes(self) -> list[str]:
        return [path.name for path in self.folder.iterdir()]


class Volume:
    """A volume that is a raw file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def name(self) -> str:
        return self.file.name

    def path(self) -> str:
        return str(self.file)

    def info(self) -> list[int]:
        return [0, self.file.stat().st_size, 0]

    def XMLDesc(self) -> str:
        target = f"<target><path>{self.file}</path><format type='raw'/></target>"
        return f"<volume><name>{self.name()}</name>{target}</volume>"

    def delete(self, _flags: int) -> None:
        self.file.unlink(missing_ok=True)


def test_copies_that_were_left_are_known_by_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [sparsify.copy_of("v"), sparsify.copy_of("v"), sparsify.copy_of("other"), "v", "v.sparse-0.unfinished"]
    for name in names:
        (tmp_path / name).touch()
    host = Hypervisor(Pool(tmp_path), "test:///default")
    assert names[0] != names[1]
    for needed, left in (("", names[:2]), (names[0], names[1:2])):
        monkeypatch.setattr(sparsify, "volume_users", lambda _host, path, at=needed: ["a"] if at and at in path else [])
        assert sparsify.leftovers(host, "p", "v") == sorted(left)


Meanwhile = Callable[[Path], object]


def write_again(file: Path) -> None:
    os.utime(file, (1, 1))


CASES: list[tuple[Meanwhile, int, list[str], str]] = [
    (lambda _file: None, 0, [], ""),
    (lambda _file: None, 1, [], "qemu-img failed with code 1: differs"),
    (write_again, 0, [], "was changed or taken into use meanwhile, and is left as it is"),
    (lambda _file: None, 0, ["web"], "was changed or taken into use by web meanwhile"),
]


@pytest.mark.parametrize(("meanwhile", "differs", "users", "words"), CASES)
def test_a_copy_takes_the_place_of_a_volume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile, differs: int, users: list[str], words: str
) -> None:
    file = tmp_path / "v"
    file.write_bytes(b"content")
    file.chmod(0o640)
    before = file.stat().st_ino
    commands: list[list[str]] = []

    def run(command: list[str]) -> tuple[int, str, str]:
        commands.append(command[1:2])
        if command[1] == "convert":
            shutil.copyfile(command[-2], command[-1])
            return 0, "", ""
        meanwhile(file)
        return differs, "", "differs"

    monkeypatch.setattr(sparsify, "volume_users", lambda _host, _path: users)
    change = SparsifyVolume("p", "v", Measure(8 * MIB, MIB))
    error = ""
    try:
        change.carry_out(Hypervisor(Pool(tmp_path), "test:///default", run))
    except KvmError as caught:
        error = str(caught)
    assert words in error
    assert bool(words) is bool(error)
    assert commands == [["convert"], ["compare"]]
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"content", 0o640)
    assert (file.stat().st_ino == before) is bool(words)
    assert [path.name for path in tmp_path.iterdir()] == ["v"]
