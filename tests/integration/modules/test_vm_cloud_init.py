# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real guest is told at its first boot: the helpers of cloud-init, addresses of its cards, Ignition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.support.cleaning import remove_all
from tests.integration.support.fixtures import TEMPLATE
from tests.integration.support.guests import inside
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.vms import Vm, plan

PREFIX = "t-cloud-init-"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHRoaXMgaXMgbm8ga2V5IGJ1dCBsb29rcyBsaWtlIG9uZQ ann"
HASH = "$y$j9T$nosalt$thisisnohashbutlookslikeone"
IGNITION = {"ignition": {"version": "3.3.0"}, "passwd": {"users": [{"name": "core", "passwordHash": HASH}]}}
FW_CFG = "/sys/firmware/qemu_fw_cfg/by_name/opt/com.coreos/config/raw"
CARD = {"network": "default", "ip": ["192.168.101.5/24"], "gateway": ["192.168.101.1"], "dns": ["192.168.101.1"]}
SEED = {
    "hostname": "told",
    "users": [{"name": "ann", "ssh_authorized_keys": [KEY], "hashed_password": HASH}],
    "write_files": [{"path": "/root/made", "content": "by a helper\n", "permissions": "0640"}],
    "runcmd": ["echo line >> /root/ran", ["sh", "-c", "echo words >> /root/ran"]],
    "user_data": {
        "write_files": [{"path": "/root/own", "content": "in its own words\n"}],
        "runcmd": ["touch /root/ran"],
    },
}
WANTED: dict[str, Any] = {"template": TEMPLATE, "nics": [CARD], "cloud_init": SEED, "ignition": IGNITION}


@pytest.fixture(scope="module")
def vm(lab: Lab, lab_module: Modules, ready: str) -> Iterator[Vm]:
    """A VM whose guest has booted, and has been told all that is wanted."""
    remove_all(lab.libvirt(ready), PREFIX)
    made = Vm(lab, lab_module, ready, f"{PREFIX}a")
    result = made.want(**WANTED, state="running", wait_for="agent", timeout=120)
    assert HASH not in json.dumps(result)
    assert HASH not in lab.exec(ready, "journalctl", "--no-pager", "--since", "-5min")
    # words of the documents are no secrets where they stand elsewhere
    assert result["vm"]["nics"][0]["network"] == "default"
    yield made
    remove_all(lab.libvirt(ready), PREFIX)


def test_the_guest_was_told_by_the_helpers_and_in_cloud_inits_own_words(vm: Vm) -> None:
    assert inside(vm, "hostname; cat /root/own /root/made; stat -c %a /root/made").splitlines() == [
        "told",
        "in its own words",
        "by a helper",
        "640",
    ]
    assert inside(
        vm, "for i in 1 2 3 4 5 6 7 8 9; do grep -q words /root/ran && break; sleep 1; done; cat /root/ran"
    ) == ("line\nwords\n")
    assert KEY in inside(vm, "cat ~ann/.ssh/authorized_keys")


def test_the_guest_has_the_addresses_of_its_card(vm: Vm) -> None:
    addresses = [line.split()[3] for line in inside(vm, "ip -4 -o addr show dev eth0").splitlines()]
    assert addresses == ["192.168.101.5/24"]
    assert "via 192.168.101.1" in inside(vm, "ip route show default")
    assert "192.168.101.1" in inside(vm, "cat /etc/resolv.conf")
    assert vm.want()["observed"]["ip"] == "192.168.101.5"


def test_the_guest_sees_its_ignition_configuration(vm: Vm) -> None:
    assert json.loads(inside(vm, f"cat {FW_CFG}")) == IGNITION


def test_nothing_is_written_again_until_something_changes(vm: Vm) -> None:
    assert plan(vm.want(**WANTED)) == []
    other = {**WANTED, "nics": [{**CARD, "ip": ["192.168.101.6/24"]}], "ignition": {"ignition": {"version": "3.4.0"}}}
    changed = vm.want_twice(**other)
    assert plan(changed) == [
        f"write cloud-init seed to volume {vm.name}-seed.iso in pool default",
        "note the content of the seed",
        f"write ignition configuration to volume {vm.name}-ignition.ign in pool default",
        "note the content of the ignition configuration",
    ]
    assert changed["restart_required"] == ["ignition configuration is read when QEMU starts"]
    folder = "/var/lib/libvirt/images"
    text = vm.lab.exec(vm.host, "isoinfo", "-R", "-x", "/network-config", "-i", f"{folder}/{vm.name}-seed.iso")
    assert list(json.loads(text)["ethernets"]["default"]["addresses"]) == ["192.168.101.6/24"]
    assert json.loads(vm.lab.exec(vm.host, "cat", f"{folder}/{vm.name}-ignition.ign"))["ignition"]["version"] == "3.4.0"
    assert vm.lab.exec(vm.host, "stat", "-c", "%a", f"{folder}/{vm.name}-ignition.ign").strip() == "600"


def test_it_is_taken_away_and_removed_with_the_vm(vm: Vm) -> None:
    gone = vm.want_twice(ignition="", state="stopped", force=True, timeout=20)
    assert f"delete volume {vm.name}-ignition.ign of pool default" in plan(gone)
    assert vm.tree.find("sysinfo") is None
    vm.want_twice(ignition=IGNITION, state="paused")
    assert f"default/{vm.name}-ignition.ign" in vm.files()
    vm.want(state="absent", remove_disks=True)
    assert vm.files() == []
