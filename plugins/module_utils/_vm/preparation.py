# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done before, and after, a configuration is written."""

from __future__ import annotations

from dataclasses import dataclass, field

from .._plan import Change
from .wish import Wish


@dataclass
class Preparation:
    """What has to be there before a configuration can be written: volumes, and the notes that make a run that is cut
    off heal.
    """

    wish: Wish
    changes: list[Change] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    # Where these volumes will be.
    paths: list[str] = field(default_factory=list)
    # What is deleted once nothing is attached to it any more.
    later: list[Change] = field(default_factory=list)
    # What a running VM learns at its next boot only, although its configuration stays as it is.
    reasons: list[str] = field(default_factory=list)

    def make(self, place: str, path: str, change: Change) -> None:
        """Plan a new volume."""
        self.places.append(place)
        self.paths.append(path)
        self.changes.append(change)
