# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users may say about a VM, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB, MIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.arguments import vm_arguments
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import fleet_options, fleet_specs
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.spec import (
    VmSpec,
    check_list,
    check_vm_name,
)

from tests.unit.plugins.module_utils._vm.table import spec

GOOD_NAMES = ["web01", "Web 01", "a", "ümläut", "x" * 200, "a.b-c_d", "-dash", "$(touch x)", "50%"]
BAD_NAMES = [
    "",
    None,
    "a/b",
    "/",
    ".",
    "..",
    ".hidden",
    " a",
    "a ",
    "a\nb",
    "a\tb",
    "\x7f",
    "x" * 201,
    "ü" * 101,
    "a\ud800",
]


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_names_that_are_taken(name: str) -> None:
    assert check_vm_name(name) == name


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_are_refused(name: str | None) -> None:
    with pytest.raises(Refused, match=r"^VM name .* cannot be used; .*\.$"):
        check_vm_name(name)


def test_no_vm_is_named_like_a_note() -> None:
    with pytest.raises(Refused, match=r"^VM name 'a~removed' ends in ~removed, which marks notes; choose another\.$"):
        check_vm_name("a~removed")


NORMAL: list[tuple[dict[str, Any], str, Any]] = [
    ({}, "state", "present"),
    ({}, "machine", {}),
    ({}, "record", {}),
    ({}, "devices", {}),
    ({}, "autostart", None),
    ({}, "cloud_init", None),
    ({"memory": "2GiB", "vcpus": 3}, "machine", {"memory": 2 * GIB, "vcpus": 3}),
    ({"memory": 512}, "machine", {"memory": 512 * MIB}),
    ({"title": ""}, "machine", {"title": None}),
    ({"tags": ["b", "a"], "project": "p"}, "record", {"tags": ["a", "b"], "project": "p"}),
    ({"tags": []}, "record", {"tags": None}),
    ({"autostart": False}, "autostart", False),
    ({"timeout": 5, "force": True, "state": "stopped"}, "timeout", 5),
    ({"disks": []}, "devices", {"disks": ()}),
]


@pytest.mark.parametrize(("params", "attribute", "value"), NORMAL)
def test_what_is_said_is_kept_in_its_normal_form(params: dict[str, Any], attribute: str, value: Any) -> None:
    assert getattr(spec(**params), attribute) == value


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"memory": "4GB"}, "memory '4GB' has no binary unit; write 4GiB if you mean that."),
    ({"memory": "0"}, "memory '0' is out of range"),
    ({"memory": "999999TiB"}, "memory '999999TiB' is out of range"),
    ({"memory": "1KiB"}, "memory '1KiB' is out of range"),
    ({"vcpus": 0}, "vcpus 0 is out of range; choose 1 to 4096."),
    ({"timeout": 0}, "timeout 0 is out of range"),
    ({"title": "\x01"}, "title contains the character U+0001"),
    ({"disks": [{}, {}]}, "Entry 2 of disks has no name"),
    ({"disks": [{"name": "a", "size": "1"}, {"name": "a", "size": "1"}]}, "disks has two entries named 'a'"),
    ({"disks": [{"name": "a b"}]}, "disks has a name 'a b' that cannot be used"),
    ({"disks": [{"size": "1GB"}]}, "size of disk root '1GB' has no binary unit"),
    ({"disks": [{"volume": "v"}]}, "Disk root names the existing volume 'v'; say in which 'pool' it is."),
    ({"disks": [{"volume": "v", "pool": "p", "size": "1"}]}, "leave out its size, or the volume."),
    ({"disks": [{"volume": "v", "pool": "p", "format": "raw"}]}, "leave out its format, or the volume."),
    ({"disks": [{"name": "x", "size": "1"}], "nics": [{"name": "x", "network": "a"}]}, "The name 'x' is taken"),
    ({"disks": [{"name": "a.b", "size": "1"}, {"name": "a_b", "size": "1"}]}, "The name 'a.b' is taken"),
    ({"disks": [{"name": "seed", "size": "1"}]}, "The name 'seed' is taken"),
    ({"nics": [{}]}, "Entry 1 of nics must have a 'network', 'bridge' or 'direct', or a name or MAC address."),
    ({"nics": [{"network": "a", "bridge": "b"}]}, "must have one of 'network', 'bridge' and 'direct', and not"),
    (
        {"nics": [{"network": "a"}, {"network": "a"}]},
        "nics has two entries named 'a'; give each NIC a 'name' of its own.",
    ),
    ({"nics": [{"network": "a", "mac": "x"}]}, "mac 'x' is not a MAC address"),
    ({"nics": [{"network": "a", "mac": "03:00:00:00:00:01"}]}, "is a multicast address"),
]


