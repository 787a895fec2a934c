# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a card's entry says of the addresses in the guest, checked: libvirt knows nothing of it, cloud-init is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface
from typing import Any, Union

from .._errors import Refused

Address = Union[IPv4Interface, IPv6Interface]

_WORDS = ("ip", "gateway", "dns", "dhcp")

# As Ansible documents options.
STATIC_ADDRESSES: dict[str, Any] = {
    "ip": {
        "description": [
            "Addresses of the card in the guest with their prefix, such as V(192.0.2.5/24) and V(2001:db8::5/64).",
            "The cloud-init seed tells the guest; one without cloud-init is not reached.",
            "libvirt does not know the addresses, so facts do not show them here.",
        ],
        "type": "list",
        "elements": "str",
    },
    "gateway": {
        "description": (
            "Default gateway, or one for IPv4 and one for IPv6; it has to be in the network of an address in "
            "O(nics[].ip), unless that has a prefix of 32 or 128 bits."
        ),
        "type": "list",
        "elements": "str",
    },
    "dns": {"description": "Addresses of the name servers that the guest asks.", "type": "list", "elements": "str"},
    "dhcp": {
        "description": (
            "Whether the guest asks DHCP for an IPv4 address; if left out, it does unless O(nics[].ip) has one."
        ),
        "type": "bool",
    },
}


def static_addresses(card: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of the addresses of a card in the spelling of the standards, what is not said left out.

    Raises Refused, naming the card, for what no guest could use.
    """
    named = {word: said[word] for word in _WORDS if said.get(word) is not None}
    own = [_own_address(card, text) for text in _once(card, "ip", named.get("ip", ()))]
    gateways = [_address(card, "gateway", text) for text in _once(card, "gateway", named.get("gateway", ()))]
    _check_gateways(card, gateways, own)
    normal = {
        "ip": [address.with_prefixlen for address in own],
        "gateway": gateways,
        "dns": [_address(card, "dns", text) for text in _once(card, "dns", named.get("dns", ()))],
        "dhcp": named.get("dhcp"),
    }
    return {word: normal[word] for word in named}


def _once(card: str, word: str, texts: Sequence[Any]) -> list[str]:
    plain = [str(text).strip() for text in texts]
    twice = next((text for text in plain if plain.count(text) > 1), None)
    if twice is not None:
        raise Refused(f"NIC {card} has '{twice}' twice in '{word}'; give it once.")
    return plain


def _own_address(card: str, text: str) -> Address:
    try:
        address = ip_interface(text)
    except ValueError:
        address = None
    if address is None or "/" not in text:
        raise Refused(f"NIC {card} has the ip '{text[:60]}', which is no address with a prefix; write 192.0.2.5/24.")
    if _unusable(address):
        raise Refused(f"NIC {card} has the ip '{text}', which no card can have; choose the address of one host.")
    return address


def _unusable(address: Address) -> bool:
    """Return whether an address is that of no single host: of the network, of all its hosts, of a group, of itself."""
    network = address.network
    ends = (network.network_address, network.broadcast_address)
    taken = address.version == 4 and network.prefixlen < 31 and address.ip in ends
    return taken or address.is_multicast or address.is_unspecified or address.is_loopback


def _address(card: str, word: str, text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise Refused(f"NIC {card} has the {word} '{text[:60]}', which is no IP address; write 192.0.2.1.") from error


def _check_gateways(card: str, gateways: Sequence[str], own: Sequence[Address]) -> None:
    """Refuse a gateway that the guest could not reach, and a second one of a family."""
    families: list[int] = []
    for text in gateways:
        gateway = ip_address(text)
        alike = [address for address in own if address.version == gateway.version]
        if gateway.version in families:
            raise Refused(f"NIC {card} has two gateways for IPv{gateway.version}; give one.")
        families.append(gateway.version)
        if any(gateway == address.ip for address in alike):
            raise Refused(f"NIC {card} has the address {gateway} itself; give another as its gateway.")
        alone = any(address.network.num_addresses == 1 for address in alike)
        if not (alone or (alike and gateway.is_link_local) or any(gateway in address.network for address in alike)):
            raise Refused(
                f"NIC {card} has the gateway {gateway}, which is in the network of none of its addresses; correct the "
                "gateway or 'ip'."
            )
