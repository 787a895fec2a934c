# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks that start empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from ..._errors import Refused
from ..._plan import Change
from ..._storage.changes import CreateVolume
from ..._storage.preallocation import PREALLOCATIONS, WHOLE, check_preallocation
from ..devices.device import Wanted
from .way import BREATH, NewDisk, NewVolume, Order


class Empty(NewVolume):
    """A new volume with nothing in it."""

    words = "starts empty"
    documentation: ClassVar[Mapping[str, Any]] = {
        "preallocation": {
            "description": [
                "How much of a new empty volume is taken from the pool at once; it counts when the disk is made.",
                "V(none) - nothing, so that the disk grows as the guest writes.",
                "V(metadata) - only what tells where data will be; for V(qcow2).",
                "V(falloc) - all of it, without writing it.",
                "V(full) - all of it, written with zeros; for V(raw).",
            ],
            "type": "str",
            "choices": list(PREALLOCATIONS),
        },
    }
    once: ClassVar[Mapping[str, Any]] = {"preallocation": "none"}

    def kind(self, wanted: Wanted) -> str:
        """Return the format that is said."""
        return str(wanted.extra.get("format", "qcow2"))

    def check(self, wanted: Wanted) -> None:
        """Refuse a preallocation that the format does not have."""
        encrypted = bool(wanted.fields.get("encryption"))
        check_preallocation(f"Disk {wanted.name}", preallocation(wanted), self.kind(wanted), encrypted)

    def making(self, order: Order, name: str) -> tuple[Change, int]:
        """Return how it is made; Refused where nobody says how large."""
        size, kind, how = order.wanted.extra.get("size"), self.kind(order.wanted), preallocation(order.wanted)
        if size is None:
            raise Refused(f"{order.disk} needs a 'size', or the 'volume' it is on.")
        change = CreateVolume(order.pool, name, size, kind, preallocation=how, secret=order.secret)
        return change, size if how in WHOLE else BREATH


class Blank(Empty):
    """An empty disk for what is installed on it: as large as is said, else as large as the system wants, in bytes."""

    def __init__(self, size: int) -> None:
        self.size = size

    def made(self, order: Order) -> NewDisk:
        """Return the disk on its volume."""
        wanted = replace(order.wanted, extra={"size": self.size, **order.wanted.extra})
        return super().made(replace(order, wanted=wanted))


def preallocation(wanted: Wanted) -> str:
    """Return how much of a disk's volume is to be taken from its pool at once, in the words of the option."""
    return str(wanted.extra.get("preallocation", "none"))
