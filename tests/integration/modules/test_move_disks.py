# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks that move between pools on real QEMU: under a guest that writes, of a stopped VM, and into a full pool."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.support.fixtures import TEMPLATE, succeed
from tests.integration.support.guests import inside
from tests.integration.support.vms import Vm, plan

IMAGE = f"/var/lib/libvirt/images/{TEMPLATE}+1.template.qcow2"
BARE: dict[str, Any] = {"memory": "32MiB", "nics": [], "cloud_init": {"enabled": False}}
MIB = 1024**2

# Runs in the guest: writes a random block somewhere on the disk, and the same to a copy in memory, as fast as it can.
WRITING = """
dd if=/dev/zero of=/run/same bs=1M count=16
cat /run/same > /dev/vdb
while [ ! -e /run/stop ]; do
    dd if=/dev/urandom of=/run/block bs=32k count=1
    place=$(( ( $(od -An -N2 -tu2 /run/block) ) % 512 ))
    dd if=/run/block of=/dev/vdb bs=32k seek=$place conv=notrunc,fsync
    dd if=/run/block of=/run/same bs=32k seek=$place conv=notrunc
    echo >> /run/count
done
touch /run/stopped
"""
STOP = "touch /run/stop; until [ -e /run/stopped ]; do sleep 0.1; done; sync; echo 3 > /proc/sys/vm/drop_caches"


