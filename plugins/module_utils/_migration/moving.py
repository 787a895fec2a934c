# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving the disks of VMs as a resource: what kvm_migrate hands to the one sentence (read, plan, carry out)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._claim import claimed
from .._errors import NotFound
from .._hypervisor import Hypervisor
from .._plan import Outcome, Plan, Resource, converge
from .._vm.census import glance_at
from .._vm.devices.disk import Disk, format_of, source_of
from .._vm.disks import volume_of
from .._vm.state import VmState, read_domain
from .around import Surroundings
from .plan import plan_moves
from .spec import MigrateSpec


def _read(host: Hypervisor, vm: str) -> VmState:
    domain = host.domain(vm)
    if domain is None:
        raise NotFound(f"VM '{vm}' does not exist on {host.uri}; correct the name, or the host.")
    return read_domain(glance_at(domain))


def _plan(host: Hypervisor, spec: MigrateSpec) -> Plan:
    return plan_moves(spec, _read(host, spec.name), Surroundings(host))


def _facts(host: Hypervisor, spec: MigrateSpec) -> dict[str, Any]:
    """Return a VM's disks: where they are, and as what."""
    around = Surroundings(host)
    nodes = Disk.nodes(_read(host, spec.name).config)
    return {"name": spec.name, "disks": [_disk(node, around) for node in nodes]}


def _disk(node: Any, around: Surroundings) -> dict[str, Any]:
    volume = volume_of(node, around) if source_of(node) else None
    place = {"pool": volume.pool, "volume": volume.name, "path": volume.path} if volume else {"path": source_of(node)}
    return {"name": Disk.name_at(node), **place, "format": format_of(node) or "raw"}


MIGRATION: Resource[MigrateSpec] = Resource(name=lambda spec: spec.name, plan=_plan, facts=_facts)


def converge_moves(host: Hypervisor, specs: Sequence[MigrateSpec], dry_run: bool) -> list[Outcome]:
    """Bring the disks of VMs to where they are wanted, one VM after the other."""
    names = [] if dry_run else [spec.name for spec in specs]
    with claimed(host.uri, names, max((spec.timeout for spec in specs), default=0)):
        return converge(host, MIGRATION, specs, dry_run)
