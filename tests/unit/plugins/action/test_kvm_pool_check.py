# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a host's clock is from the control node's, and what the module's result has of it.

The connection and the module are stand-ins: what is tested is what is made of their answers.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.action import kvm_pool_check
from ansible_collections.kvmops.datacenter.plugins.action.kvm_pool_check import measured


class Lines:
    """A line to a host whose clock is ahead: how many seconds each answer takes, and what it is."""

    def __init__(self, ahead: float, *takes: float, says: str = "{}\n") -> None:
        self.time, self.ahead, self.says = 1000.0, ahead, says
        self.takes = iter(takes)

    def now(self) -> float:
        return self.time

    def ask(self) -> str:
        takes = next(self.takes)
        self.time += takes
        return self.says.format(self.time - takes / 2 + self.ahead)


@pytest.mark.parametrize(
    ("line", "offset", "uncertainty"),
    [
        (Lines(0, 1, 1, 1), 0, 0.5),
        (Lines(5, 3, 0.5, 2), 5, 0.25),
        (Lines(-7.5, 0.25, 0.5, 0.5), -7.5, 0.125),
        (Lines(2, 1, 1, 1, says="Welcome to h1\n\n{}\n"), 2, 0.5),
    ],
)
def test_the_quickest_answer_counts(line: Lines, offset: float, uncertainty: float) -> None:
    assert measured(line.ask, line.now) == {"offset": offset, "uncertainty": uncertainty}


@pytest.mark.parametrize("says", ["", "1795292307.N\n", "sh: date: not found"])
def test_a_host_without_an_answer_has_no_clock(says: str) -> None:
    line = Lines(0, 1, 1, 1, says=says)
    assert measured(line.ask, line.now) is None


class Action(kvm_pool_check.ActionModule):
    """The action on a host whose module answers as told."""

    def __init__(self, step: str, answer: dict[str, Any], says: str) -> None:
        self._task: Any = SimpleNamespace(args={"step": step, "pools": []})
        self.answer, self.says = answer, says
        self.asked: list[str] = []

    def _low_level_execute_command(self, cmd: str, **_more: Any) -> dict[str, Any]:
        self.asked.append(cmd)
        return {"rc": 0, "stdout": self.says}

    def _execute_module(self, name: str, module_args: dict[str, Any], **_more: Any) -> dict[str, Any]:
        assert (name, module_args) == ("kvmops.datacenter.kvm_pool_check", self._task.args)
        return dict(self.answer)


@pytest.mark.parametrize(
    ("step", "answer", "says", "asked", "clock"),
    [
        ("write", {"marks": []}, "1000.5\n", 3, True),
        ("write", {"marks": []}, "", 3, False),
        ("write", {"failed": True, "msg": "no"}, "1000.5\n", 3, False),
        ("read", {"missing": []}, "1000.5\n", 0, False),
        ("remove", {}, "1000.5\n", 0, False),
    ],
)
def test_the_clock_is_read_where_marks_are_written(
    monkeypatch: pytest.MonkeyPatch, step: str, answer: dict[str, Any], says: str, asked: int, clock: bool
) -> None:
    monkeypatch.setattr(kvm_pool_check.ActionBase, "run", lambda *_arguments: {})
    action = Action(step, answer, says)
    result = action.run(None, {})
    assert action.asked == ["LC_ALL=C date +%s.%N"] * asked
    assert ("clock" in result) is clock
    assert {**result, "clock": None} == {**answer, "clock": None}
