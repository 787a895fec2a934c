# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network cards of a running QEMU: what it starts with, what it takes over at once, what it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.support.lab import Lab
from tests.integration.support.vms import Vm, plan

BARE: dict[str, Any] = {"memory": "32MiB", "disks": [], "force": True, "timeout": 2}
SWITCH = "t-nics-ovs"
GROUPS = "<portgroup name='gold'/><portgroup name='iron'/>"
TAGGED = (
    "<forward mode='bridge'/><bridge name='{}'/><virtualport type='openvswitch'/><portgroup name='ten'><vlan><tag "
    "id='10'/></vlan></portgroup><portgroup name='twenty'><vlan><tag id='20'/></vlan></portgroup>"
)


def network(lab: Lab, host: str, name: str, inside: str) -> str:
    """Make and start a network."""
    lab.libvirt(host).networkDefineXML(f"<network><name>{name}</name>{inside}</network>").create()
    return name


@pytest.fixture
def networks(lab: Lab, ready: str, prefix: str) -> list[str]:
    """Two isolated networks, each with two port groups."""
    return [network(lab, ready, f"{prefix}{n}", f"<bridge name='t-nics-{n}'/>{GROUPS}") for n in "ab"]


@pytest.fixture
def switch(lab: Lab, ready: str) -> Iterator[str]:
    """A bridge of Open vSwitch, which runs for this alone."""
    ran = lab.exec(ready, "systemctl", "is-active", "openvswitch-switch", check=False).strip() == "active"
    lab.exec(ready, "systemctl", "start", "openvswitch-switch")
    lab.exec(ready, "ovs-vsctl", "--may-exist", "add-br", SWITCH, "--", "set", "bridge", SWITCH, "datapath_type=netdev")
    yield SWITCH
    lab.exec(ready, "ovs-vsctl", "--if-exists", "del-br", SWITCH)
    if not ran:
        lab.exec(ready, "systemctl", "stop", "openvswitch-switch")


def card(vm: Vm, name: str) -> Any:
    """Return a card of the running VM."""
    (found,) = vm.live.xpath(f"devices/interface[alias/@name='ua-{name}']")
    return found


def at(node: Any, *paths: str) -> list[str]:
    """Return the first thing at each path, or "" where there is nothing."""
    return [next(iter(map(str, node.xpath(path))), "") for path in paths]


def now(made: dict[str, Any]) -> bool:
    """Return whether nothing of a plan waits for the next boot."""
    return not made["restart_required"] and {line["when"] for line in made["plan"]} == {"now"}


def test_a_running_card_takes_over_what_it_can_at_once(vm: Vm, networks: list[str]) -> None:
    here, there = networks
    front: dict[str, Any] = {
        "name": "front",
        "network": here,
        "portgroup": "gold",
        "link": True,
        "mtu": 1400,
        "driver": "qemu",
        "queues": 2,
        "rx_queue_size": 512,
        "host_offloads": {"csum": False, "gso": False, "mrg_rxbuf": False},
        "guest_offloads": {"csum": False, "tso4": False},
        "rom": {"enabled": False},
        "target": "t-nics-front",
        "boot_order": 1,
    }
    back: dict[str, Any] = {"name": "back", "direct": {"device": "eth1", "mode": "private"}, "model": "e1000e"}
    vm.want_twice(**BARE, nics=[front, back], state="paused")
    tap, macvtap = card(vm, "front"), card(vm, "back")
    assert at(
        tap, "mtu/@size", "driver/@queues", "driver/@rx_queue_size", "driver/host/@gso", "driver/guest/@tso4"
    ) == [
        "1400",
        "2",
        "512",
        "off",
        "off",
    ]
    assert at(tap, "source/@bridge", "target/@dev", "rom/@enabled", "boot/@order") == [
        "t-nics-a",
        "t-nics-front",
        "no",
        "1",
    ]
    assert at(macvtap, "@type", "source/@dev", "source/@mode", "model/@type") == ["direct", "eth1", "private", "e1000e"]

    strict = {"name": "clean-traffic", "parameters": {"IP": ["192.0.2.5", "192.0.2.6"]}}
    front |= {"network": there, "portgroup": "iron", "link": False, "filter": strict, "coalesce": 5}
    back["link"] = False
    assert now(vm.want_twice(nics=[front, back], state="paused"))
    tap = card(vm, "front")
    assert at(tap, "source/@bridge", "source/@portgroup", "link/@state") == ["t-nics-b", "iron", "down"]
    assert sorted(tap.xpath("filterref/parameter/@value")) == ["192.0.2.5", "192.0.2.6"]
    assert at(tap, "filterref/@filter", "coalesce/rx/frames/@max") == ["clean-traffic", "5"]
    assert at(card(vm, "back"), "link/@state") == ["down"]
    assert "master t-nics-b" in vm.lab.exec(vm.host, "ip", "link", "show", "t-nics-front")

    front |= {"network": "", "bridge": "t-nics-a", "portgroup": "", "link": True, "filter": {"name": ""}, "coalesce": 0}
    assert now(vm.want_twice(nics=[front, back], state="paused"))
    tap = card(vm, "front")
    assert at(tap, "@type", "source/@bridge", "source/@network", "filterref/@filter") == ["bridge", "t-nics-a", "", ""]
    assert at(tap, "link/@state", "coalesce/rx/frames/@max") in (["up", ""], ["", ""])

    third = {"name": "third", "network": there, "model": "virtio-non-transitional", "tx_queue_size": 256}
    assert plan(vm.want_twice(nics=[front, back, third], state="paused"))[0].startswith("attach NIC third (")
    assert at(card(vm, "third"), "source/@bridge") == ["t-nics-b"]

    front |= {"mtu": 0, "queues": 0, "target": "", "rom": {"enabled": True}, "isolated": False}
    back["direct"] = {"device": "eth1", "mode": "bridge"}
    waiting = vm.want(nics=[front, back, third], apply="next_boot")["restart_required"]
    assert [reason.partition(" is ")[0] for reason in waiting] == [
        *(f"NIC front {field}" for field in ("isolated", "mtu", "queues", "rom.enabled", "target")),
        "NIC back direct.mode",
    ]


