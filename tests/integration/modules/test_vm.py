# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_vm on real QEMU: making, changing and removing, without waiting for a guest to boot."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.support.fixtures import TEMPLATE
from tests.integration.support.lab import Lab
from tests.integration.support.vms import Vm, plan

CONFIG = 2  # VIR_DOMAIN_AFFECT_CONFIG
IMAGES = "/var/lib/libvirt/images"
TEMPLATE_IMAGE = f"{IMAGES}/{TEMPLATE}+1.template.qcow2"
# A VM that needs no template and no network: made in a moment, and its firmware halts when it finds nothing to boot.
BARE: dict[str, Any] = {"memory": "32MiB", "nics": []}


def test_name_and_template_are_enough(vm: Vm) -> None:
    before = vm.lab.dump(vm.host)
    checked = vm.want(check=True, diff=True, template=TEMPLATE)
    assert vm.lab.dump(vm.host) == before
    assert checked["vm"] == {"name": vm.name, "state": "absent"}

    made = vm.want(diff=True, template=TEMPLATE)
    assert plan(made) == plan(checked)
    assert made["diff"] == checked["diff"]
    assert made["vm"]["state"] == "stopped"
    assert made["vm"]["template"] == f"{TEMPLATE}:1"
    assert made["vm"]["memory"] == "128MiB"
    assert [disk["name"] for disk in made["vm"]["disks"]] == ["root"]
    assert [nic["network"] for nic in made["vm"]["nics"]] == ["default"]
    assert vm.files() == [f"default/{vm.name}-root.qcow2", f"default/{vm.name}-seed.iso"]

    xml = vm.xml
    again = vm.want(template=TEMPLATE)
    assert (again["changed"], again["plan"]) == (False, [])
    assert vm.xml == xml


def test_a_vm_from_nothing_but_its_parts(vm: Vm) -> None:
    made = vm.want_twice(**BARE, disks=[{"size": "10MiB"}, {"name": "data", "size": "20MiB", "format": "raw"}])
    assert vm.files() == [f"default/{vm.name}-data.raw", f"default/{vm.name}-root.qcow2"]
    assert [disk["name"] for disk in made["vm"]["disks"]] == ["root", "data"]
    assert made["vm"]["nics"] == []


OPTIONS = [
    ({"vcpus": 1}, {"vcpus": 3}, {"vcpus": 3}),
    ({"memory": "32MiB"}, {"memory": 40}, {"memory": "40MiB"}),
    ({"memory": "32MiB"}, {"memory": "0.0625GiB"}, {"memory": "64MiB"}),
    ({"title": "old"}, {"title": "new <&> title"}, {"title": "new <&> title"}),
    ({"title": "old"}, {"title": ""}, {}),
    ({"description": "old"}, {"description": "several\nlines"}, {"description": "several\nlines"}),
    ({"description": "old"}, {"description": ""}, {}),
    ({"tags": ["b", "a"]}, {"tags": ["c", "a"]}, {"tags": ["a", "c"]}),
    ({"tags": ["b", "a"]}, {"tags": []}, {"tags": []}),
    ({"project": "one"}, {"project": "two"}, {"project": "two"}),
    ({"project": "one"}, {"project": ""}, {"project": None}),
    ({"autostart": False}, {"autostart": True}, {"autostart": True}),
    ({"autostart": True}, {"autostart": False}, {"autostart": False}),
]


@pytest.mark.parametrize(("first", "then", "facts"), OPTIONS)
def test_an_option_is_set_and_read_back(
    vm: Vm, first: dict[str, Any], then: dict[str, Any], facts: dict[str, Any]
) -> None:
    vm.want(**{**BARE, **first})
    uuid = vm.domain.UUIDString()
    changed = vm.want_twice(**then)
    assert len(changed["plan"]) == 1
    assert {key: changed["vm"][key] for key in facts} == facts
    assert all(key in facts or key not in changed["vm"] for key in then)
    assert changed["vm"]["uuid"] == uuid


DISKS: list[tuple[dict[str, Any], str, str]] = [
    ({"cache": "writeback"}, "driver/@cache", "writeback"),
    ({"discard": "unmap"}, "driver/@discard", "unmap"),
    ({"serial": "S-1"}, "serial/text()", "S-1"),
    ({"bus": "scsi"}, "target/@bus", "scsi"),
    ({"readonly": True}, "name(readonly)", "readonly"),
]


@pytest.mark.parametrize(("option", "place", "value"), DISKS)
def test_an_option_of_a_disk_is_set_and_read_back(vm: Vm, option: dict[str, Any], place: str, value: str) -> None:
    vm.want_twice(**BARE, disks=[{"size": "10MiB", **option}])
    found = vm.tree.find("devices/disk").xpath(place)
    assert found in ([value], value)
    facts = vm.modules(vm.host, "kvm_vm_info", names=[vm.name])["vms"][0]["disks"][0]
    assert {key: facts[key] for key in option} == option


