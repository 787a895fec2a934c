# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a VM's disks to the pools in which they are wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._errors import NotFound, Refused
from .._plan import Change, Plan
from .._storage.changes import DeleteVolume
from .._storage.state import VolumeState
from .._storage.users import chain
from .._template.library import IMAGE
from .._units import MIB, format_size
from .._values import dataclass
from .._vm.devices.device import Wanted, name_of
from .._vm.devices.disk import Disk, format_of, source_of, target_of
from .._vm.disks import check_free_name, volume_of
from .._vm.leftovers import noted_volume, ownerless
from .._vm.state import VmState
from .._vm.ways.way import new_place
from .._xml import Path
from .around import Surroundings
from .changes import DropOld, ForgetMove, Move, MoveDisk, MoveRunning, MoveStopped, Rewrite
from .copying import mirror_of
from .spec import FORMATS, DiskMove, MigrateSpec

_DRIVES = {"cdrom": "a CD-ROM drive", "floppy": "a floppy drive"}


@dataclass(frozen=True)
class Task:
    """A disk that is to be moved: as it is configured, and as the VM runs with it, if it does."""

    spec: MigrateSpec
    move: DiskMove
    name: str
    node: Any
    live: Any | None
    active: bool

    @property
    def what(self) -> str:
        """Return what the disk is called where it is refused."""
        return f"VM '{self.spec.name}': disk {self.name}"

    @property
    def now(self) -> Any:
        """Return the element that says on which image the disk is."""
        return self.node if self.live is None else self.live


def plan_moves(spec: MigrateSpec, state: VmState, around: Surroundings) -> Plan:
    """Return the plan of one VM: pure but for what `around` is asked."""
    plan = Plan(spec.name)
    _check_vm(spec.name, state)
    for task in _tasks(spec, state):
        volume = _volume(task, around)
        if volume is not None:
            plan.changes += _steps(task, volume, state, around, plan)
    plan.changes += _stale(state, around)
    return plan


def _check_vm(vm: str, state: VmState) -> None:
    if not state.persistent:
        raise Refused(f"VM '{vm}' is transient, so no definition would tell where its disks are; move them elsewhere.")
    if "unfinished" in state.record:
        raise Refused(f"VM '{vm}' was not finished when it was made; run kvm_vm or kvm_fleet for it first.")


def _tasks(spec: MigrateSpec, state: VmState) -> Iterator[Task]:
    """Go through the disks that are named, and then through all others if an entry stands for them."""
    nodes = Disk.nodes(state.config)
    running = Disk.nodes(state.live) if state.active else []
    lives = {Disk.name_at(node): node for node in running}
    taken: list[Any] = []
    for move in sorted(spec.moves, key=lambda move: move.disk is None):
        found = [_named(spec.name, move.disk, nodes, state)] if move.disk else [n for n in nodes if n not in taken]
        for node in found:
            name = Disk.name_at(node)
            if node in taken:
                raise Refused(f"VM '{spec.name}': disk {name} is named twice in move_disks; say one pool for it.")
            taken.append(node)
            yield Task(spec, move, name, node, lives.get(name), state.active)


def _named(vm: str, name: str, nodes: Sequence[Any], state: VmState) -> Any:
    node = Disk.recognise(nodes, [Wanted(name)]).get(name)
    if node is not None:
        return node
    others = (node for node in state.config.iterfind("devices/disk") if node not in nodes)
    other = next((node for node in others if name in (target_of(node), name_of(node, ""))), None)
    if other is not None:
        what = {"cdrom": "a CD-ROM drive", "floppy": "a floppy drive"}.get(
            other.get("device"), "the seed of cloud-init"
        )
        raise Refused(f"VM '{vm}': {name} is {what}, which is not moved; say another medium with kvm_vm.")
    has = f"it has {', '.join(map(Disk.name_at, nodes))}" if nodes else "it has none"
    raise NotFound(f"VM '{vm}' has no disk '{name}'; {has}.")


def _fixed(node: Any) -> str:
    """Return why a disk is not moved whatever is asked, or ""."""
    reasons = {
        "is read-only": node.find("readonly") is not None,
        "is shared by several VMs": node.find("shareable") is not None,
        "forgets what is written to it": node.find("transient") is not None,
        "is encrypted": node.find(".//encryption") is not None,
        "is on a server": node.get("type") == "network",
        "is a part of an image": node.find("source/slices") is not None,
        "has no image": not source_of(node),
    }
    return next((reason for reason, true in reasons.items() if true), "")


def _volume(task: Task, around: Surroundings) -> VolumeState | None:
    """Return the volume that a disk is on; Refused where it cannot be moved, or None where nobody has named it."""
    reason = _fixed(task.node)
    volume = None if reason else volume_of(task.now, around)
    if volume is None and not reason:
        reason = f"is on {source_of(task.now)}, of which no active pool knows"
    if reason and task.move.disk:
        raise Refused(
            f"{task.what} {reason}, and is not moved; writable disks on volumes of active pools are, so name only such."
        )
    return None if reason else volume


