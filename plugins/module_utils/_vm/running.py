# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running VM can take over at once, how, and what has to wait for its next boot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from .._fields import Edit, Element, spoken
from .._plan import Change
from .._xml import to_xml, without
from .changes import AttachLive, DetachLive, TakeOver
from .devices.device import Device, Wanted, alias_of
from .devices.lookup import kind_of
from .live import Live
from .machine.machine import Machine
from .wish import Wish


@dataclass
class LivePlan:
    """The changes to a running VM: those that come before its configuration is written, those that come after, and
    what has to wait.
    """

    before: list[Change] = field(default_factory=list)
    after: list[Change] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)

    def wait(self, edits: Iterable[Edit]) -> None:
        """Note edits that the running VM cannot take over."""
        self.reasons += [reason(edit) for edit in edits]

    def take_over(self, vm: str, element: type[Element], node: Any, edits: Sequence[Edit]) -> None:
        """Plan what of these edits of a live element can be done live."""
        ways: dict[Live, list[Edit]] = {}
        for edit in edits:
            way = edit.of.live if edit.of else None
            if way is not None and way.possible(node, edit.value):
                ways.setdefault(way, []).append(edit)
            else:
                self.wait([edit])
        for way, together in ways.items():
            wanted = deepcopy(node)
            element.edit(wanted, nested(together))
            values = {edit.of.live.word or edit.of.name: edit.value for edit in together if edit.of}
            self.after.append(TakeOver(vm, tuple(together), way, values, to_xml(wanted)))
            self.done |= {edit.what for edit in together}


def plan_running(vm: str, wish: Wish, config: Any, live: Any, now: bool, timeout: int) -> LivePlan:
    """Return how a running VM (`live`) gets as its wanted configuration (`config`) is; where `now` is false, all
    waits.
    """
    plan = LivePlan()
    edits = [edit for edit in Machine.differences(live, wish.machine) if edit.of is None or not edit.of.untold]
    if now:
        plan.take_over(vm, Machine, live, edits)
    else:
        plan.wait(edits)
    for option, wanted in wish.devices.items():
        _devices(plan, kind_of(option), wanted, (vm, config, live, now, timeout))
    return plan


def _devices(
    plan: LivePlan, device: type[Device], wanted: Sequence[Wanted], where: tuple[str, Any, Any, bool, int]
) -> None:
    vm, config, live, now, timeout = where
    nodes = device.nodes(live)
    known = device.recognise(nodes, wanted)
    configured = device.recognise(device.nodes(config), wanted)
    for item in wanted:
        if item.name in known:
            node = known[item.name]
            edits = device.labelled(item.name, device.differences(node, device.live_fields(node, item.fields)))
            edits = [edit for edit in edits if edit.of is None or not edit.of.untold]
            if now:
                plan.take_over(vm, device, node, edits)
            else:
                plan.wait(edits)
        elif item.name in configured:
            _missing(plan, device, item, configured[item.name], (vm, live, now))
    for node in device.unwanted(nodes, known, wanted):
        title = device.titled(device.name_at(node))
        if now and device.hotpluggable(node):
            plan.before.append(DetachLive(vm, title, to_xml(node), alias_of(node), timeout))
            plan.done.add(title)
        else:
            plan.reasons.append(f"{title} stays attached")


def _missing(plan: LivePlan, device: type[Device], item: Wanted, node: Any, where: tuple[str, Any, bool]) -> None:
    vm, live, now = where
    if not (now and device.attachable(live, node)):
        plan.reasons.append(f"{device.titled(item.name)} is not attached yet")
        return
    for kind, need in device.needed(live, node):
        _attach(plan, vm, kind, kind.name_at(need), need)
    _attach(plan, vm, device, item.name, node)


def _attach(plan: LivePlan, vm: str, device: type[Device], name: str, node: Any) -> None:
    """Plan to plug in a device, once."""
    copy = deepcopy(node)
    address = copy.find("address")
    # The slot that is free in the configuration may be taken in the running VM.
    if address is not None and device.slotted(copy):
        without(address)
    attach = AttachLive(vm, device.titled(name), to_xml(copy), device.describe(node))
    if attach not in plan.after:
        plan.after.append(attach)
    plan.done.add(device.titled(name))


def nested(edits: Iterable[Edit]) -> dict[str, Any]:
    """Return the normal values of edits by their options: "iotune.read_bytes_sec" is in a dictionary "iotune"."""
    values: dict[str, Any] = {}
    for edit in edits:
        *outer, last = edit.field.split(".")
        place: dict[str, Any] = values
        for name in outer:
            place = place.setdefault(name, {})
        place[last] = edit.value
    return values


def reason(edit: Edit) -> str:
    """Return why a running VM that lacks an edit has to be restarted."""
    return f"{edit.what} is {spoken(edit.before)} and will be {spoken(edit.after)}"
