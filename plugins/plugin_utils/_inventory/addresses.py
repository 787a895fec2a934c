# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of all running guests of a host, in as few calls as libvirt allows."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from ...module_utils._libs import libvirt
from ...module_utils._vm.addresses import addresses_from, usable_addresses
from .within import within

# By MAC address, for each guest.
Found = dict[str, dict[str, list[str]]]

_ACTIVE_NETWORKS = 2  # VIR_CONNECT_LIST_NETWORKS_ACTIVE
# libvirtd works on five calls of a client at a time: agents that hang must leave one for the others.
_AGENTS_AT_A_TIME = 4


def find_addresses(
    connection: Any,
    domains: Mapping[str, Any],
    macs: Mapping[str, Sequence[str]],
    sources: Sequence[str],
    deadline: float,
) -> tuple[Found, list[str]]:
    """Return the addresses of running domains by name, and the names of those whose agent did not answer in time.

    Each source is asked for the domains of which the ones before knew nothing. `deadline` is a time.monotonic().
    """
    found: Found = {}
    silent: list[str] = []
    for source in sources:
        unknown = {name: domain for name, domain in domains.items() if name not in found}
        if source == "lease":
            answers = _leased(connection, unknown, macs)
        elif source == "agent":
            answers = _from_agents(unknown, (deadline - time.monotonic()) / 2)
            silent = sorted(set(unknown) - set(answers))
        else:
            answers = {name: addresses_from(domain, source) for name, domain in unknown.items()}
        found.update(_of_own_cards(answers, macs))
    return found, [name for name in silent if name not in found]


def _of_own_cards(answers: Found, macs: Mapping[str, Sequence[str]]) -> Found:
    """Keep the addresses of a guest's own cards, in the cards' order: not those of bridges for containers inside it."""
    own = {name: {mac: ips[mac] for mac in macs[name] if mac in ips} for name, ips in answers.items()}
    return {name: ips for name, ips in own.items() if ips}


def _from_agents(domains: Mapping[str, Any], seconds: float) -> Found:
    def question(domain: Any) -> Any:
        return lambda: addresses_from(domain, "agent")

    return within(seconds, {name: question(domain) for name, domain in domains.items()}, _AGENTS_AT_A_TIME)


def _leased(connection: Any, domains: Mapping[str, Any], macs: Mapping[str, Sequence[str]]) -> Found:
    leases = _leases(connection)
    if leases is None:
        return {name: addresses_from(domain, "lease") for name, domain in domains.items()}
    return {name: {mac: leases[mac] for mac in macs[name] if mac in leases} for name in domains}


def _leases(connection: Any) -> dict[str, list[str]] | None:
    """Return the leases of all networks by MAC address; None where the driver has no list (virNetworkGetDHCPLeases)."""
    leases: dict[str, list[str]] = {}
    try:
        for network in connection.listAllNetworks(_ACTIVE_NETWORKS):
            for lease in network.DHCPLeases():
                leases.setdefault((lease["mac"] or "").lower(), []).append(lease["ipaddr"])
    except libvirt.libvirtError:
        return None
    return {mac: usable_addresses(ips) for mac, ips in leases.items()}
