# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that the documentation shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.playbooks.running import ROOT, Run, run_playbook
from tests.integration.support.cleaning import remove_all
from tests.integration.support.fixtures import TEMPLATE
from tests.integration.support.lab import Lab

VM = "shop-db"


TEMPLATES = "shop"


@pytest.fixture
def host(lab: Lab, ready: str) -> Iterator[str]:
    """The host of the examples, without their VMs and templates before and after."""
    remove_all(lab.libvirt(ready), TEMPLATES)
    yield ready
    remove_all(lab.libvirt(ready), TEMPLATES)


def changed_by(run: Run) -> list[str]:
    """Return the summaries of what the two changes of the example did."""
    return [line["summary"] for _host, result in list(run.results("kvm_vm"))[1:] for line in result["plan"]]


def test_a_vm_is_changed_while_it_runs(lab: Lab, host: str) -> None:
    example = ROOT / "docs" / "examples" / "change_a_vm.yml"
    first = run_playbook(example, {"template": TEMPLATE})
    assert first.code == 0, first.output
    labels = [line.split(" (")[0] for line in changed_by(first)]
    assert sorted(labels) == [
        "attach NIC backup",
        "attach disk data",
        "attach watchdog",
        f"create volume {VM}-data.qcow2 in pool default",
        f"note that default/{VM}-data.qcow2 is being made",
        "set vcpus 1 -> 2",
    ]
    (waiting,) = [result["restart_required"] for _host, result in list(first.results("kvm_vm"))[1:]]
    assert waiting == ["watchdog is not attached yet"]
    assert [result["plan"] for _host, result in first.results("kvm_fleet")] == [[]]
    live = lab.libvirt(host).lookupByName(VM).XMLDesc(0)
    assert live.count("<interface ") == 2
    assert "current='2'" in live


def test_a_vm_becomes_a_template(lab: Lab, host: str) -> None:
    run = run_playbook(ROOT / "docs" / "examples" / "golden_template.yml", {"template": TEMPLATE})
    assert run.code == 0, run.output
    made = [result["template"] for _host, result in run.results("kvm_template")]
    assert [one["defaults"]["memory"] for one in made] == ["128MiB", "128MiB"]
    ((_host, fleet),) = run.results("kvm_fleet")
    assert [(vm["template"], vm["memory"]) for vm in fleet["vms"]] == [("shop:1", "128MiB"), ("shop:1", "256MiB")]
    assert [result["result"] for _host, result in run.results("kvm_template_info")] == [["shop-web1", "shop-web2"]]
