# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sealing disks: real ext4 file systems, edited by the real debugfs; virt-sysprep is only told, by a stand-in."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._template import sealing

MIB = 1024**2
# Says on the raw disk whether the content of a removed file is still there.
KEY = "PRIVATE-KEY-" * 900
STAYS = {
    "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
    "etc/ssh/sshd_config": "PermitRootLogin no\n",
    "etc/ssh/ssh_host_keys_are_elsewhere": "no key\n",
    "etc/netplan/10-mine.yaml": "network: {}\n",
    "var/lib/cloud/scripts/per-boot/mine": "#!/bin/sh\n",
    "var/lib/dhcp/dhclient.conf": "timeout 9;\n",
    "home/ann/a file with blanks": "hers\n",
}
GOES = {
    "etc/ssh/ssh_host_rsa_key": KEY,
    "etc/ssh/ssh_host_rsa_key.pub": KEY,
    "etc/netplan/50-cloud-init.yaml": KEY,
    "etc/udev/rules.d/70-persistent-net.rules": KEY,
    "var/lib/dbus/machine-id": KEY,
    "var/lib/dhcp/dhclient.eth0.leases": KEY,
    "var/lib/systemd/random-seed": KEY,
    "var/lib/cloud/instances/i-1/sem/config_ssh": KEY,
    "var/lib/cloud/instances/i-1/obj.pkl": KEY,
    "var/lib/cloud/sem/once": KEY,
}
EMPTIED = {"etc/machine-id": KEY}
ROOT = {**STAYS, **GOES, **EMPTIED}


