# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where disks are, where they shall be, and what runs that were cut off have left: the plan that follows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._migration.around import Surroundings
from ansible_collections.kvmops.datacenter.plugins.module_utils._migration.changes import MoveDisk, MoveRunning
from ansible_collections.kvmops.datacenter.plugins.module_utils._migration.plan import plan_moves
from ansible_collections.kvmops.datacenter.plugins.module_utils._migration.spec import (
    MigrateSpec,
    migrate_options,
    migrate_specs,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import Plan
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.state import Backing, VolumeState
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB, MIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState

from tests.unit.plugins.module_utils._vm.table import Table, noted, record, state, summaries, volume

BELOW = Backing("/pool/tiny+1.template.qcow2", "qcow2")
ROOT = replace(volume("web01-root.qcow2"), allocation=5 * MIB, backing=BELOW)
DATA = volume("web01-data.raw", kind="raw")
TINY = replace(volume("tiny+1.template.qcow2"), allocation=30 * MIB)
COPY = volume("web01-root.qcow2", pool="fast")


@dataclass
class Host(Table, Surroundings):
    """What plans for moves may ask besides."""

    volumes: tuple[VolumeState, ...] = (ROOT, DATA, TINY)
    snapshots: bool = False
    saved: bool = False
    jobs: tuple[str, ...] = ()
    local: bool = True
    promised: dict[str, int] = field(default_factory=dict)

    def promise(self, pool: str, size: int) -> int:
        self.promised[pool] = self.promised.get(pool, 0) + size
        return self.promised[pool]

    def has_snapshots(self, vm: str) -> bool:
        return self.snapshots

    def is_saved(self, vm: str) -> bool:
        return self.saved

    def has_job(self, vm: str, target: str) -> bool:
        return target in self.jobs

    def is_here(self, path: str) -> bool:
        return self.local


def disk(name: str, path: str, kind: str = "qcow2", target: str = "vda", inside: str = "", where: str = "file") -> str:
    source = f"<source file='{path}'/>" if path else ""
    parts = f"<driver name='qemu' type='{kind}'/>{source}<target dev='{target}' bus='virtio'/>{inside}"
    return f"<disk type='{where}' device='disk'>{parts}<alias name='ua-{name}'/></disk>"


def mirror(path: str, kind: str = "qcow2") -> str:
    return f"<mirror type='file' job='copy'><format type='{kind}'/><source file='{path}'/></mirror>"


def moving(*notes: tuple[str, str], keep: str = "no") -> str:
    moves = "".join(f"<k:move from='{source}' to='{to}' keep='{keep}'/>" for source, to in notes)
    return record(f"<k:moving>{moves}</k:moving>")


ROOT_DISK, DATA_DISK = disk("root", ROOT.path), disk("data", DATA.path, "raw", "vdb")
MOVED = disk("root", COPY.path)
SLICED = ROOT_DISK.replace(
    f"<source file='{ROOT.path}'/>",
    f"<source file='{ROOT.path}'><slices><slice type='storage' offset='0' size='512'/></slices></source>",
)
COPYING = disk("root", ROOT.path, inside=mirror(COPY.path))
NOTE = ("default/web01-root.qcow2", "fast/web01-root.qcow2")
TO_FAST = {"disk": "root", "pool": "fast"}


def planned(current: VmState, around: Host | None = None, *moves: dict[str, Any], **options: Any) -> Plan:
    return plan_moves(spec(*moves or (TO_FAST,), **options), current, around or Host())


def spec(*moves: dict[str, Any], **options: Any) -> MigrateSpec:
    entries = migrate_options()["move_disks"]["options"]
    full = [{name: move.get(name, entry.get("default")) for name, entry in entries.items()} for move in moves]
    params = {"name": "web01", "names": None, "bandwidth": None, "timeout": 600, "move_disks": full, **options}
    return migrate_specs(params)[0]


def running(devices: str = ROOT_DISK + DATA_DISK, inside: str = "", live: str | None = None) -> VmState:
    return state(devices, inside, power="running", live=live)


LIVE, OFF = "while it runs", "while it is stopped"
DELETE = "delete volume web01-root.qcow2 of pool default"
DROP = "delete volume web01-root.qcow2 of pool fast"
FORGET = "forget that a disk was being moved to fast/web01-root.qcow2"
WAY = "move disk root default/web01-root.qcow2 -> fast/web01-root.qcow2"
LINKED = f"{WAY} (qcow2 on {BELOW.path}, {LIVE})"
RAW = "move disk data default/web01-data.raw -> fast/web01-data.raw"
THERE = (COPY, DATA, TINY)
BOTH = (ROOT, COPY, DATA, TINY)

PLANS: dict[str, tuple[VmState, Host, list[dict[str, Any]], list[str]]] = {
    "running": (running(), Host(), [TO_FAST], [LINKED, DELETE]),
    "paused": (state(ROOT_DISK, power="paused"), Host(), [TO_FAST], [LINKED, DELETE]),
    "stopped": (state(ROOT_DISK), Host(), [TO_FAST], [LINKED.replace(LIVE, OFF), DELETE]),
    "by its target": (running(), Host(), [{"disk": "vda", "pool": "fast"}], [LINKED, DELETE]),
    "of a foreign VM, its first disk": (
        state(ROOT_DISK.replace("<alias name='ua-root'/>", "")),
        Host(),
        [TO_FAST],
        [LINKED.replace(LIVE, OFF).replace("disk root", "disk vda"), DELETE],
    ),
    "flattened": (running(), Host(), [{**TO_FAST, "flatten": True}], [f"{WAY} (qcow2, {LIVE})", DELETE]),
    "converted": (
        running(),
        Host(),
        [{**TO_FAST, "format": "raw"}],
        [f"{WAY.replace('fast/web01-root.qcow2', 'fast/web01-root.raw')} (raw, {LIVE})", DELETE],
    ),
    "converted where it is": (
        running(),
        Host(),
        [{"disk": "data", "pool": "default", "format": "qcow2"}],
        [
            f"move disk data default/web01-data.raw -> default/web01-data.qcow2 (qcow2, {LIVE})",
            "delete volume web01-data.raw of pool default",
        ],
    ),
    "the old one kept": (running(), Host(), [{**TO_FAST, "keep_source": True}], [LINKED]),
    "there already": (running(MOVED), Host(volumes=THERE), [TO_FAST], []),
    "there already, as what it shall be": (running(MOVED), Host(volumes=THERE), [{**TO_FAST, "format": "qcow2"}], []),
    "all": (
        running(),
        Host(),
        [{"pool": "fast"}],
        [LINKED, DELETE, f"{RAW} (raw, {LIVE})", "delete volume web01-data.raw of pool default"],
    ),
    "all others": (
        running(),
        Host(),
        [{"pool": "fast"}, {"disk": "root", "pool": "default"}],
        [f"{RAW} (raw, {LIVE})", "delete volume web01-data.raw of pool default"],
    ),
    "all that can be": (
        running(
            disk("a", DATA.path, inside="<readonly/>")
            + disk("b", DATA.path, inside="<shareable/>")
            + disk("c", DATA.path, inside="<transient/>")
            + disk("d", "")
            + disk("e", "/elsewhere/e.qcow2")
            + disk("f", DATA.path, inside="<encryption format='luks'/>")
            + disk("g", DATA.path, where="network")
        ),
        Host(),
        [{"pool": "fast"}],
        [],
    ),
    "cut off before the volume": (running(inside=moving(NOTE)), Host(), [TO_FAST], [DROP, FORGET, LINKED, DELETE]),
    "cut off before the copy": (
        running(inside=moving(NOTE)),
        Host(volumes=BOTH),
        [TO_FAST],
        [DROP, FORGET, LINKED, DELETE],
    ),
    "cut off in the copy": (
        running(inside=moving(NOTE), live=COPYING),
        Host(volumes=BOTH, jobs=("vda",)),
        [TO_FAST],
        [f"{WAY} (qcow2, {LIVE}, as begun by an interrupted run)", DELETE],
    ),
    "cut off in the copy, the old one kept": (
        running(inside=moving(NOTE, keep="yes"), live=COPYING),
        Host(volumes=BOTH),
        [TO_FAST],
        [f"{WAY} (qcow2, {LIVE}, as begun by an interrupted run)"],
    ),
    "cut off in the copy, and stopped since": (
        state(ROOT_DISK, moving(NOTE)),
        Host(volumes=BOTH),
        [TO_FAST],
        [DROP, FORGET, LINKED.replace(LIVE, OFF), DELETE],
    ),
    "cut off in the copy, and now wanted elsewhere": (
        running(inside=moving(NOTE)),
        Host(volumes=BOTH, pools={"default": "/pool", "fast": "/fast", "third": "/third"}),
        [{"disk": "root", "pool": "third"}],
        [DROP, FORGET, LINKED.replace("-> fast", "-> third"), DELETE],
    ),
    "cut off in the copy, and now wanted where it was": (
        running(inside=moving(NOTE)),
        Host(volumes=BOTH),
        [{"disk": "root", "pool": "default"}],
        [DROP, FORGET],
    ),
    "cut off before the configuration": (
        running(ROOT_DISK, moving(NOTE), live=MOVED),
        Host(volumes=BOTH),
        [TO_FAST],
        ["write into the configuration that disk root is on fast/web01-root.qcow2", DELETE],
    ),
    "cut off before the old one was deleted": (running(MOVED, moving(NOTE)), Host(volumes=BOTH), [TO_FAST], [DELETE]),
    "cut off before it was forgotten": (running(MOVED, moving(NOTE)), Host(volumes=THERE), [TO_FAST], [FORGET]),
    "cut off, and the old one now kept": (
        running(MOVED, moving(NOTE)),
        Host(volumes=BOTH),
        [{**TO_FAST, "keep_source": True}],
        [FORGET],
    ),
    "cut off, when the old one was to be kept": (
        running(MOVED, moving(NOTE, keep="yes")),
        Host(volumes=BOTH),
        [TO_FAST],
        [FORGET],
    ),
    "the copy has become another disk": (
        state(ROOT_DISK + disk("more", COPY.path, target="vdc"), moving(NOTE)),
        Host(volumes=BOTH),
        [{"disk": "root", "pool": "default"}],
        [FORGET],
    ),
    "neither is a disk any more": (
        running(DATA_DISK, moving(NOTE)),
        Host(volumes=BOTH),
        [{"pool": "default"}],
        [FORGET],
    ),
    "the move of another disk is left to whoever names it": (
        running(inside=moving(NOTE)),
        Host(volumes=BOTH),
        [{"disk": "data", "pool": "default"}],
        [],
    ),
}


@pytest.mark.parametrize(("current", "around", "moves", "lines"), PLANS.values(), ids=PLANS)
def test_the_plan(current: VmState, around: Host, moves: list[dict[str, Any]], lines: list[str]) -> None:
    assert summaries(planned(current, around, *moves)) == lines


REFUSALS: dict[str, tuple[VmState, Host, dict[str, Any], str]] = {
    "no such disk": (running(), Host(), {"disk": "x", "pool": "fast"}, "has no disk 'x'; it has root, data."),
    "no disk at all": (running(""), Host(), TO_FAST, "has no disk 'root'; it has none."),
    "a drive": (
        state("<disk type='file' device='cdrom'><target dev='sda'/></disk>"),
        Host(),
        {"disk": "sda", "pool": "fast"},
        "sda is a CD-ROM drive, which is not moved",
    ),
    "the seed": (
        state(disk("seed", DATA.path, inside="<readonly/>")),
        Host(),
        {"disk": "seed", "pool": "fast"},
        "seed is the seed of cloud-init, which is not moved",
    ),
    "no such pool": (running(), Host(), {"disk": "root", "pool": "x"}, "Pool 'x' does not exist"),
    "a type without volumes": (running(), Host(types={"fast": "iscsi"}), TO_FAST, "no volumes are made in pool 'fast'"),
    "a format that is not taken": (
        running(),
        Host(types={"fast": "logical"}),
        TO_FAST,
        "cannot be qcow2: the volumes of",
    ),
    "a pool at no path": (
        running(),
        Host(types={"fast": "rbd"}, pools={"default": "/pool", "fast": ""}),
        {"disk": "data", "pool": "fast"},
        "pool 'fast' has no path on this host",
    ),
    "a format that is not made": (
        state(disk("root", ROOT.path, "vmdk")),
        Host(),
        TO_FAST,
        "disk root is vmdk, and new volumes are qcow2 or raw; say its 'format'",
    ),
    "too little space": (running(), Host(free=4 * MIB), TO_FAST, r"needs 5MiB in pool 'fast', which .* \(4MiB\); free"),
    "too little space for all below": (
        running(),
        Host(free=34 * MIB),
        {**TO_FAST, "flatten": True},
        r"needs 35MiB in pool 'fast', which has too little free \(34MiB\)",
    ),
    "too little space for a raw disk": (
        running(),
        Host(free=GIB - 1),
        {"disk": "data", "pool": "fast"},
        "needs 1GiB in",
    ),
    "too little space for both": (
        running(),
        Host(free=GIB),
        {"pool": "fast"},
        "disk data needs 1GiB in pool 'fast', which has too little free with the others of this run",
    ),
    "the name is taken": (
        running(),
        Host(volumes=BOTH),
        TO_FAST,
        "volume 'web01-root.qcow2' is already in pool 'fast'",
    ),
    "read-only": (
        state(disk("root", ROOT.path, inside="<readonly/>")),
        Host(),
        TO_FAST,
        "disk root is read-only, and is",
    ),
    "shared": (state(disk("root", ROOT.path, inside="<shareable/>")), Host(), TO_FAST, "is shared by several VMs"),
    "transient disk": (
        state(disk("root", ROOT.path, inside="<transient/>")),
        Host(),
        TO_FAST,
        "forgets what is written",
    ),
    "on a server": (state(disk("root", ROOT.path, where="network")), Host(), TO_FAST, "disk root is on a server"),
    "empty": (state(disk("root", "")), Host(), TO_FAST, "disk root has no image"),
    "part": (state(SLICED), Host(), TO_FAST, "disk root is a part of an image"),
    "encrypted": (
        state(
            disk("root", "").replace("<target", "<source file='/pool/x'><encryption format='luks'/></source><target")
        ),
        Host(),
        TO_FAST,
        "disk root is encrypted",
    ),
    "unknown to pools": (state(disk("root", "/x/y")), Host(), TO_FAST, "is on /x/y, of which no active pool knows"),
    "snapshots": (running(), Host(snapshots=True), TO_FAST, "while the VM has snapshots or checkpoints; delete them"),
    "saved": (state(ROOT_DISK, power="saved"), Host(saved=True), TO_FAST, "while the memory of the VM is saved; start"),
    "another job": (running(), Host(jobs=("vda",)), TO_FAST, "is being copied or merged by something else"),
    "another copy": (
        running(inside=moving(NOTE), live=disk("root", ROOT.path, inside=mirror("/elsewhere")) + DATA_DISK),
        Host(volumes=BOTH, jobs=("vda",)),
        TO_FAST,
        "is being copied or merged by something else",
    ),
    "its copy goes on to elsewhere": (
        running(inside=moving(NOTE), live=COPYING),
        Host(volumes=BOTH),
        {"disk": "root", "pool": "default"},
        r"is being copied to fast/web01-root.qcow2 \(qcow2\) .*virsh blockjob web01 vda --abort",
    ),
    "its copy goes on as something else": (
        running(inside=moving(NOTE), live=COPYING),
        Host(volumes=BOTH),
        {**TO_FAST, "format": "raw"},
        "is being copied to fast/web01-root.qcow2",
    ),
    "running on something else": (
        running(live=MOVED),
        Host(volumes=BOTH),
        TO_FAST,
        "is another in the running VM than in",
    ),
    "not plugged in": (running(live=""), Host(), TO_FAST, "is another in the running VM than in its configuration"),
    "linked, stopped, far away": (
        state(ROOT_DISK),
        Host(local=False),
        TO_FAST,
        "run the module on its host, or say 'flat",
    ),
    "transient VM": (state(ROOT_DISK, power="running", persistent=False), Host(), TO_FAST, "VM 'web01' is transient"),
    "unfinished VM": (
        state(inside=noted("default/x")),
        Host(),
        TO_FAST,
        "was not finished when it was made; run kvm_vm",
    ),
}


@pytest.mark.parametrize(("current", "around", "move", "words"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_refused(current: VmState, around: Host, move: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        planned(current, around, move)


def test_a_disk_that_is_named_in_two_ways_has_one_place() -> None:
    with pytest.raises(Refused, match="disk root is named twice in move_disks"):
        planned(running(), None, TO_FAST, {"disk": "vda", "pool": "default"})


USED = "kept volume default/web01-root.qcow2, which its disk came from: it is used by db01, default/copy."


@pytest.mark.parametrize(
    ("current", "around", "warning"),
    [
        (running(), Host(used_by={ROOT.path: ["db01", "default/copy", "web01"]}), USED),
        (running(MOVED, moving(NOTE)), Host(volumes=BOTH, used_by={ROOT.path: ["db01", "default/copy"]}), USED),
        (
            running(disk("root", TINY.path)),
            Host(),
            "kept volume default/tiny+1.template.qcow2, which its disk came from: it is the image of a template.",
        ),
    ],
)
def test_what_others_need_is_kept(current: VmState, around: Host, warning: str) -> None:
    plan = planned(current, around)
    assert plan.warnings == [warning]
    assert not any("delete" in line for line in summaries(plan))
    assert all(change.move.keep for change in plan.changes if isinstance(change, MoveDisk)), "and forgotten at once"


def test_a_half_copy_that_others_use_by_now_is_kept() -> None:
    around = Host(volumes=BOTH, used_by={COPY.path: ["db01"]})
    plan = planned(running(inside=moving(NOTE)), around, {"disk": "root", "pool": "default"})
    assert summaries(plan) == [FORGET]
    assert plan.warnings == ["kept volume fast/web01-root.qcow2 of an interrupted run: it is used by db01."]


def test_what_is_carried_out_is_what_was_read() -> None:
    change = planned(running(), None, bandwidth="100MiB", timeout=5).changes[0]
    assert isinstance(change, MoveRunning)
    assert (change.bandwidth, change.timeout, change.move.capacity, change.move.backing) == (100 * MIB, 5, GIB, BELOW)
    assert (change.move.target, change.move.kind) == ("vda", "file")
    block = planned(running(), Host(block=("fast",)), {"disk": "data", "pool": "fast"}).changes[0]
    assert isinstance(block, MoveRunning)
    assert block.move.kind == "block"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"bandwidth": "100MB"}, "bandwidth '100MB' has no binary unit"),
        ({"timeout": 0}, "timeout 0 is out of range"),
        ({"name": "a/b"}, "VM name 'a/b' cannot be used"),
        ({"name": None, "names": ["a", ".b"]}, "VM name '.b' cannot be used"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        spec(TO_FAST, **options)


@pytest.mark.parametrize(
    ("moves", "words"),
    [
        ([{"pool": "a"}, {"pool": "b"}], "two entries without a disk"),
        ([{"disk": "root", "pool": "a"}, {"disk": "root", "pool": "b"}], "two entries for disk 'root'"),
        ([{"disk": "root", "pool": "a/b"}], "Pool name 'a/b' cannot be used"),
    ],
)
def test_moves_that_contradict_each_other(moves: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(Refused, match=words):
        spec(*moves)


def test_a_vm_that_is_named_twice_is_one() -> None:
    params = {"name": None, "names": ["a", "b", "a"], "bandwidth": 3, "timeout": 1, "move_disks": []}
    assert [(one.name, one.bandwidth) for one in migrate_specs(params)] == [("a", 3 * MIB), ("b", 3 * MIB)]
