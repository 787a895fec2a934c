# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images below the disks of a VM: which is to be made, which is there, which has to grow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._errors import Refused
from .._plan import Change
from .._storage.changes import ResizeVolume
from .._storage.pool_volumes import check_resizes
from .._storage.state import VolumeState
from .._template.library import IMAGE, Template
from .._units import MIB, format_size
from .devices.cdrom import Cdrom, Removable
from .devices.device import SEED, Wanted
from .devices.disk import ROOT, Disk, format_of, place_of, source_of
from .devices.floppy import Floppy
from .spec import VmSpec
from .surroundings import Surroundings
from .ways.existing import found_volume
from .ways.registry import ONCE, way_of
from .ways.way import NewDisk, Order

DEFAULT_POOL = "default"


def home_of(spec: VmSpec, config: Any, around: Surroundings) -> str:
    """Return the pool for new volumes of a VM that is there: beside its first disk that an active pool knows."""
    if spec.pool:
        return spec.pool
    volumes = map(around.volume_at, filter(None, map(source_of, Disk.nodes(config))))
    return next((volume.pool for volume in volumes if volume), DEFAULT_POOL)


def made_for(
    spec: VmSpec,
    wanted: Wanted,
    template: Template | None,
    home: str,
    around: Surroundings,
    on_their_way_out: Collection[str] = (),
) -> NewDisk:
    """Return on which image a new disk is, in the pool `home` unless it is said otherwise; Refused where that cannot
    be.
    """
    origin = template if wanted.name == ROOT else None
    pool = wanted.extra.get("pool") or home
    disk = way_of(wanted, origin, spec.clone == "linked").made(Order(spec.name, wanted, pool, around))
    if disk.change:
        check_free_name(spec.name, pool, disk.place.rpartition("/")[2], around, on_their_way_out)
        _check_space(spec.name, pool, disk.need, around)
    return disk


def with_media(
    vm: str, devices: Mapping[str, Sequence[Wanted]], config: Any, around: Surroundings
) -> dict[str, Sequence[Wanted]]:
    """Return wanted devices with the volumes in drives known by their paths; Refused where one is not there.

    What a drive of the configuration (None for a new VM) holds already is not looked for.
    """
    drives = [kind for kind in (Cdrom, Floppy) if kind.option in devices]
    return {**devices, **{kind.option: _media(vm, kind, devices[kind.option], config, around) for kind in drives}}


def _media(
    vm: str, kind: type[Removable], wanted: Sequence[Wanted], config: Any, around: Surroundings
) -> Sequence[Wanted]:
    known = kind.recognise(kind.nodes(config), wanted) if config is not None else {}
    held = {name: kind.medium.read(node) for name, node in known.items()}
    return [_with_path(vm, item, held.get(item.name), around) for item in wanted]


def _with_path(vm: str, item: Wanted, held: Any, around: Surroundings) -> Wanted:
    medium = item.fields.get("medium") or {}
    if "volume" not in medium or medium == held:
        return item
    volume = found_volume(vm, medium["pool"], medium["volume"], around)
    return replace(item, fields={**item.fields, "medium": {**medium, "path": volume.path}})


def check_free_name(vm: str, pool: str, name: str, around: Surroundings, on_their_way_out: Collection[str]) -> None:
    """Refuse a name for a new volume that another has, unless that one is deleted before the new one is made."""
    if f"{pool}/{name}" not in on_their_way_out and around.volume_exists(pool, name):
        raise Refused(
            f"VM '{vm}': volume '{name}' is already in pool '{pool}', and is none of its disks; attach it with "
            "'volume' and 'pool', or delete it with kvm_volume first."
        )


def _check_space(vm: str, pool: str, need: int, around: Surroundings) -> None:
    free = around.pool_free(pool)
    if free < need:
        raise Refused(
            f"VM '{vm}': pool '{pool}' has {free // MIB} MiB free and {-(-need // MIB)} MiB are needed; free "
            "space or choose another pool."
        )


def seed_volume(vm: str) -> str:
    """Return the name of the volume that a VM's seed is in."""
    return f"{vm}-{SEED}.iso"


