# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a VM that is there is changed: property by property, now or at its next boot, and what is refused."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.changes import ResizeVolume
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.state import VolumeState
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import to_xml

from tests.unit.plugins.module_utils._vm.belongings import CDROM, DATA, DISKS, HAND, HAND_NIC, NEW_MAC, NIC, ROOT, SEED
from tests.unit.plugins.module_utils._vm.table import Table, domain, planned, record, state, summaries, volume

MORE = "set memory 1GiB -> 2GiB"
NIC_WORDS = "network lan, model virtio, mac 52:54:00:00:00:0a"

PLANS: list[tuple[VmState, dict[str, Any], list[str]]] = [
    (state(), {}, []),
    (state(), {"vcpus": 1, "memory": "1GiB"}, []),
    (state(), {"vcpus": 2, "memory": "2GiB"}, ["set vcpus 1 -> 2", "set memory 1GiB -> 2GiB"]),
    (state(power="running"), {"vcpus": 2}, ["set vcpus 1 -> 2 [next_boot]"]),
    (state(power="paused"), {"memory": "512MiB"}, ["set memory 1GiB -> 512MiB"]),
    (state(power="paused"), {"memory": "2GiB"}, ["set memory 1GiB -> 2GiB [next_boot]"]),
    (state(power="saved"), {"vcpus": 2}, ["set vcpus 1 -> 2"]),
    (state(power="running"), {"title": "t"}, ["set title none -> t"]),
    (state(inside="<title>t</title>"), {"title": "t"}, []),
    (state(inside="<title>t</title>"), {"title": ""}, ["set title t -> none"]),
    (state(), {"title": ""}, []),
    (state(power="running"), {"tags": ["b", "a"]}, ["set tags none -> a, b"]),
    (state(inside=record("<k:project>p</k:project>")), {"project": "p"}, []),
    (state(inside=record("<k:project>p</k:project>")), {"project": "q"}, ["set project p -> q"]),
    (state(inside=record("<k:project>p</k:project>")), {"tags": ["a"]}, ["set tags none -> a"]),
    (state(), {"tags": [], "project": ""}, []),
    (
        state(),
        {"owner": "eva", "metadata": {"cost": "7 <&>"}},
        ["set owner none -> eva", "set metadata cost absent -> cost 7 <&>"],
    ),
    (state(inside=record("<k:metadata><k:entry name='a' value='1'/></k:metadata>")), {"metadata": {"a": "1"}}, []),
    (
        state(inside=record("<k:metadata><k:entry name='a' value='1'/></k:metadata>")),
        {"metadata": {"a": "absent", "b": 2}},
        ["set metadata a 1, b absent -> a absent, b 2"],
    ),
    (state(), {"autostart": True}, ["set autostart on"]),
    (state(), {"autostart": False}, []),
    (state(autostart=True), {"autostart": False}, ["set autostart off"]),
    (state(autostart=True), {}, []),
    # disks
    (state(ROOT), {"disks": [{"name": "root"}]}, []),
    (state(ROOT), {"disks": [{"size": "1GiB"}]}, []),
    (state(ROOT), {"disks": [{"size": "2GiB"}]}, ["resize volume root 1GiB -> 2GiB"]),
    (state(ROOT, power="running"), {"disks": [{"size": "2GiB"}]}, ["resize volume root 1GiB -> 2GiB"]),
    (state(ROOT), {"disks": [{"cache": "none"}]}, ["set disk root cache none -> none"]),
    (state(ROOT, power="running"), {"disks": [{"serial": "1"}]}, ["set disk root serial none -> 1 [next_boot]"]),
    (state(HAND), {"disks": [{"name": "root"}]}, []),
    (state(HAND), {"disks": [{"name": "vda"}]}, []),
    (state(HAND), {"disks": []}, ["detach disk vda"]),
    (state(CDROM + HAND), {"disks": [{"size": "1GiB", "bus": "virtio"}]}, []),
    (state(CDROM), {"disks": []}, []),
    (state(ROOT + DATA), {"disks": [{"name": "root"}]}, ["detach disk data"]),
    (state(ROOT + DATA, power="running"), {"disks": [{"name": "root"}]}, ["detach disk data"]),
    (state(ROOT + DATA), {"disks": [{"name": "data"}]}, []),
    (state(ROOT + DATA), {"disks": [{"name": "data"}, {"name": "root"}]}, []),
    (state(ROOT + SEED), {"disks": [{"name": "root"}]}, []),
    (
        state(ROOT, power="running"),
        {"disks": [{}, {"name": "new", "size": "1GiB"}]},
        [
            "note that default/web01-new.qcow2 is being made",
            "create volume web01-new.qcow2 in pool default (1GiB qcow2)",
            "attach disk new (/pool/web01-new.qcow2)",
        ],
    ),
    (
        state(ROOT),
        {"disks": [{}, {"name": "old", "volume": "data", "pool": "default"}]},
        ["attach disk old (/pool/data)"],
    ),
    # cards
    (state(NIC), {"nics": [{"network": "lan"}]}, []),
    (state(NIC), {"nics": [{"name": "lan", "network": "lan", "mac": "52:54:00:00:00:0A", "model": "virtio"}]}, []),
    (state(HAND_NIC), {"nics": [{"name": "front", "network": "lan"}]}, []),
    (
        state(HAND_NIC),
        {"nics": [{"name": "x", "network": "default", "mac": "52-54-00-00-00-0a"}]},
        ["set NIC x network lan -> default"],
    ),
    (state(NIC), {"nics": [{"name": "lan", "network": "default"}]}, ["set NIC lan network lan -> default"]),
    (state(NIC), {"nics": [{"name": "lan", "bridge": "br0"}]}, ["set NIC lan bridge none -> br0"]),
    (
        state(NIC),
        {"nics": [{"network": "lan", "mac": "52:54:00:00:00:0b", "model": "e1000"}]},
        ["set NIC lan model virtio -> e1000", "set NIC lan mac 52:54:00:00:00:0a -> 52:54:00:00:00:0b"],
    ),
    (state(NIC), {"nics": []}, ["detach NIC lan"]),
    (state(NIC, power="running"), {"nics": [], "state": "stopped"}, ["detach NIC lan [next_boot]", "shut down"]),
    (state(power="running"), {"memory": "2GiB", "apply": "restart"}, [f"{MORE} [next_boot]", "shut down", "start"]),
    (
        state(power="paused"),
        {"memory": "2GiB", "apply": "restart"},
        [f"{MORE} [next_boot]", "resume", "shut down", "start paused"],
    ),
    (state(power="running"), {"memory": "512MiB", "apply": "restart"}, ["set memory 1GiB -> 512MiB"]),
    *(
        (state(power=now), {"memory": "2GiB", "apply": "restart", "state": then}, [f"{MORE} [next_boot]", *steps])
        for now, then, steps in (
            ("running", "running", ["shut down", "start"]),
            ("running", "paused", ["pause", "resume", "shut down", "start paused"]),
            ("paused", "running", ["resume", "shut down", "start"]),
            ("paused", "present", ["resume", "shut down", "start paused"]),
        )
    ),
    # Its guest need not let go of anything before.
    (
        state(NIC, power="running"),
        {"memory": "2GiB", "nics": [], "apply": "restart"},
        [f"{MORE} [next_boot]", "detach NIC lan [next_boot]", "shut down", "start"],
    ),
    (state(NIC, power="running"), {"nics": [], "apply": "restart"}, ["detach NIC lan"]),
    (state(power="running"), {"title": "t", "apply": "next_boot"}, ["set title none -> t [next_boot]"]),
    (state("", power="running", live=NIC), {"nics": []}, ["detach NIC lan"]),
    (state(NIC, power="running", live=""), {"nics": [{"network": "lan"}]}, [f"attach NIC lan ({NIC_WORDS})"]),
    (state(NIC, power="running"), {"nics": []}, ["detach NIC lan"]),
    (state(HAND_NIC), {"nics": []}, ["detach NIC lan"]),
    (
        state(NIC, power="running"),
        {"nics": [{"network": "default"}]},
        ["detach NIC lan", f"attach NIC default (network default, model virtio, mac {NEW_MAC})"],
    ),
]


