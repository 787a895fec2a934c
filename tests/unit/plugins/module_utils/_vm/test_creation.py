# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a VM is made: the order of steps, the volumes, the tree, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import read_record
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import Plan
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB, MIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import DefineVm
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.disk import source_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.interface import mac_for
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.domain import Platform
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.first_boot import payload_paths
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.table import Table, planned, summaries, volume

UUID = "4dea22b3-1d52-d8f3-2516-782e98ab3fa0"
LINK = "create volume web01-root.qcow2 in pool default (96MiB qcow2 on /pool/tiny+1.template.qcow2)"
SEED = "write cloud-init seed to volume web01-seed.iso in pool default"
TINY = "define VM (1 vCPU, 1GiB, qemu, from template tiny:1)"

PLANS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["define VM (1 vCPU, 1GiB, qemu)"]),
    ({"template": "tiny"}, [TINY, LINK, SEED, "complete VM (root, seed)"]),
    ({"template": "tiny", "cloud_init": {"enabled": False}}, [TINY, LINK, "complete VM (root)"]),
    ({"template": "tiny", "disks": []}, [TINY, SEED, "complete VM (seed)"]),
    (
        {"template": "tiny:1", "clone": "full", "cloud_init": {"enabled": False}},
        [
            TINY,
            "copy volume default/tiny+1.template.qcow2 to web01-root.qcow2 in pool default (96MiB qcow2)",
            "complete VM (root)",
        ],
    ),
    (
        {"template": "big", "pool": "default", "cloud_init": {"enabled": False}, "disks": [{"size": "3GiB"}]},
        [
            "define VM (2 vCPU, 3GiB, qemu, from template big:2)",
            "create volume web01-root.qcow2 in pool default (3GiB qcow2 on /fast/big+2.template.qcow2)",
            "complete VM (root)",
        ],
    ),
    (
        {"template": "big", "vcpus": 1, "memory": "1GiB", "disks": [{"name": "data", "size": "1GiB", "format": "raw"}]},
        [
            "define VM (1 vCPU, 1GiB, qemu, from template big:2)",
            "create volume web01-root.qcow2 in pool fast (2GiB qcow2 on /fast/big+2.template.qcow2)",
            "create volume web01-data.raw in pool fast (1GiB raw)",
            "write cloud-init seed to volume web01-seed.iso in pool fast",
            "complete VM (root, data, seed)",
        ],
    ),
    (
        {
            "disks": [
                {"volume": "there", "pool": "default"},
                {"name": "new", "size": "1GiB", "pool": "lvm", "format": "raw"},
            ]
        },
        ["define VM (1 vCPU, 1GiB, qemu)", "create volume web01-new.raw in pool lvm (1GiB raw)", "complete VM (new)"],
    ),
    ({"disks": [{"volume": "there", "pool": "default"}]}, ["define VM (1 vCPU, 1GiB, qemu)"]),
    ({"cloud_init": {}}, ["define VM (1 vCPU, 1GiB, qemu)", SEED, "complete VM (seed)"]),
    ({"state": "running"}, ["define VM (1 vCPU, 1GiB, qemu)", "start"]),
    ({"state": "paused", "autostart": True}, ["define VM (1 vCPU, 1GiB, qemu)", "set autostart on", "start paused"]),
    ({"state": "stopped", "autostart": False}, ["define VM (1 vCPU, 1GiB, qemu)"]),
    ({"domain_type": "kvm"}, ["define VM (1 vCPU, 1GiB, kvm)"]),
    ({"state": "absent", "template": "nothing"}, []),
]
THERE = Table(volumes=(volume("there"),))


