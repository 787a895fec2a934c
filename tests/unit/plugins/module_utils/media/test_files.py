# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files out of real images, by the real xorriso, and initrds that the real cpio reads."""

from __future__ import annotations

import gzip
import os
import struct
import subprocess
from pathlib import Path

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._media import files
from ansible_collections.kvmops.datacenter.plugins.module_utils._media.files import extracted, initrd_with
from ansible_collections.kvmops.datacenter.plugins.module_utils._media.iso_image import iso_image

from tests.unit.plugins.module_utils.media.programs import burnt, here

KERNEL, INITRD = os.urandom(5000), os.urandom(70001)


@pytest.fixture
def image(tmp_path: Path) -> str:
    """An image with a kernel and an initrd, and with what an attacker would put there instead."""
    tree = tmp_path / "tree"
    (tree / "install.amd").mkdir(parents=True)
    (tree / "install.amd" / "vmlinuz").write_bytes(KERNEL)
    (tree / "install.amd" / "initrd.gz").write_bytes(INITRD)
    (tree / "evil").symlink_to("/etc/shadow")
    (tree / "out").symlink_to("/etc")
    (tree / "in").symlink_to("install.amd")
    os.mkfifo(tree / "pipe")
    return burnt(tree, tmp_path / "image.iso")


@pytest.fixture
def room(tmp_path: Path) -> Path:
    made = tmp_path / "room"
    made.mkdir()
    return made


def test_files_are_copied_out_of_an_image(image: str, room: Path) -> None:
    before = Path(image).read_bytes()
    found = extracted(here(), image, ["install.amd/vmlinuz", "/install.amd/initrd.gz"], str(room))
    assert [Path(path).read_bytes() for path in found] == [KERNEL, INITRD]
    assert sorted(map(str, room.iterdir())) == sorted(found)
    assert Path(image).read_bytes() == before


def test_files_of_one_name_do_not_meet(image: str, room: Path) -> None:
    found = extracted(here(), image, ["install.amd/vmlinuz"] * 2, str(room))
    assert [Path(path).read_bytes() for path in found] == [KERNEL, KERNEL]


def test_an_image_is_found_from_where_the_program_runs(image: str, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(image).parent)
    assert len(extracted(here(), "image.iso", ["install.amd/vmlinuz"], str(room))) == 1


WHAT, AGAIN = "in the image {image} is", "get the image again."
NONE = "The image {image} has no file {path}; is it damaged, or another medium than it says?"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("evil", f"evil {WHAT} a symbolic link; {AGAIN}"),
        ("install.amd", f"install.amd {WHAT} a directory; {AGAIN}"),
        ("/", f"/ {WHAT} a directory; {AGAIN}"),
        ("pipe", f"pipe {WHAT} no file; {AGAIN}"),
        ("none", NONE),
        ("out/hostname", NONE),
        ("in/vmlinuz", NONE),
        ("*/vmlinuz", NONE),
    ],
)
def test_nothing_but_files_leaves_an_image(image: str, room: Path, path: str, told: str) -> None:
    with pytest.raises(KvmError) as caught:
        extracted(here(), image, [path], str(room))
    assert str(caught.value) == told.format(image=image, path=path)
    assert list(room.iterdir()) == []


def _forged(image: str, size: int) -> None:
    """Let the kernel's entry in its directory say another size (ECMA-119, 9.1: from byte 10 on; the name from 33)."""
    content = bytearray(Path(image).read_bytes())
    entry = content.index(b"VMLINUZ.;1") - 33
    assert struct.unpack_from("<I", content, entry + 10)[0] == len(KERNEL)
    struct.pack_into("<I", content, entry + 10, size)
    struct.pack_into(">I", content, entry + 14, size)
    Path(image).write_bytes(content)


def test_a_file_larger_than_its_image_is_refused(image: str, room: Path) -> None:
    _forged(image, 1 << 20)
    with pytest.raises(KvmError, match=r"says that it has 1048576 bytes, but \d+KiB is the most that it can have"):
        extracted(here(), image, ["install.amd/vmlinuz"], str(room))
    assert list(room.iterdir()) == []


