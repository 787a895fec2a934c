# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a running guest is reached: addresses from DHCP leases, the guest agent, or the host's neighbour table."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from .._libs import libvirt
from .._xml import parse_xml

# By MAC address of the card, the usable IP addresses: IPv4 before IPv6.
Addresses = Mapping[str, Sequence[str]]

# virDomainInterfaceAddressesSource, by the words of the options
SOURCES = {"lease": 0, "agent": 1, "arp": 2}
_AGENT_CHANNEL = "org.qemu.guest_agent.0"


def guest_addresses(domain: Any) -> Addresses:
    """Return the addresses of a running guest: from leases, else from the agent, else from the ARP table; {} if none
    is known.

    The agent is asked only when its channel is connected, because an agent that does not answer costs seconds.
    """
    return addresses_from(domain, "lease") or addresses_from(domain, "agent") or addresses_from(domain, "arp")


def agent_connected(domain: Any) -> bool:
    """Return whether a guest agent has opened its channel."""
    ends = parse_xml(domain.XMLDesc(0)).iterfind("devices/channel/target")
    return any(end.get("name") == _AGENT_CHANNEL and end.get("state") == "connected" for end in ends)


def agent_answers(domain: Any) -> bool:
    """Return whether the guest agent answers a question now (virDomainGetTime, which only the agent can answer)."""
    if not agent_connected(domain):
        return False
    try:
        return bool(domain.getTime())
    except libvirt.libvirtError:
        return False


def ssh_answers(addresses: Addresses, timeout: float = 2.0) -> bool:
    """Return whether an SSH server greets at one of the addresses (RFC 4253, section 4.2)."""
    return any(_greets(ip, timeout) for ips in addresses.values() for ip in ips)


def _greets(ip: str, timeout: float) -> bool:
    try:
        with socket.create_connection((ip, 22), timeout=timeout) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def addresses_from(domain: Any, source: str) -> dict[str, list[str]]:
    """Return what one of SOURCES knows of a running guest; {} where it knows nothing. An agent is asked only if it is
    there.
    """
    if source == "agent" and not agent_connected(domain):
        return {}
    try:
        interfaces = domain.interfaceAddresses(SOURCES[source]) or {}
    except libvirt.libvirtError:
        # Not every source exists for every guest and driver; one that does not answer knows nothing.
        return {}
    found: dict[str, list[str]] = {}
    for card in interfaces.values():
        # A guest's VLANs and bonds have the MAC address of their card.
        found.setdefault((card["hwaddr"] or "").lower(), []).extend(entry["addr"] for entry in card["addrs"] or ())
    usable = ((mac, usable_addresses(ips)) for mac, ips in found.items())
    return {mac: ips for mac, ips in usable if mac and ips}


def usable_addresses(texts: Sequence[str]) -> list[str]:
    """Return the addresses that another machine can reach, IPv4 before IPv6."""
    ips = [ip for ip in map(_parsed, texts) if ip and not ip.is_loopback and not ip.is_link_local]
    return [str(ip) for ip in sorted(ips, key=lambda ip: ip.version)]


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        # The words of a guest's agent are the guest's: what is no address must not stop anything.
        return None


# What a VM that was started is waited for by, as the option wait_for says it, and what is missing until then.
QUESTIONS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "ip": (guest_addresses, "has no address"),
    "agent": (agent_answers, "has no guest agent that answers"),
    "ssh": (lambda domain: ssh_answers(guest_addresses(domain)), "has no SSH server that answers"),
}
