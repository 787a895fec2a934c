# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network interfaces."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from ..._composite import Group
from ..._errors import Refused
from ..._field_kinds import Count, Mac, Matching, Switch, Text
from ..._fields import Edit, Element
from ..._xml import without
from ..static_addresses import STATIC_ADDRESSES, static_addresses
from .card_live import ANY, BRIDGED, SWITCHED, bridged, mac_of
from .device import NAME, Device, Wanted, alias, is_marked, name_of
from .kinds import has_pci_slots
from .rom import Rom
from .traffic import Filter, GuestOffloads, HostOffloads, Inbound, Rate, VirtualPort, Vlan

# Models that go into a PCI Express port, of which new VMs keep some free; virtio is what new cards are.
_PCI_EXPRESS = ("virtio", "virtio-non-transitional", "e1000e", "igb", "vmxnet3")

# The options of which a card has at most one.
_CONNECTIONS = ("network", "bridge", "direct")

# What libvirt hands to QEMU, and QEMU knows, on some machine. Source: qemu-system-x86_64 -device help.
_MODELS = (
    "virtio",
    "virtio-transitional",
    "virtio-non-transitional",
    "e1000",
    "e1000-82544gc",
    "e1000-82545em",
    "e1000e",
    "igb",
    "rtl8139",
    "vmxnet3",
    "pcnet",
    "ne2k_pci",
    "tulip",
    "usb-net",
    *("i82550", "i82551", "i82557a", "i82557b", "i82557c", "i82558a", "i82558b", "i82559a", "i82559b", "i82559c"),
    *("i82559er", "i82562", "i82801"),
    "spapr-vlan",
    "lan9118",
    "smc91c111",
)
_VIRTIO = ("virtio", "virtio-transitional", "virtio-non-transitional")

# Options that libvirt keeps for virtio cards only.
_VIRTIO_ONLY = ("driver", "queues", "rx_queue_size", "tx_queue_size", "host_offloads", "guest_offloads")

# What goes together with where a card is connected.
_OF_CONNECTION = ("portgroup", "vlan", "virtualport", "filter", "bandwidth", "isolated")


def _reconnect(node: Any, kind: str) -> None:
    """Make a card one of a type, and drop what said where it was connected before."""
    source = node.find("source")
    if source is not None:
        source.attrib.clear()
        for child in list(source):
            without(child)
    node.set("type", kind)


class Connected(Text):
    """What an interface is connected to; writing it makes the interface one of that type.

    A running card that its network has put on a bridge or a device tells both, and is still a card of the network.
    """

    def __init__(self, kind: str, doc: str) -> None:
        super().__init__(f"source/@{kind}", doc, live=BRIDGED)
        self.connects = kind

    def read(self, node: Any) -> Any:
        """Return the name of the network or bridge, or None where the interface is of another type."""
        return super().read(node) if _kind(node) == self.connects else None

    def write(self, node: Any, value: Any) -> None:
        """Connect the interface."""
        _reconnect(node, self.connects)
        super().write(node, value)


def _kind(node: Any) -> str:
    """Return what a card is connected to: network, bridge, direct, or another type of libvirt's."""
    source = node.find("source")
    return "network" if source is not None and source.get("network") else str(node.get("type"))


class Direct(Element):
    """Source: https://libvirt.org/formatdomain.html#direct-attachment-to-physical-interface."""

    device = Text("./@dev", "Network device of the host.", required=True)
    mode = Text(
        "./@mode",
        (
            "How the cards on one device see each other - V(bridge) directly, V(vepa) over a switch that sends traffic "
            "back, V(private) not at all; V(passthrough) gives the device to this card alone."
        ),
        choices=("bridge", "vepa", "private", "passthrough"),
    )


class PortGroup(Text):
    """A part of a network, with settings of its own."""

    def read(self, node: Any) -> Any:
        """Return its name, or None where the card is not connected to a network."""
        return super().read(node) if _kind(node) == "network" else None


class DirectGroup(Group):
    """A macvtap on a device of the host."""

    def read(self, node: Any) -> Any:
        """Return device and mode, or None where the interface is of another type."""
        return super().read(node) if _kind(node) == "direct" else None

    def write(self, node: Any, value: Any) -> None:
        """Connect the interface; libvirt's own default would be a mode that few switches can do."""
        if _kind(node) != "direct":
            _reconnect(node, "direct")
            value = {"mode": "bridge", **value}
        super().write(node, value)

    def fact(self, value: Any) -> Any:
        """Return device and mode, or None where no device is named."""
        return super().fact(value) if value and value.get("device") else None


