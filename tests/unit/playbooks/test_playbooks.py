# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks hand every option of a module on, under its own name, and what is documented is what they read."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kvmops.datacenter.plugins.doc_fragments import vm
from ansible_collections.kvmops.datacenter.plugins.module_utils._planned import KINDS

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
COLLECTION = "kvmops.datacenter."
# Not of the inventory: how a run in check mode speaks to a module, and the connection of all.
_INTERNAL = {"planned", "uri"}
# What modules say in the words of VMs is documented with these.
_WORDS_OF_VMS = f"{COLLECTION}vm."
# The roles that site makes things by, beside its own tasks.
_ROLES = ("storage", "template_library")


def all_tasks() -> Iterator[dict[str, Any]]:
    """Go through the tasks of the playbook site, and of the roles."""
    for play in yaml.safe_load((ROOT / "playbooks" / "site.yml").read_text()):
        yield from play.get("tasks", [])
    for role in _ROLES:
        yield from yaml.safe_load((ROOT / "roles" / role / "tasks" / "main.yml").read_text())


def module_tasks() -> list[tuple[str, dict[str, Any]]]:
    """Return the tasks that make what the inventory lists, each with the name of its module."""
    named = ((name, task) for task in all_tasks() if "loop" in task for name in task if name.startswith(COLLECTION))
    return [(name.removeprefix(COLLECTION), task) for name, task in named]


def documented_options(module: str) -> set[str]:
    """Return a user's options of a module but those that modules share; an action plugin's own begin with "_"."""
    loaded = importlib.import_module(f"ansible_collections.{COLLECTION}plugins.modules.{module}")
    documented = yaml.safe_load(loaded.DOCUMENTATION)
    options = {**documented["options"]}
    for name in documented["extends_documentation_fragment"]:
        if name.startswith(_WORDS_OF_VMS):
            options.update(yaml.safe_load(getattr(vm.ModuleDocFragment, name.rpartition(".")[2].upper()))["options"])
    return {name for name in options if not name.startswith("_")}


@pytest.mark.parametrize(("module", "task"), module_tasks(), ids=[task["name"] for _name, task in module_tasks()])
def test_site_hands_on_every_option(module: str, task: dict[str, Any]) -> None:
    arguments = task[f"{COLLECTION}{module}"]
    handed_on = {name: value for name, value in arguments.items() if name not in _INTERNAL}
    assert set(handed_on) == documented_options(module)
    for name, value in handed_on.items():
        assert value == ("{{ item.name }}" if name == "name" else f"{{{{ item.{name} | default(omit) }}}}")


def test_site_tells_provision_of_all_that_can_be_planned() -> None:
    """Provision finds the results by the beginning of their names."""
    tasks = module_tasks()
    assert {f"kvm_{kind.result}" for kind in KINDS.values()} <= {module for module, _task in tasks}
    names = re.findall(r"varnames', '([^']*)'", (ROOT / "playbooks" / "provision.yml").read_text())
    assert [task["register"] for _module, task in tasks if not re.match(names[0], task["register"])] == []


def test_site_runs_each_part_by_its_own_playbook() -> None:
    plays = yaml.safe_load((ROOT / "playbooks" / "site.yml").read_text())
    imported = [play["ansible.builtin.import_playbook"] for play in plays[1:]]
    assert imported == ["storage.yml", "templates.yml", "provision.yml"]


def test_every_variable_of_the_inventory_is_on_the_page() -> None:
    text = "".join(file.read_text() for file in PLAYBOOKS)
    named = r"\bkvm_(?!site_|provision_|report_|templates_)\w+(?= \| default| *\]|', 'defined')"
    read = set(re.findall(named, text)) | {"kvm_vms"}
    page = (ROOT / "docs" / "inventory.md").read_text()
    documented = set(re.findall(r"^\| `kvm_(\w+)` \|", page, re.MULTILINE))
    assert {name.removeprefix("kvm_") for name in read} == documented


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_a_playbook_needs_no_facts_of_ansible(playbook: Path) -> None:
    plays = [play for play in yaml.safe_load(playbook.read_text()) if "hosts" in play]
    assert plays
    assert all(play["gather_facts"] is False for play in plays)


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_a_playbook_is_found_by_its_name(playbook: Path) -> None:
    """Ansible takes a folder of that name for the playbook."""
    assert not playbook.with_suffix("").exists()
