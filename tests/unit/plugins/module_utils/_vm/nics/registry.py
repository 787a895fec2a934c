# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of network cards, collected: one line a file."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.nics.parts import Edited, Live, New, Unfit
from tests.unit.plugins.module_utils._vm.rows import collected

FILES = (
    "connection",
    "traffic",
    "adapter",
    "addresses",
)
NEW: list[New] = collected(__package__, FILES, "NEW")
EDITED: list[Edited] = collected(__package__, FILES, "EDITED")
REFUSED: list[Unfit] = collected(__package__, FILES, "REFUSED")
LIVE: list[Live] = collected(__package__, FILES, "LIVE")
