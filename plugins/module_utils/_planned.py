# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier tasks of a run in check mode would have made.

Nothing was made, so a later task would refuse what stands on it. Told what was planned, it plans as the real run will.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from ._values import dataclass

_NAME = {"type": "str", "required": True}

_KINDS: dict[str, dict[str, Any]] = {
    "networks": {"type": "list", "elements": "str"},
    "pools": {
        "type": "list",
        "elements": "dict",
        "options": {"name": _NAME, "target": {"type": "str"}},
    },
    "templates": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": _NAME,
            "version": _NAME,
            "pool": _NAME,
            "capacity": {"type": "int"},
            "defaults": {"type": "dict", "options": {"vcpus": {"type": "int"}, "memory": {"type": "str"}}},
        },
    },
}


def planned_option(*kinds: str) -> dict[str, Any]:
    """Return the option by which a task is told of what is planned of these kinds: networks, pools, templates."""
    return {"planned": {"type": "dict", "options": {kind: _KINDS[kind] for kind in kinds}}}


@dataclass(frozen=True)
class Planned:
    """Objects that are not there yet, and count as if they were. A pool's target is None where it is not known."""

    networks: frozenset[str] = frozenset()
    pools: Mapping[str, str | None] = field(default_factory=dict)
    templates: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def from_params(cls, params: Mapping[str, Any], check_mode: bool) -> Planned:
        """Return what a task was told; nothing outside check mode, where earlier tasks have done what they planned."""
        told = (params.get("planned") or {}) if check_mode else {}
        return cls(
            networks=frozenset(told.get("networks") or ()),
            pools={pool["name"]: pool.get("target") for pool in told.get("pools") or ()},
            templates=tuple(told.get("templates") or ()),
        )
