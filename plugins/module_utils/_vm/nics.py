# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold for the network cards of a VM before it is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import Refused
from .devices.device import Wanted
from .devices.interface import Interface
from .guest_network import macs_of
from .surroundings import Surroundings


def check_nics(vm: str, wanted: Sequence[Wanted], config: Any, around: Surroundings) -> None:
    """Refuse cards that would be connected to what is not there, or get an address that another VM has.

    What a card of the VM (its tree `config`, which for a new VM has none) has already is not asked about.
    """
    known = Interface.recognise(Interface.nodes(config), wanted)
    macs = macs_of(config, wanted)
    for item in wanted:
        there = Interface.read(known[item.name]) if item.name in known else {}
        new = {key: value for key, value in item.fields.items() if there.get(key) != value}
        _check_connection(new, around)
        if "mac" in new or item.name not in known:
            _check_address(vm, item, macs[item.name], around)


def _check_address(vm: str, card: Wanted, mac: str, around: Surroundings) -> None:
    """Refuse an address that another VM has; of two that follow from a UUID and a name, one in 16 million is alike."""
    owner = around.mac_owner(mac)
    if owner and owner != vm:
        instead = "choose another or leave it out" if "mac" in card.fields else f"give card {card.name} another"
        raise Refused(f"VM '{vm}': MAC address {mac} belongs to VM '{owner}'; {instead}.")


def _check_connection(new: Mapping[str, Any], around: Surroundings) -> None:
    """Refuse a network, bridge, device or filter that is not there."""
    if new.get("network"):
        around.check_network(new["network"])
    for name in (new.get("bridge"), new.get("direct", {}).get("device")):
        if name:
            around.check_interface(name)
    if new.get("filter", {}).get("name"):
        around.check_filter(new["filter"]["name"])
