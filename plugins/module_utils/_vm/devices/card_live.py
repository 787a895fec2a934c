# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a running VM takes over what changes about its network cards, and which of it waits for the next boot."""

from __future__ import annotations

from typing import Any

from ..._xml import Path, parse_xml, to_xml, without
from ..live import LIVE, Live

_INACTIVE = 2  # VIR_DOMAIN_XML_INACTIVE
_MAC = Path("mac/@address")
_OVS = "openvswitch"

# What a running card tells although its network, and not its own description, has given it.
_GIVEN = ("vlan", "bandwidth")


def mac_of(node: Any) -> str:
    """Return the address of a card, or ""."""
    return (_MAC.get(node) or "").lower()


def as_configured(card: Any, config: Any) -> None:
    """Describe a running card as its configuration (the domain `config`) does.

    A running card tells the type, the bridge, the VLAN and the bandwidth that its network has given it. Given back as
    the card's own words, libvirt takes them for changes, some of which it refuses.
    """
    source = card.find("source")
    if source is None or not source.get("network"):
        return
    card.set("type", "network")
    for name in set(source.attrib) - {"network", "portgroup"}:
        del source.attrib[name]
    cards = config.iterfind("devices/interface")
    own = next((other for other in cards if mac_of(other) == mac_of(card)), card)
    for tag in _GIVEN:
        given = card.find(tag)
        if given is not None and own.find(tag) is None:
            without(given)


def _update(domain: Any, card: Any, _values: Any) -> None:
    as_configured(card, parse_xml(domain.XMLDesc(_INACTIVE)))
    domain.updateDeviceFlags(to_xml(card), LIVE)


def port_type(card: Any) -> str:
    """Return the type of the virtual port that a card is plugged into, or ""."""
    port = card.find("virtualport")
    return port.get("type", "") if port is not None else ""


def bridged(card: Any, _value: Any = None) -> bool:
    """Return whether a running card hangs on a bridge of the kernel, which it can leave while the VM runs."""
    return card.get("type") in ("network", "bridge") and not port_type(card)


def _switched(card: Any, _value: Any) -> bool:
    return card.get("type") in ("network", "bridge")


def _tagged(card: Any, _value: Any) -> bool:
    return port_type(card) == _OVS


# virDomainUpdateDeviceFlags takes all of these in one call; which cards can do what was measured with libvirt 9.0.
ANY = Live(_update)
FILTERED = BRIDGED = Live(_update, bridged)
SWITCHED = Live(_update, _switched)
TAGGED = Live(_update, _tagged)
