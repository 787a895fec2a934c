# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_volume on the lab's hosts, through Ansible: files from the control node, copies, users, shared pools."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Lab = Callable[..., dict[str, Any]]
POOL = "it-volumes"
PATH = f"/var/lib/libvirt/{POOL}"
SHARED = "/srv/shared/it-volumes"
DISK = """<domain type='qemu'><name>it-user</name><memory unit='MiB'>32</memory><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{path}'/><target dev='vda'/></disk>
</devices></domain>"""


def shell(lab_module: Lab, host: str, words: str) -> str:
    result = lab_module(host, "ansible.builtin.shell", cmd=words)
    assert not result["failed"], result
    return str(result["stdout"]).strip()


def plan(result: dict[str, Any]) -> list[str]:
    assert not result["failed"], result
    return [line["summary"] for line in result["plan"]]


def sha256(lab_module: Lab, name: str) -> str:
    return shell(lab_module, "h1", f"sha256sum {PATH}/{name}").split()[0]


def forget_pool(lab_module: Lab, host: str) -> None:
    lab_module(host, "ansible.builtin.shell", cmd=f"virsh pool-destroy {POOL}; virsh pool-undefine {POOL}")


@pytest.fixture(scope="module")
def volume(lab_module: Lab) -> Iterator[Callable[..., dict[str, Any]]]:
    """Return a function that calls kvm_volume on h1, for a pool of its own."""
    made = lab_module("h1", "kvm_pool", name=POOL, target=PATH)
    assert made["pool"]["state"] == "active", made

    def call(name: str, **more: Any) -> dict[str, Any]:
        return lab_module("h1", "kvm_volume", **{"name": name, "pool": POOL, **more})

    yield call
    forget_pool(lab_module, "h1")
    shell(lab_module, "h1", f"rm -rf {PATH}")


def test_a_volume_is_made_grown_and_deleted_as_check_mode_says(lab_module: Lab, volume: Lab) -> None:
    checked = volume("data", capacity="1GiB", check=True, diff=True)
    assert checked["volume"]["state"] == "absent"
    made = volume("data", capacity="1GiB")
    assert plan(made) == plan(checked) == [f"create volume data in pool {POOL} (1GiB qcow2)"]
    assert made["volume"]["capacity"] == "1GiB"
    assert plan(volume("data", capacity="1GiB")) == []

    assert plan(volume("data", capacity="2GiB", check=True)) == ["resize volume data 1GiB -> 2GiB"]
    assert volume("data", capacity="2GiB")["volume"]["capacity"] == "2GiB"
    assert "virtual size: 2 GiB" in shell(lab_module, "h1", f"qemu-img info {PATH}/data")
    assert plan(volume("data", capacity=2)) == []
    assert "shrinking loses" in volume("data", capacity="1GiB")["msg"]
    assert volume("data", capacity="1GiB", shrink=True)["volume"]["capacity"] == "1GiB"

    assert plan(volume("data", state="absent", check=True)) == [f"delete volume data of pool {POOL}"]
    assert volume("data", state="absent")["changed"]
    assert plan(volume("data", state="absent")) == []


def test_a_file_of_the_control_node_is_sent_once(lab_module: Lab, volume: Lab, tmp_path: Path) -> None:
    file = tmp_path / "image"
    file.write_bytes(b"some image" * 300_000)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    wanted: dict[str, Any] = {"src": str(file), "checksum": f"sha256:{digest}"}

    checked = volume("up", check=True, **wanted)
    assert checked["volume"]["state"] == "absent"
    sent = volume("up", **wanted)
    assert plan(sent) == plan(checked)
    assert (sent["volume"]["format"], sha256(lab_module, "up")) == ("raw", digest)
    assert plan(volume("up", **wanted)) == []
    long = f"sha512:{hashlib.sha512(file.read_bytes()).hexdigest()}"
    assert plan(volume("up", src=str(file), checksum=long)) == []

    shell(lab_module, "h1", f"truncate -s 100000 {PATH}/up && truncate -s {file.stat().st_size} {PATH}/up")
    assert plan(volume("up", **wanted)) == plan(checked), "half an upload is seen although the size is right"
    assert sha256(lab_module, "up") == digest

    shell(lab_module, "h1", f"truncate -s 100000 {PATH}/up")
    assert volume("up", **wanted)["changed"]
    assert sha256(lab_module, "up") == digest
    left = shell(lab_module, "h1", f"find ~/.ansible/tmp -type f -size {file.stat().st_size}c")
    assert left == "", "the file that was sent is gone"