def test_a_card_on_open_vswitch(vm: Vm, switch: str) -> None:
    tagged = network(vm.lab, vm.host, f"{vm.name}-ovs", TAGGED.format(switch))
    port = {"type": "openvswitch", "interface_id": "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f", "profile": "web"}
    direct: dict[str, Any] = {"name": "direct", "bridge": switch, "virtualport": port, "vlan": {"tags": [7]}}
    grouped: dict[str, Any] = {"name": "grouped", "network": tagged, "portgroup": "ten"}
    vm.want_twice(**BARE, nics=[direct, grouped], state="paused")
    node = card(vm, "direct")
    assert at(node, "vlan/tag/@id", "virtualport/parameters/@profileid") == ["7", "web"]
    assert at(card(vm, "grouped"), "vlan/tag/@id") == ["10"]

    direct["vlan"] = {"tags": [7, 8], "trunk": True, "native": 8, "native_mode": "untagged"}
    direct["bandwidth"] = {
        "inbound": {"average": 100, "peak": 200, "burst": 128},
        "outbound": {"average": 300, "peak": 400, "burst": 256},
    }
    direct["link"] = False
    grouped |= {"portgroup": "twenty", "link": False}
    assert now(vm.want_twice(nics=[direct, grouped], state="paused"))
    node = card(vm, "direct")
    assert (node.xpath("vlan/tag/@id"), at(node, "vlan/@trunk", "vlan/tag[@nativeMode]/@id")) == (
        ["7", "8"],
        ["yes", "8"],
    )
    assert at(node, "bandwidth/inbound/@peak", "bandwidth/outbound/@burst", "link/@state") == ["200", "256", "down"]
    assert at(card(vm, "grouped"), "vlan/tag/@id", "link/@state") == ["20", "down"]
    tap = at(node, "target/@dev")[0]
    port_of = vm.lab.exec(vm.host, "ovs-vsctl", "get", "port", tap, "trunks", "tag", "vlan_mode").split("\n")
    assert port_of[:3] == ["[7, 8]", "8", "native-untagged"]

    direct |= {"vlan": {"tags": []}, "bandwidth": {"inbound": {"average": 0}, "outbound": {"average": 0}}}
    assert now(vm.want_twice(nics=[direct, grouped], state="paused"))
    assert at(card(vm, "direct"), "vlan/tag/@id", "bandwidth/inbound/@average") == ["", ""]

    direct |= {"virtualport": {"profile": "db"}}
    (reason,) = vm.want(nics=[direct, grouped])["restart_required"]
    assert reason == "NIC direct virtualport.profile is web and will be db"


@pytest.mark.parametrize(
    ("nic", "why"),
    [
        ({"bridge": "t-nics-none"}, "The interface 't-nics-none' does not exist on "),
        ({"direct": {"device": "t-nics-none"}}, "The interface 't-nics-none' does not exist on "),
        ({"network": "default", "filter": {"name": "t-none"}}, "The network filter 't-none' does not exist on "),
    ],
)
def test_what_the_host_does_not_have_is_refused(vm: Vm, nic: dict[str, Any], why: str) -> None:
    assert why in vm.refuse(**BARE, nics=[nic])
    assert vm.name not in vm.lab.names(vm.host)["domains"]
