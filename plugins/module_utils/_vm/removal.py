# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing a VM: undefined first and seen to be gone, then the volumes that were asked for, and never one that
anything else needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._libs import etree
from .._metadata import edit_record
from .._plan import Change, Plan
from .._storage.changes import DeleteVolume
from .._storage.state import VolumeState
from .._template.library import IMAGE
from .._values import dataclass
from .._xml import to_xml
from .changes import DefineVm, Undefine
from .devices.disk import Disk, source_of
from .disks import seed_volume
from .first_boot import payload_paths
from .ignition import ignition_volume
from .install.noted import volumes_of
from .leftovers import forget_note, noted_volume, ownerless
from .power import PowerOff
from .spec import NOTE_SUFFIX, VmSpec
from .state import VmState
from .surroundings import Surroundings


@dataclass(frozen=True)
class NoteRemoval(DefineVm):
    """Note which volumes go with a VM; that is nothing of the VM, and is told in the plan alone."""

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return no difference."""
        return (self.what, None, None)


@dataclass(frozen=True)
class SwitchOff(PowerOff):
    """Switch off a VM that is to go: no state follows."""

    power: str

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the state that it was in."""
        return ("state", self.power, None)


def plan_removal(spec: VmSpec, state: VmState, around: Surroundings, plan: Plan) -> None:
    """Put into `plan` how a VM is removed, and warnings about volumes that are kept.

    A note (a definition without disks, of another name) lists the volumes before the VM is undefined, so that a run
    that is cut off
    in between is finished by the next.
    """
    volumes = [*_own_volumes(spec, state, around)]
    if spec.remove_disks:
        volumes += _disk_volumes(spec, state, around, plan)
        volumes += _half_moved(spec.name, state, around, plan)
    if volumes:
        plan.changes.append(_note(spec.name, state, volumes))
    if state.active:
        plan.changes.append(SwitchOff(spec.name, state.power))
    plan.changes.append(Undefine(spec.name))
    plan.changes += [DeleteVolume(volume.pool, volume.name) for volume in volumes]
    if volumes:
        plan.changes.append(forget_note(spec.name + NOTE_SUFFIX))


def _own_volumes(spec: VmSpec, state: VmState, around: Surroundings) -> list[VolumeState]:
    """Return the volumes of seed, Ignition configuration and installer, which the collection made for this VM
    alone.
    """
    volumes = map(around.volume_at, payload_paths(state.config))
    own = (seed_volume(spec.name), ignition_volume(spec.name))
    installer = (noted_volume(place, around) for place in volumes_of(state.record.get("installation") or {}))
    return [*(volume for volume in volumes if volume and volume.name in own), *filter(None, installer)]


def _disk_volumes(spec: VmSpec, state: VmState, around: Surroundings, plan: Plan) -> Iterator[VolumeState]:
    for node in Disk.nodes(state.config):
        path = source_of(node)
        volume = around.volume_at(path) if path else None
        reason = _reason_to_keep(spec.name, node, path, volume, around)
        if reason:
            plan.warnings.append(f"kept {path or 'an empty disk'}: {reason}.")
        elif volume:
            yield volume


def _half_moved(vm: str, state: VmState, around: Surroundings, plan: Plan) -> Iterator[VolumeState]:
    """Go through what moves that were cut off have left beside the disks: half a copy, or what a disk came from."""
    moves = state.record.get("moving") or ()
    disks = map(around.volume_at, filter(None, map(source_of, Disk.nodes(state.config)))) if moves else ()
    on = {f"{volume.pool}/{volume.name}" for volume in disks if volume}
    ends = {move["source"]: move["destination"] for move in moves}
    ends.update({move["destination"]: move["source"] for move in moves if not move.get("keep")})
    left = [other for place, other in ends.items() if place in on and other not in on]
    for place in ownerless(vm, left, around, plan):
        volume = noted_volume(place, around)
        if volume:
            yield volume


def _reason_to_keep(vm: str, node: Any, path: str, volume: VolumeState | None, around: Surroundings) -> str:
    """Return why a disk's volume must outlive the VM, or "" where it may go."""
    if node.find("readonly") is not None or node.find("shareable") is not None:
        return "the disk is read-only or shared"
    if node.get("type") == "network":
        # What it is called there may be the path of another image here.
        return "it is on a server"
    if volume is None:
        return "it is not a volume of an active pool"
    if volume.name.endswith(IMAGE):
        return "it is the image of a template"
    users = [user for user in around.users(path) if user != vm]
    return f"it is used by {', '.join(users)}" if users else ""


def _note(vm: str, state: VmState, volumes: list[VolumeState]) -> Change:
    tree = etree.Element("domain", {"type": state.config.get("type")})
    etree.SubElement(tree, "name").text = vm + NOTE_SUFFIX
    etree.SubElement(tree, "title").text = f"Not a VM: volumes of {vm} that are to be deleted"
    etree.SubElement(tree, "memory", {"unit": "KiB"}).text = "1024"
    etree.SubElement(etree.SubElement(tree, "os"), "type").text = "hvm"
    edit_record(tree, {"unfinished": [f"{volume.pool}/{volume.name}" for volume in volumes]})
    return NoteRemoval(
        vm + NOTE_SUFFIX, to_xml(tree), "note what is to be deleted", ", ".join(volume.name for volume in volumes)
    )
