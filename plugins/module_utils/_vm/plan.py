# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of one VM: which of making, changing, removing it, and its power."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .._errors import KvmError, NotFound, Refused
from .._hypervisor import Hypervisor
from .._later import later
from .._plan import Change, Plan
from .census import take_census
from .facts import read_facts
from .install.noted import GOING_ON, stage_of
from .spec import NOTE_SUFFIX, VmSpec
from .state import VmState, read_domain

if TYPE_CHECKING:
    from . import changes, creation, difference, leftovers, power, removal, surroundings
    from .devices import device, lookup
    from .install import course
    from .surroundings import Surroundings
else:
    changes, creation, difference, leftovers, power, removal, surroundings = later(
        __package__, ".changes", ".creation", ".difference", ".leftovers", ".power", ".removal", ".surroundings"
    )
    device, lookup, course = later(__package__, ".devices.device", ".devices.lookup", ".install.course")


def plan_for(host: Hypervisor, spec: VmSpec, brief: bool = False) -> Plan:
    """Read what there is of a VM, and plan the way to what is wanted; `brief` tells how much the facts say."""
    census = host.once("census", lambda: take_census(host.connection))
    state, note = (
        read_domain(census[name]) if name in census else None for name in (spec.name, spec.name + NOTE_SUFFIX)
    )
    with refused_by_name(spec.name):
        over = spec.state == "absent" and state is None and note is None
        plan = Plan(spec.name) if over else plan_vm(spec, state, note, surroundings.Surroundings(host))
    if spec.wait_for == "none":
        plan.facts = read_facts(census.get(spec.name), state, spec.name, brief=brief)
    return plan


@contextmanager
def refused_by_name(name: str) -> Iterator[None]:
    """Name the VM in a refusal that does not: what is found while a tree is edited knows nothing of whose it is."""
    try:
        yield
    except NotFound:
        raise
    except Refused as error:
        if f"'{name}'" in str(error):
            raise
        raise Refused(f"VM '{name}': {error}") from error


def plan_vm(spec: VmSpec, state: VmState | None, note: VmState | None, around: Surroundings) -> Plan:
    """Return the plan: pure but for what `around` is asked.

    `note` is what an interrupted removal left behind. Where the VM is still there, nothing of it was deleted and the
    note is void;
    where it is gone, the removal is finished before anything else is done with the name.
    """
    plan = Plan(spec.name)
    going: list[str] = []
    if note is not None and state is not None:
        plan.changes.append(changes.Undefine(note.name, "drop the note of a removal that was not begun"))
    elif note is not None:
        going += leftovers.plan_leftovers(spec.name, note, around, plan)
    unfinished = _unfinished(state)
    if unfinished is not None:
        left = leftovers.ownerless(spec.name, unfinished, around, plan)
        plan.changes.append(changes.ClearUnfinished(spec.name, tuple(left)))
        going += left
        state = None
    if spec.state == "absent":
        if state is not None:
            removal.plan_removal(spec, state, around, plan)
        return plan
    whole = spec if state is not None else creation.completed(spec, around)
    _check_known(whole, around)
    if state is None:
        plan.changes += creation.plan_creation(spec, whole, around, going)
        plan.warnings += _bootless(spec)
    else:
        waiting = difference.plan_differences(spec, state, around, plan)
        plan.restart_required += [] if spec.shuts_down else waiting
        plan.warnings += _provenance(spec, state)
    plan.changes += _standing(spec, state, plan.changes)
    if state is not None and state.active and plan.restart_required and _may_restart(spec, state):
        plan.changes += power.plan_restart(spec.name, _final(spec, state), spec.timeout, spec.force)
        plan.restart_required = []
    return plan


def _check_known(spec: VmSpec, around: Surroundings) -> None:
    """Refuse devices that the host's libvirt would read over: every run would attach them anew."""
    for option, wanted in spec.devices.items():
        since = lookup.kind_of(option).since
        if wanted and any(since) and around.libvirt_version() < since:
            there = device.spoken_version(around.libvirt_version())
            raise Refused(
                f"{option} needs libvirt {device.spoken_version(since)}, and the host has {there}; leave it out."
            )


def _may_restart(spec: VmSpec, state: VmState) -> bool:
    wanted = spec.apply == "restart" and spec.state in ("present", "running", "paused")
    return wanted and stage_of(state) != GOING_ON


def _final(spec: VmSpec, state: VmState) -> str:
    """Return the power state that a running VM ends in."""
    return state.power if spec.state == "present" else spec.state


def _unfinished(state: VmState | None) -> tuple[str, ...] | None:
    """Return the volumes of a VM whose making was cut off, or None for one that is complete."""
    volumes = state.record.get("unfinished") if state is not None else None
    if state is None or volumes is None:
        return None
    if state.active:
        raise KvmError(
            f"VM '{state.name}' runs although its making was not finished, so it has no disks; power it off and "
            "run the play again."
        )
    return tuple(volumes)


def _standing(spec: VmSpec, state: VmState | None, making: Sequence[Change]) -> list[Change]:
    """Return the changes to autostart and power, which come last; `making` is what comes before."""
    last: list[Change] = []
    if spec.autostart is not None and spec.autostart != (state.autostart if state else False):
        last.append(changes.SetAutostart(spec.name, spec.autostart))
    steps = _power(spec, state.power if state else "stopped")
    stage = stage_of(state) if state else ""
    if state and stage:
        return [*last, *course.next_steps(spec, state, stage, steps)]
    return [*last, *(course.first_steps(spec, making, steps) if spec.install and not state else steps)]


def _power(spec: VmSpec, now: str) -> list[Change]:
    if spec.state == "present":
        return []
    steps = power.plan_power(spec.name, now, spec.state, spec.timeout, spec.force)
    return power.started_once(steps, now, spec.boot_once)


# What a VM may boot from without a template; `disks: []` says that there shall be nothing.
_BOOTABLE = ("disks", "cdroms", "floppies", "kernel", "boot")


def _bootless(spec: VmSpec) -> list[str]:
    """Warn of a new VM that nobody has given anything to boot from: most likely its name is that of no VM."""
    if spec.template or spec.boot_once or spec.hooks or {*spec.devices, *spec.machine} & {*_BOOTABLE}:
        return []
    advice = "if another VM was meant, correct the name, else give it a template, cdroms, or disks"
    return [f"it is new, and has nothing to boot from; {advice} (an empty list says that there shall be none)."]


def _provenance(spec: VmSpec, state: VmState) -> list[str]:
    """Warn where a VM is said to come from a template that it does not come from: a VM is never made anew for that."""
    made_from = state.record.get("template")
    if not spec.template or spec.template.partition(":")[0] == made_from:
        return []
    origin = f"was made from template {made_from}" if made_from else "was not made from a template"
    return [f"it {origin}; template '{spec.template}' counts only when a VM is made."]