class Queues(Count):
    """Pairs of queues; libvirt does not tell a single one."""

    def parse(self, text: str, node: Any) -> Any:
        """Return the number, or None for one."""
        number = super().parse(text, node)
        return None if number == 1 else number

    def normal(self, value: Any) -> Any:
        """Return the number, or None for one."""
        number = super().normal(value)
        return None if number == 1 else number


class Target(Matching):
    """The name of the card's device on the host."""

    # libvirt takes these for names of its own making, and forgets them.
    _AUTOMATIC = ("vnet", "macvtap", "macvlan")

    def normal(self, value: Any) -> Any:
        """Refuse what libvirt would forget."""
        name = super().normal(value)
        if name and name.startswith(self._AUTOMATIC):
            raise Refused(f"target '{name}' begins like the names that libvirt makes up; choose another beginning.")
        return name

    def fact(self, value: Any) -> Any:
        """Return the name, or None where the option would refuse it."""
        usable = value and self.form.fullmatch(value) and not value.startswith(self._AUTOMATIC)
        return value if usable else None


class Bandwidth(Element):
    """Source: https://libvirt.org/formatdomain.html#quality-of-service."""

    inbound = Group("inbound", Inbound, "What the guest receives.")
    outbound = Group("outbound", Rate, "What the guest sends.")


