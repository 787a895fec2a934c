# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions side by side, without waiting for those who do not answer in time."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Hashable, Mapping
from typing import Callable, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def within(seconds: float, questions: Mapping[Key, Callable[[], Value]], threads: int) -> dict[Key, Value]:
    """Return the answers that came within `seconds`; a question must not raise, one that hangs keeps its thread."""
    deadline = time.monotonic() + seconds
    left: queue.SimpleQueue[tuple[Key, Callable[[], Value]]] = queue.SimpleQueue()
    given: queue.SimpleQueue[tuple[Key, Value]] = queue.SimpleQueue()
    for question in questions.items():
        left.put(question)

    def work() -> None:
        while time.monotonic() < deadline:
            try:
                key, ask = left.get_nowait()
            except queue.Empty:
                return
            given.put((key, ask()))

    for _number in range(min(threads, len(questions))):
        threading.Thread(target=work, daemon=True).start()
    return _received(given, len(questions), deadline)


def _received(given: queue.SimpleQueue[tuple[Key, Value]], count: int, deadline: float) -> dict[Key, Value]:
    answers: dict[Key, Value] = {}
    while len(answers) < count:
        try:
            key, value = given.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        answers[key] = value
    return answers