@pytest.mark.parametrize(("params", "steps"), PLANS)
def test_the_steps(params: dict[str, Any], steps: list[str]) -> None:
    assert summaries(planned(None, THERE, **params)) == steps


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"template": "none"}, {}, "Template 'none' does not exist"),
    ({"template": "tiny", "pool": "none"}, {}, "Pool 'none' does not exist"),
    ({"cloud_init": {}, "pool": "none"}, {}, "Pool 'none' does not exist"),
    ({"disks": [{"size": "1", "pool": "none"}]}, {}, "Pool 'none' does not exist"),
    ({"disks": [{}]}, {}, "disk root needs a 'size', or the 'volume' it is on."),
    ({"template": "tiny", "disks": [{"name": "data"}]}, {}, "disk data needs a 'size'"),
    (
        {"template": "tiny", "disks": [{"size": "95MiB"}]},
        {},
        "VM 'web01': disk root of 95MiB is smaller than its template tiny:1 (96MiB); make it that large or larger.",
    ),
    ({"disks": [{"volume": "gone", "pool": "default"}]}, {}, "volume 'gone' does not exist in pool 'default'"),
    (
        {"disks": [{"volume": "there", "pool": "default"}]},
        {"volumes": (volume("there"),), "used_by": {"/pool/there": ["db01", "default/x"]}},
        "/pool/there of disk root is used by db01, default/x, and two must not write one disk; choose another",
    ),
    ({"template": "tiny"}, {"volumes": (volume("web01-root.qcow2"),)}, "volume 'web01-root.qcow2' is already in pool"),
    ({"template": "tiny"}, {"volumes": (volume("web01-seed.iso"),)}, "volume 'web01-seed.iso' is already in pool"),
    ({"template": "tiny", "clone": "full"}, {"free": 32 * MIB}, "pool 'default' has 32 MiB free and 33 MiB are needed"),
    ({"template": "tiny"}, {"free": MIB - 1}, "pool 'default' has 0 MiB free and 1 MiB are needed"),
    ({"disks": [{"size": "1GiB"}]}, {"free": 0}, "pool 'default' has 0 MiB free"),
    ({"disks": [{"size": "1GiB"}]}, {"pools": {"default": ""}}, "pool 'default' has no path on this host"),
    (
        {"disks": [{"size": "1GiB", "pool": "lvm"}]},
        {},
        "root cannot be qcow2: the volumes of pool 'lvm', which is",
    ),
    ({"template": "tiny", "pool": "lvm"}, {}, "of type logical, are raw; say 'format: raw', or choose a pool of files"),
    (
        {"disks": [{"size": "2GiB", "pool": "lvm", "format": "raw"}]},
        {"free": GIB},
        "pool 'lvm' has 1024 MiB free and 2048 MiB are needed",
    ),
    (
        {"disks": [{"size": "1GiB"}]},
        {"types": {"default": "iscsi"}},
        "VM 'web01': disk root cannot be made: no volumes are made in pool 'default', which is of type iscsi; make the",
    ),
    (
        {"disks": [], "cloud_init": {}},
        {"types": {"default": "gluster"}},
        "VM 'web01': its seed cannot be made: no volumes are made in pool 'default'",
    ),
    ({"disks": [], "cloud_init": {}}, {"pools": {"default": ""}}, "seed: pool 'default' has no path on this host"),
    (
        {"disks": [{"volume": "there", "pool": "default"}]},
        {"volumes": (replace(volume("there"), path="vms/there"),)},
        "is at no path of this host (vms/there); say by 'source' on which servers it is.",
    ),
    ({"nics": [{"network": "none"}]}, {}, "Network 'none' does not exist"),
    (
        {"nics": [{"network": "lan", "mac": "52:54:00:00:00:01"}]},
        {"macs": {"52:54:00:00:00:01": "db01"}},
        "VM 'web01': MAC address 52:54:00:00:00:01 belongs to VM 'db01'; choose another or leave it out.",
    ),
    (
        {"nics": [{"network": "lan"}], "uuid": UUID},
        {"macs": {mac_for(UUID, "lan"): "db01"}},
        f"VM 'web01': MAC address {mac_for(UUID, 'lan')} belongs to VM 'db01'; give card lan another.",
    ),
    ({}, {"networks": ()}, "Network 'default' does not exist"),
    ({"state": "saved"}, {}, "is stopped and has no memory to save"),
]


