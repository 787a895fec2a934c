# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be said of a network card: how it is written, changed, read back, refused, and taken over while it runs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import NotFound, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.card_live import as_configured
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
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.spec import check_list
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.rows import called, options_in
from tests.unit.plugins.module_utils._vm.shapes import assert_valid, blank, converge, same, told
from tests.unit.plugins.module_utils._vm.table import Table, planned, spec, state, summaries

MAC = "52:54:00:00:00:0a"
PORT = "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f"
OVS = "<virtualport type='openvswitch'/>"
OVS_PORT = f"<virtualport type='openvswitch'><parameters interfaceid='{PORT}'/></virtualport>"


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


OFFLOADS = ("csum", "tso4", "tso6", "ecn", "ufo")
QBG = {"type": "802.1Qbg", "manager_id": 11, "type_id": 1193047, "type_id_version": 2, "instance_id": PORT.upper()}
NEW: list[tuple[dict[str, Any], str]] = [
    ({}, card()),
    ({"bridge": "br0"}, card(source="bridge='br0'", kind="bridge")),
    ({"direct": {"device": "eth0"}}, card(source="mode='bridge' dev='eth0'", kind="direct")),
    *(
        ({"direct": {"device": "eth0", "mode": mode}}, card(source=f"mode='{mode}' dev='eth0'", kind="direct"))
        for mode in ("bridge", "vepa", "private", "passthrough")
    ),
    ({"portgroup": "gold"}, card(source="network='lan' portgroup='gold'")),
    ({"virtualport": {"type": "openvswitch", "interface_id": PORT}}, plugged(OVS_PORT)),
    (
        {"bridge": "br0", "virtualport": {"type": "openvswitch", "interface_id": PORT, "profile": "web"}},
        plugged(OVS_PORT.replace("/></", " profileid='web'/></"), "bridge", "bridge='br0'"),
    ),
    ({"virtualport": {"type": "midonet", "interface_id": PORT}}, plugged(OVS_PORT.replace("openvswitch", "midonet"))),
    (
        {"direct": {"device": "eth0", "mode": "vepa"}, "virtualport": QBG},
        plugged(
            "<virtualport type='802.1Qbg'><parameters managerid='11' typeid='1193047' typeidversion='2' "
            f"instanceid='{PORT}'/></virtualport>",
            "direct",
            "mode='vepa' dev='eth0'",
        ),
    ),
    (
        {"direct": {"device": "eth0", "mode": "vepa"}, "virtualport": {"type": "802.1Qbh", "profile": "finance"}},
        plugged(
            "<virtualport type='802.1Qbh'><parameters profileid='finance'/></virtualport>",
            "direct",
            "mode='vepa' dev='eth0'",
        ),
    ),
    *(({"model": model}, card(model=model)) for model in Interface.fields["model"].choices),
    ({"link": True}, card("<link state='up'/>")),
    ({"link": False}, card("<link state='down'/>")),
    ({"vlan": {"tags": [42]}}, card("<vlan><tag id='42'/></vlan>")),
    ({"vlan": {"tags": [42], "trunk": True}}, card("<vlan trunk='yes'><tag id='42'/></vlan>")),
    (
        {"vlan": {"tags": [123, 42], "trunk": True, "native": 123}},
        card("<vlan trunk='yes'><tag id='42'/><tag id='123' nativeMode='untagged'/></vlan>"),
    ),
    (
        {"vlan": {"tags": [42, 123], "trunk": True, "native": 42, "native_mode": "tagged"}},
        card("<vlan trunk='yes'><tag id='42' nativeMode='tagged'/><tag id='123'/></vlan>"),
    ),
    (
        {"bandwidth": {"inbound": {"average": 1000, "peak": 5000, "burst": 1024, "floor": 200}}},
        card("<bandwidth><inbound average='1000' peak='5000' burst='1024' floor='200'/></bandwidth>"),
    ),
    (
        {"bandwidth": {"outbound": {"average": 128, "peak": 256, "burst": 256}}},
        card("<bandwidth><outbound average='128' peak='256' burst='256'/></bandwidth>"),
    ),
    ({"filter": {"name": "clean-traffic"}}, card("<filterref filter='clean-traffic'/>")),
    (
        {"filter": {"name": "clean-traffic", "parameters": {"IP": ["192.0.2.6", "192.0.2.5"], "DHCPSERVER": "x"}}},
        card(
            "<filterref filter='clean-traffic'><parameter name='IP' value='192.0.2.5'/>"
            "<parameter name='IP' value='192.0.2.6'/><parameter name='DHCPSERVER' value='x'/></filterref>"
        ),
    ),
    ({"isolated": True}, card("<port isolated='yes'/>")),
    ({"isolated": False}, card("<port isolated='no'/>")),
    ({"mtu": 9000}, card("<mtu size='9000'/>")),
    ({"driver": "vhost", "queues": 4}, card("<driver name='vhost' queues='4'/>")),
    (
        {"driver": "qemu", "rx_queue_size": 512, "tx_queue_size": 1024},
        card("<driver name='qemu' rx_queue_size='512' tx_queue_size='1024'/>"),
    ),
    (
        {"host_offloads": {**dict.fromkeys(OFFLOADS, False), "gso": False, "mrg_rxbuf": True}},
        card("<driver><host csum='off' tso4='off' tso6='off' ecn='off' ufo='off' gso='off' mrg_rxbuf='on'/></driver>"),
    ),
    (
        {"guest_offloads": dict.fromkeys(OFFLOADS, False)},
        card("<driver><guest csum='off' tso4='off' tso6='off' ecn='off' ufo='off'/></driver>"),
    ),
    ({"coalesce": 7}, card("<coalesce><rx><frames max='7'/></rx></coalesce>")),
    ({"rom": {"enabled": False}}, card("<rom enabled='no'/>")),
    ({"rom": {"bar": False}}, card("<rom bar='off'/>")),
    ({"rom": {"enabled": True, "bar": True, "file": "/r"}}, card("<rom enabled='yes' bar='on' file='/r'/>")),
    ({"target": "web01-lan"}, card("<target dev='web01-lan'/>")),
    ({"boot_order": 2}, card("<boot order='2'/>")),
]
# The trust is an attribute of the card itself.
TRUST = card().replace("'network'>", "'network' trustGuestRxFilters='yes'>")
EVERY_NEW = pytest.mark.parametrize(
    ("params", "xml"), called([*NEW, ({"trust_guest_rx_filters": True}, TRUST)], options_in)
)


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
    assert {name for params in every for name in params} | {"mac", "network", "trust_guest_rx_filters"} == set(
        Interface.fields
    )
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


