# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An option declared once, in the form of documentation with its sub-options under `options`; what is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def argument(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an option as an argument spec has it."""
    spec = {key: value for key, value in entry.items() if key != "description"}
    if "options" in spec:
        spec["options"] = {name: argument(inner) for name, inner in spec["options"].items()}
    return spec


def documented(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an option as documentation shows it, in which no_log has no place."""
    shown = {key: value for key, value in entry.items() if key not in ("options", "no_log")}
    if "options" in entry:
        shown["suboptions"] = {name: documented(inner) for name, inner in entry["options"].items()}
    return shown
