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
from .surroundings import Surroundings


def check_nics(vm: str, wanted: Sequence[Wanted], config: Any | None, around: Surroundings) -> None:
    """Refuse cards that would be connected to what is not there, or get an address that another VM has.

    What a card of the VM (`config`) has already is not asked about.
    """
    nodes = Interface.nodes(config) if config is not None else []
    known = Interface.recognise(nodes, wanted)
    for item in wanted:
        there = Interface.read(known[item.name]) if item.name in known else {}
        new = {key: value for key, value in item.fields.items() if there.get(key) != value}
        _check_connection(new, around)
        owner = around.mac_owner(new["mac"]) if "mac" in new else None
        if owner and owner != vm:
            raise Refused(
                f"VM '{vm}': MAC address {new['mac']} belongs to VM '{owner}'; choose another or leave it out."
            )


def _check_connection(new: Mapping[str, Any], around: Surroundings) -> None:
    """Refuse a network, bridge, device or filter that is not there."""
    if new.get("network"):
        around.check_network(new["network"])
    for name in (new.get("bridge"), new.get("direct", {}).get("device")):
        if name:
            around.check_interface(name)
    if new.get("filter", {}).get("name"):
        around.check_filter(new["filter"]["name"])
