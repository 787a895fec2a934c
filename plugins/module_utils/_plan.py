# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentence that everything here is: read what is, plan the way to what is wanted, carry the plan out.

A plan is a list of small, named changes. Check mode shows it, diff mode shows each change's before and after, `changed`
is "the plan is not empty". Nothing but a plan's changes ever alters a hypervisor, so there is one code path.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import field
from itertools import groupby
from typing import Any, Callable, Generic, TypeVar

from ._errors import KvmError, Refused
from ._hypervisor import Hypervisor, speaking_of
from ._values import dataclass

NOW = "now"
NEXT_BOOT = "next_boot"


@dataclass(frozen=True)
class Line:
    """What a plan tells of one change: in words, as a difference (None stands for "not there"), and when it counts."""

    summary: str
    what: str
    before: Any
    after: Any
    when: str = NOW


class Change:
    """One thing that will be done to one object.

    Subclasses are frozen dataclasses that hold only data, so that a plan can be compared and shown; `carry_out` is
    the one place where a hypervisor is touched, and it must be safe to run again after it was cut off.
    """

    when: str = NOW

    @property
    def summary(self) -> str:
        """Return what will be done, in the infinitive: "set memory 2GiB -> 4GiB"."""
        raise NotImplementedError

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return (what, before, after) for diff mode; None stands for "not there"."""
        raise NotImplementedError

    def lines(self) -> Sequence[Line]:
        """Return what a plan tells of it: one line, unless it does several things at once, or others tell of it."""
        return [Line(self.summary, *self.difference, self.when)]

    def carry_out(self, host: Hypervisor) -> None:
        """Do it."""
        raise NotImplementedError


@dataclasses.dataclass
class Plan:
    """The way of one object from what is to what is wanted."""

    subject: str
    changes: list[Change] = field(default_factory=list)
    restart_required: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    # What was read to make the plan, in the words of the options; it stays true where nothing is carried out.
    facts: dict[str, Any] | None = None

    def carry_out(self, host: Hypervisor) -> None:
        """Do every change, in order; an error names the object and the step."""
        for change in self.changes:
            with self._named(), speaking_of(f"{self.subject}: {change.summary}"):
                change.carry_out(host)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Name the object in an error that does not: what a change met knows nothing of whose it is."""
        try:
            yield
        except KvmError as error:
            if f"'{self.subject}'" in str(error) or str(error).startswith(f"{self.subject}:"):
                raise
            raise type(error)(f"{self.subject}: {error}") from error

    def lines(self) -> list[dict[str, str]]:
        """Return the plan as a module's result shows it."""
        return [{"summary": line.summary, "when": line.when} for line in self._lines()]

    def _lines(self) -> list[Line]:
        return [line for change in self.changes for line in change.lines()]

    def diff(self) -> dict[str, Any]:
        """Return Ansible's diff of this plan: only what changes, before and after, and what of it waits."""
        lines = [
            (f"{line.what} (at the next boot)" if line.when == NEXT_BOOT else line.what, line) for line in self._lines()
        ]
        return {
            "before_header": self.subject,
            "after_header": self.subject,
            "before": {what: line.before for what, line in lines if line.before is not None},
            "after": {what: line.after for what, line in lines if line.after is not None},
        }


@dataclasses.dataclass
class Outcome:
    """What became of one object: its plan, the facts read afterwards, the error that stopped it."""

    name: str
    plan: Plan
    facts: dict[str, Any] = field(default_factory=dict)
    error: KvmError | None = None

    @property
    def changed(self) -> bool:
        """Return whether anything was (or, in check mode, would be) done."""
        return bool(self.plan.changes)


Spec = TypeVar("Spec")


@dataclass(frozen=True)
class Resource(Generic[Spec]):
    """What a kind of object needs to be converged: its name, its plan, and its facts."""

    name: Callable[[Spec], str]
    plan: Callable[[Hypervisor, Spec], Plan]
    facts: Callable[[Hypervisor, Spec], dict[str, Any]]
    # Whether something is to be waited for once all plans are carried out (a guest that boots), and the waiting itself;
    # neither is asked in check mode.
    waits: Callable[[Spec], bool] = lambda _spec: False
    settle: Callable[[Hypervisor, Spec], None] = lambda _host, _spec: None
    # What objects are sorted by: those of a lower rank are done, and settled, before those of a higher are begun.
    rank: Callable[[Spec], Any] = lambda _spec: 0
    # How many seconds the next rank has to wait after a plan was carried out.
    pause: Callable[[Spec, Plan], float] = lambda _spec, _plan: 0


