# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmarks stand on: the fixtures of the lab's tests, and a table that is printed at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.benchmarks.support import Table
from tests.integration.support.fixtures import lab, lab_module, ready

__all__ = ["lab", "lab_module", "ready", "table"]


@pytest.fixture(scope="session")
def table() -> Iterator[Table]:
    """Rows of what was measured, printed when all benchmarks are done."""
    rows = Table()
    yield rows
    print(rows)
