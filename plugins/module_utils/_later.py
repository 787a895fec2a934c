# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms of the house that are entered only when something in them is asked for.

Ansible sends a module as source, and the host compiles all that is imported, at every call: most calls need few of the
rooms. What is imported for the type checker alone Ansible sends too, so a room that is entered later is named twice:

    if TYPE_CHECKING:
        from . import creation
    else:
        (creation,) = later(__package__, ".creation")
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Room:
    """Stands for a module until something of it is asked for."""

    def __init__(self, name: str, package: str | None) -> None:
        self._where = name, package

    def __getattr__(self, attribute: str) -> Any:
        # What is found stays, so that it is looked for once.
        found = getattr(import_module(*self._where), attribute)
        setattr(self, attribute, found)
        return found


def later(package: str | None, *names: str) -> tuple[Room, ...]:
    """Return modules by their names, as an import in that package says them, each imported when it is first used."""
    return tuple(Room(name, package) for name in names)
