# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes no sense in a network, or would harm another one of the host."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import Refused
from .definition import Definition, addresses_in
from .entries import NAME, Entry
from .machine import Link
from .state import NetworkState

# What each mode cannot have, and what it must have.
_SENSELESS = {
    "nat": (),
    "route": (),
    "open": ("device",),
    "isolated": ("device",),
    "bridge": ("device", "domain", "forwarders", "ip", "mtu"),
}
_NEEDED = {"nat": ("ip",), "route": ("ip",), "bridge": ("bridge",)}
_SAID = {"forwarders": "dns"}


def check_definition(name: str, definition: Mapping[str, Any], entries: Sequence[Entry] = ()) -> None:
    """Refuse a network whose mode cannot have, or lacks, a property."""
    mode = definition["mode"]
    too_much = {_SAID.get(key, key) for key in _SENSELESS.get(mode, ()) if definition.get(key) is not None}
    if mode == "bridge" and any(entry.kind == NAME for entry in entries):
        too_much.add("dns")
    if too_much:
        what = " and ".join(sorted(too_much))
        raise Refused(f"Network '{name}' of mode {mode} cannot have {what}; leave it out or set it to none.")
    missing = [key for key in _NEEDED.get(mode, ()) if definition.get(key) is None]
    if missing:
        raise Refused(f"Network '{name}' of mode {mode} needs {' and '.join(missing)}; give it, or use another mode.")


def check_others(name: str, tree: Any, others: Sequence[NetworkState]) -> None:
    """Refuse a subnet or a bridge that another network of the host has."""
    for other in others:
        for theirs, _place in addresses_in(other.tree):
            for ours, _same in addresses_in(tree):
                _check_subnets(name, ours, f"network '{other.name}'", theirs)
        _check_bridge(name, Definition.read(tree), other)


def check_links(name: str, tree: Any, links: Sequence[Link]) -> None:
    """Refuse a subnet that an interface of the host is in, unless it is the network's own bridge."""
    bridge = Definition.read(tree).get("bridge")
    for interface, theirs in links:
        for ours, _place in addresses_in(tree) if interface != bridge else ():
            _check_subnets(name, ours, f"the host's interface {interface}", theirs)


def _check_subnets(name: str, ours: str, owner: str, theirs: str) -> None:
    one, two = ipaddress.ip_interface(ours), ipaddress.ip_interface(theirs)
    if one.version == two.version and one.network.overlaps(two.network):
        raise Refused(f"Network '{name}': {ours} overlaps {theirs} of {owner}; choose another subnet.")


def _check_bridge(name: str, definition: Mapping[str, Any], other: NetworkState) -> None:
    theirs = Definition.read(other.tree)
    bridge = definition.get("bridge")
    shared = definition["mode"] == theirs["mode"] == "bridge"
    if bridge and bridge == theirs.get("bridge") and not shared:
        raise Refused(
            f"Network '{name}' wants the bridge {bridge}, which network '{other.name}' has; choose another name."
        )
