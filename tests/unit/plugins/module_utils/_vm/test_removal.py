# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Power and removal: the steps, and what must outlive a VM."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import read_record
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import DefineVm
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.power import plan_power
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.table import Table, domain, noted, planned, record, state, summaries, volume

STEPS: list[tuple[str, str, bool, list[str]]] = [
    ("stopped", "running", False, ["start"]),
    ("stopped", "stopped", False, []),
    ("stopped", "paused", False, ["start paused"]),
    ("stopped", "restarted", False, ["start"]),
    ("running", "running", False, []),
    ("running", "stopped", False, ["shut down"]),
    ("running", "stopped", True, ["shut down"]),
    ("running", "paused", False, ["pause"]),
    ("running", "saved", False, ["save"]),
    ("running", "restarted", False, ["shut down", "start"]),
    ("paused", "running", False, ["resume"]),
    ("paused", "paused", False, []),
    ("paused", "stopped", False, ["resume", "shut down"]),
    ("paused", "stopped", True, ["power off"]),
    ("paused", "saved", False, ["save"]),
    ("paused", "restarted", False, ["resume", "shut down", "start"]),
    ("paused", "restarted", True, ["power off", "start"]),
    ("saved", "running", False, ["start"]),
    ("saved", "stopped", False, []),
    ("saved", "saved", False, []),
    ("saved", "paused", False, ["start paused"]),
    ("saved", "restarted", False, ["start"]),
]


@pytest.mark.parametrize(("now", "wanted", "force", "steps"), STEPS)
def test_the_way_from_one_power_state_to_another(now: str, wanted: str, force: bool, steps: list[str]) -> None:
    assert [change.summary for change in plan_power("web01", now, wanted, 60, force)] == steps


def test_what_is_off_has_no_memory_to_save() -> None:
    with pytest.raises(Refused, match="is stopped and has no memory to save"):
        plan_power("web01", "stopped", "saved", 60, False)


@pytest.mark.parametrize("power", ["stopped", "running", "paused", "saved"])
def test_present_leaves_the_power_alone(power: str) -> None:
    assert planned(state(power=power)).changes == []


def disk(name: str, alias: str = "", inside: str = "") -> str:
    mark = f"<alias name='ua-{alias}'/>" if alias else ""
    return (
        f"<disk type='file' device='disk'><source file='/pool/{name}'/><target dev='vd{name[0]}'/>{inside}{mark}</disk>"
    )


ROOT, SEED = disk("root", "root"), disk("web01-seed.iso", "seed", "<readonly/>")
NAMES = ("root", "data", "web01-seed.iso", "other-seed.iso", "x.template.qcow2")
POOL = Table(volumes=tuple(volume(name) for name in NAMES))
NOTE, FORGET = "note what is to be deleted", "forget the note of what was to be deleted"
REMOVALS: list[tuple[VmState | None, dict[str, Any], list[str]]] = [
    (None, {}, []),
    (None, {"remove_disks": True}, []),
    (state(ROOT), {}, ["undefine VM"]),
    (state(ROOT, power="running"), {}, ["power off", "undefine VM"]),
    (state(ROOT, power="paused"), {}, ["power off", "undefine VM"]),
    (state(ROOT, power="saved"), {}, ["undefine VM"]),
    (
        state(ROOT, power="running"),
        {"remove_disks": True},
        [f"{NOTE} (root)", "power off", "undefine VM", "delete volume root of pool default", FORGET],
    ),
    (
        state(ROOT + SEED),
        {},
        [f"{NOTE} (web01-seed.iso)", "undefine VM", "delete volume web01-seed.iso of pool default", FORGET],
    ),
    (state(disk("other-seed.iso", "seed", "<readonly/>")), {"remove_disks": True}, ["undefine VM"]),
    (
        state(ROOT),
        {"remove_disks": True, "autostart": True, "memory": "2GiB"},
        [f"{NOTE} (root)", "undefine VM", "delete volume root of pool default", FORGET],
    ),
]


@pytest.mark.parametrize(("current", "params", "steps"), REMOVALS)
def test_the_steps_of_a_removal(current: VmState | None, params: dict[str, Any], steps: list[str]) -> None:
    assert summaries(planned(current, POOL, state="absent", **params)) == steps


def test_the_difference_of_a_removal_is_what_goes() -> None:
    diff = planned(state(ROOT, power="paused"), POOL, state="absent", remove_disks=True).diff()
    assert diff["before"] == {"state": "paused", "VM": "defined", "volume default/root": "present"}
    assert diff["after"] == {}


