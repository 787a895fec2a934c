# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controllers: what disks, ports and cards are plugged into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._errors import Refused
from ..._field_kinds import Count, Integer, Text
from ..._fields import Edit
from ..._xml import without
from .device import Device, Wanted

_VIRTIO = ("virtio-transitional", "virtio-non-transitional")

# What libvirt knows of each type. Source: https://libvirt.org/formatdomain.html#controllers.
MODELS: Mapping[str, tuple[str, ...]] = {
    "scsi": (
        "virtio-scsi",
        *_VIRTIO,
        "auto",
        "buslogic",
        "lsilogic",
        "lsisas1068",
        "lsisas1078",
        "vmpvscsi",
        "ibmvscsi",
        "am53c974",
        "dc390",
        "ncr53c90",
    ),
    "usb": (
        "qemu-xhci",
        "nec-xhci",
        "piix3-uhci",
        "piix4-uhci",
        "ehci",
        "ich9-ehci1",
        "ich9-uhci1",
        "ich9-uhci2",
        "ich9-uhci3",
        "vt82c686b-uhci",
        "pci-ohci",
        "qusb1",
        "qusb2",
        "none",
    ),
    "pci": (
        "pci-root",
        "pcie-root",
        "pcie-root-port",
        "pcie-to-pci-bridge",
        "pci-bridge",
        "dmi-to-pci-bridge",
        "pcie-switch-upstream-port",
        "pcie-switch-downstream-port",
        "pci-expander-bus",
        "pcie-expander-bus",
    ),
    "virtio-serial": ("virtio", *_VIRTIO),
    "ide": ("piix3", "piix4", "ich6"),
    "sata": (),
    "fdc": (),
    "ccid": (),
    "isa": (),
    "xenbus": (),
}

# The most ports that controllers of a type can have.
_PORTS = {"usb": 15, "virtio-serial": 31}

# Options that only controllers of one type have.
_ONLY = {"queues": "scsi", "iothread": "scsi", "cmd_per_lun": "scsi", "max_sectors": "scsi", "vectors": "virtio-serial"}


class Controller(Device):
    """A controller. Source: https://libvirt.org/formatdomain.html#controllers."""

    tag = "controller"
    option = "controllers"
    noun = "controller"
    doc = (
        "Controllers that the VM needs in a certain shape. Each is told by its type and index.",
        "The list is not complete - libvirt adds controllers of its own, and those that are not listed stay.",
        "A disk on the bus V(scsi) brings a C(virtio-scsi) controller with it where the VM has none.",
    )
    nameable = False
    keys = ("type", "index")
    type = Text("./@type", "What it controls.", choices=tuple(MODELS), required=True)
    index = Integer("./@index", "Which one of its type; V(0) if left out.", most=65535)
    model = Text(
        "./@model",
        "What the guest sees; libvirt's choice if left out. Which there are depends on O(controllers[].type).",
        choices=tuple(dict.fromkeys(model for models in MODELS.values() for model in models)),
    )
    ports = Count(
        "./@ports",
        "How many ports it has, for V(usb) (up to 15) and V(virtio-serial) (up to 31); V(0) leaves it to libvirt.",
        most=max(_PORTS.values()),
    )
    vectors = Count("./@vectors", "How many interrupt vectors a V(virtio-serial) controller has; V(0) removes it.")
    queues = Count("driver/@queues", "How many queues a C(virtio-scsi) controller has; V(0) removes it.", most=1024)
    iothread = Count(
        "driver/@iothread",
        "Number of the I/O thread of the VM that serves a C(virtio-scsi) controller; V(0) removes it.",
    )
    cmd_per_lun = Count("driver/@cmd_per_lun", "How many commands a SCSI device can have waiting; V(0) removes it.")
    max_sectors = Count("driver/@max_sectors", "How many sectors one SCSI command can move; V(0) removes it.")

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the named values; a controller for which no index is said is the first of its type."""
        index = wanted.get("index")
        return super().normal({**wanted, "index": 0 if index is None else index})

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse what controllers of the type do not have."""
        kind = values.get("type", "")
        models = MODELS.get(kind, ())
        if values.get("model") and values["model"] not in models:
            raise Refused(f"{kind} has no model {values['model']}; choose {', '.join(models) or 'none'}.")
        for name, owner in _ONLY.items():
            if values.get(name) and kind != owner:
                raise Refused(f"{name} is for {owner} controllers, not for {kind}; leave it out.")
        if values.get("ports") and values["ports"] > _PORTS.get(kind, 0):
            raise Refused(f"{kind} cannot have {values['ports']} ports; choose up to {_PORTS.get(kind, 0)}.")

    @classmethod
    def facts(cls, node: Any) -> dict[str, Any]:
        """Return a controller in the words of the option; no more than its type and index where they have not all."""
        facts = super().facts(node)
        try:
            cls.check(facts)
        except Refused:
            return {key: facts[key] for key in cls.keys}
        return facts

    @classmethod
    def device_facts(cls, domain: Any) -> Any:
        """Return the controllers of the types that the option knows."""
        return [facts for facts in super().device_facts(domain) if facts.keys() >= set(cls.keys)]

    @classmethod
    def worth_telling(cls, domain: Any) -> Any:
        """Return them without the ports and bridges of the PCI bus, which libvirt adds as they are needed."""
        return [facts for facts in cls.device_facts(domain) if facts["type"] != "pci"] or None

    @classmethod
    def hotpluggable(cls, node: Any) -> bool:
        """Return whether it is the one type that QEMU takes while it runs."""
        return node.get("type") == "scsi"

    @classmethod
    def unwanted(cls, _nodes: Sequence[Any], _known: Mapping[str, Any], _wanted: Sequence[Wanted]) -> list[Any]:
        """Return none: libvirt adds controllers that nobody lists."""
        return []

    @classmethod
    def change(cls, node: Any, device: Wanted) -> list[Edit]:
        """Bring one controller to what is wanted; another model has another address, and no companions."""
        edits = super().change(node, device)
        if any(edit.field == "model" for edit in edits):
            for left in [node.find("address"), *_companions(node)]:
                if left is not None:
                    without(left)
        return edits


def _companions(node: Any) -> list[Any]:
    """Return the slower USB controllers that share ports with one: they have its index."""
    index = node.get("index")
    alike = node.itersiblings("controller") if node.get("type") == "usb" else ()
    return [other for other in alike if other.get("index") == index and other.find("master") is not None]


def scsi_controller(domain: Any) -> Any | None:
    """Return the first SCSI controller of a domain tree, or None."""
    return domain.find("devices/controller[@type='scsi']")
