# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of its host a VM gets: shares and limits of CPU, memory and disk, and where its threads run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count, islice
from typing import Any

from ..._composite import ABSENT, Group, Items
from ..._errors import Refused
from ..._field_kinds import Count, Integer, Text
from ..._fields import Element
from ..._libs import etree
from ..._units import MIB, format_size
from ..._xml import Path, parse_xml, without
from ..live import LIVE, Live, one_of
from .compute import vcpus_of
from .section import Section, refer
from .values import Amount, NumberSet, Pins, cpu_map

_AT_ONCE = "A running VM takes it over at once."
_NONE_LATER = "A running VM takes it over at once, but V(0), which removes it, at its next boot."
# virDomainSetMemoryParameters: no limit, in KiB.
_UNLIMITED = 2**53 - 1
# Limits of libvirt's schema for CPU bandwidth, in microseconds.
_LEAST_TIME, _LONGEST_PERIOD, _LARGEST_QUOTA = 1000, 1_000_000, 17_592_186_044_415


def _named(_domain: Any, value: Any) -> bool:
    return value is not None


def _set_scheduler(domain: Any, _element: Any, values: Mapping[str, Any]) -> None:
    """Set shares, periods and quotas (virDomainSetSchedulerParametersFlags); no quota is -1."""
    domain.setSchedulerParametersFlags({word: -1 if value is None else value for word, value in values.items()}, LIVE)


