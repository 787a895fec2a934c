# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""USB redirection: USB devices of somebody else, plugged into the VM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._field_kinds import Count, Text
from .chardev import Source
from .device import Device
from .kinds import has_usb


class Redirdev(Source, Device):
    """Source: https://libvirt.org/formatdomain.html#redirected-devices."""

    tag = "redirdev"
    option = "redirdevs"
    noun = "USB redirection"
    doc = (
        "USB redirections, all of them - each lets whoever is connected plug one USB device of theirs into the VM.",
        "They can be plugged into and out of a running VM that has USB.",
    )
    hotplug = True
    keys = ("type",)
    defaults: ClassVar[Mapping[str, Any]] = {"bus": "usb", "type": "spicevmc"}
    bus = Text("./@bus", "V(usb) if left out; there is no other.", choices=("usb",))
    boot_order = Count(
        "boot/@order", "Place in the order in which the VM tries to boot from its devices; V(0) for none.", untold=True
    )

    @classmethod
    def attachable(cls, live: Any, _node: Any) -> bool:
        """Return whether the running VM has USB."""
        return has_usb(live)
