# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual CPUs and memory: how much a VM has, and how much it can be given while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..._errors import Refused
from ..._field_kinds import Integer, Size
from ..._units import MIB, TIB, format_size
from ..._wait import wait_for
from ..live import LIVE, Live, one_of
from .section import Section

_LEAST, _MOST = MIB, 64 * TIB

# How many seconds a guest gets to let go of memory, or to take it.
_PATIENCE = 20


class Capacity(Size):
    """An amount of memory that a machine could be built with."""

    def normal(self, value: Any) -> Any:
        """Refuse what libvirt would take and QEMU not start."""
        size = super().normal(value)
        if not _LEAST <= size <= _MOST:
            bounds = f"{format_size(_LEAST)} to {format_size(_MOST)}"
            raise Refused(f"{self.name} '{value}' is out of range; choose {bounds}.")
        return size

    def fact(self, value: Any) -> Any:
        """Return it as people write it, or None where the option would refuse it."""
        return super().fact(value) if value is not None and _LEAST <= value <= _MOST else None


_ALL = Capacity("memory", plain_unit=MIB)
_CURRENT = Capacity("currentMemory", plain_unit=MIB)
_MODULE = Capacity("target/size", plain_unit=MIB)
_PLUGGED = Capacity("target/current", plain_unit=MIB)


def _modules(domain: Any) -> int:
    """Return the bytes of all memory modules, which libvirt counts into `memory`."""
    return sum(_MODULE.read(module) or 0 for module in domain.iterfind("devices/memory"))


def _plugged(domain: Any) -> int:
    """Return the bytes of modules that libvirt counts into `currentMemory`: of a running virtio-mem what it has got."""
    sizes = ((_PLUGGED.read(module), _MODULE.read(module)) for module in domain.iterfind("devices/memory"))
    return sum(size or 0 if now is None else now for now, size in sizes)


def memory_max_of(domain: Any) -> int | None:
    """Return the bytes that the guest can get, without memory modules."""
    most = _ALL.read(domain)
    return None if most is None else max(most - _modules(domain), 0)


def memory_of(domain: Any) -> int | None:
    """Return the bytes that the guest has, without memory modules: all of its memory where nothing else is said."""
    current, most = _CURRENT.read(domain), memory_max_of(domain)
    return most if current is None or most is None else max(min(current - _plugged(domain), most), 0)


def set_memory(domain: Any, now: int, most: int) -> None:
    """Write what the guest has and the most it can get, in bytes, both without memory modules."""
    _ALL.write(domain, most + _modules(domain))
    _CURRENT.write(domain, now + _plugged(domain) if now < most else None)


@contextmanager
def same_memory(domain: Any) -> Iterator[None]:
    """Keep what the guest has, and can get, while memory modules come and go."""
    now, most = memory_of(domain), memory_max_of(domain)
    yield
    if now is not None and most is not None and (now, most) != (memory_of(domain), memory_max_of(domain)):
        set_memory(domain, now, most)


class Memory(Capacity):
    """What the guest has. Where nothing was kept in reserve, the most that it can get goes with it."""

    def read(self, node: Any) -> Any:
        """Return what the guest has."""
        return memory_of(node)

    def write(self, node: Any, value: Any) -> None:
        """Write it; a reserve stays, and grows where it has to."""
        most, now = memory_max_of(node), memory_of(node)
        set_memory(node, value, value if most is None or most == now else max(most, value))


class MemoryMax(Capacity):
    """The most that the guest can get."""

    def read(self, node: Any) -> Any:
        """Return the most that the guest can get."""
        return memory_max_of(node)

    def write(self, node: Any, value: Any) -> None:
        """Write it; what the guest has stays as far as it fits."""
        set_memory(node, min(memory_of(node) or value, value), value)


def vcpus_of(domain: Any) -> tuple[int, int] | None:
    """Return how many virtual CPUs are plugged in, and how many can be; None where nothing is said."""
    place = domain.find("vcpu")
    most = int(place.text or 1) if place is not None else 0
    return None if place is None else (int(place.get("current") or most), most)


