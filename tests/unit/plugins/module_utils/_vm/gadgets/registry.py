# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of small devices, collected: one line a file, which is called like that of the device itself."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import Edited, Live, Made, Unfit
from tests.unit.plugins.module_utils._vm.rows import collected

FILES = (
    "graphics",
    "video",
    "input",
    "sound",
    "audio",
    "serial",
    "channel",
    "rng",
    "balloon",
    "tpm",
    "watchdog",
    "panic",
    "iommu",
    "redirdev",
    "smartcard",
)
MADE: list[Made] = collected(__package__, FILES, "MADE")
EDITED: list[Edited] = collected(__package__, FILES, "EDITED")
REFUSED: list[Unfit] = collected(__package__, FILES, "REFUSED")
LIVE: list[Live] = collected(__package__, FILES, "LIVE")
