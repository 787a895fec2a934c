# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a fleet is made and compared, beside libvirt-python alone and beside community.libvirt, in one run."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.support import ROOT, Table, ad_hoc, community_libvirt, median_of, playbook, seconds_of
from tests.integration.support.lab import Lab

HERE = Path(__file__).parent
FLEET = "bench"
# A guest that halts at once, so that fifty of them leave the processors to what is measured.
TEMPLATE = "bench-halt"
IMAGE = "/var/cache/kvmops-lab/guests/watchdog.img"
STARTED, DEFINED, LOOPED = 50, 200, 50
THREADS = 4


def fleet(names: list[str], **defaults: Any) -> dict[str, Any]:
    """Return a fleet of linked clones that need no more than 32 MiB."""
    common = {"template": TEMPLATE, "memory": "32MiB", "cloud_init": {"enabled": False}, "remove_disks": True}
    return {
        "fleet": FLEET,
        "purge": True,
        "parallel": THREADS,
        "defaults": {**common, **defaults},
        "vms": [{"name": name} for name in names],
    }


@pytest.fixture
def clean(ready: str) -> Iterator[str]:
    """A host that has the template, and no member of the fleet."""
    ad_hoc(ready, "kvmops.datacenter.kvm_fleet", **fleet([]))
    ad_hoc(ready, "kvmops.datacenter.kvm_template", name=TEMPLATE, src=IMAGE, pool="default")
    yield ready
    ad_hoc(ready, "kvmops.datacenter.kvm_fleet", **fleet([]))
    ad_hoc(ready, "kvmops.datacenter.kvm_template", name=TEMPLATE, pool="default", state="absent")


def raw(lab: Lab, host: str, **task: Any) -> None:
    """Run the script that uses libvirt-python alone on a host."""
    script = (HERE / "raw_fleet.py").read_text(encoding="utf-8")
    command = lab.ssh(host, "/usr/bin/python3", "-c", script)
    done = subprocess.run(command, input=json.dumps(task), capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr


def raw_task(lab: Lab, host: str, names: list[str]) -> dict[str, Any]:
    """Return what the raw script is to do: the same VMs, described as the collection describes them."""
    ad_hoc(host, "kvmops.datacenter.kvm_fleet", **fleet(["bench-model"]))
    model = lab.domain_xml(host, "bench-model")
    uuid, mac = (model.split(f"<{tag}")[1].split(end)[0] for tag, end in (("uuid>", "</uuid>"), ("mac address='", "'")))
    domain = model.replace(f"<uuid>{uuid}</uuid>", "").replace(f"<mac address='{mac}'/>", "")
    pool = lab.libvirt(host).storagePoolLookupByName("default")
    backing = pool.storageVolLookupByName(f"{TEMPLATE}+1.template.qcow2").path()
    ad_hoc(host, "kvmops.datacenter.kvm_fleet", **fleet([]))
    return {
        "names": names,
        "pool": "default",
        "backing": backing,
        "threads": THREADS,
        "domain": domain.replace("bench-model", "@NAME@"),
    }


def test_a_fleet_of_linked_clones_is_made_and_started(lab: Lab, clean: str, table: Table) -> None:
    """Fifty linked clones of 32 MiB, defined and started under emulation: at most 1.3 times libvirt-python alone."""
    names = [f"bench-{number:02}" for number in range(STARTED)]
    task = raw_task(lab, clean, names)
    alone = seconds_of(lambda: raw(lab, clean, **task))
    raw(lab, clean, **task, remove=True)
    ours = seconds_of(lambda: ad_hoc(clean, "kvmops.datacenter.kvm_fleet", **fleet(names, state="running")))
    table.add(f"libvirt-python alone: {STARTED} VMs made and started, {THREADS} threads", alone)
    table.add(
        f"kvm_fleet: {STARTED} VMs made and started, {THREADS} threads", ours, f"{ours / alone:.2f} x (target 1.3)"
    )


def test_a_fleet_that_is_as_wanted_is_compared(clean: str, table: Table) -> None:
    """Two hundred defined VMs, nothing to change: at most 0.4 s more than a ping of the same host."""
    wanted = fleet([f"bench-{number:03}" for number in range(DEFINED)])
    ad_hoc(clean, "kvmops.datacenter.kvm_fleet", **wanted)
    ping = median_of(5, lambda: ad_hoc(clean, "ansible.builtin.ping"))
    ours = median_of(5, lambda: ad_hoc(clean, "kvmops.datacenter.kvm_fleet", **wanted))
    none = {**fleet([]), "purge": False}
    least = median_of(5, lambda: ad_hoc(clean, "kvmops.datacenter.kvm_fleet", **none))
    table.add("ansible -m ping", ping)
    table.add("kvm_fleet: of no VM", least, f"ping + {least - ping:.2f} s: Ansible packs it, sends it, imports it")
    table.add(f"kvm_fleet: {DEFINED} VMs, no change", ours, f"ping + {ours - ping:.2f} s (target 0.4)")


def test_community_libvirt_does_the_same_in_a_loop(lab: Lab, clean: str, table: Table, monkeypatch: Any) -> None:
    """community.libvirt's `virt` in a loop, for comparison: fifty definitions, then the same again."""
    both = os.pathsep.join(map(str, (ROOT / ".cache" / "collections", community_libvirt())))
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", both)
    names = [f"bench-{number:02}" for number in range(LOOPED)]
    looped = HERE / "community_libvirt.yml"
    model = raw_task(lab, clean, [])["domain"]
    first = seconds_of(lambda: playbook(looped, bench_host=clean, bench_names=names, bench_domain=model))
    again = seconds_of(lambda: playbook(looped, bench_host=clean, bench_names=names, bench_domain=model))
    defined = seconds_of(lambda: ad_hoc(clean, "kvmops.datacenter.kvm_fleet", **fleet(names)))
    same = seconds_of(lambda: ad_hoc(clean, "kvmops.datacenter.kvm_fleet", **fleet(names)))
    table.add(f"community.libvirt.virt in a loop: {LOOPED} VMs defined", first)
    table.add(f"kvm_fleet: {LOOPED} VMs taken over", defined, f"1/{first / defined:.1f}")
    table.add(f"community.libvirt.virt in a loop: {LOOPED} VMs, the same again", again)
    table.add(f"kvm_fleet: {LOOPED} VMs, no change", same, f"1/{again / same:.1f}")
