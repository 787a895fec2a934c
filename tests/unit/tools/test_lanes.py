# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stages that need no lab are run beside the lab's: whole runs, with toys for stages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.link import ROOT
from tools.testing.lanes import NICENESS, results_of, split
from tools.testing.runner import Runner
from tools.testing.stages import EVERYTHING
from tools.testing.tally import Tally

# The real program, but for its folder and its stages. What they are made of here:
TOY = """
import os, sys, time
from pathlib import Path
from tools import run_tests
from tools.testing import lanes
from tools.testing.tally import Tally

def say(*words):
    print(*words, flush=True)

def sleep(runner):
    name = "lint" if runner.niceness else "faults"
    runner.run(name, ["sh", "-c", f"echo $$ >{name}.new; mv {name}.new {name}.pid; exec sleep 300"])
    return Tally(1)

def wait_for_the_others(runner):
    say("begun")
    while "linted" not in runner.log("beside").read_text():
        time.sleep(0.01)
    say("ended")
    return Tally(3)

def fail(runner):
    raise ValueError("oh")

run_tests.ROOT = Path(__file__).parent
run_tests.STAGES = {
    "lint": lambda runner: say("linted", runner.niceness) or Tally(2),
    "unit": lambda runner: Tally(7),
    "faults": lambda runner: Tally(3),
    "lab-down": lambda runner: say("down") or Tally(1),
    CHANGED
}
lanes.command = lambda file, names: [sys.executable, __file__, "--beside", str(file), *names]
run_tests.main()
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts a run of all toy stages, some of them changed."""
    runs: list[subprocess.Popen[str]] = []

    def started(changed: str, output: int = subprocess.PIPE) -> subprocess.Popen[str]:
        toy = tmp_path / "toy.py"
        toy.write_text(TOY.replace("CHANGED", changed))
        command = [sys.executable, str(toy), "lint", "unit", "faults", "lab-down"]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        runs.append(subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT, text=True))
        return runs[-1]

    yield started
    for run in runs:
        run.kill()
        run.communicate()


@pytest.mark.parametrize(
    ("names", "here", "aside"),
    [
        (("lint", "sanity", "unit"), ["lint", "sanity", "unit"], []),
        (("lab-up", "integration"), ["lab-up", "integration"], []),
        (("lint", "lab-up", "unit", "faults"), ["lab-up", "faults"], ["lint", "unit"]),
        (("lint", "lab-up", "benchmarks"), ["lint", "lab-up", "benchmarks"], []),
        (EVERYTHING, list(EVERYTHING[3:]), ["lint", "sanity", "unit"]),
    ],
)
def test_what_is_run_beside_the_lab(names: tuple[str, ...], here: list[str], aside: list[str]) -> None:
    assert split(names) == (here, aside)


LOST = "came to no result: the process that ran it ended with status"
TOLD = '{"lint": [2.0, 3, []], "unit": [1.0, 8, []]}'


@pytest.mark.parametrize(
    ("told", "code", "tallies"),
    [
        (TOLD, 0, {"lint": Tally(3), "unit": Tally(8)}),
        ('{"lint": [2.0, 3, []], "unit": [1.0, 8, ["x"]]}', 1, {"lint": Tally(3), "unit": Tally(8, ["x"])}),
        ('{"lint": [2.0, 3, []]}', 1, {"lint": Tally(3), "unit": Tally(0, [f"unit {LOST} 1"])}),
        (TOLD[:-1], -9, {"lint": Tally(0, [f"lint {LOST} -9"]), "unit": Tally(0, [f"unit {LOST} -9"])}),
        (None, 0, {"lint": Tally(0, [f"lint {LOST} 0"]), "unit": Tally(0, [f"unit {LOST} 0"])}),
        *(
            (
                TOLD,
                code,
                {
                    "lint": Tally(3),
                    "unit": Tally(8),
                    "beside": Tally(0, [f"the process of lint, unit ended with status {code}"]),
                },
            )
            for code in (1, None)
        ),
    ],
)
def test_nothing_of_a_lane_is_lost(
    tmp_path: Path, told: str | None, code: int | None, tallies: dict[str, Tally]
) -> None:
    file = tmp_path / "results"
    if told is not None:
        file.write_text(told)
    results = results_of(["lint", "unit"], file, code)
    assert {name: tally for name, (_seconds, tally) in results.items()} == tallies


