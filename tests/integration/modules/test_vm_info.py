# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_vm_info: what is, in the words of the options."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.support.fixtures import succeed
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules

BARE: dict[str, Any] = {"memory": "32MiB", "nics": []}


@pytest.fixture
def vms(lab_module: Modules, ready: str, prefix: str) -> list[str]:
    """Two VMs: one is off, one is paused."""
    names = [f"{prefix}a", f"{prefix}b"]
    members = [{"name": names[0], "tags": ["x"]}, {"name": names[1], "state": "paused", "disks": [{"size": "1MiB"}]}]
    succeed(lab_module(ready, "kvm_fleet", vms=members, defaults=BARE))
    return names


def test_all_are_read_sorted_by_name(lab_module: Modules, ready: str, vms: list[str]) -> None:
    found = succeed(lab_module(ready, "kvm_vm_info"))["vms"]
    assert [vm["name"] for vm in found] == sorted(vm["name"] for vm in found)
    assert set(vms) <= {vm["name"] for vm in found}


def test_the_named_are_read_and_one_that_is_not_there_is_absent(
    lab_module: Modules, ready: str, vms: list[str]
) -> None:
    found = succeed(lab_module(ready, "kvm_vm_info", names=[vms[1], vms[0], "t-zz-nobody"]))["vms"]
    assert [(vm["name"], vm["state"]) for vm in found] == [
        (vms[0], "stopped"),
        (vms[1], "paused"),
        ("t-zz-nobody", "absent"),
    ]
    assert found[1]["disks"][0]["path"] == f"/var/lib/libvirt/images/{vms[1]}-root.qcow2"
    assert found[0]["tags"] == ["x"]


@pytest.mark.parametrize(
    ("query", "found"), [("[].state", ["stopped", "paused"]), ("[?state=='paused'] | length(@)", 1)]
)
def test_a_query_finds_its_result(lab_module: Modules, ready: str, vms: list[str], query: str, found: Any) -> None:
    assert succeed(lab_module(ready, "kvm_vm_info", names=vms, query=query))["result"] == found


def test_a_query_that_is_none_is_one_sentence(lab_module: Modules, ready: str) -> None:
    result = lab_module(ready, "kvm_vm_info", query="[")
    assert result["failed"]
    assert result["msg"].startswith("query '[' is not a JMESPath expression (")


def test_notes_of_interrupted_removals_are_no_vms(lab: Lab, lab_module: Modules, ready: str, prefix: str) -> None:
    xml = f"<domain type='qemu'><name>{prefix}a~removed</name><memory>1024</memory><os><type>hvm</type></os></domain>"
    lab.libvirt(ready).defineXML(xml)
    found = succeed(lab_module(ready, "kvm_vm_info"))["vms"]
    assert f"{prefix}a~removed" not in [vm["name"] for vm in found]


def test_reading_is_the_same_in_check_mode_and_touches_nothing(
    lab: Lab, lab_module: Modules, ready: str, vms: list[str]
) -> None:
    before = lab.dump(ready)
    found = lab_module(ready, "kvm_vm_info", names=vms)
    assert lab_module(ready, "kvm_vm_info", check=True, names=vms) == found
    assert not found["changed"]
    assert lab.dump(ready) == before
