# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processor that a guest sees: its model, its features, its sockets and its NUMA nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._composite import Group, Items, Table
from ..._errors import Refused
from ..._field_kinds import Integer, Matching, Size, Switch, Text
from ..._fields import Edit, Element, Field
from ..._units import MIB, format_size
from .compute import memory_of, set_memory, vcpus_of
from .section import Section, refer
from .values import Leading, NumberSet, members

_PARTS = ("sockets", "dies", "cores", "threads")
# What libvirt keeps of a processor of a mode.
_MODELLED = ("model", "fallback", "match", "vendor")
_WHOLE_HOST = ("host-passthrough", "maximum")


def mode_of(cpu: Any) -> str | None:
    """Return the mode of a processor: custom stands for a model, and for nothing without one."""
    said = cpu.get("mode", "custom")
    return None if said == "custom" and not cpu.findtext("model") else said


class Mode(Leading):
    """How the processor is described."""

    def read(self, node: Any) -> Any:
        """Return the mode."""
        return mode_of(node)


class Modelled(Field):
    """What only counts for a processor of some modes."""

    modes: tuple[str, ...] = ("custom",)

    def read(self, node: Any) -> Any:
        """Return it, or None where it does not count."""
        return super().read(node) if mode_of(node) in self.modes else None


class ModelText(Modelled, Text):
    """Words about a model."""


class VendorId(Modelled, Matching):
    """What the processor calls its maker."""

    modes = ("custom", "host-model")


class Migratable(Modelled, Switch):
    """A restriction of the whole processor of the host."""

    modes = _WHOLE_HOST


class Topology(Element):
    """Source: https://libvirt.org/formatdomain.html#cpu-model-and-topology (topology)."""

    sockets = Integer("./@sockets", "Sockets.", least=1)
    dies = Integer("./@dies", "Dies in each socket.", least=1)
    cores = Integer("./@cores", "Cores in each die.", least=1)
    threads = Integer("./@threads", "Threads in each core.", least=1)

    @classmethod
    def edit(cls, node: Any, wanted: Mapping[str, Any]) -> list[Edit]:
        """Edit it; of what was never said there is one."""
        edits = super().edit(node, wanted)
        for part in _PARTS if edits else ():
            node.set(part, node.get(part, "1"))
        return edits


class Cache(Element):
    """Source: https://libvirt.org/formatdomain.html#cpu-model-and-topology (cache)."""

    mode = Leading(
        "./@mode",
        "Whether the cache is made up, that of the host, or none.",
        leads=("./@level",),
        choices=("emulate", "passthrough", "disable"),
    )
    level = Integer("./@level", "Level of the cache that is made up.", least=1, most=3)


class AddressBits(Element):
    """Source: https://libvirt.org/formatdomain.html#cpu-model-and-topology (maxphysaddr)."""

    mode = Leading(
        "./@mode",
        "Whether there are as many as the host has, or as many as said.",
        leads=("./@bits",),
        choices=("emulate", "passthrough"),
    )
    bits = Integer("./@bits", "How many there are.", least=1, most=64)


class CellNumber(Integer):
    """The number of a NUMA node: its place among the others where none is said."""

    def read(self, node: Any) -> Any:
        """Return it; a node that is being made has none yet."""
        said = super().read(node)
        placed = said is None and "memory" in node.attrib
        return len(list(node.itersiblings(node.tag, preceding=True))) if placed else said


class Cell(Element):
    """Source: https://libvirt.org/formatdomain.html#guest-numa-topology."""

    tag = "cell"
    id = CellNumber("./@id", "Number of the node; they count from 0.", required=True)
    cpus = NumberSet(
        "./@cpus", "Its virtual CPUs, such as V(0-3); each one of the VM belongs to one node. A node may have none."
    )
    memory = Size("./@memory", "Its memory, such as V(1GiB).", plain_unit=MIB, required=True)
    memory_access = Text(
        "./@memAccess",
        "Whether other processes of the host can see its memory; what O(memory_backing.access) says if left out.",
        choices=("shared", "private"),
    )
    discard = Switch("./@discard", "Whether the host may forget its memory when the VM stops.")
    distances = Table(
        "distances",
        "How far it is to other nodes, by their numbers - 10 is here, 20 twice as far; V(absent) removes one.",
        tag="sibling",
        key="id",
        value="value",
        form=r"\d+",
    )


