# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a pool from what is to what is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._defined import Keep, SetAutostart, Start, Stop, Undefine
from .._errors import Refused
from .._fields import Edit
from .._hypervisor import Hypervisor
from .._plan import Change, Plan, Resource
from .pool_changes import DefinePool, EditPool
from .pool_checks import check_edits, check_kind, check_new, check_target
from .pool_making import builds, new_source, new_target
from .pool_source import PoolSource
from .pool_spec import PoolSpec, PoolTarget
from .pool_state import POOLS, PoolState, other_pools, pool_facts, read_pool
from .pool_types import POOL_TYPES
from .state import refresh
from .users import pool_referrers, pool_users

# These only say whom the directory belongs to: no volume moves when they change.
_HARMLESS = frozenset({"mode", "owner", "group"})


def plan_pool(
    spec: PoolSpec, current: PoolState | None, others: Sequence[PoolState] = (), users: Sequence[str] = ()
) -> Plan:
    """Return the plan of one pool: `others` are the host's other pools, `users` the VMs whose disks are in this one."""
    if spec.state == "absent":
        return Plan(spec.name, _removal(spec, current, users))
    if current is None:
        check_new(spec)
        check_target(spec, others)
        return Plan(spec.name, _creation(spec))
    check_kind(spec, current)
    edits = edits_of(spec, current)
    check_edits(spec, current, edits)
    if any(edit.field == "target" for edit in edits):
        check_target(spec, others)
    if current.active and users and not _harmless(current, edits):
        raise Refused(
            f"Pool '{spec.name}' cannot get another {_fields(edits)} while VMs have disks in it "
            f"({', '.join(users)}); move or remove them first."
        )
    return Plan(spec.name, _change(spec, current, edits))


def edits_of(spec: PoolSpec, current: PoolState) -> list[Edit]:
    """Return what has to change in a pool's definition."""
    return PoolSource.differences(current.tree, spec.source) + PoolTarget.differences(current.tree, spec.target)


def _harmless(current: PoolState, edits: Sequence[Edit]) -> bool:
    """Return whether VMs may have disks in it: only a pool that nothing is mounted for goes on while it is stopped."""
    return current.kind == "dir" and {edit.field for edit in edits} <= _HARMLESS


def _fields(edits: Sequence[Edit]) -> str:
    return " and ".join(sorted({edit.field for edit in edits}))


def _removal(spec: PoolSpec, current: PoolState | None, users: Sequence[str]) -> list[Change]:
    if current is None:
        return []
    if users:
        raise Refused(
            f"Pool '{spec.name}' is not removed: VMs name it as the place of their disks ({', '.join(users)}); "
            "remove or change them first."
        )
    stop: list[Change] = [Stop(POOLS, spec.name, gone=True)] if current.active else []
    return stop + ([Undefine(POOLS, spec.name)] if current.persistent else [])


def _creation(spec: PoolSpec) -> list[Change]:
    """Return the making of a pool; one that shall be active starts with the host too, unless that is refused."""
    kind = spec.new_kind
    source, target = new_source(spec, kind), new_target(spec, kind)
    changes: list[Change] = [DefinePool(spec.name, kind.name, target, source)]
    if spec.state == "active":
        changes += _start(spec, kind.name, source)
    autostart = spec.state == "active" if spec.autostart is None else spec.autostart
    return changes + ([SetAutostart(POOLS, spec.name, True)] if autostart else [])


def _start(spec: PoolSpec, kind: str, source: Mapping[str, Any]) -> list[Change]:
    return [*builds(spec, POOL_TYPES.get(kind), source), Start(POOLS, spec.name)]


def _change(spec: PoolSpec, current: PoolState, edits: Sequence[Edit]) -> list[Change]:
    """Return the changes of a pool that is there; an active pool takes a new definition only at its next start."""
    stop = current.active and (bool(edits) or spec.state == "inactive")
    start = spec.state == "active" or (spec.state == "present" and current.active)
    changes: list[Change] = [] if current.persistent else [Keep(POOLS, spec.name)]
    changes += [Stop(POOLS, spec.name)] if stop else []
    changes += [EditPool(spec.name, tuple(edits), spec.source, spec.target)] if edits else []
    if start and (stop or not current.active):
        changes += _start(spec, current.kind, {**current.source, **spec.source})
    if spec.autostart is not None and spec.autostart != current.autostart:
        changes.append(SetAutostart(POOLS, spec.name, spec.autostart))
    return changes


def _plan(host: Hypervisor, spec: PoolSpec) -> Plan:
    pool = host.pool(spec.name)
    if spec.refresh and pool is not None and pool.isActive():
        # Looking again changes what libvirt knows, not what is: it belongs to reading.
        refresh(pool)
        host.refreshed.add(spec.name)
    current = read_pool(host, spec.name)
    return plan_pool(spec, current, other_pools(host, spec.name), _users(host, spec, current))


def _users(host: Hypervisor, spec: PoolSpec, current: PoolState | None) -> list[str]:
    """Return the VMs that stand in the way, and do not look for them where nothing does."""
    if current is None:
        return []
    if spec.state == "absent":
        return pool_referrers(host, spec.name)
    return pool_users(host, spec.name) if current.active and edits_of(spec, current) else []


def _facts(host: Hypervisor, spec: PoolSpec) -> dict[str, Any]:
    return pool_facts(read_pool(host, spec.name), spec.name)


POOL: Resource[PoolSpec] = Resource(name=lambda spec: spec.name, plan=_plan, facts=_facts)