def attempt(command: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


HOST = Hypervisor(None, "fake:///", attempt)


@pytest.fixture(autouse=True)
def _by_debugfs(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "debugfs", "e2fsck", "partx")


def installed(monkeypatch: pytest.MonkeyPatch, *programs: str) -> None:
    monkeypatch.setattr(sealing.shutil, "which", lambda program: program if program in programs else None)


def file_system(folder: Path, files: Mapping[str, str], block: int = 1024) -> bytes:
    """Return an ext4 file system with these files."""
    for name, content in files.items():
        place = folder / "tree" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    (folder / "tree").mkdir(parents=True, exist_ok=True)
    if "var/lib/cloud/instances/i-1/obj.pkl" in files:
        (folder / "tree/var/lib/cloud/instance").symlink_to("instances/i-1")
    image = folder / "image"
    image.write_bytes(b"")
    make = ["mke2fs", "-q", "-t", "ext4", "-b", str(block), "-d", str(folder / "tree"), str(image), "16M"]
    subprocess.run(make, check=True, capture_output=True)
    return image.read_bytes()


def disk(path: Path, *parts: bytes) -> str:
    """Write a disk with these partitions, each of 16 MiB, behind the first MiB."""
    entries = [struct.pack("<B3xB3xII", 0, 0x83, 2048 + 32768 * place, 32768) for place in range(len(parts))]
    table = bytes(446) + b"".join(entries).ljust(64, b"\0") + b"\x55\xaa"
    path.write_bytes(table.ljust(MIB, b"\0") + b"".join(part.ljust(16 * MIB, b"\0") for part in parts))
    return str(path)


def ask(path: str, offset: int, request: str) -> str:
    return attempt(["debugfs", "-R", request, f"{path}?offset={offset}" if offset else path])[1]


def there(path: str, offset: int, names: Sequence[str]) -> list[str]:
    return [name for name in names if "Type: " in ask(path, offset, f'stat "/{name}"')]


@pytest.mark.parametrize(("block", "whole"), [(1024, False), (4096, False), (4096, True)])
def test_a_system_is_sealed_and_the_rest_of_it_stays(tmp_path: Path, block: int, whole: bool) -> None:
    part, offset = file_system(tmp_path / "a", ROOT, block), 0 if whole else MIB
    path = str(tmp_path / "disk")
    if whole:
        Path(path).write_bytes(part)
    else:
        disk(Path(path), part)
    assert KEY.encode() in Path(path).read_bytes()
    sealing.seal(HOST, "The disk", path, 60)
    assert there(path, offset, [*GOES, "var/lib/cloud/instance", "var/lib/cloud/instances/i-1"]) == []
    assert {name: ask(path, offset, f'cat "/{name}"') for name in STAYS} == STAYS
    assert there(path, offset, [*EMPTIED]) == [*EMPTIED]
    assert ask(path, offset, 'cat "/etc/machine-id"') == ""
    assert "Mode:  0444" in ask(path, offset, 'stat "/etc/machine-id"')
    assert KEY[: len(KEY) // 2].encode() not in Path(path).read_bytes()
    assert attempt(["e2fsck", "-f", "-n", f"{path}?offset={offset}" if offset else path])[0] == 0


def test_sealing_again_changes_nothing_that_counts(tmp_path: Path) -> None:
    path = disk(tmp_path / "disk", file_system(tmp_path / "a", ROOT))
    for _time in range(2):
        sealing.seal(HOST, "The disk", path, 60)
    assert there(path, MIB, [*GOES]) == []
    assert {name: ask(path, MIB, f'cat "/{name}"') for name in STAYS} == STAYS


def test_var_may_be_on_a_file_system_of_its_own(tmp_path: Path) -> None:
    root = {name: content for name, content in ROOT.items() if not name.startswith("var/")}
    var = {name[4:]: content for name, content in ROOT.items() if name.startswith("var/")}
    path = disk(tmp_path / "disk", file_system(tmp_path / "a", root), file_system(tmp_path / "b", var))
    sealing.seal(HOST, "The disk", path, 60)
    assert KEY[: len(KEY) // 2].encode() not in Path(path).read_bytes()
    assert len(there(path, 17 * MIB, ["lib/cloud/scripts/per-boot/mine", "lib/dhcp/dhclient.conf"])) == 2


def test_a_system_without_a_machine_id_gets_none(tmp_path: Path) -> None:
    path = disk(tmp_path / "disk", file_system(tmp_path / "a", STAYS))
    sealing.seal(HOST, "The disk", path, 60)
    assert there(path, MIB, ["etc/machine-id"]) == []


def test_links_of_the_guest_lead_nowhere(tmp_path: Path) -> None:
    """A folder that is a link is left alone, wherever it leads; on the host nothing is touched."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "ssh_host_rsa_key").write_text("of the host")
    tree = tmp_path / "a/tree"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc/ssh").symlink_to(outside)
    path = disk(tmp_path / "disk", file_system(tmp_path / "a", {"etc/passwd": "x"}))
    sealing.seal(HOST, "The disk", path, 60)
    assert (outside / "ssh_host_rsa_key").read_text() == "of the host"
    assert there(path, MIB, ["etc/ssh"]) == ["etc/ssh"]


EMPTY = {"srv/data": "no system\n"}
STRANGE = [
    (b"XFSB", "has XFS on it"),
    (bytes(0x10040) + b"_BHRfS_M", "has Btrfs on it"),
    (bytes(512) + b"LABELONE", "has LVM on it"),
    (b"LUKS\xba\xbe", "has LUKS on it"),
    (b"\xeb\x52\x90NTFS", "has NTFS on it"),
]


@pytest.mark.parametrize(("part", "word"), [*STRANGE, (None, "no ext4 file system with an installed system")])
def test_what_debugfs_does_not_understand_is_refused(tmp_path: Path, part: bytes | None, word: str) -> None:
    files = EMPTY if part is None else ROOT
    path = disk(tmp_path / "disk", file_system(tmp_path / "a", files), part or b"")
    with pytest.raises(Refused, match=f"^The disk of VM 'web01' .*{word}.*virt-sysprep.*seal: false.$"):
        sealing.seal(HOST, "The disk of VM 'web01'", path, 60)


def test_a_damaged_file_system_is_refused(tmp_path: Path) -> None:
    part = bytearray(file_system(tmp_path / "a", ROOT))
    part[2048:8192] = b"\xff" * 6144
    path = disk(tmp_path / "disk", bytes(part))
    with pytest.raises(Refused, match="damaged file system"):
        sealing.seal(HOST, "The disk", path, 60)


def test_a_name_that_cannot_be_told_is_refused(tmp_path: Path) -> None:
    files = {**ROOT, 'var/lib/cloud/instances/i-1/"; rm x': "x"}
    path = disk(tmp_path / "disk", file_system(tmp_path / "a", files))
    with pytest.raises(Refused, match="strange name"):
        sealing.seal(HOST, "The disk", path, 60)


def test_a_host_without_an_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "debugfs", "partx")
    with pytest.raises(Refused, match=r"install guestfs-tools .*seal: false"):
        sealing.require_engine("The disk")


@pytest.mark.parametrize(
    ("answer", "error", "word"),
    [((0, "", ""), None, ""), ((1, "", "no\nsystem"), Refused, "no system"), ((124, "", ""), TimedOut, "within 9 s")],
)
def test_virt_sysprep_comes_first(
    monkeypatch: pytest.MonkeyPatch, answer: tuple[int, str, str], error: Any, word: str
) -> None:
    """It needs a kernel and half a minute under emulation: here only what it is told is seen."""
    installed(monkeypatch, "virt-sysprep", "debugfs", "e2fsck", "partx")
    told: list[list[str]] = []

    def stand_in(command: list[str]) -> tuple[int, str, str]:
        told.append(command)
        return answer

    host = Hypervisor(None, "fake:///", stand_in)
    if error is None:
        sealing.seal(host, "The disk", "/tmp/disk", 9)
    else:
        with pytest.raises(error, match=word):
            sealing.seal(host, "The disk", "/tmp/disk", 9)
    ((*command, path),) = told
    assert (command[:5], path) == (["timeout", "9", "env", "LIBGUESTFS_BACKEND=direct", "virt-sysprep"], "/tmp/disk")
    assert command.index("--operations") < command.index("--delete") < command.index("--truncate")
