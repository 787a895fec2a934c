# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declared interface of the role vm_fleet against what it hands its options to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import fleet_options

ROLE = Path(__file__).resolve().parents[3] / "roles" / "vm_fleet"
OPTIONS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
MODULE = fleet_options()

# The role's words for the module's options, where they are not the same with a prefix.
HANDED_ON = {"fleet": "vm_fleet_name"}
# The module checks these, option by option; a second list of them would only be one to forget.
OF_A_VM = {"vms", "defaults"}
ONLY_IN_ROLE = {"vm_fleet_hosts", "vm_fleet_uri"}


def shape(options: dict[str, Any]) -> dict[str, Any]:
    """Return what options accept, at all depths, without what is said about them and without their defaults."""
    return {
        name: {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "choices": option.get("choices"),
            "required": option.get("required", False),
            "options": shape(option.get("options") or {}),
        }
        for name, option in options.items()
    }


def role_name(option: str) -> str:
    return HANDED_ON.get(option, f"vm_fleet_{option}")


def test_the_role_has_the_options_of_the_module_and_its_own() -> None:
    assert set(OPTIONS) == {role_name(option) for option in MODULE} | ONLY_IN_ROLE


@pytest.mark.parametrize("option", sorted(set(MODULE) - OF_A_VM))
def test_an_option_accepts_what_the_module_accepts(option: str) -> None:
    assert shape({"": OPTIONS[role_name(option)]}) == shape({"": MODULE[option]})


@pytest.mark.parametrize("option", sorted(OF_A_VM))
def test_the_words_of_a_vm_are_left_to_the_module(option: str) -> None:
    declared = OPTIONS[role_name(option)]
    assert "options" not in declared
    assert shape({"": declared}) == shape({"": {**MODULE[option], "options": None, "required": False}})
    assert any("kvmops.datacenter.kvm_vm" in line for line in declared["description"])
