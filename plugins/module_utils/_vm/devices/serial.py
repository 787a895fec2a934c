# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serial ports and consoles. libvirt shows the first serial port as a console too: that is no console of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ..._errors import Refused
from ..._field_kinds import Integer, Text
from ..._fields import Edit
from ..._xml import Path, without
from .chardev import Source
from .device import Device, Wanted
from .kinds import IoBase, forget, has_pci_slots, has_usb, has_virtio_serial

_TARGET = Path("target/@type")
_ISA = ("isa-serial", "isa-debug")


class Target(Text):
    """What the guest sees; another one has another address, and another chip."""

    def write(self, node: Any, value: Any) -> None:
        """Write it."""
        before = self.read(node)
        super().write(node, value)
        if before is not None and before != value:
            forget(node, "address")
            forget(node.find("target"), "model")


class Port(Integer):
    """The number of a port: its place among the others, where libvirt has not yet said it."""

    def read(self, node: Any) -> Any:
        """Return the number; None of a port that is in no VM."""
        number, domain = super().read(node), node.getparent()
        return list(domain.iterchildren(node.tag)).index(node) if number is None and domain is not None else number


class Serial(Source, Device):
    """Source: https://libvirt.org/formatdomain.html#serial-port."""

    tag = "serial"
    option = "serials"
    noun = "serial port"
    doc = (
        "The serial ports, all of them - one that is not listed is taken away.",
        "A new VM for which nothing is said has one, C(virsh console) shows it.",
        "One without a name is recognised by its port, and that by its place in the list.",
    )
    usual = True
    keys = ("port",)
    defaults: ClassVar[Mapping[str, Any]] = {"type": "pty"}
    port = Port("target/@port", "Its number - V(0) is COM1 or C(ttyS0).", most=63)
    target_type = Target(
        "target/@type",
        "What the guest sees; what the machine has if left out, V(isa-serial) on PCs. A running VM can be given "
        "V(usb-serial), and V(pci-serial) if it has a conventional PCI slot.",
        choices=(
            "isa-serial",
            "usb-serial",
            "pci-serial",
            "spapr-vio-serial",
            "system-serial",
            "sclp-serial",
            "isa-debug",
        ),
    )
    target_model = Text(
        "target/model/@name",
        "Which chip it is; the usual one of O(serials[].target_type) if left out.",
        choices=(
            "isa-serial",
            "usb-serial",
            "pci-serial",
            "spapr-vty",
            "pl011",
            "16550a",
            "sclpconsole",
            "sclplmconsole",
            "isa-debugcon",
        ),
    )
    iobase = IoBase("I/O port of an ISA port, such as V(0x402).", "0x402")

    @classmethod
    def one_wanted(cls, position: int, params: Mapping[str, Any]) -> Wanted:
        """Return one entry; one of which neither name nor port is said has the port of its place."""
        if not params.get("name") and params.get("port") is None:
            params = {**params, "port": position}
        return super().one_wanted(position, params)

    @classmethod
    def wanted(cls, params: Any) -> tuple[Wanted, ...]:
        """Return what the option wants; Refused where two have one port."""
        devices = super().wanted(params)
        ports = [device.fields["port"] for device in devices if "port" in device.fields]
        twice = next((port for port in ports if ports.count(port) > 1), None)
        if twice is not None:
            raise Refused(f"serials has two entries of port {twice}; give each a port of its own.")
        return devices

    @classmethod
    def agree(cls, node: Any, named: Mapping[str, Any]) -> None:
        """Refuse an I/O port of what has none."""
        super().agree(node, named)
        if "iobase" in named and (_TARGET.get(node) or "isa-serial") not in _ISA:
            raise Refused(f"iobase means nothing for a {_TARGET.get(node)}; leave it out.")

    @classmethod
    def converge(cls, domain: Any, wanted: Sequence[Wanted]) -> list[Edit]:
        """Bring the ports to what is wanted. The console that shows the first goes where any changes.

        libvirt makes it anew; and it would make a port of it where no port is left.
        """
        edits = super().converge(domain, wanted)
        for node in list(domain.iterfind("devices/console")) if edits else ():
            if _is_mirror(node):
                without(node)
        return edits

    @classmethod
    def hotpluggable(cls, node: Any) -> bool:
        """Return whether its bus is one on which devices come and go."""
        return _TARGET.get(node) in ("usb-serial", "pci-serial")

    @classmethod
    def attachable(cls, live: Any, node: Any) -> bool:
        """Return whether the running VM has a bus for it."""
        room = has_usb if _TARGET.get(node) == "usb-serial" else has_pci_slots
        return cls.hotpluggable(node) and room(live)


def _is_mirror(console: Any) -> bool:
    return (_TARGET.get(console) or "serial") == "serial"


class Console(Source, Device):
    """Source: https://libvirt.org/formatdomain.html#console."""

    tag = "console"
    option = "consoles"
    noun = "console"
    doc = (
        "The consoles beside the serial ports, all of them, such as the guest's C(hvc0).",
        "A console that libvirt shows for a serial port is none of them.",
    )
    keys = ("target_type",)
    defaults: ClassVar[Mapping[str, Any]] = {"type": "pty", "target_type": "virtio"}
    target_type = Text(
        "target/@type",
        "What the guest sees; V(virtio) if left out, which a running VM can be given if it has a controller for it.",
        choices=("virtio", "sclp", "sclplm"),
    )

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the consoles that do not stand for a serial port."""
        return [node for node in super().nodes(domain) if not _is_mirror(node)]

    @classmethod
    def hotpluggable(cls, node: Any) -> bool:
        """Return whether it is one of virtio."""
        return _TARGET.get(node) == "virtio"

    @classmethod
    def attachable(cls, live: Any, node: Any) -> bool:
        """Return whether the running VM has a controller for it."""
        return cls.hotpluggable(node) and has_virtio_serial(live)
