# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read, plan, carry out: order, errors, check mode and parallel work, on objects that are only names."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils import _plan
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, NotFound, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import (
    NEXT_BOOT,
    NOW,
    Change,
    Outcome,
    Plan,
    Resource,
    converge,
)

DIARY: list[str] = []
HOST = Hypervisor(None, "test:///default")


@pytest.fixture(autouse=True)
def _new_diary() -> None:
    DIARY.clear()


@dataclass(frozen=True)
class Write(Change):
    """Write a word into the diary; one that starts with "bad" fails."""

    word: str
    when: str = NOW

    @property
    def summary(self) -> str:
        return f"write {self.word}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        return (self.word, None, "written")

    def carry_out(self, host: Hypervisor) -> None:
        if self.word.startswith("bad"):
            raise KvmError(f"The word {self.word} is not written.")
        DIARY.append(self.word)


@dataclass(frozen=True)
class Thing:
    """An object that wants words written; how its planning ends can be chosen."""

    name: str
    words: tuple[str, ...] = ()
    refused: str = ""
    lost: str = ""
    wait: bool = False
    rank: int = 0
    pause: float = 0


def plan_thing(_host: Hypervisor, thing: Thing) -> Plan:
    if thing.refused:
        raise Refused(thing.refused)
    if thing.lost:
        raise KvmError(thing.lost)
    return Plan(thing.name, [Write(word) for word in thing.words])


def settle(_host: Hypervisor, thing: Thing) -> None:
    DIARY.append(f"{thing.name} settled")


THINGS: Resource[Thing] = Resource(
    name=lambda thing: thing.name,
    plan=plan_thing,
    facts=lambda _host, thing: {"name": thing.name, "seen": list(DIARY)},
    waits=lambda thing: thing.wait,
    settle=settle,
    rank=lambda thing: thing.rank,
    pause=lambda thing, _plan: thing.pause,
)


def outcomes(*things: Thing, dry_run: bool = False, parallel: int = 1) -> dict[str, Outcome]:
    return {outcome.name: outcome for outcome in converge(HOST, THINGS, things, dry_run, parallel)}


def test_changes_are_carried_out_in_order_and_facts_read_afterwards() -> None:
    found = outcomes(Thing("a", ("1", "2")), Thing("b"), Thing("c", ("3",)))
    assert DIARY == ["1", "2", "3"]
    assert {name: outcome.changed for name, outcome in found.items()} == {"a": True, "b": False, "c": True}
    assert found["c"].facts == {"name": "c", "seen": ["1", "2", "3"]}


def test_check_mode_makes_the_same_plan_and_does_nothing() -> None:
    things = (Thing("a", ("1", "bad"), wait=True), Thing("b", ("2",)))
    dry = outcomes(*things, dry_run=True)
    assert DIARY == []
    real = outcomes(*things)
    assert {name: outcome.plan.lines() for name, outcome in dry.items()} == {
        name: outcome.plan.lines() for name, outcome in real.items()
    }
    assert all(outcome.error is None for outcome in dry.values())
    assert dry["a"].facts == {"name": "a", "seen": []}


def test_a_refusal_stops_everything_before_anything_is_touched() -> None:
    things = (Thing("a", ("1",)), Thing("b", refused="No b."), Thing("c", refused="No c."), Thing("d", refused="No b."))
    with pytest.raises(Refused) as refusal:
        outcomes(*things)
    assert str(refusal.value) == "No b. No c."
    assert DIARY == []


def test_what_is_not_found_is_refused_too() -> None:
    assert issubclass(NotFound, Refused)


@pytest.mark.parametrize("parallel", [1, 4])
def test_one_that_fails_does_not_stop_the_others(parallel: int) -> None:
    found = outcomes(
        Thing("a", ("1", "bad", "2"), wait=True), Thing("b", lost="b is lost."), Thing("c", ("3",)), parallel=parallel
    )
    assert sorted(DIARY) == ["1", "3"]
    assert str(found["a"].error) == "a: The word bad is not written."
    assert str(found["b"].error) == "b is lost."
    assert found["c"].error is None
    assert found["a"].facts == {}
    assert found["c"].facts["name"] == "c"


def test_what_was_read_for_the_plan_is_the_result_where_nothing_is_done() -> None:
    known: Resource[Thing] = Resource(
        THINGS.name,
        lambda host, thing: Plan(thing.name, plan_thing(host, thing).changes, facts={"old": 1}),
        THINGS.facts,
    )
    assert converge(HOST, known, [Thing("a")], dry_run=False)[0].facts == {"old": 1}
    assert converge(HOST, known, [Thing("a", ("1",))], dry_run=True)[0].facts == {"old": 1}
    assert converge(HOST, known, [Thing("a", ("1",))], dry_run=False)[0].facts == {"name": "a", "seen": ["1"]}


def test_waiting_comes_after_all_work_and_only_where_asked_for() -> None:
    outcomes(Thing("a", ("1",), wait=True), Thing("b", ("2",)), Thing("c", wait=True))
    assert DIARY[:2] == ["1", "2"]
    assert sorted(DIARY[2:]) == ["a settled", "c settled"]


