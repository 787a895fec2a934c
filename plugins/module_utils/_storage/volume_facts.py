# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes in the words of kvm_volume's options."""

from __future__ import annotations

from typing import Any

from .._hypervisor import Hypervisor
from .._units import format_size
from .state import VolumeState, read_volume
from .volume_spec import Place, VolumeSpec


def volume_facts(state: VolumeState | None, place: Place, below: Place | None = None) -> dict[str, Any]:
    """Return a volume in the words of the options, and what only libvirt knows: path, and bytes in use."""
    if state is None:
        return {"name": place.name, "pool": place.pool, "state": "absent"}
    facts = {
        "name": state.name,
        "pool": state.pool,
        "state": "present",
        "capacity": format_size(state.capacity),
        "format": state.format,
        "path": state.path,
        "allocation": state.allocation,
    }
    if state.encrypted:
        facts["encrypted"] = True
    if state.secret:
        facts["encryption"] = {"secret": state.secret}
    if state.backing:
        facts["backing_path"] = state.backing.path
    if below:
        facts["backing"] = {"name": below.name, "pool": below.pool}
    return facts


def _below(host: Hypervisor, state: VolumeState) -> Place | None:
    """Return the volume below another one, where an active pool knows it."""
    volume = host.volume_at(state.backing.path) if state.backing else None
    return Place(volume.storagePoolLookupByVolume().name(), volume.name()) if volume is not None else None


def read_facts(host: Hypervisor, spec: VolumeSpec) -> dict[str, Any]:
    """Return the volume of a spec in the words of the options."""
    place = spec.place
    gone = spec.state == "absent" and host.pool(place.pool) is None
    state = None if gone else read_volume(host, place.pool, place.name)
    return volume_facts(state, place, _below(host, state) if state else None)
