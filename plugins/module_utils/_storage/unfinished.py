# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies that are known to be unfinished until they are finished.

A copy that is cut off looks like a whole volume: right name, right capacity. So a small volume beside it says that
it is not, and goes when the copy is complete. It is a volume like any other, so it works in every pool.
"""

from __future__ import annotations

from typing import Any

from .._errors import Refused
from .._hypervisor import Hypervisor
from .._plan import Change
from .._units import MIB
from .._values import dataclass
from .changes import delete_volume, volume_xml
from .pool_volumes import nothing_yet
from .state import find_volume, volume_state

_MARK_BYTES = 512
# Pools of block devices make nothing smaller than an extent. What is larger than any, somebody else has put there.
_LARGEST_MARK = 32 * MIB
_SUFFIX = ".unfinished"


def mark_of(name: str) -> str:
    """Return the name of the volume that says that the volume of that name is unfinished."""
    return f"{name}{_SUFFIX}"


def check_no_mark(name: str) -> None:
    """Refuse a name that would say of another volume that it is unfinished."""
    if name.endswith(_SUFFIX):
        raise Refused(f"Volume name '{name}' ends in {_SUFFIX}, which marks half-made volumes; choose another.")


def is_unfinished(host: Hypervisor, pool: str, name: str) -> bool:
    """Return whether the making of a volume was cut off, or goes on elsewhere."""
    mark = host.volume(host.require_active_pool(pool), mark_of(name))
    # The state of a volume is read from its file: a mark that another host has taken away is no mark.
    state = volume_state(pool, mark) if mark is not None else None
    return state is not None and state.capacity <= _LARGEST_MARK


@dataclass(frozen=True)
class Guarded(Change):
    """A change that makes a volume, and leaves a mark if it is cut off."""

    change: Change
    pool: str
    name: str

    @property
    def summary(self) -> str:
        """Return the guarded change's summary."""
        return self.change.summary

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the guarded change's difference."""
        return self.change.difference

    def carry_out(self, host: Hypervisor) -> None:
        """Set the mark, carry the change out, and take the mark away."""
        mark = mark_of(self.name)
        if find_volume(host, self.pool, mark) is None:
            xml = volume_xml(mark, _MARK_BYTES, "raw", allocation=nothing_yet(host, self.pool))
            host.require_active_pool(self.pool).createXML(xml, 0)
        self.change.carry_out(host)
        delete_volume(host, self.pool, mark)