NAMING: list[tuple[list[str], str]] = [
    (["-f", "qcow2", "-u", "-b", "/etc/shadow", "-F", "raw"], "has a backing file; flatten it first"),
    (["-f", "qcow2", "-o", "data_file={}.data"], "keeps its data in another file; flatten it first"),
    (["-f", "qcow"], "is of qcow version 1; convert it to qcow2 first"),
    (["-f", "vmdk"], "is of format VMDK; convert it to qcow2 first"),
    (["-f", "qed"], "is of format QED; convert it to qcow2 first"),
]


@pytest.mark.parametrize(("how", "words"), NAMING)
def test_an_image_that_may_name_files_of_the_host_is_refused(
    lab_module: Lab, volume: Lab, tmp_path: Path, how: list[str], words: str
) -> None:
    """libvirt would tell a VM's QEMU to follow it: the VM would read what it names."""
    file, there = tmp_path / "image", f"{PATH}-naming"
    subprocess.run(["qemu-img", "create", "-q", *[part.format(file) for part in how], str(file), "1M"], check=True)
    made = lab_module("h1", "ansible.builtin.copy", src=str(file), dest=there)
    assert not made["failed"], made
    before = shell(lab_module, "h1", f"ls {PATH}")
    try:
        for src, remote in ((str(file), False), (there, True)):
            refused = volume("naming", src=src, remote_src=remote)
            assert refused["failed"]
            assert refused["msg"].startswith(f"Volume '{POOL}/naming': The image {src} {words}")
            assert "\n" not in refused["msg"]
    finally:
        shell(lab_module, "h1", f"rm {there}")
    assert shell(lab_module, "h1", f"ls {PATH}") == before


def test_a_volume_goes_although_its_file_has_gone(volume: Lab) -> None:
    assert volume("gone", capacity="1MiB")["changed"]
    assert plan(volume("gone", src="/it/none", state="absent")) == [f"delete volume gone of pool {POOL}"]


def test_a_raw_file_may_get_a_larger_volume(volume: Lab, tmp_path: Path) -> None:
    file = tmp_path / "image"
    file.write_bytes(b"x" * 1048576)
    made = volume("large", src=str(file), capacity="8MiB")
    assert made["volume"]["capacity"] == "8MiB"
    assert plan(volume("large", src=str(file), capacity="8MiB")) == []


def test_linked_and_copied_volumes(lab_module: Lab, volume: Lab, tmp_path: Path) -> None:
    file = tmp_path / "base.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(file), "64M"], check=True)
    assert volume("base", src=str(file))["volume"]["format"] == "qcow2"
    shell(lab_module, "h1", f"qemu-io -c 'write -P 7 0 1M' {PATH}/base")

    linked = volume("linked", backing={"name": "base"}, capacity="128MiB")
    assert linked["volume"]["backing"] == {"name": "base", "pool": POOL}
    assert plan(volume("linked", backing={"name": "base"}, capacity="128MiB")) == []

    copied = volume("copied", source={"name": "linked"}, capacity="256MiB")
    assert "backing" not in copied["volume"]
    assert copied["volume"]["capacity"] == "256MiB"
    shell(lab_module, "h1", f"qemu-io -c 'read -P 7 0 1M' {PATH}/copied")
    assert plan(volume("copied", source={"name": "linked"}, capacity="256MiB")) == []

    refused = volume("base", state="absent")
    assert f"is not deleted: it is used by {POOL}/linked" in refused["msg"]
    assert f"is used by {POOL}/linked" in volume("base", src=str(file))["msg"], "a used base is not replaced"
    for name in ("linked", "copied", "base"):
        assert volume(name, state="absent")["changed"]


def test_a_disk_of_a_vm_is_not_deleted(lab_module: Lab, volume: Lab) -> None:
    volume("base", capacity="4MiB")
    volume("disk", backing={"name": "base"})
    shell(lab_module, "h1", f"virsh define /dev/stdin <<'END'\n{DISK.format(path=f'{PATH}/disk')}\nEND\n")
    try:
        assert "is used by it-user" in volume("disk", state="absent")["msg"]
        assert f"is used by it-user, {POOL}/disk" in volume("base", state="absent")["msg"]
        moved = lab_module("h1", "kvm_pool", name=POOL, target=f"{PATH}-moved")
        assert "another target while VMs have disks in it (it-user)" in moved["msg"]
        shell(lab_module, "h1", "virsh start --paused it-user")
        assert plan(volume("disk", capacity="8MiB")) == ["resize volume disk 4MiB -> 8MiB"], "by the VM that runs"
        assert plan(volume("disk", capacity="8MiB")) == []
        assert "is not resized: it is used by it-user" in volume("base", capacity="8MiB")["msg"]
        assert "while VM 'it-user' writes to it" in volume("copy", source={"name": "disk"})["msg"]
        assert "is a disk of VM 'it-user'" in volume("above", backing={"name": "disk"})["msg"]
        assert volume("beside", backing={"name": "base"})["changed"], "nobody writes to what a disk stands on"
    finally:
        shell(lab_module, "h1", "virsh destroy it-user; virsh undefine it-user")
    for name in ("beside", "disk", "base"):
        assert volume(name, state="absent")["changed"]


