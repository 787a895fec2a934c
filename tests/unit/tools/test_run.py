# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How stages and programs are run, and what happens when they are interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools import run_tests
from tools.testing import runner as running
from tools.testing import stages as stages_module
from tools.testing.runner import Runner
from tools.testing.tally import Tally

Stages = Callable[..., list[str]]


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """Return a runner of an empty checkout."""
    return Runner(tmp_path, tmp_path)


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Stages:
    """Return a function that puts stages in place of the real ones and tells in which order they ran."""

    def replace(**functions: Callable[[], Tally]) -> list[str]:
        ran: list[str] = []

        def stage(name: str, function: Callable[[], Tally]) -> Callable[[Runner], Tally]:
            def run(_runner: Runner) -> Tally:
                ran.append(name)
                return function()

            return run

        named = {name.replace("_", "-"): function for name, function in functions.items()}
        monkeypatch.setattr(run_tests, "STAGES", {name: stage(name, function) for name, function in named.items()})
        return ran

    return replace


def interrupt() -> Tally:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)
    return Tally(1)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_every_stage_is_run_whatever_the_others_come_to(runner: Runner, stages: Stages) -> None:
    ran = stages(faults=lambda: Tally(1, ["x"]), molecule=lambda: Tally(2), lab_down=lambda: Tally(1))
    results = run_tests.run_all(["faults", "lab-down", "molecule"], runner)
    assert ran == ["faults", "molecule", "lab-down"]
    assert {name: tally for name, (_seconds, tally) in results.items()} == {
        "faults": Tally(1, ["x"]),
        "molecule": Tally(2),
        "lab-down": Tally(1),
    }


def test_without_a_lab_what_needs_it_fails_unrun(runner: Runner, stages: Stages) -> None:
    ran = stages(lab_up=lambda: Tally(0, ["no tun"]), integration=lambda: Tally(9), molecule=lambda: Tally(1))
    results = run_tests.run_all(["lab-up", "integration", "molecule"], runner)
    assert ran == ["lab-up", "molecule"]
    assert results["integration"][1] == Tally(0, ["integration was not run: the lab did not come up"])


def test_a_signal_ends_the_run_but_takes_the_lab_down(runner: Runner, stages: Stages) -> None:
    ran = stages(molecule=lambda: Tally(1), integration=interrupt, faults=lambda: Tally(1), lab_down=lambda: Tally(1))
    results = run_tests.run_all(["molecule", "integration", "faults", "lab-down"], runner)
    assert ran == ["molecule", "integration", "lab-down"]
    assert results["integration"][1] == Tally(0, ["integration was interrupted"])
    assert results["signal"][1] == Tally(0, ["ended by SIGTERM"])


def test_a_program_is_shown_logged_and_its_status_returned(runner: Runner, capfdbinary: pytest.CaptureFixture) -> None:
    code = runner.run("x", python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"))
    assert code == 3
    assert sorted(runner.log("x").read_text().split()) == ["err", "out"]
    assert sorted(capfdbinary.readouterr().out.split()) == [b"err", b"out"]


def test_every_program_has_ssh_connections_of_its_own(runner: Runner) -> None:
    folders = set()
    for _time in range(2):
        runner.run(
            "x", ["sh", "-c", 'touch "$ANSIBLE_SSH_CONTROL_PATH_DIR/h1" && echo "$ANSIBLE_SSH_CONTROL_PATH_DIR"']
        )
        folders.add(runner.log("x").read_text().strip())
    assert len(folders) == 2
    assert not any(Path(folder).exists() for folder in folders)


def test_a_program_that_is_not_there_has_status_127(runner: Runner) -> None:
    assert runner.run("x", ["no-such-program"]) == 127


def test_a_program_that_takes_too_long_is_stopped(runner: Runner) -> None:
    start = time.monotonic()
    assert runner.run("x", python("import time; time.sleep(60)"), limit=0.5) == running.TIMED_OUT
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("code", "programs"), [(0, ["tests/lab/lab up --vm", "pytest tests/vm_tier"]), (1, ["tests/lab/lab up --vm"])]
)
def test_the_host_that_is_a_vm_comes_before_its_tests(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, code: int, programs: list[str]
) -> None:
    ran: list[str] = []
    limits: list[float] = []

    def run(_name: str, command: list[str], limit: float = 0) -> int:
        ran.append(" ".join(word for word in command[:3] if word.startswith("--vm") or not word.startswith("--")))
        limits.append(limit)
        return code

    monkeypatch.setattr(runner, "run", run)
    tally = stages_module.vm_tier(runner)
    assert ran == programs
    assert limits[1:] == [stages_module.LIMIT] * (len(programs) - 1), "many tests may take long"
    assert tally.passed == 1 - code
    assert "vm-tier" not in stages_module.EVERYTHING


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", running.SIGNALS)
def test_a_signal_in_the_middle_of_a_start_leaves_nothing_behind(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """The signal comes when the program is there and nobody knows yet of it: for once, the real Popen is too fast."""
    begun: list[int] = []

    class Slow(subprocess.Popen):
        def __init__(self, *words: Any, **options: Any) -> None:
            super().__init__(*words, **options)
            begun.append(self.pid)
            signal.raise_signal(number)

    monkeypatch.setattr(subprocess, "Popen", Slow)
    with running.signals_as_exceptions(), pytest.raises(running.Interrupted, match=number.name):
        runner.run("x", ["sleep", "300"])
    assert [alive(pid) for pid in begun] == [False]


def test_what_is_started_is_stopped_with_the_program(runner: Runner, tmp_path: Path) -> None:
    assert runner.run("x", ["sh", "-c", "sleep 60 & echo $! > pid; wait"], limit=2.0) == running.TIMED_OUT
    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 20
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)


def test_a_daemon_that_keeps_the_output_open_does_not_hold_up_the_run(runner: Runner, tmp_path: Path) -> None:
    start = time.monotonic()
    assert runner.run("x", ["sh", "-c", "setsid sleep 60 & echo $! > pid"]) == 0
    assert time.monotonic() - start < 30
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