def test_two_lanes_are_shown_one_after_the_other_and_counted_together(start: Start) -> None:
    output, _nothing = start('"faults": wait_for_the_others').communicate(timeout=60)
    lines = output.splitlines()
    assert lines[-1] == "13 passed, 0 failed"
    assert [line.split()[0] for line in lines[-5:-1]] == ["faults", "lint", "unit", "lab-down"]
    assert f"linted {NICENESS}" in lines[lines.index("ended") :]
    assert lines[lines.index("begun") + 1] == "ended"


@pytest.mark.parametrize(
    ("changed", "last", "failed"),
    [
        ('"lint": lambda runner: Tally(1, ["ruff"])', "12 passed, 1 failed", ["lint: ruff"]),
        ('"faults": lambda runner: Tally(0, ["kill"])', "10 passed, 1 failed", ["faults: kill"]),
        ('"lint": fail', "4 passed, 2 failed", [f"lint: lint {LOST} 1", f"unit: unit {LOST} 1"]),
        ('"unit": lambda _: os._exit(0)', "4 passed, 2 failed", [f"lint: lint {LOST} 0", f"unit: unit {LOST} 0"]),
        (
            '"unit": lambda _: os.kill(os.getpid(), 9)',
            "4 passed, 2 failed",
            [f"lint: lint {LOST} -9", f"unit: unit {LOST} -9"],
        ),
        (
            '"unit": lambda _: os.kill(os.getpid(), 15)',
            "6 passed, 1 failed",
            ["unit: unit was interrupted"],
        ),
    ],
)
def test_what_fails_in_either_lane_is_counted_once(start: Start, changed: str, last: str, failed: list[str]) -> None:
    run = start(changed)
    lines = run.communicate(timeout=60)[0].splitlines()
    assert run.returncode == 1
    assert lines[-1] == last
    assert [line for line in lines if line.startswith("FAILED")] == [f"FAILED {what}" for what in failed]
    assert "down" in lines


def pid_in(file: Path) -> int:
    """Return the pid that a toy stage's program has written, once it has."""
    deadline = time.monotonic() + 60
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return int(file.read_text())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    ("sleeping", "interrupted", "last"),
    [(["lint", "faults"], ["faults", "lint"], "1 passed, 4 failed"), (["lint"], ["lint"], "4 passed, 3 failed")],
)
def test_a_signal_ends_both_lanes_and_takes_the_lab_down(
    start: Start, tmp_path: Path, number: signal.Signals, sleeping: list[str], interrupted: list[str], last: str
) -> None:
    run = start(", ".join(f'"{name}": sleep' for name in sleeping))
    programs = [pid_in(tmp_path / f"{name}.pid") for name in sleeping]
    run.send_signal(number)
    lines = run.communicate(timeout=60)[0].splitlines()
    assert run.returncode == 1
    assert [line for line in lines if line.startswith("FAILED")] == [
        *(f"FAILED {name}: {name} was interrupted" for name in interrupted),
        f"FAILED unit: unit {LOST} 1",
        f"FAILED signal: ended by {number.name}",
    ]
    assert lines[-1] == last
    assert "down" in lines
    assert not [pid for pid in programs if Path("/proc", str(pid)).exists()]


@pytest.mark.parametrize("screen", [os.openpty, os.pipe])
def test_the_lab_goes_down_also_when_nobody_reads(
    start: Start, tmp_path: Path, screen: Callable[[], tuple[int, int]]
) -> None:
    reader, writer = screen()
    run = start(
        '"lint": sleep, "faults": sleep, "lab-down": lambda _: (run_tests.ROOT / "downed").touch() or Tally(1)', writer
    )
    programs = [pid_in(tmp_path / name) for name in ("lint.pid", "faults.pid")]
    os.close(reader)
    run.send_signal(signal.SIGHUP)
    assert run.wait(60) == 1
    os.close(writer)
    assert (tmp_path / "downed").exists()
    assert not [pid for pid in programs if Path("/proc", str(pid)).exists()]


def test_programs_of_the_second_lane_give_way(tmp_path: Path) -> None:
    given = "os.nice(0) >= 15 and (not group.exists() or ' nice 15' in group.read_text())"
    wait = f"import os, pathlib\ngroup = pathlib.Path('/proc/self/autogroup')\nwhile not ({given}): pass"
    assert Runner(tmp_path, tmp_path, niceness=15).run("x", [sys.executable, "-c", wait], limit=20) == 0
