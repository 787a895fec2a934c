# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether hosts see the same storage, from what kvm_pool_check has told of each of them.

Where most hosts agree, the others are at fault; where there is no majority, all of them are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median_low
from typing import Any, Callable

Answer = Mapping[str, Any]

_SAME = "make it the same storage on all of them, or do not say shared"


@dataclass(frozen=True)
class View:
    """What one host has told: the results of the steps `write` and, unless it was left out, `read`."""

    host: str
    written: Answer
    read: Answer = field(default_factory=dict)

    def pool(self, name: str) -> Answer | None:
        """Return an active pool as it is there."""
        there = (pool for pool in self.written.get("pools") or () if pool["name"] == name)
        return next((pool for pool in there if pool["state"] == "active"), None)

    def mark(self, pool: str) -> str | None:
        """Return the name of its mark in a pool."""
        return next((mark["name"] for mark in self.written.get("marks") or () if mark["pool"] == pool), None)

    def sees(self, pool: str, mark: str | None) -> bool:
        """Return whether it has found a mark."""
        return {"pool": pool, "name": mark} not in (self.read.get("missing") or ())

    def volumes(self, pool: str) -> Sequence[str] | None:
        """Return the volumes that it has listed of a pool."""
        listed: Sequence[str] | None = (self.read.get("volumes") or {}).get(pool)
        return listed


@dataclass(frozen=True)
class Fault:
    """One sentence, and the hosts that it is about."""

    hosts: Sequence[str]
    sentence: str


def faults(views: Sequence[View], max_clock_skew: float) -> dict[str, list[str]]:
    """Return what is wrong on each host, one sentence each; `max_clock_skew` in seconds."""
    names = dict.fromkeys(pool["name"] for view in views for pool in view.written.get("pools") or ())
    found = [fault for name in names for fault in _of_pool(name, [view for view in views if view.pool(name)])]
    found += _of_clocks(views, max_clock_skew)
    return {view.host: [fault.sentence for fault in found if view.host in fault.hosts] for view in views}


def _of_pool(name: str, views: Sequence[View]) -> Iterator[Fault]:
    yield from _errors(name, views)
    yield from _places(name, views)
    yield from _contents(name, views)
    yield from _volumes(name, views)


def _errors(name: str, views: Sequence[View]) -> Iterator[Fault]:
    for view in views:
        for answer, advice in ((view.written, ", or say read_only if nothing is to be written there"), (view.read, "")):
            error = (answer.get("errors") or {}).get(name)
            if error:
                yield Fault([view.host], f"Pool '{name}' on {view.host}: {error}; mend that{advice}.")


def _places(name: str, views: Sequence[View]) -> Iterator[Fault]:
    """Compare where the pool is: the disks of VMs are told by their paths."""
    groups = _grouped(views, lambda one, other: _place(name, one) == _place(name, other))
    if len(groups) > 1:
        told = ", ".join(f"{_place(name, group[0])} on {_hosts(group)}" for group in groups)
        advice = "give it the same type and target on all of them, or do not say shared"
        yield Fault(_at_fault(groups), f"Pool '{name}' is {told}; {advice}.")


def _place(name: str, view: View) -> str:
    pool = view.pool(name) or {}
    return f"of type {pool.get('type')}" + (f" at {pool['target']}" if pool.get("target") else "")


def _contents(name: str, views: Sequence[View]) -> Iterator[Fault]:
    """Compare who sees whose marks; a pool that could not be read has been told of."""
    writers = [view for view in views if view.mark(name) and view.read and name not in (view.read.get("errors") or {})]
    for view in writers:
        if not view.sees(name, view.mark(name)):
            what = f"Pool '{name}' on {view.host} does not show what {view.host} itself has written into it"
            yield Fault([view.host], f"{what}; look at the storage.")
    groups = _grouped(writers, lambda one, other: _see_each_other(name, one, other))
    if len(groups) > 1:
        told = ", another on ".join(_hosts(group) for group in groups)
        what = f"Pool '{name}' is said to be shared, but is one storage on {told}"
        yield Fault(_at_fault(groups), f"{what}; {_SAME}.")


def _see_each_other(pool: str, one: View, other: View) -> bool:
    return one.sees(pool, other.mark(pool)) and other.sees(pool, one.mark(pool))


def _volumes(name: str, views: Sequence[View]) -> Iterator[Fault]:
    """Compare the volumes of a pool in which nobody leaves marks."""
    listed = [view for view in views if view.volumes(name) is not None]
    groups = _grouped(listed, lambda one, other: one.volumes(name) == other.volumes(name))
    if len(groups) > 1:
        told = _difference({view.host: set(view.volumes(name) or ()) for view in listed})
        yield Fault(_at_fault(groups), f"Pool '{name}' is said to be shared, but {told}; {_SAME}.")


def _difference(listed: Mapping[str, set[str]]) -> str:
    """Return the first volume that is not on all hosts, and how many more there are."""
    everything = sorted(set[str]().union(*listed.values()))
    differing = [volume for volume in everything if any(volume not in volumes for volumes in listed.values())]
    there = [host for host, volumes in listed.items() if differing[0] in volumes]
    lacking = [host for host in listed if host not in there]
    more = f", and {len(differing) - 1} more are not the same" if len(differing) > 1 else ""
    return f"volume '{differing[0]}' is on {words(there)} and not on {words(lacking)}{more}"


def _of_clocks(views: Sequence[View], most: float) -> Iterator[Fault]:
    """Compare clocks with the one in the middle; what a measure may be wrong by is nobody's fault."""
    timed = [view for view in views if view.written.get("clock")]
    if not timed:
        return
    middle = median_low(_offset(view) for view in timed)
    norm = min(timed, key=lambda view: abs(_offset(view) - middle))
    wrong = [view for view in timed if abs(_offset(view) - middle) - _doubt(view) - _doubt(norm) > most]
    if wrong:
        told = ", ".join(
            f"that of {view.host} is {_apart(_offset(view) - middle)} that of {norm.host}" for view in wrong
        )
        right = [view for view in timed if view not in wrong]
        yield Fault(
            _at_fault([right, *([view] for view in wrong)]),
            f"The clocks of hosts that share storage may be {most:g} s apart, but {told}; "
            "let NTP keep the clocks of all hosts.",
        )


def _offset(view: View) -> float:
    return float(view.written["clock"]["offset"])


def _doubt(view: View) -> float:
    return float(view.written["clock"]["uncertainty"])


def _apart(seconds: float) -> str:
    return f"{abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'}"


def _grouped(views: Sequence[View], alike: Callable[[View, View], bool]) -> list[list[View]]:
    """Return the views in groups in which each is like each other, in their order."""
    groups: list[list[View]] = []
    for view in views:
        fitting = (group for group in groups if all(alike(view, other) for other in group))
        group = next(fitting, None)
        if group is None:
            groups.append([view])
        else:
            group.append(view)
    return groups


def _at_fault(groups: Sequence[Sequence[View]]) -> list[str]:
    """Return the hosts outside the group that has most of them; all where no group has."""
    everyone = [view for group in groups for view in group]
    most = next((group for group in groups if 2 * len(group) > len(everyone)), ())
    return [view.host for view in everyone if view not in most]


def _hosts(group: Sequence[View]) -> str:
    return words([view.host for view in group])


def words(names: Sequence[str]) -> str:
    """Return names as a sentence lists them."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
