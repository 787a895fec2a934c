# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the project's tests, all or the named stages; the last line tells how many passed and failed."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.link import ROOT, link_collection
from tools.testing import lanes
from tools.testing.runner import Interrupted, Runner, signals_as_exceptions, signals_ignored, speak_or_be_silent
from tools.testing.stages import EVERYTHING, NEEDS_LAB, STAGES
from tools.testing.tally import Results, Tally


def run_stage(name: str, runner: Runner, results: Results) -> None:
    """Run one stage under a header and keep its time and tally; a stage that is interrupted has failed."""
    print(f"\n=== {name} {'=' * max(0, 90 - len(name))}", flush=True)
    start = time.monotonic()
    tally = Tally(0, [f"{name} was interrupted"])
    try:
        tally = STAGES[name](runner)
    finally:
        results[name] = (time.monotonic() - start, tally)


def run_stages(names: Sequence[str], runner: Runner, results: Results, after_each: Callable[[], None]) -> None:
    """Run stages one after the other, whatever they come to; without a lab, what needs it fails at once."""
    for name in names:
        if name in NEEDS_LAB and results.get("lab-up", (0.0, Tally()))[1].failed:
            results[name] = (0.0, Tally(0, [f"{name} was not run: the lab did not come up"]))
        else:
            run_stage(name, runner, results)
        after_each()


def run_all(names: Sequence[str], runner: Runner) -> Results:
    """Run stages, those without a lab beside the others; a lab-down is run at the end, also after a signal."""
    results: Results = {}
    here, aside = lanes.split(names)
    try:
        with signals_as_exceptions(), lanes.beside(aside, runner, results) as show_ended:
            run_stages([name for name in here if name != "lab-down"], runner, results, show_ended)
    except Interrupted as signal:
        print(f"\n{signal}: ending", flush=True)
        results["signal"] = (0.0, Tally(0, [f"ended by {signal}"]))
    finally:
        if "lab-down" in names:
            with signals_ignored():
                speak_or_be_silent()
                run_stage("lab-down", runner, results)
    return results


def report(results: Results) -> str:
    """Return the table of stages, the names of failed tests and, as last line, `N passed, M failed`."""
    total = sum((tally for _seconds, tally in results.values()), Tally())
    rows = [
        f"{name:<14}{seconds:>9.1f} s{tally.passed:>8} passed{len(tally.failed):>6} failed"
        for name, (seconds, tally) in results.items()
    ]
    failures = [f"FAILED {name}: {test}" for name, (_seconds, tally) in results.items() for test in tally.failed]
    return "\n".join(["", *rows, *failures, f"{total.passed} passed, {len(total.failed)} failed"])


def arguments() -> argparse.Namespace:
    """Read the command line: the stages to run, all when it names none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "stages", nargs="*", metavar="STAGE", help=f"of {', '.join(STAGES)}; default: all but benchmarks and vm-tier"
    )
    parser.add_argument(
        "--beside", type=Path, metavar="FILE", help="give way to other programs, and write the results to a file"
    )
    options = parser.parse_args()
    unknown = sorted(set(options.stages) - set(STAGES))
    if unknown:
        parser.error(f"there is no stage {', '.join(unknown)}")
    return options


def main() -> None:
    """Run the stages that the command line names, and tell what they came to."""
    options = arguments()
    runner = Runner(ROOT, link_collection(), lanes.NICENESS if options.beside else 0)
    results = run_all(options.stages or EVERYTHING, runner)
    if options.beside:
        lanes.write(options.beside, results)
    else:
        print(report(results), flush=True)
    raise SystemExit(any(tally.failed for _seconds, tally in results.values()))


if __name__ == "__main__":
    main()
