# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tables of network cards are made of: the kinds of their rows, and the card c."""

from __future__ import annotations

from typing import Any

from tests.unit.plugins.module_utils._vm.table import state

# What is wanted of a new card, and its XML.
New = tuple[dict[str, Any], str]
# A card, what is wanted of it, the lines of the plan, and the card then.
Edited = tuple[str, dict[str, Any], list[str], str]
# What is wanted of a new card, and what is said.
Unfit = tuple[dict[str, Any], str]
# The card of a running VM, what is wanted, and the lines of the plan.
Live = tuple[Any, dict[str, Any], list[str]]

MAC = "52:54:00:00:00:0a"
PORT = "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f"
OVS = "<virtualport type='openvswitch'/>"
OVS_PORT = f"<virtualport type='openvswitch'><parameters interfaceid='{PORT}'/></virtualport>"
BRIDGED = {"kind": "bridge", "source": "bridge='br0'"}
MACVTAP = {"kind": "direct", "source": "dev='eth0' mode='vepa'"}


def card(inside: str = "", source: str = "network='lan'", kind: str = "network", model: str = "virtio") -> str:
    """Return the XML of the card c: its connection, its model, and what stands between that and its address."""
    return (
        f"<interface type='{kind}'><source {source}/><model type='{model}'/>{inside}"
        f"<mac address='{MAC}'/><alias name='ua-c'/></interface>"
    )


def plugged(port: str, kind: str = "network", source: str = "network='lan'") -> str:
    """Return the XML of the card c with a port of a switch."""
    return (
        f"<interface type='{kind}'><source {source}/>{port}<model type='virtio'/><mac address='{MAC}'/>"
        "<alias name='ua-c'/></interface>"
    )


def on(**params: Any) -> list[dict[str, Any]]:
    """Return the option that describes the card c, on the network lan unless it is said otherwise."""
    elsewhere = params.keys() & {"network", "bridge", "direct"}
    return [{"name": "c", "mac": MAC, **({} if elsewhere else {"network": "lan"}), **params}]


def running(inside: str = "", **more: str) -> Any:
    """Return a VM that runs with the card c as it is configured."""
    return state(card(inside, **more), power="running")