@pytest.mark.parametrize("option", [option for option, _place, _value in DISKS if "bus" not in option])
def test_an_option_of_a_disk_is_changed_in_place(vm: Vm, option: dict[str, Any]) -> None:
    vm.want(**BARE, disks=[{"size": "10MiB"}])
    changed = vm.want_twice(disks=[{"name": "root", **option}])
    assert len(changed["plan"]) == 1
    assert {key: changed["vm"]["disks"][0][key] for key in option} == option


@pytest.mark.parametrize(
    "nic",
    [
        {"network": "default", "mac": "52:54:00:AA:00:01", "model": "e1000"},
        {"network": "default", "name": "front"},
        {"bridge": "virbr0", "name": "raw"},
    ],
)
def test_an_option_of_a_card_is_set_and_read_back(vm: Vm, nic: dict[str, Any]) -> None:
    made = vm.want_twice(memory="32MiB", nics=[nic])
    facts = made["vm"]["nics"][0]
    assert facts["model"] == nic.get("model", "virtio")
    assert {key: facts[key] for key in nic if key != "mac"} == {key: nic[key] for key in nic if key != "mac"}
    assert facts["mac"] == nic.get("mac", facts["mac"]).lower()


def test_cards_come_go_and_change(vm: Vm) -> None:
    two = [{"network": "default", "name": "one"}, {"network": "default", "name": "two", "model": "e1000e"}]
    macs = [nic["mac"] for nic in vm.want_twice(memory="32MiB", nics=two)["vm"]["nics"]]
    assert len(set(macs)) == 2
    changed = vm.want_twice(nics=[{"network": "default", "name": "two", "model": "virtio"}])
    assert plan(changed) == ["set NIC two model e1000e -> virtio", "detach NIC one"]
    assert [nic["mac"] for nic in changed["vm"]["nics"]] == [macs[1]]
    assert vm.want_twice(nics=[])["vm"]["nics"] == []


def test_linked_and_full_clones(vm: Vm, prefix: str) -> None:
    full = Vm(vm.lab, vm.modules, vm.host, f"{prefix}full")
    vm.want_twice(template=TEMPLATE, nics=[])
    full.want_twice(template=TEMPLATE, clone="full", nics=[])
    chains = {
        name: vm.lab.exec(vm.host, "qemu-img", "info", f"{IMAGES}/{name}-root.qcow2") for name in (vm.name, full.name)
    }
    assert f"backing file: {TEMPLATE_IMAGE}" in chains[vm.name]
    assert "backing file" not in chains[full.name]
    assert "virtual size: 96 MiB" in chains[full.name]


@pytest.mark.parametrize("clone", ["linked", "full"])
def test_a_root_disk_may_be_larger_than_its_template(vm: Vm, clone: str) -> None:
    vm.want_twice(template=TEMPLATE, clone=clone, nics=[], disks=[{"size": "150MiB"}])
    assert "virtual size: 150 MiB" in vm.lab.exec(vm.host, "qemu-img", "info", f"{IMAGES}/{vm.name}-root.qcow2")


def test_disks_are_added_and_grown_and_never_shrunk(vm: Vm) -> None:
    vm.want(**BARE, disks=[{"size": "10MiB"}])
    more = [{"size": "20MiB"}, {"name": "data", "size": "5MiB"}]
    vm.want_twice(disks=more)
    assert vm.files() == [f"default/{vm.name}-data.qcow2", f"default/{vm.name}-root.qcow2"]
    assert "virtual size: 20 MiB" in vm.lab.exec(vm.host, "qemu-img", "info", f"{IMAGES}/{vm.name}-root.qcow2")
    assert "would shrink to 10MiB" in vm.refuse(disks=[{"size": "10MiB"}, {"name": "data"}])
    assert "pending" not in vm.xml


def test_a_disk_that_is_not_listed_is_detached_and_kept(vm: Vm) -> None:
    vm.want(**BARE, disks=[{"size": "10MiB"}, {"name": "data", "size": "5MiB"}])
    assert plan(vm.want_twice(disks=[{"name": "root"}])) == ["detach disk data"]
    assert f"default/{vm.name}-data.qcow2" in vm.files()
    back = {"name": "data", "pool": "default", "volume": f"{vm.name}-data.qcow2"}
    vm.want_twice(disks=[{"name": "root"}, back])
    assert [disk["target"] for disk in vm.want()["vm"]["disks"]] == ["vda", "vdb"]


