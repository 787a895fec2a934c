# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module tells of a VM, held beside what was wanted of it."""

from __future__ import annotations

from typing import Any


def told(facts: Any, wanted: Any) -> Any:
    """Return of facts what was wanted; what a VM has none of is not told, and is here the empty list."""
    if isinstance(wanted, dict):
        return {key: told((facts or {}).get(key), value) for key, value in wanted.items()}
    if isinstance(wanted, list):
        return [told(fact, entry) for fact, entry in zip(facts, wanted)] if wanted and facts else facts or []
    return facts
