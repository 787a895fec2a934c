# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be changed while a network runs: DHCP ranges, DHCP hosts and DNS hosts, entry by entry.

Source: https://libvirt.org/html/libvirt-libvirt-network.html#virNetworkUpdate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._libs import etree
from .._values import dataclass
from .definition import addresses_in

RANGE = "DHCP range"
HOST = "DHCP host"
NAME = "DNS host"


@dataclass(frozen=True)
class Entry:
    """One entry of a network: its kind, the host's address that it belongs to ("" for DNS), and its values."""

    kind: str
    address: str
    key: str
    values: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str]:
        """Return what makes it the same entry with perhaps other values."""
        return self.kind, self.address, self.key

    def __str__(self) -> str:
        return f"{self.kind} {' '.join([value for _name, value in self.values] + list(self.names))}"


Entries = Mapping[tuple[str, str, str], Entry]


def dhcp_range(address: str, start: str, end: str) -> Entry:
    """Return a range of addresses that are leased."""
    return Entry(RANGE, address, f"{start}-{end}", (("start", start), ("end", end)))


def dhcp_host(address: str, ip: str, mac: str | None, name: str | None) -> Entry:
    """Return a guest that always gets the same address; it is known by its MAC address, or else by its name."""
    values = (("mac", mac), ("name", name), ("ip", ip))
    return Entry(HOST, address, mac or name or "", tuple((key, value) for key, value in values if value))


def dns_host(ip: str, names: tuple[str, ...]) -> Entry:
    """Return the names of an address."""
    return Entry(NAME, "", ip, (("ip", ip),), tuple(sorted(names)))


def read_entries(network: Any) -> dict[tuple[str, str, str], Entry]:
    """Return all entries of a `<network>` tree."""
    found = []
    for address, place in addresses_in(network):
        found += [dhcp_range(address, r.get("start"), r.get("end")) for r in place.iterfind("dhcp/range")]
        found += [_host(address, host) for host in place.iterfind("dhcp/host")]
    found += [
        dns_host(host.get("ip"), tuple(name.text for name in host.iterchildren("hostname")))
        for host in network.iterfind("dns/host")
    ]
    return {entry.identity: entry for entry in found if entry.key}


def _host(address: str, node: Any) -> Entry:
    mac = node.get("mac")
    return dhcp_host(address, node.get("ip"), mac.lower() if mac else None, node.get("name"))


def entry_node(entry: Entry) -> Any:
    """Return the element that describes an entry."""
    node = etree.Element("range" if entry.kind == RANGE else "host", dict(entry.values))
    for name in entry.names:
        etree.SubElement(node, "hostname").text = name
    return node


def find_node(network: Any, entry: Entry) -> Any | None:
    """Return the element of a network tree that is this entry, whatever its values."""
    parents = [place for address, place in addresses_in(network) if address == entry.address]
    nodes = [host for place in parents for host in place.iterfind("dhcp/host")]
    return next((node for node in nodes if _host(entry.address, node).identity == entry.identity), None)
