# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of a machine's properties, collected: one line a file, which is called like that of the section itself."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.machine.parts import Changed, Fact, New, Unfit
from tests.unit.plugins.module_utils._vm.rows import collected

FILES = (
    "hardware",
    "identity",
    "compute",
    "cpu",
    "backing",
    "tuning",
    "boot",
    "features",
    "clock",
    "events",
)
NEW: list[New] = collected(__package__, FILES, "NEW")
CHANGED: list[Changed] = collected(__package__, FILES, "CHANGED")
REFUSED: list[Unfit] = collected(__package__, FILES, "REFUSED")
FACTS: list[Fact] = collected(__package__, FILES, "FACTS")