def set_vcpus(domain: Any, now: int, most: int) -> None:
    """Write how many virtual CPUs are plugged in, and how many can be."""
    place = _VCPU.path.make(domain)
    place.text = str(most)
    place.attrib.pop("current", None)
    if now < most:
        place.set("current", str(now))


_VCPU = Integer("vcpu")


class Vcpus(Integer):
    """The virtual CPUs that are plugged in. Where no more can be, the most goes with it."""

    def read(self, node: Any) -> Any:
        """Return how many are plugged in."""
        found = vcpus_of(node)
        return found and found[0]

    def write(self, node: Any, value: Any) -> None:
        """Write it; a reserve stays, and grows where it has to."""
        now, most = vcpus_of(node) or (0, 0)
        set_vcpus(node, value, value if most == now else max(most, value))


class VcpusMax(Integer):
    """The most virtual CPUs that can be plugged in."""

    def read(self, node: Any) -> Any:
        """Return how many can be plugged in."""
        found = vcpus_of(node)
        return found and found[1]

    def write(self, node: Any, value: Any) -> None:
        """Write it; what is plugged in stays as far as it fits."""
        now, _most = vcpus_of(node) or (value, value)
        set_vcpus(node, min(now, value), value)


def _within_vcpus(domain: Any, value: Any) -> bool:
    found = vcpus_of(domain)
    return found is not None and value <= found[1]


def _within_memory(domain: Any, value: Any) -> bool:
    return int(value) <= (memory_max_of(domain) or 0)


def _give_memory(domain: Any, element: Any, values: Any) -> None:
    """Ask the balloon, which counts memory modules, and see that the guest has followed."""
    kib = (one_of(values) + _plugged(element)) // 1024
    domain.setMemoryFlags(kib, LIVE)
    wait_for(
        lambda: domain.info()[2] == kib,
        _PATIENCE,
        f"its guest did not follow the memory balloon to {format_size(kib * 1024)}",
    )


class Compute(Section):
    """Sources: https://libvirt.org/formatdomain.html#cpu-allocation and #memory-allocation."""

    vcpus = Vcpus(
        "vcpu",
        (
            "Number of virtual CPUs. A new VM gets what its template says, else 1.",
            (
                "A running VM is given more, up to O(vcpus_max), at once; otherwise it takes a change over at its next "
                "boot."
            ),
        ),
        least=1,
        most=4096,
        live=Live(lambda domain, _element, values: domain.setVcpusFlags(one_of(values), LIVE), _within_vcpus),
    )
    vcpus_max = VcpusMax(
        "vcpu",
        "The most virtual CPUs that the VM can be given while it runs; as many as O(vcpus) if never said.",
        least=1,
        most=4096,
    )
    memory = Memory(
        "memory",
        (
            (
                "Memory, such as V(2GiB) or V(512MiB); a plain number counts MiB. A new VM gets what its template "
                "says, else 1GiB. Memory modules come on top of it."
            ),
            (
                "A running VM is given other amounts up to O(memory_max) at once, if its guest has a balloon driver; "
                "otherwise it takes a change over at its next boot."
            ),
        ),
        plain_unit=MIB,
        live=Live(_give_memory, _within_memory),
    )
    memory_max = MemoryMax(
        "memory",
        "The most memory that the VM can be given while it runs; as much as O(memory) if never said.",
        plain_unit=MIB,
    )

    @classmethod
    def check(cls, values: Any) -> None:
        """Refuse a VM that has more than the most that it can have."""
        for name, most in (("vcpus", "vcpus_max"), ("memory", "memory_max")):
            if name in values and most in values and values[name] > values[most]:
                shown = cls.show(values)
                raise Refused(
                    f"{name} {shown[name]} is more than {most} {shown[most]}; raise the one or lower the other."
                )
        super().check(values)
