# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories of the host by virtiofs need memory that the VM shares with it."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.filesystem import shares_memory
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.registry import BY_OPTION

from tests.unit.plugins.module_utils._vm.host_devices.filesystem import FULL, NINE_P, PLAIN_DIRECTORY
from tests.unit.plugins.module_utils._vm.host_devices.parts import SHARED
from tests.unit.plugins.module_utils._vm.shapes import blank, converge, only

CELLS = "<cpu><numa><cell id='0' memory='1'{}/><cell id='1' memory='1'{}/></numa></cpu>"
SHARES: list[tuple[str, bool]] = [
    ("", False),
    (SHARED, True),
    ("<memoryBacking><access mode='private'/></memoryBacking>", False),
    ("<memoryBacking><source type='memfd'/></memoryBacking>", False),
    (CELLS.format("", ""), False),
    (CELLS.format(" memAccess='shared'", " memAccess='shared'"), True),
    (CELLS.format(" memAccess='shared'", ""), False),
    (SHARED + CELLS.format(" memAccess='shared'", ""), True),
    (SHARED + CELLS.format(" memAccess='private'", ""), False),
]


@pytest.mark.parametrize(
    ("inside", "shared"),
    SHARES,
    ids=[
        "nothing is said",
        "shared",
        "private",
        "of a file",
        "cells without a word",
        "shared cells",
        "one shared cell",
        "shared, as one cell says too",
        "shared, but one cell is private",
    ],
)
def test_virtiofs_needs_memory_that_is_shared(inside: str, shared: bool) -> None:
    tree = blank(inside=inside)
    assert shares_memory(tree) == shared
    device = BY_OPTION["filesystems"]
    assert device.attachable(tree, only(blank(FULL), "filesystems")) == shared
    if shared:
        assert [edit.verb for edit in converge("filesystems", tree, device.wanted([PLAIN_DIRECTORY]))] == ["attach"]
        return
    with pytest.raises(Refused, match="set source: memfd and access: shared in 'memory_backing'"):
        converge("filesystems", tree, device.wanted([PLAIN_DIRECTORY]))


def test_a_directory_by_9p_needs_none() -> None:
    edits = converge("filesystems", blank(), BY_OPTION["filesystems"].wanted([NINE_P]))
    assert [edit.verb for edit in edits] == ["attach"]
