# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The volumes of a host, for people to read: what each is, what is below it, and who needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._domains import domain_trees
from .._hypervisor import Hypervisor
from .._template.library import Template, templates_of
from .state import VolumeState, active_pools, active_volumes, unless_stopped
from .users import all_users, chain, image_at
from .volume_facts import volume_facts
from .volume_spec import Place


def read_volumes(host: Hypervisor, pool: str | None = None, names: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return volumes in the words of kvm_volume's options, with their `chain` and `used_by`, sorted by pool and name.

    All of all active pools, or those of one pool, or of these names. A name that is not there has the state "absent",
    and comes last. Every active pool is looked through anew. NotFound or Refused where the pool cannot be asked.
    """
    if pool is not None:
        host.require_active_pool(pool)
    volumes = list(active_volumes(host))
    templates = [template for active in active_pools(host) for template in _templates(host, active)]
    return listed_volumes(volumes, domain_trees(host), templates, pool, names)


def listed_volumes(
    volumes: list[VolumeState],
    domains: list[Any],
    templates: Sequence[Template],
    pool: str | None = None,
    names: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """Return the volumes that are asked for, from what all volumes, domain trees and templates say."""
    at = {volume.path: volume for volume in volumes}
    users = all_users(volumes, domains)
    chosen = [volume for volume in volumes if pool in (None, volume.pool) and (names is None or volume.name in names)]
    there = {volume.name for volume in chosen}
    missing = [name for name in dict.fromkeys(names or ()) if name not in there]
    return [
        {**_facts(volume, at), "used_by": sorted({*users.get(image_at(volume.path), ()), *_labels(volume, templates)})}
        for volume in sorted(chosen, key=lambda volume: (volume.pool, volume.name))
    ] + [_absent(name, pool) for name in missing]


def _templates(host: Hypervisor, pool: Any) -> list[Template]:
    return unless_stopped(lambda: list(templates_of(host, pool)), [])


def _labels(volume: VolumeState, templates: Sequence[Template]) -> set[str]:
    """Return the templates that a volume is a part of, or the medium of, as name:version."""
    return {
        template.label
        for template in templates
        if (volume.pool == template.pool and volume.name in (template.image, template.descriptor))
        or template.medium == {"pool": volume.pool, "volume": volume.name}
    }


def _facts(volume: VolumeState, at: Mapping[str, VolumeState]) -> dict[str, Any]:
    below = _chain(volume, at)
    known = Place(below[0]["pool"], below[0]["name"]) if below and "name" in below[0] else None
    return {**volume_facts(volume, Place(volume.pool, volume.name), known), "chain": below}


def _chain(volume: VolumeState, at: Mapping[str, VolumeState]) -> list[dict[str, Any]]:
    """Return the images below a volume, the nearest first, down to the last that an active pool knows of."""
    backings = {path: found.backing for path, found in at.items() if found.backing}
    formats = {backing.path: backing.format for backing in backings.values()}
    paths = list(chain(volume.path, {path: backing.path for path, backing in backings.items()}))[1:]
    return [{"path": path, "format": formats[path], **_place(at.get(path))} for path in paths]


def _place(volume: VolumeState | None) -> dict[str, str]:
    return {} if volume is None else {"name": volume.name, "pool": volume.pool}


def _absent(name: str, pool: str | None) -> dict[str, Any]:
    return {"name": name, **({"pool": pool} if pool else {}), "state": "absent"}