def test_a_copy_that_was_cut_off_is_made_anew(lab_module: Lab, volume: Lab) -> None:
    volume("source", capacity="8MiB", format="raw")
    shell(lab_module, "h1", f"dd if=/dev/urandom of={PATH}/source bs=1M count=8 conv=notrunc status=none")
    for name in ("half", "half.unfinished"):
        shell(lab_module, "h1", f"virsh vol-create-as {POOL} {name} 8M --format raw")
    wanted: dict[str, Any] = {"source": {"name": "source"}, "format": "raw"}
    assert len(plan(volume("half", check=True, **wanted))) == 2
    assert len(plan(volume("half", **wanted))) == 2
    assert sha256(lab_module, "half") == sha256(lab_module, "source")
    assert plan(volume("half", **wanted)) == []
    assert "unfinished" not in shell(lab_module, "h1", f"ls {PATH}")


def test_a_volume_in_a_shared_pool_is_seen_by_the_other_host(lab_module: Lab) -> None:
    wanted: dict[str, Any] = {"name": "common", "pool": POOL + "-shared", "capacity": "1MiB"}
    pool = {"name": POOL + "-shared", "target": SHARED}
    try:
        for host in ("h1", "h2"):
            assert lab_module(host, "kvm_pool", **pool)["pool"]["state"] == "active"
        assert lab_module("h1", "kvm_volume", **wanted)["changed"]
        assert not lab_module("h2", "kvm_volume", **wanted)["changed"]
        assert lab_module("h2", "kvm_volume", **{**wanted, "state": "absent"})["changed"]
        # GlusterFS lets a host see what another one did within some seconds.
        shell(lab_module, "h1", f"timeout 30 sh -c 'while test -e {SHARED}/common; do sleep 0.2; done'")
        assert "common" in shell(lab_module, "h1", f"virsh vol-list {POOL}-shared"), "libvirt on h1 still knows it"
        assert lab_module("h1", "kvm_volume", **wanted)["changed"]
        assert not lab_module("h2", "kvm_volume", **wanted)["changed"]
    finally:
        for host in ("h1", "h2"):
            words = f"virsh pool-destroy {POOL}-shared; virsh pool-undefine {POOL}-shared; rm -rf {SHARED}"
            lab_module(host, "ansible.builtin.shell", cmd=words)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"capacity": "four"}, "is not a size"),
    ({"capacity": "4GB"}, "has no binary unit; write 4GiB"),
    ({}, "give its capacity, a source, a backing or a src"),
    ({"capacity": "1GiB", "pool": "it-none"}, "Pool 'it-none' does not exist"),
    ({"capacity": "900TiB", "format": "raw"}, "free some, or choose another pool"),
    ({"backing": {"name": "it-none"}}, "does not exist; correct the name"),
    ({"src": "/it/none"}, "Could not find or access '/it/none'"),
    ({"src": "/etc/hostname", "checksum": "a" * 64}, "The image /etc/hostname has the checksum sha256:"),
    ({"src": "/etc/hostname", "checksum": f"sha512:{'a' * 128}"}, "The image /etc/hostname has the checksum sha512:"),
    ({"src": "/etc/hostname", "checksum": "md5:1"}, "write sha256: or sha512:"),
    ({"capacity": "1GiB", "name": "../up"}, "Volume name '../up' cannot be used"),
]


def test_bad_input_is_a_sentence_and_touches_nothing(lab_module: Lab, volume: Lab) -> None:
    before = shell(lab_module, "h1", f"ls {PATH}")
    for wanted, words in REFUSED:
        result = volume(**{"name": "bad", **wanted})
        assert result["failed"]
        assert words in result["msg"]
        assert "exception" not in result
    assert shell(lab_module, "h1", f"ls {PATH}") == before
