# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual CPUs and memory."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.machine.parts import Changed, Fact, New, Unfit

NEW: list[New] = [
    ({"vcpus": 3, "vcpus_max": 4}, '<vcpu current="3">4</vcpu>'),
    (
        {"memory": "2GiB", "memory_max": "4GiB"},
        '<memory unit="KiB">4194304</memory><currentMemory unit="KiB">2097152</currentMemory>',
    ),
]

CHANGED: list[Changed] = [
    (
        {"inside": "", "vcpus": "<vcpu current='3'>4</vcpu>"},
        {"vcpus": 5},
        ["set vcpus 3 -> 5"],
        "<vcpu>5</vcpu>",
    ),
    (
        {"inside": "", "vcpus": "<vcpu current='2'>4</vcpu>"},
        {"vcpus": 3},
        ["set vcpus 2 -> 3"],
        '<vcpu current="3">4</vcpu>',
    ),
    (
        {"inside": "<currentMemory unit='MiB'>512</currentMemory>"},
        {"memory_max": "2GiB"},
        ["set memory_max 1GiB -> 2GiB"],
        '<memory unit="KiB">2097152</memory><currentMemory unit="KiB">524288</currentMemory>',
    ),
]

REFUSED: list[Unfit] = []

FACTS: list[Fact] = []
