# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM that is not there yet: its tree, its volumes, its seed, and the order in which they are made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from .._errors import Refused
from .._metadata import edit_record
from .._plan import Change
from .._storage.changes import CloneVolume, CreateVolume
from .._storage.state import Backing
from .._template.library import Template
from .._units import GIB, MIB, format_size
from .._xml import to_xml
from .changes import DefineVm, WriteSeed
from .devices.device import Wanted
from .devices.disk import ROOT, SEED, Disk, new_seed
from .devices.interface import Interface
from .domain import Machine, blank_domain
from .seed import CloudInit, fingerprint, seed_files
from .spec import VmSpec
from .surroundings import Surroundings

DEFAULT_POOL = "default"
DEFAULT_NETWORK = "default"
_DEFAULT_NICS = (Wanted(DEFAULT_NETWORK, {"network": DEFAULT_NETWORK}),)
_DEFAULTS = {"vcpus": 1, "memory": GIB}

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


def plan_creation(spec: VmSpec, around: Surroundings, on_their_way_out: Collection[str] = ()) -> list[Change]:
    """Return how a VM is made so that it can be cut off anywhere.

    First comes a definition without disks that lists the volumes to be made; then the volumes; last the whole
    definition, without the
    list. A run that finds the list begins again: those volumes belong to this VM and never were attached to anything.
    """
    template = around.template(spec.template) if spec.template else None
    tree = blank_domain(spec.name, around.platform(spec.domain_type))
    Machine.edit(tree, {**_DEFAULTS, **_template_machine(template), **spec.machine})
    edit_record(tree, {**_origin(template), **spec.record})
    for wanted in spec.devices.get("nics", _DEFAULT_NICS):
        check_nic(spec.name, wanted, around)
        tree.find("devices").append(Interface.new(wanted))
    bare = deepcopy(tree)
    disks = [plan_disk(spec, wanted, template, around, on_their_way_out) for wanted in wanted_disks(spec, template)]
    for disk in disks:
        tree.find("devices").append(Disk.new(tree, disk.wanted, disk.path, disk.format, disk.kind))
    seed = plan_seed(spec, tree, template, around, on_their_way_out)
    made = [disk for disk in (*disks, seed) if disk and disk.change]
    return _in_order(spec.name, bare, tree, made, _described(tree, template))


def _in_order(vm: str, bare: Any, whole: Any, made: Sequence[NewDisk], description: str) -> list[Change]:
    if not made:
        return [DefineVm(vm, to_xml(whole), "define VM", description)]
    edit_record(bare, {"unfinished": [disk.place for disk in made]})
    return [
        DefineVm(vm, to_xml(bare), "define VM", description),
        *(disk.change for disk in made if disk.change),
        DefineVm(vm, to_xml(whole), "complete VM", ", ".join(disk.wanted.name for disk in made)),
    ]


def wanted_disks(spec: VmSpec, template: Template | None) -> tuple[Wanted, ...]:
    """Return the disks a new VM gets: those named, and the root disk of its template even where it is not named."""
    named = tuple(spec.devices.get("disks", ()))
    none = "disks" in spec.devices and not named
    if template is None or none or any(disk.name == ROOT for disk in named):
        return named
    return (Wanted(ROOT), *named)


def plan_disk(
    spec: VmSpec,
    wanted: Wanted,
    template: Template | None,
    around: Surroundings,
    on_their_way_out: Collection[str] = (),
) -> NewDisk:
    """Return on which volume a new disk is; Refused where that cannot be."""
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


def _existing_disk(vm: str, wanted: Wanted, around: Surroundings) -> NewDisk:
    pool, name = wanted.extra["pool"], wanted.extra["volume"]
    volume = around.volume(pool, name)
    if volume is None:
        raise Refused(
            f"VM '{vm}': volume '{name}' does not exist in pool '{pool}'; create it with kvm_volume, or correct "
            "the name."
        )
    users = [user for user in around.users(volume.path) if user != vm]
    if users:
        raise Refused(
            f"VM '{vm}': volume '{name}' of pool '{pool}' is used by {', '.join(users)}; two VMs must not write "
            "one disk."
        )
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


def check_nic(vm: str, wanted: Wanted, around: Surroundings) -> None:
    """Refuse a card on a network that is not there, or with an address that another VM has."""
    if "network" in wanted.fields:
        around.check_network(wanted.fields["network"])
    owner = around.mac_owner(wanted.fields["mac"]) if "mac" in wanted.fields else None
    if owner and owner != vm:
        raise Refused(
            f"VM '{vm}': MAC address {wanted.fields['mac']} belongs to VM '{owner}'; choose another or leave it out."
        )


def plan_seed(
    spec: VmSpec, tree: Any, template: Template | None, around: Surroundings, on_their_way_out: Collection[str]
) -> NewDisk | None:
    """Put a drive with the cloud-init seed into a new VM's tree, and return it; None where the VM gets no seed.

    A VM from a template gets one even where nothing is said: its name is the least that a guest has to learn.
    """
    wanted = spec.cloud_init or (CloudInit() if template else None)
    if wanted is None or not wanted.enabled:
        return None
    pool = spec.pool or (template.pool if template else DEFAULT_POOL)
    around.check_pool(pool)
    name = seed_volume(spec.name)
    check_free_name(spec.name, pool, name, around, on_their_way_out)
    files = seed_files(wanted, spec.name, tree.findtext("uuid"))
    path = f"{around.pool_path(pool)}/{name}"
    tree.find("devices").append(new_seed(path))
    edit_record(tree, {"seed": fingerprint(files)})
    return NewDisk(Wanted(SEED), path, "raw", "file", WriteSeed(spec.name, pool, name, files), f"{pool}/{name}")


def seed_volume(vm: str) -> str:
    """Return the name of the volume that a VM's seed is in."""
    return f"{vm}-{SEED}.iso"


def _template_machine(template: Template | None) -> dict[str, Any]:
    return {key: template.defaults[key] for key in ("vcpus", "memory") if template and key in template.defaults}


def _origin(template: Template | None) -> dict[str, Any]:
    return {"template": template.name, "template_version": template.version} if template else {}


def _described(tree: Any, template: Template | None) -> str:
    values = Machine.show(Machine.read(tree))
    origin = [f"from template {template.label}"] if template else []
    return ", ".join([f"{values['vcpus']} vCPU", values["memory"], tree.get("type"), *origin])
