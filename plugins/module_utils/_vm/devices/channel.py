# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Channels: lines between programs of the guest and of the host, the guest agent's first of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from ..._errors import Refused
from ..._field_kinds import Count, Text
from ..._xml import Path
from .chardev import Source
from .device import Device, Wanted
from .kinds import has_virtio_serial

AGENT = "org.qemu.guest_agent.0"
_NAME = Path("target/@name")
_TARGET = Path("target/@type")
# Under which names the programs of guests look for them.
_NAMES = {"spicevmc": "com.redhat.spice.0", "qemu-vdagent": "com.redhat.spice.0"}


class _Channel(Device):
    """What all channels have in common: those of virtio can be plugged where there is a controller for them."""

    tag = "channel"

    @classmethod
    def hotpluggable(cls, node: Any) -> bool:
        """Return whether it is one that comes and goes."""
        return _TARGET.get(node) in ("virtio", "guestfwd")

    @classmethod
    def attachable(cls, live: Any, node: Any) -> bool:
        """Return whether the running VM has a controller for it."""
        return cls.hotpluggable(node) and (_TARGET.get(node) == "guestfwd" or has_virtio_serial(live))


class Channel(Source, _Channel):
    """Source: https://libvirt.org/formatdomain.html#channel."""

    option = "channels"
    noun = "channel"
    doc = (
        "The channels, all of them but that of the guest agent, which is O(guest_agent).",
        "They can be plugged into and out of a running VM that has a controller for them.",
    )
    keys = ("type", "target_name")
    defaults: ClassVar[Mapping[str, Any]] = {"type": "unix", "target_type": "virtio"}
    target_type = Text(
        "target/@type",
        "V(virtio) if left out; V(guestfwd) - an address in the guest's network, if that is one of user mode.",
        choices=("virtio", "guestfwd", "xen"),
    )
    target_name = Text(
        "target/@name",
        "Its name in the guest, such as V(org.example.0); C(/dev/virtio-ports) lists it. V(com.redhat.spice.0) if left "
        "out for a new one of V(spicevmc) or V(qemu-vdagent).",
    )
    address = Text("target/@address", "V(guestfwd) - the IP address.")
    port = Count("target/@port", "V(guestfwd) - the TCP port.", most=65535)

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse the guest agent's channel."""
        if values.get("target_name") == AGENT:
            raise Refused(f"{AGENT} is the channel of the guest agent; say guest_agent instead.")
        super().check(values)

    @classmethod
    def agree(cls, node: Any, named: Mapping[str, Any]) -> None:
        """Refuse what means nothing for the target."""
        super().agree(node, named)
        target = _TARGET.get(node)
        for name in named.keys() & ({"target_name"} if target == "guestfwd" else {"address", "port"}):
            raise Refused(f"{name} means nothing for a channel whose target_type is {target}; leave it out.")

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the channels without that of the guest agent."""
        return [node for node in super().nodes(domain) if _NAME.get(node) != AGENT]

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new channel, under the name by which guests know it."""
        usual = _NAMES.get(device.fields.get("type", ""))
        fields = {**({"target_name": usual} if usual else {}), **device.fields}
        return super().new(domain, replace(device, fields=fields))


class GuestAgent(_Channel):
    """The channel of qemu-guest-agent. Source: https://libvirt.org/formatdomain.html#channel."""

    option = "guest_agent"
    noun = "guest agent channel"
    doc = (
        "The channel of the guest agent. A new VM for which nothing is said has it.",
        "It can be plugged into and out of a running VM that has a controller for it.",
    )
    many = False
    usual = True
    # libvirt chooses the socket.
    fixed: ClassVar[Mapping[str, str]] = {"./@type": "unix", "target/@type": "virtio", "target/@name": AGENT}

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the agent's channel; the first, should there be two."""
        return [node for node in super().nodes(domain) if _NAME.get(node) == AGENT][:1]
