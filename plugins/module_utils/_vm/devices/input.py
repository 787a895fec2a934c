# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyboards, mice and tablets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from ..._composite import Group
from ..._field_kinds import Switch, Text
from ..._xml import Path
from .device import Device, Wanted, is_marked
from .kinds import VIRTIO_MODELS, Kinds, Model, VirtioDriver, fits, forget, has_usb

# What new ones are attached to where nothing is said. libvirt attaches mice and keyboards of PCs to PS/2.
_BUSES = {"tablet": "usb", "passthrough": "virtio"}


class Type(Text):
    """What it is; another forgets what the one before was told."""

    def write(self, node: Any, value: Any) -> None:
        """Write the type."""
        if self.read(node) not in (None, value):
            forget(node, "source", "address")
        if value == "evdev":
            node.attrib.pop("bus", None)
        super().write(node, value)


class Event(Text):
    """The host's device, which XML has in one of two places."""

    _EVDEV = Path("source/@dev")

    def read(self, node: Any) -> Any:
        """Return its path."""
        return (self._EVDEV.get(node) or None) if node.get("type") == "evdev" else super().read(node)

    def write(self, node: Any, value: Any) -> None:
        """Write its path; libvirt does without one, QEMU does not."""
        if node.get("type") != "evdev":
            super().write(node, value)
        elif value is None:
            self._EVDEV.clear(node)
        else:
            self._EVDEV.set(node, value)


class Input(Kinds, Device):
    """Source: https://libvirt.org/formatdomain.html#input-devices."""

    tag = "input"
    option = "inputs"
    noun = "input device"
    doc = (
        "Keyboards, mice and tablets, all of them; a V(tablet) keeps the pointers of guest and viewer together.",
        "The PS/2 keyboard and mouse that every PC has stay, and need not be listed.",
        "A running VM can be given those of V(usb) and V(virtio), and they can be taken from it.",
    )
    keys = ("type", "bus")
    only: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "bus": ("tablet", "mouse", "keyboard", "passthrough"),
        "model": ("tablet", "mouse", "keyboard", "passthrough"),
        "device": ("passthrough", "evdev"),
        "grab": ("evdev",),
        "grab_toggle": ("evdev",),
        "repeat": ("evdev",),
    }
    type = Type(
        "./@type",
        "What it is; V(passthrough) and V(evdev) are devices of the host.",
        choices=("tablet", "mouse", "keyboard", "passthrough", "evdev"),
        required=True,
    )
    bus = Model(
        "./@bus",
        "What it is attached to; V(usb) for a new tablet if left out, V(ps2) for others.",
        choices=("usb", "ps2", "virtio", "xen"),
    )
    model = Model("./@model", "V(virtio) - which generation; V(virtio) if left out.", choices=VIRTIO_MODELS)
    device = Event("source/@evdev", "V(passthrough), V(evdev) - path in the host, such as V(/dev/input/event1).")
    grab = Text("source/@grab", "V(evdev) - whether all devices of the host are taken with it.", choices=("all",))
    grab_toggle = Text(
        "source/@grabToggle",
        "V(evdev) - keys by which the host gets it back.",
        choices=("ctrl-ctrl", "alt-alt", "shift-shift", "meta-meta", "scrolllock", "ctrl-scrolllock"),
    )
    repeat = Switch("source/@repeat", "V(evdev) - whether keys that are held repeat.", words=("on", "off"))
    virtio = Group("driver", VirtioDriver, "V(virtio) - how it works as a virtio device.")

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new device, with its bus where libvirt would guess the same."""
        bus = _BUSES.get(device.fields["type"])
        fields = {**({"bus": bus} if bus else {}), **device.fields}
        return super().new(domain, replace(device, fields=fields))

    @classmethod
    def implied(cls, node: Any) -> bool:
        """Return whether it is one of those that every PC has."""
        return node.get("bus") in ("ps2", "xen") and node.get("type") in ("mouse", "keyboard")

    @classmethod
    def device_facts(cls, domain: Any) -> Any:
        """Return the devices without those that every PC has."""
        own = (node for node in cls.nodes(domain) if is_marked(node) or not cls.implied(node))
        return [cls.fact_of(node) for node in own]

    @classmethod
    def hotpluggable(cls, node: Any) -> bool:
        """Return whether its bus is one on which devices come and go."""
        return node.get("bus") in ("usb", "virtio")

    @classmethod
    def attachable(cls, live: Any, node: Any) -> bool:
        """Return whether the running VM has a bus for it."""
        room = has_usb(live) if node.get("bus") == "usb" else fits(live, node.get("model", ""))
        return cls.hotpluggable(node) and room
