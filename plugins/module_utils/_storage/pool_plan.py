# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a pool from what is to what is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from .._defined import Keep, SetAutostart, Start, Stop, Undefine
from .._errors import Refused
from .._fields import Element
from .._hypervisor import Hypervisor
from .._plan import Change, Plan, Resource
from .pool_changes import BuildPool, DefinePool, EditPool
from .pool_spec import PoolSource, PoolSpec, PoolTarget
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
        _check_new(spec)
        _check_target(spec, others)
        return Plan(spec.name, _creation(spec))
    _check_kind(spec, current)
    edits = edits_of(spec, current)
    if any(edit.edit.field == "target" for edit in edits):
        _check_target(spec, others)
    if current.active and users and not _harmless(edits):
        raise Refused(
            f"Pool '{spec.name}' cannot get another {_fields(edits)} while VMs have disks in it "
            f"({', '.join(users)}); move or remove them first."
        )
    return Plan(spec.name, _change(spec, current, edits))


def edits_of(spec: PoolSpec, current: PoolState) -> list[EditPool]:
    """Return what has to change in a pool's definition."""
    wanted_of: tuple[tuple[type[Element], Mapping[str, Any]], ...] = (
        (PoolSource, spec.source),
        (PoolTarget, spec.target),
    )
    return [
        EditPool(spec.name, element, edit, wanted[edit.field])
        for element, wanted in wanted_of
        for edit in element.edit(deepcopy(current.tree), wanted)
    ]


def _harmless(edits: Sequence[EditPool]) -> bool:
    return {edit.edit.field for edit in edits} <= _HARMLESS


def _fields(edits: Sequence[EditPool]) -> str:
    return " and ".join(sorted({edit.edit.field for edit in edits} - _HARMLESS))


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
    changes: list[Change] = [DefinePool(spec.name, spec.new_kind.name, spec.target, spec.source)]
    if spec.state == "active":
        changes += _start(spec, spec.new_kind.name)
    autostart = spec.state == "active" if spec.autostart is None else spec.autostart
    return changes + ([SetAutostart(POOLS, spec.name, True)] if autostart else [])


def _start(spec: PoolSpec, kind: str) -> list[Change]:
    known = POOL_TYPES.get(kind)
    build: list[Change] = [BuildPool(spec.name, known.build_flags)] if known and spec.build else []
    return [*build, Start(POOLS, spec.name)]


def _change(spec: PoolSpec, current: PoolState, edits: Sequence[EditPool]) -> list[Change]:
    """Return the changes of a pool that is there; an active pool takes a new definition only at its next start."""
    stop = current.active and (bool(edits) or spec.state == "inactive")
    start = spec.state == "active" or (spec.state == "present" and current.active)
    changes: list[Change] = [] if current.persistent else [Keep(POOLS, spec.name)]
    changes += [Stop(POOLS, spec.name)] if stop else []
    changes += edits
    changes += _start(spec, current.kind) if start and (stop or not current.active) else []
    if spec.autostart is not None and spec.autostart != current.autostart:
        changes.append(SetAutostart(POOLS, spec.name, spec.autostart))
    return changes


def _check_new(spec: PoolSpec) -> None:
    kind = spec.new_kind
    if "target" not in spec.target:
        raise Refused(f"Pool '{spec.name}' does not exist yet; give the 'target' directory to make it in.")
    missing = [name for name in kind.source_needed if name not in spec.source]
    if missing:
        raise Refused(f"Pool '{spec.name}' of type {kind.name} needs {' and '.join(missing)} in its 'source'.")
    _check_source(spec, kind.name)


def _check_source(spec: PoolSpec, kind: str) -> None:
    unknown = sorted(set(spec.source) - set(POOL_TYPES[kind].source_known)) if kind in POOL_TYPES else []
    if unknown:
        raise Refused(f"Pool '{spec.name}' is of type {kind}, which has no {' and '.join(unknown)}; leave it out.")


def _check_kind(spec: PoolSpec, current: PoolState) -> None:
    if spec.kind and spec.kind != current.kind:
        raise Refused(
            f"Pool '{spec.name}' is of type {current.kind} and cannot become {spec.kind}; "
            "remove it (state absent keeps its files) and make it anew."
        )
    _check_source(spec, current.kind)


def _check_target(spec: PoolSpec, others: Sequence[PoolState]) -> None:
    twin = next((other.name for other in others if other.target.get("target") == spec.target.get("target")), None)
    if twin:
        raise Refused(f"Pool '{spec.name}' wants the directory of pool '{twin}'; choose another target.")


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
