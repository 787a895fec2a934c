# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may pass a network card: its link, VLANs, bandwidth, filters."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.nics.parts import MACVTAP, OVS, Edited, Live, New, Unfit, card, running

# The trust is an attribute of the card itself.
TRUST = card().replace("'network'>", "'network' trustGuestRxFilters='yes'>")
LIMITED = "<bandwidth><inbound average='10' peak='20' burst='30'{}/></bandwidth>"
TRUNK = "<vlan trunk='yes'><tag id='3' nativeMode='tagged'/><tag id='4'/></vlan>"
FILTERED = "<filterref filter='f'><parameter name='IP' value='a'/><parameter name='MAC' value='b'/></filterref>"

NEW: list[New] = [
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
    ({"trust_guest_rx_filters": True}, TRUST),
]

EDITED: list[Edited] = [
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
    (card("<port isolated='yes'/>"), {"isolated": False}, ["isolated True -> False"], card("<port isolated='no'/>")),
]

REFUSED: list[Unfit] = [
    ({"direct": {"device": "eth0"}, "filter": {"name": "f"}}, "filter is for cards on a network or bridge"),
    ({"vlan": {"tags": [4096]}}, "the VLAN 4096; VLANs are numbered 1 to 4094"),
    ({"vlan": {"tags": [1, 2], "trunk": False}}, "several tags but trunk is false"),
    ({"vlan": {"tags": [], "trunk": True}}, "a trunk without tags"),
    ({"vlan": {"tags": [1, 2], "native": 3}}, "native 3 is none of the tags"),
    ({"vlan": {"native_mode": "tagged"}}, "native_mode but no native VLAN"),
    ({"filter": {"parameters": {"IP": "a"}}}, "parameters of a filter but no filter"),
    ({"filter": {"name": "f", "parameters": {"IP": "10.0.0.0/8"}}}, "'10.0.0.0/8', which no filter takes"),
    ({"filter": {"name": "f", "parameters": {"I P": "a"}}}, "'I P', which is no variable of filters"),
]

LIVE: list[Live] = [
    (running(**MACVTAP), {"link": False}, ["link none -> False"]),
    (running(OVS), {"vlan": {"tags": [3]}}, ["vlan.tags none -> 3"]),
    (running(), {"vlan": {"tags": [3]}}, ["vlan.tags none -> 3 [next_boot]"]),
    (running(**MACVTAP), {"bandwidth": {"outbound": {"average": 7}}}, ["bandwidth.outbound.average none -> 7"]),
    (running(), {"filter": {"name": "clean-traffic"}}, ["filter.name none -> clean-traffic"]),
    (running(OVS), {"filter": {"name": "clean-traffic"}}, ["filter.name none -> clean-traffic [next_boot]"]),
    (running(), {"isolated": True}, ["isolated none -> True"]),
    (running(), {"trust_guest_rx_filters": True}, ["trust_guest_rx_filters none -> True [next_boot]"]),
]
