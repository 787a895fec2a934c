# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab of the tests' own, beside any that runs: these tests cut power and kill the lab's program."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab_lifecycle.second_lab import SecondLab


@pytest.fixture(scope="session")
def second_lab() -> Iterator[SecondLab]:
    """The program, aimed at the second lab, which is taken down before and after."""
    lab = SecondLab()
    lab.run("down")
    yield lab
    lab.run("down")


@pytest.fixture
def up(second_lab: SecondLab) -> SecondLab:
    """The second lab with three hosts that are all well."""
    second_lab.run("up", "-n", "3")
    return second_lab
