# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OVA files: the one disk is copied out, and whatever is made to reach beyond the file is refused."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.ova import extract_disk
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.room import Room

from tests.unit.plugins.module_utils.image.images import WHAT, qcow2, vmdk

MIB = 1024**2
DISK = vmdk() + b"the disk" * 64
NAMESPACE = "http://schemas.dmtf.org/ovf/envelope/1"
OVF = f"""<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="{NAMESPACE}" xmlns:ovf="{NAMESPACE}">
  <References><File ovf:href="vm-disk1.vmdk" ovf:id="file1"/><File ovf:href="vm.nvram" ovf:id="file2"/></References>
  <DiskSection>
    <Disk ovf:capacity="8388608" ovf:diskId="d1" ovf:fileRef="file1"/>
    <Disk ovf:capacity="1" ovf:diskId="empty"/>
  </DiskSection>
</Envelope>
"""
FILES: dict[str, Any] = {"vm.ovf": OVF.encode(), "vm-disk1.vmdk": DISK, "vm.nvram": b"variables"}


def manifest(algorithm: str, ovf: str = OVF, disk: bytes = DISK, between: str = "= ") -> bytes:
    name = algorithm.upper()
    lines = [f"{name}(vm.ovf){between}{hashlib.new(algorithm, ovf.encode()).hexdigest()}"]
    lines.append(f"{name}(vm-disk1.vmdk){between}{hashlib.new(algorithm, disk).hexdigest()}")
    return "\r\n".join([*lines, ""]).encode()


