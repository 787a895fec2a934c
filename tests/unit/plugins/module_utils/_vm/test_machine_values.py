# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of numbers, as people write them and as libvirt takes them."""

from __future__ import annotations

import re

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.values import cpu_map, members, ranges


@pytest.mark.parametrize(
    ("text", "spelled"),
    [("0", "0"), ("3,1,2", "1-3"), ("0-3,^2", "0-1,3"), ("0-7,^2-5", "0-1,6-7"), (" 1 , 2 ", "1-2"), ("5,5", "5")],
)
def test_sets_of_numbers(text: str, spelled: str) -> None:
    assert ranges(members(text)) == spelled


@pytest.mark.parametrize("text", ["", "a", "1-", "3-1", "^1", "1,,2", "0,^0", "16384"])
def test_what_is_no_set_of_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(text) + "$"):
        members(text)


def test_a_set_as_libvirt_takes_it() -> None:
    assert cpu_map("0,2-3") == (True, False, True, True)
