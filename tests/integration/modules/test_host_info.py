# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_host_info on the lab's hosts: it says what the hosts themselves say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.support.fixtures import TEMPLATE, succeed
from tests.integration.support.lab import HOSTS, Lab
from tests.integration.support.modules import Modules


def facts(lab_module: Modules, host: str, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = succeed(lab_module(host, "kvm_host_info", **options))["host"]
    return found


@pytest.mark.parametrize("host", HOSTS)
def test_it_knows_the_machine(lab: Lab, lab_module: Modules, host: str) -> None:
    told = facts(lab_module, host)
    assert told["hostname"] == lab.exec(host, "virsh", "hostname").strip()
    assert told["uuid"] == lab.exec(host, "virsh", "capabilities").partition("<uuid>")[2].partition("<")[0]
    assert told["cpus"] == int(lab.exec(host, "nproc", "--all"))
    assert told["arch"] == lab.exec(host, "uname", "-m").strip()
    kibibytes = int(lab.exec(host, "awk", "/MemTotal/ {print $2}", "/proc/meminfo"))
    assert told["memory"] == kibibytes * 1024
    assert 0 < told["memory_free"] <= told["memory_available"] <= told["memory"]
    assert "qemu" in told["domain_types"][told["arch"]]


def test_it_knows_the_versions(lab: Lab, lab_module: Modules) -> None:
    told = facts(lab_module, "h1")
    said = lab.exec("h1", "virsh", "version")
    assert told["hypervisor"] == "QEMU"
    assert f"Using library: libvirt {told['libvirt_version']}\n" in said
    assert f"Running hypervisor: QEMU {told['hypervisor_version']}\n" in said


def test_pools_and_networks_are_as_their_modules_say(lab_module: Modules, ready: str) -> None:
    told = facts(lab_module, ready)
    pools = succeed(lab_module(ready, "kvm_pool_info"))["pools"]
    assert [pool["name"] for pool in told["pools"]] == [pool["name"] for pool in pools]
    network = succeed(lab_module(ready, "kvm_network_info", names=["default"]))["networks"]
    assert [found for found in told["networks"] if found["name"] == "default"] == network


def test_vms_are_counted(lab: Lab, lab_module: Modules, prefix: str, ready: str) -> None:
    before = facts(lab_module, ready)
    succeed(lab_module(ready, "kvm_vm", name=f"{prefix}a", template=TEMPLATE))
    after = facts(lab_module, ready)
    assert f"{prefix}a" in after["vm_names"]
    assert after["vms"]["stopped"] >= 1
    assert f"{prefix}a" not in before["vm_names"]
    assert sum(after["vms"].values()) == len(after["vm_names"])


def test_a_question_is_answered(lab_module: Modules, ready: str) -> None:
    result = succeed(lab_module(ready, "kvm_host_info", query="pools[?state == 'active'].name"))
    active = [pool["name"] for pool in result["host"]["pools"] if pool["state"] == "active"]
    assert "default" in active
    assert result["result"] == active


def test_a_question_that_is_none_is_a_sentence(lab_module: Modules, ready: str) -> None:
    result = lab_module(ready, "kvm_host_info", query="pools[")
    assert result["failed"]
    assert "query 'pools[' is not a JMESPath expression" in result["msg"]


def test_check_mode_reads_the_same(lab_module: Modules) -> None:
    real, checked = (succeed(lab_module("h2", "kvm_host_info", check=check)) for check in (False, True))
    assert real["changed"] is checked["changed"] is False
    assert real["host"]["uuid"] == checked["host"]["uuid"]


def test_a_hypervisor_that_does_not_answer_is_a_sentence(lab_module: Modules) -> None:
    result = lab_module("h1", "kvm_host_info", uri="qemu+unix:///system?socket=/nowhere")
    assert result["failed"]
    assert "'qemu+unix:///system?socket=/nowhere' does not answer" in result["msg"]
    assert "exception" not in result