def test_a_file_larger_than_kernels_are_is_refused(image: str, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MOST", 4096)
    with pytest.raises(KvmError, match="says that it has 5000 bytes, but 4KiB is the most that it can have"):
        extracted(here(), image, ["install.amd/vmlinuz"], str(room))
    assert list(room.iterdir()) == []


@pytest.mark.parametrize("comes", ["link", "directory", "shorter", "nothing"])
def test_what_comes_out_is_looked_at_again(image: str, room: Path, comes: str) -> None:
    """xorriso does as it says; this one stands in for one that can be deceived."""

    def run(command: list[str]) -> tuple[int, str, str]:
        target = Path(command[-1])
        if "-extract" not in command:
            return 0, "-rw-r--r--    1 0        0            5 Nov 22 00:00 '/a'\n", ""
        if comes == "link":
            (room / "secret").write_text("12345")
            target.symlink_to(room / "secret")
        elif comes == "directory":
            target.mkdir()
        elif comes == "shorter":
            target.write_text("1234")
        return 0, "", ""

    with pytest.raises(KvmError, match=r"^a in the image .* is not what the image says; get the image again"):
        extracted(Hypervisor(None, "fake:///", run), image, ["a"], str(room))


def test_an_image_that_is_none(tmp_path: Path, room: Path) -> None:
    (tmp_path / "junk").write_bytes(os.urandom(100000))
    with pytest.raises(KvmError, match=r"junk has no file a; is it damaged"):
        extracted(here(), str(tmp_path / "junk"), ["a"], str(room))
    with pytest.raises(KvmError, match=r"^The image /none cannot be read \(No such file or directory\); correct the"):
        extracted(here(), "/none", ["a"], str(room))


def test_what_stands_in_the_directory_is_not_replaced(image: str, room: Path) -> None:
    (room / "0").write_text("mine")
    with pytest.raises(KvmError) as caught:
        extracted(here(), image, ["install.amd/vmlinuz"], str(room))
    assert str(caught.value) == (
        f"A file of the image {image} cannot be copied (xorriso: While restoring '{room}/0' : file object exists and "
        "may not be overwritten); is the image damaged?"
    )
    assert (room / "0").read_text() == "mine"
    with pytest.raises(KvmError, match=r"exists and may not be overwritten"):
        extracted(here(), image, ["install.amd/vmlinuz"], str(room / "0"))
    assert (room / "0").read_text() == "mine"


def test_a_path_out_of_the_image_is_refused(image: str, room: Path) -> None:
    with pytest.raises(KvmError, match=r"\(xorriso: Relative addressing in path exceeds root directory"):
        extracted(here(), image, ["../etc/shadow"], str(room))
    assert list(room.iterdir()) == []


def test_a_program_that_ends_without_a_word(image: str, room: Path) -> None:
    """A stand-in for one that is killed."""
    host = Hypervisor(None, "fake:///", lambda _command: (-9, "", ""))
    with pytest.raises(KvmError, match=r"\(xorriso: it ended with -9\); is the image damaged\?$"):
        extracted(host, image, ["install.amd/vmlinuz"], str(room))


def test_a_host_without_xorriso_is_told_what_to_install(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.shutil, "which", lambda _name: None)
    with pytest.raises(KvmError, match=r"^No tool to read installation media .* install the package xorriso\.$"):
        extracted(here(), "/none", ["a"], str(room))


def _cpio(archive: bytes, *words: str) -> str:
    return subprocess.run(["cpio", "--quiet", *words], input=archive, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("before", [b"", b"1234", b"12345", b"123456", b"1234567"])
def test_files_behind_an_initrd(before: bytes) -> None:
    told = {"preseed.cfg": "d-i é\n", "b": "", "a.ks": "x" * 4097}
    made = initrd_with(before, told)
    place = made.index(b"\x1f\x8b")
    assert place % 4 == 0
    assert made[:place] == before + bytes(-len(before) % 4)
    archive = gzip.decompress(made[place:])
    assert len(archive) % 4 == 0
    assert _cpio(archive, "-t").split() == ["a.ks", "b", "preseed.cfg"]
    assert {name: _cpio(archive, "-i", "--to-stdout", name) for name in told} == told
    for line in _cpio(archive, "-tvn").splitlines():
        assert line.split()[:4] == ["-rw-------", "1", "0", "0"]


def test_the_same_files_give_the_same_bytes() -> None:
    made = initrd_with(b"x", {"a": "1", "b": "2"})
    assert made == initrd_with(b"x", {"b": "2", "a": "1"})
    # The time in the head of gzip (RFC 1952, 2.3.1).
    assert made[4 + 4 : 4 + 8] == bytes(4)


def test_archives_stand_one_behind_the_other_as_the_kernel_reads_them(tmp_path: Path) -> None:
    (tmp_path / "init").write_text("#!/bin/sh\n")
    command = ["cpio", "--quiet", "-o", "-H", "newc"]
    own = subprocess.run(command, input=b"init\n", cwd=tmp_path, capture_output=True, check=True).stdout
    packed = gzip.compress(own)
    made = initrd_with(packed, {"preseed.cfg": "x\n"})
    # Zeros between archives are skipped by the kernel; then it unpacks whatever format comes next.
    behind = made[len(packed) :].lstrip(b"\0")
    assert _cpio(gzip.decompress(made[: len(packed)]), "-t").split() == ["init"]
    assert _cpio(gzip.decompress(behind), "-t").split() == ["preseed.cfg"]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/a", "a\0b", "TRAILER!!!"])
def test_names_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(Refused, match="cannot be added to an initrd; name it without a directory"):
        initrd_with(b"", {name: "x"})


def test_an_image_of_files_for_a_guest(tmp_path: Path, room: Path) -> None:
    made = tmp_path / "made.iso"
    told = {"autounattend.xml": "<é/>\n", "windows.cmd": "EXIT\n"}
    made.write_bytes(iso_image(here(), "WONDER", told))
    assert made.read_bytes()[32768 + 40 : 32768 + 72].rstrip() == b"WONDER"
    found = extracted(here(), str(made), list(told), str(room))
    assert [Path(path).read_text(encoding="utf-8") for path in found] == list(told.values())


def test_an_image_without_a_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.shutil, "which", lambda _name: None)
    with pytest.raises(KvmError, match=r"^No tool to write a CD-ROM is on this host; install the package xorriso or"):
        iso_image(here(), "WONDER", {})
