# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tables of a machine's properties are made of: the kinds of their rows."""

from __future__ import annotations

from typing import Any

# What is wanted of a VM that nothing was said of, and what is then written.
New = tuple[dict[str, Any], str]
# What is there, what is wanted, what the plan says, what is then there.
Changed = tuple[dict[str, Any], dict[str, Any], list[str], str]
# What is wanted, and what is said.
Unfit = tuple[dict[str, Any], str]
# What is there, an option, and what is told of it.
Fact = tuple[dict[str, Any], str, Any]
