# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may say about a network, and the same as it is compared."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from .._errors import Refused
from .._field_kinds import Mac
from .._names import check_name
from .._values import dataclass
from .definition import MODES, Definition, ip_text
from .entries import HOST, NAME, RANGE, Entry, dhcp_host, dhcp_range, dns_host

STATES = ("present", "active", "inactive", "absent")

_RANGE = {"start": {"type": "str", "required": True}, "end": {"type": "str", "required": True}}
_HOST = {"mac": {"type": "str"}, "name": {"type": "str"}, "ip": {"type": "str", "required": True}}
_NAME = {
    "ip": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str", "required": True},
}


def _list_of(options: dict[str, Any]) -> dict[str, Any]:
    return {"type": "list", "elements": "dict", "options": options}


def network_options() -> dict[str, Any]:
    """Return the options of a network as an Ansible argument spec."""
    dhcp = {"ranges": _list_of(_RANGE), "hosts": _list_of(_HOST)}
    ip = {"address": {"type": "str", "required": True}, "dhcp": {"type": "dict", "options": dhcp}}
    dns = {"forwarders": {"type": "list", "elements": "str"}, "hosts": _list_of(_NAME)}
    return {
        "name": {"type": "str", "required": True},
        "mode": {"type": "str", "choices": list(MODES)},
        "bridge": {"type": "str"},
        "device": {"type": "str"},
        "domain": {"type": "str"},
        "mtu": {"type": "int"},
        "ip": _list_of(ip),
        "dns": {"type": "dict", "options": dns},
        "state": {"type": "str", "choices": list(STATES), "default": "active"},
        "autostart": {"type": "bool"},
    }


@dataclass(frozen=True)
class NetworkSpec:
    """One network as it is wanted. What is None, or not in a mapping, is not managed."""

    name: str
    definition: Mapping[str, Any] = field(default_factory=dict)
    entries: Sequence[Entry] = ()
    # The kinds of entries, and for DHCP the addresses they belong to, that the user named: all others are left alone.
    managed: frozenset[tuple[str, str]] = frozenset()
    state: str = "active"
    autostart: bool | None = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> NetworkSpec:
        """Return the spec of a module's options; Refused, naming the network, where they make no sense."""
        name = check_name("Network", params["name"])
        try:
            return _spec(name, params)
        except Refused as error:
            raise Refused(f"Network '{name}': {error}") from error


def _spec(name: str, params: Mapping[str, Any]) -> NetworkSpec:
    dns = params.get("dns") or {}
    definition = Definition.normal({**params, "ip": None, "forwarders": dns.get("forwarders")})
    entries: list[Entry] = []
    managed: set[tuple[str, str]] = set()
    if params.get("ip") is not None:
        addresses = [_interface(entry["address"]) for entry in params["ip"]]
        _check_apart(addresses)
        definition["ip"] = tuple(sorted(str(address) for address in addresses)) or None
        for address, entry in zip(addresses, params["ip"]):
            _add_dhcp(address, entry.get("dhcp") or {}, entries, managed)
    if dns.get("hosts") is not None:
        managed.add((NAME, ""))
        entries += [_dns_host(host) for host in dns["hosts"]]
    _check_once(entries)
    _check_one_dhcp(entries)
    return NetworkSpec(
        name, definition, tuple(entries), frozenset(managed), params.get("state") or "active", params.get("autostart")
    )


Interface = Any  # IPv4Interface or IPv6Interface; the standard library has no common type


def _interface(text: str) -> Interface:
    try:
        if "/" not in text:
            raise ValueError(text)
        interface = ipaddress.ip_interface(text)
    except ValueError as error:
        raise Refused(
            f"address '{text}' has no prefix or is none; write the host's own, such as 192.0.2.1/24."
        ) from error
    network = interface.network
    if network.num_addresses > 2 and interface.ip in (network.network_address, network.broadcast_address):
        raise Refused(f"address '{text}' is the network itself; write the host's own in it, such as {network[1]}.")
    return interface


def _check_apart(addresses: Sequence[Interface]) -> None:
    for position, one in enumerate(addresses):
        for other in addresses[:position]:
            if one.version == other.version and one.network.overlaps(other.network):
                raise Refused(f"the subnets of {other} and {one} overlap; choose another.")


def _add_dhcp(address: Interface, dhcp: Mapping[str, Any], entries: list[Entry], managed: set[tuple[str, str]]) -> None:
    if dhcp.get("ranges") is not None:
        managed.add((RANGE, str(address)))
        entries += [_range(address, entry) for entry in dhcp["ranges"]]
    if dhcp.get("hosts") is not None:
        managed.add((HOST, str(address)))
        entries += [_host(address, entry) for entry in dhcp["hosts"]]


def _inside(address: Interface, option: str, text: Any) -> str:
    ip = ip_text(option, text)
    if ipaddress.ip_address(ip) not in address.network:
        raise Refused(f"{option} {ip} is outside {address.network}; choose an address of that subnet.")
    return ip


def _range(address: Interface, entry: Mapping[str, Any]) -> Entry:
    start, end = (_inside(address, f"DHCP range {side}", entry[side]) for side in ("start", "end"))
    if int(ipaddress.ip_address(start)) > int(ipaddress.ip_address(end)):
        raise Refused(f"DHCP range {start} to {end} ends before it starts; swap them.")
    return dhcp_range(str(address), start, end)


def _host(address: Interface, entry: Mapping[str, Any]) -> Entry:
    if not entry.get("mac") and not entry.get("name"):
        raise Refused(f"DHCP host {entry['ip']} has neither mac nor name; give one, so that the guest is recognised.")
    mac = _MAC.normal(entry["mac"]) if entry.get("mac") else None
    return dhcp_host(str(address), _inside(address, "DHCP host", entry["ip"]), mac, entry.get("name"))


_MAC = Mac("@mac")
_MAC.name = "mac"


def _dns_host(entry: Mapping[str, Any]) -> Entry:
    if not entry["names"]:
        raise Refused(f"DNS host {entry['ip']} has no names; give one, or leave the host out.")
    return dns_host(ip_text("DNS host", entry["ip"]), tuple(entry["names"]))


def _check_once(entries: Sequence[Entry]) -> None:
    seen = set()
    for entry in entries:
        addresses = [(entry.kind, value) for name, value in entry.values if name == "ip"]
        for key in [entry.identity, *addresses]:
            if key in seen:
                raise Refused(f"{entry} clashes with another {entry.kind} of the list; every one must be given once.")
        seen.update([entry.identity, *addresses])


def _check_one_dhcp(entries: Sequence[Entry]) -> None:
    """Refuse what libvirt does: DHCP on more than one address of a kind."""
    for family, sign in (("IPv4", "."), ("IPv6", ":")):
        addresses = sorted({entry.address for entry in entries if sign in entry.address})
        if len(addresses) > 1:
            raise Refused(f"DHCP is on {' and '.join(addresses)}, but libvirt serves one {family} subnet; choose one.")
