# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of networks: what is, what is wanted, what is done, now or at the next start."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor, hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._network import plan
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.definition import MODES, Definition
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.machine import parse_routes
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.plan import new_tree, plan_network
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.spec import NetworkSpec, network_options
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.state import (
    Guests,
    NetworkState,
    network_facts,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml
from lxml import etree

SCHEMA = "/usr/share/libvirt/schemas/network.rng"

NAT = """
<network><name>n</name><uuid>9a05da11-e96b-47f3-8253-a3a482e445f5</uuid>
  <forward dev='eth0' mode='nat'><nat><port start='1024' end='65535'/></nat><interface dev='eth0'/></forward>
  <bridge name='virbr1' stp='on' delay='0'/><mac address='52:54:00:0a:0b:0c'/><domain name='n.test' localOnly='yes'/>
  <dns><forwarder domain='corp.test' addr='192.0.2.53'/><host ip='192.0.2.1'><hostname>gw</hostname></host></dns>
  <ip address='192.0.2.1' netmask='255.255.255.0'><tftp root='/srv/tftp'/><dhcp>
    <range start='192.0.2.100' end='192.0.2.200'/>
    <host mac='52:54:00:00:00:01' name='one' ip='192.0.2.11'><lease expiry='5' unit='hours'/></host>
  </dhcp></ip>
  <portgroup name='slow'/>
</network>"""
OFFICE = "<network><name>office</name><forward mode='bridge'/><bridge name='br0'/></network>"
ISOLATED = "<network><name>iso</name><bridge name='virbr2'/><ip address='198.51.100.1' prefix='24'/></network>"

ONE = {"mac": "52-54-00-00-00-01", "name": "one", "ip": "192.0.2.11"}
TWO = {"mac": "52:54:00:00:00:02", "ip": "192.0.2.12"}
START, STOP, AUTOSTART = "start network n", "stop network n", "set autostart False -> True"


def state(xml: str = NAT, live: str | None = "", **more: Any) -> NetworkState:
    """Return an active network, whose live description is the definition unless another is given; None is inactive."""
    tree = parse_xml(xml)
    running = None if live is None else parse_xml(live or xml)
    return NetworkState(**{"name": tree.findtext("name"), "tree": tree, "live": running, **more})


def plan_of(params: dict[str, Any], current: NetworkState | None, **more: Any) -> Any:
    return plan_network(NetworkSpec.from_params({"name": "n", **params}), current, **more)


def planned(params: dict[str, Any], current: NetworkState | None, **more: Any) -> list[str]:
    marks = {"now": "", "next_boot": " (later)"}
    return [f"{line['summary']}{marks[line['when']]}" for line in plan_of(params, current, **more).lines()]


def subnet(*hosts: dict[str, Any], **more: Any) -> dict[str, Any]:
    dhcp = {"ranges": more.pop("ranges", None), "hosts": list(hosts)}
    return {"ip": [{"address": "192.0.2.1/24", "dhcp": dhcp, **more}]}


ADD_TWO = "add DHCP host 52:54:00:00:00:02 192.0.2.12"
REMOVE_ONE = "remove DHCP host 52:54:00:00:00:01 one 192.0.2.11"
LATER = "set ip 192.0.2.1/24 -> 192.0.2.1/25 (later)"

PLANS = [
    ({"ip": [{"address": "192.0.2.1/24"}]}, None, ["define network n (nat, 192.0.2.1/24)", START, AUTOSTART]),
    ({"mode": "isolated", "autostart": False}, None, ["define network n (isolated)", START]),
    ({"mode": "isolated", "state": "present"}, None, ["define network n (isolated)"]),
    ({"mode": "bridge", "bridge": "br0"}, None, ["define network n (bridge)", START, AUTOSTART]),
    ({"state": "absent"}, None, []),
    ({}, state(), []),
    ({"mode": "nat", "device": "eth0", "bridge": "virbr1", "domain": "n.test", **subnet(ONE)}, state(), []),
    ({"ip": [{"address": "192.0.2.1/24"}]}, state(), []),
    ({}, state(live=None), [START]),
    ({"state": "present"}, state(live=None), []),
    ({"state": "inactive"}, state(), [STOP]),
    ({"autostart": True}, state(), [AUTOSTART]),
    ({"state": "absent"}, state(), [STOP, "undefine network n"]),
    ({"state": "absent"}, state(live=None), ["undefine network n"]),
    ({"state": "absent"}, state(persistent=False), [STOP]),
    ({}, state(persistent=False), ["define transient network n as a lasting one"]),
    (subnet(ONE, TWO), state(), [ADD_TWO]),
    (subnet(ONE, TWO), state(live=None), [ADD_TWO, START]),
    (subnet(), state(), [REMOVE_ONE]),
    (subnet(TWO), state(), [REMOVE_ONE, ADD_TWO]),
    (
        subnet({**ONE, "ip": "192.0.2.13"}),
        state(),
        ["change DHCP host 52:54:00:00:00:01 one 192.0.2.13 (was DHCP host 52:54:00:00:00:01 one 192.0.2.11)"],
    ),
    (subnet(ONE, ranges=[]), state(), ["remove DHCP range 192.0.2.100 192.0.2.200"]),
    ({"dns": {"hosts": []}}, state(), ["remove DNS host 192.0.2.1 gw"]),
    (
        {"dns": {"hosts": [{"ip": "192.0.2.1", "names": ["gw", "b"]}]}},
        state(),
        ["remove DNS host 192.0.2.1 gw", "add DNS host 192.0.2.1 b gw"],
    ),
    ({"dns": {"forwarders": ["192.0.2.9"]}}, state(), ["set forwarders none -> 192.0.2.9 (later)"]),
    ({"mtu": 9000}, state(), ["set mtu none -> 9000 (later)"]),
    ({"mtu": 9000}, state(live=None), ["set mtu none -> 9000", START]),
    ({"mtu": 9000, "state": "inactive"}, state(), [STOP, "set mtu none -> 9000"]),
    ({"mode": "route", "device": ""}, state(), ["set mode nat -> route (later)", "set device eth0 -> none (later)"]),
    ({"mtu": 0}, state(NAT.replace("<portgroup", "<mtu size='1400'/><portgroup")), ["set mtu 1400 -> none (later)"]),
    ({"domain": ""}, state(), ["set domain n.test -> none (later)"]),
    ({"ip": [{"address": "192.0.2.1/25"}]}, state(), [LATER]),
    (
        {"ip": [{"address": "192.0.2.1/24"}, {"address": "2001:db8::1/64", "dhcp": {"ranges": [], "hosts": []}}]},
        state(),
        ["set ip 192.0.2.1/24 -> 192.0.2.1/24, 2001:db8::1/64 (later)"],
    ),
    (
        {"ip": [{"address": "203.0.113.1/24", "dhcp": {"ranges": [{"start": "203.0.113.2", "end": "203.0.113.9"}]}}]},
        state(),
        ["set ip 192.0.2.1/24 -> 203.0.113.1/24 (later)", "add DHCP range 203.0.113.2 203.0.113.9 (later)"],
    ),
]


@pytest.mark.parametrize(("params", "current", "expected"), PLANS)
def test_plan(params: dict[str, Any], current: NetworkState | None, expected: list[str]) -> None:
    assert planned(params, current) == expected


BRIDGED = {"mode": "bridge", "bridge": "br0"}
REFUSED = [
    ({}, None, {}, "of mode nat needs ip"),
    ({"mode": "route"}, None, {}, "of mode route needs ip"),
    ({"mode": "bridge"}, None, {}, "of mode bridge needs bridge"),
    ({**BRIDGED, "mtu": 9000}, None, {}, "of mode bridge cannot have mtu"),
    ({**BRIDGED, "dns": {"forwarders": ["192.0.2.9"]}}, None, {}, "of mode bridge cannot have dns"),
    ({**BRIDGED, "dns": {"hosts": [{"ip": "192.0.2.1", "names": ["a"]}]}}, None, {}, "cannot have dns"),
    (BRIDGED, state(), {}, "of mode bridge cannot have domain and ip"),
    ({"mode": "isolated", "device": "eth0"}, None, {}, "of mode isolated cannot have device"),
    ({"mode": "isolated", "bridge": "a-name-too-long-for-linux"}, None, {}, "is no interface name"),
    ({"mode": "isolated", "mtu": 1}, None, {}, "mtu 1 is out of range"),
    ({"ip": [{"address": "192.0.2.1"}]}, None, {}, "has no prefix or is none"),
    ({"ip": [{"address": "300.0.2.1/24"}]}, None, {}, "has no prefix or is none"),
    ({"ip": [{"address": "192.0.2.0/24"}]}, None, {}, "is the network itself; write the host's own"),
    ({"ip": [{"address": "192.0.2.1/24"}, {"address": "192.0.2.9/28"}]}, None, {}, "overlap"),
    (subnet(ranges=[{"start": "192.0.2.9", "end": "192.0.2.2"}]), None, {}, "ends before it starts"),
    (subnet(ranges=[{"start": "192.0.3.1", "end": "192.0.3.2"}]), None, {}, "outside 192.0.2.0/24"),
    (subnet({"mac": "52:54:00:00:00:0g", "ip": "192.0.2.2"}), None, {}, "is not a MAC address"),
    (subnet({"mac": "41135040010", "ip": "192.0.2.2"}), None, {}, "write the MAC address in quotes"),
    (subnet({"ip": "192.0.2.2"}), None, {}, "has neither mac nor name"),
    (subnet(ONE, {**ONE, "ip": "192.0.2.77"}), None, {}, "clashes with another DHCP host"),
    (subnet(ONE, {**TWO, "ip": "192.0.2.11"}), None, {}, "clashes with another DHCP host"),
    ({"mode": "isolated", "dns": {"hosts": [{"ip": "x", "names": ["a"]}]}}, None, {}, "'x' is not an IP address"),
    ({"mode": "isolated", "dns": {"hosts": [{"ip": "192.0.2.1", "names": []}]}}, None, {}, "has no names"),
    (subnet(), None, {"others": [state()]}, "192.0.2.1/24 overlaps 192.0.2.1/24 of network 'n'"),
    (subnet(), None, {"links": [("eth0", "192.0.2.0/25")]}, "overlaps 192.0.2.0/25 of the host's interface eth0"),
    ({}, state(live=None), {"links": [("eth0", "192.0.2.0/25")]}, "of the host's interface eth0"),
    ({"mode": "isolated", "bridge": "virbr2"}, None, {"others": [state(ISOLATED)]}, "which network 'iso' has"),
    (
        {"state": "inactive"},
        state(),
        {"guests": Guests(("a", "b"), ("a",))},
        "not stopped: VMs have cards in it (a)",
    ),
    ({"state": "absent"}, state(), {"guests": Guests(("a", "b"))}, "is not removed: VMs have cards in it (a, b)"),
    ({"name": "", "mode": "isolated"}, None, {}, "Network name '' cannot be used"),
]


@pytest.mark.parametrize(("params", "current", "more", "words"), REFUSED)
def test_refused(params: dict[str, Any], current: NetworkState | None, more: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as caught:
        planned(params, current, **more)
    assert words in str(caught.value)


def test_two_networks_may_share_a_bridge_of_the_host() -> None:
    assert planned(BRIDGED, None, others=[state(OFFICE)])[0] == "define network n (bridge)"


def test_a_network_does_not_clash_with_its_own_bridge() -> None:
    assert planned({"ip": [{"address": "192.0.2.1/25"}]}, state(), links=[("virbr1", "192.0.2.0/24")]) == [LATER]


def test_the_subnets_of_a_machine_are_read_from_its_routes() -> None:
    table = """Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth0 00000000 0100000A 0003 0 0 0 00000000 0 0 0
eth0 0000000A 00000000 0001 0 0 0 00FFFFFF 0 0 0
eth1 0010A8C0 0100000A 0003 0 0 0 00F0FFFF 0 0 0"""
    assert parse_routes(table.splitlines()) == [("eth0", "10.0.0.0/255.255.255.0")]


@pytest.mark.parametrize("xml", [NAT, OFFICE, ISOLATED])
def test_facts_as_options_change_nothing(xml: str) -> None:
    current = state(xml)
    facts = network_facts(current, current.name)
    options = {name: value for name, value in facts.items() if name in network_options()}
    assert planned(options, current) == []


def test_a_running_network_says_what_it_waits_for_until_it_is_restarted() -> None:
    waiting = state(NAT.replace("virbr1", "virbr9"), NAT)
    plan = plan_of({}, waiting)
    assert plan.changes == []
    assert [reason.split(" takes effect")[0] for reason in plan.restart_required] == ["bridge: virbr1 -> virbr9"]


def test_a_network_that_stops_waits_for_nothing() -> None:
    assert plan_of({"mtu": 9000}, state()).restart_required != []
    assert plan_of({"mtu": 9000, "state": "inactive"}, state()).restart_required == []
    assert plan_of({"mtu": 9000}, state(live=None)).restart_required == []


def test_a_network_that_runs_as_it_is_wanted_is_not_refused_for_its_neighbours() -> None:
    assert planned({"mtu": 9000}, state(), links=[("eth0", "192.0.2.0/25")]) == ["set mtu none -> 9000 (later)"]


@pytest.mark.parametrize(("missing", "told"), [(True, 1), (False, 0)])
@pytest.mark.parametrize("wanted", [{"bridge": "br0", "mode": "bridge"}, {"mode": "isolated"}])
def test_a_bridge_that_has_to_be_made_first_is_told_of(
    wanted: dict[str, Any], missing: bool, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test driver is on no host that could have bridges."""
    monkeypatch.setattr(plan, "bridge_missing", lambda _host, _bridge: missing)
    with hypervisor("test:///default") as host:
        made = plan.NETWORK.plan(host, NetworkSpec.from_params({"name": "bridged", "autostart": True, **wanted}))
    words = "the bridge br0 is not there (yet); it has to be made before this network"
    assert made.warnings == [words] * (told if "bridge" in wanted else 0)
    assert len(made.changes) == 3


@pytest.mark.parametrize(("definition", "live"), [(True, False), (False, True), (False, False)])
def test_an_entry_that_only_one_side_has_is_added_to_the_other(definition: bool, live: bool) -> None:
    """A run that was cut off between the two is finished by the next."""
    both = NAT.replace("</dhcp>", "<host mac='52:54:00:00:00:02' ip='192.0.2.12'/></dhcp>")
    current = state(both if definition else NAT, both if live else NAT)
    changes = plan_of(subnet(ONE, TWO), current).changes
    assert [(change.config, change.live) for change in changes] == [(not definition, not live)]


def test_what_has_no_option_survives_an_edit() -> None:
    tree = parse_xml(NAT)
    Definition.edit(tree, Definition.normal({"mode": "route", "mtu": 9000, "forwarders": ["192.0.2.9"], "ip": None}))
    Definition.edit(tree, {"ip": ("192.0.2.1/25",), "domain": "m.test"})
    text = to_xml(tree)
    for kept in (
        "9a05da11-e96b-47f3-8253-a3a482e445f5",
        "52:54:00:0a:0b:0c",
        'localOnly="yes"',
        'domain="corp.test"',
        "/srv/tftp",
        "<lease",
        'portgroup name="slow"',
        'stp="on"',
    ):
        assert kept in text
    assert "<nat>" not in text
    etree.RelaxNG(file=SCHEMA).assertValid(tree)


def test_a_network_that_is_left_to_a_bridge_of_the_host_keeps_nothing_that_libvirt_would_refuse() -> None:
    tree = parse_xml(NAT)
    Definition.edit(tree, {"mode": "bridge", "bridge": "br0", "ip": None, "domain": None})
    tree.remove(tree.find("uuid"))
    tree.remove(tree.find("portgroup"))
    etree.RelaxNG(file=SCHEMA).assertValid(tree)
    assert [child.tag for child in tree] == ["name", "forward", "bridge"]
    assert dict(tree.find("bridge").attrib) == {"name": "br0"}


NEW = {
    "nat": {"device": "eth0", "domain": "n.test", "mtu": 1400, **subnet(ONE, TWO)},
    "route": {"device": "eth0", **subnet(ranges=[{"start": "192.0.2.2", "end": "192.0.2.9"}])},
    "open": {"ip": [{"address": "2001:db8::1/64"}]},
    "isolated": {"dns": {"forwarders": ["192.0.2.9"], "hosts": [{"ip": "192.0.2.1", "names": ["a", "b"]}]}},
    "bridge": {"bridge": "br0"},
}


@pytest.mark.parametrize("mode", MODES)
def test_a_new_network_is_valid_and_is_what_was_wanted(mode: str) -> None:
    params = {"name": "n", "mode": mode, **NEW[mode]}
    tree = new_tree(NetworkSpec.from_params(params))
    etree.RelaxNG(file=SCHEMA).assertValid(tree)
    assert planned(params, NetworkState("n", tree, tree)) == []


class Network:
    """An inactive network that keeps what it is told to update, which libvirt's test driver cannot."""

    def __init__(self, xml: str = NAT) -> None:
        self.xml = xml
        self.told: list[tuple[int, int, int, str, int]] = []

    def networkLookupByName(self, _name: str) -> Network:
        return self

    def isActive(self) -> bool:
        return False

    def isPersistent(self) -> bool:
        return True

    def XMLDesc(self, _flags: int = 0) -> str:
        return self.xml

    def update(self, command: int, section: int, position: int, xml: str, flags: int) -> None:
        self.told.append((command, section, position, xml.strip(), flags))


def test_what_an_entry_that_changes_has_beside_our_values_stays() -> None:
    network = Network()
    for change in plan_of(subnet({**ONE, "ip": "192.0.2.13"}), state(live=None)).changes[:1]:
        change.carry_out(Hypervisor(network, "fake:///"))
    ((command, section, _position, xml, flags),) = network.told
    assert (command, section, flags) == (1, 4, 2)
    node = parse_xml(xml)
    assert dict(node.attrib) == {"mac": "52:54:00:00:00:01", "name": "one", "ip": "192.0.2.13"}
    assert dict(node.find("lease").attrib) == {"expiry": "5", "unit": "hours"}


SECOND = "<ip address='198.51.100.1' prefix='24'/>"
MANY = NAT.replace("<portgroup", f"<ip family='ipv6' address='2001:db8::1' prefix='64'/>{SECOND}<portgroup")
DHCP = {"dhcp": {"hosts": [{"mac": "52:54:00:00:00:02", "ip": "198.51.100.12"}]}}


@pytest.mark.parametrize(
    ("params", "positions"),
    [
        ({"ip": [{"address": "192.0.2.1/24", "dhcp": {"hosts": [TWO]}}]}, [0, 0]),
        ({"ip": [{"address": "198.51.100.1/24", **DHCP}]}, [2]),
        # Names are the whole network's.
        ({"dns": {"hosts": [{"ip": "192.0.2.2", "names": ["a"]}]}}, [-1, -1]),
    ],
)
def test_an_entry_goes_to_the_address_that_it_belongs_to(params: dict[str, Any], positions: list[int]) -> None:
    """libvirt puts an entry of no said address under the first that has any, or refuses it."""
    network = Network(MANY)
    named = {entry["address"] for entry in params.get("ip", ())}
    others = [{"address": ip} for ip in ("192.0.2.1/24", "198.51.100.1/24", "2001:db8::1/64") if ip not in named]
    wanted = {"state": "inactive", **params, **({"ip": [*params["ip"], *others]} if named else {})}
    for change in plan_of(wanted, state(MANY, live=None)).changes:
        change.carry_out(Hypervisor(network, "fake:///"))
    assert [position for _command, _section, position, _xml, _flags in network.told] == positions