KEPT: list[tuple[str, dict[str, list[str]], list[str]]] = [
    (disk("root", inside="<readonly/>"), {}, ["kept /pool/root: the disk is read-only or shared."]),
    (disk("root", inside="<shareable/>"), {}, ["kept /pool/root: the disk is read-only or shared."]),
    (
        "<disk type='network' device='disk'><source protocol='nfs' name='/pool/root'/><target dev='vda'/></disk>",
        {},
        ["kept /pool/root: it is on a server."],
    ),
    (disk("unknown"), {}, ["kept /pool/unknown: it is not a volume of an active pool."]),
    (disk("x.template.qcow2"), {}, ["kept /pool/x.template.qcow2: it is the image of a template."]),
    (ROOT, {"/pool/root": ["web01", "db01", "default/top"]}, ["kept /pool/root: it is used by db01, default/top."]),
    (
        "<disk type='file' device='disk'><target dev='vda'/></disk>",
        {},
        ["kept an empty disk: it is not a volume of an active pool."],
    ),
    ("<disk type='file' device='cdrom'><source file='/pool/data'/><target dev='sda'/></disk>", {}, []),
    ("<disk type='file' device='floppy'><source file='/pool/data'/><target dev='fda'/></disk>", {}, []),
]


@pytest.mark.parametrize(("disks", "used_by", "warnings"), KEPT)
def test_what_outlives_the_vm(disks: str, used_by: dict[str, list[str]], warnings: list[str]) -> None:
    plan = planned(state(disks), Table(volumes=POOL.volumes, used_by=used_by), state="absent", remove_disks=True)
    assert plan.warnings == warnings
    assert summaries(plan) == ["undefine VM"]


def test_a_volume_that_only_the_vm_uses_goes() -> None:
    plan = planned(
        state(ROOT), Table(volumes=POOL.volumes, used_by={"/pool/root": ["web01"]}), state="absent", remove_disks=True
    )
    assert "delete volume root of pool default" in summaries(plan)
    assert plan.warnings == []


def test_the_note_lists_what_is_to_be_deleted_and_can_never_run_as_the_vm() -> None:
    plan = planned(state(ROOT + SEED), POOL, state="absent", remove_disks=True)
    note = plan.changes[0]
    assert isinstance(note, DefineVm)
    tree = parse_xml(note.xml)
    assert tree.findtext("name") == "web01~removed"
    assert read_record(tree)["unfinished"] == ["default/root", "default/web01-seed.iso"]
    assert tree.find("devices") is None


def on_its_way(source: str, destination: str, keep: str = "no") -> str:
    return record(f"<k:moving><k:move from='default/{source}' to='default/{destination}' keep='{keep}'/></k:moving>")


@pytest.mark.parametrize(
    ("moving", "going"),
    [
        # Half a copy, and what the disk came from.
        (on_its_way("root", "data"), ["data", "root"]),
        (on_its_way("data", "root"), ["data", "root"]),
        (on_its_way("data", "root", keep="yes"), ["root"]),
        (on_its_way("root", "data", keep="yes"), ["data", "root"]),
        (on_its_way("root", "gone"), ["root"]),
        # None of the VM's: somebody else has gone on with them.
        (on_its_way("data", "other-seed.iso"), ["root"]),
    ],
)
def test_what_moves_that_were_cut_off_have_left_goes_with_the_disks(moving: str, going: list[str]) -> None:
    lines = summaries(planned(state(ROOT, moving), POOL, state="absent", remove_disks=True))
    deleted = [line.split()[2] for line in lines if line.startswith("delete volume ")]
    assert sorted(deleted) == going
    assert not any("delete volume" in line for line in summaries(planned(state(ROOT, moving), POOL, state="absent")))


def test_the_copy_of_a_disk_that_others_use_by_now_is_kept() -> None:
    around = Table(volumes=POOL.volumes, used_by={"/pool/data": ["db01", "web01"]})
    plan = planned(state(ROOT, on_its_way("root", "data")), around, state="absent", remove_disks=True)
    assert plan.warnings == ["kept volume default/data of an interrupted run: it is used by db01."]
    assert "delete volume data of pool default" not in summaries(plan)


def note() -> VmState:
    return VmState("web01~removed", domain(inside=noted("default/root", "default/data"), name="web01~removed"))


DELETE = ["delete volume data of pool default", "delete volume root of pool default", FORGET]


@pytest.mark.parametrize(
    ("current", "params", "steps"),
    [
        (None, {"state": "absent"}, DELETE),
        (None, {}, [*DELETE, "define VM (1 vCPU, 1GiB, qemu)"]),
        (state(ROOT), {}, ["drop the note of a removal that was not begun"]),
        (state(ROOT), {"state": "absent"}, ["drop the note of a removal that was not begun", "undefine VM"]),
    ],
)
def test_a_removal_that_was_cut_off(current: VmState | None, params: dict[str, Any], steps: list[str]) -> None:
    assert summaries(planned(current, POOL, note(), **params)) == steps


def test_a_vm_that_was_never_finished_goes_with_what_was_made_for_it() -> None:
    plan = planned(state(inside=noted("default/web01-root.qcow2")), POOL, state="absent")
    assert summaries(plan) == ["remove what an interrupted run left: default/web01-root.qcow2"]
