# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index of a VM's options is what their declarations say, and saves calls from compiling what they do not need."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.lookup import kind_of, kinds_in
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.registry import BY_OPTION
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.index import INDEX
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.spec import VmSpec

from tests.unit.plugins.module_utils._vm.table import domain
from tools import index
from tools.link import link_collection

PACKAGE = "ansible_collections.kvmops.datacenter.plugins.module_utils"
# What a call imports for a VM that is not there and shall not be.
NOTHING_TO_DO = f"""
import json, sys
from {PACKAGE}._vm.fleet import converge_vms, fleet_options, read_vms
from {PACKAGE}._vm.spec import VmSpec
from {PACKAGE}._hypervisor import hypervisor
fleet_options()
with hypervisor("test:///default") as host:
    converge_vms(host, [VmSpec.from_params({{"name": "none", "state": "absent"}})], False)
    read_vms(host, [], True)
print(json.dumps(sorted(sys.modules)))
"""


def test_the_index_is_what_the_declarations_say() -> None:
    assert index.FILE.read_text() == index.text(), "run: python -m tools.index"


def test_every_kind_is_found_by_its_option() -> None:
    assert {option: kind_of(option) for option in INDEX["kinds"]} == BY_OPTION


@pytest.mark.parametrize("option", BY_OPTION)
def test_a_kind_is_told_of_where_there_is_such_a_device_or_one_is_usual(option: str) -> None:
    device = BY_OPTION[option]
    assert device in kinds_in(domain(f"<{device.tag}/>"))
    assert (device in kinds_in(domain())) == device.usual


DEFAULTS = {name: entry["default"] for name, entry in INDEX["options"].items() if "default" in entry}


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_spec_has_the_defaults_of_the_options(name: str) -> None:
    assert {field.name: field.default for field in fields(VmSpec)}[name] == DEFAULTS[name]


def test_a_call_with_nothing_to_do_compiles_no_declarations() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOTHING_TO_DO],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(link_collection())},
    )
    imported = json.loads(done.stdout)
    heavy = ("._fields", "._storage", "._template", "._vm.devices.", "._vm.machine.", "._vm.creation", "._vm.changes")
    assert f"{PACKAGE}._vm.index" in imported
    assert [name for name in imported if name.removeprefix(PACKAGE).startswith(heavy)] == []
    assert "lxml.etree" not in imported
