# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks site and provision on the lab: the plan, the run that does it, and the runs after it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.integration.playbooks.running import Run, play
from tests.integration.support.cleaning import remove_all
from tests.integration.support.lab import Lab, domain_dump, network_dump, pool_dump

PREFIX = "t-site-"
NAMES = ("web01", "web02", "web03", "db01")

# The network's addresses differ from host to host, so that the plans do too.
DATACENTER: dict[str, Any] = {
    "kvm_fleet_name": f"{PREFIX}fleet",
    "kvm_networks": [
        {"name": f"{PREFIX}net", "bridge": "t-site0", "ip": [{"address": "172.29.{{ lab_subnet.split('.')[2] }}.1/24"}]}
    ],
    "kvm_pools": [
        {"name": f"{PREFIX}local", "target": "/var/lib/t-site"},
        {"name": f"{PREFIX}shared", "target": "/srv/shared/t-site", "shared": True},
    ],
    "kvm_templates": [
        {
            "name": f"{PREFIX}tiny",
            "src": "/var/cache/kvmops-lab/guests/tiny.qcow2",
            "pool": f"{PREFIX}shared",
            "defaults": {"memory": "96MiB"},
        }
    ],
    "kvm_vm_defaults": {
        "template": f"{PREFIX}tiny",
        "state": "running",
        "nics": [{"network": f"{PREFIX}net"}],
        "remove_disks": True,
    },
    "kvm_vms": [
        {"name": f"{PREFIX}web01", "tags": ["web"], "autostart": True, "wait_for": "agent"},
        {"name": f"{PREFIX}web02", "tags": ["web"], "state": "stopped"},
        {"name": f"{PREFIX}web03", "clone": "full", "state": "present"},
        {
            "name": f"{PREFIX}db01",
            "host": "h3",
            "pool": f"{PREFIX}local",
            "disks": [{"name": "root"}, {"name": "data", "size": "8MiB"}],
        },
    ],
}


def with_vms(*more: dict[str, Any]) -> dict[str, Any]:
    """Return the datacenter with more VMs in its list."""
    wanted = deepcopy(DATACENTER)
    wanted["kvm_vms"] += more
    return wanted


def clean(lab: Lab) -> None:
    """Remove everything that these tests make, from all hosts."""
    for host in lab.hosts:
        remove_all(lab.libvirt(host), PREFIX)


def places(lab: Lab) -> dict[str, str]:
    """Return the host of each VM of these tests."""
    found = {name: host for host in lab.hosts for name in lab.names(host)["domains"]}
    return {name.removeprefix(PREFIX): host for name, host in found.items() if name.startswith(PREFIX)}


def everything(lab: Lab) -> dict[str, Any]:
    """Return all that is there of these tests, on all hosts."""
    names = [(host, name, state) for host in lab.hosts for name, state in own_objects(lab, host).items()]
    return {f"{host}: {name}": state for host, name, state in names}


def own_objects(lab: Lab, host: str) -> dict[str, Any]:
    """Return what libvirt on a host has of these tests; other tests' objects may come and go meanwhile."""
    connection = lab.libvirt(host)
    return {
        **{f"domain {d.name()}": domain_dump(d) for d in connection.listAllDomains() if d.name().startswith(PREFIX)},
        **{f"network {n.name()}": network_dump(n) for n in connection.listAllNetworks() if n.name().startswith(PREFIX)},
        **{f"pool {p.name()}": pool_dump(p) for p in connection.listAllStoragePools() if p.name().startswith(PREFIX)},
    }


@pytest.fixture(scope="module", autouse=True)
def empty(lab: Lab) -> Iterator[None]:
    clean(lab)
    yield
    clean(lab)


@pytest.fixture(scope="module")
def foretold(lab: Lab) -> Run:
    """The run in check mode before anything is there."""
    assert everything(lab) == {}
    return play("site", DATACENTER, "--check", "--diff")


@pytest.fixture(scope="module")
def counted(lab: Lab, foretold: Run) -> dict[str, int]:
    """How many VMs of others each host has before the first run; check mode must not have made any."""
    assert everything(lab) == {}, foretold.output
    return {host: len(lab.names(host)["domains"]) for host in lab.hosts}


@pytest.fixture(scope="module")
def first(counted: dict[str, int]) -> Run:
    """The first real run, after the one in check mode."""
    assert counted
    return play("site", DATACENTER, "--diff")


def test_check_mode_before_the_first_run_ends_well_and_makes_nothing(foretold: Run, counted: dict[str, int]) -> None:
    assert (foretold.code, foretold.failures()) == (0, []), foretold.output
    assert counted


def test_the_first_run_ends_well(first: Run, lab: Lab) -> None:
    assert (first.code, first.failures()) == (0, []), first.output
    assert sorted(places(lab)) == sorted(NAMES)


def test_one_host_makes_what_all_share_before_the_others_do(first: Run) -> None:
    pools = [(host, result["pool"]["name"]) for host, result in first.results("kvm_pool") if result.get("plan")]
    assert pools[0] == ("h1", f"{PREFIX}shared")
    assert {host for host, name in pools[1:] if name == f"{PREFIX}shared"} == {"h2", "h3"}


