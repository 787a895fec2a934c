# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs that were cut off have left: volumes on their lists, which go unless somebody else has taken them."""

from __future__ import annotations

from collections.abc import Sequence

from .._errors import Refused
from .._plan import Change, Plan
from .._storage.changes import DeleteVolume
from .._storage.state import VolumeState
from .changes import Undefine
from .spec import NOTE_SUFFIX
from .state import VmState
from .surroundings import Surroundings


def ownerless(vm: str, places: Sequence[str], around: Surroundings, plan: Plan) -> list[str]:
    """Return those volumes of a list of a VM ("pool/name") that may go; `plan` warns of those that others use by now.

    A list can be old: whoever found the volumes may have attached them to another VM.
    """
    free = []
    for place in places:
        users = _others(vm, place, around)
        if users:
            plan.warnings.append(f"kept volume {place} of an interrupted run: it is used by {', '.join(users)}.")
        else:
            free.append(place)
    return free


def plan_leftovers(vm: str, note: VmState, around: Surroundings, plan: Plan) -> list[str]:
    """Put into `plan` how a removal that was cut off is finished, and return the volumes that go with it."""
    going = ownerless(vm, note.record.get("unfinished", ()), around, plan)
    plan.changes += [*map(DeleteVolume.at, going), forget_note(note.name)]
    return going


def forget_note(name: str) -> Change:
    """Return the last step of a removal."""
    return Undefine(name, "forget the note of what was to be deleted")


def _others(vm: str, place: str, around: Surroundings) -> list[str]:
    volume = noted_volume(place, around)
    return [user for user in around.users(volume.path) if user not in (vm, vm + NOTE_SUFFIX)] if volume else []


def noted_volume(place: str, around: Surroundings) -> VolumeState | None:
    """Return the volume "pool/name" of a list; None where it is not there, or cannot be seen."""
    pool, _slash, name = place.partition("/")
    try:
        return around.volume(pool, name)
    except Refused:
        # Its pool is gone or off: nothing can be deleted there, and the change that tries says so.
        return None
