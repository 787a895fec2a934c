# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The watchdog: what happens to a VM whose guest no longer resets its timer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._fields import Text
from .device import Device


class Watchdog(Device):
    """A watchdog card. Source: https://libvirt.org/formatdomain.html#watchdog-devices."""

    tag = "watchdog"
    option = "watchdog"
    noun = "watchdog"
    doc = "A watchdog card that the guest arms; the host acts when the guest does not reset it in time."
    many = False
    defaults: ClassVar[Mapping[str, Any]] = {"model": "i6300esb", "action": "reset"}
    model = Text(
        "./@model",
        "What the guest sees; V(i6300esb) if left out. V(itco) is part of every q35 machine, V(ib700) is ISA.",
        choices=("i6300esb", "ib700", "diag288", "itco"),
    )
    action = Text(
        "./@action",
        "What is done to the VM; V(reset) if left out.",
        choices=("reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi"),
    )

    @classmethod
    def hotpluggable(cls, node: Any) -> bool:
        """Return whether the model is a PCI card."""
        return node.get("model") == "i6300esb"
