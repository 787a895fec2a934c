# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs of libvirt's test driver from options to facts: what is there is read, planned for, changed, waited for, told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libvirt
import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.kvmops.datacenter.plugins.module_utils import _claim
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import Outcome
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm import addresses, fleet
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.census import Glance
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import (
    converge_vms,
    fleet_options,
    purged_specs,
    read_vms,
    settle,
    waits,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.spec import VmSpec
from ansible_collections.kvmops.datacenter.plugins.modules import kvm_fleet

from tests.unit.plugins.module_utils._vm.corpus.driver import connection
from tests.unit.plugins.module_utils._vm.table import noted, spec
from tests.unit.plugins.module_utils.stand_in import StandIn, failure

VM = (
    "<domain type='test'><name>{}</name>{}<memory>65536</memory><os><type>hvm</type></os>"
    "<devices><interface type='network'><mac address='52:54:00:00:00:0a'/><source network='lan'/></interface></devices>"
    "</domain>"
)


@pytest.fixture(autouse=True)
def _own_claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep these VMs from waiting for real ones of their names."""
    monkeypatch.setattr(_claim, "lock_file", lambda: str(tmp_path / "lock"))


@pytest.fixture
def host() -> Iterator[Hypervisor]:
    """Return a host with the VM web01, and the note of a removal of another."""
    domains = [connection().defineXML(VM.format("web01", ""))]
    domains.append(connection().defineXML(VM.format("db01~removed", noted("default/db01"))))
    yield fresh()
    for domain in domains:
        if domain.name() in [there.name() for there in connection().listAllDomains()]:
            if domain.isActive():
                domain.destroy()
            domain.undefineFlags(1)


def fresh() -> Hypervisor:
    """Return the host as the next run sees it."""
    return Hypervisor(connection(), "test:///")


def converged(dry_run: bool = False, **params: Any) -> Outcome:
    (outcome,) = converge_vms(fresh(), [spec(**params)], dry_run)
    return outcome


def power() -> str:
    (facts,) = read_vms(fresh(), ["web01"], False)
    return str(facts["state"])


WAYS: list[list[str]] = [
    ["running", "paused", "running", "stopped"],
    ["running", "saved", "running", "saved", "stopped", "absent", "absent"],
    ["running", "restarted", "absent"],
    ["present", "absent"],
]


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_the_way_of_a_vm(host: Hypervisor, way: list[str]) -> None:
    for state in way:
        before = power()
        wanted = {"restarted": "running", "present": before}.get(state, state)
        # What is saved counts as stopped.
        wanted = "saved" if (before, state) == ("saved", "stopped") else wanted
        expected = state == "restarted" or wanted != before
        dry = converged(dry_run=True, state=state)
        assert (dry.changed, dry.facts["state"], power()) == (expected, before, before)
        real = converged(state=state)
        assert (real.error, real.changed, real.plan.lines()) == (None, expected, dry.plan.lines())
        assert (real.facts["state"], power()) == (wanted, wanted)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (None, [("web01", "stopped")]),
        ([], []),
        (["web01"], [("web01", "stopped")]),
        (["web01", "none"], [("none", "absent"), ("web01", "stopped")]),
    ],
)
def test_which_vms_are_told_of(host: Hypervisor, names: list[str] | None, told: list[tuple[str, str]]) -> None:
    """The note of a removal is no VM."""
    assert [(facts["name"], facts["state"]) for facts in read_vms(host, names, True)] == told


@pytest.mark.parametrize(
    ("wait_for", "state", "waited"),
    [
        *(("ip", state, True) for state in ("running", "restarted")),
        *(("ip", state, False) for state in ("present", "stopped", "paused", "saved", "absent")),
        ("none", "running", False),
    ],
)
def test_only_what_is_to_run_is_waited_for(wait_for: str, state: str, waited: bool) -> None:
    assert waits(spec(wait_for=wait_for, state=state)) is waited


def test_what_is_waited_for_is_told_as_it_is_afterwards(host: Hypervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guest that gets its address while it is waited for; here it is a title, as the driver has no guests."""

    def comes(domain: Any) -> bool:
        domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, "here", None, None, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
        return True

    monkeypatch.setitem(addresses.QUESTIONS, "ip", (comes, "does not come"))
    connection().lookupByName("web01").create()
    told = converged(state="running", wait_for="ip")
    assert (told.error, told.changed, told.facts.get("title")) == (None, False, "here")


def test_who_does_not_come_is_not_taken_for_reached(host: Hypervisor) -> None:
    with pytest.raises(TimedOut, match=r"VM 'web01' .* within 0 s"):
        settle(host, VmSpec("web01", "running", wait_for="agent", timeout=0))
    with pytest.raises(KvmError, match="VM 'gone' has gone while it was worked on"):
        settle(host, VmSpec("gone", "running", wait_for="agent", timeout=0))


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_list_that_contradicts_itself_is_refused_whole(host: Hypervisor, dry_run: bool) -> None:
    with pytest.raises(Refused, match="VM name 'web01' is given twice"):
        converge_vms(host, [spec(state="running"), spec(state="absent")], dry_run)
    assert power() == "stopped"


def test_who_purges_says_which_fleet(capsys: pytest.CaptureFixture[str]) -> None:
    """VMs of no fleet, which nobody has listed either, are others'."""
    options = {"uri": "test:///default", "vms": [], "purge": True, "_ansible_check_mode": True}
    with patch_module_args(options), pytest.raises(SystemExit):
        kvm_fleet.main()
    assert "all of the following are missing: fleet" in json.loads(capsys.readouterr().out)["msg"]


def test_a_vm_that_goes_meanwhile_is_not_purged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here it goes between the census and the look at its record: the driver has no moment for that."""
    gone = StandIn(name="gone", XMLDesc=failure(libvirt.VIR_ERR_NO_DOMAIN))
    monkeypatch.setattr(fleet, "take_census", lambda _connection: {"gone": Glance(gone, "stopped", True, False)})
    assert purged_specs(fresh(), {"purge": True, "fleet": "ours", "vms": [], "defaults": None}) == []


def test_nothing_is_removed_unless_that_is_said() -> None:
    options = fleet_options()
    assert options["purge"]["default"] is False
    assert not any(options[place]["options"]["remove_disks"].get("default") for place in ("vms", "defaults"))


@pytest.mark.parametrize("brief", [True, False])
def test_facts_before_and_after_a_change_say_as_much(host: Hypervisor, brief: bool) -> None:
    before, after = (
        converge_vms(fresh(), [spec(state=state)], False, brief=brief)[0].facts for state in ("stopped", "running")
    )
    assert before.keys() == after.keys()
    assert ("graphics" in after) is not brief
