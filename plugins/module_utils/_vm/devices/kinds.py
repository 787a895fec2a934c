# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several kinds of device have in common: options that only some types of them have, models and their addresses,
truths of which XML only says the one, and what a running VM has room for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ..._errors import Refused
from ..._field_kinds import Matching, Switch, Text
from ..._fields import Edit, Element
from ..._libs import etree
from ..._xml import without
from .device import Device, Wanted

# Controllers with slots into which a running VM can be given a conventional PCI card.
# Source: virPCIConnectFlags of libvirt; the slots of a dmi-to-pci-bridge are not among them.
_PCI_SLOTS = ("pci-root", "pci-bridge", "pcie-to-pci-bridge")

VIRTIO_MODELS = ("virtio", "virtio-transitional", "virtio-non-transitional")


class Kinds(Element):
    """An element of several types, each with options of its own.

    `only` says which types a field has a meaning for; a field that is not in it has one for all. What has none libvirt
    would drop, and every run write again: it is refused where it is wanted, and no fact where it is found.
    """

    kind: ClassVar[str] = "type"
    only: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    @classmethod
    def has(cls, node: Any, name: str) -> bool:
        """Return whether a field has a meaning for what an element is."""
        return name not in cls.only or cls.fields[cls.kind].read(node) in cls.only[name]

    @classmethod
    def read(cls, node: Any) -> dict[str, Any]:
        """Return what the element says in fields that have a meaning for it."""
        return {name: value for name, value in super().read(node).items() if cls.has(node, name)}

    @classmethod
    def edit(cls, node: Any, wanted: Mapping[str, Any]) -> list[Edit]:
        """Bring the named fields to their values; Refused where the element, as it is then, does not go with one."""
        edits = super().edit(node, wanted)
        named = {name: value for name, value in wanted.items() if value is not None}
        cls.agree(node, named)
        return edits

    @classmethod
    def agree(cls, node: Any, named: Mapping[str, Any]) -> None:
        """Refuse named values, none of them None, that do not go with the element as it is now."""
        for name in named:
            if not cls.has(node, name):
                kind = cls.fields[cls.kind].read(node)
                raise Refused(f"{name} means nothing for {cls.tag} of {cls.kind} {kind or 'unknown'}; leave it out.")


class Deniable(Device):
    """A device that libvirt adds itself, unless it is told that there is none: by an element of the model none."""

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the devices, without the element that says that there is none."""
        return [node for node in super().nodes(domain) if not cls._denies(node)]

    @classmethod
    def converge(cls, domain: Any, wanted: Sequence[Wanted]) -> list[Edit]:
        """Bring the devices to what is wanted; where the last one goes, say that there is none."""
        edits = super().converge(domain, wanted)
        if cls.nodes(domain):
            for node in filter(cls._denies, super().nodes(domain)):
                without(node)
        elif edits:
            domain.find("devices").append(cls._denial())
        return edits

    @classmethod
    def _denies(cls, node: Any) -> bool:
        return bool(cls.fields["model"].read(node) == "none")

    @classmethod
    def _denial(cls) -> Any:
        node = etree.Element(cls.tag)
        cls.fields["model"].path.set(node, "none")
        return node


class Flag(Switch):
    """A truth for which XML has a word, and for its opposite none."""

    def normal(self, value: Any) -> Any:
        """Return true, or None."""
        return True if value else None

    def parse(self, text: str, node: Any) -> Any:
        """Return true, or None."""
        return super().parse(text, node) or None

    def show(self, value: Any) -> Any:
        """Return whether."""
        return bool(value)


class Model(Text):
    """What the guest sees. Another model may belong on another bus, so the address of the one before is forgotten."""

    def write(self, node: Any, value: Any) -> None:
        """Write the model."""
        before = self.read(node)
        super().write(node, value)
        if before is not None and before != value:
            forget(node, "address")


class IoBase(Matching):
    """An I/O port of an ISA device, as libvirt writes it: 0x505."""

    def __init__(self, doc: str, example: str) -> None:
        super().__init__("address[@type='isa']/@iobase", doc, "0x[0-9A-Fa-f]{1,4}", example)

    def parse(self, text: str, _node: Any) -> Any:
        """Return the port; ValueError where it is no number."""
        return f"0x{int(text, 16):x}"

    def normal(self, value: Any) -> Any:
        """Return the port; Refused where it is no number."""
        text = super().normal(value)
        return text and self.parse(text, None)

    def write(self, node: Any, value: Any) -> None:
        """Write it; None leaves the address to libvirt."""
        forget(node, "address")
        if value is not None:
            super().write(node, value)


class VirtioDriver(Element):
    """What every virtio device can be told. Source: https://libvirt.org/formatdomain.html#virtio-related-options."""

    iommu = Switch("./@iommu", "Whether it works through the IOMMU of the VM.", words=("on", "off"))
    ats = Switch("./@ats", "Whether it translates addresses itself (ATS).", words=("on", "off"))
    packed = Switch("./@packed", "Whether it uses packed queues.", words=("on", "off"))
    page_per_vq = Switch("./@page_per_vq", "Whether each queue is notified on a page of its own.", words=("on", "off"))


def forget(node: Any, *tags: str) -> None:
    """Remove the children of these tags."""
    for child in [child for child in node if child.tag in tags]:
        without(child)


def has_pci_slots(live: Any) -> bool:
    """Return whether a running VM can be given a conventional PCI card: a q35 machine has no such slots by itself."""
    return any(node.get("model") in _PCI_SLOTS for node in live.iterfind("devices/controller[@type='pci']"))


def has_usb(live: Any) -> bool:
    """Return whether a running VM has a USB bus."""
    return any(node.get("model") != "none" for node in live.iterfind("devices/controller[@type='usb']"))


def has_virtio_serial(live: Any) -> bool:
    """Return whether a running VM has a controller for virtio consoles and channels; libvirt adds none to it."""
    return live.find("devices/controller[@type='virtio-serial']") is not None


def fits(live: Any, model: str) -> bool:
    """Return whether a running VM can be given a virtio card: only transitional ones need a conventional slot."""
    return model != "virtio-transitional" or has_pci_slots(live)
