# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that may hang for ever, each in a process of its own that is ended when its time is up."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Callable

from ..module_utils._errors import KvmError

Job = Callable[[], Any]

# Children are forked: they start in milliseconds and have what the parent has loaded.
_FORK = multiprocessing.get_context("fork")
# A child whose parent was killed ends itself this many seconds after its time.
_GRACE = 5


@dataclass(frozen=True)
class Answer:
    """What came of a job: its value, or a sentence about why there is none."""

    value: Any = None
    error: str | None = None


@dataclass
class _Child:
    name: str
    pipe: Connection
    process: Any
    seconds: float
    deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.seconds

    def answer(self) -> Answer:
        """Return what the child has sent."""
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            self.process.join(1)
            return Answer(error=f"the process that asked it ended without an answer (code {self.process.exitcode})")

    def end(self, at_once: bool) -> None:
        """Wait until the child has ended; if `at_once`, kill it with all that it has started, such as ssh."""
        if at_once:
            _kill(self.process.pid)
        self.process.join(_GRACE)
        if self.process.is_alive():
            _kill(self.process.pid)
            self.process.join()
        self.pipe.close()


def answers(jobs: Mapping[str, Job], seconds: float, parallel: int) -> dict[str, Answer]:
    """Return each job's answer, in the jobs' order; a job that takes longer than `seconds` has an error for an answer.

    `parallel` jobs run at a time. What a job returns must be plain data. Nothing that a job has started stays behind.
    """
    waiting = list(jobs.items())[::-1]
    running: dict[Connection, _Child] = {}
    got: dict[str, Answer] = {}
    try:
        while waiting or running:
            while waiting and len(running) < parallel:
                child = _start(*waiting.pop(), seconds)
                running[child.pipe] = child
            got.update(_collect(running))
    finally:
        for child in running.values():
            child.end(at_once=True)
    return {name: got[name] for name in jobs}


def _collect(running: dict[Connection, _Child]) -> dict[str, Answer]:
    """Wait until a child has answered or its time is up, and take those out of `running`."""
    first = min(child.deadline for child in running.values())
    ready = wait(list(running), timeout=max(0.0, first - time.monotonic()))
    now = time.monotonic()
    got = {}
    for pipe, child in list(running.items()):
        late = pipe not in ready and child.deadline <= now
        if late or pipe in ready:
            got[child.name] = Answer(error=f"no answer within {child.seconds:g} s") if late else child.answer()
            child.end(at_once=late)
            del running[pipe]
    return got


def _start(name: str, job: Job, seconds: float) -> _Child:
    ours, theirs = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_work, args=(theirs, job, seconds), name=name, daemon=True)
    process.start()
    theirs.close()
    return _Child(name, ours, process, seconds)


def _work(pipe: Connection, job: Job, seconds: float) -> None:
    # A session of its own: what the job starts can be killed with it, and has no terminal to ask for passwords on.
    os.setsid()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(math.ceil(seconds) + _GRACE)
    pipe.send(_answer(job))
    pipe.close()


def _answer(job: Job) -> Answer:
    try:
        return Answer(job())
    except KvmError as error:
        return Answer(error=str(error))
    except Exception as error:
        defect = f"{type(error).__name__}: {error}"
        return Answer(error=f"a defect in kvmops.datacenter stopped it ({defect}); please report it")


def _kill(pid: int) -> None:
    # It may have ended already; and only after it has made its session does it lead a group.
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)
