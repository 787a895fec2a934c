# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of network cards, also of those that something else has made."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.interface import Interface
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.spec import check_list

from tests.unit.plugins.module_utils._vm.nics.parts import MAC, MACVTAP, card, plugged
from tests.unit.plugins.module_utils._vm.shapes import blank, converge, same
from tests.unit.plugins.module_utils._vm.table import spec


def foreign(network: str, mac: str = MAC) -> str:
    """Return a card that something else has made."""
    return f"<interface type='network'><mac address='{mac}'/><source network='{network}'/></interface>"


NAMES: list[tuple[str, list[str]]] = [
    (foreign("lan"), ["lan"]),
    (foreign("ovs net"), ["52-54-00-00-00-0a"]),
    (foreign("netz & ü".replace("&", "&amp;")), ["52-54-00-00-00-0a"]),
    (foreign("lan") + foreign("lan"), ["52-54-00-00-00-0a", "52-54-00-00-00-0a-2"]),
    (foreign("a.b") + foreign("a_b", "52:54:00:00:00:0b"), ["52-54-00-00-00-0a", "52-54-00-00-00-0b"]),
    (card(**MACVTAP).replace("ua-c", "net0"), ["eth0"]),
    (card(), ["c"]),
    ("<interface type='user'/>", ["nic"]),
]


@pytest.mark.parametrize(("cards", "names"), NAMES)
def test_cards_go_by_names_that_can_be_given_back(cards: str, names: list[str]) -> None:
    facts = Interface.device_facts(blank(cards))
    assert [fact["name"] for fact in facts] == names
    wanted = spec(nics=facts).devices["nics"]
    assert [nic.name for nic in wanted] == names
    check_list([spec(nics=facts)])
    if "mac address" in cards:
        assert converge("nics", blank(cards), wanted) == []


# What options cannot say stays out of the facts: odd, but libvirt takes it, or has taken it once.
ODD: list[tuple[str, dict[str, Any]]] = [
    (card("<vlan><tag id='x'/><tag id='5000'/></vlan>"), {}),
    (card("<driver queues='4'/>", model="e1000"), {"model": "e1000"}),
    (card("<driver queues='1'/>"), {}),
    (card(model="lance"), {"model": None}),
    (card("<target dev='vnet0'/>"), {}),
    (card("<mtu size='0'/>"), {}),
    (card("<filterref filter='f'><parameter name='IP' value='a/b'/></filterref>"), {"filter": {"name": "f"}}),
    (plugged("<virtualport><parameters interfaceid='x'/></virtualport>"), {}),
]


@pytest.mark.parametrize(("xml", "more"), ODD)
def test_facts_say_only_what_options_can(xml: str, more: dict[str, Any]) -> None:
    (facts,) = Interface.device_facts(blank(xml))
    plain = {"name": "c", "network": "lan", "model": "virtio", "mac": MAC, **more}
    assert facts == {name: value for name, value in plain.items() if value is not None}
    tree = blank(xml)
    assert converge("nics", tree, Interface.wanted([facts])) == []
    assert same(tree.find("devices/interface"), xml)
