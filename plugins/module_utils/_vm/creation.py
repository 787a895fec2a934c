# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM that is not there yet: its tree, its volumes, its seed, and the order in which they are made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from .._later import later
from .._metadata import edit_record
from .._osinfo.recommended import Recommendation
from .._plan import Change
from .._template.library import Template
from .._units import GIB
from .._xml import to_xml, without
from .changes import DefineVm
from .devices.device import Wanted
from .devices.disk import ROOT
from .disks import DEFAULT_POOL, made_for, with_media
from .domain import blank_domain
from .first_boot import plan_payloads
from .install.medium import with_medium
from .machine.machine import Machine
from .nics import check_nics
from .os_defaults import os_devices, os_machine, os_sizes
from .sharing import check_shared
from .spec import VmSpec
from .surroundings import Surroundings
from .template_defaults import remembered_seed, with_defaults
from .ways.way import NewDisk
from .wish import Wish

if TYPE_CHECKING:
    from .install import planning
else:
    # Few VMs are installed.
    (planning,) = later(__package__, ".install.planning")

DEFAULT_NETWORK = "default"
_DEFAULT_DEVICES: Mapping[str, Sequence[Wanted]] = {"nics": (Wanted(DEFAULT_NETWORK, {"network": DEFAULT_NETWORK}),)}
_DEFAULTS = {"vcpus": 1, "memory": GIB}


def completed(spec: VmSpec, around: Surroundings) -> VmSpec:
    """Return what is wanted of a new VM, with what its template says where it says nothing itself.

    Refused where the template cannot be cloned, or gives the VM what is not there.
    """
    if not spec.template:
        return spec
    template = around.template(spec.template)
    own = {*spec.machine, *spec.devices, *(["pool"] if spec.pool else []), *(["cloud_init"] if spec.cloud_init else [])}
    around.check_template(template, own)
    return with_medium(with_defaults(spec, template), template)


def plan_creation(
    said: VmSpec, spec: VmSpec, around: Surroundings, on_their_way_out: Collection[str] = ()
) -> list[Change]:
    """Return how a VM is made so that it can be cut off anywhere; `spec` is what is `said` of it, completed.

    First comes a definition without disks that lists the volumes to be made; then the volumes; last the whole
    definition, without the list. A run that finds the list begins again: those volumes belong to this VM and never were
    attached to anything.
    """
    template = around.template(spec.template) if spec.template else None
    kind = (spec.machine.get(name) or "" for name in ("arch", "machine"))
    tree = blank_domain(spec.name, around.platform(spec.domain_type, *kind), spec.uuid)
    home = spec.pool or (template.pool if template else DEFAULT_POOL)
    disks = [
        made_for(spec, wanted, template, home, around, on_their_way_out) for wanted in wanted_disks(spec, template)
    ]
    cloned = template is not None and not template.iso
    seed, ignition = plan_payloads(spec, tree, home, cloned, around, on_their_way_out)
    named = with_media(spec.name, spec.devices, None, around)
    # What boots from a template's image is no matter of libosinfo, but for the sizes.
    system = _system(spec, template, around)
    devices = {**_DEFAULT_DEVICES, **named, "disks": [disk.resolved for disk in disks]}
    devices = os_devices(None if cloned else system, devices)
    check_nics(spec.name, devices["nics"], tree, around)
    edit_record(tree, {**_origin(said, template), **spec.record})
    sizes = os_sizes(system) if cloned else os_machine(system)
    machine = {**_DEFAULTS, **sizes, **Machine.implied(spec.machine), **spec.machine}
    paths = (seed.path if seed else None, ignition.path if ignition else None)
    Wish(machine, devices, *paths).edit(tree)
    if said.hooks is not None:
        # They may change what is only a default, but not what the user has said.
        Wish(said.machine, {option: devices[option] for option in said.devices}, *paths, said.hooks).edit(tree)
    installer = _installer(spec, tree, disks, named, home, around, on_their_way_out)
    made = [disk for disk in (*disks, seed, ignition, *installer) if disk and disk.change]
    check_shared(spec.name, None, tree, [disk.path for disk in made], around)
    around.check_definition(spec.name, to_xml(tree))
    return _in_order(spec.name, tree, made, _described(tree, template))


def _installer(
    spec: VmSpec,
    tree: Any,
    disks: Sequence[NewDisk],
    named: Mapping[str, Sequence[Wanted]],
    home: str,
    around: Surroundings,
    on_their_way_out: Collection[str],
) -> Sequence[NewDisk]:
    if spec.install is None:
        return ()
    planning.check_disks(spec.name, spec.install, disks)
    drives = named.get("cdroms", ())
    made: list[NewDisk] = planning.plan_installer(spec.name, spec.install, tree, drives, home, around, on_their_way_out)
    return made


def _in_order(vm: str, whole: Any, made: Sequence[NewDisk], description: str) -> list[Change]:
    if not made:
        return [DefineVm(vm, to_xml(whole), "define VM", description)]
    return [
        DefineVm(vm, to_xml(_without_disks(whole, made)), "define VM", description),
        *(disk.change for disk in made if disk.change),
        DefineVm(vm, to_xml(whole), "complete VM", ", ".join(disk.wanted.name for disk in made)),
    ]


def _without_disks(whole: Any, made: Sequence[NewDisk]) -> Any:
    """Return a definition as it is before its volumes are there: it lists them."""
    bare = deepcopy(whole)
    for node in bare.findall("devices/disk"):
        without(node)
    edit_record(bare, {"seed": None, "unfinished": [disk.place for disk in made]})
    return bare


def wanted_disks(spec: VmSpec, template: Template | None) -> tuple[Wanted, ...]:
    """Return the disks a new VM gets: those named, and the root disk of its template even where it is not named."""
    named = tuple(spec.devices.get("disks", ()))
    none = "disks" in spec.devices and not named
    if template is None or none or any(disk.name == ROOT for disk in named):
        return named
    return (Wanted(ROOT), *named)


def _system(spec: VmSpec, template: Template | None, around: Surroundings) -> Recommendation | None:
    """Return what the operating system wants: the one that is named, else the template's if that is known."""
    if spec.os:
        return around.system(spec.os)
    return around.known_system(template.os) if template and template.os else None


def _origin(said: VmSpec, template: Template | None) -> dict[str, Any]:
    if template is None:
        return {}
    origin = {"template": template.name, "template_version": template.version}
    return {**origin, "cloud_init": remembered_seed(said, template)}


def _described(tree: Any, template: Template | None) -> str:
    values = Machine.show(Machine.read(tree))
    origin = [f"from template {template.label}"] if template else []
    return ", ".join([f"{values['vcpus']} vCPU", values["memory"], tree.get("type"), *origin])
