# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The register of ways to make a disk: one line a way. What is said of a disk chooses the first that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._errors import Refused
from ..devices.device import Wanted
from .clone import Clone
from .empty import Blank, Empty
from .existing import AtPath, InPool, OnServer
from .way import Way

if TYPE_CHECKING:
    from ..._template.library import Template

WAYS: tuple[Way, ...] = (
    OnServer(),
    AtPath(),
    InPool(),
)
EMPTY = Empty()

# Sub-options that several ways take.
_SHARED: Mapping[str, Any] = {
    "size": {
        "description": [
            "Size, such as V(20GiB); a plain number counts GiB.",
            "Disks grow, also while the VM runs; they are never shrunk.",
            "A root disk from a template has the size of the template's image if this is left out.",
        ],
        "type": "str",
    },
    "pool": {"description": "Pool of the volume; the VM's O(pool) if left out.", "type": "str"},
    "format": {
        "description": "Format of the volume, V(qcow2) for a new one and V(raw) on a server if left out.",
        "type": "str",
        "choices": ["qcow2", "raw"],
    },
}

_OWN = [way.documentation for way in (*WAYS, EMPTY)]
DOCUMENTATION: Mapping[str, Any] = {**_SHARED, **{key: said for own in _OWN for key, said in own.items()}}

# What counts only when a disk is made, with the value that asks for nothing.
ONCE: Mapping[str, Any] = {key: nothing for way in (*WAYS, EMPTY) for key, nothing in way.once.items()}


def way_of(wanted: Wanted, template: Template | None = None, linked: bool = True) -> Way:
    """Return how a disk is made: as it is said, else from the template that there is for it, else empty."""
    said = {*wanted.extra, *wanted.fields}
    return next((way for way in WAYS if way.option in said), _otherwise(template, linked))


def _otherwise(template: Template | None, linked: bool) -> Way:
    if template is None:
        return EMPTY
    return Blank(template.capacity) if template.iso else Clone(template, linked)


def check_way(wanted: Wanted) -> None:
    """Refuse a disk of which more is said than goes with the way it is made, or what makes no sense in that way."""
    way, said = way_of(wanted), wanted.extra
    fitting = {*way.documentation, *way.shared}
    odd = [key for key, value in said.items() if key not in fitting and value != ONCE.get(key)]
    if odd:
        instead = f", or the {way.option}" if way.option else ""
        raise Refused(
            f"Disk {wanted.name} {way.words.format(said.get(way.option))}; leave out its {' and '.join(odd)}{instead}."
        )
    way.check(wanted)
