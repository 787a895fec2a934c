# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test run came to: counted from JUnit files and from Molecule's report."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
MOLECULE_LINE = re.compile(r"^(?P<scenario>[\w-]+) \S+ (?P<action>\w+): Executed: (?P<result>.+)$")


@dataclass
class Tally:
    """Tests that passed, and the names of those that did not."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)

    def __add__(self, other: Tally) -> Tally:
        """Return both together."""
        return Tally(self.passed + other.passed, [*self.failed, *other.failed])

    def with_exit(self, code: int, what: str) -> Tally:
        """Return this, with one failure more when the program failed but no test says so, or when nothing was run."""
        if code and not self.failed:
            return Tally(self.passed, [f"{what} ended with status {code}"])
        if not self.passed and not self.failed:
            return Tally(0, [f"{what} ran no test"])
        return self


# Each stage's name -> its seconds and its tests.
Results = dict[str, tuple[float, Tally]]


def of_case(case: ET.Element) -> Tally:
    """Count one JUnit test case; a skipped one is a failed one, for what is not run is not known to work."""
    name = "::".join(filter(None, (case.get("classname"), case.get("name"))))
    if case.find("skipped") is not None:
        return Tally(0, [f"{name} (skipped)"])
    bad = case.find("failure") is not None or case.find("error") is not None
    return Tally(0, [name]) if bad else Tally(1)


def of_file(file: Path) -> Tally:
    """Count the test cases of one JUnit file; one that cannot be read counts as a failure."""
    try:
        cases = ET.parse(file).getroot().iter("testcase")
    except (OSError, ET.ParseError) as error:
        return Tally(0, [f"{file.name} cannot be read: {error}"])
    return sum(map(of_case, cases), Tally())


def of_junit(files: Iterable[Path]) -> Tally:
    """Count the test cases of JUnit files."""
    return sum(map(of_file, sorted(files)), Tally())


def of_molecule(output: str, scenarios: Iterable[str]) -> Tally:
    """Count scenario steps in the output of `molecule test --report`; a scenario without any step counts as a failure.

    Steps without a playbook, which Molecule calls missing, count as nothing.
    """
    matches = filter(None, (MOLECULE_LINE.match(line.strip()) for line in COLOURS.sub("", output).splitlines()))
    steps = {(match["scenario"], match["action"]): match["result"].lower() for match in matches}
    done = {step: result for step, result in steps.items() if not result.startswith("missing")}
    bad = [f"{': '.join(step)} ({result})" for step, result in done.items() if result != "successful"]
    absent = [f"{name}: not run" for name in scenarios if name not in {scenario for scenario, _action in done}]
    return Tally(len(done) - len(bad), bad + absent)
