# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting as data: a question that is asked again until it is answered with yes, or time is up."""

from __future__ import annotations

import time
from typing import Callable, TypeVar

from ._errors import TimedOut

Answer = TypeVar("Answer")


def wait_for(
    ask: Callable[[], Answer | None],
    timeout: float,
    what: str,
    interval: float = 0.2,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Ask until the answer is true, and return it; `timeout` and `interval` in seconds.

    `what` completes the sentence of the TimedOut error: "web01 did not get an address within 60 s ...".
    """
    deadline = clock() + timeout
    while True:
        answer = ask()
        if answer:
            return answer
        if clock() >= deadline:
            raise TimedOut(f"{what} within {timeout:g} s; run it again to go on waiting, or raise 'timeout'.")
        sleep(interval)
