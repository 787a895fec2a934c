# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a template says of its VMs: it counts when a VM is made, behind what the VM says, and never again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import read_record
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import Template
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.arguments import template_arguments
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import DefineVm, WriteSeed
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.disk import source_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.options import template_documentation
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.table import TINY, Table, planned, summaries, volume

WHOLE = {
    "vcpus": 3,
    "memory": "3GiB",
    "firmware": "efi",
    "pool": "fast",
    "disks": [{"name": "root", "size": "5GiB"}, {"name": "data", "size": "1GiB", "pool": "default"}],
    "nics": [{"network": "lan"}],
    "graphics": [{"type": "spice"}],
    "videos": [{"model": "virtio"}],
    "watchdog": {"model": "i6300esb", "action": "reset"},
    "tpm": {"model": "tpm-crb"},
    "cloud_init": {"packages": ["nginx"], "timezone": "Europe/Berlin"},
}


def template(**defaults: Any) -> Template:
    return replace(TINY, name="cutter", defaults=defaults)


def made(defaults: Mapping[str, Any], **params: Any) -> tuple[Any, list[str], dict[str, str]]:
    """Return the tree of a new VM, the volumes made for it, and the files of its seed."""
    plan = planned(None, Table(templates=(template(**defaults),)), template="cutter", **params)
    seeds = [change for change in plan.changes if isinstance(change, WriteSeed)]
    tree = parse_xml([change.xml for change in plan.changes if isinstance(change, DefineVm)][-1])
    volumes = list(map(source_of, tree.iterfind("devices/disk")))
    return tree, volumes, dict(seeds[0].files) if seeds else {}


def test_a_new_vm_gets_all_that_its_template_says() -> None:
    tree, volumes, files = made(WHOLE)
    assert (tree.findtext("vcpu"), tree.findtext("memory")) == ("3", str(3 * 1024 * 1024))
    assert tree.find("os").get("firmware") == "efi"
    assert volumes == ["/fast/web01-root.qcow2", "/pool/web01-data.qcow2", "/fast/web01-seed.iso"]
    assert [node.get("network") for node in tree.iterfind("devices/interface/source")] == ["lan"]
    assert [node.get("type") for node in tree.iterfind("devices/graphics")] == ["spice"]
    assert tree.find("devices/video/model").get("type") == "virtio"
    assert tree.find("devices/watchdog").get("action") == "reset"
    assert tree.find("devices/tpm").get("model") == "tpm-crb"
    assert "nginx" in files["user-data"]
    assert "Europe/Berlin" in files["user-data"]


def test_what_the_vm_says_comes_first_and_counts_as_a_whole() -> None:
    own = {
        "vcpus": 1,
        "pool": "default",
        "disks": [{"name": "root", "size": "7GiB"}],
        "nics": [],
        "cloud_init": {"packages": ["postgresql"]},
        "watchdog": {"enabled": False},
    }
    tree, volumes, files = made(WHOLE, **own)
    assert (tree.findtext("vcpu"), tree.findtext("memory")) == ("1", str(3 * 1024 * 1024))
    assert volumes == ["/pool/web01-root.qcow2", "/pool/web01-seed.iso"]
    assert tree.find("devices/interface") is None
    assert tree.find("devices/watchdog") is None
    assert "postgresql" in files["user-data"]
    assert "nginx" not in files["user-data"]
    assert "Berlin" not in files["user-data"]


def test_a_vm_with_ignition_gets_no_cloud_init_of_its_template() -> None:
    _tree, volumes, files = made(WHOLE, ignition={"ignition": {"version": "3.4.0"}})
    assert files == {}
    assert "/fast/web01-seed.iso" not in volumes


def test_hooks_may_change_what_only_the_template_says() -> None:
    nics = {"nics": [{"network": "lan"}]}
    moved = [{"xpath": "//interface/source", "attribute": "network", "value": "default", "state": "present"}]
    assert made(nics, extra_xml=moved)[0].find("devices/interface/source").get("network") == "default"
    with pytest.raises(Refused, match="undoes what another option wants"):
        made({}, extra_xml=moved, **nics)