LIMITED = "<bandwidth><inbound average='10' peak='20' burst='30'{}/></bandwidth>"
TRUNK = "<vlan trunk='yes'><tag id='3' nativeMode='tagged'/><tag id='4'/></vlan>"
FILTERED = "<filterref filter='f'><parameter name='IP' value='a'/><parameter name='MAC' value='b'/></filterref>"
UNKNOWN = "<driver name='qemu' txmode='timer' queues='2'/><tune><sndbuf>1600</sndbuf></tune>"
EDITED: list[tuple[str, dict[str, Any], list[str], str]] = [
    (card(), {"network": "lan"}, [], card()),
    (
        card(source="network='lan' portgroup='gold'"),
        {"network": "wan"},
        ["network lan -> wan"],
        card(source="network='wan'"),
    ),
    (
        card(source="network='lan' portgroup='gold'"),
        {"network": "wan", "portgroup": "gold"},
        ["network lan -> wan"],
        card(source="network='wan' portgroup='gold'"),
    ),
    (card(source="network='lan' portgroup='a'"), {"portgroup": ""}, ["portgroup a -> none"], card()),
    (card(), {"bridge": "br0"}, ["bridge none -> br0"], card(kind="bridge", source="bridge='br0'")),
    (
        card(),
        {"direct": {"device": "eth0"}},
        ["direct.device none -> eth0"],
        card(kind="direct", source="mode='bridge' dev='eth0'"),
    ),
    (
        card(kind="direct", source="dev='eth0' mode='vepa'"),
        {"direct": {"device": "eth1"}},
        ["direct.device eth0 -> eth1"],
        card(kind="direct", source="dev='eth1' mode='vepa'"),
    ),
    (
        card(kind="direct", source="dev='eth0' mode='vepa'"),
        {"network": "lan"},
        ["network none -> lan"],
        card(),
    ),
    (card(model="e1000"), {"model": "virtio"}, ["model e1000 -> virtio"], card()),
    (plugged(OVS_PORT), {"virtualport": {"type": "none"}}, ["virtualport.type openvswitch -> none"], card()),
    (
        plugged(OVS_PORT),
        {"virtualport": {"profile": "web"}},
        ["virtualport.profile none -> web"],
        plugged(OVS_PORT.replace("/></", " profileid='web'/></")),
    ),
    (
        plugged("<virtualport type='802.1Qbh'><parameters profileid='a'/></virtualport>"),
        {"virtualport": {"type": "openvswitch"}},
        ["virtualport.type 802.1Qbh -> openvswitch"],
        plugged("<virtualport type='openvswitch'><parameters profileid='a'/></virtualport>"),
    ),
    (
        plugged("<virtualport type='802.1Qbh'><parameters profileid='a'/></virtualport>"),
        {"virtualport": {"type": "midonet", "interface_id": PORT}},
        ["virtualport.type 802.1Qbh -> midonet", f"virtualport.interface_id none -> {PORT}"],
        plugged(OVS_PORT.replace("openvswitch", "midonet")),
    ),
    (
        card(TRUNK),
        {"vlan": {"tags": [5, 4]}},
        ["vlan.tags 3, 4 -> 4, 5"],
        card("<vlan trunk='yes'><tag id='4'/><tag id='5'/></vlan>"),
    ),
    (card(TRUNK), {"vlan": {"tags": []}}, ["vlan.tags 3, 4 -> none"], card()),
    (
        card(TRUNK),
        {"vlan": {"native": 4}},
        ["vlan.native 3 -> 4"],
        card("<vlan trunk='yes'><tag id='3'/><tag id='4' nativeMode='tagged'/></vlan>"),
    ),
    (
        card("<vlan trunk='yes'><tag id='3'/></vlan>"),
        {"vlan": {"trunk": False}},
        ["vlan.trunk True -> False"],
        card("<vlan><tag id='3'/></vlan>"),
    ),
    (card("<vlan><tag id='3'/></vlan>"), {"vlan": {"trunk": False}}, [], card("<vlan><tag id='3'/></vlan>")),
    (
        card(LIMITED.format("")),
        {"bandwidth": {"inbound": {"average": 0}}},
        ["bandwidth.inbound.average 10 -> none"],
        card(),
    ),
    (
        card(LIMITED.format(" floor='5'")),
        {"bandwidth": {"inbound": {"average": 0}}},
        ["bandwidth.inbound.average 10 -> none"],
        card("<bandwidth><inbound floor='5'/></bandwidth>"),
    ),
    (
        card(LIMITED.format("")),
        {"bandwidth": {"inbound": {"peak": 0, "burst": 0}, "outbound": {"average": 7}}},
        [
            "bandwidth.inbound.peak 20 -> none",
            "bandwidth.inbound.burst 30 -> none",
            "bandwidth.outbound.average none -> 7",
        ],
        card("<bandwidth><inbound average='10'/><outbound average='7'/></bandwidth>"),
    ),
    (card(FILTERED), {"filter": {"name": ""}}, ["filter.name f -> none"], card()),
    (
        card(FILTERED),
        {"filter": {"parameters": {"IP": []}}},
        ["filter.parameters IP a -> IP none"],
        card("<filterref filter='f'><parameter name='MAC' value='b'/></filterref>"),
    ),
    (
        card(FILTERED),
        {"filter": {"parameters": {"MAC": "absent", "IP": "a"}}},
        ["filter.parameters MAC b -> MAC none"],
        card("<filterref filter='f'><parameter name='IP' value='a'/></filterref>"),
    ),
    (
        card(FILTERED),
        {"filter": {"name": "g", "parameters": {"IP": ["c", "a"]}}},
        ["filter.name f -> g", "filter.parameters IP a -> IP a, c"],
        card(
            "<filterref filter='g'><parameter name='MAC' value='b'/><parameter name='IP' value='a'/>"
            "<parameter name='IP' value='c'/></filterref>"
        ),
    ),
    (card("<mtu size='9000'/>"), {"mtu": 0}, ["mtu 9000 -> none"], card()),
    (
        card(UNKNOWN),
        {"driver": "default", "queues": 1},
        ["driver qemu -> none", "queues 2 -> none"],
        card("<driver txmode='timer'/><tune><sndbuf>1600</sndbuf></tune>"),
    ),
    (
        card("<driver><host csum='off'/></driver>"),
        {"host_offloads": {"csum": True}},
        ["host_offloads.csum False -> True"],
        card("<driver><host csum='on'/></driver>"),
    ),
    (card("<coalesce><rx><frames max='7'/></rx></coalesce>"), {"coalesce": 0}, ["coalesce 7 -> none"], card()),
    (card("<rom bar='off' file='/r'/>"), {"rom": {"file": ""}}, ["rom.file /r -> none"], card("<rom bar='off'/>")),
    (card("<target dev='t1'/>"), {"target": ""}, ["target t1 -> none"], card()),
    (card("<boot order='1'/>"), {"boot_order": 0}, ["boot_order 1 -> none"], card()),
    (card("<port isolated='yes'/>"), {"isolated": False}, ["isolated True -> False"], card("<port isolated='no'/>")),
]