def _place(volume: VolumeState) -> str:
    return f"{volume.pool}/{volume.name}"


def _steps(task: Task, volume: VolumeState, state: VmState, around: Surroundings, plan: Plan) -> list[Change]:
    """Return what is left of an earlier move of a disk, and then how it comes where it is wanted."""
    steps = _settled(task, volume, state, around)
    going: list[str] = []
    for note in _notes(state, volume):
        if note["destination"] == _place(volume):
            steps += _behind(task, note, around, plan)
        elif _goes_on(task, note, around):
            return [*steps, *_continued(task, note, volume, around, plan)]
        else:
            left = _half_made(note, state, around, plan)
            steps += [*map(DeleteVolume.at, left), ForgetMove(task.spec.name, note["destination"])]
            going += left
    if _is_there(task, volume):
        return steps
    return [*steps, *_moved(task, volume, going, around, plan)]


def _settled(task: Task, volume: VolumeState, state: VmState, around: Surroundings) -> list[Change]:
    """Return how a configuration follows a running VM that an interrupted run has moved; Refused where they differ for
    another reason.
    """
    if not task.active:
        return []
    there = volume_of(task.node, around)
    if task.live is not None and there is not None and there.path == volume.path:
        return []
    for note in state.record.get("moving") or ():
        if there is not None and (note["source"], note["destination"]) == (_place(there), _place(volume)):
            return [Rewrite(_as_noted(task, note, format_of(task.now), around))]
    raise Refused(f"{task.what} is another in the running VM than in its configuration; restart the VM first.")


def _as_noted(task: Task, note: Mapping[str, Any], kind: str, around: Surroundings) -> Move:
    pool, _slash, name = note["destination"].partition("/")
    target = target_of(task.now)
    return Move(task.spec.name, task.name, target, note["source"], pool, name, kind, around.disk_kind(pool))


def _notes(state: VmState, volume: VolumeState) -> list[Mapping[str, Any]]:
    """Return what is noted of moves of the disk that is on a volume."""
    notes = state.record.get("moving") or ()
    return [note for note in notes if _place(volume) in (note["source"], note["destination"])]


def _behind(task: Task, note: Mapping[str, Any], around: Surroundings, plan: Plan) -> list[Change]:
    """Return what is left to do where an earlier run has moved the disk, and was cut off then."""
    vm, source, destination = task.spec.name, note["source"], note["destination"]
    old = noted_volume(source, around)
    kept = task.move.keep_source or note.get("keep")
    if not kept and old is not None and _may_go(vm, old, around, plan):
        return [DropOld(vm, source, destination)]
    return [ForgetMove(vm, destination)]


def _may_go(vm: str, old: VolumeState, around: Surroundings, plan: Plan) -> bool:
    """Return whether the volume that a disk came from may be deleted; `plan` warns where it may not."""
    others = [user for user in around.users(old.path) if user != vm]
    reason = f"it is used by {', '.join(others)}" if others else ""
    reason = "it is the image of a template" if old.name.endswith(IMAGE) else reason
    if reason:
        plan.warnings.append(f"kept volume {_place(old)}, which its disk came from: {reason}.")
    return not reason


def _goes_on(task: Task, note: Mapping[str, Any], around: Surroundings) -> bool:
    """Return whether QEMU still copies the disk as an earlier run has told it."""
    mirror = mirror_of(task.live) if task.live is not None else ""
    copy = noted_volume(note["destination"], around) if mirror else None
    return copy is not None and copy.path == mirror


def _continued(
    task: Task, note: Mapping[str, Any], volume: VolumeState, around: Surroundings, plan: Plan
) -> list[Change]:
    """Return how a copy that goes on is finished; Refused where another is wanted."""
    kind = Path("mirror/format/@type").get(task.live) or ""
    keep = task.move.keep_source or bool(note.get("keep"))
    move = replace(_as_noted(task, note, kind, around), keep=keep)
    if move.pool != task.move.pool or (task.move.format or kind) != kind:
        raise Refused(
            f"{task.what} is being copied to {move.destination} ({kind}) since an earlier run; let that be finished by "
            f"saying so, or cancel it on the host (virsh blockjob {task.spec.name} {move.target} --abort)."
        )
    return _with_old(MoveRunning(move, task.spec.bandwidth, task.spec.timeout, goes_on=True), volume, around, plan)


def _with_old(change: MoveDisk, volume: VolumeState, around: Surroundings, plan: Plan) -> list[Change]:
    """Return a move, and what becomes of the volume that the disk comes from."""
    move = change.move
    if move.keep or not _may_go(move.vm, volume, around, plan):
        return [replace(change, move=replace(move, keep=True))]
    return [change, DropOld(move.vm, move.source, move.destination)]