@pytest.mark.parametrize(("params", "why"), REFUSED)
def test_what_makes_no_sense_is_refused_and_names_the_vm(params: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        spec(**params)
    assert str(refusal.value).startswith("VM 'web01': ")
    assert why in str(refusal.value)


def nics(*macs: str) -> dict[str, Any]:
    return {"nics": [{"network": "lan", "name": f"n{number}", "mac": mac} for number, mac in enumerate(macs)]}


LISTS: list[tuple[list[VmSpec], str]] = [
    ([spec(), spec()], "VM name 'web01' is given twice in the list"),
    (
        [spec(**nics("52:54:00:00:00:01")), spec(name="b", **nics("52-54-00-00-00-01"))],
        "MAC address '52:54:00:00:00:01'",
    ),
    ([spec(**nics("52:54:00:00:00:0A", "52:54:00:00:00:0a"))], "MAC address '52:54:00:00:00:0a' is given twice"),
]


@pytest.mark.parametrize(("specs", "why"), LISTS)
def test_lists_that_contradict_themselves_are_refused(specs: list[VmSpec], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_list(specs)
    assert why in str(refusal.value)


def test_a_list_without_contradictions_is_fine() -> None:
    check_list([spec(**nics("52:54:00:00:00:01")), spec(name="b", **nics("52:54:00:00:00:02")), spec(name="c")])
    check_list([])


def fleet(*vms: dict[str, Any], **params: Any) -> list[VmSpec]:
    return fleet_specs({"vms": vms, "defaults": None, "fleet": None, "parallel": 4, **params})


def test_members_say_more_than_the_defaults_and_these_more_than_the_module() -> None:
    a, b = fleet(
        {"name": "a", "state": None},
        {"name": "b", "state": "stopped"},
        defaults={"state": "running", "vcpus": None},
        fleet="f",
    )
    assert (a.state, b.state, a.timeout) == ("running", "stopped", 120)
    assert a.record == {"fleet": "f"}
    assert a.machine == {}


def test_a_list_option_of_a_member_replaces_that_of_the_defaults() -> None:
    (a,) = fleet({"name": "a", "tags": ["own"]}, defaults={"tags": ["all"]})
    assert a.record == {"tags": ["own"]}


def test_all_mistakes_of_a_fleet_are_told_at_once() -> None:
    with pytest.raises(Refused) as refusal:
        fleet({"name": "a", "memory": "x"}, {"name": "b"}, {"name": "c", "vcpus": 0})
    assert "VM 'a': memory 'x'" in str(refusal.value)
    assert "VM 'c': vcpus 0" in str(refusal.value)


@pytest.mark.parametrize("parallel", [0, -1])
def test_nothing_is_done_by_no_workers(parallel: int) -> None:
    with pytest.raises(Refused, match=r"parallel .* is out of range"):
        fleet({"name": "a"}, parallel=parallel)


def test_one_and_many_have_the_same_options() -> None:
    one, many = vm_arguments(), fleet_options()
    among_others = {"start_order", "start_delay"}
    assert set(many["vms"]["options"]) == set(one) | among_others
    assert set(many["defaults"]["options"]) == (set(one) | among_others) - {"name"}
    assert not among_others & set(one)
    assert [name for name, option in many["vms"]["options"].items() if "default" in option] == []
    assert one["state"]["default"] == "present"
    assert one["name"]["required"]