@pytest.mark.parametrize(("params", "around", "why"), REFUSED)
def test_what_is_refused(params: dict[str, Any], around: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        planned(None, Table(**around), **params)
    assert why in str(refusal.value)


ALLOWED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"template": "tiny", "clone": "full"}, {"free": 33 * MIB}),
    ({"template": "tiny"}, {"free": MIB}),
    ({"template": "tiny", "disks": [{"size": "96MiB"}]}, {}),
    (
        {"disks": [{"volume": "there", "pool": "default"}]},
        {"used_by": {"/pool/there": ["web01"]}, "volumes": (volume("there"),)},
    ),
    ({"nics": [{"network": "lan", "mac": "52:54:00:00:00:01"}]}, {"macs": {"52:54:00:00:00:01": "web01"}}),
    ({"nics": [{"bridge": "br9"}]}, {"networks": ()}),
    ({"disks": [{"size": "400GiB"}]}, {"free": GIB}),
]


@pytest.mark.parametrize(("params", "around"), ALLOWED)
def test_what_is_just_allowed(params: dict[str, Any], around: dict[str, Any]) -> None:
    assert planned(None, Table(**around), **params).changes


def definitions(plan: Plan) -> list[Any]:
    """Return the trees that a plan defines, in order."""
    return [parse_xml(change.xml) for change in plan.changes if isinstance(change, DefineVm)]


def test_the_first_definition_lists_what_is_to_be_made_and_has_no_disks() -> None:
    first, last = definitions(planned(None, template="tiny", tags=["web"]))
    assert first.find("devices/disk") is None
    assert read_record(first)["unfinished"] == ["default/web01-root.qcow2", "default/web01-seed.iso"]
    assert "unfinished" not in read_record(last)
    assert len(last.findall("devices/disk")) == 2
    assert first.findtext("uuid") == last.findtext("uuid")
    assert read_record(last)["tags"] == read_record(first)["tags"] == ["web"]
    assert (read_record(last)["template"], read_record(last)["template_version"]) == ("tiny", "1")


def test_every_new_vm_has_a_uuid_of_its_own_and_the_plan_shows_none() -> None:
    plans = [planned(None, template="tiny") for _time in range(2)]
    uuids = [definitions(plan)[0].findtext("uuid") for plan in plans]
    assert uuids[0] != uuids[1]
    assert plans[0].lines() == plans[1].lines()
    assert plans[0].diff() == plans[1].diff()
    assert not any(uuid in str([plan.lines(), plan.diff()]) for uuid, plan in zip(uuids, plans))


def test_disks_get_the_targets_of_their_bus_in_order() -> None:
    disks = [{"size": "1"}, {"name": "b", "size": "1", "bus": "scsi"}, {"name": "c", "size": "1"}]
    (_first, last) = definitions(planned(None, disks=disks))
    assert [node.get("dev") for node in last.iterfind("devices/disk/target")] == ["vda", "sda", "vdb"]
    assert [node.get("name") for node in last.iterfind("devices/disk/alias")] == ["ua-root", "ua-b", "ua-c"]


def test_disks_of_block_pools_are_block_devices() -> None:
    (_first, last) = definitions(planned(None, disks=[{"size": "1", "pool": "lvm", "format": "raw"}]))
    disk = last.find("devices/disk")
    assert disk.get("type") == "block"
    assert disk.find("source").get("dev") == "/dev/vg/web01-root.raw"
    assert disk.find("driver").get("type") == "raw"


def test_without_a_word_a_vm_gets_one_card_and_with_an_empty_list_none() -> None:
    assert [
        node.find("source").get("network") for node in definitions(planned(None))[0].iterfind("devices/interface")
    ] == ["default"]
    assert definitions(planned(None, nics=[]))[0].find("devices/interface") is None