def grown(spec: VmSpec, item: Wanted, node: Any, running: str | None, around: Surroundings) -> list[Change]:
    """Return what has to change in the image below a disk that is there: it may grow; Refused where it would shrink or
    be exchanged. `running` names the VM that has it open.
    """
    _check_kept(spec.name, item, node)
    told = {**place_of(node), "format": format_of(node) or "raw"}
    said = {key: value for key, value in item.extra.items() if key not in ONCE and told.get(key) != value}
    if not said or (said.keys() == {"size"} and around.capacity_at(source_of(node)) == said["size"]):
        return []
    volume = volume_of(node, around)
    if volume is None and said.keys() - {"path", "format"}:
        raise Refused(
            f"VM '{spec.name}': no active pool knows {source_of(node)} of disk {item.name}; make its pool active, or "
            "leave out what is said of it."
        )
    images = list(_images(node, volume, around))
    for option in ("path", "format", "pool", "volume"):
        if option in said:
            _check_same(spec.name, item, option, images)
    return _growth(spec.name, item, volume, running, around)


def volume_of(node: Any, around: Surroundings) -> VolumeState | None:
    """Return the volume that a disk is on, or None where no active pool knows it."""
    place = place_of(node)
    if "volume" in place:
        return around.volume(place["pool"], place["volume"])
    return _volume_at(source_of(node), around)


def _volume_at(path: str, around: Surroundings) -> VolumeState | None:
    """Return the volume at a path, also one that libvirt has not seen yet: what a snapshot made is no news to it."""
    volume = around.volume_at(path)
    return volume or next((volume for volume in around.all_volumes() if volume.path == path), None)


def _check_kept(vm: str, item: Wanted, node: Any) -> None:
    """Refuse to exchange an image on a server, and to encrypt or decrypt one."""
    there = Disk.read(node)
    if "encryption" in item.fields and "encryption" not in there:
        raise Refused(
            f"VM '{vm}': disk {item.name} is not encrypted; a disk with data is not encrypted by this module, so "
            "leave out 'encryption'."
        )
    wanted, found = item.fields.get("source"), there.get("source", {})
    if wanted and _server(wanted) != _server({**found, "name": found.get("name") if "name" in wanted else None}):
        raise Refused(
            f"VM '{vm}': disk {item.name} is on {_server(found) or source_of(node)}, not on {_server(wanted)}; a disk "
            "with data is not moved or exchanged by this module, so correct the source."
        )


def _server(source: Mapping[str, Any]) -> str:
    """Return what an image on a server is called: "rbd pool/image"."""
    return " ".join(source[key] for key in ("protocol", "name") if source.get(key))


def _growth(
    vm: str, item: Wanted, volume: VolumeState | None, running: str | None, around: Surroundings
) -> list[Change]:
    if volume is None or "size" not in item.extra:
        return []
    size = item.extra["size"]
    if size < volume.capacity:
        raise Refused(
            f"VM '{vm}': disk {item.name} is {format_size(volume.capacity)} and would shrink to "
            f"{format_size(size)}, which destroys what is at its end; write its size or a larger one."
        )
    if size == volume.capacity:
        return []
    check_resizes(f"VM '{vm}': disk {item.name}", volume.pool, around.pool_type(volume.pool))
    return [ResizeVolume(volume.pool, volume.name, volume.capacity, size, running=running)]


def _images(node: Any, volume: VolumeState | None, around: Surroundings) -> Iterator[Mapping[str, str]]:
    """Go through the image of a disk and those below it, each in words of the options.

    After a snapshot, the image that a user has named is below the one that the VM writes to. That of a template is no
    image of the disk's own.
    """
    yield {**place_of(node), "format": format_of(node) or "raw", **_named(volume)}
    seen: set[str] = set()
    while volume and volume.backing and volume.backing.path not in seen:
        path, kind = volume.backing.path, volume.backing.format
        seen.add(path)
        volume = _volume_at(path, around)
        if not path.endswith(IMAGE):
            yield {"path": path, "format": kind, **_named(volume)}


def _named(volume: VolumeState | None) -> dict[str, str]:
    return {"path": volume.path, "pool": volume.pool, "volume": volume.name} if volume else {}


def _check_same(vm: str, item: Wanted, option: str, images: Sequence[Mapping[str, str]]) -> None:
    wanted, there = item.extra[option], [image[option] for image in images if option in image]
    if wanted not in there:
        raise Refused(
            f"VM '{vm}': disk {item.name} has {option} {there[0] if there else 'none'}, not {wanted}; a disk with data "
            "is not moved, exchanged or converted by this module, so correct the option, or move it with kvm_migrate."
        )
