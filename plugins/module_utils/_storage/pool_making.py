# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new pool is given beside what the user says of it, and what it is built of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import Refused
from .._plan import Change
from .pool_changes import BuildPool
from .pool_spec import PoolSpec
from .pool_types import NO_OVERWRITE, OPEN_FORMATS, PoolType, listed


def new_source(spec: PoolSpec, kind: PoolType) -> dict[str, Any]:
    """Return the source of a new pool; a volume group or ZFS pool has the pool's name if it is given none."""
    source = {name: value for name, value in spec.source.items() if value is not None}
    return {"name": spec.name, **source} if kind.fixed_target else source


def new_target(spec: PoolSpec, kind: PoolType) -> dict[str, Any]:
    """Return the target of a new pool."""
    if kind.fixed_target:
        return {"target": fixed_target(spec, kind)}
    return {**({"target": kind.devices_at} if kind.devices_at else {}), **spec.target}


def fixed_target(spec: PoolSpec, kind: PoolType) -> str | None:
    """Return the target that libvirt gives a new pool by itself; None where it gives none."""
    name = spec.source.get("name") or spec.name
    return kind.devices_at.format(name=name) if kind.fixed_target else None


def builds(spec: PoolSpec, kind: PoolType | None, source: Mapping[str, Any]) -> list[Change]:
    """Return what is made before a pool of such a source is started.

    A directory, unless the user says no; what would be written to devices, only if the user says yes.
    """
    if kind is None or spec.build is False:
        return []
    if spec.build and kind.makes:
        return [BuildPool(spec.name, NO_OVERWRITE, _words(spec, kind, source))]
    if spec.build and not kind.directory:
        raise Refused(f"Pool '{spec.name}' is of type {kind.name}, for which nothing is built; leave build out.")
    return [BuildPool(spec.name)] if kind.directory else []


def _words(spec: PoolSpec, kind: PoolType, source: Mapping[str, Any]) -> str:
    lacking = [name for name in ("devices", "format") if f"{{{name}}}" in kind.makes and _is_open(source.get(name))]
    if lacking:
        raise Refused(
            f"Pool '{spec.name}' of type {kind.name} needs {listed(lacking)} in its 'source' to be built; name what is "
            "to be made on which devices, or leave build out."
        )
    made = kind.makes.format(format=source.get("format"), devices=", ".join(source["devices"]))
    return f"make {'its directory, and ' if kind.directory else ''}{made} where that is empty"


def _is_open(value: Any) -> bool:
    return not value or value in OPEN_FORMATS
