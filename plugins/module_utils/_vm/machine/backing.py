# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the memory of a VM comes from, and how much could be plugged in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._composite import Group
from ..._errors import Refused
from ..._field_kinds import Count, Text
from ..._fields import Element
from ..._units import MIB
from ..._xml import without
from .section import Section
from .values import Amount, Plain


class HugePages(Plain):
    """Huge pages, of whatever size."""

    def write(self, node: Any, value: Any) -> None:
        """Make the element, or remove it with the sizes in it."""
        place = node.find(_HUGE_PAGES)
        if value:
            super().write(node, value)
        elif place is not None:
            without(place)


class PageSize(Amount):
    """The size of huge pages; without it they are of the host's default size."""

    def write(self, node: Any, value: Any) -> None:
        """Write it, or remove it and leave huge pages."""
        place = self.path.find(node)
        if value is not None:
            super().write(node, value)
        elif place is not None:
            without(place)


_HUGE_PAGES = "hugepages"


class Backing(Element):
    """Source: https://libvirt.org/formatdomain.html#memory-backing."""

    hugepages = HugePages(_HUGE_PAGES, "Whether the memory is made of huge pages, which the host must have set aside.")
    hugepage_size = PageSize(
        "hugepages/page/@size",
        "Size of the huge pages, such as V(2MiB) or V(1GiB); V(0) is what the host calls its default.",
        plain_unit=MIB,
    )
    nosharepages = Plain("nosharepages", "Whether the host may not merge equal pages of several VMs.")
    locked = Plain(
        "locked",
        "Whether the memory is never swapped out by the host; name O(memtune.hard_limit) with it.",
    )
    source = Text("source/@type", "What the memory is made of.", choices=("anonymous", "file", "memfd"))
    access = Text(
        "access/@mode",
        "Whether other processes of the host can see the memory; V(shared) is what virtiofs and vhost-user need.",
        choices=("shared", "private"),
    )
    allocation = Text(
        "allocation/@mode",
        "When the host gives the memory - at the start, or as the guest uses it.",
        choices=("immediate", "ondemand"),
    )
    allocation_threads = Count(
        "allocation/@threads", "How many threads give the memory at the start; V(0) removes it.", most=2**32 - 1
    )
    discard = Plain("discard", "Whether the host may forget the memory when the VM stops, instead of writing it out.")

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with the huge pages that a size stands for."""
        values = super().normal(wanted)
        return {"hugepages": True, **values} if values.get("hugepage_size") else values

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse a size of huge pages that are not wanted."""
        if "hugepages" in values and values["hugepages"] is None and values.get("hugepage_size"):
            raise Refused("hugepage_size does not go without hugepages; leave it out, or turn hugepages on.")


# libvirt takes no reach without slots.
_SLOTS = "16"


class Reach(Amount):
    """The most memory that there can be with all modules plugged in."""

    def write(self, node: Any, value: Any) -> None:
        """Write it, with slots where there are none; or remove it with the slots that it has."""
        super().write(node, value)
        place = self.path.find(node)
        if place is not None and value is not None:
            place.set("slots", place.get("slots", _SLOTS))
        elif place is not None:
            without(place)


class Slots(Count):
    """How many modules can be plugged in."""

    def read(self, node: Any) -> Any:
        """Return the number, or None where there is no place for any."""
        return super().read(node) if node.find("maxMemory") is not None else None


class Memory(Section):
    """Sources: https://libvirt.org/formatdomain.html#memory-backing and #memory-allocation."""

    memory_hotplug_max = Reach(
        "maxMemory",
        (
            (
                "The most memory that the VM can have with all modules plugged in, such as V(16GiB); V(0) removes it. "
                "It needs a NUMA node in O(cpu.numa)."
            ),
            "The next boot takes a change over.",
        ),
        plain_unit=MIB,
    )
    memory_slots = Slots("maxMemory/@slots", "How many memory modules can be plugged in; needs O(memory_hotplug_max).")
    memory_backing = Group(
        "memoryBacking",
        Backing,
        "Where the memory comes from; what is not named is left alone. The next boot takes a change over.",
    )