@pytest.mark.parametrize(("before", "params", "lines", "after"), called(EDITED, options_in))
def test_a_card_is_changed(before: str, params: dict[str, Any], lines: list[str], after: str) -> None:
    tree = blank(before)
    wanted = Interface.wanted([{"name": "c", **params}])
    assert [edit.summary for edit in converge("nics", tree, wanted)] == [f"set NIC c {line}" for line in lines]
    assert same(tree.find("devices/interface"), after)
    assert converge("nics", tree, wanted) == []


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"network": "a", "direct": {"device": "b"}}, "one of 'network', 'bridge' and 'direct'"),
    ({"bridge": "a", "direct": {"device": "b"}}, "one of 'network', 'bridge' and 'direct'"),
    ({"bridge": "br0", "portgroup": "x"}, "portgroup belongs to a network"),
    ({"direct": {"device": "eth0"}, "filter": {"name": "f"}}, "filter is for cards on a network or bridge"),
    ({"model": "e1000", "queues": 2}, "queues is for virtio cards, and the model is e1000"),
    ({"model": "rtl8139", "driver": "vhost"}, "driver is for virtio cards"),
    ({"model": "igb", "host_offloads": {"csum": False}}, "host_offloads is for virtio cards"),
    ({"vlan": {"tags": [4096]}}, "the VLAN 4096; VLANs are numbered 1 to 4094"),
    ({"vlan": {"tags": [1, 2], "trunk": False}}, "several tags but trunk is false"),
    ({"vlan": {"tags": [], "trunk": True}}, "a trunk without tags"),
    ({"vlan": {"tags": [1, 2], "native": 3}}, "native 3 is none of the tags"),
    ({"vlan": {"native_mode": "tagged"}}, "native_mode but no native VLAN"),
    ({"filter": {"parameters": {"IP": "a"}}}, "parameters of a filter but no filter"),
    ({"filter": {"name": "f", "parameters": {"IP": "10.0.0.0/8"}}}, "'10.0.0.0/8', which no filter takes"),
    ({"filter": {"name": "f", "parameters": {"I P": "a"}}}, "'I P', which is no variable of filters"),
    ({"virtualport": {"type": "openvswitch", "manager_id": 3}}, "a port of type openvswitch has no manager_id"),
    ({"virtualport": {"type": "none", "profile": "x"}}, "type none is no virtual port"),
    ({"virtualport": {"type": "openvswitch", "interface_id": "x"}}, "interface_id 'x' is not understood"),
    ({"virtualport": {"type": "openvswitch", "profile": "x" * 40}}, "is too long; take up to 39"),
    ({"target": "vnet7"}, "begins like the names that libvirt makes up"),
    ({"target": "sixteen-letters-"}, "is not understood"),
    ({"rom": {"enabled": False, "bar": True}}, "the device has no ROM"),
    ({"mtu": 65536}, "mtu 65536 is out of range"),
    ({"ip": ["192.0.2.5"]}, "no address with a prefix; write 192.0.2.5/24"),
    ({"ip": ["192.0.2.300/24"]}, "no address with a prefix"),
    ({"ip": ["192.0.2.0/24"]}, "which no card can have"),
    ({"ip": ["192.0.2.255/24"]}, "which no card can have"),
    ({"ip": ["224.0.0.1/24"]}, "which no card can have"),
    ({"ip": ["192.0.2.5/24", "192.0.2.5/24"]}, "'192.0.2.5/24' twice in 'ip'"),
    ({"gateway": ["192.0.2.1"]}, "in the network of none of its addresses"),
    ({"ip": ["192.0.2.5/24"], "gateway": ["198.51.100.1"]}, "in the network of none of its addresses"),
    ({"ip": ["192.0.2.5/24"], "gateway": ["fe80::1"]}, "in the network of none of its addresses"),
    ({"ip": ["192.0.2.5/24"], "gateway": ["192.0.2.5"]}, "has the address 192.0.2.5 itself"),
    ({"ip": ["192.0.2.5/24"], "gateway": ["192.0.2.1", "192.0.2.2"]}, "two gateways for IPv4"),
    ({"ip": ["192.0.2.5/24"], "gateway": ["router"]}, "the gateway 'router', which is no IP address"),
    ({"dns": ["ns.example.org"]}, "the dns 'ns.example.org', which is no IP address"),
]


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


