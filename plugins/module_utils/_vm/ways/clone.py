# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks that are made from a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._errors import Refused
from ..._plan import Change
from ..._storage.changes import CloneVolume, CreateVolume
from ..._storage.state import Backing
from ..._units import format_size
from .empty import preallocation
from .way import BREATH, NewVolume, Order

if TYPE_CHECKING:
    from ..._template.library import Template


class Clone(NewVolume):
    """A clone of a template's image: linked to it, or a copy."""

    def __init__(self, template: Template, linked: bool) -> None:
        self.template = template
        self.linked = linked

    def making(self, order: Order, name: str) -> tuple[Change, int]:
        """Return how the image is cloned; Refused where it does not fit in, or only an empty volume would do."""
        if preallocation(order.wanted) != "none":
            raise Refused(
                f"{order.disk} is made from template {self.template.label}, and only empty volumes are preallocated; "
                "leave out its preallocation."
            )
        if order.wanted.extra.get("format", "qcow2") != "qcow2":
            raise Refused(f"{order.disk} is made from template {self.template.label} as qcow2; leave out its format.")
        size = self._capacity(order)
        if self.linked:
            backing = Backing(self.template.path, self.template.format)
            return CreateVolume(order.pool, name, size, backing=backing, secret=order.secret), BREATH
        place = (order.pool, name, self.template.pool, self.template.image, size)
        return CloneVolume(*place, secret=order.secret), self.template.size

    def _capacity(self, order: Order) -> int:
        least = self.template.capacity
        size = int(order.wanted.extra.get("size", least))
        if size < least:
            raise Refused(
                f"{order.disk} of {format_size(size)} is smaller than its template {self.template.label} "
                f"({format_size(least)}); make it that large or larger."
            )
        return size
