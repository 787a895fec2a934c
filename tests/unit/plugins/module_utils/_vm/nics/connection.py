# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a network card is connected to: a network, a bridge, a device of the host, a port of a switch."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.nics.parts import (
    BRIDGED,
    MACVTAP,
    OVS,
    OVS_PORT,
    PORT,
    Edited,
    Live,
    New,
    Unfit,
    card,
    plugged,
    running,
)

QBG = {"type": "802.1Qbg", "manager_id": 11, "type_id": 1193047, "type_id_version": 2, "instance_id": PORT.upper()}

NEW: list[New] = [
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
]

EDITED: list[Edited] = [
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
]

REFUSED: list[Unfit] = [
    ({"network": "a", "direct": {"device": "b"}}, "one of 'network', 'bridge' and 'direct'"),
    ({"bridge": "a", "direct": {"device": "b"}}, "one of 'network', 'bridge' and 'direct'"),
    ({"bridge": "br0", "portgroup": "x"}, "portgroup belongs to a network"),
    ({"virtualport": {"type": "openvswitch", "manager_id": 3}}, "a port of type openvswitch has no manager_id"),
    ({"virtualport": {"type": "none", "profile": "x"}}, "type none is no virtual port"),
    ({"virtualport": {"type": "openvswitch", "interface_id": "x"}}, "interface_id 'x' is not understood"),
    ({"virtualport": {"type": "openvswitch", "profile": "x" * 40}}, "is too long; take up to 39"),
]

LIVE: list[Live] = [
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
]