@pytest.mark.parametrize(
    ("platform", "kind", "machine", "cpu"),
    [
        (Platform("qemu", "x86_64", "q35"), "qemu", "q35", "maximum"),
        (Platform("kvm", "x86_64", "q35"), "kvm", "q35", "host-model"),
        (Platform("test", "i686"), "test", None, None),
    ],
)
def test_a_new_vm_fits_its_platform(platform: Platform, kind: str, machine: str | None, cpu: str | None) -> None:
    (tree,) = definitions(planned(None, Table(machine=platform), nics=[]))
    assert tree.get("type") == kind
    assert tree.find("os/type").get("machine") == machine
    assert tree.find("os/type").get("arch") == platform.arch
    assert (tree.find("cpu").get("mode") if tree.find("cpu") is not None else None) == cpu
    assert (tree.find("devices/controller") is not None) == (machine == "q35")


def test_secrets_of_the_seed_show_nowhere() -> None:
    plan = planned(None, template="tiny", cloud_init={"user_data": {"password": "s3cret"}})
    assert "s3cret" not in str([plan, plan.lines(), plan.diff()])


@pytest.mark.parametrize(
    ("params", "warned"),
    [
        ({}, True),
        ({"memory": "2GiB", "state": "running"}, True),
        ({"nics": []}, True),
        ({"disks": []}, False),
        ({"cdroms": [{"path": "/iso/debian.iso"}]}, False),
        ({"kernel": "/boot/vmlinuz"}, False),
        ({"boot": {"order": ["network"]}}, False),
        ({"boot_once": "network", "state": "running"}, False),
    ],
)
def test_a_new_vm_that_was_given_nothing_to_boot_from_is_warned_of(params: dict[str, Any], warned: bool) -> None:
    warnings = planned(None, **params).warnings
    assert ["nothing to boot from" in warning for warning in warnings] == ([True] if warned else [])


MADE: list[dict[str, Any]] = [
    {},
    {"template": "tiny"},
    {"template": "tiny", "cloud_init": {"hostname": "h"}},
    {"template": "tiny", "ignition": {"ignition": {"version": "3.4.0"}}},
    {"cloud_init": {}, "disks": [{"size": "1GiB"}, {"name": "data", "size": "1GiB", "format": "raw"}]},
    {"template": "big", "vcpus": 3, "tags": ["a"], "fleet": "f", "nics": [{"network": "lan"}]},
]


@pytest.mark.parametrize("params", MADE)
def test_a_vm_that_was_just_made_is_what_was_wanted(params: dict[str, Any]) -> None:
    """What its guest was told is not told anew, as a seed with another fingerprint would be."""
    made = planned(None, Table(), **params)
    last = definitions(made)[-1]
    there = {*map(source_of, last.iterfind("devices/disk")), *payload_paths(last)}
    table = Table(volumes=tuple(volume(path.rpartition("/")[2], kind="raw") for path in there))
    again = planned(VmState("web01", last), table, **params)
    assert (summaries(again), again.warnings) == ([], [])


@pytest.mark.parametrize(
    ("params", "asked"),
    [
        ({}, ("auto", "", "")),
        ({"arch": "aarch64", "machine": "virt", "domain_type": "qemu"}, ("qemu", "aarch64", "virt")),
        ({"machine": "pc"}, ("auto", "", "pc")),
    ],
)
def test_a_new_vm_gets_the_platform_that_it_asks_for(params: dict[str, Any], asked: tuple[str, str, str]) -> None:
    seen: list[tuple[str, str, str]] = []

    class Host(Table):
        def platform(self, domain_type: str, arch: str = "", machine: str = "") -> Platform:
            seen.append((domain_type, arch, machine))
            return super().platform(domain_type, arch, machine)

    assert planned(None, Host(), **params).changes
    assert seen == [asked]
