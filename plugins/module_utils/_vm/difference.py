# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM that is there: what differs between it and what is wanted, in its configuration and in its running self."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from .._errors import Refused
from .._fields import Edit
from .._metadata import record_differences
from .._plan import NEXT_BOOT, NOW, Change, Plan
from .._storage.changes import DeleteVolume
from .._xml import to_xml
from .changes import Configure, SetRecord, line_of
from .devices.device import Wanted
from .devices.disk import Disk, source_of
from .disks import grown, home_of, made_for, with_media
from .first_boot import ignition_there, seed_there
from .leftovers import ownerless
from .nics import check_nics
from .preparation import Preparation
from .running import LivePlan, plan_running, reason
from .sharing import check_shared
from .spec import VmSpec
from .state import VmState
from .surroundings import Surroundings
from .wish import Wish


def plan_differences(spec: VmSpec, state: VmState, around: Surroundings, plan: Plan) -> list[str]:
    """Put into `plan` what has to change in a VM that is there, and return what of it a running VM takes over at its
    next boot only.
    """
    check_uuid(spec, state)
    going = _left(spec, state, around, plan)
    ready = _prepared(spec, state, around, going)
    config, edits = ready.wish.edited(state.config)
    live = _live(spec, state, ready.wish, config)
    changes: list[Change] = [*_pending(spec, state, going)]
    remembered = record_differences(state.config, spec.record)
    changes += [SetRecord(spec.name, edit.field, edit.before, edit.value) for edit in remembered]
    changes += _noted(spec.name, ready)
    changes += live.before
    if edits:
        check_shared(spec.name, state.config, config, ready.paths, around)
        around.check_definition(spec.name, to_xml(config), to_xml(state.config))
        changes.append(_configure(spec, state, ready.wish, edits, live.done))
    changes += [*live.after, *ready.later]
    if changes and not state.persistent:
        raise Refused(
            f"VM '{spec.name}' is transient: something else, such as a cluster manager, started it without defining "
            "it; change its definition there."
        )
    plan.changes += changes
    return [*live.reasons, *_untold(edits, state, live.reasons), *ready.reasons]


def check_uuid(spec: VmSpec, state: VmState) -> None:
    """Refuse to take a VM for another."""
    there = state.config.findtext("uuid")
    if spec.uuid and spec.uuid != there:
        raise Refused(
            f"VM '{spec.name}' has the UUID {there}, not {spec.uuid}; correct the option, or the name if another VM is "
            "meant."
        )


def _live(spec: VmSpec, state: VmState, wish: Wish, config: Any) -> LivePlan:
    if state.live is None:
        return LivePlan()
    now = state.active and spec.apply != "next_boot" and not spec.shuts_down
    plan = plan_running(spec.name, wish, config, state.live, now, spec.timeout)
    if spec.apply == "restart" and plan.reasons:
        # A guest that is going to be restarted need not be asked to let go of anything first.
        return plan_running(spec.name, wish, config, state.live, False, spec.timeout)
    return plan


def _configure(spec: VmSpec, state: VmState, wish: Wish, edits: Sequence[Edit], done: Iterable[str]) -> Change:
    when = NEXT_BOOT if state.live is not None else NOW
    lines = tuple(line_of(edit, when) for edit in edits if edit.what not in done)
    return Configure(spec.name, wish, lines, tuple(edit.what for edit in edits))


def _untold(edits: Sequence[Edit], state: VmState, known: Sequence[str]) -> list[str]:
    """Return what waits for a restart although the running VM's description does not tell it."""
    if state.live is None:
        return []
    return [reason(edit) for edit in edits if edit.of is not None and edit.of.untold and reason(edit) not in known]


def _prepared(spec: VmSpec, state: VmState, around: Surroundings, going: Sequence[str]) -> Preparation:
    """Return the wish with all volumes known by their paths, and how those that are missing are made."""
    devices = with_media(spec.name, spec.devices, state.config, around)
    ready = Preparation(Wish(spec.machine))
    if "disks" in devices:
        devices["disks"] = _disks(spec, state, around, ready, going)
    check_nics(spec.name, devices.get("nics", ()), state.config, around)
    seed, ignition = (plan(spec, state, around, ready) for plan in (seed_there, ignition_there))
    forget = {"pending": None} if ready.places else {}
    ready.wish = Wish(spec.machine, devices, seed, ignition, spec.hooks, forget)
    return ready


def _disks(
    spec: VmSpec, state: VmState, around: Surroundings, ready: Preparation, going: Sequence[str]
) -> Sequence[Wanted]:
    """Return the wanted disks by their paths; volumes that have to be made or to grow are planned."""
    wanted = spec.devices["disks"]
    known = Disk.recognise(Disk.nodes(state.config), wanted)
    resolved = []
    for item in wanted:
        if item.name in known:
            ready.changes += grown(spec, item, known[item.name], spec.name if state.active else None, around)
            resolved.append(replace(item, extra={}))
            continue
        disk = made_for(spec, item, None, home_of(spec, state.config, around), around, going)
        if disk.change:
            ready.make(disk.place, disk.path, disk.change)
        resolved.append(disk.resolved)
    return resolved


def _noted(vm: str, ready: Preparation) -> list[Change]:
    """Return the preparations, new volumes noted first: a run that is cut off is healed by the next, which finds the
    note. It goes with the configuration that attaches them.
    """
    if not ready.places:
        return ready.changes
    note = SetRecord(vm, "pending", None, ready.places, "note that " + ", ".join(ready.places) + " is being made")
    return [note, *ready.changes]


def _left(spec: VmSpec, state: VmState, around: Surroundings, plan: Plan) -> list[str]:
    """Return the volumes that an interrupted run was making for new disks, and that are nobody's."""
    attached = {source_of(node).rpartition("/")[2] for node in state.config.iterfind("devices/disk")}
    left = [place for place in state.record.get("pending", ()) if place.partition("/")[2] not in attached]
    return ownerless(spec.name, left, around, plan)


def _pending(spec: VmSpec, state: VmState, going: Sequence[str]) -> list[Change]:
    """Return how an interrupted run is forgotten."""
    places = state.record.get("pending")
    if not places:
        return []
    forget = SetRecord(spec.name, "pending", places, None, "forget what an interrupted run was making")
    return [*map(DeleteVolume.at, going), forget]
