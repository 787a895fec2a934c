# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._composite import Order
from ..._field_kinds import Count
from ..._words import legible
from .device import Device
from .kinds import Kinds, Model


class Codecs(Order):
    """The codecs in their order; one can be there twice."""

    def normal(self, value: Any) -> Any:
        """Return the words; an empty list means none."""
        return [legible(self.name, word) for word in value] or None


class Sound(Kinds, Device):
    """Source: https://libvirt.org/formatdomain.html#sound-devices."""

    tag = "sound"
    option = "sounds"
    noun = "sound card"
    doc = "The sound cards, all of them. A running VM takes changes over at its next boot."
    keys = ("model",)
    defaults: ClassVar[Mapping[str, Any]] = {"model": "ich9"}
    kind = "model"
    only: ClassVar[Mapping[str, tuple[str, ...]]] = {"codecs": ("ich6", "ich9")}
    model = Model(
        "./@model",
        "What the guest sees; V(ich9) if left out for a new one.",
        choices=("ich9", "ich6", "ac97", "es1370", "sb16", "pcspk", "usb"),
    )
    codecs = Codecs(
        ".",
        "V(ich6), V(ich9) - what is connected to it; V(duplex) if left out.",
        tag="codec",
        key="type",
        choices=("duplex", "micro", "output"),
    )
    audio = Count("audio/@id", "The O(audios[].id) through which it is heard; V(0) for the first.")
