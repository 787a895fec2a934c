# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_fleet on real QEMU: many VMs in one call, some of which go wrong; and what interrupted runs have left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from lxml import etree

from tests.integration.support.fixtures import TEMPLATE, succeed
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.vms import plan

NAMESPACE = "urn:kvmops:datacenter:1"
BARE: dict[str, Any] = {"memory": "32MiB", "nics": []}


@dataclass(frozen=True)
class Fleet:
    """A fleet on one host; its members are called by the ends of their names."""

    lab: Lab
    modules: Modules
    host: str
    prefix: str

    def run(self, *ends: str | dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
        """Run kvm_fleet and return its result."""
        vms = [{"name": end} if isinstance(end, str) else end for end in ends]
        named = [{**vm, "name": self.prefix + vm["name"]} for vm in vms]
        return self.modules(self.host, "kvm_fleet", check=check, fleet=f"{self.prefix}fleet", vms=named, **options)

    def states(self, result: dict[str, Any]) -> dict[str, str]:
        """Return the members' power by the ends of their names."""
        return {vm["name"].removeprefix(self.prefix): vm["state"] for vm in result["vms"]}

    def left(self) -> dict[str, list[str]]:
        """Return the domains and volumes of the fleet that are there, by the ends of their names."""
        names = self.lab.names(self.host)
        found = {kind: [name.rpartition("/")[2] for name in listed] for kind, listed in names.items()}
        start = self.prefix
        return {kind: [n.removeprefix(start) for n in all_of if n.startswith(start)] for kind, all_of in found.items()}

    def define(self, end: str, inside: str) -> None:
        """Define a domain by hand."""
        parts = f"<name>{self.prefix}{end}</name><memory>32768</memory><os><type>hvm</type></os>{inside}"
        self.lab.libvirt(self.host).defineXML(f"<domain type='qemu'>{parts}</domain>")

    def volume(self, name: str) -> None:
        """Make a volume by hand."""
        path = f"/var/lib/libvirt/images/{self.prefix}{name}"
        self.lab.exec(self.host, "qemu-img", "create", "-q", "-f", "qcow2", path, "1M")


@pytest.fixture
def fleet(lab: Lab, lab_module: Modules, ready: str, prefix: str) -> Fleet:
    return Fleet(lab, lab_module, ready, prefix)


def test_members_take_what_they_do_not_say_from_the_defaults(fleet: Fleet) -> None:
    wanted: dict[str, Any] = {"defaults": {**BARE, "template": TEMPLATE, "state": "paused", "tags": ["all"]}}
    members = ("a", {"name": "b", "tags": ["own"], "state": "stopped"}, {"name": "c", "memory": "40MiB"})
    before = fleet.lab.dump(fleet.host)
    checked = fleet.run(*members, check=True, **wanted)
    assert fleet.lab.dump(fleet.host) == before
    made = succeed(fleet.run(*members, **wanted))
    assert plan(made) == plan(checked)
    assert {line["name"] for line in made["plan"]} == {f"{fleet.prefix}{end}" for end in "abc"}
    assert fleet.states(made) == {"a": "paused", "b": "stopped", "c": "paused"}
    assert [vm["tags"] for vm in made["vms"]] == [["all"], ["own"], ["all"]]
    assert [vm["memory"] for vm in made["vms"]] == ["32MiB", "32MiB", "40MiB"]
    assert {vm["fleet"] for vm in made["vms"]} == {f"{fleet.prefix}fleet"}
    again = succeed(fleet.run(*members, **wanted))
    assert (again["changed"], again["plan"]) == (False, [])


@pytest.mark.parametrize("parallel", [1, 8])
def test_any_number_at_a_time_ends_alike(fleet: Fleet, parallel: int) -> None:
    members = [f"m{number}" for number in range(8)]
    wanted: dict[str, Any] = {"defaults": {**BARE, "template": TEMPLATE, "disks": [{"name": "data", "size": "1MiB"}]}}
    made = succeed(fleet.run(*members, parallel=parallel, **wanted))
    assert [vm["name"].removeprefix(fleet.prefix) for vm in made["vms"]] == members
    assert len(fleet.left()["volumes"]) == 24
    assert plan(fleet.run(*members, **wanted)) == []


def test_purging_removes_members_that_are_not_listed_and_nobody_else(fleet: Fleet) -> None:
    fleet.define("stranger", "")
    members: dict[str, Any] = {"defaults": {**BARE, "disks": [{"size": "1MiB"}]}}
    succeed(fleet.run("a", "b", "c", **members))
    assert plan(fleet.run("a", **members)) == []
    kept: dict[str, Any] = {"purge": True, "defaults": {**BARE, "remove_disks": True}}
    checked = fleet.run("a", check=True, **kept)
    purged = succeed(fleet.run("a", **kept))
    assert plan(purged) == plan(checked)
    assert {line["name"].removeprefix(fleet.prefix) for line in purged["plan"]} == {"b", "c"}
    assert fleet.left() == {"domains": ["a", "stranger"], "volumes": ["a-root.qcow2"]}
    assert plan(fleet.run("a", **kept)) == []


def test_an_empty_list_purges_all(fleet: Fleet) -> None:
    succeed(fleet.run("a", "b", defaults=BARE))
    succeed(fleet.run(purge=True))
    assert fleet.left()["domains"] == []


def test_one_that_fails_does_not_stop_the_others(fleet: Fleet) -> None:
    succeed(fleet.run("a", "b", "c", defaults={**BARE, "state": "running"}))
    result = fleet.run(
        {"name": "a", "title": "done"},
        {"name": "b", "state": "stopped"},
        {"name": "c", "title": "done"},
        "d",
        defaults={**BARE, "timeout": 1},
    )
    assert result["failed"]
    assert list(result["errors"]) == [f"{fleet.prefix}b"]
    assert result["msg"] == f"1 of 4 failed, the others are done: {result['errors'][f'{fleet.prefix}b']}"
    assert f"VM '{fleet.prefix}b' did not shut down within 1 s" in result["msg"]
    assert fleet.states(result) == {"a": "running", "c": "running", "d": "stopped"}
    assert [vm.get("title") for vm in result["vms"]] == ["done", "done", None]


def test_a_refusal_in_the_list_stops_all_of_it(fleet: Fleet) -> None:
    before = fleet.lab.dump(fleet.host)
    result = fleet.run(
        "a",
        {"name": "b", "template": "nothing"},
        {"name": "c", "pool": "nowhere", "disks": [{"size": "1MiB"}]},
        defaults=BARE,
    )
    assert result["failed"]
    assert all(word in result["msg"] for word in ("nothing", "nowhere"))
    assert fleet.lab.dump(fleet.host) == before


def unfinished(*places: str) -> str:
    """Return the metadata of a VM whose making, or removal, was cut off."""
    volumes = "".join(f"<k:volume>{place}</k:volume>" for place in places)
    return f"<metadata><k:vm xmlns:k='{NAMESPACE}'><k:unfinished>{volumes}</k:unfinished></k:vm></metadata>"


def test_a_vm_whose_making_was_cut_off_is_made_anew(fleet: Fleet) -> None:
    places = [f"default/{fleet.prefix}a-{disk}.qcow2" for disk in ("root", "old", "never-made")]
    fleet.define("a", unfinished(*places))
    fleet.volume("a-root.qcow2")
    fleet.volume("a-old.qcow2")
    wanted: dict[str, Any] = {"defaults": {**BARE, "disks": [{"size": "2MiB"}], "state": "paused"}}
    made = succeed(fleet.run("a", **wanted))
    assert plan(made)[0].startswith("remove what an interrupted run left: ")
    assert fleet.left() == {"domains": ["a"], "volumes": ["a-root.qcow2"]}
    assert made["observed"][f"{fleet.prefix}a"]["unfinished"] is False
    assert plan(fleet.run("a", **wanted)) == []


def test_a_vm_whose_making_was_cut_off_is_removed_with_its_volumes(fleet: Fleet) -> None:
    fleet.define("a", unfinished(f"default/{fleet.prefix}a-root.qcow2"))
    fleet.volume("a-root.qcow2")
    succeed(fleet.run({"name": "a", "state": "absent"}))
    assert fleet.left() == {"domains": [], "volumes": []}
    assert plan(fleet.run({"name": "a", "state": "absent"})) == []


@pytest.mark.parametrize("state", ["absent", "stopped"])
def test_a_removal_that_was_cut_off_is_finished(fleet: Fleet, state: str) -> None:
    fleet.define("a~removed", unfinished(f"default/{fleet.prefix}a-root.qcow2", f"default/{fleet.prefix}a-data.qcow2"))
    fleet.volume("a-root.qcow2")
    fleet.volume("a-data.qcow2")
    wanted: dict[str, Any] = {"defaults": {**BARE, "disks": [{"size": "2MiB"}], "state": state}}
    done = succeed(fleet.run("a", **wanted))
    assert plan(done)[-1 if state == "absent" else 2] == "forget the note of what was to be deleted"
    there = {"absent": {"domains": [], "volumes": []}, "stopped": {"domains": ["a"], "volumes": ["a-root.qcow2"]}}
    assert fleet.left() == there[state]
    assert plan(fleet.run("a", **wanted)) == []


def test_a_removal_that_was_only_noted_did_not_begin(fleet: Fleet) -> None:
    wanted: dict[str, Any] = {"defaults": {**BARE, "disks": [{"size": "2MiB"}]}}
    succeed(fleet.run("a", **wanted))
    fleet.define("a~removed", unfinished(f"default/{fleet.prefix}a-root.qcow2"))
    assert plan(fleet.run("a", **wanted)) == ["drop the note of a removal that was not begun"]
    assert fleet.left() == {"domains": ["a"], "volumes": ["a-root.qcow2"]}


def test_a_disk_whose_adding_was_cut_off_is_added(fleet: Fleet) -> None:
    wanted: dict[str, Any] = {"defaults": {**BARE, "disks": [{"size": "2MiB"}, {"name": "data", "size": "1MiB"}]}}
    succeed(fleet.run("a", defaults={**BARE, "disks": [{"size": "2MiB"}], "tags": ["x"]}))
    fleet.volume("a-data.qcow2")
    domain = fleet.lab.domain(fleet.host, f"{fleet.prefix}a")
    tree = etree.fromstring(domain.XMLDesc(0))
    record = tree.find(f"metadata/{{{NAMESPACE}}}vm")
    pending = etree.SubElement(record, f"{{{NAMESPACE}}}pending")
    etree.SubElement(pending, f"{{{NAMESPACE}}}volume").text = f"default/{fleet.prefix}a-data.qcow2"
    fleet.lab.libvirt(fleet.host).defineXML(etree.tostring(tree, encoding="unicode"))
    succeed(fleet.run("a", **wanted))
    assert fleet.left() == {"domains": ["a"], "volumes": ["a-data.qcow2", "a-root.qcow2"]}
    assert plan(fleet.run("a", **wanted)) == []
