# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tables of what a VM is given of its host are made of: the kinds of their rows, and what goes into a VM."""

from __future__ import annotations

from typing import Any

# An option, its only entry, and the device that is made of it.
New = tuple[str, dict[str, Any], str]
# An option, the device before, what is wanted, the summaries, and the device after.
Edited = tuple[str, str, dict[str, Any], list[str], str]
# An option, and a device that it cannot name: an empty list leaves it where it is.
Other = tuple[str, str]
# An option, what is wanted of it, and what is said.
Unfit = tuple[str, Any, str]
# What a running VM has, what is wanted, and the plan.
Live = tuple[str, dict[str, Any], list[str]]

SHARED = "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>"
ROOM = (
    "<maxMemory slots='4' unit='KiB'>16777216</maxMemory>"
    "<cpu><numa><cell id='0' cpus='0-3' memory='1048576' unit='KiB'/></numa></cpu>"
)
ALIAS = "<alias name='ua-d'/>"
