# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How test results are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.run_tests import report
from tools.testing.sanity import without_the_impossible
from tools.testing.tally import Tally, of_junit, of_molecule

JUNIT = """<testsuites><testsuite>
<testcase classname="a" name="good"/>
<testcase classname="a" name="bad"><failure message="no"/></testcase>
<testcase classname="a" name="broken"><error message="no"/></testcase>
<testcase name="left"><skipped message="no"/></testcase>
</testsuite></testsuites>"""

MOLECULE = """
INFO     [default > create] Executed: Successful
DETAILS
default \x1b[0m➜ create: \x1b[32mExecuted: Successful\x1b[0m
default ➜ prepare: Executed: Missing (Remove from test_sequence to suppress)
vm_fleet ➜ converge: Executed: Successful
vm_fleet ➜ idempotence: Executed: Failed
"""


def test_junit_counts_failures_errors_and_skips_as_failed(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(JUNIT)
    assert of_junit(tmp_path.glob("*.xml")) == Tally(1, ["a::bad", "a::broken", "left (skipped)"])


def test_a_junit_file_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<testsuites>")
    tally = of_junit([tmp_path / "a.xml"])
    assert tally.passed == 0
    assert tally.failed[0].startswith("a.xml cannot be read: ")


def test_molecule_counts_steps_and_misses_scenarios() -> None:
    tally = of_molecule(MOLECULE, ["default", "site", "vm_fleet"])
    assert tally == Tally(2, ["vm_fleet: idempotence (failed)", "site: not run"])


@pytest.mark.parametrize(
    ("tally", "code", "failed"),
    [
        (Tally(3), 0, []),
        (Tally(3), 2, ["it ended with status 2"]),
        (Tally(3, ["x"]), 1, ["x"]),
        (Tally(), 0, ["it ran no test"]),
        (Tally(), 5, ["it ended with status 5"]),
    ],
)
def test_an_exit_status_without_a_failed_test_is_a_failure(tally: Tally, code: int, failed: list[str]) -> None:
    assert tally.with_exit(code, "it") == Tally(tally.passed, failed)


def test_report_ends_with_the_sum() -> None:
    lines = report({"lint": (1.25, Tally(2)), "unit": (60.0, Tally(3, ["a::bad"]))}).splitlines()
    assert lines[-2:] == ["FAILED unit: a::bad", "5 passed, 1 failed"]


def test_a_missing_python_is_no_failure_of_sanity_but_a_skipped_check_is() -> None:
    missing = ["sanity::import-python-3.14 (skipped)", "sanity::pslint-python-3.13 (skipped)"]
    real = ["sanity::import-python-3.9", "sanity::validate-modules-python-3.13 (skipped)"]
    assert without_the_impossible(Tally(7, [*missing, *real])) == Tally(7, real)
