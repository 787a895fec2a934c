# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting, with a clock that the test moves."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._wait import wait_for


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(
    ("answers", "timeout", "interval", "slept"),
    [
        (["yes"], 10, 0.5, 0.0),
        ([None, "yes"], 10, 0.5, 0.5),
        ([None, "", [], 0, "yes"], 10, 2.0, 8.0),
        (["yes"], 0, 0.5, 0.0),
        ([None, None, "yes"], 1, 0.5, 1.0),
    ],
)
def test_the_answer_is_returned(answers: list[object], timeout: float, interval: float, slept: float) -> None:
    clock, left = Clock(), iter(answers)
    answer = wait_for(lambda: next(left), timeout, "It did not", interval, clock.read, clock.sleep)
    assert answer == "yes"
    assert clock.now - 1000 == slept


@pytest.mark.parametrize(("timeout", "asked"), [(0, 1), (1, 3), (2.5, 6)])
def test_time_is_up(timeout: float, asked: int) -> None:
    clock, questions = Clock(), []
    with pytest.raises(TimedOut) as error:
        wait_for(lambda: questions.append(1), timeout, "VM 'web01' has no address", 0.5, clock.read, clock.sleep)
    assert str(error.value) == (
        f"VM 'web01' has no address within {timeout:g} s; run it again to go on waiting, or raise 'timeout'."
    )
    assert len(questions) == asked


def test_an_error_of_the_question_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        wait_for(lambda: 1 // 0, 10, "It did not")
