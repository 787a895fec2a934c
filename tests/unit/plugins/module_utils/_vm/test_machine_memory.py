# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of a machine, which libvirt tells together with its modules."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import MIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.compute import (
    memory_max_of,
    memory_of,
    same_memory,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.machine import Machine
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

DIMM = "<memory model='dimm'><target><size unit='MiB'>256</size></target></memory>"
VIRTIO = (
    "<memory model='virtio-mem'><target><size unit='MiB'>512</size><requested unit='MiB'>128</requested>"
    "<current unit='MiB'>128</current></target></memory>"
)
# The memory that is told, modules, and what is read of it: libvirt counts modules in, of a running virtio-mem what it
# has got.
MODULES: list[tuple[int, int | None, str, int, int]] = [
    (1024, None, DIMM, 768, 768),
    (1024, 1024, DIMM, 768, 768),
    (1024, 768, DIMM, 512, 768),
    (1024, 512, DIMM + DIMM, 0, 512),
    (1024, 640, VIRTIO, 512, 512),
    (1280, 896, DIMM + VIRTIO, 512, 512),
]


@pytest.mark.parametrize(("most", "current", "modules", "now", "reach"), MODULES)
def test_memory_is_told_without_modules(most: int, current: int | None, modules: str, now: int, reach: int) -> None:
    now_told = f"<currentMemory unit='MiB'>{current}</currentMemory>" if current else ""
    devices = f"<devices>{modules}</devices>"
    tree = parse_xml(f"<domain><memory unit='MiB'>{most}</memory>{now_told}{devices}</domain>")
    assert (memory_of(tree), memory_max_of(tree)) == (now * MIB, reach * MIB)
    Machine.edit(tree, {"memory": 256 * MIB, "memory_max": 320 * MIB})
    assert (memory_of(tree), memory_max_of(tree)) == (256 * MIB, 320 * MIB)


def test_a_module_does_not_change_the_memory_beside_it() -> None:
    tree = parse_xml(
        "<domain><memory unit='MiB'>512</memory><currentMemory unit='MiB'>512</currentMemory><devices/></domain>"
    )
    with same_memory(tree):
        tree.find("devices").append(parse_xml(DIMM))
    assert (memory_of(tree), memory_max_of(tree)) == (512 * MIB, 512 * MIB)
    assert tree.findtext("memory") == str(768 * 1024)