SAID: list[dict[str, Any]] = [
    {},
    {"vcpus": 2},
    {"nics": [{"network": "lan", "ip": ["192.0.2.7/24"]}]},
    {"cloud_init": {"packages": ["postgresql"]}, "nics": [{"network": "lan", "ip": ["192.0.2.7/24"]}]},
]


@pytest.mark.parametrize("after", [WHOLE, {}, {"vcpus": 9, "cloud_init": {"packages": ["vim"]}}, {"new": "option"}])
@pytest.mark.parametrize("params", SAID)
def test_a_template_that_changes_changes_no_vm(params: dict[str, Any], after: dict[str, Any]) -> None:
    """A seed in which addresses of the VM meet packages of the template stays as it is, too."""
    tree, volumes, _files = made(WHOLE, **params)
    there = tuple(volume(path.rpartition("/")[2], pool="fast" if "/fast" in path else "default") for path in volumes)
    table = Table(templates=(template(**after),), volumes=there)
    assert summaries(planned(VmState("web01", tree), table, template="cutter", **params)) == []


def test_an_address_that_changes_leaves_the_seed_with_what_the_template_said_then() -> None:
    def nics(address: str) -> dict[str, Any]:
        return {"nics": [{"network": "lan", "ip": [address]}]}

    tree, volumes, files = made(WHOLE, **nics("192.0.2.7/24"))
    there = tuple(volume(path.rpartition("/")[2], pool="fast" if "/fast" in path else "default") for path in volumes)
    table = Table(templates=(template(cloud_init={"packages": ["vim"]}),), volumes=there)
    plan = planned(VmState("web01", tree), table, template="cutter", **nics("192.0.2.8/24"))
    (seed,) = [change for change in plan.changes if isinstance(change, WriteSeed)]
    assert seed.files["user-data"] == files["user-data"]
    assert "192.0.2.8" in seed.files["network-config"]


def test_what_the_vm_says_of_cloud_init_is_not_remembered_and_what_the_template_says_is() -> None:
    assert "cloud_init" not in read_record(made(WHOLE, cloud_init={"packages": ["postgresql"]})[0])
    assert "nginx" in read_record(made(WHOLE)[0])["cloud_init"]


@pytest.mark.parametrize(
    ("defaults", "word"),
    [
        ({"colour": "red"}, "colour"),
        ({"nics": [{"colour": 1}]}, "colour"),
        ({"vcpus": 0}, "vcpus"),
        ({"nics": 3}, "nics"),
    ],
)
def test_defaults_that_are_not_understood_are_refused_and_named(defaults: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused, match=r"^VM 'web01' cannot be made from template cutter:1: its defaults") as caught:
        made(defaults)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def options(entries: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, entry in entries.items():
        yield prefix + name, entry
        yield from options(entry.get("options") or {}, f"{prefix}{name}.")


def test_a_template_can_say_no_secret_and_nothing_that_only_one_vm_has() -> None:
    there = dict(options(template_arguments()))
    assert [name for name, entry in there.items() if entry.get("no_log")] == []
    kept_out = {"graphics.password", "cloud_init.user_data", "cloud_init.users.hashed_password", "nics.mac", "nics.ip"}
    assert not kept_out & set(there)
    assert {"graphics.type", "cloud_init.users.name", "nics.network", "disks.size", "uuid"} & set(there) == {
        "graphics.type",
        "cloud_init.users.name",
        "nics.network",
        "disks.size",
    }


def test_what_a_template_can_say_is_documented() -> None:
    def names(entries: Mapping[str, Any]) -> dict[str, Any]:
        return {name: names(entry.get("suboptions") or entry.get("options") or {}) for name, entry in entries.items()}

    assert names(template_documentation()) == names(template_arguments())
