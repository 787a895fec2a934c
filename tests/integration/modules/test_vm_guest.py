# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A guest that really boots: cloud-init, waiting, a clean shutdown, and what it sees of changes to its VM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.support.cleaning import remove_all
from tests.integration.support.fixtures import TEMPLATE
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.vms import Vm, plan

PREFIX = "t-guest-"
KEY = f"/root/{PREFIX}key"
SSH = ("ssh", "-i", KEY, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
TIMEOUT = 120


@pytest.fixture(scope="module")
def vm(lab: Lab, lab_module: Modules, ready: str) -> Iterator[Vm]:
    """A VM and a key that may log in to its guest."""
    remove_all(lab.libvirt(ready), PREFIX)
    lab.exec(ready, "rm", "-f", KEY, f"{KEY}.pub")
    lab.exec(ready, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", KEY)
    yield Vm(lab, lab_module, ready, f"{PREFIX}a")
    remove_all(lab.libvirt(ready), PREFIX)
    lab.exec(ready, "rm", "-f", KEY, f"{KEY}.pub")


@pytest.fixture
def wanted(vm: Vm) -> dict[str, Any]:
    """What every test wants of the VM; the first that runs makes it."""
    seed = {
        "hostname": "kvmops-guest",
        "ssh_authorized_keys": [vm.lab.exec(vm.host, "cat", f"{KEY}.pub").strip()],
        "user_data": {"write_files": [{"path": "/root/made", "content": "by cloud-init\n"}]},
    }
    return {"template": TEMPLATE, "state": "running", "cloud_init": seed, "wait_for": "ssh", "timeout": TIMEOUT}


def inside(vm: Vm, ip: str, *command: str) -> str:
    """Run a command in the guest, from its host."""
    return vm.lab.exec(vm.host, *SSH, f"root@{ip}", *command).strip()


def test_cloud_init_is_applied_in_the_guest(vm: Vm, wanted: dict[str, Any]) -> None:
    ip = vm.want(**wanted)["observed"]["ip"]
    assert inside(vm, ip, "hostname") == "kvmops-guest"
    assert inside(vm, ip, "cat", "/root/made") == "by cloud-init"
    again = vm.want(**wanted)
    assert (again["changed"], again["observed"]["ip"]) == (False, ip)
    assert again["observed"]["addresses"]["default"] == [ip]


@pytest.mark.parametrize("what", ["ip", "agent", "ssh"])
def test_what_is_waited_for_is_there(vm: Vm, wanted: dict[str, Any], what: str) -> None:
    result = vm.want(**{**wanted, "wait_for": what})
    assert result["observed"]["ip"]
    assert plan(vm.want(**{**wanted, "wait_for": what})) == []


def test_waiting_for_what_does_not_come_is_one_sentence(vm: Vm) -> None:
    other = Vm(vm.lab, vm.modules, vm.host, f"{PREFIX}blank")
    said = other.refuse(memory="32MiB", nics=[{"network": "default"}], state="running", wait_for="ip", timeout=1)
    assert said.startswith(f"VM '{other.name}' has no address within 1 s; run it again to go on waiting")
    assert other.want()["vm"]["state"] == "running"
    other.want(state="absent")


def test_the_guest_sees_disks_and_cards_come(vm: Vm, wanted: dict[str, Any]) -> None:
    vm.want(**wanted)
    disks = [{"name": "root"}, {"name": "hot", "size": "12MiB", "format": "raw"}]
    nics = [{"network": "default"}, {"network": "default", "name": "hot-nic", "mac": "52:54:00:aa:00:77"}]
    ip = vm.want_twice(**wanted, disks=disks, nics=nics)["observed"]["ip"]
    assert "12288" in inside(vm, ip, "cat", "/proc/partitions")
    assert "52:54:00:aa:00:77" in inside(vm, ip, "cat", "/sys/class/net/*/address")
    vm.want_twice(**wanted, disks=[{"name": "root"}, {"name": "hot", "size": "16MiB"}])
    assert "16384" in inside(vm, ip, "cat", "/proc/partitions")


def test_memory_and_boot_disk_change_with_a_restart(vm: Vm, wanted: dict[str, Any]) -> None:
    ip = vm.want(**wanted)["observed"]["ip"]
    before = (inside(vm, ip, "cat", "/proc/sys/kernel/random/boot_id"), memory(vm, ip))
    changed = vm.want(**{**wanted, "state": "restarted", "memory": "160MiB"})
    assert plan(changed)[-2:] == ["shut down", "start"]
    assert changed["restart_required"] == []
    after = (
        inside(vm, changed["observed"]["ip"], "cat", "/proc/sys/kernel/random/boot_id"),
        memory(vm, changed["observed"]["ip"]),
    )
    assert after[0] != before[0]
    assert after[1] > before[1]
    vm.want(memory="128MiB", timeout=60)


def memory(vm: Vm, ip: str) -> int:
    """Return the guest's memory in KiB."""
    return int(inside(vm, ip, "awk", "'/MemTotal/ {print $2}'", "/proc/meminfo"))


def test_a_guest_that_reacts_is_shut_down_cleanly_and_keeps_its_data(vm: Vm, wanted: dict[str, Any]) -> None:
    ip = vm.want(**wanted)["observed"]["ip"]
    inside(vm, ip, "hostname", ">", "/root/kept;", "sync")
    stopped = vm.want_twice(state="stopped", timeout=60)
    assert plan(stopped) == ["shut down"]
    assert stopped["observed"]["ip"] is None
    ip = vm.want(**wanted)["observed"]["ip"]
    assert inside(vm, ip, "cat", "/root/kept") == "kvmops-guest"


def test_a_saved_guest_goes_on_where_it_was(vm: Vm, wanted: dict[str, Any]) -> None:
    ip = vm.want(**wanted)["observed"]["ip"]
    boot = inside(vm, ip, "cat", "/proc/sys/kernel/random/boot_id")
    vm.want_twice(state="saved")
    ip = vm.want(**wanted)["observed"]["ip"]
    assert inside(vm, ip, "cat", "/proc/sys/kernel/random/boot_id") == boot


def test_the_seed_is_written_again_only_when_it_changes(vm: Vm, wanted: dict[str, Any]) -> None:
    vm.want(**wanted)
    seed = {**wanted["cloud_init"], "user_data": {"final_message": "changed"}}
    changed = vm.want_twice(**{**wanted, "cloud_init": seed})
    assert plan(changed) == [
        f"write cloud-init seed to volume {vm.name}-seed.iso in pool default",
        "note the content of the seed",
    ]
    assert "final_message" not in str(changed)
    text = vm.lab.exec(
        vm.host, "isoinfo", "-R", "-x", "/user-data", "-i", f"/var/lib/libvirt/images/{vm.name}-seed.iso"
    )
    assert "final_message" in text
