# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An end to what may never end by itself: other machines that say nothing any more."""

from __future__ import annotations

import concurrent.futures
import threading
from concurrent.futures import Future
from typing import Callable, TypeVar

from ._errors import KvmError, TimedOut

Answer = TypeVar("Answer")


def within(timeout: float, work: Callable[[], Answer], late: str) -> Answer:
    """Return what is worked out in another thread; TimedOut, saying `late`, where that takes too long.

    The time-outs of sockets begin anew with every byte, and none holds for names that are looked up. A thread that is
    late is left behind, and ends with the process.
    """
    answer: Future[Answer] = Future()
    threading.Thread(target=_work, args=(work, answer), daemon=True).start()
    try:
        return answer.result(timeout)
    except concurrent.futures.TimeoutError as silence:
        raise TimedOut(late) from silence


def _work(work: Callable[[], Answer], answer: Future[Answer]) -> None:
    try:
        answer.set_result(work())
    except KvmError as error:
        answer.set_exception(error)
    finally:
        # Nobody is to wait for one that a defect has ended; otherwise this does nothing.
        answer.cancel()