STATIC: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"dhcp": False}, {"dhcp": False}),
    ({"ip": []}, {"ip": []}),
    (
        {"ip": ["192.0.2.5/255.255.255.0", " 2001:DB8:0::5/64"], "gateway": ["192.0.2.1", "FE80::1"], "dns": ["::1"]},
        {"ip": ["192.0.2.5/24", "2001:db8::5/64"], "gateway": ["192.0.2.1", "fe80::1"], "dns": ["::1"]},
    ),
    ({"ip": ["192.0.2.5/32"], "gateway": ["198.51.100.1"]}, {"ip": ["192.0.2.5/32"], "gateway": ["198.51.100.1"]}),
    ({"ip": ["192.0.2.4/31"], "dhcp": True}, {"ip": ["192.0.2.4/31"], "dhcp": True}),
]


@pytest.mark.parametrize(("said", "extra"), called(STATIC, options_in))
def test_addresses_are_kept_in_the_spelling_of_the_standards(said: dict[str, Any], extra: dict[str, Any]) -> None:
    (wanted,) = Interface.wanted(on(**said))
    assert dict(wanted.extra) == extra


def test_addresses_stand_in_no_xml() -> None:
    tree = blank(card())
    assert converge("nics", tree, Interface.wanted(on(ip=["192.0.2.5/24"], dhcp=True))) == []