def _half_made(note: Mapping[str, Any], state: VmState, around: Surroundings, plan: Plan) -> list[str]:
    """Return the volume that was to be a copy, if it is nobody's."""
    return [] if _is_own(state, note, around) else ownerless(state.name, [note["destination"]], around, plan)


def _is_own(state: VmState, note: Mapping[str, Any], around: Surroundings) -> bool:
    """Return whether a volume that was to be a copy has become another disk of the VM."""
    copy = noted_volume(note["destination"], around)
    trees = [state.config] if state.live is None else [state.config, state.live]
    disks = (node for tree in trees for node in tree.iterfind("devices/disk"))
    on = [volume_of(node, around) for node in disks if source_of(node)]
    return copy is not None and any(volume is not None and volume.path == copy.path for volume in on)


def _is_there(task: Task, volume: VolumeState) -> bool:
    """Return whether a disk is where, and what, it shall be."""
    return task.move.pool == volume.pool and task.move.format in (None, format_of(task.now) or "raw")


def _moved(task: Task, volume: VolumeState, going: Sequence[str], around: Surroundings, plan: Plan) -> list[Change]:
    """Return how a disk is moved; Refused where it cannot be."""
    _check_idle(task, around)
    kind = format_of(task.now) or "raw"
    wanted = task.move.format or kind
    if wanted not in FORMATS:
        raise Refused(f"{task.what} is {wanted}, and new volumes are {' or '.join(FORMATS)}; say its 'format'.")
    pool, name = task.move.pool, _renamed(volume.name, kind, wanted)
    new_place(task.what, pool, wanted, around)
    check_free_name(task.spec.name, pool, name, around, going)
    backing = volume.backing if (kind, wanted) == ("qcow2", "qcow2") and not task.move.flatten else None
    _check_space(task, pool, _need(volume, wanted, backing is not None, around), around)
    place = (task.spec.name, task.name, target_of(task.now), _place(volume), pool, name, wanted)
    move = Move(*place, around.disk_kind(pool), volume.capacity, backing, task.move.keep_source)
    if task.active:
        return _with_old(MoveRunning(move, task.spec.bandwidth, task.spec.timeout), volume, around, plan)
    if backing and not around.is_here(volume.path):
        raise Refused(
            f"{task.what} is stopped and stands on {backing.path}; run the module on its host, or say 'flatten: true'."
        )
    return _with_old(MoveStopped(move), volume, around, plan)


def _check_idle(task: Task, around: Surroundings) -> None:
    """Refuse what a move would break, or libvirt would not do."""
    vm = task.spec.name
    if around.has_snapshots(vm):
        raise Refused(f"{task.what} is not moved while the VM has snapshots or checkpoints; delete them first.")
    if not task.active and around.is_saved(vm):
        raise Refused(f"{task.what} is not moved while the memory of the VM is saved; start the VM, or shut it down.")
    if task.active and around.has_job(vm, target_of(task.now)):
        raise Refused(f"{task.what} is being copied or merged by something else; let that end first (virsh blockjob).")


def _renamed(name: str, kind: str, wanted: str) -> str:
    """Return the name of the new volume: that of the old one, whose ending follows the format."""
    ending = f".{kind}"
    return name[: -len(ending)] + f".{wanted}" if name.endswith(ending) else name


def _need(volume: VolumeState, wanted: str, shallow: bool, around: Surroundings) -> int:
    """Return the bytes that a copy takes: a raw one all of them, as the guest may write them at any time."""
    if wanted == "raw":
        return volume.capacity
    if shallow:
        return volume.allocation
    volumes = {known.path: known for known in (volume, *around.all_volumes())}
    below = {path: known.backing.path for path, known in volumes.items() if known.backing}
    return sum(volumes[path].allocation for path in chain(volume.path, below) if path in volumes)


def _check_space(task: Task, pool: str, need: int, around: Surroundings) -> None:
    free, promised = around.pool_free(pool), around.promise(pool, need)
    if free < promised:
        others = " with the others of this run" if promised > need else ""
        raise Refused(
            f"{task.what} needs {format_size(-(-need // MIB) * MIB)} in pool '{pool}', which has too little free"
            f"{others} ({format_size(free // MIB * MIB)}); free space, or choose another pool."
        )


def _stale(state: VmState, around: Surroundings) -> list[Change]:
    """Return how moves are forgotten of which the VM has neither volume any more."""
    notes = state.record.get("moving")
    if not notes:
        return []
    trees = [state.config] if state.live is None else [state.config, state.live]
    volumes = (volume_of(node, around) for tree in trees for node in Disk.nodes(tree) if source_of(node))
    there = {_place(volume) for volume in volumes if volume is not None}
    gone = [note for note in notes if not there & {note["source"], note["destination"]}]
    return [ForgetMove(state.name, note["destination"]) for note in gone]
