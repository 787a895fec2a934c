# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a volume from what is to what is wanted."""

from __future__ import annotations

from .._errors import Refused
from .._hypervisor import Hypervisor
from .._image.origin import Origin
from .._plan import Change, Plan, Resource
from .._units import MIB, format_size
from .changes import CloneVolume, CreateVolume, DeleteVolume, ResizeVolume, UploadVolume
from .download import Destination, DownloadVolume
from .pool_volumes import check_makes, check_resizes, format_in
from .preallocation import WHOLE, check_preallocation
from .sparsify import SparsifyVolume
from .state import Backing, VolumeState, read_volume
from .unfinished import Guarded, check_no_mark, mark_of
from .volume_around import Surroundings, surroundings
from .volume_facts import read_facts
from .volume_spec import FORMATS, Place, VolumeSpec
from .wiping import WipeVolume


def plan_volume(spec: VolumeSpec, current: VolumeState | None, around: Surroundings) -> Plan:
    """Return the plan of one volume."""
    swept = [DeleteVolume(spec.place.pool, name) for name in around.leftovers]
    return Plan(str(spec.place), [*swept, *_changes(spec, current, around)])


def _changes(spec: VolumeSpec, current: VolumeState | None, around: Surroundings) -> list[Change]:
    if spec.state == "absent":
        return _removal(spec, current, around)
    if spec.download:
        return _download(spec, spec.download, current, around)
    if current is not None and not around.unfinished:
        _check_existing(spec, current, around)
        if around.same_content:
            return [*_resize(spec, current, around), *_sparsifying(spec, current, around)]
    if current is not None and around.users:
        why = "its content is not that of src" if spec.image else "its making was cut off"
        raise Refused(_in_use(spec, f"is not made anew, although {why}", around))
    return _making(spec, current, around)


def _sparsifying(spec: VolumeSpec, current: VolumeState, around: Surroundings) -> list[Change]:
    if not spec.sparsify:
        return []
    if around.users:
        raise Refused(_in_use(spec, "is not sparsified", around))
    if current.backing or current.format not in FORMATS:
        what = f"has {current.backing.path} below it" if current.backing else f"is {current.format}"
        raise Refused(f"Volume '{spec.place}' {what}, and only whole qcow2 and raw volumes are sparsified; copy it.")
    if around.measure is None or not around.measure.wasteful:
        return []
    _check_space(spec, around.measure.needed, around)
    return [SparsifyVolume(spec.place.pool, spec.place.name, around.measure)]


def _in_use(spec: VolumeSpec, what: str, around: Surroundings) -> str:
    return f"Volume '{spec.place}' {what}: it is used by {', '.join(around.users)}; remove or change them first."


def _removal(spec: VolumeSpec, current: VolumeState | None, around: Surroundings) -> list[Change]:
    if current is not None and around.users:
        raise Refused(_in_use(spec, "is not deleted", around))
    place = spec.place
    wipe: list[Change] = [WipeVolume(place.pool, place.name, spec.wipe)] if spec.wipe else []
    delete: list[Change] = [] if current is None else [*wipe, DeleteVolume(place.pool, place.name)]
    return delete + ([DeleteVolume(place.pool, mark_of(place.name))] if around.unfinished else [])


def _download(spec: VolumeSpec, to: Destination, current: VolumeState | None, around: Surroundings) -> list[Change]:
    place = spec.place
    if current is None:
        raise Refused(f"Volume '{place}' does not exist, so there is nothing to download; correct the name.")
    if around.unfinished:
        raise Refused(f"Volume '{place}' is not downloaded, because its making was cut off; make it anew first.")
    if current.backing:
        raise Refused(
            f"Volume '{place}' is not whole without {current.backing.path} below it; copy it (source), and download "
            "the copy."
        )
    if around.writer:
        raise Refused(f"Volume '{place}' is not downloaded while VM '{around.writer}' writes to it; shut that down.")
    return [] if around.same_content else [DownloadVolume(place.pool, place.name, around.physical, to)]


def _check_existing(spec: VolumeSpec, current: VolumeState, around: Surroundings) -> None:
    remedy = "remove it first, or leave the option out"
    if spec.format and spec.format != current.format and not spec.image:
        raise Refused(f"Volume '{spec.place}' is {current.format}, not {spec.format}, and is not converted; {remedy}.")
    if spec.secret and not current.encrypted:
        raise Refused(f"Volume '{spec.place}' is not encrypted, and is not encrypted later; {remedy}.")
    if spec.backing and (
        current.backing is None or around.origin is None or current.backing.path != around.origin.path
    ):
        below = current.backing.path if current.backing else "no volume"
        raise Refused(f"Volume '{spec.place}' is backed by {below}, not by {spec.backing}; {remedy}.")