def converge(
    host: Hypervisor, resource: Resource[Spec], specs: Sequence[Spec], dry_run: bool, parallel: int = 1
) -> list[Outcome]:
    """Bring every spec's object to what is wanted, and return an outcome for each, in order.

    All plans are made before any is carried out: input that is refused stops the whole call with nothing touched.
    After that an
    object that fails is reported by name and does not stop the others. `parallel` objects are worked on at a time.
    """
    outcomes = [_planned(host, resource, spec) for spec in specs]
    refusals = [str(outcome.error) for outcome in outcomes if isinstance(outcome.error, Refused)]
    if refusals:
        raise Refused(" ".join(dict.fromkeys(refusals)))

    everyone = list(zip(specs, outcomes))
    if not dry_run:
        pause = 0.0
        for pairs in _by_rank(resource, everyone):
            time.sleep(pause)
            pause = _carry_out(host, resource, pairs, parallel)
    _each(1, everyone, lambda spec, outcome: outcome.facts.update(_facts(host, resource, spec, outcome.plan, dry_run)))
    return outcomes


def _by_rank(resource: Resource[Spec], everyone: Sequence[Pair[Spec]]) -> Iterator[list[Pair[Spec]]]:
    """Go through the objects for which there is anything to do, rank by rank."""
    pairs = [(spec, outcome) for spec, outcome in everyone if outcome.changed or resource.waits(spec)]
    pairs.sort(key=lambda pair: resource.rank(pair[0]))
    for _rank, together in groupby(pairs, key=lambda pair: resource.rank(pair[0])):
        yield list(together)


def _carry_out(host: Hypervisor, resource: Resource[Spec], pairs: Sequence[Pair[Spec]], parallel: int) -> float:
    """Carry out the plans of one rank and settle its objects; return how long the next rank has to wait."""
    busy = [(spec, outcome) for spec, outcome in pairs if outcome.changed]
    _each(parallel, busy, lambda _spec, outcome: outcome.plan.carry_out(host))
    waiting = [(spec, outcome) for spec, outcome in pairs if resource.waits(spec)]
    _each(_WAITING, waiting, lambda spec, _outcome: resource.settle(host, spec))
    return max((resource.pause(spec, outcome.plan) for spec, outcome in busy if not outcome.error), default=0)


def _facts(host: Hypervisor, resource: Resource[Spec], spec: Spec, plan: Plan, dry_run: bool) -> dict[str, Any]:
    unchanged = dry_run or not plan.changes
    return plan.facts if unchanged and plan.facts is not None else resource.facts(host, spec)


# Waiting costs nothing but a thread, and all should wait side by side.
_WAITING = 32

Pair = tuple[Spec, Outcome]


def _each(parallel: int, pairs: Sequence[Pair[Spec]], work: Callable[[Spec, Outcome], None]) -> None:
    """Do `work` for every pair that has no error yet, some at a time; an error is kept with its object."""

    def attempt(pair: Pair[Spec]) -> None:
        spec, outcome = pair
        if outcome.error:
            return
        try:
            with speaking_of(outcome.name):
                work(spec, outcome)
        except KvmError as error:
            outcome.error = error

    if parallel == 1 or len(pairs) <= 1:
        for pair in pairs:
            attempt(pair)
        return
    with ThreadPoolExecutor(max_workers=min(parallel, len(pairs))) as pool:
        list(pool.map(attempt, pairs))


def _planned(host: Hypervisor, resource: Resource[Spec], spec: Spec) -> Outcome:
    name = resource.name(spec)
    try:
        with speaking_of(name):
            return Outcome(name, resource.plan(host, spec))
    except KvmError as error:
        return Outcome(name, Plan(name), error=error)