def test_several_are_worked_on_at_a_time() -> None:
    together = threading.Barrier(3, timeout=10)

    @dataclass(frozen=True)
    class Meet(Write):
        def carry_out(self, host: Hypervisor) -> None:
            together.wait()
            super().carry_out(host)

    meeting: Resource[Thing] = Resource(
        THINGS.name, lambda _host, thing: Plan(thing.name, [Meet(thing.name)]), THINGS.facts
    )
    found = converge(HOST, meeting, [Thing("a"), Thing("b"), Thing("c")], dry_run=False, parallel=3)
    assert sorted(DIARY) == ["a", "b", "c"]
    assert [outcome.name for outcome in found] == ["a", "b", "c"]


def test_no_more_are_worked_on_at_a_time_than_asked_for() -> None:
    crowd = threading.Barrier(3)

    @dataclass(frozen=True)
    class Look(Write):
        """Write the word unless three are worked on at a time."""

        def carry_out(self, host: Hypervisor) -> None:
            with suppress(threading.BrokenBarrierError):
                crowd.wait(timeout=0.3)
                raise KvmError("It is crowded here.")
            super().carry_out(host)

    looking: Resource[Thing] = Resource(
        THINGS.name, lambda _host, thing: Plan(thing.name, [Look(thing.name)]), THINGS.facts
    )
    converge(HOST, looking, [Thing(name) for name in "abcdef"], dry_run=False, parallel=2)
    assert sorted(DIARY) == ["a", "b", "c", "d", "e", "f"]


@pytest.mark.parametrize("parallel", [1, 4])
def test_lower_ranks_are_done_and_settled_before_higher_are_begun(parallel: int) -> None:
    things = (Thing("c", ("3",), rank=7), Thing("a", ("1",), wait=True, rank=-1), Thing("b", ("2",), wait=True))
    found = outcomes(*things, parallel=parallel)
    assert DIARY == ["1", "a settled", "2", "b settled", "3"]
    assert list(found) == ["c", "a", "b"]


def test_one_that_fails_does_not_stop_the_higher_ranks() -> None:
    found = outcomes(Thing("a", ("bad",), wait=True, pause=9), Thing("b", ("1",), rank=1))
    assert DIARY == ["1"]
    assert found["a"].error is not None


def test_those_of_one_rank_wait_side_by_side() -> None:
    together = threading.Barrier(2, timeout=10)

    def meet(_host: Hypervisor, thing: Thing) -> None:
        together.wait()
        DIARY.append(thing.name)

    things = [Thing("a", wait=True, rank=1), Thing("b", wait=True, rank=1)]
    converge(HOST, replace(THINGS, settle=meet), things, dry_run=False)
    assert sorted(DIARY) == ["a", "b"]


PAUSES: list[tuple[list[Thing], list[float]]] = [
    ([Thing("a", ("1",), pause=2), Thing("b", ("2",), pause=5), Thing("c", ("3",), rank=1)], [5]),
    ([Thing("a", ("1",), pause=2), Thing("b", ("2",), rank=1, pause=3), Thing("c", ("3",), rank=2)], [2, 3]),
    ([Thing("a", ("1",), pause=2), Thing("b", wait=True, rank=1)], [2]),
    # nobody waits behind the last that has anything to do, or for one that was left as it is
    ([Thing("a", ("1",), pause=2), Thing("b", rank=1)], []),
    ([Thing("a", pause=2, wait=True), Thing("b", ("2",), rank=1)], []),
    ([Thing("a", ("bad",), pause=2), Thing("b", ("2",), rank=1)], []),
]


@pytest.mark.parametrize(("things", "pauses"), PAUSES)
def test_the_next_rank_waits_as_long_as_the_longest_pause(
    monkeypatch: pytest.MonkeyPatch, things: list[Thing], pauses: list[float]
) -> None:
    # a clock that only counts, so that nobody has to wait
    slept: list[float] = []
    monkeypatch.setattr(_plan.time, "sleep", slept.append)
    outcomes(*things)
    assert [seconds for seconds in slept if seconds] == pauses
    slept.clear()
    outcomes(*things, dry_run=True)
    assert slept == []


def test_a_plan_is_shown_as_lines_and_as_a_difference() -> None:
    plan = Plan("web01", [Write("x"), Write("y", NEXT_BOOT)])
    assert plan.lines() == [{"summary": "write x", "when": "now"}, {"summary": "write y", "when": "next_boot"}]
    assert plan.diff() == {
        "before_header": "web01",
        "after_header": "web01",
        "before": {},
        "after": {"x": "written", "y (at the next boot)": "written"},
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("The image has another checksum.", "web01: The image has another checksum."),
        ("VM 'web01' does not stop.", "VM 'web01' does not stop."),
        ("web01: stop: it failed.", "web01: stop: it failed."),
        ("VM 'web011' does not stop.", "web01: VM 'web011' does not stop."),
    ],
)
def test_an_error_names_its_object_once(words: str, told: str) -> None:
    class Fail(Change):
        summary = "fail"

        def carry_out(self, host: Hypervisor) -> None:
            raise NotFound(words)

    with pytest.raises(NotFound) as caught:
        Plan("web01", [Fail()]).carry_out(HOST)
    assert str(caught.value) == told