@pytest.fixture
def pools(vm: Vm) -> Iterator[tuple[str, str]]:
    """Two pools; the second is of 12 MiB."""
    first, small = (f"{vm.name}-{name}" for name in ("first", "small"))
    folders = [f"/var/lib/libvirt/{name}" for name in (first, small)]
    vm.lab.exec(vm.host, "mkdir", "-p", *folders)
    vm.lab.exec(vm.host, "mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folders[1])
    for name, folder in zip((first, small), folders):
        succeed(vm.modules(vm.host, "kvm_pool", name=name, target=folder))
    yield first, small
    if vm.name in vm.lab.names(vm.host)["domains"]:
        vm.want(state="absent", force=True)
    for name in (first, small):
        succeed(vm.modules(vm.host, "kvm_pool", name=name, state="absent"))
    vm.lab.exec(vm.host, "umount", folders[1])
    vm.lab.exec(vm.host, "rm", "-rf", *folders)


def move(vm: Vm, check: bool = False, **options: Any) -> dict[str, Any]:
    return succeed(vm.modules(vm.host, "kvm_migrate", check=check, diff=True, name=vm.name, **options))


def move_twice(vm: Vm, **options: Any) -> dict[str, Any]:
    """Move in check mode, for real, and again: the plan is kept to, and then nothing is left to do."""
    checked = move(vm, check=True, **options)
    moved = move(vm, **options)
    assert (plan(moved), moved["diff"]) == (plan(checked), checked["diff"])
    assert moved["changed"]
    again = move(vm, **options)
    assert (again["changed"], plan(again), again["vms"]) == (False, [], moved["vms"])
    return moved


def sources(tree: Any) -> list[str]:
    return [node.find("source").get("file") for node in tree.iterfind("devices/disk")]


def image(vm: Vm, path: str) -> dict[str, Any]:
    return dict(json.loads(vm.lab.exec(vm.host, "qemu-img", "info", "-U", "--output=json", path)))


def test_disks_move_under_a_guest_that_writes(vm: Vm, pools: tuple[str, str]) -> None:
    pool, old = pools[0], "/var/lib/libvirt/images"
    new = f"/var/lib/libvirt/{pool}"
    disks = [{"name": "root"}, {"name": "data", "size": "16MiB", "format": "raw"}]
    wanted: dict[str, Any] = {"template": TEMPLATE, "memory": "128MiB", "pool": "default", "disks": disks}
    vm.want(**wanted, state="running", wait_for="agent", timeout=120)
    inside(vm, f"cat > /run/writing << 'END'\n{WRITING}END\nsetsid sh /run/writing > /dev/null 2>&1 &")
    written = int(inside(vm, "until [ -s /run/count ]; do sleep 0.1; done; wc -l < /run/count"))
    moved = move_twice(vm, move_disks=[{"pool": pool}], bandwidth="10MiB")
    assert int(inside(vm, "wc -l < /run/count")) > written

    assert plan(moved) == [
        f"move disk root default/{vm.name}-root.qcow2 -> {pool}/{vm.name}-root.qcow2 (qcow2 on {IMAGE}, while it runs)",
        f"delete volume {vm.name}-root.qcow2 of pool default",
        f"move disk data default/{vm.name}-data.raw -> {pool}/{vm.name}-data.raw (raw, while it runs)",
        f"delete volume {vm.name}-data.raw of pool default",
    ]
    names = [f"{vm.name}-root.qcow2", f"{vm.name}-data.raw"]
    seed = f"{old}/{vm.name}-seed.iso"
    assert sorted(sources(vm.live)) == sorted(sources(vm.tree)) == sorted([*(f"{new}/{name}" for name in names), seed])
    assert sorted(vm.files()) == sorted([*(f"{pool}/{name}" for name in names), f"default/{vm.name}-seed.iso"])
    assert "moving" not in vm.xml
    assert [disk["volume"] for disk in moved["vms"][0]["disks"]] == names
    assert image(vm, f"{new}/{names[0]}")["backing-filename"] == IMAGE

    inside(vm, STOP)
    inside(vm, "cmp /run/same /dev/vdb")
    assert not vm.want(**wanted, state="running")["changed"], "a disk is known by its name, wherever it is"


def test_disks_of_a_stopped_vm_move(vm: Vm, pools: tuple[str, str]) -> None:
    pool = pools[0]
    disks = [{"name": "root"}, {"name": "data", "size": "8MiB"}]
    vm.want(**BARE, template=TEMPLATE, disks=disks)
    old, new = (f"{folder}/{vm.name}-" for folder in ("/var/lib/libvirt/images", f"/var/lib/libvirt/{pool}"))
    for name, place in (("root", "80M"), ("data", "1M")):
        vm.lab.exec(vm.host, "qemu-io", "-c", f"write -P 7 {place} 2M", f"{old}{name}.qcow2")
    linked = move_twice(vm, move_disks=[{"disk": "root", "pool": pool, "keep_source": True}])
    way = f"default/{vm.name}-root.qcow2 -> {pool}/{vm.name}-root.qcow2"
    assert plan(linked) == [f"move disk root {way} (qcow2 on {IMAGE}, while it is stopped)"]
    same = ("qemu-img", "compare", "-q", f"{old}root.qcow2")
    vm.lab.exec(vm.host, *same, f"{new}root.qcow2")
    assert image(vm, f"{new}root.qcow2")["backing-filename"] == IMAGE
    assert sources(vm.tree) == [f"{new}root.qcow2", f"{old}data.qcow2"]

    whole = [{"disk": "root", "pool": pool, "format": "raw"}, {"disk": "vdb", "pool": pool, "keep_source": True}]
    move_twice(vm, move_disks=whole)
    vm.lab.exec(vm.host, *same, f"{new}root.raw")
    vm.lab.exec(vm.host, "qemu-img", "compare", "-q", f"{old}data.qcow2", f"{new}data.qcow2")
    assert sources(vm.tree) == [f"{new}root.raw", f"{new}data.qcow2"]
    assert sorted(vm.files()) == sorted(
        [
            *(f"{pool}/{vm.name}-{name}" for name in ("root.raw", "data.qcow2")),
            *(f"default/{vm.name}-{name}" for name in ("root.qcow2", "data.qcow2")),
        ]
    )
    refused = vm.modules(vm.host, "kvm_migrate", name=vm.name, move_disks=[{"disk": "data", "pool": "default"}])
    assert f"volume '{vm.name}-data.qcow2' is already in pool 'default'" in refused["msg"]


@pytest.fixture
def dense(vm: Vm, pools: tuple[str, str]) -> str:
    """The path of an image in the first pool that is compressed, so that a copy takes far more than it does."""
    path = f"/var/lib/libvirt/{pools[0]}/{vm.name}-dense.qcow2"
    make = f"head -c 32M /dev/zero | tr '\\0' A > {path}.raw && qemu-img convert -c -O qcow2 {path}.raw {path}"
    vm.lab.exec(vm.host, "sh", "-c", f"{make} && rm {path}.raw")
    return path


CANCEL = "until virsh blockjob {0} vda --raw | grep -q .; do sleep 0.1; done; virsh blockjob {0} vda --abort"


def test_a_copy_that_fails_leaves_the_vm_on_its_disk(vm: Vm, pools: tuple[str, str], dense: str) -> None:
    first, small = pools
    vm.want(**BARE, state="paused", disks=[{"pool": first, "volume": f"{vm.name}-dense.qcow2"}])
    options: dict[str, Any] = {"name": vm.name, "move_disks": [{"disk": "root", "pool": small}]}
    too_small = [{"disk": "root", "pool": small, "format": "raw"}]
    refused = vm.modules(vm.host, "kvm_migrate", name=vm.name, move_disks=too_small)
    assert f"disk root needs 32MiB in pool '{small}', which has too little free (12MiB)" in refused["msg"]

    full = vm.modules(vm.host, "kvm_migrate", **options)
    assert full["failed"]
    assert "QEMU gave the copy up, or somebody cancelled it; it stays on" in full["msg"]
    assert f"the copy was removed (pool '{small}' has 0B free)" in full["msg"]

    vm.lab.exec(vm.host, "sh", "-c", f"({CANCEL.format(vm.name)}) > /dev/null 2>&1 &")
    options["move_disks"][0]["pool"] = "default"
    cancelled = vm.modules(vm.host, "kvm_migrate", **options, bandwidth="8MiB")
    assert "QEMU gave the copy up, or somebody cancelled it; it stays on" in cancelled["msg"]
    assert "moving" not in vm.xml
    assert sources(vm.live) == sources(vm.tree) == [dense]
    assert vm.files() == [f"{first}/{vm.name}-dense.qcow2"]
