# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a network from what is to what is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from .._defined import Keep, SetAutostart, Start, Stop, Undefine
from .._errors import Refused
from .._fields import Edit
from .._hypervisor import Hypervisor
from .._libs import etree
from .._plan import NEXT_BOOT, NOW, Change, Plan, Resource
from .._xml import to_xml
from .changes import DefineNetwork, EditNetwork
from .checks import check_definition, check_links, check_others
from .definition import Definition, addresses_in
from .entries import Entry, entry_node
from .entry_plan import plan_entries
from .machine import Link, bridge_missing, links_of
from .spec import NetworkSpec
from .state import NETWORKS, Guests, NetworkState, network_facts, network_guests, other_networks, read_network

_NOBODY = Guests()
_READ_ONLY = ("name", "state", "autostart", "uuid")


def plan_network(
    spec: NetworkSpec,
    current: NetworkState | None,
    others: Sequence[NetworkState] = (),
    guests: Guests = _NOBODY,
    links: Sequence[Link] = (),
) -> Plan:
    """Return the plan of one network.

    `others` are the host's other networks, `guests` the VMs with a card in this one, `links` the host's own subnets.
    """
    if spec.state == "absent":
        return Plan(spec.name, _removal(spec, current, guests))
    if current is None:
        return Plan(spec.name, _creation(spec, others, links))
    if spec.state == "inactive" and current.active and guests.running:
        raise Refused(_in_use(spec, "stopped", guests.running))
    tree, edits = _edited(spec, current, others, links)
    runs_on = current.active and spec.state != "inactive"
    when = NEXT_BOOT if runs_on else NOW
    bridge = _needed_bridge(Definition.read(tree))
    changes: list[Change] = [] if current.persistent else [Keep(NETWORKS, spec.name)]
    changes += [Stop(NETWORKS, spec.name)] if current.active and not runs_on else []
    changes += [EditNetwork(spec.name, edit, spec.definition, when, bridge) for edit in edits]
    changes += plan_entries(spec, tree, current.live if runs_on else None, when)
    changes += [Start(NETWORKS, spec.name)] if _starts(spec, current) else []
    changes += _autostart(spec, current.autostart)
    return Plan(spec.name, changes, restart_required=_pending(tree, current.live) if runs_on else [])


def _edited(
    spec: NetworkSpec, current: NetworkState, others: Sequence[NetworkState], links: Sequence[Link]
) -> tuple[Any, list[Edit]]:
    """Return the definition as it will be, and what has to change in it; Refused where that makes no sense."""
    tree = deepcopy(current.tree)
    check_definition(spec.name, _merged(tree, spec.definition), spec.entries)
    edits = Definition.edit(tree, spec.definition)
    if edits:
        check_others(spec.name, tree, others)
    if _starts(spec, current) or any(edit.field == "ip" for edit in edits):
        check_links(spec.name, tree, links)
    return tree, edits


def _starts(spec: NetworkSpec, current: NetworkState) -> bool:
    return spec.state == "active" and not current.active


def _in_use(spec: NetworkSpec, what: str, guests: Sequence[str]) -> str:
    return (
        f"Network '{spec.name}' is not {what}: VMs have cards in it ({', '.join(guests)}); remove or change them first."
    )


def _removal(spec: NetworkSpec, current: NetworkState | None, guests: Guests) -> list[Change]:
    if current is None:
        return []
    if guests.defined:
        raise Refused(_in_use(spec, "removed", guests.defined))
    stop: list[Change] = [Stop(NETWORKS, spec.name, gone=True)] if current.active else []
    return stop + ([Undefine(NETWORKS, spec.name)] if current.persistent else [])


def _creation(spec: NetworkSpec, others: Sequence[NetworkState], links: Sequence[Link]) -> list[Change]:
    """Return the making of a network; one that shall be active starts with the host too, unless that is refused."""
    tree = new_tree(spec)
    definition = {"mode": "nat", **spec.definition}
    check_definition(spec.name, definition, spec.entries)
    check_others(spec.name, tree, others)
    check_links(spec.name, tree, links)
    facts = {
        key: value
        for key, value in network_facts(NetworkState(spec.name, tree), spec.name).items()
        if key not in _READ_ONLY
    }
    changes: list[Change] = [DefineNetwork(spec.name, to_xml(tree), facts, _needed_bridge(definition))]
    changes += [Start(NETWORKS, spec.name)] if spec.state == "active" else []
    autostart = spec.state == "active" if spec.autostart is None else spec.autostart
    return changes + ([SetAutostart(NETWORKS, spec.name, True)] if autostart else [])


def new_tree(spec: NetworkSpec) -> Any:
    """Return the description of a network that does not exist yet; its mode is nat unless another is wanted."""
    tree = etree.Element("network")
    etree.SubElement(tree, "name").text = spec.name
    Definition.edit(tree, {"mode": "nat", **spec.definition})
    places = dict(addresses_in(tree))
    for entry in spec.entries:
        _holder(tree, places, entry).append(entry_node(entry))
    return tree


def _holder(tree: Any, places: Mapping[str, Any], entry: Entry) -> Any:
    parent, tag = (places[entry.address], "dhcp") if entry.address else (tree, "dns")
    holder = parent.find(tag)
    return etree.SubElement(parent, tag) if holder is None else holder


def _merged(tree: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a definition would say: what the old mode alone needs is gone, all else that is not named stays."""
    changed = deepcopy(tree)
    Definition.edit(changed, {"mode": wanted.get("mode", Definition.read(tree)["mode"])})
    return {**Definition.read(changed), **wanted}


def _needed_bridge(definition: Mapping[str, Any]) -> str | None:
    return definition.get("bridge") if definition["mode"] == "bridge" else None


def _autostart(spec: NetworkSpec, now: bool) -> list[Change]:
    wanted = now if spec.autostart is None else spec.autostart
    return [] if wanted == now else [SetAutostart(NETWORKS, spec.name, wanted)]


def _pending(tree: Any, live: Any) -> list[str]:
    """Return what the running network does not have yet of its definition, and why."""
    now, then = Definition.read(live), Definition.read(tree)
    names = sorted(name for name in {**now, **then} if now.get(name) != then.get(name))
    how = "takes effect when the network is stopped and started, which cuts off the VMs that run on it"
    return [f"{name}: {_words(name, now)} -> {_words(name, then)} {how}" for name in names]


def _words(name: str, values: Mapping[str, Any]) -> str:
    shown = Definition.fields[name].show(values[name]) if name in values else "none"
    return ", ".join(shown) if isinstance(shown, list) else str(shown)


def _plan(host: Hypervisor, spec: NetworkSpec) -> Plan:
    current = read_network(host, spec.name)
    leaving = current is not None and spec.state in ("absent", "inactive")
    guests = network_guests(host, spec.name) if leaving else Guests()
    plan = plan_network(spec, current, other_networks(host, spec.name), guests, links_of(host))
    bridges = {change.bridge for change in plan.changes if isinstance(change, (DefineNetwork, EditNetwork))}
    plan.warnings += [
        f"the bridge {bridge} is not there (yet); it has to be made before this network"
        for bridge in sorted(bridge for bridge in bridges if bridge and bridge_missing(host, bridge))
    ]
    return plan


def _facts(host: Hypervisor, spec: NetworkSpec) -> dict[str, Any]:
    return network_facts(read_network(host, spec.name), spec.name)


NETWORK: Resource[NetworkSpec] = Resource(name=lambda spec: spec.name, plan=_plan, facts=_facts)