def ova(files: Mapping[str, Any], form: int = tarfile.USTAR_FORMAT) -> bytes:
    """Return a tar; what is no bytes says what is special about a member."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
            else:
                member.type, member.linkname = content
                archive.addfile(member)
    return made.getvalue()


def extracted(tmp_path: Path, content: bytes, free: int = 10 * MIB, timeout: float = 60) -> Path:
    (tmp_path / "ova").write_bytes(content)
    target = tmp_path / "disk"
    extract_disk(WHAT, str(tmp_path / "ova"), str(target), Room(str(tmp_path), free), timeout)
    return target


@pytest.mark.parametrize(
    "files",
    [
        FILES,
        *({**FILES, "vm.mf": manifest(algorithm)} for algorithm in ("sha1", "sha256", "sha512")),
        {**FILES, "vm.mf": manifest("sha256", between=" = ")},
        {f"./{name}": content for name, content in FILES.items()},
        {"vm-disk1.vmdk": DISK, "vm.ovf": OVF.replace(" ovf:", " ").encode()},
    ],
)
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_the_disk_is_copied_and_nothing_else(tmp_path: Path, files: dict[str, Any], form: int) -> None:
    assert extracted(tmp_path, ova(files, form)).read_bytes() == DISK
    assert sorted(file.name for file in tmp_path.iterdir()) == ["disk", "ova"]


LINKS = [tarfile.SYMTYPE, tarfile.LNKTYPE]
TWO = OVF.replace('diskId="empty"', 'diskId="d2" ovf:fileRef="file2"')
ENTITY = OVF.replace("?>", '?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/shadow">]>').replace(
    "<References>", "<References>&e;"
)
LAUGHS = OVF.replace("?>", '?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>')

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("out of the directory", {**FILES, "../../etc/cron.d/x": b"* * * * *"}, "another directory"),
    ("an absolute name", {**FILES, "/etc/cron.d/x": b"* * * * *"}, "another directory"),
    ("a directory", {**FILES, "etc": (tarfile.DIRTYPE, "")}, "no plain file"),
    ("..", {**FILES, "..": b""}, "another directory"),
    *((f"a link of type {kind!r}", {**FILES, "x": (kind, "/etc/shadow")}, "no plain file") for kind in LINKS),
    ("a link as the disk", {**FILES, "vm-disk1.vmdk": (tarfile.SYMTYPE, "/etc/shadow")}, "no plain file"),
    ("a device", {**FILES, "x": (tarfile.BLKTYPE, "")}, "no plain file"),
    ("a pipe", {**FILES, "x": (tarfile.FIFOTYPE, "")}, "no plain file"),
    ("many files", {**FILES, **{str(number): b"" for number in range(1000)}}, "more than 1000 files"),
    ("no description", {"vm-disk1.vmdk": DISK}, r"no description \(.ovf\)"),
    ("two descriptions", {**FILES, "b.ovf": OVF.encode()}, r"2 description \(.ovf\)"),
    ("two manifests", {**FILES, "a.mf": manifest("sha1"), "b.mf": manifest("sha1")}, r"2 manifest \(.mf\)"),
    ("two disks", {**FILES, "vm.ovf": TWO.encode()}, "2 disk in it, not one"),
    ("no disk", {**FILES, "vm.ovf": OVF.replace("fileRef", "ref").encode()}, "no disk in it"),
    ("a disk that is not there", {"vm.ovf": OVF.encode()}, "does not have the disk in it"),
    ("a disk of the host", {**FILES, "vm.ovf": OVF.replace("vm-disk1", "/etc/shadow").encode()}, "does not have the"),
    ("a reference to nothing", {**FILES, "vm.ovf": OVF.replace('"file1"/>', '"x"/>', 1).encode()}, "does not have"),
    (
        "a compressed disk",
        {**FILES, "vm.ovf": OVF.replace("<File ", '<File ovf:compression="gzip" ').encode()},
        "compr",
    ),
    ("pieces", {**FILES, "vm.ovf": OVF.replace("<File ", '<File ovf:chunkSize="9" ').encode()}, "in pieces"),
    ("an entity", {**FILES, "vm.ovf": ENTITY.encode()}, "document type"),
    ("a billion laughs", {**FILES, "vm.ovf": LAUGHS.encode()}, "document type"),
    ("no XML", {**FILES, "vm.ovf": b"<x>"}, "no XML"),
    ("a long description", {**FILES, "vm.ovf": OVF.encode() + b" " * 9 * MIB}, "9 MiB"),
    ("another disk than told", {**FILES, "vm.mf": manifest("sha256", disk=b"x")}, "'vm-disk1.vmdk' in it, which does"),
    ("another description", {**FILES, "vm.mf": manifest("sha1", ovf="x")}, "'vm.ovf' in it, which does not have"),
    ("a manifest without it", {**FILES, "vm.mf": manifest("sha1").splitlines()[0]}, "'vm-disk1.vmdk' in it"),
    ("no manifest", {**FILES, "vm.mf": b"MD5(vm.ovf)= 00"}, "a line that is none"),
    ("a qcow2", {**FILES, "vm-disk1.vmdk": qcow2()}, "is no VMDK"),
    ("a list of other files", {**FILES, "vm-disk1.vmdk": b"# Disk DescriptorFile\n".ljust(512)}, "of format VMDK"),
]


@pytest.mark.parametrize(("files", "word"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_an_attack_or_an_accident_is_refused(tmp_path: Path, files: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused, match=word) as caught:
        extracted(tmp_path, ova(files))
    assert WHAT in str(caught.value)
    assert "\n" not in str(caught.value)
    assert {file.name for file in tmp_path.iterdir()} <= {"disk", "ova"}


def test_a_file_that_is_cut_off_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = ova({**FILES, "vm.mf": manifest("sha256")})
    end = whole.index(b"SHA256(vm-disk1") + 1
    for size in [*range(1, end, 1001), end - 1]:
        with pytest.raises(Refused):
            extracted(tmp_path, whole[:size])
        (tmp_path / "disk").unlink(missing_ok=True)


def test_a_tar_cannot_make_its_reader_use_up_the_memory(tmp_path: Path) -> None:
    header = tarfile.TarInfo("vm.ovf")
    header.type, header.size = tarfile.XHDTYPE, 2**40
    with pytest.raises(Refused, match="it tells too much"):
        extracted(tmp_path, header.tobuf(tarfile.GNU_FORMAT) + ova(FILES))


def test_a_disk_that_there_is_no_room_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="takes more than the 0 MiB"):
        extracted(tmp_path, ova(FILES), free=1000)


def test_copying_is_given_up_in_time(tmp_path: Path) -> None:
    with pytest.raises(TimedOut, match="raise 'timeout'"):
        extracted(tmp_path, ova(FILES), timeout=-1)
