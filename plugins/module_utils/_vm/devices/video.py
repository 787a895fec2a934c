# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Video cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from ..._composite import Group
from ..._field_kinds import Bytes, Count, Integer, Switch, Text
from ..._fields import Element
from ..._units import KIB, MIB
from .device import Wanted
from .kinds import Deniable, Flag, Kinds, VirtioDriver, forget


class Card(Text):
    """What the guest sees; another card has memory, an address and a driver of its own."""

    def write(self, node: Any, value: Any) -> None:
        """Write the model."""
        before = self.read(node)
        if before is not None and before != value:
            model = node.find("model")
            for attribute in set(model.keys()) - {"primary"}:
                del model.attrib[attribute]
            forget(model, "acceleration", "resolution")
            forget(node, "driver", "address")
        super().write(node, value)


class Power(Bytes):
    """An amount of memory in KiB, which libvirt rounds up to a power of two."""

    def __init__(self, path: str, doc: str) -> None:
        super().__init__(path, doc, plain_unit=MIB, unit=KIB)

    def parse(self, text: str, node: Any) -> Any:
        """Return bytes."""
        return _power_of_two(super().parse(text, node))

    def normal(self, value: Any) -> Any:
        """Return bytes."""
        return _power_of_two(super().normal(value))


def _power_of_two(size: int) -> int:
    return 1 << (size - 1).bit_length() if size else 0


class Resolution(Element):
    """Source: https://libvirt.org/formatdomain.html#video-devices."""

    x = Count("./@x", "Width in pixels; 0 together with the height removes it.")
    y = Count("./@y", "Height in pixels.")


class Video(Kinds, Deniable):
    """Source: https://libvirt.org/formatdomain.html#video-devices."""

    tag = "video"
    option = "videos"
    noun = "video card"
    doc = (
        "The video cards, all of them; an empty list is none. A new VM for which nothing is said has a V(vga).",
        "A running VM takes changes over at its next boot.",
    )
    usual = True
    keys = ("model",)
    defaults: ClassVar[Mapping[str, Any]] = {"model": "virtio"}
    kind = "model"
    only: ClassVar[Mapping[str, tuple[str, ...]]] = {"ram": ("qxl",), "vram64": ("qxl",), "vgamem": ("qxl",)}
    model = Card(
        "model/@type",
        "What the guest sees; V(virtio) if left out for a new one. Of several, only V(qxl) and V(virtio) can be others "
        "than the first.",
        choices=("vga", "cirrus", "vmvga", "xen", "vbox", "virtio", "gop", "bochs", "ramfb", "qxl"),
    )
    driver = Text("driver/@name", "Whether QEMU draws, or a process beside it.", choices=("qemu", "vhostuser"))
    vram = Power(
        "model/@vram",
        "Memory, such as V(16MiB); a plain number counts MiB. It is rounded up to a power of two; what the model "
        "usually has if left out.",
    )
    ram = Power("model/@ram", "V(qxl) - its first memory, of which O(videos[].vgamem) is a part.")
    vram64 = Power("model/@vram64", "V(qxl) - memory beyond 4GiB of the guest's addresses.")
    vgamem = Power("model/@vgamem", "V(qxl) - memory for the picture.")
    heads = Integer("model/@heads", "How many screens it has; V(1) if left out.", least=1, most=16)
    primary = Flag("model/@primary", "Whether it is the first; the first of the list is if none is.")
    accel2d = Switch("model/acceleration/@accel2d", "Whether it draws with the host's GPU.")
    accel3d = Switch("model/acceleration/@accel3d", "V(virtio) - whether OpenGL is done by the host's GPU.")
    render_node = Text("model/acceleration/@rendernode", "V(vhostuser) - which GPU, such as V(/dev/dri/renderD128).")
    resolution = Group("model/resolution", Resolution, "Size of the screen when the VM starts.")
    virtio = Group("driver", VirtioDriver, "V(virtio) - how it works as a virtio device.")

    @classmethod
    def wanted(cls, params: Any) -> tuple[Wanted, ...]:
        """Return what the option wants; which is primary is only said where one is: libvirt takes the first."""
        devices = super().wanted(params)
        chosen = any(device.fields.get("primary") for device in devices)
        return tuple(replace(device, fields=_primary(device.fields, chosen)) for device in devices)


def _primary(fields: Mapping[str, Any], chosen: bool) -> dict[str, Any]:
    others = {name: value for name, value in fields.items() if name != "primary"}
    return {**others, "primary": fields.get("primary")} if chosen else others