def test_the_first_run_does_what_check_mode_has_told(foretold: Run, first: Run) -> None:
    told, done = foretold.plans(), first.plans()
    assert {kind for _host, kind, _name in done} == {"network", "pool", "template", "vm"}
    assert {name for _host, kind, name in done if kind == "vm"} == {PREFIX + name for name in NAMES}
    for place in sorted({*told, *done}):
        assert told.get(place) == done.get(place), place


def test_diff_mode_shows_the_same_before_and_after(foretold: Run, first: Run) -> None:
    assert foretold.diffs() == first.diffs() != []


def test_vms_are_spread_and_pinned(first: Run, lab: Lab, counted: dict[str, int]) -> None:
    found = places(lab)
    assert found["db01"] == "h3"
    before = {**counted, "h3": counted["h3"] + 1}
    after = [count + list(found.values()).count(host) for host, count in counted.items()]
    assert max(after) - min(after) <= max(1, max(before.values()) - min(before.values()) - 1)
    assert [host for host, kind, _name in first.plans() if kind == "template"] == ["h1"]


def test_the_second_run_changes_nothing(first: Run, lab: Lab) -> None:
    assert first.code == 0
    before = everything(lab)
    again = play("site", DATACENTER)
    assert (again.code, again.changed) == (0, {"h1": 0, "h2": 0, "h3": 0}), again.output
    assert again.plans() == {}
    assert before == everything(lab)


def test_a_run_after_a_reboot_of_a_host_changes_nothing(first: Run, lab: Lab) -> None:
    assert first.code == 0
    lab.reboot(places(lab)["web01"])
    again = play("site", DATACENTER)
    assert (again.code, again.changed) == (0, {"h1": 0, "h2": 0, "h3": 0}), again.output


def test_a_limit_leaves_what_it_cannot_know_alone(first: Run, lab: Lab) -> None:
    assert first.code == 0
    before = places(lab)
    run = play("provision", with_vms({"name": f"{PREFIX}new"}), "--limit=h2")
    assert (run.code, run.changed) == (0, {"h2": 0}), run.output
    left = ", ".join(PREFIX + name for name in NAMES if before[name] != "h2")
    assert f"{left}, {PREFIX}new" in run.output.replace("\n        ", " ")
    assert places(lab) == before


def test_a_silent_host_stops_new_vms_and_only_them(first: Run, lab: Lab, tmp_path: Any) -> None:
    assert first.code == 0
    silent = tmp_path / "silent.json"
    # Nothing listens on the port "discard" of this machine.
    variables = {"ansible_host": "127.0.0.1", "ansible_port": 9, "ansible_ssh_common_args": "-o ConnectTimeout=2"}
    silent.write_text(json.dumps({"kvm_hosts": {"hosts": {"h9": variables}}}))
    before = places(lab)
    same = play("provision", DATACENTER, f"--inventory={silent}")
    assert same.failures() == []
    assert same.changed == {"h1": 0, "h2": 0, "h3": 0, "h9": 0}
    more = play("provision", with_vms({"name": f"{PREFIX}new"}), f"--inventory={silent}")
    assert len(more.failures()) == len(lab.hosts)
    assert more.failures()[0].startswith(f"h9 did not answer, or failed before, and may have these VMs: {PREFIX}new.")
    assert places(lab) == before


def test_who_is_no_longer_listed_stays_until_purged(first: Run, lab: Lab) -> None:
    assert first.code == 0
    fewer = {**DATACENTER, "kvm_vms": [vm for vm in DATACENTER["kvm_vms"] if vm["name"] != f"{PREFIX}db01"]}
    kept = play("provision", fewer)
    assert (kept.code, set(kept.changed.values())) == (0, {0}), kept.output
    purged = play("provision", {**fewer, "kvm_purge": True})
    assert (purged.code, purged.changed) == (0, {"h1": 0, "h2": 0, "h3": 1}), purged.output
    assert "db01" not in places(lab)
    assert not [name for name in lab.names("h3")["volumes"] if f"{PREFIX}db01" in name]


def test_a_host_that_cannot_make_what_is_shared_keeps_no_other_from_it(lab: Lab) -> None:
    """Nor from making it in its place."""
    clean(lab)
    name = f"{PREFIX}shared"
    other = f"<pool type='logical'><name>{name}</name><source><name>{name}</name></source></pool>"
    lab.libvirt("h1").storagePoolDefineXML(other, 0)
    pools = {"kvm_pools": [{**pool, "type": "dir"} for pool in DATACENTER["kvm_pools"] if pool["name"] == name]}
    run = play("site", pools, "--tags", "pools")
    assert "is of type logical and cannot become dir" in " ".join(run.output.split())
    made = [host for host, result in run.results("kvm_pool") if result.get("changed")]
    assert sorted(made) == ["h2", "h3"], run.output
