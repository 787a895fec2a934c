# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The watchdog: what happens to a VM whose guest no longer resets its timer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._field_kinds import Text
from .device import Device
from .kinds import Model, has_pci_slots


class Watchdog(Device):
    """A watchdog card. Source: https://libvirt.org/formatdomain.html#watchdog-devices."""

    tag = "watchdog"
    option = "watchdog"
    noun = "watchdog"
    doc = (
        "A watchdog card that the guest arms; the host acts when the guest does not reset it in time.",
        "A running VM can be given a V(i6300esb) if it has a slot for conventional PCI cards, and can be rid of one.",
        "Other changes it takes over at its next boot. The iTCO watchdog that is part of q35 machines does not count.",
    )
    many = False
    defaults: ClassVar[Mapping[str, Any]] = {"model": "i6300esb", "action": "reset"}
    model = Model(
        "./@model",
        "What the guest sees; V(i6300esb), a PCI card, if left out for a new one. V(ib700) is an ISA card, V(diag288) "
        "is for s390.",
        choices=("i6300esb", "ib700", "diag288"),
    )
    action = Text(
        "./@action",
        "What is done to the VM; V(reset) if left out for a new one. V(shutdown) asks the guest, which hardly answers; "
        "V(dump) writes its memory to a file of the host and goes on; V(inject-nmi) makes its kernel panic, if that is "
        "how it is set.",
        choices=("reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi"),
    )

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the card, without the one that is part of the machine."""
        return [node for node in super().nodes(domain) if node.get("model") != "itco"]

    @classmethod
    def hotpluggable(cls, node: Any) -> bool:
        """Return whether the model is a PCI card."""
        return node.get("model") == "i6300esb"

    @classmethod
    def attachable(cls, live: Any, node: Any) -> bool:
        """Return whether the running VM has a slot for it."""
        return cls.hotpluggable(node) and has_pci_slots(live)
