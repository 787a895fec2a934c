# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_fleet killed at random moments: the next run ends as wanted, with nothing stray, and one more changes nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.support.killing import Run
from tests.integration.support.cleaning import remove_all
from tests.integration.support.fixtures import succeed
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules, inventory_of

P = "t-interrupted-"
# A guest of one sector, which says hello and halts: it really runs, and costs nothing.
IMAGE = "/var/cache/kvmops-lab/guests/hello.img"
MEMBERS = [f"{P}{number}" for number in range(8)]
VOLUMES = sorted(f"{name}-{disk}" for name in MEMBERS for disk in ("root.qcow2", "data.qcow2", "seed.iso"))
MOMENTS = 4

PRESENT: dict[str, Any] = {
    "template": f"{P}hello",
    "memory": "32MiB",
    "nics": [{"network": "default"}],
    "disks": [{"name": "root"}, {"name": "data", "size": "5MiB"}],
    "state": "running",
}
ABSENT: dict[str, Any] = {"state": "absent", "remove_disks": True}

Start = Callable[[dict[str, Any]], Run]


def fleet(defaults: dict[str, Any]) -> dict[str, Any]:
    """Return the options of kvm_fleet for all members."""
    return {"fleet": f"{P}fleet", "defaults": defaults, "vms": [{"name": name} for name in MEMBERS]}


@pytest.fixture(scope="module")
def host(lab: Lab, lab_module: Modules, ready: str) -> Iterator[str]:
    """A host with a template of a guest that costs nothing."""
    remove_all(lab.libvirt(ready), P)
    succeed(lab_module(ready, "kvm_template", name=f"{P}hello", version="1", src=IMAGE, pool="default"))
    yield ready
    remove_all(lab.libvirt(ready), P)


@pytest.fixture
def start(lab: Lab, host: str, pytestconfig: pytest.Config, tmp_path: Path) -> Start:
    """Prepare a run of kvm_fleet that can be killed."""
    return lambda defaults: Run(lab, inventory_of(pytestconfig), host, "kvm_fleet", fleet(defaults), tmp_path)


def left(lab: Lab, host: str) -> tuple[dict[str, bool], list[str]]:
    """Return the domains of the test, and whether each runs; and its volumes but for the template's."""
    domains = {domain.name(): bool(domain.isActive()) for domain in lab.libvirt(host).listAllDomains()}
    volumes = [place.partition("/")[2] for place in lab.names(host)["volumes"]]
    mine = [name for name in volumes if name.startswith(P) and ".template." not in name]
    return {name: active for name, active in domains.items() if name.startswith(P)}, sorted(mine)


def check_recovery(lab: Lab, modules: Modules, host: str, defaults: dict[str, Any], moment: str) -> None:
    """Run to the end what was killed, and check that all is as wanted and stays so."""
    there = dict.fromkeys(MEMBERS, True), VOLUMES
    result = modules(host, "kvm_fleet", **fleet(defaults))
    assert not result["failed"], (moment, result)
    assert left(lab, host) == (({}, []) if defaults is ABSENT else there), (moment, result["plan"])
    assert not any(vm.get("unfinished") for vm in result["vms"]), moment
    again = modules(host, "kvm_fleet", **fleet(defaults))
    assert (again["failed"], again["changed"], again["plan"]) == (False, False, []), (moment, again)


@pytest.fixture(scope="module")
def dice() -> random.Random:
    """Chance, which can be had again: the seed is printed."""
    seed = int(time.time())
    print(f"\nmoments are chosen with seed {seed}")
    return random.Random(seed)


def test_the_module_is_killed_on_the_host(
    lab: Lab, lab_module: Modules, host: str, start: Start, dice: random.Random
) -> None:
    longest = {state["state"]: start(state).kill_on_host()[0] for state in (PRESENT, ABSENT)}
    kills = 0
    for number in range(2 * MOMENTS):
        for defaults in (PRESENT, ABSENT):
            state = defaults["state"]
            seconds, killed = start(defaults).kill_on_host(dice.uniform(0.1, 1.0) * longest[state])
            longest[state] = longest[state] if killed else seconds
            kills += killed and defaults is PRESENT
            moment = f"number {number}, {state}, {'killed' if killed else 'ended'} after {seconds:.3f} s"
            print(moment)
            check_recovery(lab, lab_module, host, defaults, moment)
        if kills == MOMENTS:
            return
    raise AssertionError(f"only {kills} of {2 * MOMENTS} runs were still at work when they were to be killed")


@pytest.mark.parametrize("defaults", [PRESENT, ABSENT], ids=["present", "absent"])
def test_ansible_itself_is_killed(
    lab: Lab, lab_module: Modules, host: str, start: Start, dice: random.Random, defaults: dict[str, Any]
) -> None:
    before = ABSENT if defaults is PRESENT else PRESENT
    succeed(lab_module(host, "kvm_fleet", **fleet(before)))
    moment = dice.uniform(1.0, 3.0)
    running = start(defaults).kill_ansible(moment)
    check_recovery(lab, lab_module, host, defaults, f"Ansible killed after {moment:.3f} s (it still ran: {running})")
