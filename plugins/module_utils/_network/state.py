# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a network is, read from libvirt as plain data, and in the words of the options."""

from __future__ import annotations

from typing import Any

from .._defined import Kind, definition_of
from .._domains import domain_trees, running_trees
from .._hypervisor import Hypervisor
from .._values import dataclass
from .._xml import parse_xml
from .definition import Definition, addresses_in
from .entries import HOST, NAME, RANGE, Entry, read_entries

NETWORKS = Kind("network", Hypervisor.network, lambda host, xml: host.connection.networkDefineXML(xml))


@dataclass(frozen=True)
class NetworkState:
    """A network as it is: `tree` is what the next start uses, `live` what runs now."""

    name: str
    tree: Any
    live: Any | None = None
    persistent: bool = True
    autostart: bool = False

    @property
    def active(self) -> bool:
        """Return whether it runs."""
        return self.live is not None


@dataclass(frozen=True)
class Guests:
    """The VMs with a card in a network: all that have one now or after their next start, and those that run with it."""

    defined: tuple[str, ...] = ()
    running: tuple[str, ...] = ()


def network_state(network: Any) -> NetworkState:
    """Return what a virNetwork is."""
    return NetworkState(
        name=network.name(),
        tree=parse_xml(definition_of(network)),
        live=parse_xml(network.XMLDesc(0)) if network.isActive() else None,
        persistent=bool(network.isPersistent()),
        autostart=bool(network.autostart()) if network.isPersistent() else False,
    )


def read_network(host: Hypervisor, name: str) -> NetworkState | None:
    """Return a network, or None where there is none."""
    network = host.network(name)
    return None if network is None else network_state(network)


def other_networks(host: Hypervisor, name: str) -> list[NetworkState]:
    """Return all networks but the named one."""
    return [network_state(network) for network in host.connection.listAllNetworks() if network.name() != name]


def network_guests(host: Hypervisor, name: str) -> Guests:
    """Return the VMs of this host with a card in a network."""
    return Guests(_with_card(domain_trees(host), name), _with_card(running_trees(host), name))


def _with_card(domains: list[Any], network: str) -> tuple[str, ...]:
    """Return the sorted names of the domains with a card in a network."""
    return tuple(sorted({tree.findtext("name") for tree in domains if network in _networks(tree)}))


def _networks(domain: Any) -> list[str | None]:
    return [source.get("network") for source in domain.iterfind("devices/interface/source")]


def network_facts(state: NetworkState | None, name: str) -> dict[str, Any]:
    """Return a network in the words of the options, and its UUID; addresses and entries as its next start uses them."""
    if state is None:
        return {"name": name, "state": "absent"}
    shown = Definition.show(Definition.read(state.tree))
    entries = list(read_entries(state.tree).values())
    forwarders = shown.pop("forwarders", [])
    shown["ip"] = [_address_facts(cidr, entries) for cidr, _place in addresses_in(state.tree)]
    return {
        "name": state.name,
        **shown,
        "dns": {"forwarders": forwarders, "hosts": [_name_facts(entry) for entry in _of(entries, NAME, "")]},
        "state": "active" if state.active else "inactive",
        "autostart": state.autostart,
        "uuid": state.tree.findtext("uuid"),
    }


def _of(entries: list[Entry], kind: str, address: str) -> list[Entry]:
    return [entry for entry in entries if (entry.kind, entry.address) == (kind, address)]


def _address_facts(cidr: str, entries: list[Entry]) -> dict[str, Any]:
    ranges = [dict(entry.values) for entry in _of(entries, RANGE, cidr)]
    hosts = [dict(entry.values) for entry in _of(entries, HOST, cidr)]
    return {"address": cidr, "dhcp": {"ranges": ranges, "hosts": hosts}}


def _name_facts(entry: Entry) -> dict[str, Any]:
    return {**dict(entry.values), "names": list(entry.names)}
