# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host: compare a fleet in its running and its next configuration, and tell the processor time of it.

Input: JSON with the options of kvm_fleet. Output: JSON with seconds of processor time of this process, all in all and
inside libvirt's own calls, and how many changes were found.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any, Callable

import libvirt
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import converge_vms, fleet_specs

INSIDE = [0.0]
DEPTH = [0]


def timed(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a call of libvirt whose processor time is counted; calls inside of calls are counted once."""

    def counted(*words: Any, **named: Any) -> Any:
        DEPTH[0] += 1
        begun = time.process_time()
        try:
            return call(*words, **named)
        finally:
            DEPTH[0] -= 1
            if not DEPTH[0]:
                INSIDE[0] += time.process_time() - begun

    return counted


def main() -> None:
    """Read the options, compare, and tell."""
    params = json.load(sys.stdin)
    for kind in (libvirt.virConnect, libvirt.virDomain, libvirt.virNetwork, libvirt.virStoragePool):
        for name, call in vars(kind).copy().items():
            if callable(call) and not name.startswith("_"):
                setattr(kind, name, timed(call))
    with hypervisor("qemu:///system") as host:
        # What is imported for the first VM is part of the start, which has a benchmark of its own.
        converge_vms(host, fleet_specs({**params, "vms": params["vms"][:1]}), dry_run=True)
    INSIDE[0] = 0.0
    begun = time.process_time()
    with hypervisor("qemu:///system") as host:
        outcomes = converge_vms(host, fleet_specs(params), dry_run=True)
    changes = sum(len(outcome.plan.changes) for outcome in outcomes)
    json.dump({"cpu": time.process_time() - begun, "libvirt": INSIDE[0], "changes": changes}, sys.stdout)


if __name__ == "__main__":
    main()
