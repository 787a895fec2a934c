# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network cards of a VM say of addresses, as its guest is told: network-config, version 2.

Source: https://cloudinit.readthedocs.io/en/latest/reference/network-config-format-v2.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface
from typing import Any

from .devices.device import Wanted, alias
from .devices.interface import Interface, mac_for, mac_of

# What an entry of nics says of its guest: addresses with their prefix, gateways, name servers, whether DHCP is asked.
_WORDS = ("ip", "gateway", "dns", "dhcp")
_EVERYWHERE = {4: "0.0.0.0/0", 6: "::/0"}


def says_addresses(nics: Sequence[Wanted]) -> bool:
    """Return whether anything is said of the addresses of a guest."""
    return any(word in nic.extra for nic in nics for word in _WORDS)


def guest_network(domain: Any, nics: Sequence[Wanted]) -> dict[str, Any] | None:
    """Return the network-config of a domain with these cards, recognised by MAC address; None where nothing is said.

    A guest that is given one sets up nothing else: cards of which nothing is said are in it with DHCP.
    """
    if not says_addresses(nics):
        return None
    macs = macs_of(domain, nics)
    return {"version": 2, "ethernets": {alias(nic.name)[3:]: _ethernet(nic.extra, macs[nic.name]) for nic in nics}}


def macs_of(domain: Any, nics: Sequence[Wanted]) -> dict[str, str]:
    """Return the MAC address that each card has or will have, by its name."""
    known = Interface.recognise(Interface.nodes(domain), nics)
    there = {name: mac_of(node) for name, node in known.items()}
    uuid = domain.findtext("uuid") or ""
    return {nic.name: nic.fields.get("mac") or there.get(nic.name) or mac_for(uuid, nic.name) for nic in nics}


def _ethernet(said: Mapping[str, Any], mac: str) -> dict[str, Any]:
    own = [ip_interface(address) for address in said.get("ip", ())]
    fixed = any(address.version == 4 for address in own)
    ethernet: dict[str, Any] = {"match": {"macaddress": mac}, "dhcp4": said.get("dhcp", not fixed)}
    routes = [_route(ip_address(gateway), own) for gateway in said.get("gateway", ())]
    servers = {"addresses": list(said["dns"])} if said.get("dns") else None
    parts = {"addresses": list(said.get("ip", ())), "routes": routes, "nameservers": servers}
    return {**ethernet, **{key: value for key, value in parts.items() if value}}


def _route(gateway: IPv4Address | IPv6Address, own: Sequence[Any]) -> dict[str, Any]:
    """Return the way out; a gateway in none of the card's own networks is reached on the wire all the same."""
    route = {"to": _EVERYWHERE[gateway.version], "via": str(gateway)}
    near = gateway.is_link_local or any(gateway in address.network for address in own)
    return route if near else {**route, "on-link": True}
