# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the memory is made of, and how far it can grow."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.machine.parts import Changed, Fact, New, Unfit

NEW: list[New] = [
    (
        {"memory_hotplug_max": "16GiB"},
        '<maxMemory unit="KiB" slots="16">16777216</maxMemory>',
    ),
    (
        {"memory_hotplug_max": "16GiB", "memory_slots": 4},
        '<maxMemory unit="KiB" slots="4">16777216</maxMemory>',
    ),
    (
        {
            "memory_backing": {
                "hugepage_size": "2MiB",
                "nosharepages": True,
                "locked": True,
                "source": "memfd",
                "access": "shared",
                "allocation": "immediate",
                "allocation_threads": 4,
                "discard": True,
            }
        },
        (
            '<memoryBacking><hugepages><page size="2048" unit="KiB"/></hugepages><nosharepages/><locked/>'
            '<source type="memfd"/><access mode="shared"/><allocation mode="immediate" threads="4"/>'
            "<discard/></memoryBacking>"
        ),
    ),
    (
        {"memory_backing": {"hugepages": True}},
        "<memoryBacking><hugepages/></memoryBacking>",
    ),
]

CHANGED: list[Changed] = [
    (
        {"inside": "<maxMemory slots='4' unit='GiB'>16</maxMemory>"},
        {"memory_hotplug_max": 0},
        ["set memory_hotplug_max 16GiB -> none"],
        "",
    ),
    (
        {"inside": "<maxMemory slots='4' unit='GiB'>16</maxMemory>"},
        {"memory_hotplug_max": "32GiB"},
        ["set memory_hotplug_max 16GiB -> 32GiB"],
        '<maxMemory slots="4" unit="KiB">33554432</maxMemory>',
    ),
    (
        {"inside": "<memoryBacking><hugepages><page size='2' unit='MiB'/></hugepages><locked/></memoryBacking>"},
        {"memory_backing": {"hugepages": False, "locked": False, "discard": False}},
        ["set memory_backing.hugepages True -> none", "set memory_backing.locked True -> none"],
        "",
    ),
    (
        {"inside": "<memoryBacking><hugepages><page size='2' unit='MiB'/></hugepages></memoryBacking>"},
        {"memory_backing": {"hugepage_size": 0}},
        ["set memory_backing.hugepage_size 2MiB -> none"],
        "<memoryBacking><hugepages/></memoryBacking>",
    ),
]

REFUSED: list[Unfit] = [
    ({"memory_backing": {"hugepages": False, "hugepage_size": "2MiB"}}, "hugepage_size does not go without hugepages"),
]

FACTS: list[Fact] = [
    ({"inside": "<maxMemory unit='KiB'>0</maxMemory>"}, "memory_hotplug_max", None),
]