def _resize(spec: VolumeSpec, current: VolumeState, around: Surroundings) -> list[Change]:
    if spec.capacity is None or not spec.resize or spec.capacity == current.capacity:
        return []
    check_resizes(f"Volume '{spec.place}'", spec.place.pool, around.kind)
    if spec.capacity < current.capacity:
        _check_shrink(spec, current, around)
    else:
        _check_space(spec, _filled(current.format, spec.capacity - current.capacity), around)
    if around.of_template or (around.held and not around.running):
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
    check_no_mark(place.name)
    away: list[Change] = [DeleteVolume(place.pool, place.name)] if current is not None and not spec.image else []
    _check_secret(spec, around)
    if spec.image:
        return _upload(spec, spec.image, around)
    if spec.source:
        return [*away, _clone(spec, spec.source, around)]
    create = _create(spec, around)
    if spec.preallocation == "full":
        return [*away, Guarded(create, place.pool, place.name)]
    # A mark with no source to copy any more: what it marked is made anew, and it goes.
    return [*away, create, *([DeleteVolume(place.pool, mark_of(place.name))] if around.unfinished else [])]


def _check_secret(spec: VolumeSpec, around: Surroundings) -> None:
    if not around.secret_known:
        raise Refused(
            f"Volume '{spec.place}' cannot be encrypted: libvirt knows no secret '{spec.secret}'; make it with virsh "
            "secret-define and secret-set-value, or correct the name."
        )


def _check_makes(spec: VolumeSpec, image_format: str, around: Surroundings) -> None:
    check_makes(f"Volume '{spec.place}'", spec.place.pool, around.kind, image_format)


def _create(spec: VolumeSpec, around: Surroundings) -> Change:
    origin = around.origin
    capacity = spec.capacity or (origin.capacity if origin else None)
    if capacity is None:
        raise Refused(f"Volume '{spec.place}' does not exist yet; give its capacity, a source, a backing or a src.")
    if around.spoiler:
        raise Refused(
            f"Volume '{spec.place}' is not made on {spec.backing}, as it is a disk of VM '{around.spoiler}': what "
            "the VM writes would spoil it; copy the volume (source), or detach the disk first."
        )
    if origin and capacity < origin.capacity:
        raise Refused(
            f"Volume '{spec.place}' is smaller than its backing; give {format_size(origin.capacity)} or more."
        )
    kind = spec.format or format_in(around.kind)
    _check_makes(spec, kind, around)
    check_preallocation(f"Volume '{spec.place}'", spec.preallocation, kind, bool(spec.secret))
    _check_space(spec, capacity if spec.preallocation in WHOLE else _filled(kind, capacity), around)
    backing = Backing(origin.path, origin.format) if origin else None
    extras = {"preallocation": spec.preallocation, "secret": spec.secret}
    return CreateVolume(spec.place.pool, spec.place.name, capacity, kind, backing, **extras)


def _clone(spec: VolumeSpec, source: Place, around: Surroundings) -> Change:
    origin = around.origin
    if origin is None:
        raise Refused(f"Volume '{spec.place}' cannot be copied from {source}, which does not exist; correct the name.")
    if around.spoiler:
        raise Refused(
            f"Volume '{spec.place}' is not copied from {source} while VM '{around.spoiler}' writes to it, as the copy "
            "would be torn; shut the VM down first."
        )
    capacity = spec.capacity or origin.capacity
    if capacity < origin.capacity:
        raise Refused(f"Volume '{spec.place}' is smaller than its source; give {format_size(origin.capacity)} or more.")
    kind = spec.format or format_in(around.kind)
    _check_makes(spec, kind, around)
    _check_space(spec, _filled(kind, capacity) or origin.allocation, around)
    place = spec.place
    clone = CloneVolume(place.pool, place.name, source.pool, source.name, capacity, kind, secret=spec.secret)
    return Guarded(clone, place.pool, place.name)


def _upload(spec: VolumeSpec, image: Origin, around: Surroundings) -> list[Change]:
    place = spec.place
    _check_makes(spec, image.format, around)
    _check_space(spec, spec.capacity or image.size, around)
    changes: list[Change] = [UploadVolume(place.pool, place.name, image.file or "", image.size, image.format)]
    if spec.capacity not in (None, image.size):
        changes.append(ResizeVolume(place.pool, place.name, image.size, spec.capacity))
    return changes + ([DeleteVolume(place.pool, mark_of(place.name))] if around.unfinished else [])


def _plan(host: Hypervisor, spec: VolumeSpec) -> Plan:
    place = spec.place
    if spec.state == "absent" and host.pool(place.pool) is None:
        return Plan(str(place))
    current = read_volume(host, place.pool, place.name)
    return plan_volume(spec, current, surroundings(host, spec, current))


VOLUME: Resource[VolumeSpec] = Resource(name=lambda spec: str(spec.place), plan=_plan, facts=read_facts)
