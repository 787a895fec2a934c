# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of memory: the place that they need, and the memory beside them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.registry import BY_OPTION
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.machine import Machine

from tests.unit.plugins.module_utils._vm.host_devices.memory_module import module
from tests.unit.plugins.module_utils._vm.host_devices.parts import ROOM
from tests.unit.plugins.module_utils._vm.shapes import blank, converge, told


@pytest.mark.parametrize(
    "inside",
    ["", ROOM.partition("<cpu>")[0], "<cpu>" + ROOM.partition("<cpu>")[2]],
    ids=["neither", "no node", "no maximum"],
)
def test_a_module_needs_a_place(inside: str) -> None:
    with pytest.raises(Refused, match=r"has no place in the VM; set memory_hotplug_max and a node in cpu\.numa"):
        converge("memory_modules", blank(inside=inside), BY_OPTION["memory_modules"].wanted([{"size": "512MiB"}]))


@pytest.mark.parametrize(
    "params",
    [[{"size": "512MiB"}], [{"size": "512MiB", "model": "virtio-mem"}], []],
    ids=["dimm", "virtio-mem", "none"],
)
def test_modules_come_and_go_beside_the_memory(params: list[dict[str, Any]]) -> None:
    tree = told(blank(module(), inside=ROOM))
    before = Machine.facts(tree)
    converge("memory_modules", tree, BY_OPTION["memory_modules"].wanted(params))
    after = Machine.facts(told(tree))
    assert [after[name] for name in ("memory", "memory_max")] == [before[name] for name in ("memory", "memory_max")]
