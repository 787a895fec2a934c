# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_vm on real QEMU: power, and what a running VM takes over at once or at its next boot."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.support.vms import Vm, plan

# Its firmware halts when it finds nothing to boot, and reacts to nothing.
BARE: dict[str, Any] = {"memory": "32MiB", "nics": []}


POWER = [
    ("stopped", "running", {}, ["start"]),
    ("stopped", "paused", {}, ["start paused"]),
    ("stopped", "restarted", {}, ["start"]),
    ("stopped", "stopped", {}, []),
    ("running", "paused", {}, ["pause"]),
    ("running", "saved", {}, ["save"]),
    ("running", "stopped", {"force": True, "timeout": 1}, ["shut down"]),
    ("running", "restarted", {"force": True, "timeout": 1}, ["shut down", "start"]),
    ("paused", "running", {}, ["resume"]),
    ("paused", "saved", {}, ["save"]),
    ("paused", "stopped", {"force": True}, ["power off"]),
    ("paused", "restarted", {"force": True}, ["power off", "start"]),
    ("saved", "running", {}, ["start"]),
    ("saved", "paused", {}, ["start paused"]),
    ("saved", "stopped", {}, []),
    ("saved", "saved", {}, []),
]
WAY = {"stopped": (), "running": ("running",), "paused": ("paused",), "saved": ("running", "saved")}


@pytest.mark.parametrize(("before", "after", "options", "steps"), POWER)
def test_power(vm: Vm, before: str, after: str, options: dict[str, Any], steps: list[str]) -> None:
    vm.want(**BARE)
    for state in WAY[before]:
        vm.want(state=state)
    checked = vm.want(check=True, state=after, **options)
    assert checked["vm"]["state"] == before
    done = vm.want(state=after, **options)
    assert plan(done) == plan(checked) == steps
    assert done["vm"]["state"] == {"restarted": "running"}.get(after, after if steps else before)
    if after != "restarted":
        assert plan(vm.want(state=after, **options)) == []


def test_a_guest_that_does_not_shut_down_is_left_running_unless_forced(vm: Vm) -> None:
    vm.want(**BARE, state="running")
    assert "did not shut down within 1 s" in vm.refuse(state="stopped", timeout=1)
    assert vm.want()["vm"]["state"] == "running"


def test_what_a_running_vm_takes_over_at_its_next_boot(vm: Vm) -> None:
    vm.want(**BARE, vcpus=1, state="running")
    wanted: dict[str, Any] = {"memory": "40MiB", "vcpus": 2, "title": "now", "tags": ["x"]}
    changed = vm.want_twice(**wanted)
    assert {line["summary"]: line["when"] for line in changed["plan"]} == {
        "set vcpus 1 -> 2": "next_boot",
        "set memory 32MiB -> 40MiB": "next_boot",
        "set title none -> now": "now",
        "set tags none -> x": "now",
    }
    reasons = ["vcpus is 1 and will be 2", "memory is 32MiB and will be 40MiB"]
    assert changed["restart_required"] == reasons
    assert vm.want(**wanted)["restart_required"] == reasons
    assert (vm.live.findtext("title"), vm.live.findtext("vcpu")) == ("now", "1")
    restarted = vm.want(state="restarted", force=True, timeout=1, **wanted)
    assert plan(restarted) == ["shut down", "start"]
    again = vm.want(**wanted)
    assert again["restart_required"] == []
    assert vm.live.findtext("vcpu") == "2"


def test_what_a_running_vm_takes_over_at_once(vm: Vm) -> None:
    vm.want(**BARE, disks=[{"size": "10MiB"}], state="running")
    wanted: dict[str, Any] = {
        "disks": [{"size": "20MiB"}, {"name": "data", "size": "5MiB"}],
        "nics": [{"network": "default"}],
    }
    changed = vm.want_twice(**wanted)
    assert {line["when"] for line in changed["plan"]} == {"now"}
    assert changed["restart_required"] == []
    for tree in (vm.live, vm.tree):
        assert [disk.get("dev") for disk in tree.iterfind("devices/disk/target")] == ["vda", "vdb"]
        assert len(tree.findall("devices/interface")) == 1
    assert vm.domain.blockInfo("vda")[0] == 20 * 1024**2


def test_what_the_guest_does_not_let_go_of_is_not_reported_as_done(vm: Vm) -> None:
    vm.want(memory="32MiB", nics=[{"network": "default"}], state="running")
    said = vm.refuse(nics=[], timeout=1)
    assert f"VM '{vm.name}': the guest did not let go of NIC default within 1 s" in said
    for tree in (vm.live, vm.tree):
        assert len(tree.findall("devices/interface")) == 1
    assert plan(vm.want(check=True, nics=[])) == ["detach NIC default"]
    vm.want(state="stopped", force=True, timeout=1)
    assert plan(vm.want_twice(nics=[])) == ["detach NIC default"]


def test_what_is_to_wait_for_the_next_boot_waits(vm: Vm) -> None:
    vm.want(memory="32MiB", nics=[{"network": "default"}], state="running")
    wanted: dict[str, Any] = {"nics": [], "memory": "40MiB", "title": "later", "apply": "next_boot"}
    changed = vm.want_twice(**wanted)
    assert {line["when"] for line in changed["plan"]} == {"next_boot"}
    reasons = {"memory is 32MiB and will be 40MiB", "NIC default stays attached", "title is none and will be later"}
    assert set(changed["restart_required"]) == set(vm.want(**wanted)["restart_required"]) == reasons
    assert len(vm.live.findall("devices/interface")) == 1
    assert vm.tree.find("devices/interface") is None
    restarted = vm.want(**{**wanted, "apply": "restart"}, force=True, timeout=1)
    assert plan(restarted)[-2:] == ["shut down", "start"]
    assert restarted["restart_required"] == []
    assert vm.live.find("devices/interface") is None


def test_what_landed_in_one_of_both_is_finished(vm: Vm) -> None:
    vm.want(memory="32MiB", nics=[], vcpus=1, vcpus_max=2, state="running")
    vm.domain.setVcpusFlags(2, 1)
    assert plan(vm.want_twice(vcpus=2)) == ["set vcpus 1 -> 2"]
    vm.domain.setVcpusFlags(1, 2)
    vm.want(vcpus=2)
    parts = "<source network='default'/><mac address='52:54:00:aa:00:31'/><model type='virtio'/>"
    vm.domain.attachDeviceFlags(f"<interface type='network'>{parts}</interface>", 2)
    wanted = [{"network": "default", "mac": "52:54:00:aa:00:31"}]
    assert [line.split(" (")[0] for line in plan(vm.want_twice(nics=wanted))] == ["attach NIC default"]
    assert len(vm.live.findall("devices/interface")) == len(vm.tree.findall("devices/interface")) == 1
