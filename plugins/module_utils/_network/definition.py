# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The properties of a network that libvirt takes over only when it starts it, and their places in XML.

Source: https://libvirt.org/formatnetwork.html.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any

from .._errors import Refused
from .._field_kinds import Integer, Text
from .._fields import Element, Field
from .._libs import etree
from .._xml import without

MODES = ("nat", "route", "open", "isolated", "bridge")

# The longest name of a network interface in Linux (IFNAMSIZ less its final zero).
_LONGEST_INTERFACE = 15


class Mode(Field):
    """How guests reach the world. libvirt says "isolated" by leaving the element out."""

    def read(self, node: Any) -> Any:
        """Return the mode; libvirt's default is nat."""
        forward = node.find("forward")
        return "isolated" if forward is None else forward.get("mode", "nat")

    def write(self, node: Any, value: Any) -> None:
        """Set the mode, and drop what belongs to the mode before."""
        forward = node.find("forward")
        if forward is None:
            forward = etree.SubElement(node, "forward")
        for child in list(forward):
            if child.tag == "nat" or value not in _WITH_DEVICE:
                without(child)
        if value not in _WITH_DEVICE:
            forward.attrib.pop("dev", None)
        forward.set("mode", value)
        if value == "isolated":
            without(forward)
        if value == "bridge":
            _leave_to_host(node)


_WITH_DEVICE = ("nat", "route")


def _leave_to_host(network: Any) -> None:
    """Drop what libvirt sets up on bridges of its own, and refuses to be told about a bridge of the host."""
    for tag in ("dns", "mac"):
        for child in list(network.iterchildren(tag)):
            without(child)
    for bridge in network.iterchildren("bridge"):
        for name in ("stp", "delay", "zone"):
            bridge.attrib.pop(name, None)


class Interface(Text):
    """The name of a network interface of the host; "" means none."""

    def normal(self, value: Any) -> Any:
        """Refuse what Linux would not take."""
        text = super().normal(value) or ""
        if len(text) > _LONGEST_INTERFACE or "/" in text or " " in text:
            raise Refused(f"{self.name} '{text}' is no interface name; take at most {_LONGEST_INTERFACE} characters.")
        return text or None


class Device(Interface):
    """The interface that traffic leaves through; libvirt keeps it in an attribute and in an element."""

    def write(self, node: Any, value: Any) -> None:
        """Set both."""
        super().write(node, value)
        forward = node.find("forward")
        for child in [] if forward is None else list(forward.iterchildren("interface")):
            without(child)


class Domain(Text):
    """The DNS domain; "" means none."""

    def normal(self, value: Any) -> Any:
        """Return the domain, or None for none."""
        return super().normal(value) or None

    def write(self, node: Any, value: Any) -> None:
        """Write it; without a name, what else is said about the domain is senseless."""
        super().write(node, value)
        for place in list(node.iterchildren("domain")):
            if not place.get("name"):
                without(place)


class Mtu(Integer):
    """A size of packets, of which 0 means that none is set."""

    def normal(self, value: Any) -> Any:
        """Return the size, or None for none."""
        return super().normal(value) if int(value) else None


class Addresses(Field):
    """The host's own addresses in the network, with prefix; what else an address has (such as DHCP) stays with it."""

    def read(self, node: Any) -> Any:
        """Return them as "192.0.2.1/24", sorted; None where there is none."""
        return tuple(sorted(cidr for cidr, _place in addresses_in(node))) or None

    def write(self, node: Any, value: Any) -> None:
        """Make these the network's addresses; elements of addresses that stay are kept."""
        wanted = {cidr.split("/")[0]: cidr for cidr in value or ()}
        for cidr, place in list(addresses_in(node)):
            address = cidr.split("/")[0]
            if address not in wanted:
                without(place)
            elif wanted.pop(address) != cidr:
                _set_prefix(place, next(want for want in value if want.startswith(f"{address}/")))
        for cidr in value or ():
            if cidr.split("/")[0] in wanted:
                _set_prefix(etree.SubElement(node, "ip"), cidr)

    def show(self, value: Any) -> Any:
        """Return a list."""
        return None if value is None else list(value)


def addresses_in(network: Any) -> Iterator[tuple[str, Any]]:
    """Go through the host's addresses in a network, as "192.0.2.1/24", with their elements."""
    for place in network.iterchildren("ip"):
        address = place.get("address")
        if address:
            width = "128" if ":" in address else "32"
            interface = ipaddress.ip_interface(f"{address}/{place.get('prefix') or place.get('netmask') or width}")
            yield str(interface), place


def address_position(network: Any, cidr: str) -> int:
    """Return the position of an address among the network's, as virNetworkUpdate counts; -1 where it is not there."""
    return next((index for index, (name, _place) in enumerate(addresses_in(network)) if name == cidr), -1)


def _set_prefix(place: Any, cidr: str) -> None:
    address, prefix = cidr.split("/")
    place.attrib.pop("netmask", None)
    place.set("address", address)
    place.set("prefix", prefix)
    if ":" in address:
        place.set("family", "ipv6")


class Forwarders(Field):
    """The DNS servers that are asked for what the network does not know; those for one domain only are left alone."""

    def read(self, node: Any) -> Any:
        """Return their addresses, sorted; None where there is none."""
        return tuple(sorted(place.get("addr") for place in self._places(node))) or None

    def write(self, node: Any, value: Any) -> None:
        """Make these the forwarders."""
        for place in self._places(node):
            without(place)
        if value:
            dns = self.path.make(node)
            for position, address in enumerate(value):
                dns.insert(position, etree.Element("forwarder", addr=address))

    def normal(self, value: Any) -> Any:
        """Return the addresses sorted, each once."""
        return tuple(sorted({ip_text(self.name, text) for text in value})) or None

    def show(self, value: Any) -> Any:
        """Return a list."""
        return None if value is None else list(value)

    @staticmethod
    def _places(node: Any) -> Sequence[Any]:
        return [place for place in node.iterfind("dns/forwarder") if place.get("addr") and not place.get("domain")]


def ip_text(option: str, text: Any) -> str:
    """Return an IP address in its usual spelling; Refused, naming the option, where it is none."""
    try:
        return str(ipaddress.ip_address(str(text)))
    except ValueError as error:
        raise Refused(f"{option} '{text}' is not an IP address; write one such as 192.0.2.10.") from error


class Definition(Element):
    """What a network is, apart from what can be changed while it runs."""

    tag = "network"
    mode = Mode("forward/@mode", choices=MODES)
    bridge = Interface("bridge/@name")
    device = Device("forward/@dev")
    domain = Domain("domain/@name")
    mtu = Mtu("mtu/@size", least=68, most=65535)
    ip = Addresses("ip")
    forwarders = Forwarders("dns")
