# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks hand every option of a module on, under its own name, and what is documented is what they read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.spec import network_options
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_spec import pool_options
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.spec import template_options

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))

# Not the user's: how a run in check mode and an action plugin speak to a module.
_INTERNAL = {"planned", "_source"}
_MORE = {"kvm_template": {"timeout"}}


def tasks_of(playbook: str) -> Iterator[dict[str, Any]]:
    """Go through the tasks of a playbook."""
    for play in yaml.safe_load((ROOT / "playbooks" / playbook).read_text()):
        yield from play.get("tasks", [])


@pytest.mark.parametrize(
    ("module", "options"),
    [("kvm_network", network_options()), ("kvm_pool", pool_options()), ("kvm_template", template_options())],
)
def test_site_hands_on_every_option(module: str, options: dict[str, Any]) -> None:
    (arguments,) = [task[name] for task in tasks_of("site.yml") for name in task if name.endswith(f".{module}")]
    handed_on = {name: value for name, value in arguments.items() if name not in {*_INTERNAL, "uri"}}
    assert set(handed_on) == (set(options) | _MORE.get(module, set())) - _INTERNAL
    for name, value in handed_on.items():
        assert value == ("{{ item.name }}" if name == "name" else f"{{{{ item.{name} | default(omit) }}}}")


def test_every_variable_of_the_inventory_is_on_the_page() -> None:
    text = "".join(file.read_text() for file in PLAYBOOKS)
    read = set(re.findall(r"\bkvm_(?!site_|provision_|report_)\w+(?= \| default| *\])", text)) | {"kvm_vms"}
    page = (ROOT / "docs" / "inventory.md").read_text()
    documented = set(re.findall(r"^\| `kvm_(\w+)` \|", page, re.MULTILINE))
    assert {name.removeprefix("kvm_") for name in read} == documented


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_a_playbook_needs_no_facts_of_ansible(playbook: Path) -> None:
    plays = [play for play in yaml.safe_load(playbook.read_text()) if "hosts" in play]
    assert plays
    assert all(play["gather_facts"] is False for play in plays)