def _set_memory_limits(domain: Any, _element: Any, values: Mapping[str, Any]) -> None:
    """Set limits in KiB (virDomainSetMemoryParameters)."""
    limits = {name: _UNLIMITED if value is None else value // 1024 for name, value in values.items()}
    domain.setMemoryParameters(limits, LIVE)


class Quota(Integer):
    """Microseconds of CPU time in each period; nothing, 0 and -1 are no limit."""

    def parse(self, text: str, node: Any) -> Any:
        """Return the limit, or None."""
        limit = super().parse(text, node)
        return limit if limit > 0 else None

    def normal(self, value: Any) -> Any:
        """Return the limit, or None."""
        return None if int(value) in (0, -1) else super().normal(value)


def _quota(path: str, whose: str, word: str = "") -> Quota:
    return Quota(
        path,
        (f"Microseconds of CPU time in each period for {whose}; V(-1) is no limit.", _AT_ONCE),
        least=_LEAST_TIME,
        most=_LARGEST_QUOTA,
        live=Live(_set_scheduler, word=word),
    )


def _period(path: str, whose: str, word: str = "") -> Count:
    return Count(
        path,
        (f"Microseconds of a period for {whose}; 100000 where nothing is said.", _NONE_LATER),
        least=_LEAST_TIME,
        most=_LONGEST_PERIOD,
        live=Live(_set_scheduler, _named, word),
    )


def _pins(tag: str, key: str, doc: str, live: Live) -> Pins:
    return Pins(".", (doc, _AT_ONCE), tag=tag, key=key, value="cpuset", live=live)


def _pin_vcpus(domain: Any, _element: Any, values: Mapping[str, Any]) -> None:
    for number, cpus in one_of(values).items():
        domain.pinVcpuFlags(int(number), cpu_map(cpus), LIVE)


def _pin_iothreads(domain: Any, _element: Any, values: Mapping[str, Any]) -> None:
    for number, cpus in one_of(values).items():
        domain.pinIOThread(int(number), cpu_map(cpus), LIVE)


def _known_vcpus(domain: Any, pins: Any) -> bool:
    vcpus = vcpus_of(domain)
    return vcpus is not None and all(int(key) < vcpus[1] and cpus != ABSENT for key, cpus in pins.items())


def _known_iothreads(domain: Any, pins: Any) -> bool:
    known = {str(number) for number in iothreads_of(domain)}
    return all(key in known and cpus != ABSENT for key, cpus in pins.items())


class CpuTune(Element):
    """Source: https://libvirt.org/formatdomain.html#cpu-tuning."""

    shares = Count(
        "shares",
        ("Weight of the VM among the VMs of its host when CPU time is short; V(0) removes it.", _NONE_LATER),
        least=2,
        most=262_144,
        live=Live(_set_scheduler, _named, "cpu_shares"),
    )
    period = _period("period", "each virtual CPU", "vcpu_period")
    quota = _quota("quota", "each virtual CPU", "vcpu_quota")
    global_period = _period("global_period", "the whole VM")
    global_quota = _quota("global_quota", "the whole VM")
    emulator_period = _period("emulator_period", "the threads of QEMU that are no virtual CPU")
    emulator_quota = _quota("emulator_quota", "the threads of QEMU that are no virtual CPU")
    iothread_period = _period("iothread_period", "each I/O thread")
    iothread_quota = _quota("iothread_quota", "each I/O thread")
    vcpu_pins = _pins(
        "vcpupin",
        "vcpu",
        "On which CPUs of the host virtual CPUs may run, such as V({'0': '0-3'}); V(absent) removes one.",
        Live(_pin_vcpus, _known_vcpus),
    )
    emulator_pin = NumberSet(
        "emulatorpin/@cpuset",
        ("On which CPUs of the host the other threads of QEMU may run; an empty one removes it.", _AT_ONCE),
        live=Live(lambda domain, _element, values: domain.pinEmulator(cpu_map(one_of(values)), LIVE), _named),
    )
    iothread_pins = _pins(
        "iothreadpin",
        "iothread",
        "On which CPUs of the host I/O threads may run, by their numbers from 1; V(absent) removes one.",
        Live(_pin_iothreads, _known_iothreads),
    )


def iothreads_of(domain: Any) -> list[int]:
    """Return the numbers of the I/O threads: those that are listed, and the lowest that are free for those that are
    only counted.
    """
    listed = [int(thread.get("id")) for thread in domain.iterfind("iothreadids/iothread")]
    return [*listed, *_free(listed, (_COUNTED.read(domain) or 0) - len(listed))]


def _free(taken: Iterable[int], many: int) -> list[int]:
    """Return so many numbers from 1 up that are not taken."""
    return list(islice((number for number in count(1) if number not in taken), max(many, 0)))


def _used(domain: Any) -> set[int]:
    return {int(driver.get("iothread")) for driver in domain.iterfind("devices/*/driver[@iothread]")}


def _kept(domain: Any, many: int) -> list[int]:
    """Return the numbers of so many I/O threads: those that devices use before others, the lowest before others."""
    there, used = iothreads_of(domain), _used(domain)
    kept = sorted(there, key=lambda number: (number not in used, number))[:many]
    return sorted([*kept, *_free(kept, many - len(kept))])


_COUNTED = Count("iothreads")


class IoThreads(Count):
    """The I/O threads; each has a number by which devices use it."""

    def read(self, node: Any) -> Any:
        """Return how many there are, or None."""
        return len(iothreads_of(node)) or None

    def write(self, node: Any, value: Any) -> None:
        """Write how many there are, and their numbers; those that go take their pins with them."""
        kept = _kept(node, value or 0)
        super().write(node, value)
        for place in ("iothreadids/iothread[@id]", "cputune/iothreadpin[@iothread]"):
            for element in node.findall(place):
                if int(element.get("id") or element.get("iothread")) not in kept:
                    _take_out(element)
        listed = {int(thread.get("id")) for thread in node.iterfind("iothreadids/iothread")}
        for number in kept:
            if number not in listed:
                etree.SubElement(_NUMBERS.make(node), "iothread", {"id": str(number)})


_NUMBERS = Path("iothreadids")


def _take_out(element: Any) -> None:
    """Remove an element, and its parent where that is left empty."""
    parent = element.getparent()
    without(element)
    if not len(parent):
        without(parent)


def _set_iothreads(domain: Any, element: Any, _values: Mapping[str, Any]) -> None:
    """Add and delete I/O threads (virDomainAddIOThread, virDomainDelIOThread)."""
    there, wanted = set(iothreads_of(parse_xml(domain.XMLDesc(0)))), set(iothreads_of(element))
    for number in sorted(there - wanted):
        domain.delIOThread(number, LIVE)
    for number in sorted(wanted - there):
        domain.addIOThread(number, LIVE)


def _spares_used(domain: Any, value: Any) -> bool:
    return len(_used(domain)) <= (value or 0)


class NodeSet(NumberSet):
    """The NUMA nodes of the host that memory comes from; without them there is no policy."""

    def write(self, node: Any, value: Any) -> None:
        """Write them, or remove the policy."""
        place = self.path.find(node)
        if value is not None:
            super().write(node, value)
        elif place is not None:
            without(place)


def _strict(domain: Any, value: Any) -> bool:
    place = domain.find("numatune/memory")
    return value is not None and place is not None and place.get("mode", "strict") in ("strict", "restrictive")


class MemoryNode(Element):
    """Source: https://libvirt.org/formatdomain.html#numa-node-tuning (memnode)."""

    tag = "memnode"
    cell = Integer("./@cellid", "Number of the node in O(cpu.numa).", required=True)
    mode = Text("./@mode", "As O(numatune.mode).", choices=("strict", "preferred", "interleave", "restrictive"))
    nodeset = NumberSet("./@nodeset", "The nodes of the host that its memory comes from.", required=True)


class NumaTune(Element):
    """Source: https://libvirt.org/formatdomain.html#numa-node-tuning."""

    mode = Text(
        "memory/@mode",
        "How strictly the memory comes from O(numatune.nodeset); V(strict) if never said.",
        choices=("strict", "preferred", "interleave", "restrictive"),
    )
    nodeset = NodeSet(
        "memory/@nodeset",
        (
            "The NUMA nodes of the host that the memory comes from, such as V(0-1); an empty set removes the policy.",
            "A running VM whose mode is V(strict) or V(restrictive) takes other nodes over at once.",
        ),
        live=Live(lambda domain, _e, values: domain.setNumaParameters({"numa_nodeset": one_of(values)}, LIVE), _strict),
    )
    nodes = Items(
        ".",
        MemoryNode,
        "Policies for single NUMA nodes of the guest, all of them; an empty list removes all.",
        key=("cell",),
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse a mode of no policy."""
        if values.get("mode") and "nodeset" in values and values["nodeset"] is None:
            raise Refused("mode does not go with an empty nodeset; name nodes, or leave the mode out.")


def _limit(name: str, doc: str) -> Amount:
    return Amount(
        name,
        (f"{doc}; V(0) removes it.", _AT_ONCE),
        plain_unit=MIB,
        live=Live(_set_memory_limits),
    )


class MemTune(Element):
    """Source: https://libvirt.org/formatdomain.html#memory-tuning."""

    hard_limit = _limit(
        "hard_limit",
        "Most memory of the host that the VM with its QEMU can use, such as V(4GiB); it ends a VM that needs more",
    )
    soft_limit = _limit("soft_limit", "What the VM is pressed down to when the host is short of memory")
    swap_hard_limit = _limit(
        "swap_hard_limit",
        "Most memory and swap together that the VM can use; it needs a hard limit that is not above it",
    )


class BlkioTune(Element):
    """Source: https://libvirt.org/formatdomain.html#block-i-o-tuning."""

    weight = Count(
        "weight",
        ("Weight of the VM among the VMs of its host when disks are busy; V(0) removes it.", _NONE_LATER),
        most=10_000,
        live=Live(lambda domain, _element, values: domain.setBlkioParameters({"weight": one_of(values)}, LIVE), _named),
    )


class Tuning(Section):
    """Source: https://libvirt.org/formatdomain.html#cpu-tuning and the sections around it."""

    iothreads = IoThreads(
        "iothreads",
        (
            "Number of threads that disks and controllers can use for I/O; V(0) removes all.",
            "A running VM is given others at once, and loses those at once that no device uses.",
        ),
        most=1024,
        live=Live(_set_iothreads, _spares_used),
    )
    cputune = Group("cputune", CpuTune, "How much CPU time the VM gets, and on which CPUs of its host.")
    numatune = Group("numatune", NumaTune, "Which NUMA nodes of the host the memory comes from.")
    memtune = Group("memtune", MemTune, "Limits of the memory that the VM uses of its host.")
    blkiotune = Group("blkiotune", BlkioTune, "The share that the VM gets of its host's disks.")

    @classmethod
    def agree(cls, domain: Any, wanted: Mapping[str, Any]) -> None:
        """Refuse pins of virtual CPUs that the VM has not, which libvirt would drop in silence, and limits that no
        kernel takes.
        """
        pins, vcpus = wanted.get("cputune", {}).get("vcpu_pins", {}), vcpus_of(domain)
        beyond = [key for key, cpus in pins.items() if vcpus and cpus != ABSENT and int(key) >= vcpus[1]]
        if beyond and vcpus:
            raise Refused(
                f"{refer(domain)} has no virtual CPU {beyond[0]} for cputune.vcpu_pins; they count from 0 to "
                f"{vcpus[1] - 1}."
            )
        if "memtune" in wanted:
            _check_limits(domain)
        super().agree(domain, wanted)


def _check_limits(domain: Any) -> None:
    """Refuse a limit of memory and swap together that is less than that of memory, which it includes."""
    place = domain.find("memtune")
    limits = MemTune.read(place) if place is not None else {}
    most, both = limits.get("hard_limit"), limits.get("swap_hard_limit")
    if both and (most is None or both < most):
        raise Refused(
            f"{refer(domain)} has a swap_hard_limit of {format_size(both)}, which includes its hard_limit of "
            f"{'any size' if most is None else format_size(most)}; name a hard_limit that is not above it."
        )
