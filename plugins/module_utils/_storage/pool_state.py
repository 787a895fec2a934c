# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pool is, read from libvirt as plain data, and in the words of the options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._defined import Kind, definition_of
from .._hypervisor import Hypervisor
from .._units import MIB, format_size
from .._values import dataclass
from .._xml import parse_xml
from .pool_source import PoolSource
from .pool_spec import PoolTarget
from .pool_types import POOL_TYPES

POOLS = Kind(
    "pool",
    Hypervisor.pool,
    lambda host, xml: host.connection.storagePoolDefineXML(xml, 0),
    kept=" (its volumes stay)",
)


@dataclass(frozen=True)
class PoolState:
    """A pool as it is; sizes in bytes, and 0 while it is not active."""

    name: str
    tree: Any
    active: bool
    persistent: bool = True
    autostart: bool = False
    capacity: int = 0
    allocation: int = 0
    available: int = 0

    @property
    def kind(self) -> str:
        """Return libvirt's word for the type."""
        return str(self.tree.get("type"))

    @property
    def target(self) -> dict[str, Any]:
        """Return where it is on the host."""
        return PoolTarget.read(self.tree)

    @property
    def source(self) -> dict[str, Any]:
        """Return where its content comes from."""
        return PoolSource.read(self.tree)


def pool_state(pool: Any) -> PoolState:
    """Return what a virStoragePool is."""
    active = bool(pool.isActive())
    _state, capacity, allocation, available = pool.info() if active else (0, 0, 0, 0)
    return PoolState(
        name=pool.name(),
        tree=parse_xml(definition_of(pool)),
        active=active,
        persistent=bool(pool.isPersistent()),
        autostart=bool(pool.autostart()),
        capacity=capacity,
        allocation=allocation,
        available=available,
    )


def read_pool(host: Hypervisor, name: str) -> PoolState | None:
    """Return a pool, or None where there is none."""
    pool = host.pool(name)
    return None if pool is None else pool_state(pool)


def other_pools(host: Hypervisor, name: str) -> list[PoolState]:
    """Return all pools but the named one."""
    return [pool_state(pool) for pool in host.connection.listAllStoragePools() if pool.name() != name]


def pool_facts(state: PoolState | None, name: str) -> dict[str, Any]:
    """Return a pool in the words of the options, and what only libvirt knows: uuid and sizes in bytes."""
    if state is None:
        return {"name": name, "state": "absent"}
    source = PoolSource.facts(state.tree)
    return {
        "name": state.name,
        "type": state.kind,
        **PoolTarget.show(state.target),
        **({"source": source} if source else {}),
        "state": "active" if state.active else "inactive",
        "autostart": state.autostart,
        "uuid": state.tree.findtext("uuid"),
        "capacity": state.capacity,
        "allocation": state.allocation,
        "available": state.available,
    }


def fullness(facts: Mapping[str, Any], share: int | None) -> list[str]:
    """Return a warning where more than a share (per cent) of an active pool is in use.

    Whatever is not available counts: what a pool of a shared system lacks, others may have taken.
    """
    kind, capacity = POOL_TYPES.get(facts.get("type", "")), facts.get("capacity")
    if share is None or not capacity or (kind and not kind.metered):
        return []
    used, free = 100 * (1 - facts["available"] / capacity), facts["available"] // MIB * MIB
    if used <= share:
        return []
    return [f"{used:.0f} % of the pool are in use, more than {share} %; {format_size(free)} are free."]