class Processor(Element):
    """Source: https://libvirt.org/formatdomain.html#cpu-model-and-topology."""

    mode = Mode(
        "./@mode",
        (
            (
                "V(host-model) is the model that libvirt knows for the host's processor, V(host-passthrough) that "
                "processor itself, V(maximum) all that the hypervisor can do, V(custom) the named model."
            ),
            "A new VM gets V(host-model) with KVM, V(maximum) with emulation.",
        ),
        leads=("model", "vendor", "./@match", "./@check", "./@migratable", "model/@fallback", "model/@vendor_id"),
        choices=("host-model", "host-passthrough", "maximum", "custom"),
        untold=True,
    )
    model = ModelText("model", "Model, such as V(EPYC) or V(Haswell-noTSX); it stands for V(custom).", untold=True)
    fallback = ModelText(
        "model/@fallback",
        "Whether a model that the hypervisor lacks may be taken for another.",
        choices=("allow", "forbid"),
        untold=True,
    )
    match_ = ModelText(
        "./@match",
        "What the host may have beside what is named - V(minimum) gives all of it to the guest, V(exact) takes it "
        "away, V(strict) has none.",
        choices=("minimum", "exact", "strict"),
        untold=True,
    )
    check_ = Text(
        "./@check",
        "How libvirt checks at the start that the guest gets what is named.",
        choices=("none", "partial", "full"),
        untold=True,
    )
    vendor = ModelText("vendor", "Maker of the host's processor that the VM wants.", untold=True)
    vendor_id = VendorId(
        "model/@vendor_id",
        "What the processor calls its maker, 12 letters.",
        r"[^,]{12}",
        "GenuineIntel",
        untold=True,
    )
    migratable = Migratable(
        "./@migratable",
        "Whether features that hinder migration are left out; with the whole processor of the host.",
        words=("on", "off"),
        untold=True,
    )
    features = Table(
        ".",
        "Single features, such as V({aes: require, svm: disable}); V(absent) says nothing more of one.",
        tag="feature",
        key="name",
        value="policy",
        choices=("force", "require", "optional", "disable", "forbid"),
        untold=True,
    )
    topology = Group(
        "topology",
        Topology,
        "How the virtual CPUs are arranged; of what is never said there is one. The product is O(vcpus_max).",
    )
    cache = Group("cache", Cache, "The cache that the guest is told of.")
    address_bits = Group("maxphysaddr", AddressBits, "The bits of physical addresses.")
    numa = Items(
        "numa",
        Cell,
        "The NUMA nodes of the guest, all of them; their memory together is O(memory_max). An empty list removes all.",
        key=("id",),
    )

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with the mode that a model stands for."""
        values = super().normal(wanted)
        return {"mode": "custom", **values} if values.get("model") else values

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse what libvirt would drop in silence."""
        mode = values.get("mode", "custom" if values.get("model") else None)
        if mode == "custom" and not values.get("model"):
            raise Refused("mode custom needs a model; name one, or choose host-model.")
        for name in (*_MODELLED, "vendor_id", "migratable"):
            field = cls.fields[name]
            allowed = field.modes if isinstance(field, Modelled) else ()
            if values.get(name) is not None and mode not in allowed:
                raise Refused(f"{name} goes with mode {' or '.join(allowed)}, not with {mode}; name that mode with it.")


class Cpu(Section):
    """Source: https://libvirt.org/formatdomain.html#cpu-model-and-topology."""

    cpu = Group(
        "cpu",
        Processor,
        "The processor that the guest sees; what is not named is left alone. The next boot takes a change over.",
    )

    @classmethod
    def agree(cls, domain: Any, wanted: Mapping[str, Any]) -> None:
        """Refuse virtual CPUs without a place; let the memory be that of the NUMA nodes."""
        named = wanted.get("cpu", {})
        if "topology" in named or not {"vcpus", "vcpus_max"}.isdisjoint(wanted):
            _check_topology(domain)
        if "numa" in named:
            _check_cells(domain)
        if "numa" in named or not {"memory", "memory_max"}.isdisjoint(wanted):
            _settle_memory(domain, wanted)
        super().agree(domain, wanted)

    @classmethod
    def implied(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the virtual CPUs of a topology and the memory of NUMA nodes."""
        cpu = wanted.get("cpu", {})
        found = super().implied(wanted)
        if cpu.get("topology"):
            found["vcpus"] = places(cpu["topology"])
        if cpu.get("numa"):
            found["memory"] = sum(cell.get("memory", 0) for cell in cpu["numa"])
        return found


def places(topology: Mapping[str, int]) -> int:
    """Return how many virtual CPUs a topology has places for."""
    product = 1
    for part in _PARTS:
        product *= topology.get(part, 1)
    return product


def _check_topology(domain: Any) -> None:
    place, vcpus = domain.find("cpu/topology"), vcpus_of(domain)
    if place is None or vcpus is None:
        return
    product = places(Topology.read(place))
    if product != vcpus[1]:
        raise Refused(
            f"{refer(domain)} has places for {product} virtual CPUs in its cpu.topology, but {vcpus[1]} can be plugged "
            "in; let vcpus_max (or vcpus, if there is none) be the product of the topology."
        )


def _cells(domain: Any) -> list[dict[str, Any]]:
    return [Cell.read(cell) for cell in domain.iterfind("cpu/numa/cell")]


def _settle_memory(domain: Any, wanted: Mapping[str, Any]) -> None:
    """Let the most memory be that of all nodes, as libvirt does; Refused where another amount was named."""
    size = sum(cell.get("memory", 0) for cell in _cells(domain))
    if not size:
        return
    for name in ("memory", "memory_max"):
        if wanted.get(name, size) > size or (name == "memory_max" and wanted.get(name, size) != size):
            raise Refused(
                f"{refer(domain)} has {format_size(size)} in its NUMA nodes, which does not go with {name} "
                f"{format_size(wanted[name])}; let the memory of cpu.numa be memory_max (or memory, if there is none)."
            )
    set_memory(domain, min(memory_of(domain) or size, size), size)


def _check_cells(domain: Any) -> None:
    """Refuse nodes that leave virtual CPUs out: libvirt would put them into the first."""
    vcpus = vcpus_of(domain)
    named = {number for cell in _cells(domain) if "cpus" in cell for number in members(cell["cpus"])}
    missing = sorted(set(range(vcpus[1])) - named) if vcpus and named else []
    if missing:
        raise Refused(
            f"{refer(domain)} has a virtual CPU {missing[0]} that is in none of its NUMA nodes; name it in cpu.numa."
        )
