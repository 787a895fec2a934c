# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of guests in the inventory."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.naming import settle


def vm(name: str, state: str = "stopped") -> dict[str, Any]:
    return {"name": name, "state": state}


SETTLED = {
    "nothing": ({}, {}, 0),
    "different names": ({"h1": [vm("a")], "h2": [vm("b")]}, {"a": "h1", "b": "h2"}, 0),
    "the first host's": ({"h1": [vm("a")], "h2": [vm("a")]}, {"a": "h1", "a@h2": "h2"}, 1),
    "the one that runs": ({"h1": [vm("a")], "h2": [vm("a", "running")]}, {"a": "h2", "a@h1": "h1"}, 1),
    "both run": ({"h1": [vm("a", "running")], "h2": [vm("a", "running")]}, {"a": "h1", "a@h2": "h2"}, 1),
    "three": ({h: [vm("a")] for h in ("h1", "h2", "h3")}, {"a": "h1", "a@h2": "h2", "a@h3": "h3"}, 2),
    "as a hypervisor": ({"h1": [vm("h2")]}, {"h2@h1": "h1"}, 1),
    "as this machine": ({"h1": [vm("localhost", "running")]}, {"localhost@h1": "h1"}, 1),
    "as another's new name": (
        {"h1": [vm("a"), vm("a@h2")], "h2": [vm("a")]},
        {"a": "h1", "a@h2": "h1", "a@h2@h2": "h2"},
        1,
    ),
}


@pytest.mark.parametrize(("found", "expected", "warned"), SETTLED.values(), ids=list(SETTLED))
def test_settle(found: Any, expected: dict[str, str], warned: int) -> None:
    guests, warnings = settle(found, {"h1", "h2", "localhost"})
    assert {guest.name: guest.host for guest in guests} == expected
    assert [guest.name for guest in guests] == sorted(expected)
    assert len(warnings) == warned


def test_the_warning_names_both() -> None:
    (warning,) = settle({"h1": [vm("web")], "h2": [vm("web")]}, {})[1]
    assert warning == (
        "The VM 'web' on h2 is called 'web@h2' in the inventory, because 'web' is the VM on h1; "
        "rename it, or remove the definition that is not needed."
    )
