# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to networks. A running network is never stopped to take over a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._defined import SetProperty, definition_of
from .._errors import KvmError
from .._fields import Edit
from .._hypervisor import Hypervisor
from .._plan import NOW, Change
from .._values import dataclass
from .._xml import parse_xml, to_xml
from .definition import Definition, address_position
from .entries import HOST, NAME, RANGE, Entry, entry_node, find_node
from .machine import bridge_missing
from .state import NETWORKS

ADD, REMOVE, CHANGE = "add", "remove", "change"

# virNetworkUpdateCommand, virNetworkUpdateSection and virNetworkUpdateFlags.
_COMMANDS = {CHANGE: 1, REMOVE: 2, ADD: 3}
_SECTIONS = {HOST: 4, RANGE: 5, NAME: 10}
_LIVE, _CONFIG = 1, 2


@dataclass(frozen=True)
class DefineNetwork(Change):
    """Make a network known to libvirt."""

    name: str
    xml: str
    facts: Any
    bridge: str | None = None

    @property
    def summary(self) -> str:
        """Return what is defined."""
        addresses = "".join(f", {entry['address']}" for entry in self.facts.get("ip", ()))
        return f"define network {self.name} ({self.facts['mode']}{addresses})"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the new network in the words of the options."""
        return f"network {self.name}", None, self.facts

    def carry_out(self, host: Hypervisor) -> None:
        """Define it (virNetworkDefineXML)."""
        check_bridge(host, self.name, self.bridge)
        host.connection.networkDefineXML(self.xml)


def check_bridge(host: Hypervisor, name: str, bridge: str | None) -> None:
    """Stop where a network would hand out a bridge that its host does not have."""
    if bridge and bridge_missing(host, bridge):
        raise KvmError(
            f"Network '{name}' needs the bridge {bridge}, which this host does not have; make the bridge first."
        )


@dataclass(frozen=True)
class EditNetwork(SetProperty):
    """Set one property of a network's definition; everything else in it stays, UUID and MAC address too.

    `wanted` is all that is to be set: libvirt refuses steps between, such as a bridge that still has an address. So the
    first of several edits makes them all, and the others find nothing left to do.
    """

    name: str
    edit: Edit
    wanted: Mapping[str, Any]
    when: str = NOW
    bridge: str | None = None

    def carry_out(self, host: Hypervisor) -> None:
        """Define the network again with its own description, changed in these places only (virNetworkDefineXML)."""
        check_bridge(host, self.name, self.bridge)
        tree = parse_xml(definition_of(NETWORKS.require(host, self.name)))
        if Definition.edit(tree, self.wanted):
            host.connection.networkDefineXML(to_xml(tree))


@dataclass(frozen=True)
class UpdateEntry(Change):
    """Add, change or remove one DHCP or DNS entry, in the definition, in the running network, or in both."""

    name: str
    command: str
    entry: Entry
    before: Entry | None = None
    live: bool = False
    config: bool = True
    when: str = NOW

    @property
    def summary(self) -> str:
        """Return the entry, and what it was if it changes."""
        was = f" (was {self.before})" if self.command == CHANGE else ""
        return f"{self.command} {self.entry}{was}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the entry, before and after."""
        after = None if self.command == REMOVE else str(self.entry)
        what = f"{self.entry.kind} {self.entry.key}"
        return what, str(self.before) if self.before else None, after

    def carry_out(self, host: Hypervisor) -> None:
        """Update the network (virNetworkUpdate), the definition first: after a cut it is what the next start needs."""
        network = NETWORKS.require(host, self.name)
        if self.config:
            self._update(network, parse_xml(definition_of(network)), _CONFIG)
        if self.live and network.isActive():
            self._update(network, parse_xml(network.XMLDesc(0)), _LIVE)

    def _update(self, network: Any, tree: Any, flag: int) -> None:
        position = address_position(tree, self.entry.address) if self.entry.address else -1
        node = self._node(tree)
        network.update(_COMMANDS[self.command], _SECTIONS[self.entry.kind], position, to_xml(node), flag)

    def _node(self, tree: Any) -> Any:
        """Return the element to hand over: what an entry that changes has beside our values stays with it."""
        node = find_node(tree, self.entry) if self.command == CHANGE else None
        if node is None:
            return entry_node(self.entry)
        for key in ("mac", "name", "ip"):
            node.attrib.pop(key, None)
        for key, value in self.entry.values:
            node.set(key, value)
        return node
