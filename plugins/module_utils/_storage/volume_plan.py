# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a volume from what is to what is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._errors import NotFound, Refused
from .._hypervisor import Hypervisor
from .._image.origin import Origin
from .._libs import libvirt
from .._plan import Change, Plan, Resource
from .._units import MIB, format_size
from .._values import dataclass
from .changes import CloneVolume, CreateVolume, DeleteVolume, ResizeVolume, UploadVolume
from .pool_types import PoolType
from .pool_volumes import check_makes, format_in, type_of_pool
from .state import Backing, VolumeState, find_volume, pool_free, read_volume
from .streams import sha256_of_volume
from .unfinished import Guarded, is_unfinished, mark_of
from .users import disk_of_running, volume_users
from .volume_spec import Place, VolumeSpec


@dataclass(frozen=True)
class Surroundings:
    """What a plan needs to know beside the volume itself: sizes in bytes."""

    origin: VolumeState | None = None  # the backing or source volume that is named
    unfinished: bool = False  # an earlier run was cut off while it made the volume
    same_content: bool = True  # the volume holds what the image does
    users: Sequence[str] = ()
    running: str | None = None  # the running VM whose disk it is
    held: Sequence[str] = ()  # the running VMs that need it in any way
    free: int = 0
    kind: PoolType | None = None  # the type of the pool, where it is known


def plan_volume(spec: VolumeSpec, current: VolumeState | None, around: Surroundings) -> Plan:
    """Return the plan of one volume."""
    if spec.state == "absent":
        return Plan(str(spec.place), _removal(spec, current, around))
    if current is not None and not around.unfinished:
        _check_existing(spec, current, around)
        if around.same_content:
            return Plan(str(spec.place), _resize(spec, current, around))
    if current is not None and around.users:
        why = "its content is not that of src" if spec.image else "its making was cut off"
        raise Refused(_in_use(spec, f"is not made anew, although {why}", around))
    return Plan(str(spec.place), _making(spec, current, around))


def _in_use(spec: VolumeSpec, what: str, around: Surroundings) -> str:
    return f"Volume '{spec.place}' {what}: it is used by {', '.join(around.users)}; remove or change them first."


def _removal(spec: VolumeSpec, current: VolumeState | None, around: Surroundings) -> list[Change]:
    if current is not None and around.users:
        raise Refused(_in_use(spec, "is not deleted", around))
    delete: list[Change] = [] if current is None else [DeleteVolume(spec.place.pool, spec.place.name)]
    return delete + ([DeleteVolume(spec.place.pool, mark_of(spec.place.name))] if around.unfinished else [])


def _check_existing(spec: VolumeSpec, current: VolumeState, around: Surroundings) -> None:
    remedy = "remove it first, or leave the option out"
    if spec.format and spec.format != current.format and not spec.image:
        raise Refused(f"Volume '{spec.place}' is {current.format}, not {spec.format}, and is not converted; {remedy}.")
    if spec.backing and (
        current.backing is None or around.origin is None or current.backing.path != around.origin.path
    ):
        below = current.backing.path if current.backing else "no volume"
        raise Refused(f"Volume '{spec.place}' is backed by {below}, not by {spec.backing}; {remedy}.")


def _resize(spec: VolumeSpec, current: VolumeState, around: Surroundings) -> list[Change]:
    if spec.capacity is None or not spec.resize or spec.capacity == current.capacity:
        return []
    if spec.capacity < current.capacity:
        _check_shrink(spec, current, around)
    else:
        _check_space(spec, _filled(current.format, spec.capacity - current.capacity), around)
    if around.held and not around.running:
        raise Refused(_in_use(spec, "is not resized", around))
    place = spec.place
    return [ResizeVolume(place.pool, place.name, current.capacity, spec.capacity, spec.shrink, around.running)]


def _check_shrink(spec: VolumeSpec, current: VolumeState, around: Surroundings) -> None:
    if not spec.shrink:
        raise Refused(
            f"Volume '{spec.place}' has {format_size(current.capacity)}, more than is wanted; shrinking loses "
            "what is stored behind the new end, so it needs shrink: true, or raise the capacity."
        )
    if around.users:
        raise Refused(_in_use(spec, "is not shrunk", around))


def _check_space(spec: VolumeSpec, size: int, around: Surroundings) -> None:
    """Refuse what the pool cannot hold; `size` in bytes."""
    if size > around.free:
        raise Refused(
            f"Volume '{spec.place}' needs {format_size(size)}, but pool '{spec.place.pool}' has "
            f"{format_size(around.free // MIB * MIB)} free; free some, or choose another pool."
        )


def _filled(kind: str, size: int) -> int:
    """Return the bytes that an image of that format may come to need: a qcow2 grows as it is written."""
    return size if kind == "raw" else 0


def _making(spec: VolumeSpec, current: VolumeState | None, around: Surroundings) -> list[Change]:
    """Return the making of a volume that is not there, or is there but has to be made anew."""
    place = spec.place
    away: list[Change] = [DeleteVolume(place.pool, place.name)] if current is not None and not spec.image else []
    if spec.image:
        return _upload(spec, spec.image, around)
    if spec.source:
        return [*away, _clone(spec, spec.source, around)]
    create = _create(spec, around)
    # A mark with no source to copy any more: what it marked is made anew, and it goes.
    return [*away, create, *([DeleteVolume(place.pool, mark_of(place.name))] if around.unfinished else [])]


def _check_makes(spec: VolumeSpec, image_format: str, around: Surroundings) -> None:
    check_makes(f"Volume '{spec.place}'", spec.place.pool, around.kind, image_format)