def test_the_boot_disk_is_spared_unless_all_are_to_go(vm: Vm) -> None:
    vm.want(**BARE, disks=[{"size": "10MiB"}, {"name": "data", "size": "5MiB"}])
    assert plan(vm.want_twice(disks=[{"name": "data"}])) == []
    assert sorted(plan(vm.want_twice(disks=[]))) == ["detach disk data", "detach disk root"]
    assert len(vm.files()) == 2


def test_absent_keeps_the_disks_unless_told_otherwise(vm: Vm) -> None:
    vm.want(template=TEMPLATE, nics=[], disks=[{"name": "root"}, {"name": "data", "size": "5MiB"}])
    gone = vm.want_twice(state="absent")
    assert gone["vm"] == {"name": vm.name, "state": "absent"}
    assert vm.files() == [f"default/{vm.name}-data.qcow2", f"default/{vm.name}-root.qcow2"]


@pytest.mark.parametrize("state", ["stopped", "running", "paused"])
def test_absent_with_its_disks_leaves_nothing(vm: Vm, state: str) -> None:
    vm.want(template=TEMPLATE, nics=[], disks=[{"name": "root"}, {"name": "data", "size": "5MiB"}], state=state)
    vm.want_twice(state="absent", remove_disks=True)
    assert vm.files() == []
    assert [name for name in vm.lab.names(vm.host)["domains"] if name.startswith(vm.name)] == []


def test_absent_takes_saved_memory_with_it(vm: Vm) -> None:
    vm.want(**BARE, state="running")
    vm.want(state="saved")
    vm.want_twice(state="absent")
    assert f"{vm.name}.save" not in vm.lab.exec(vm.host, "ls", "/var/lib/libvirt/qemu/save")


def test_volumes_that_something_else_needs_outlive_the_vm(vm: Vm, prefix: str) -> None:
    names = {kind: f"{prefix}{kind}.qcow2" for kind in ("shared", "base", "top", "other", "mine")}
    listed = ("shared", "base", "other", "mine")
    create = ("qemu-img", "create", "-q", "-f", "qcow2")
    for kind in listed:
        vm.lab.exec(vm.host, *create, f"{IMAGES}/{names[kind]}", "1M")
    disks = [{"name": kind, "pool": "default", "volume": names[kind]} for kind in listed]
    vm.want(**BARE, disks=[{**disk, "readonly": disk["name"] == "shared"} for disk in disks])
    vm.lab.exec(vm.host, *create, "-b", f"{IMAGES}/{names['base']}", "-F", "qcow2", f"{IMAGES}/{names['top']}", "1M")
    beside = Vm(vm.lab, vm.modules, vm.host, f"{prefix}beside")
    beside.want(**BARE)
    share(vm.lab, beside, f"{IMAGES}/{names['other']}")

    gone = vm.want(state="absent", remove_disks=True)
    assert gone["warnings"] == [
        f"{vm.name}: kept {IMAGES}/{names['shared']}: the disk is read-only or shared.",
        f"{vm.name}: kept {IMAGES}/{names['base']}: it is used by default/{names['top']}.",
        f"{vm.name}: kept {IMAGES}/{names['other']}: it is used by {beside.name}.",
    ]
    left = [place for place in vm.lab.names(vm.host)["volumes"] if place.startswith(f"default/{prefix}")]
    assert left == sorted(f"default/{names[kind]}" for kind in ("shared", "base", "top", "other"))


def share(lab: Lab, vm: Vm, path: str) -> None:
    """Give a VM a disk behind the collection's back."""
    inside = f"<driver name='qemu' type='qcow2'/><source file='{path}'/><target dev='vdx'/>"
    lab.domain(vm.host, vm.name).attachDeviceFlags(f"<disk type='file' device='disk'>{inside}</disk>", CONFIG)


def test_the_image_of_a_template_is_never_deleted_with_a_vm(vm: Vm) -> None:
    vm.want(**BARE)
    share(vm.lab, vm, TEMPLATE_IMAGE)
    gone = vm.want(state="absent", remove_disks=True)
    assert gone["warnings"] == [f"{vm.name}: kept {TEMPLATE_IMAGE}: it is the image of a template."]
    assert f"default/{TEMPLATE}+1.template.qcow2" in vm.lab.names(vm.host)["volumes"]


def test_facts_fed_back_as_options_change_nothing(vm: Vm) -> None:
    data = {"name": "data", "size": "5MiB", "cache": "none"}
    vm.want(template=TEMPLATE, disks=[{"name": "root"}, data], tags=["a"], project="p", title="t", autostart=True)
    facts = vm.modules(vm.host, "kvm_vm_info", names=[vm.name])["vms"][0]
    assert plan(vm.want(**{option: value for option, value in facts.items() if option != "name"})) == []
