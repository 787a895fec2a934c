# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pools refuse: what their type does not know or lacks, and what cannot change once a pool is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import Refused
from .._fields import Edit
from .pool_making import fixed_target
from .pool_spec import PoolSpec
from .pool_state import PoolState
from .pool_types import OPEN_FORMATS, POOL_TYPES, PoolType, listed


def check_new(spec: PoolSpec) -> None:
    """Refuse a new pool that lacks what its type needs, or says what its type does not know."""
    kind = spec.new_kind
    if kind.directory and not spec.target.get("target"):
        raise Refused(f"Pool '{spec.name}' does not exist yet; give the 'target' directory to make it in.")
    missing = [name for name in kind.needed if not spec.source.get(name)]
    if missing:
        raise Refused(f"Pool '{spec.name}' of type {kind.name} needs {listed(missing)} in its 'source'.")
    chosen = {"target"} if spec.target.get("target") == fixed_target(spec, kind) else set()
    check_words(spec, kind, spec.said("source"), spec.said("target") - chosen)


def check_kind(spec: PoolSpec, current: PoolState) -> None:
    """Refuse another type than that of the pool."""
    if spec.kind and spec.kind != current.kind:
        raise Refused(
            f"Pool '{spec.name}' is of type {current.kind} and cannot become {spec.kind}; "
            "remove it (state absent keeps its files) and make it anew."
        )


def check_edits(spec: PoolSpec, current: PoolState, edits: Sequence[Edit]) -> None:
    """Refuse what a pool's type does not know, and what libvirt would write down and not do."""
    kind = POOL_TYPES.get(current.kind)
    if kind is None:
        return
    changed = {edit.field.partition(".")[0] for edit in edits}
    check_words(spec, kind, changed & set(spec.source), changed & set(spec.target))
    for edit in edits:
        elsewhere = edit.field == "format" and "devices" in changed
        if edit.field in kind.lasting and not elsewhere and not _is_open(edit.before):
            raise Refused(f"Pool '{spec.name}' cannot get another {edit.field}: {_LASTING[edit.field]}.")


def check_words(spec: PoolSpec, kind: PoolType, source: set[str], target: set[str]) -> None:
    """Refuse options that a type does not know, and values that it does not take."""
    unknown = sorted(source - set(kind.known)) + sorted(target - set(kind.target_known))
    if unknown == ["target"] and kind.fixed_target:
        raise Refused(
            f"Pool '{spec.name}' is of type {kind.name}, whose target libvirt takes from the name in its 'source'; "
            "leave target out."
        )
    if unknown:
        raise Refused(f"Pool '{spec.name}' is of type {kind.name}, which has no {listed(unknown)}; leave it out.")
    if "format" in source:
        _check_format(spec, kind)
    for name in sorted({"hosts", "devices"} & source - set(kind.several)):
        if len(spec.source[name] or ()) > 1:
            raise Refused(f"Pool '{spec.name}' is of type {kind.name}, which takes one of its {name}; name one.")


def _check_format(spec: PoolSpec, kind: PoolType) -> None:
    wanted = spec.source["format"]
    if wanted not in kind.formats:
        raise Refused(
            f"Pool '{spec.name}' is of type {kind.name}, which has no format {wanted}; "
            f"choose one of {', '.join(kind.formats)}."
        )


# Why these do not change, and what to do.
_LASTING: Mapping[str, str] = {
    "format": "what is on a device is not formatted anew; leave it out, or name another device",
    "devices": "libvirt neither adds devices nor takes them away; do that with LVM's tools, and leave them out",
    "adapter.type": "one adapter does not become another; remove the pool (state absent) and make it anew",
}


def _is_open(value: Any) -> bool:
    return value is None or value in OPEN_FORMATS


def check_target(spec: PoolSpec, others: Sequence[PoolState]) -> None:
    """Refuse the directory of another pool."""
    twin = next((other.name for other in others if _directory(other) == spec.target.get("target")), None)
    if twin and spec.target.get("target"):
        raise Refused(f"Pool '{spec.name}' wants the directory of pool '{twin}'; choose another target.")


def _directory(pool: PoolState) -> str | None:
    """Return the directory that no other pool may have; devices of many pools appear in one place."""
    kind = POOL_TYPES.get(pool.kind)
    return None if kind is not None and not kind.directory else pool.target.get("target")
