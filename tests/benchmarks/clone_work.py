# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host: make VMs with linked and with full clones of a template, and copy its image by qemu-img, in turns.

Input: JSON with the options of kvm_fleet that all VMs have, the image, a file to copy it to, and how often. Output:
JSON with lists of seconds. Each VM goes again before the next is made; what is written is on the disk before each turn.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any, Callable

from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor, hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import converge_vms, fleet_specs

VM = "bench-clone"


def run(command: list[str]) -> tuple[int, str, str]:
    """Run a program, as modules do."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def have(host: Hypervisor, defaults: dict[str, Any], **options: Any) -> None:
    """Bring the VM to what is wanted."""
    whole = {"fleet": None, "purge": False, "parallel": 1, "planned": None}
    specs = fleet_specs({**whole, "vms": [{"name": VM}], "defaults": {**defaults, **options}})
    for outcome in converge_vms(host, specs, dry_run=False):
        if outcome.error:
            raise outcome.error


def seconds(work: Callable[[], Any]) -> float:
    """Return the wall time of some work, with nothing left to be written at its begin."""
    os.sync()
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def clone(defaults: dict[str, Any], how: str) -> float:
    """Return how long a VM takes with a clone of that kind; a connection for each, as a task has."""
    with hypervisor("qemu:///system", run) as host:
        taken = seconds(lambda: have(host, defaults, clone=how))
    with hypervisor("qemu:///system", run) as host:
        have(host, defaults, state="absent", remove_disks=True)
    return taken


def copy(image: str, target: str) -> float:
    """Return how long qemu-img takes."""
    command = ["qemu-img", "convert", "-f", "qcow2", "-O", "qcow2", image, target]
    taken = seconds(lambda: subprocess.run(command, check=True))
    os.unlink(target)
    return taken


def main() -> None:
    """Read the options, and tell."""
    said = json.load(sys.stdin)
    # What is imported for the first VM is part of the start, which has a benchmark of its own.
    clone(said["defaults"], "linked")
    told: dict[str, list[float]] = {"alone": [], "full": [], "linked": []}
    for turn in range(said["turns"]):
        # Who writes second meets what the first has left to the disk.
        order = ("alone", "full") if turn % 2 else ("full", "alone")
        for what in (*order, "linked"):
            taken = copy(said["image"], said["target"]) if what == "alone" else clone(said["defaults"], what)
            told[what].append(taken)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
