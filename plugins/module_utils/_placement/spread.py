# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An even spread of VMs over hosts: who is somewhere stays there, who is new goes where the fewest are.

Pure: what is wanted and what is in, a host for every VM out. It runs on the control node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import Refused
from .._values import dataclass

Vm = Mapping[str, Any]
HOST = "host"


@dataclass(frozen=True)
class Situation:
    """The hosts in order, those that do not answer, and the names of the VMs on each."""

    hosts: Sequence[str]
    existing: Mapping[str, Sequence[str]]
    silent: Sequence[str]

    @property
    def answering(self) -> list[str]:
        """Return the hosts that VMs can be put on."""
        return [host for host in self.hosts if host not in self.silent]

    def homes(self, name: str) -> list[str]:
        """Return the hosts that have a VM of that name."""
        return [host for host, names in self.existing.items() if name in names]


def spread(
    vms: Sequence[Vm], hosts: Sequence[str], existing: Mapping[str, Sequence[str]], unreachable: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return, for every host that answers, the VMs that belong on it, in the order of `vms` and without their `host`.

    A VM that exists stays where it is; `host` pins a new one; the others go to the host with the fewest VMs, the first
    of them in the order of `hosts`. Refused, one sentence for each VM, where a VM's place cannot be told: it may be
    running already on a host that does not answer.
    """
    situation = Situation(tuple(dict.fromkeys(hosts)), existing, tuple(dict.fromkeys(unreachable)))
    _check(vms, situation)
    settled = {str(vm["name"]): _settled(vm, situation) for vm in vms}
    counts = {host: len(set(existing.get(host, ()))) for host in situation.answering}
    for vm in vms:
        name = str(vm["name"])
        new = not situation.homes(name)
        if settled[name] and new:
            counts[settled[name]] += _weight(vm)
    for vm in vms:
        name = str(vm["name"])
        if not settled[name]:
            settled[name] = min(situation.answering, key=lambda host: counts[host])
            counts[settled[name]] += _weight(vm)
    return {host: [_spec(vm) for vm in vms if settled[str(vm["name"])] == host] for host in situation.answering}


def _settled(vm: Vm, situation: Situation) -> str:
    """Return the host of a VM that has one already or is pinned, else nothing."""
    return (situation.homes(str(vm["name"])) or [str(vm.get(HOST) or "")])[0]


def _weight(vm: Vm) -> int:
    """Return how much a new VM counts: one that shall be absent takes no room."""
    return int(vm.get("state") != "absent")


def _spec(vm: Vm) -> dict[str, Any]:
    return {key: value for key, value in vm.items() if key != HOST}


def _check(vms: Sequence[Vm], situation: Situation) -> None:
    """Raise Refused with a sentence for each VM that cannot be placed."""
    nameless = [position for position, vm in enumerate(vms, 1) if not vm.get("name")]
    problems = [f"VM number {position} of the list has no name; give it one." for position in nameless]
    names = [str(vm["name"]) for vm in vms if vm.get("name")]
    twice = dict.fromkeys(name for name in names if names.count(name) > 1)
    problems += [f"VM '{name}' is in the list more than once; give each VM a name of its own." for name in twice]
    if vms and not situation.answering:
        problems.append("No host answers, so no VM can be placed; bring one back, or name other hosts.")
    problems += [problem for vm in vms if vm.get("name") for problem in [_problem(vm, situation)] if problem]
    if problems:
        raise Refused(" ".join(dict.fromkeys(problems)))


def _problem(vm: Vm, situation: Situation) -> str:
    name, pin, homes = str(vm["name"]), str(vm.get(HOST) or ""), situation.homes(str(vm["name"]))
    if len(homes) > 1:
        return f"VM '{name}' exists on {' and on '.join(homes)}; remove it from all but one of them."
    for host in (*homes, *([pin] if pin else ())):
        if host in situation.silent:
            return f"VM '{name}' belongs on {host}, which does not answer; bring {host} back first."
        if host not in situation.hosts:
            return f"VM '{name}' belongs on {host}, which is not among the hosts {_listed(situation.hosts)}."
    if homes and pin and homes != [pin]:
        return f"VM '{name}' is pinned to {pin} and exists on {homes[0]}; migrate it, or change its 'host'."
    if not homes and not pin and situation.silent:
        silent = _listed(situation.silent)
        return (
            f"VM '{name}' may exist on {silent}, which does not answer; bring it back, or pin the VM to another host."
        )
    return ""


def _listed(hosts: Sequence[str]) -> str:
    return ", ".join(hosts) or "none"