def running(inside: str = "", **more: str) -> Any:
    """Return a VM that runs with the card c as it is configured."""
    return state(card(inside, **more), power="running")


BRIDGED = {"kind": "bridge", "source": "bridge='br0'"}
MACVTAP = {"kind": "direct", "source": "dev='eth0' mode='vepa'"}
# The card of a running VM, what is wanted, and the lines of the plan.
LIVE: list[tuple[Any, dict[str, Any], list[str]]] = [
    (running(), {"network": "default"}, ["network lan -> default"]),
    (running(), {"bridge": "br0"}, ["bridge none -> br0"]),
    (running(**BRIDGED), {"network": "lan"}, ["network none -> lan"]),
    (running(**BRIDGED), {"bridge": "br1"}, ["bridge br0 -> br1"]),
    (running(**MACVTAP), {"network": "lan"}, ["network none -> lan [next_boot]"]),
    (running(**MACVTAP), {"direct": {"mode": "bridge", "device": "eth0"}}, ["direct.mode vepa -> bridge [next_boot]"]),
    (running(OVS, **BRIDGED), {"bridge": "br1"}, ["bridge br0 -> br1 [next_boot]"]),
    (running(), {"portgroup": "a"}, ["portgroup none -> a"]),
    (running(OVS), {"portgroup": "a"}, ["portgroup none -> a"]),
    (
        running(OVS),
        {"network": "default", "portgroup": "a", "vlan": {"tags": [3]}},
        [
            "network lan -> default [next_boot]",
            "portgroup none -> a [next_boot]",
            "vlan.tags none -> 3 [next_boot]",
        ],
    ),
    (running(**MACVTAP), {"link": False}, ["link none -> False"]),
    (running(OVS), {"vlan": {"tags": [3]}}, ["vlan.tags none -> 3"]),
    (running(), {"vlan": {"tags": [3]}}, ["vlan.tags none -> 3 [next_boot]"]),
    (running(**MACVTAP), {"bandwidth": {"outbound": {"average": 7}}}, ["bandwidth.outbound.average none -> 7"]),
    (running(), {"filter": {"name": "clean-traffic"}}, ["filter.name none -> clean-traffic"]),
    (running(OVS), {"filter": {"name": "clean-traffic"}}, ["filter.name none -> clean-traffic [next_boot]"]),
    (running(), {"isolated": True}, ["isolated none -> True"]),
    (running(), {"coalesce": 7}, ["coalesce none -> 7"]),
    (running(**MACVTAP), {"coalesce": 7}, ["coalesce none -> 7 [next_boot]"]),
    (running(), {"mtu": 1400}, ["mtu none -> 1400 [next_boot]"]),
    (running(), {"model": "e1000"}, ["model virtio -> e1000 [next_boot]"]),
    (running(), {"queues": 2}, ["queues none -> 2 [next_boot]"]),
    (running(), {"target": "t1"}, ["target none -> t1 [next_boot]"]),
    (running(), {"rom": {"enabled": False}}, ["rom.enabled none -> False [next_boot]"]),
    (running(), {"boot_order": 1}, ["boot_order none -> 1 [next_boot]"]),
    (running(), {"trust_guest_rx_filters": True}, ["trust_guest_rx_filters none -> True [next_boot]"]),
]


