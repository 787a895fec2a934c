# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second lane: stages that need no lab, run beside the lab's by a process of their own.

A process and no thread: only a process can be given a lower priority and be ended by a signal as a whole, and what
breaks in it breaks nothing here. It is `tools.run_tests` itself, with its output in a log and its results in a file.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tools.testing.runner import GRACE, Runner, signals_ignored, stop
from tools.testing.stages import UNDISTURBED, WITHOUT_LAB
from tools.testing.tally import Results, Tally

NAME = "beside"
NICENESS = 10
# Seconds for the lane to end its own program, which has GRACE, and to tell what has become of it.
PATIENCE = 2 * GRACE


def split(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the stages for this process, and those for a lane beside it: what needs no lab, if something else does."""
    aside = [name for name in names if name in WITHOUT_LAB]
    here = [name for name in names if name not in WITHOUT_LAB]
    return (here, aside) if here and not UNDISTURBED.intersection(names) else (list(names), [])


def write(file: Path, results: Results) -> None:
    """Write results to a file, for results_of()."""
    told = {name: (seconds, tally.passed, tally.failed) for name, (seconds, tally) in results.items()}
    file.write_text(json.dumps(told), encoding="utf-8")


def read(file: Path) -> Results:
    """Return the results in a file; there are none in one that is missing or broken off."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: (seconds, Tally(passed, failed)) for name, (seconds, passed, failed) in told.items()}


def results_of(names: Sequence[str], file: Path, code: int | None) -> Results:
    """Return the results of a lane's stages: one of which it tells nothing has failed, as has a lane that says so."""
    told = read(file)
    lost = f"came to no result: the process that ran it ended with status {code}"
    results = {name: told.get(name, (0.0, Tally(0, [f"{name} {lost}"]))) for name in names}
    if code != 0 and not any(tally.failed for _seconds, tally in results.values()):
        results[NAME] = (0.0, Tally(0, [f"the process of {', '.join(names)} ended with status {code}"]))
    return results


def command(file: Path, names: Sequence[str]) -> list[str]:
    """Return the command that runs stages as a lane."""
    return [sys.executable, "-m", "tools.run_tests", "--beside", str(file), *names]


def show_ended(process: subprocess.Popen[bytes], names: Sequence[str], log: Path) -> bool:
    """Show what the stages of a lane have said, whole, if they have ended; tell whether they have."""
    if process.poll() is None:
        return False
    print(f"\n=== {NAME} the lab: {', '.join(names)} {'=' * 50}", flush=True)
    with log.open("rb") as said:
        shutil.copyfileobj(said, sys.stdout.buffer)
    sys.stdout.flush()
    return True


@contextlib.contextmanager
def beside(names: Sequence[str], runner: Runner, results: Results) -> Iterator[Callable[[], None]]:
    """Run stages, if any, in a process beside what is done in here; at the end, wait for it and add its results.

    An exception from in here ends it. Yields a function to call between stages: it shows the output as soon as it is
    whole, so that no lines of two stages are mixed.
    """
    if not names:
        yield lambda: None
        return
    file, log, shown = runner.fresh(f"{NAME}.json"), runner.log(NAME), False

    def show() -> None:
        nonlocal shown
        shown = shown or show_ended(process, names, log)

    print(f"{NAME} the lab: {', '.join(names)}; shown when all have ended, till then in {log}", flush=True)
    with runner.started(NAME, command(file, names)) as process:
        try:
            yield show
            process.wait()
        finally:
            with signals_ignored():
                stop(process, PATIENCE)
                show()
            results.update(results_of(names, file, process.returncode))
