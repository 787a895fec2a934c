# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices of the host that a VM is given for itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from ..._composite import Group
from ..._errors import Refused
from ..._field_kinds import Count, Matching, Switch, Text
from ..._fields import Edit
from ..._libs import etree
from ..._xml import without
from .device import Wanted, is_marked
from .rom import Rom
from .single import SingleDevice
from .traffic import Uuid

_SOURCES = ("pci", "usb", "usb_address", "mdev")

# Which type of libvirt's an option makes a device, and which options only such a device has.
_TYPES = {"pci": "pci", "usb": "usb", "usb_address": "usb", "mdev": "mdev"}
_ONLY = {
    "pci": ("managed", "rom"),
    "usb": ("startup_policy", "guest_reset"),
    "mdev": ("model", "display", "ramfb", "rom"),
}
_PCI = re.compile(r"(?:([0-9a-fA-F]{1,4}):)?([0-9a-fA-F]{1,2}):([01]?[0-9a-fA-F])\.([0-7])")
_PARTS = (("domain", 4), ("bus", 2), ("slot", 2), ("function", 1))


def _same_source(node: Any, device: Wanted) -> bool:
    there = HostDevice.read(node)
    named = {name: device.fields[name] for name in _SOURCES if device.fields.get(name)}
    return not (device.marked and is_marked(node)) and named.items() <= there.items()


def _source(node: Any) -> Any:
    """Return the element that says which device it is, made where it is missing."""
    found = node.find("source")
    return etree.SubElement(node, "source") if found is None else found


def _become(node: Any, kind: str) -> None:
    """Make a host device one of a type; one of another type has another place in the guest too."""
    if node.get("type") == kind:
        return
    node.attrib.clear()
    for name, value in (("mode", "subsystem"), ("type", kind)):
        node.set(name, value)
    for tag in ("source", "address", "rom", "driver"):
        for child in node.findall(tag):
            without(child)


def _int(text: str | None) -> int:
    return int(text or "0", 0)


class PciAddress(Matching):
    """The place of a PCI device of the host."""

    def read(self, node: Any) -> Any:
        """Return it as lspci prints it, or None where the device is of another type."""
        place = node.find("source/address")
        if node.get("type") != "pci" or place is None:
            return None
        try:
            domain, bus, slot, function = (_int(place.get(name)) for name, _width in _PARTS)
        except ValueError:
            return None
        return f"{domain:04x}:{bus:02x}:{slot:02x}.{function:x}"

    def write(self, node: Any, value: Any) -> None:
        """Write it in its parts."""
        _become(node, "pci")
        source = _source(node)
        for place in source.findall("address"):
            without(place)
        numbers = re.split("[:.]", value)
        parts = {name: f"0x{number}" for (name, _width), number in zip(_PARTS, numbers)}
        etree.SubElement(source, "address", parts)

    def normal(self, value: Any) -> Any:
        """Return it with its domain; refuse what is none."""
        found = _PCI.fullmatch(str(value))
        if not found:
            raise Refused(f"{self.name} '{str(value)[:60]}' is no PCI address; write it like {self.example}.")
        numbers = [int(number or "0", 16) for number in found.groups()]
        return "{:04x}:{:02x}:{:02x}.{:x}".format(*numbers)


class UsbId(Matching):
    """Vendor and product of a USB device of the host."""

    def read(self, node: Any) -> Any:
        """Return both, or None where the device is of another type."""
        vendor, product = node.find("source/vendor"), node.find("source/product")
        if node.get("type") != "usb" or vendor is None or product is None:
            return None
        try:
            return f"{_int(vendor.get('id')):04x}:{_int(product.get('id')):04x}"
        except ValueError:
            return None

    def write(self, node: Any, value: Any) -> None:
        """Write both."""
        _become(node, "usb")
        for tag, number in zip(("vendor", "product"), value.split(":")):
            place = _source(node).find(tag)
            place = etree.SubElement(_source(node), tag) if place is None else place
            place.set("id", f"0x{number}")

    def normal(self, value: Any) -> Any:
        """Return both in lower case."""
        text = super().normal(value)
        return text and text.lower()


class UsbAddress(Matching):
    """Bus and number of a USB device of the host."""

    def read(self, node: Any) -> Any:
        """Return both, or None where the device is of another type."""
        place = node.find("source/address")
        if node.get("type") != "usb" or place is None:
            return None
        try:
            return f"{_int(place.get('bus'))}/{_int(place.get('device'))}"
        except ValueError:
            return None

    def write(self, node: Any, value: Any) -> None:
        """Write both."""
        _become(node, "usb")
        for place in node.findall("source/address"):
            without(place)
        bus, device = value.split("/")
        etree.SubElement(_source(node), "address", {"bus": bus, "device": device})

    def normal(self, value: Any) -> Any:
        """Return both as numbers."""
        text = super().normal(value)
        return text and "/".join(str(int(number)) for number in text.split("/"))


