# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that answers a planner from a table, and VMs to plan for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import NotFound
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import NAMESPACE
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import Plan
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_types import POOL_TYPES, PoolType
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.state import VolumeState
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import Template
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB, MIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.domain import Platform
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.plan import plan_vm
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.spec import VmSpec
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.surroundings import Surroundings
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

TINY = Template("tiny", "1", "default", "/pool/tiny+1.template.qcow2", 96 * MIB, 33 * MIB, "0" * 64)
BIG = Template(
    "big", "2", "fast", "/fast/big+2.template.qcow2", 2 * GIB, GIB, "0" * 64, defaults={"vcpus": 2, "memory": "3GiB"}
)


@dataclass
class Table(Surroundings):
    """What a planner may ask, answered from what the test says."""

    machine: Platform = field(default_factory=lambda: Platform("qemu", "x86_64", "q35"))
    templates: tuple[Template, ...] = (TINY, BIG)
    pools: dict[str, str] = field(default_factory=lambda: {"default": "/pool", "fast": "/fast", "lvm": "/dev/vg"})
    block: tuple[str, ...] = ("lvm",)
    types: dict[str, str] = field(default_factory=dict)
    networks: tuple[str, ...] = ("default", "lan")
    interfaces: tuple[str, ...] = ("br0", "br1", "br9", "eth0")
    filters: tuple[str, ...] = ("clean-traffic",)
    volumes: tuple[VolumeState, ...] = ()
    free: int = 100 * GIB
    libvirt: tuple[int, int] = (9, 0)
    macs: dict[str, str] = field(default_factory=dict)
    used_by: dict[str, list[str]] = field(default_factory=dict)

    def platform(self, domain_type: str, arch: str = "", machine: str = "") -> Platform:
        kind = self.machine.domain_type if domain_type == "auto" else domain_type
        return Platform(kind, arch or self.machine.arch, machine or self.machine.machine)

    def libvirt_version(self) -> tuple[int, int]:
        return self.libvirt

    def template(self, wanted: str) -> Template:
        found = [template for template in self.templates if wanted in (template.name, template.label)]
        if not found:
            raise NotFound(f"Template '{wanted}' does not exist.")
        return found[-1]

    def check_template(self, template: Template, own: Collection[str]) -> None:
        """Take every template: what is wrong with one is seen in test_health.py."""

    def check_pool(self, pool: str) -> None:
        if pool not in self.pools:
            raise NotFound(f"Pool '{pool}' does not exist.")

    def pool_path(self, pool: str) -> str:
        return self.pools[pool]

    def pool_type(self, pool: str) -> PoolType | None:
        return POOL_TYPES[self.types.get(pool, "logical" if pool in self.block else "dir")]

    def disk_kind(self, pool: str) -> str:
        return "block" if pool in self.block else "file"

    def pool_free(self, pool: str) -> int:
        return self.free

    def volume(self, pool: str, name: str) -> VolumeState | None:
        return next((volume for volume in self.volumes if (volume.pool, volume.name) == (pool, name)), None)

    def volume_exists(self, pool: str, name: str) -> bool:
        return self.volume(pool, name) is not None

    def volume_at(self, path: str) -> VolumeState | None:
        return next((volume for volume in self.volumes if volume.path == path), None)

    def capacity_at(self, path: str) -> int | None:
        volume = self.volume_at(path)
        return volume.capacity if volume else None

    def all_volumes(self) -> list[VolumeState]:
        return list(self.volumes)

    def users(self, image: str) -> list[str]:
        return self.used_by.get(image, [])

    def claim(self, vm: str, images: Iterable[str]) -> None:
        for image in images:
            self.used_by[image] = [*self.users(image), vm]

    def check_network(self, name: str) -> None:
        if name not in self.networks:
            raise NotFound(f"Network '{name}' does not exist.")

    def check_interface(self, name: str) -> None:
        if name not in self.interfaces:
            raise NotFound(f"The interface '{name}' does not exist.")

    def check_filter(self, name: str) -> None:
        if name not in self.filters:
            raise NotFound(f"The network filter '{name}' does not exist.")

    def check_definition(self, vm: str, xml: str, present: str = "") -> None:
        """Take everything: what libvirt refuses is seen with libvirt."""

    def mac_owner(self, mac: str) -> str | None:
        return self.macs.get(mac)


def volume(name: str, capacity: int = GIB, pool: str = "default", kind: str = "qcow2") -> VolumeState:
    """Return a volume of a pool of the table."""
    return VolumeState(pool, name, f"{Table().pools[pool]}/{name}", kind, capacity, 0)


def spec(**params: Any) -> VmSpec:
    """Return a spec of options; the VM is called web01 unless it is said otherwise."""
    return VmSpec.from_params({"name": "web01", **params})


def record(inside: str) -> str:
    """Return the metadata that the collection writes."""
    return f"<metadata><k:vm xmlns:k='{NAMESPACE}'>{inside}</k:vm></metadata>"


def noted(*places: str) -> str:
    """Return the metadata of what was cut off."""
    return record("<k:unfinished>" + "".join(f"<k:volume>{place}</k:volume>" for place in places) + "</k:unfinished>")


def domain(devices: str = "", inside: str = "", name: str = "web01") -> Any:
    """Return the tree of a VM with 1 CPU and 1 GiB."""
    head = f"<name>{name}</name><uuid>c7a5fdbd-cdaf-9455-926a-d65c16db1809</uuid>{inside}"
    parts = "<memory unit='KiB'>1048576</memory><vcpu>1</vcpu><os><type>hvm</type></os>"
    return parse_xml(f"<domain type='qemu'>{head}{parts}<devices>{devices}</devices></domain>")


def state(devices: str = "", inside: str = "", power: str = "stopped", live: str | None = None, **more: Any) -> VmState:
    """Return a VM that is there; one that runs does so as it is configured, unless its live devices are given."""
    active = power in ("running", "paused")
    running = domain(devices if live is None else live, inside) if active else None
    return VmState("web01", domain(devices, inside), running, power, **more)


def planned(current: VmState | None, table: Table | None = None, note: VmState | None = None, **params: Any) -> Plan:
    """Return the plan for web01."""
    return plan_vm(spec(**params), current, note, table or Table())


def summaries(plan: Plan) -> list[str]:
    """Return a plan's lines; those that wait for the next boot say so."""
    return [line["summary"] + ("" if line["when"] == "now" else f" [{line['when']}]") for line in plan.lines()]


class FakeHost(Hypervisor):
    """A hypervisor whose connection keeps what it is told to define."""

    def __init__(self) -> None:
        super().__init__(self, "fake:///")
        self.defined: list[str] = []

    def defineXML(self, xml: str) -> None:
        self.defined.append(xml)