class Interface(Device):
    """A network card of a VM. Source: https://libvirt.org/formatdomain.html#network-interfaces."""

    tag = "interface"
    option = "nics"
    noun = "NIC"
    doc = (
        "The network cards, all of them - one that is not listed is detached.",
        "A new VM for which nothing is said gets one on the network V(default).",
    )
    hotplug = True
    usual = True
    name_doc = "What the card is recognised by on the next run; the name of what it is connected to if left out."
    defaults: ClassVar[Mapping[str, Any]] = {"model": "virtio"}
    network = Connected(
        "network",
        "libvirt network it is connected to; a new card needs this, O(nics[].bridge) or O(nics[].direct). A running VM "
        "moves from a bridge to another at once.",
    )
    bridge = Connected("bridge", "Bridge of the host it is connected to, of the kernel or of Open vSwitch.")
    direct = DirectGroup(
        "source",
        Direct,
        "Device of the host it is connected to directly (macvtap); V(bridge) is its mode if none is given.",
    )
    portgroup = PortGroup(
        "source/@portgroup",
        "Port group of the network; an empty one removes it. A running VM takes it over at once.",
        live=SWITCHED,
    )
    virtualport = Group(
        "virtualport", VirtualPort, "Port of a switch that is no bridge of the kernel, such as one of Open vSwitch."
    )
    model = Text("model/@type", "What the guest sees; V(virtio) if left out.", choices=_MODELS)
    link = Switch(
        "link/@state",
        "Whether the cable is plugged in. A running VM takes it over at once.",
        words=("up", "down"),
        live=ANY,
    )
    vlan = Group(
        "vlan",
        Vlan,
        (
            "VLANs of the card on a switch that knows them, which bridges of the kernel do not in libvirt before 11.0.",
            "For these, give the host a bridge for each VLAN, and name that in O(nics[].bridge).",
            "A running VM takes them over at once on Open vSwitch.",
        ),
    )
    bandwidth = Group(
        "bandwidth",
        Bandwidth,
        (
            "Limits, in KiB a second, and bursts in KiB, both as plain numbers, as libvirt counts them.",
            "A running VM takes them over at once.",
        ),
    )
    filter = Group(
        "filterref", Filter, "Network filter of the host that the card's traffic passes. Taken over at once."
    )
    isolated = Switch(
        "port/@isolated",
        "Whether the card reaches no other isolated card on its bridge. A running VM takes it over at once.",
        live=BRIDGED,
    )
    mtu = Count("mtu/@size", "Largest packet in bytes that the guest is told; 0 removes it.", most=65535)
    boot_order = Count("boot/@order", "Place among the devices that are tried to boot from; 0 is none.", untold=True)
    driver = Text(
        "driver/@name",
        "What moves the packets of a virtio card - the kernel or QEMU; V(default) takes the kernel where it can.",
        choices=("default", "vhost", "qemu"),
        unset="default",
    )
    queues = Queues("driver/@queues", "Pairs of queues of a virtio card, one for each CPU at most; 0 is one.", most=256)
    rx_queue_size = Count("driver/@rx_queue_size", "Packets of a receive queue, 256 to 1024; 0 is the default.")
    tx_queue_size = Count("driver/@tx_queue_size", "Packets of a send queue, 256 to 1024; 0 is the default.")
    host_offloads = Group("driver/host", HostOffloads, "What the host does for a virtio card of the guest.")
    guest_offloads = Group("driver/guest", GuestOffloads, "What the guest of a virtio card can be given unsplit.")
    coalesce = Count(
        "coalesce/rx/frames/@max",
        "Packets that the host collects before it tells the guest; 0 is none. A running VM takes it over at once.",
        live=SWITCHED,
    )
    trust_guest_rx_filters = Switch(
        "./@trustGuestRxFilters",
        "Whether the host lets the guest choose its MAC address and the groups it listens to.",
        untold=True,
    )
    rom = Group("rom", Rom, "Boot ROM of the card, from which it boots by network.")
    target = Target(
        "target/@dev",
        "Name of the card's device on the host, up to 15 characters; libvirt chooses one if left out.",
        r"[A-Za-z0-9_.-]{1,15}",
        "web01-lan",
    )
    # The last to be set, because a card is found by it.
    mac = Mac("mac/@address", "Its MAC address; one is chosen if left out.")

    @classmethod
    def extra_documentation(cls) -> dict[str, Any]:
        """Return what the guest is told by cloud-init."""
        return STATIC_ADDRESSES

    @classmethod
    def wanted(cls, params: Any) -> tuple[Wanted, ...]:
        """Return the cards; Refused where two of them have one address."""
        cards = super().wanted(params)
        addresses = [address.partition("/")[0] for card in cards for address in card.extra.get("ip", ())]
        twice = next((address for address in addresses if addresses.count(address) > 1), None)
        if twice is not None:
            raise Refused(f"nics has two cards with the ip {twice}; give each card addresses of its own.")
        return cards

    @classmethod
    def one_wanted(cls, position: int, params: Mapping[str, Any]) -> Wanted:
        """Return one entry; Refused where it says two things that it is connected to."""
        said = {key: params.get(key) or None for key in _CONNECTIONS}
        if len([value for value in said.values() if value]) > 1:
            raise Refused(
                f"Entry {position + 1} of nics must have one of 'network', 'bridge' and 'direct', and not several."
            )
        card = super().one_wanted(position, {**params, **said})
        return replace(card, extra=static_addresses(card.name, card.extra))

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse what libvirt would drop without a word."""
        model = values.get("model", "virtio")
        dropped = [name for name in _VIRTIO_ONLY if values.get(name)]
        if dropped and model not in _VIRTIO:
            raise Refused(f"{dropped[0]} is for virtio cards, and the model is {model}; leave out one of them.")
        if values.get("direct") and (values.get("filter") or {}).get("name"):
            raise Refused("filter is for cards on a network or bridge; leave it out, or connect the card to one.")
        if values.get("portgroup") and (values.get("bridge") or values.get("direct")):
            raise Refused("portgroup belongs to a network; leave it out, or name the 'network'.")

    @classmethod
    def named(cls, position: int, name: str | None, device: Wanted) -> Wanted:
        """Return the entry under its own name, else that of what it is connected to, else its address."""
        otherwise = _connection(device.fields) or device.fields.get("mac")
        if not (name or otherwise):
            raise Refused(
                f"Entry {position + 1} of nics must have a 'network', 'bridge' or 'direct', or a name or MAC address."
            )
        return replace(device, name=str(name or otherwise), marked=True)

    @classmethod
    def attachable(cls, live: Any, node: Any) -> bool:
        """Return whether the running VM has a slot for the card: some models are conventional PCI cards."""
        return cls.fields["model"].read(node) in _PCI_EXPRESS or has_pci_slots(live)

    @classmethod
    def live_fields(cls, node: Any, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the wanted fields without those that a running card cannot tell or has to wait for.

        What goes with a connection waits with it. What a port group has given a card is told like the card's own.
        """
        there = cls.read(node)
        moved = [
            key for key in _CONNECTIONS if key in fields and not cls.fields[key].matches(there.get(key), fields[key])
        ]
        waits = _OF_CONNECTION if moved and not bridged(node) else ()
        given = ("vlan", "bandwidth") if there.get("portgroup") else ()
        left_out = {*waits, *(name for name in given if not _says(fields.get(name)))}
        return {name: value for name, value in fields.items() if name not in left_out}

    @classmethod
    def marks(cls) -> tuple[Any, ...]:
        """Return the address; then, for cards that somebody else made, what they are connected to."""
        return (_same_mac, _same_connection)

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new interface; Refused where it is connected to nothing.

        Its address follows from the VM's UUID and the card's name, so that configuration and running VM agree.
        """
        if not _connection(device.fields):
            raise Refused(f"NIC {device.name} must have a 'network', 'bridge' or 'direct' that it is connected to.")
        fields = {"mac": mac_for(domain.findtext("uuid") or "", device.name), **device.fields}
        return super().new(domain, replace(device, fields=fields))

    @classmethod
    def change(cls, node: Any, device: Wanted) -> list[Edit]:
        """Bring one card to what is wanted; Refused where its model or its connection cannot do it."""
        there = cls.read(node)
        kept = {} if _connection(device.fields) else {key: there[key] for key in _CONNECTIONS if key in there}
        model = {"model": there["model"]} if there.get("model") in _MODELS else {}
        cls.check({**kept, **model, **device.fields})
        return cls.edit(node, device.fields)

    @classmethod
    def describe(cls, node: Any) -> str:
        """Return what a card is connected to and what it is."""
        values = cls.read(node)
        connected = [f"{key} {_connection(values)}" for key in _CONNECTIONS if values.get(key)]
        return ", ".join([*connected, *(f"{key} {values[key]}" for key in ("model", "mac") if key in values)])

    @classmethod
    def name_at(cls, node: Any) -> str:
        """Return the name of the alias, else what the card is connected to, else its address."""
        connected = {key: cls.fields[key].read(node) for key in _CONNECTIONS}
        return name_of(node, _connection(connected) or _name_by_mac(node))

    @classmethod
    def facts(cls, node: Any) -> dict[str, Any]:
        """Return the card in the words of the options, without what its model has no use for."""
        facts = super().facts(node)
        idle = _VIRTIO_ONLY if facts.get("model", "virtio") not in _VIRTIO else ()
        return {name: value for name, value in facts.items() if name not in idle}

    @classmethod
    def names(cls, nodes: Sequence[Any]) -> list[str]:
        """Return a name for each card, of its own."""
        names = [cls.name_at(node) for node in nodes]
        marks = [alias(name) for name in names]
        return _counted(
            [
                name if NAME.fullmatch(name) and marks.count(alias(name)) == 1 else _name_by_mac(node)
                for name, node in zip(names, nodes)
            ]
        )

    @classmethod
    def device_facts(cls, domain: Any) -> Any:
        """Return the cards in the words of the option, each by a name of its own."""
        nodes = cls.nodes(domain)
        facts = [{"name": name, **cls.facts(node)} for name, node in zip(cls.names(nodes), nodes)]
        macs = [card.get("mac") for card in facts]
        # A second card with an address is told without it, because a list in which it stands twice is refused.
        twice = [position for position, mac in enumerate(macs) if mac in macs[:position]]
        return [_without_mac(card) if position in twice else card for position, card in enumerate(facts)]


def _says(value: Any) -> bool:
    """Return whether anything is wanted, and not only nothing any more."""
    return any(map(_says, value.values())) if isinstance(value, Mapping) else value is not None


def _connection(values: Mapping[str, Any]) -> str | None:
    """Return the name of the network, bridge or device that a card is connected to, or None."""
    name = next((values[key] for key in _CONNECTIONS if values.get(key)), None)
    return name.get("device") if isinstance(name, Mapping) else name


def _without_mac(card: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in card.items() if name != "mac"}


def _counted(names: Sequence[str]) -> list[str]:
    """Return names of which each is there once: a, a-2, a-3."""
    before = [names[:position].count(name) for position, name in enumerate(names)]
    return [f"{name}-{count + 1}" if count else name for name, count in zip(names, before)]


def mac_for(uuid: str, name: str) -> str:
    """Return an address from QEMU's range for a card of a VM: always the same for the same card."""
    digest = hashlib.sha256(f"{uuid}/{name}".encode()).hexdigest()
    return ":".join(("52:54:00", digest[:2], digest[2:4], digest[4:6]))


def _name_by_mac(node: Any) -> str:
    return mac_of(node).replace(":", "-") or "nic"


def _same_mac(node: Any, device: Wanted) -> bool:
    return bool(device.fields.get("mac")) and mac_of(node) == device.fields["mac"]


def _same_connection(node: Any, device: Wanted) -> bool:
    wanted = {key: device.fields[key] for key in _CONNECTIONS if device.fields.get(key)}
    there = Interface.read(node)
    alike = (Interface.fields[key].matches(there.get(key), value) for key, value in wanted.items())
    return bool(wanted) and not is_marked(node) and all(alike)
