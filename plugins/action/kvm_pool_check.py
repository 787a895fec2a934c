# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of kvm_pool_check: how far the host's clock is from its own.

The host is asked a few times by the quickest way there is, and the answer that came soonest counts: the host read its
clock at some moment between question and answer, so half of that time is what the measure may be wrong by.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Callable

from ansible.plugins.action import ActionBase

MODULE = "kvmops.datacenter.kvm_pool_check"
_QUESTION = "LC_ALL=C date +%s.%N"
_TIMES = 3

Clock = dict[str, float]


class ActionModule(ActionBase):
    """Measures the clock where marks are written, and runs the module."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result, and the clock with it."""
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        clock = measured(self._host_time, time.time) if arguments.get("step") == "write" else None
        result: dict[str, Any] = self._execute_module(MODULE, module_args=arguments, task_vars=task_vars)
        return {**result, "clock": clock} if clock and not result.get("failed") else result

    def _host_time(self) -> str:
        return str(self._low_level_execute_command(_QUESTION).get("stdout", ""))


def measured(ask: Callable[[], str], now: Callable[[], float]) -> Clock | None:
    """Return how many seconds a clock is ahead of another, and how exact that is; None where it does not tell."""
    return min(_measures(ask, now), key=lambda clock: clock["uncertainty"], default=None)


def _measures(ask: Callable[[], str], now: Callable[[], float]) -> Iterator[Clock]:
    for _time in range(_TIMES):
        asked, said, answered = now(), ask(), now()
        seconds = _seconds(said)
        if seconds is not None:
            yield {"offset": seconds - (asked + answered) / 2, "uncertainty": (answered - asked) / 2}


def _seconds(said: str) -> float | None:
    """Return what `date` printed, in the last of the lines: a login may print others before."""
    try:
        return float(said.rsplit(maxsplit=1)[-1])
    except (IndexError, ValueError):
        return None
