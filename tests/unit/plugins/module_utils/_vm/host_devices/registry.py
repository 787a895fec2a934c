# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of what a VM is given of its host, collected: one line a file, which is called like that of the device."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.host_devices.parts import Edited, Live, New, Other, Unfit
from tests.unit.plugins.module_utils._vm.rows import collected

FILES = (
    "filesystem",
    "vsock",
    "hostdev",
    "shmem",
    "memory_module",
    "lease",
)
NEW: list[New] = collected(__package__, FILES, "NEW")
EDITED: list[Edited] = collected(__package__, FILES, "EDITED")
OTHERS: list[Other] = collected(__package__, FILES, "OTHERS")
REFUSED: list[Unfit] = collected(__package__, FILES, "REFUSED")
LIVE: list[Live] = collected(__package__, FILES, "LIVE")
# The options that these tables are about.
OPTIONS = list(dict.fromkeys(option for option, _params, _xml in NEW))
