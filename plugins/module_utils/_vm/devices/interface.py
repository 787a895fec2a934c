# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network interfaces."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from ..._errors import Refused
from ..._fields import Mac, Switch, Text
from ..._xml import Path
from ..live import UPDATE
from .device import Device, Wanted, is_marked, name_of

# The options of which a card has at most one.
_CONNECTIONS = ("network", "bridge")


class Connected(Text):
    """What an interface is connected to; writing it makes the interface one of that type."""

    def __init__(self, attribute: str, interface_type: str, doc: str) -> None:
        super().__init__(f"source/@{attribute}", doc, live=UPDATE)
        self.interface_type = interface_type

    def read(self, node: Any) -> Any:
        """Return the name of the network or bridge, or None where the interface is of another type."""
        return super().read(node) if node.get("type") == self.interface_type else None

    def write(self, node: Any, value: Any) -> None:
        """Connect the interface, and drop what said where it was connected before."""
        source = node.find("source")
        if source is not None:
            source.attrib.clear()
        node.set("type", self.interface_type)
        super().write(node, value)


class Interface(Device):
    """A network card of a VM."""

    tag = "interface"
    option = "nics"
    noun = "NIC"
    doc = (
        "The network cards, all of them - one that is not listed is detached.",
        "A new VM for which nothing is said gets one on the network V(default).",
    )
    name_doc = "What the card is recognised by on the next run; the name of its network or bridge if left out."
    defaults: ClassVar[Mapping[str, Any]] = {"model": "virtio"}
    network = Connected(
        "network", "network", "libvirt network it is connected to; a new card needs this or O(nics[].bridge)."
    )
    bridge = Connected("bridge", "bridge", "Bridge of the host it is connected to.")
    model = Text(
        "model/@type",
        "What the guest sees; V(virtio) if left out.",
        choices=("virtio", "e1000", "e1000e", "rtl8139"),
    )
    link = Switch("link/@state", "Whether the cable is plugged in.", words=("up", "down"), live=UPDATE)
    # The last to be set, because a card is found by it.
    mac = Mac("mac/@address", "Its MAC address; one is chosen if left out.")

    @classmethod
    def one_wanted(cls, position: int, params: Mapping[str, Any]) -> Wanted:
        """Return one entry; Refused where it says two things that it is connected to."""
        said = {key: params.get(key) or None for key in _CONNECTIONS}
        if len([value for value in said.values() if value]) > 1:
            raise Refused(f"Entry {position + 1} of nics must have a 'network' or a 'bridge', and not both.")
        return super().one_wanted(position, {**params, **said})

    @classmethod
    def named(cls, position: int, name: str | None, device: Wanted) -> Wanted:
        """Return the entry under its own name, else that of what it is connected to, else its address."""
        otherwise = next((device.fields[key] for key in (*_CONNECTIONS, "mac") if device.fields.get(key)), None)
        if not (name or otherwise):
            raise Refused(
                f"Entry {position + 1} of nics must have a 'network' or a 'bridge', or a name or MAC address."
            )
        return replace(device, name=str(name or otherwise), marked=True)

    @classmethod
    def hotpluggable(cls, _node: Any) -> bool:
        """Return that cards come and go."""
        return True

    @classmethod
    def marks(cls) -> tuple[Any, ...]:
        """Return the address; then, for cards that somebody else made, what they are connected to."""
        return (_same_mac, _same_network)

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new interface; Refused where it is connected to nothing.

        Its address follows from the VM's UUID and the card's name, so that configuration and running VM agree.
        """
        if not any(device.fields.get(key) for key in _CONNECTIONS):
            raise Refused(f"NIC {device.name} must have a 'network' or a 'bridge' that it is connected to.")
        fields = {"mac": mac_for(domain.findtext("uuid") or "", device.name), **device.fields}
        return super().new(domain, replace(device, fields=fields))

    @classmethod
    def describe(cls, node: Any) -> str:
        """Return what a card is connected to and what it is."""
        values = cls.read(node)
        return ", ".join(f"{key} {values[key]}" for key in (*_CONNECTIONS, "model", "mac") if key in values)

    @classmethod
    def name_at(cls, node: Any) -> str:
        """Return the name of the alias, else what the card is connected to, else its address."""
        values = cls.read(node)
        return name_of(node, next((values[key] for key in _CONNECTIONS if values.get(key)), _name_by_mac(node)))

    @classmethod
    def device_facts(cls, domain: Any) -> Any:
        """Return the cards in the words of the option, each by a name of its own."""
        nodes = cls.nodes(domain)
        names = [cls.name_at(node) for node in nodes]
        clear = [name if names.count(name) == 1 else _name_by_mac(node) for name, node in zip(names, nodes)]
        return [{"name": name, **cls.facts(node)} for name, node in zip(clear, nodes)]


def mac_for(uuid: str, name: str) -> str:
    """Return an address from QEMU's range for a card of a VM: always the same for the same card."""
    digest = hashlib.sha256(f"{uuid}/{name}".encode()).hexdigest()
    return ":".join(("52:54:00", digest[:2], digest[2:4], digest[4:6]))


def mac_of(node: Any) -> str:
    """Return the address of a card, or ""."""
    return (Path("mac/@address").get(node) or "").lower()


def _name_by_mac(node: Any) -> str:
    return mac_of(node).replace(":", "-") or "nic"


def _same_mac(node: Any, device: Wanted) -> bool:
    return bool(device.fields.get("mac")) and mac_of(node) == device.fields["mac"]


def _same_network(node: Any, device: Wanted) -> bool:
    connected = {key: device.fields[key] for key in _CONNECTIONS if key in device.fields}
    return bool(connected) and not is_marked(node) and connected.items() <= Interface.read(node).items()
