# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images below the disks of a VM: which is to be made, which is there, which has to grow."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from .._errors import Refused
from .._plan import Change
from .._storage.changes import CloneVolume, CreateVolume, ResizeVolume
from .._storage.state import Backing
from .._template.library import Template
from .._units import MIB, format_size
from .devices.device import Wanted
from .devices.disk import ROOT, SEED, format_of, source_of
from .spec import VmSpec
from .surroundings import Surroundings

DEFAULT_POOL = "default"

# A linked clone or a thin volume needs little at first; below this, a pool counts as full.
_BREATH = MIB


@dataclass(frozen=True)
class NewDisk:
    """A disk of a VM to be made: the volume it is on, and the change that makes the volume (None for one that is
    there).
    """

    wanted: Wanted
    path: str
    format: str
    kind: str
    change: Change | None = None
    place: str = ""

    @property
    def resolved(self) -> Wanted:
        """Return the disk with its image known by its path."""
        return replace(self.wanted, extra={"path": self.path, "format": self.format, "kind": self.kind})


def made_for(
    spec: VmSpec,
    wanted: Wanted,
    template: Template | None,
    around: Surroundings,
    on_their_way_out: Collection[str] = (),
) -> NewDisk:
    """Return on which volume a new disk is; Refused where that cannot be."""
    if "path" in wanted.extra:
        return _existing_image(spec.name, wanted, around)
    if "volume" in wanted.extra:
        return _existing_disk(spec.name, wanted, around)
    origin = template if wanted.name == ROOT else None
    pool = wanted.extra.get("pool") or spec.pool or (template.pool if template else DEFAULT_POOL)
    kind = "qcow2" if origin else wanted.extra.get("format", "qcow2")
    capacity = _capacity(spec.name, wanted, origin)
    around.check_pool(pool)
    name = f"{spec.name}-{wanted.name}.{kind}"
    check_free_name(spec.name, pool, name, around, on_their_way_out)
    linked = origin is not None and spec.clone == "linked"
    _check_space(spec.name, pool, _BREATH if linked or not origin else origin.size, around)
    change: Change = CreateVolume(pool, name, capacity, kind, Backing(origin.path, origin.format) if origin else None)
    if origin and not linked:
        change = CloneVolume(pool, name, origin.pool, origin.image, capacity, kind)
    folder = around.pool_path(pool)
    if not folder:
        raise Refused(
            f"VM '{spec.name}': pool '{pool}' has no path on this host; choose a pool of files or block devices."
        )
    return NewDisk(wanted, f"{folder}/{name}", kind, around.disk_kind(pool), change, f"{pool}/{name}")


def _existing_image(vm: str, wanted: Wanted, around: Surroundings) -> NewDisk:
    path = wanted.extra["path"]
    check_unused(vm, f"image {path}", path, around)
    volume = around.volume_at(path)
    image_format = wanted.extra.get("format") or (volume.format if volume else "")
    if not image_format:
        raise Refused(
            f"VM '{vm}': no active pool knows {path} of disk {wanted.name}; say its 'format', for QEMU is not to "
            f"guess it."
        )
    return NewDisk(wanted, path, image_format, "block" if path.startswith("/dev/") else "file")


def check_unused(vm: str, what: str, path: str, around: Surroundings) -> None:
    """Refuse an image that another VM or volume needs."""
    users = [user for user in around.users(path) if user != vm]
    if users:
        raise Refused(f"VM '{vm}': {what} is used by {', '.join(users)}; two VMs must not write one disk.")


def _existing_disk(vm: str, wanted: Wanted, around: Surroundings) -> NewDisk:
    pool, name = wanted.extra["pool"], wanted.extra["volume"]
    volume = around.volume(pool, name)
    if volume is None:
        raise Refused(
            f"VM '{vm}': volume '{name}' does not exist in pool '{pool}'; create it with kvm_volume, or correct "
            "the name."
        )
    check_unused(vm, f"volume '{name}' of pool '{pool}'", volume.path, around)
    return NewDisk(wanted, volume.path, volume.format, around.disk_kind(pool))


def _capacity(vm: str, wanted: Wanted, origin: Template | None) -> int:
    size = wanted.extra.get("size")
    if origin is None:
        if size is None:
            raise Refused(f"VM '{vm}': disk {wanted.name} needs a 'size', or the 'volume' it is on.")
        return int(size)
    if size is not None and size < origin.capacity:
        raise Refused(
            f"VM '{vm}': disk {wanted.name} of {format_size(size)} is smaller than its template {origin.label} "
            f"({format_size(origin.capacity)}); make it that large or larger."
        )
    return int(size or origin.capacity)


def check_free_name(vm: str, pool: str, name: str, around: Surroundings, on_their_way_out: Collection[str]) -> None:
    """Refuse a name for a new volume that another has, unless that one is deleted before the new one is made."""
    if f"{pool}/{name}" not in on_their_way_out and around.volume_exists(pool, name):
        raise Refused(
            f"VM '{vm}': volume '{name}' is already in pool '{pool}' and belongs to no VM of that name; attach it "
            "with 'volume', "
            "or delete it with kvm_volume first."
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
    path = source_of(node)
    for option, there in (("path", path), ("format", format_of(node))):
        _check_same(spec.name, item, option, there)
    said = {key: value for key, value in item.extra.items() if key not in ("path", "format")}
    if not said or (said.keys() == {"size"} and around.capacity_at(path) == said["size"]):
        return []
    volume = around.volume_at(path)
    if volume is None:
        raise Refused(
            f"VM '{spec.name}': no active pool knows {path} of disk {item.name}; make its pool active, or leave "
            "out what is said of it."
        )
    for option, there in (("pool", volume.pool), ("volume", volume.name)):
        _check_same(spec.name, item, option, there)
    size = said.get("size", volume.capacity)
    if size < volume.capacity:
        raise Refused(
            f"VM '{spec.name}': disk {item.name} is {format_size(volume.capacity)} and would shrink to "
            f"{format_size(size)}, which destroys what is at its end; write its size or a larger one."
        )
    grow = ResizeVolume(volume.pool, volume.name, volume.capacity, size, running=running)
    return [grow] if size > volume.capacity else []


def _check_same(vm: str, item: Wanted, option: str, there: str) -> None:
    if item.extra.get(option, there) != there:
        raise Refused(
            f"VM '{vm}': disk {item.name} has {option} {there}, not {item.extra[option]}; a disk with data is not "
            f"moved, "
            "exchanged or converted by this module, so correct the option."
        )
