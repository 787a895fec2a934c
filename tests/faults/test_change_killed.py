# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of running VMs killed at random moments: the next run ends as one that was never cut off."""

from __future__ import annotations

import difflib
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libvirt
import pytest
from lxml import etree

from tests.faults.support.killing import Run
from tests.integration.support.cleaning import remove_all
from tests.integration.support.fixtures import succeed
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules, inventory_of

P = "t-change_killed-"
# A guest of one sector, which says hello and halts: it really runs, and costs nothing.
IMAGE = "/var/cache/kvmops-lab/guests/hello.img"
MEMBERS = [f"{P}{number}" for number in range(2)]
MOMENTS = 3

BEFORE: dict[str, Any] = {
    "template": f"{P}hello",
    "memory": "32MiB",
    "nics": [{"network": "default"}],
    "disks": [{"name": "root"}],
    "state": "running",
}
# A volume to be made and plugged in, a card to be plugged in, limits to be set live, a line of the description.
AFTER: dict[str, Any] = {
    **BEFORE,
    "description": "changed",
    "disks": [
        {"name": "root", "iotune": {"total_iops_sec": 500}},
        {"name": "extra", "size": "5MiB"},
        {"name": "more", "size": "6MiB"},
    ],
    "nics": [
        {"network": "default"},
        {"name": "second", "network": "default", "link": False},
    ],
    "tags": ["changed"],
}


def fleet(defaults: dict[str, Any]) -> dict[str, Any]:
    """Return the options of kvm_fleet for all members."""
    return {"fleet": f"{P}fleet", "defaults": defaults, "vms": [{"name": name} for name in MEMBERS], "parallel": 1}


def described(lab: Lab, host: str, name: str) -> dict[str, Any]:
    """Return what a VM is told to be and what runs of it, without what is new in every VM of that name."""
    domain = lab.libvirt(host).lookupByName(name)
    trees = {"config": libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE, "live": 0}
    return {"running": bool(domain.isActive()), **{key: _meaning(domain.XMLDesc(flag)) for key, flag in trees.items()}}


def differences(now: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> list[str]:
    """Return in what VMs are not as they should be, as lines."""
    assert all(vm["running"] for vm in now)
    pairs = [(there[key], want[key]) for there, want in zip(now, wanted) for key in ("config", "live")]
    return [line for there, want in pairs for line in difflib.unified_diff(want, there, lineterm="", n=0)]


# What differs from VM to VM and from start to start: numbers, addresses, terminals, ports.
_PASSING = {
    "domain": ("id",),
    "mac": ("address",),
    "target": ("dev",),
    "source": ("path", "tty", "portid"),
    "console": ("tty",),
    "graphics": ("port",),
    "seed": ("fingerprint",),
}


def _meaning(xml: str) -> list[str]:
    tree = etree.fromstring(xml)
    for node in [*tree.iter("uuid", "seclabel", "address")]:
        node.getparent().remove(node)
    for node in tree.iter():
        for key in _PASSING.get(etree.QName(node).localname, ()):
            node.attrib.pop(key, None)
    etree.indent(tree)
    return [line for line in etree.tostring(tree, encoding="unicode").splitlines() if line.strip()]


def volumes(lab: Lab, host: str) -> list[str]:
    """Return the volumes of the test but for the template's."""
    names = [place.partition("/")[2] for place in lab.names(host)["volumes"]]
    return sorted(name for name in names if name.startswith(P) and ".template." not in name)


@pytest.fixture
def host(lab: Lab, lab_module: Modules, ready: str) -> Iterator[str]:
    """A host with a template of a guest that costs nothing."""
    remove_all(lab.libvirt(ready), P)
    succeed(lab_module(ready, "kvm_template", name=f"{P}hello", version="1", src=IMAGE, pool="default"))
    yield ready
    remove_all(lab.libvirt(ready), P)


def test_a_change_of_running_vms_is_killed(
    lab: Lab, lab_module: Modules, host: str, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    seed = int(time.time())
    print(f"\nmoments are chosen with seed {seed}")
    dice = random.Random(seed)

    def made_anew() -> None:
        succeed(lab_module(host, "kvm_fleet", **fleet({"state": "absent", "remove_disks": True})))
        succeed(lab_module(host, "kvm_fleet", **fleet(BEFORE)))

    def changed(moment: float | None = None) -> tuple[float, bool]:
        run = Run(lab, inventory_of(pytestconfig), host, "kvm_fleet", fleet(AFTER), tmp_path)
        return run.kill_on_host() if moment is None else run.kill_on_host(moment)

    made_anew()
    before = [described(lab, host, name) for name in MEMBERS]
    longest, _killed = changed()
    wanted = [described(lab, host, name) for name in MEMBERS]
    there = volumes(lab, host)
    assert len(there) == 4 * len(MEMBERS)  # root, seed, and two that the change made
    kills = partial = 0
    # Between these moments a run changes something; how fast the host is today, the runs tell.
    early, late = 0.2 * longest, 0.9 * longest
    for number in range(4 * MOMENTS):
        made_anew()
        seconds, killed = changed(dice.uniform(early, late))
        now = [described(lab, host, name) for name in MEMBERS]
        kills += killed
        if now == before:
            early += (seconds - early) / 2
        elif now == wanted:
            late += (seconds - late) / 2
        else:
            partial += 1
        moment = f"number {number}, {'killed' if killed else 'ended'} after {seconds:.3f} s"
        print(moment)
        result = lab_module(host, "kvm_fleet", **fleet(AFTER))
        assert not result["failed"], (moment, result)
        assert "\n".join(differences([described(lab, host, name) for name in MEMBERS], wanted)) == "", moment
        assert volumes(lab, host) == there, moment
        assert result["restart_required"] == {}, moment
        again = lab_module(host, "kvm_fleet", **fleet(AFTER))
        assert (again["failed"], again["changed"], again["plan"]) == (False, False, []), (moment, again)
        if kills >= MOMENTS and partial:
            break
    assert kills >= MOMENTS
    assert partial, "no run was cut off between its first change and its last"
