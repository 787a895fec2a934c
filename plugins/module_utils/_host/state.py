# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hypervisor as it is: its machine, its pools and networks, and how many VMs it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Callable

from .._errors import KvmError
from .._hypervisor import NO_SUPPORT, Hypervisor, speaking_of
from .._libs import libvirt
from .._network.state import network_facts, network_state
from .._storage.pool_state import pool_facts, pool_state
from .._units import KIB, MIB
from .._vm.census import take_census
from .._vm.spec import NOTE_SUFFIX
from .capabilities import capabilities_facts, version_text

_STATES = ("running", "paused", "saved", "stopped")
_ALL_CELLS = -1  # VIR_NODE_MEMORY_STATS_ALL_CELLS


def read_host(host: Hypervisor) -> tuple[dict[str, Any], list[str]]:
    """Return a hypervisor's facts, and sentences about what of it could not be read; sizes in bytes."""
    connection = host.connection
    with speaking_of(f"{host.uri}: read the host"):
        facts = {**_software(connection), **capabilities_facts(connection.getCapabilities()), **_hardware(connection)}
        facts.update(_vms(connection))
        pools, networks = connection.listAllStoragePools(), connection.listAllNetworks()
    facts["pools"], bad_pools = _each("pool", pools, _pool)
    facts["networks"], bad_networks = _each("network", networks, _network)
    return facts, bad_pools + bad_networks


def _software(connection: Any) -> dict[str, Any]:
    return {
        "hostname": connection.getHostname(),
        "hypervisor": connection.getType(),
        "hypervisor_version": version_text(connection.getVersion()),
        "libvirt_version": version_text(connection.getLibVersion()),
    }


def _hardware(connection: Any) -> dict[str, Any]:
    """Return CPUs and memory (virNodeGetInfo, virNodeGetMemoryStats)."""
    _model, megabytes, cpus, mhz, cells, sockets, cores, threads = connection.getInfo()
    stats = {name: amount * KIB for name, amount in _memory_stats(connection).items()}
    reusable = [stats.get(name, 0) for name in ("buffers", "cached")]
    return {
        "cpus": cpus,
        "cpu_mhz": mhz,
        "cpu_topology": {"numa_cells": cells, "sockets": sockets, "cores": cores, "threads": threads},
        "memory": stats.get("total", megabytes * MIB),
        "memory_free": stats.get("free"),
        "memory_available": stats["free"] + sum(reusable) if "free" in stats else None,
    }


def _memory_stats(connection: Any) -> dict[str, int]:
    try:
        return dict(connection.getMemoryStats(_ALL_CELLS))
    except libvirt.libvirtError as error:
        if error.get_error_code() != NO_SUPPORT:
            raise
        return {}


def _vms(connection: Any) -> dict[str, Any]:
    census = take_census(connection)
    vms = {name: glance.power for name, glance in census.items() if not name.endswith(NOTE_SUFFIX)}
    counts = Counter(vms.values())
    return {"vms": {state: counts[state] for state in _STATES}, "vm_names": sorted(vms)}


def _pool(pool: Any) -> dict[str, Any]:
    return pool_facts(pool_state(pool), pool.name())


def _network(network: Any) -> dict[str, Any]:
    return network_facts(network_state(network), network.name())


def _each(
    kind: str, things: Sequence[Any], facts: Callable[[Any], dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the facts of all things, sorted by name, and a sentence about each that could not be read."""
    read: list[dict[str, Any]] = []
    problems = [_attempt(f"{kind} {thing.name()}: read it", thing, facts, read) for thing in things]
    return sorted(read, key=lambda found: str(found["name"])), list(filter(None, problems))


def _attempt(doing: str, thing: Any, facts: Callable[[Any], dict[str, Any]], read: list[dict[str, Any]]) -> str:
    try:
        with speaking_of(doing):
            read.append(facts(thing))
    except KvmError as error:
        return str(error)
    return ""