@pytest.mark.parametrize(("current", "params", "lines"), PLANS)
def test_the_plan(current: VmState, params: dict[str, Any], lines: list[str]) -> None:
    before = to_xml(current.live) if current.live is not None else ""
    assert summaries(planned(current, DISKS, **params)) == lines
    assert (to_xml(current.live) if current.live is not None else "") == before


REFUSED: list[tuple[VmState, Table, dict[str, Any], str]] = [
    (state(ROOT), DISKS, {"disks": [{"size": "512MiB"}]}, "disk root is 1GiB and would shrink to 512MiB"),
    (
        state(ROOT),
        replace(DISKS, types={"default": "zfs"}),
        {"disks": [{"size": "2GiB"}]},
        "VM 'web01': disk root is not resized: libvirt does not do that in pool 'default', which is of type zfs; set",
    ),
    (state(ROOT), DISKS, {"disks": [{"pool": "fast"}]}, "disk root has pool default, not fast"),
    (state(ROOT), DISKS, {"disks": [{"format": "raw"}]}, "disk root has format qcow2, not raw"),
    (state(ROOT), DISKS, {"disks": [{"volume": "x", "pool": "default"}]}, "disk root has volume root, not x"),
    (state(ROOT), Table(), {"disks": [{"size": "2GiB"}]}, "no active pool knows /pool/root of disk root"),
    (state(ROOT), DISKS, {"disks": [{}, {"name": "b"}]}, "disk b needs a 'size'"),
    (state(NIC), DISKS, {"nics": [{"network": "none"}]}, "Network 'none' does not exist"),
    (state(NIC), DISKS, {"nics": [{"name": "lan", "network": "none"}]}, "Network 'none' does not exist"),
    (
        state(NIC),
        Table(macs={"52:54:00:00:00:0b": "db01"}),
        {"nics": [{"network": "lan", "mac": "52:54:00:00:00:0b"}]},
        "MAC address 52:54:00:00:00:0b belongs to VM 'db01'",
    ),
    (state(power="running", persistent=False), DISKS, {"memory": "2GiB"}, "VM 'web01' is transient"),
    (state(SEED, power="running"), DISKS, {"cloud_init": {"enabled": False}}, "runs with its cloud-init seed"),
]


