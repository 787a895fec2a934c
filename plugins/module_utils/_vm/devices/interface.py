# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network interfaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._errors import Refused
from ..._libs import etree
from ..._xml import Mac, Path, Text
from .device import Device, Wanted, is_marked, mark

# The options of which a card has exactly one.
_CONNECTIONS = ("network", "bridge")


class Connected(Text):
    """What an interface is connected to; writing it makes the interface one of that type."""

    def __init__(self, attribute: str, interface_type: str) -> None:
        super().__init__(f"source/@{attribute}")
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
    network = Connected("network", "network")
    bridge = Connected("bridge", "bridge")
    model = Text("model/@type", choices=("virtio", "e1000", "e1000e", "rtl8139"))
    # The last to be set, because a card is found by it.
    mac = Mac("mac/@address")

    @classmethod
    def one_wanted(cls, position: int, params: Mapping[str, Any]) -> Wanted:
        """Return one entry; Refused unless it says one thing that it is connected to."""
        if bool(params.get("network")) == bool(params.get("bridge")):
            raise Refused(f"Entry {position + 1} of nics must have a 'network' or a 'bridge', and not both.")
        return super().one_wanted(position, {**params, **{key: params.get(key) or None for key in _CONNECTIONS}})

    @classmethod
    def default_name(cls, position: int, params: Mapping[str, Any]) -> str:
        """Return the name of what the card is connected to: two cards on one network need names of their own."""
        return str(params.get("network") or params.get("bridge"))

    @classmethod
    def key(cls, node: Any) -> str:
        """Return the MAC address."""
        return (Path("mac/@address").get(node) or "").lower()

    @classmethod
    def marks(cls) -> tuple[Any, ...]:
        """Return the address; then, for cards that somebody else made, what they are connected to."""
        return (_same_mac, _same_network)

    @classmethod
    def new(cls, wanted: Wanted) -> Any:
        """Return the element of a new interface; libvirt chooses the address where none is given."""
        node = etree.Element(cls.tag)
        mark(node, wanted.name)
        cls.edit(node, {"model": "virtio", **wanted.fields})
        return node


def _same_mac(node: Any, device: Wanted) -> bool:
    return bool(device.fields.get("mac")) and Interface.key(node) == device.fields["mac"]


def _same_network(node: Any, device: Wanted) -> bool:
    connected = {key: device.fields[key] for key in _CONNECTIONS if key in device.fields}
    return not is_marked(node) and connected.items() <= Interface.read(node).items()
