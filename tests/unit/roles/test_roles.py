# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declared interface of each role against its defaults, its page and the playbook that runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
PLAYBOOKS = {"storage": "storage.yml", "template_library": "templates.yml", "vm_fleet": "provision.yml"}


def options_of(role: str) -> dict[str, Any]:
    """Return the options that a role declares."""
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())
    options: dict[str, Any] = specs["argument_specs"]["main"]["options"]
    return options


@pytest.mark.parametrize("role", ROLES)
def test_declared_defaults_are_the_defaults(role: str) -> None:
    defaults = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text())
    declared = {name: option["default"] for name, option in options_of(role).items() if "default" in option}
    # What the hosts are follows from the play.
    assert declared == {name: value for name, value in defaults.items() if name != f"{role}_hosts"}
    assert defaults[f"{role}_hosts"] == "{{ ansible_play_hosts_all }}"


@pytest.mark.parametrize("role", ROLES)
def test_every_option_is_on_the_page(role: str) -> None:
    page = (ROOT / "roles" / role / "README.md").read_text()
    assert [name for name in options_of(role) if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize("role", ROLES)
def test_every_option_says_what_it_is(role: str) -> None:
    def silent(options: dict[str, Any], path: str = "") -> list[str]:
        found = [path + name for name, option in options.items() if not option.get("description")]
        return found + [
            deep for name, option in options.items() for deep in silent(option.get("options") or {}, f"{path}{name}.")
        ]

    assert silent(options_of(role)) == []


@pytest.mark.parametrize("role", ROLES)
def test_a_playbook_sets_options_that_there_are(role: str) -> None:
    (play,) = yaml.safe_load((ROOT / "playbooks" / PLAYBOOKS[role]).read_text())
    (task,) = [task for task in play["tasks"] if "ansible.builtin.import_role" in task]
    assert task["ansible.builtin.import_role"]["name"] == f"kvmops.datacenter.{role}"
    assert [name for name in task["vars"] if name.startswith(f"{role}_") and name not in options_of(role)] == []