@pytest.mark.parametrize(("current", "table", "params", "why"), REFUSED)
def test_what_is_refused(current: VmState, table: Table, params: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        planned(current, table, **params)
    assert why in str(refusal.value)


REASONS: list[tuple[VmState, dict[str, Any], list[str]]] = [
    (state(), {"memory": "2GiB"}, []),
    (state(power="running"), {"memory": "1GiB", "title": "x"}, []),
    (state(power="running"), {"memory": "2GiB"}, ["memory is 1GiB and will be 2GiB"]),
    (state(power="running"), {"memory": "2GiB", "state": "restarted"}, []),
    (state(power="running"), {"memory": "2GiB", "state": "stopped"}, []),
    (state(power="running"), {"memory": "2GiB", "state": "paused"}, ["memory is 1GiB and will be 2GiB"]),
    (state(ROOT, power="running"), {"disks": [{"cache": "none"}]}, ["disk root cache is none and will be none"]),
    (state(ROOT, power="running", live=ROOT + DATA), {"disks": [{}]}, []),
    (
        state(ROOT + DATA, power="running", live=ROOT),
        {"disks": [{}, {"name": "data"}]},
        [],
    ),
    (state(ROOT, power="running"), {"disks": [{}, {"name": "new", "size": "1GiB"}]}, []),
    (
        state(ROOT, power="running"),
        {"disks": [{}, {"name": "new", "size": "1GiB"}], "apply": "next_boot"},
        ["disk new is not attached yet"],
    ),
    (
        state(ROOT, power="running"),
        {"disks": [{}, {"name": "new", "size": "1GiB", "bus": "sata"}]},
        ["disk new is not attached yet"],
    ),
    (state(NIC, power="running"), {"nics": [], "apply": "next_boot"}, ["NIC lan stays attached"]),
    (state("", power="running", live=NIC), {"nics": [], "apply": "next_boot"}, ["NIC lan stays attached"]),
    (state("", power="running", live=NIC), {}, []),
    (
        state(NIC.replace("'virtio'", "'rtl8139'"), power="running", live=""),
        {"nics": [{"network": "lan"}]},
        ["NIC lan is not attached yet"],
    ),
]


@pytest.mark.parametrize(("current", "params", "reasons"), REASONS)
def test_why_a_restart_is_needed(current: VmState, params: dict[str, Any], reasons: list[str]) -> None:
    assert planned(current, DISKS, **params).restart_required == reasons


@pytest.mark.parametrize(
    ("volumes", "params", "place"),
    [
        ((volume("root", pool="fast"),), {}, "fast/web01-fresh.qcow2"),
        ((volume("root", pool="fast"),), {"pool": "default"}, "default/web01-fresh.qcow2"),
        ((), {}, "default/web01-fresh.qcow2"),
    ],
)
def test_a_disk_that_is_added_is_beside_the_first_one(
    volumes: tuple[VolumeState, ...], params: dict[str, Any], place: str
) -> None:
    there = ROOT.replace("/pool/root", volume("root", pool="fast").path)
    plan = planned(state(there), Table(volumes=volumes), disks=[{}, {"name": "fresh", "size": "1GiB"}], **params)
    assert f"volume {place}" in plan.diff()["after"]


@pytest.mark.parametrize(
    ("origin", "wanted", "warnings"),
    [
        ("<k:template name='tiny' version='1'/>", "tiny", []),
        ("<k:template name='tiny' version='1'/>", "tiny:2", []),
        ("<k:template name='tiny' version='1'/>", None, []),
        (
            "<k:template name='tiny' version='1'/>",
            "big",
            ["it was made from template tiny; template 'big' counts only when a VM is made."],
        ),
        ("", "big", ["it was not made from a template; template 'big' counts only when a VM is made."]),
    ],
)
def test_a_vm_is_never_made_anew_for_another_template(origin: str, wanted: str | None, warnings: list[str]) -> None:
    plan = planned(state(inside=record(origin)), template=wanted)
    assert (summaries(plan), plan.warnings) == ([], warnings)


def test_growing_never_needs_to_know_more_than_the_size() -> None:
    plan = planned(state(ROOT), Table(volumes=(volume("root", 3 * GIB),)), disks=[{"size": "3GiB"}])
    assert plan.changes == []


@pytest.mark.parametrize(
    ("power", "running"), [("running", "web01"), ("paused", "web01"), ("stopped", None), ("saved", None)]
)
def test_who_has_an_image_open_is_known_to_what_makes_it_grow(power: str, running: str | None) -> None:
    plan = planned(state(ROOT, power=power), DISKS, disks=[{"size": "2GiB"}])
    assert [change for change in plan.changes if isinstance(change, ResizeVolume)] == [
        ResizeVolume("default", "root", GIB, 2 * GIB, running=running)
    ]


OWN = domain().findtext("uuid")


@pytest.mark.parametrize(("uuid", "same"), [(OWN, True), (OWN.replace("c7", "c8"), False)])
def test_a_vm_of_another_uuid_is_another_vm(uuid: str, same: bool) -> None:
    with nullcontext() if same else pytest.raises(Refused, match=f"VM 'web01' has the UUID {OWN}, not {uuid};"):
        assert summaries(planned(state(), uuid=uuid, memory="2GiB")) == [MORE]
