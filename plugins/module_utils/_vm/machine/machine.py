# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VM is apart from its devices: one line for each group of properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._fields import Edit
from .backing import Memory
from .boot import Boot
from .clock import Clock
from .compute import Compute
from .cpu import Cpu
from .events import Events
from .features import Features
from .hardware import Hardware
from .identity import Identity
from .tuning import Tuning


class Machine(Events, Clock, Features, Boot, Tuning, Memory, Cpu, Compute, Identity, Hardware):
    """All properties of a VM that are not devices; those of the last base come first."""

    @classmethod
    def edit(cls, node: Any, wanted: Mapping[str, Any]) -> list[Edit]:
        """Bring the named properties of a domain to their normal values; Refused where they do not go with the rest."""
        edits = super().edit(node, wanted)
        if edits:
            cls.agree(node, wanted)
        return edits
