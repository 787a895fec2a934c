# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks that come and go while a VM runs, and guests that let go of them or do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.cleaning import remove_all
from tests.integration.support.disks import BARE, IMAGES, MIB
from tests.integration.support.fixtures import TEMPLATE
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.vms import Vm, plan


def test_a_scsi_disk_and_its_controller_come_and_go_while_the_vm_runs(vm: Vm) -> None:
    vm.want(**BARE, state="paused")
    attached = vm.want_twice(disks=[{"name": "a", "size": "1MiB", "bus": "scsi"}, {"name": "b", "size": "1MiB"}])
    assert plan(attached)[-3:] == [
        "attach controller scsi 0 (type scsi, index 0, model virtio-scsi)",
        f"attach disk a ({IMAGES}/{vm.name}-a.qcow2)",
        f"attach disk b ({IMAGES}/{vm.name}-b.qcow2)",
    ]
    listed = vm.want_twice(
        controllers=[{"type": "scsi", "index": 1, "model": "virtio-scsi", "queues": 2, "max_sectors": 128}],
        disks=[{"name": "b"}],
    )
    assert plan(listed) == [
        "detach disk a",
        "attach controller scsi 1 (type scsi, index 1, model virtio-scsi, queues 2, max_sectors 128)",
    ]
    for tree in (vm.live, vm.tree):
        assert [node.get("model") for node in tree.iterfind("devices/controller[@type='scsi']")] == ["virtio-scsi"] * 2
        assert [node.get("dev") for node in tree.iterfind("devices/disk/target")] == ["vda"]
    assert vm.want(controllers=[{"type": "usb", "model": "qemu-xhci", "ports": 8}])["restart_required"] == [
        "controller usb 0 ports is none and will be 8"
    ]


def test_a_disk_that_the_guest_does_not_let_go_of_is_still_in_both(vm: Vm) -> None:
    both = [{"size": "1MiB"}, {"name": "data", "size": "1MiB"}]
    vm.want(**BARE, state="running", disks=both)
    said = vm.refuse(disks=both[:1], timeout=1)
    assert f"VM '{vm.name}': the guest did not let go of disk data within 1 s; run it again to go on waiting" in said
    for tree in (vm.live, vm.tree):
        assert [node.get("dev") for node in tree.iterfind("devices/disk/target")] == ["vda", "vdb"]
    assert plan(vm.want(disks=both)) == []
    vm.domain.destroy()
    assert plan(vm.want_twice(disks=both[:1])) == ["detach disk data"]
    assert f"default/{vm.name}-data.qcow2" in vm.files()


PREFIX = f"t-{Path(__file__).stem.removeprefix('test_')}-guest-"
KEY = f"/root/{PREFIX}key"
SSH = ("ssh", "-i", KEY, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")


@pytest.fixture
def guest(lab: Lab, lab_module: Modules, ready: str) -> Iterator[Vm]:
    """A VM, and a key that may log in to its guest."""
    remove_all(lab.libvirt(ready), PREFIX)
    lab.exec(ready, "rm", "-f", KEY, f"{KEY}.pub")
    lab.exec(ready, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", KEY)
    yield Vm(lab, lab_module, ready, f"{PREFIX}a")
    remove_all(lab.libvirt(ready), PREFIX)
    lab.exec(ready, "rm", "-f", KEY, f"{KEY}.pub")


def test_a_guest_sees_a_disk_come_and_lets_go_of_it(guest: Vm) -> None:
    key = guest.lab.exec(guest.host, "cat", f"{KEY}.pub").strip()
    seed = {"ssh_authorized_keys": [key]}
    made = guest.want(template=TEMPLATE, state="running", cloud_init=seed, wait_for="ssh", timeout=120)

    def inside(*command: str) -> str:
        ip = made["observed"]["ip"]
        return guest.lab.exec(guest.host, *SSH, f"root@{ip}", *command, check=False).strip()

    disks: list[dict[str, Any]] = [{"name": "root"}, {"name": "hot", "size": "12MiB", "serial": "HOT1"}]
    attached = guest.want_twice(disks=disks)
    assert attached["restart_required"] == []
    # The guest names disks as they come: the seed was there before.
    assert inside("cat", "/sys/block/*/serial") == "HOT1"
    assert str(12 * MIB // 512) in inside("cat", "/sys/block/*/size").split()
    detached = guest.want_twice(disks=disks[:1], timeout=60)
    assert plan(detached) == ["detach disk hot"]
    assert detached["restart_required"] == []
    assert inside("cat", "/sys/block/*/serial") == ""
    assert str(12 * MIB // 512) not in inside("cat", "/sys/block/*/size").split()
    for tree in (guest.live, guest.tree):
        assert tree.find("devices/disk[serial='HOT1']") is None
