# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Panic devices: how a guest tells that its kernel has died."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .device import Device
from .kinds import IoBase, Kinds, Model


class Panic(Kinds, Device):
    """Source: https://libvirt.org/formatdomain.html#panic-device."""

    tag = "panic"
    option = "panics"
    noun = "panic device"
    doc = (
        "How the guest tells that its kernel has died, all of it. The VM's settings say what is done then.",
        "A running VM takes changes over at its next boot.",
    )
    keys = ("model",)
    defaults: ClassVar[Mapping[str, Any]] = {"model": "isa"}
    kind = "model"
    only: ClassVar[Mapping[str, tuple[str, ...]]] = {"iobase": ("isa",)}
    model = Model(
        "./@model",
        "V(isa) - a device (pvpanic), which is what a new one is if left out; V(hyperv) - as Windows tells it.",
        choices=("isa", "hyperv", "pseries", "s390"),
    )
    iobase = IoBase("V(isa) - its I/O port; V(0x505) if left out.", "0x505")

    @classmethod
    def implied(cls, node: Any) -> bool:
        """Return whether it is the one that machines of this kind always have."""
        return node.get("model") in ("pseries", "s390")
