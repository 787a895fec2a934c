# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be said of a network card: how it is written, changed, read back, and refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import NotFound, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.interface import (
    Bandwidth,
    Direct,
    Interface,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.rom import Rom
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.traffic import (
    Filter,
    GuestOffloads,
    HostOffloads,
    Inbound,
    VirtualPort,
    Vlan,
)

from tests.unit.plugins.module_utils._vm.nics.parts import BRIDGED, PORT, card, on
from tests.unit.plugins.module_utils._vm.nics.registry import EDITED, NEW, REFUSED
from tests.unit.plugins.module_utils._vm.rows import called, options_in
from tests.unit.plugins.module_utils._vm.shapes import assert_valid, blank, converge, same, told
from tests.unit.plugins.module_utils._vm.table import Table, planned, state, summaries

EVERY_NEW = pytest.mark.parametrize(("params", "xml"), called(NEW, options_in))


def made(params: dict[str, Any]) -> Any:
    """Return a VM with the card c."""
    tree = blank()
    (edit,) = converge("nics", tree, Interface.wanted(on(**params)))
    assert (edit.verb, edit.field) == ("attach", "NIC c")
    return tree


@EVERY_NEW
def test_a_new_card(params: dict[str, Any], xml: str) -> None:
    tree = made(params)
    (node,) = tree.findall("devices/interface")
    assert same(node, xml)
    assert_valid(tree)


@EVERY_NEW
def test_libvirt_takes_it_and_its_facts_are_what_was_wanted(params: dict[str, Any], xml: str) -> None:
    tree = told(made(params))
    (facts,) = Interface.device_facts(tree)
    wanted = Interface.wanted(on(**params))
    given = Interface.normal(facts)
    named = wanted[0].fields.items()
    assert [name for name, value in named if not Interface.fields[name].matches(given.get(name), value)] == []
    assert converge("nics", tree, wanted) == []
    assert converge("nics", tree, Interface.wanted([facts])) == []


def test_every_option_is_among_them() -> None:
    every = [params for params, _xml in NEW]
    assert {name for params in every for name in params} | {"mac", "network"} == set(Interface.fields)
    for option, element in (
        ("direct", Direct),
        ("virtualport", VirtualPort),
        ("vlan", Vlan),
        ("bandwidth", Bandwidth),
        ("filter", Filter),
        ("host_offloads", HostOffloads),
        ("guest_offloads", GuestOffloads),
        ("rom", Rom),
    ):
        assert {name for params in every for name in params.get(option, {})} == set(element.fields), option
    assert {name for params in every for name in params.get("bandwidth", {}).get("inbound", {})} == set(Inbound.fields)


@pytest.mark.parametrize(("before", "params", "lines", "after"), called(EDITED, options_in))
def test_a_card_is_changed(before: str, params: dict[str, Any], lines: list[str], after: str) -> None:
    tree = blank(before)
    wanted = Interface.wanted([{"name": "c", **params}])
    assert [edit.summary for edit in converge("nics", tree, wanted)] == [f"set NIC c {line}" for line in lines]
    assert same(tree.find("devices/interface"), after)
    assert converge("nics", tree, wanted) == []


@pytest.mark.parametrize(("params", "why"), called(REFUSED, options_in))
def test_what_can_never_be_is_refused(params: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        converge("nics", blank(), Interface.wanted(on(**params)))
    assert why in str(refusal.value)


# What a card that is there can not be given: before, wanted, why.
UNFIT: list[tuple[str, dict[str, Any], str]] = [
    (card(model="e1000"), {"queues": 2}, "queues is for virtio cards, and the model is e1000"),
    (card(kind="direct", source="dev='eth0'"), {"filter": {"name": "f"}}, "filter is for cards on a network or bridge"),
]


@pytest.mark.parametrize(("before", "params", "why"), called(UNFIT, options_in))
def test_what_a_card_that_is_there_cannot_do_is_refused(before: str, params: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        converge("nics", blank(before), Interface.wanted([{"name": "c", **params}]))
    assert why in str(refusal.value)


def test_every_new_card_gets_an_address_of_its_own_and_always_the_same() -> None:
    cards = Interface.wanted([{"name": name, "network": "lan"} for name in ("a", "b")])
    made: list[list[str]] = []
    for uuid in (PORT, PORT, PORT.replace("0", "1")):
        tree = blank(inside=f"<uuid>{uuid}</uuid>")
        converge("nics", tree, cards)
        made.append(tree.xpath("devices/interface/mac/@address"))
    first, again, other = made
    assert first == again
    assert len({*first, *other}) == 4


def test_two_cards_with_one_address_are_refused() -> None:
    cards = [{"name": name, "network": "lan", "ip": [f"192.0.2.5/{bits}"]} for name, bits in (("a", 24), ("b", 25))]
    with pytest.raises(Refused, match=r"two cards with the ip 192\.0\.2\.5;"):
        Interface.wanted(cards)


ABSENT: list[tuple[dict[str, Any], str]] = [
    ({"network": "nowhere"}, "Network 'nowhere' does not exist."),
    ({"bridge": "br7"}, "The interface 'br7' does not exist."),
    ({"direct": {"device": "eth7"}}, "The interface 'eth7' does not exist."),
    ({"network": "lan", "filter": {"name": "none"}}, "The network filter 'none' does not exist."),
]


@pytest.mark.parametrize("current", [None, state(card())])
@pytest.mark.parametrize(("params", "why"), ABSENT)
def test_what_a_host_does_not_have_is_refused(current: Any, params: dict[str, Any], why: str) -> None:
    with pytest.raises(NotFound) as refusal:
        planned(current, nics=on(**params))
    assert str(refusal.value) == why


def test_what_a_card_has_already_is_not_asked_about() -> None:
    there = state(card("<filterref filter='gone'/>", **BRIDGED))
    wanted = on(bridge="br0", filter={"name": "gone"}, link=False)
    assert summaries(planned(there, Table(interfaces=(), filters=()), nics=wanted)) == ["set NIC c link none -> False"]