@pytest.mark.parametrize(("current", "params", "lines"), called(LIVE, options_in))
def test_what_a_running_card_takes_over(current: Any, params: dict[str, Any], lines: list[str]) -> None:
    plan = planned(current, nics=[{"name": "c", **params}])
    assert sorted(summaries(plan)) == sorted(f"set NIC c {line}" for line in lines)
    waiting = any(line.endswith("[next_boot]") for line in lines)
    assert bool(plan.restart_required) == waiting


# How libvirt tells of a running card that its network has put on a bridge, on Open vSwitch, on a device of the host.
GIVEN = "portid='f4e86ec9-8696-4502-b467-b94884bdf68a'"
NAT = card(source=f"network='lan' {GIVEN} bridge='virbr0'").replace("<model", "<target dev='vnet0'/><model")
BRIDGE = card(source=f"network='lan' {GIVEN} bridge='br0'", kind="bridge")
DEVICE = card(source=f"network='lan' {GIVEN} dev='eth0' mode='bridge'", kind="direct")
TAGGED = "<vlan><tag id='10'/></vlan><bandwidth><inbound average='77'/></bandwidth>"
SWITCH = card(OVS_PORT + TAGGED, source=f"network='lan' portgroup='p10' {GIVEN} bridge='ovs0'", kind="bridge")


@pytest.mark.parametrize("live", [NAT, BRIDGE, DEVICE])
def test_a_card_stays_on_its_network_whatever_that_has_made_of_it(live: str) -> None:
    there = state(card(), live=live, power="running")
    assert summaries(planned(there, nics=on())) == []
    assert Interface.facts(parse_xml(live)) == {"network": "lan", "model": "virtio", "mac": MAC}


# What a port group gives is told like the card's own; a card that names it none has nothing to say against it.
@pytest.mark.parametrize("said", [{"vlan": {"tags": []}}, {"bandwidth": {"inbound": {"average": 0}}}])
def test_what_a_port_group_gives_is_not_taken_away(said: dict[str, Any]) -> None:
    there = state(card(OVS_PORT, source="network='lan' portgroup='p10'"), live=SWITCH, power="running")
    assert summaries(planned(there, nics=on(portgroup="p10", **said))) == []


# A running card, the card in the configuration, and how libvirt is told of it.
TOLD: list[tuple[str, str, str]] = [
    (NAT, card(), card().replace("<model", "<target dev='vnet0'/><model")),
    (BRIDGE, card(), card()),
    (DEVICE, card(), card()),
    (SWITCH, card(), card(OVS_PORT, source="network='lan' portgroup='p10'")),
    (SWITCH, card(TAGGED), card(OVS_PORT + TAGGED, source="network='lan' portgroup='p10'")),
    (card(TAGGED, **BRIDGED), card(**BRIDGED), card(TAGGED, **BRIDGED)),
    (SWITCH, "", card(OVS_PORT + TAGGED, source="network='lan' portgroup='p10'")),
]


@pytest.mark.parametrize(("live", "config", "described"), TOLD)
def test_libvirt_is_told_of_a_running_card_as_its_configuration_does(live: str, config: str, described: str) -> None:
    node = parse_xml(live)
    as_configured(node, blank(config))
    assert same(node, described)


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