def _create(spec: VolumeSpec, around: Surroundings) -> Change:
    origin = around.origin
    capacity = spec.capacity or (origin.capacity if origin else None)
    if capacity is None:
        raise Refused(f"Volume '{spec.place}' does not exist yet; give its capacity, a source, a backing or a src.")
    if origin and capacity < origin.capacity:
        raise Refused(
            f"Volume '{spec.place}' is smaller than its backing; give {format_size(origin.capacity)} or more."
        )
    kind = spec.format or format_in(around.kind)
    _check_makes(spec, kind, around)
    _check_space(spec, _filled(kind, capacity), around)
    backing = Backing(origin.path, origin.format) if origin else None
    return CreateVolume(spec.place.pool, spec.place.name, capacity, kind, backing)


def _clone(spec: VolumeSpec, source: Place, around: Surroundings) -> Change:
    origin = around.origin
    if origin is None:
        raise Refused(f"Volume '{spec.place}' cannot be copied from {source}, which does not exist; correct the name.")
    capacity = spec.capacity or origin.capacity
    if capacity < origin.capacity:
        raise Refused(f"Volume '{spec.place}' is smaller than its source; give {format_size(origin.capacity)} or more.")
    kind = spec.format or format_in(around.kind)
    _check_makes(spec, kind, around)
    _check_space(spec, _filled(kind, capacity) or origin.allocation, around)
    clone = CloneVolume(spec.place.pool, spec.place.name, source.pool, source.name, capacity, kind)
    return Guarded(clone, spec.place.pool, spec.place.name)


def _upload(spec: VolumeSpec, image: Origin, around: Surroundings) -> list[Change]:
    place = spec.place
    _check_makes(spec, image.format, around)
    _check_space(spec, spec.capacity or image.size, around)
    changes: list[Change] = [UploadVolume(place.pool, place.name, image.file or "", image.size, image.format)]
    if spec.capacity not in (None, image.size):
        changes.append(ResizeVolume(place.pool, place.name, image.size, spec.capacity))
    return changes + ([DeleteVolume(place.pool, mark_of(place.name))] if around.unfinished else [])


def holds_image(host: Hypervisor, spec: VolumeSpec, image: Origin) -> bool:
    """Return whether a volume holds what an image does; reads as much of the volume as the image is long."""
    volume = find_volume(host, spec.place.pool, spec.place.name)
    if volume is None:
        return False
    physical = volume.infoFlags(libvirt.VIR_STORAGE_VOL_GET_PHYSICAL)[2]
    if physical != image.size and (spec.capacity is None or physical < image.size):
        return False
    return sha256_of_volume(host, volume, image.size) == image.sha256


def _plan(host: Hypervisor, spec: VolumeSpec) -> Plan:
    place = spec.place
    if spec.state == "absent" and host.pool(place.pool) is None:
        return Plan(str(place))
    current = read_volume(host, place.pool, place.name)
    return plan_volume(spec, current, _surroundings(host, spec, current))


def _surroundings(host: Hypervisor, spec: VolumeSpec, current: VolumeState | None) -> Surroundings:
    place = spec.place
    users = volume_users(host, current.path) if current and _touches(spec, current) else []
    return Surroundings(
        origin=None if spec.state == "absent" else _origin(host, spec, current),
        unfinished=is_unfinished(host, place.pool, place.name),
        same_content=spec.image is None or spec.state == "absent" or holds_image(host, spec, spec.image),
        users=users,
        running=disk_of_running(host, current.path) if current and users else None,
        held=[user for user in users if _is_running(host, user)],
        kind=type_of_pool(host, place.pool),
        free=pool_free(host, place.pool) + (current.allocation if current and spec.image else 0),
    )


def _touches(spec: VolumeSpec, current: VolumeState) -> bool:
    """Return whether the plan could harm who uses the volume; only then they are looked for."""
    return bool(spec.state == "absent" or spec.source or spec.image or spec.capacity not in (None, current.capacity))


def _origin(host: Hypervisor, spec: VolumeSpec, current: VolumeState | None) -> VolumeState | None:
    """Return the volume to copy, or to stand below; a source that is gone matters only before the copy is made."""
    named = spec.backing or spec.source
    origin = read_volume(host, named.pool, named.name) if named else None
    if named and origin is None and (spec.backing or current is None):
        raise NotFound(f"Volume '{named}', of which '{spec.place}' is to be made, does not exist; correct the name.")
    return origin


def _is_running(host: Hypervisor, name: str) -> bool:
    domain = host.domain(name)
    return domain is not None and bool(domain.isActive())


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
    if state.backing:
        facts["backing_path"] = state.backing.path
    if below:
        facts["backing"] = {"name": below.name, "pool": below.pool}
    return facts


def _below(host: Hypervisor, state: VolumeState) -> Place | None:
    """Return the volume below another one, where an active pool knows it."""
    volume = host.volume_at(state.backing.path) if state.backing else None
    return Place(volume.storagePoolLookupByVolume().name(), volume.name()) if volume is not None else None


def _facts(host: Hypervisor, spec: VolumeSpec) -> dict[str, Any]:
    place = spec.place
    gone = spec.state == "absent" and host.pool(place.pool) is None
    state = None if gone else read_volume(host, place.pool, place.name)
    return volume_facts(state, place, _below(host, state) if state else None)


VOLUME: Resource[VolumeSpec] = Resource(name=lambda spec: str(spec.place), plan=_plan, facts=_facts)