class Mdev(Uuid):
    """A mediated device of the host."""

    def read(self, node: Any) -> Any:
        """Return its UUID, or None where the device is of another type."""
        return super().read(node) if node.get("type") == "mdev" else None

    def write(self, node: Any, value: Any) -> None:
        """Write it."""
        _become(node, "mdev")
        node.set("model", node.get("model", "vfio-pci"))
        super().write(node, value)


class HostDevice(SingleDevice):
    """Source: https://libvirt.org/formatdomain.html#host-device-assignment."""

    tag = "hostdev"
    option = "hostdevs"
    noun = "host device"
    doc = (
        "Devices of the host that the VM is given for itself, all of them, each named by its address or its kind.",
        "A running VM takes them over at once. Devices of other kinds, such as SCSI ones, are left alone.",
    )
    hotplug = True
    pci = PciAddress(
        "source/address", "Address of a PCI device, such as V(0000:01:00.0).", _PCI.pattern, "0000:01:00.0"
    )
    usb = UsbId(
        "source/vendor",
        "Vendor and product of a USB device, such as V('046d:c52b'), which is looked for at each start.",
        "[0-9a-fA-F]{4}:[0-9a-fA-F]{4}",
        "046d:c52b",
    )
    usb_address = UsbAddress(
        "source/address",
        "Bus and number of a USB device, such as V(1/4); beside O(hostdevs[].usb) it tells two that are alike.",
        r"\d{1,3}/\d{1,3}",
        "1/4",
    )
    mdev = Mdev("source/address/@uuid", "UUID of a mediated device, such as a part of a graphics card.")
    managed = Switch(
        "./@managed",
        "Whether libvirt takes the PCI device from the host's driver, and gives it back; V(true) for a new one.",
    )
    model = Text("./@model", "Kind of the mediated device.", choices=("vfio-pci", "vfio-ccw", "vfio-ap"))
    display = Switch("./@display", "Whether the mediated device is a display.", words=("on", "off"))
    ramfb = Switch("./@ramfb", "Whether that display is there before the guest has a driver.", words=("on", "off"))
    startup_policy = Text(
        "source/@startupPolicy",
        "What happens if the USB device is not there when the VM starts; V(default) is that it does not start.",
        choices=("default", "mandatory", "requisite", "optional"),
        unset="default",
    )
    guest_reset = Text(
        "source/@guestReset",
        "Which resets of the guest reach the USB device.",
        choices=("off", "uninitialized", "on"),
    )
    boot_order = Count("boot/@order", "Place among the devices that are tried to boot from; 0 is none.", untold=True)
    rom = Group("rom", Rom, "Boot ROM of a PCI or mediated device.")

    _defaults: ClassVar[Mapping[str, Any]] = {"managed": True}

    @classmethod
    def one_wanted(cls, position: int, params: Mapping[str, Any]) -> Wanted:
        """Return one entry; Refused where it does not say which device it is."""
        device = super().one_wanted(position, params)
        kinds = {_TYPES[name] for name in _SOURCES if device.fields.get(name)}
        if len(kinds) != 1:
            raise Refused(
                f"Entry {position + 1} of hostdevs must name one device of the host by 'pci', 'usb', 'usb_address' or "
                "'mdev'."
            )
        return device

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse what devices of the type do not have."""
        kind = next((_TYPES[name] for name in _SOURCES if values.get(name)), None)
        owners = [(name, [owner for owner, names in _ONLY.items() if name in names]) for name in values]
        foreign = next((name for name, kinds in owners if kind and kinds and kind not in kinds), None)
        if foreign:
            raise Refused(f"{foreign} is not for a device that is named by {kind}; leave it out.")

    @classmethod
    def label(cls, values: Mapping[str, Any]) -> str:
        """Return what says which device of the host it is."""
        return " ".join(values[name] for name in _SOURCES if values.get(name))

    @classmethod
    def marks(cls) -> tuple[Any, ...]:
        """Return which device of the host it is."""
        return (_same_source,)

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the devices that the option can name."""
        return [node for node in super().nodes(domain) if any(cls.fields[name].read(node) for name in _SOURCES)]

    @classmethod
    def facts(cls, node: Any) -> dict[str, Any]:
        """Return one in the words of the options, without what its type has no use for."""
        kind = node.get("type")
        foreign = {name for names in _ONLY.values() for name in names} - set(_ONLY[kind])
        return {name: value for name, value in super().facts(node).items() if name not in foreign}

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new one."""
        node = super().new(domain, device)
        if "managed" not in device.fields and node.get("type") == "pci":
            cls.edit(node, cls._defaults)
        return node

    @classmethod
    def change(cls, node: Any, device: Wanted) -> list[Edit]:
        """Bring one to what is wanted."""
        return cls.edit(node, device.fields)
