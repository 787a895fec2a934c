# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs in processes that can be ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._children import Answer, Job, answers


def failing(error: Exception) -> None:
    raise error


def sleeping(mark: Path) -> None:
    """Start a program that sleeps for long, note its number, and wait for it."""
    program = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    mark.write_text(str(program.pid), encoding="utf-8")
    program.wait()


def is_running(pid: int) -> bool:
    """Return whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def ends(pid: int, seconds: float = 5) -> bool:
    """Return whether a process is gone, or goes soon: the kernel ends what was killed in its own time."""
    until = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not is_running(pid)


def test_every_job_is_answered_in_order() -> None:
    jobs = {f"h{number}": partial(pow, number, 2) for number in range(9, 0, -1)}
    assert list(answers(jobs, 10, 3).items()) == [(f"h{n}", Answer(n * n)) for n in range(9, 0, -1)]


def test_no_jobs_no_answers() -> None:
    assert answers({}, 10, 3) == {}


def test_an_error_is_the_answer_of_its_job_alone() -> None:
    jobs: dict[str, Job] = {"a": partial(failing, KvmError("No such thing.")), "b": partial(pow, 2, 3)}
    assert answers(jobs, 10, 2) == {"a": Answer(error="No such thing."), "b": Answer(8)}


def test_a_defect_is_a_sentence() -> None:
    told = answers({"a": partial(failing, ZeroDivisionError("oh"))}, 10, 1)["a"].error
    assert told == "a defect in kvmops.datacenter stopped it (ZeroDivisionError: oh); please report it"


def test_a_process_that_dies_is_an_answer() -> None:
    told = answers({"a": partial(os._exit, 7)}, 10, 1)["a"].error
    assert told == "the process that asked it ended without an answer (code 7)"


def test_a_long_answer_arrives_whole() -> None:
    assert answers({"a": partial(str.__mul__, "x", 5_000_000)}, 20, 1)["a"].value == "x" * 5_000_000


def test_a_job_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    began = time.monotonic()
    got = answers({"slow": partial(sleeping, tmp_path / "pid"), "quick": partial(pow, 2, 2)}, 1.5, 2)
    assert time.monotonic() - began < 4
    assert got == {"slow": Answer(error="no answer within 1.5 s"), "quick": Answer(4)}
    assert ends(int((tmp_path / "pid").read_text(encoding="utf-8")))


def test_jobs_run_side_by_side() -> None:
    began = time.monotonic()
    answers({str(number): partial(time.sleep, 0.6) for number in range(6)}, 10, 6)
    assert time.monotonic() - began < 2.4


def test_nothing_is_left_when_the_run_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "pid"

    def interrupted(*_arguments: object, **_options: object) -> None:
        while not mark.exists() or not mark.read_text(encoding="utf-8"):
            time.sleep(0.02)
        raise KeyboardInterrupt

    target = "ansible_collections.kvmops.datacenter.plugins.plugin_utils._children.wait"
    monkeypatch.setattr(target, interrupted)
    with pytest.raises(KeyboardInterrupt):
        answers({"slow": partial(sleeping, mark)}, 60, 1)
    assert ends(int(mark.read_text(encoding="utf-8")))
