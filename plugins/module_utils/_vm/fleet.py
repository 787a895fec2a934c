# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs as a resource: what kvm_vm and kvm_fleet hand to the one sentence (read, plan, carry out)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._claim import claimed
from .._errors import Refused
from .._hypervisor import NO_DOMAIN, Hypervisor, found, speaking_of
from .._later import later
from .._plan import Outcome, Plan, Resource, converge
from .._planned import planned_option
from .._wait import wait_for
from .arguments import member_arguments
from .census import Glance, glance_at, take_census
from .facts import read_facts
from .plan import plan_for
from .spec import NOTE_SUFFIX, VmSpec, check_list
from .state import read_domain

if TYPE_CHECKING:
    from . import addresses, changes, power
else:
    addresses, changes, power = later(__package__, ".addresses", ".changes", ".power")

# States in which nothing of a VM runs.
_DOWN = ("stopped", "saved", "absent")


def facts_now(host: Hypervisor, name: str, brief: bool = False) -> dict[str, Any]:
    """Return a VM as it is now in the words of the options, with its addresses if it runs."""
    domain = host.domain(name)
    glance = glance_at(domain) if domain is not None else None
    return read_facts(glance, read_domain(glance) if glance else None, name, brief=brief)


def read_vms(host: Hypervisor, names: Sequence[str] | None, reached: bool) -> list[dict[str, Any]]:
    """Return the facts of the named VMs, or of all, sorted by name; notes of interrupted removals are no VMs."""
    census = take_census(host.connection)
    wanted = {name for name in census if not name.endswith(NOTE_SUFFIX)} if names is None else set(names)
    facts = []
    for name in sorted(wanted):
        with speaking_of(f"VM '{name}'"):
            glance = census.get(name)
            facts.append(read_facts(glance, read_domain(glance) if glance else None, name, reached))
    return facts


def waits(spec: VmSpec) -> bool:
    """Return whether a VM is to be waited for: only one that is to run can be reached."""
    return spec.wait_for != "none" and spec.state in ("running", "restarted")


def settle(host: Hypervisor, spec: VmSpec) -> None:
    """Wait until a VM that was to run is reached as its spec asks."""
    answers, lack = addresses.QUESTIONS[spec.wait_for]
    domain = changes.require_domain(host, spec.name)
    wait_for(lambda: answers(domain), spec.timeout, f"VM '{spec.name}' {lack}", interval=0.5)


def rank(spec: VmSpec) -> tuple[int, int]:
    """Return when the turn of a VM is: first what goes down, backwards, then what comes up."""
    return (0, -spec.start_order) if spec.state in _DOWN else (1, spec.start_order)


def pause(spec: VmSpec, plan: Plan) -> float:
    """Return how many seconds the VMs after this one wait: none unless it was started."""
    return spec.start_delay if any(map(power.starts, plan.changes)) else 0


def vm_resource(brief: bool) -> Resource[VmSpec]:
    """Return VMs as what can be converged; `brief` tells how much the facts say."""
    return Resource(
        name=lambda spec: spec.name,
        plan=lambda host, spec: plan_for(host, spec, brief),
        facts=lambda host, spec: facts_now(host, spec.name, brief),
        waits=waits,
        settle=settle,
        rank=rank,
        pause=pause,
    )


def converge_vms(
    host: Hypervisor, specs: Sequence[VmSpec], dry_run: bool, parallel: int = 1, brief: bool = False
) -> list[Outcome]:
    """Bring VMs to what is wanted; Refused where the list contradicts itself."""
    check_list(specs)
    names = [] if dry_run else [spec.name for spec in specs]
    with claimed(host.uri, names, max((spec.timeout for spec in specs), default=0)):
        return converge(host, vm_resource(brief), specs, dry_run, parallel)


def fleet_options() -> dict[str, Any]:
    """Return the options of a list of VMs with common defaults."""
    one = member_arguments()
    defaults = {name: option for name, option in one.items() if name != "name"}
    return {
        "vms": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": one,
        },
        "defaults": {"type": "dict", "options": defaults},
        "fleet": {"type": "str"},
        "purge": {"type": "bool", "default": False},
        "parallel": {"type": "int", "default": 4},
        **planned_option(),
    }


def fleet_specs(params: Mapping[str, Any]) -> list[VmSpec]:
    """Return the members of a fleet: each its own words, else the defaults' words; Refused where any makes no sense."""
    if params["parallel"] < 1:
        raise Refused(f"parallel {params['parallel']} is out of range; work on at least 1 VM at a time.")
    common = _said(params["defaults"])
    made = [_member({"fleet": params["fleet"], **common, **_said(item)}) for item in params["vms"]]
    errors = [str(result) for result in made if isinstance(result, Refused)]
    if errors:
        raise Refused(" ".join(errors))
    return [result for result in made if isinstance(result, VmSpec)]


def _member(params: Mapping[str, Any]) -> VmSpec | Refused:
    """Return a member's spec, or why there is none, so that all mistakes of a list are told at once."""
    try:
        return VmSpec.from_params(params)
    except Refused as error:
        return error


def _said(params: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (params or {}).items() if value is not None}


def _fleet_of(glance: Glance) -> str | None:
    """Return the fleet that a VM belongs to; None where it has gone meanwhile."""
    state = found(lambda _name: read_domain(glance), glance.domain.name(), NO_DOMAIN)
    fleet: str | None = state.record.get("fleet") if state else None
    return fleet


def purged_specs(host: Hypervisor, params: Mapping[str, Any]) -> list[VmSpec]:
    """Return the members of the fleet on this host that are no longer listed, as VMs to be removed; none unless
    purging.
    """
    if not params["purge"]:
        return []
    listed = {item["name"] for item in params["vms"]}
    census = host.once("census", lambda: take_census(host.connection))
    others = {name: glance for name, glance in census.items() if name not in listed}
    members = [name for name, glance in others.items() if _fleet_of(glance) == params["fleet"]]
    remove_disks = bool(_said(params["defaults"]).get("remove_disks"))
    return [VmSpec(name, "absent", remove_disks=remove_disks) for name in sorted(members)]
