# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_network on the lab's hosts, through Ansible: what changes while it runs, what waits, what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Lab = Callable[..., dict[str, Any]]
NET = "it-net"
BRIDGE = "it-br"
ADDRESS = "198.51.100.1/24"
ONE = {"mac": "52:54:00:aa:00:01", "name": "one", "ip": "198.51.100.11"}
TWO = {"mac": "52:54:00:aa:00:02", "name": "two", "ip": "198.51.100.12"}
RANGE = {"start": "198.51.100.100", "end": "198.51.100.200"}
NAT = {
    "name": NET,
    "mode": "nat",
    "bridge": BRIDGE,
    "domain": "it.test",
    "mtu": 1400,
    "ip": [{"address": ADDRESS, "dhcp": {"ranges": [RANGE], "hosts": [ONE]}}],
    "dns": {"hosts": [{"ip": "198.51.100.1", "names": ["gate"]}]},
}
GUEST = f"""<domain type='qemu'><name>it-guest</name><memory unit='MiB'>32</memory><os><type>hvm</type></os><devices>
<interface type='network'><source network='{NET}'/></interface></devices></domain>"""


def shell(lab_module: Lab, words: str) -> str:
    result = lab_module("h1", "ansible.builtin.shell", cmd=words)
    assert not result["failed"], result
    return str(result["stdout"]).strip()


def plan(result: dict[str, Any]) -> list[str]:
    assert not result["failed"], result
    return [line["summary"] for line in result["plan"]]


def dhcp(*hosts: dict[str, str]) -> dict[str, Any]:
    return {"name": NET, "ip": [{"address": ADDRESS, "dhcp": {"hosts": list(hosts)}}]}


@pytest.fixture
def network(lab_module: Lab) -> Iterator[Lab]:
    """Return a function that calls kvm_network on h1; the network that it makes is gone afterwards."""

    def call(**options: Any) -> dict[str, Any]:
        return lab_module("h1", "kvm_network", **{"name": NET, **options})

    yield call
    lab_module("h1", "ansible.builtin.shell", cmd=f"virsh net-destroy {NET}; virsh net-undefine {NET}")


def test_a_network_is_made_as_check_mode_says_and_once(lab_module: Lab, network: Lab) -> None:
    checked = network(check=True, diff=True, **NAT)
    assert checked["changed"]
    assert checked["network"] == {"name": NET, "state": "absent"}
    made = network(**NAT)
    assert plan(made) == plan(checked)
    assert (made["network"]["state"], made["network"]["autostart"]) == ("active", True)
    assert "mtu 1400" in shell(lab_module, f"ip -o link show {BRIDGE}")
    assert ADDRESS in shell(lab_module, f"ip -o address show {BRIDGE}")

    assert plan(network(**NAT)) == []
    assert plan(network(check=True, **NAT)) == []
    facts = lab_module("h1", "kvm_network_info", names=[NET])["networks"][0]
    facts.pop("uuid")
    assert plan(network(**facts)) == [], "facts as options change nothing"


def test_dhcp_and_dns_change_while_it_runs(lab_module: Lab, network: Lab) -> None:
    made = network(**NAT)["network"]
    moved = {**ONE, "ip": "198.51.100.13"}
    checked = network(check=True, **dhcp(moved, TWO))
    changed = network(**dhcp(moved, TWO))
    assert plan(changed) == plan(checked)
    assert {line["when"] for line in changed["plan"]} == {"now"}
    assert changed["restart_required"] == []
    for flag in ("", "--inactive"):
        xml = shell(lab_module, f"virsh net-dumpxml {NET} {flag}")
        assert moved["ip"] in xml
        assert TWO["mac"] in xml
        assert RANGE["start"] in xml, "ranges were not named, so they stay"
    assert moved["ip"] in shell(lab_module, f"cat /var/lib/libvirt/dnsmasq/{NET}.hostsfile")
    assert changed["network"]["uuid"] == made["uuid"]
    assert plan(network(**dhcp(moved, TWO))) == []

    names = {"dns": {"hosts": [{"ip": "198.51.100.1", "names": ["gate", "door"]}]}}
    assert network(**names)["changed"]
    assert "door" in shell(lab_module, f"cat /var/lib/libvirt/dnsmasq/{NET}.addnhosts")
    assert plan(network(**names)) == []
    assert network(**dhcp())["network"]["ip"][0]["dhcp"] == {"ranges": [RANGE], "hosts": []}


def test_what_cannot_change_while_it_runs_waits_and_says_so(lab_module: Lab, network: Lab) -> None:
    network(**NAT)
    mac = shell(lab_module, f"virsh net-dumpxml {NET} | grep '<mac '")
    changed = network(mtu=1300)
    assert [(line["summary"], line["when"]) for line in changed["plan"]] == [("set mtu 1400 -> 1300", "next_boot")]
    assert changed["restart_required"][0].startswith("mtu: 1400 -> 1300 takes effect when")
    assert "mtu 1400" in shell(lab_module, f"ip -o link show {BRIDGE}"), "a running network is never restarted"
    again = network(mtu=1300)
    assert (again["changed"], len(again["restart_required"])) == (False, 1)

    assert plan(network(state="inactive")) == [f"stop network {NET}"]
    assert network(state="active")["restart_required"] == []
    assert "mtu 1300" in shell(lab_module, f"ip -o link show {BRIDGE}")
    assert shell(lab_module, f"virsh net-dumpxml {NET} | grep '<mac '") == mac


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("isolated", {}),
        ("isolated", {"ip": [{"address": ADDRESS, "dhcp": {"ranges": [RANGE]}}]}),
        ("route", {"ip": [{"address": ADDRESS}], "device": "eth0"}),
        ("open", {"ip": [{"address": "2001:db8::1/64"}]}),
    ],
)
def test_other_modes(network: Lab, mode: str, options: dict[str, Any]) -> None:
    made = network(mode=mode, **options)
    assert (made["network"]["mode"], made["network"]["state"]) == (mode, "active"), made
    assert plan(network(mode=mode, **options)) == []


def test_a_network_becomes_one_on_a_bridge_of_the_host(lab_module: Lab, network: Lab) -> None:
    wanted: dict[str, Any] = {"mode": "bridge", "bridge": "it-host"}
    checked = network(check=True, **wanted)
    assert "bridge it-host is not there (yet)" in checked["warnings"][0]
    missing = network(**wanted)
    assert missing["msg"].endswith("needs the bridge it-host, which this host does not have; make the bridge first.")
    assert lab_module("h1", "kvm_network_info", names=[NET])["networks"] == [{"name": NET, "state": "absent"}]
    shell(lab_module, "ip link add it-host type bridge")
    try:
        made = network(**wanted)
        assert plan(made) == plan(checked)
        assert made["network"]["state"] == "active"
        assert plan(network(**wanted)) == []
        back = network(**{**NAT, "state": "inactive"})
        assert not back["failed"], back
        assert back["network"]["mode"] == "nat"
        assert network(**NAT)["network"]["state"] == "active"
        assert "of mode bridge cannot have domain and ip and mtu" in network(**wanted)["msg"]
        nothing = {"ip": [], "domain": "", "mtu": 0, "dns": {"hosts": [], "forwarders": []}}
        again = network(**wanted, **nothing)
        assert not again["failed"], again
        assert again["network"]["mode"] == "bridge"
        assert {line["when"] for line in again["plan"]} >= {"next_boot"}
        assert any(reason.startswith("mode: nat -> bridge") for reason in again["restart_required"])
    finally:
        shell(lab_module, "ip link delete it-host")


def test_a_run_that_was_cut_off_is_finished(lab_module: Lab, network: Lab) -> None:
    """Defined but not started; and an entry that only the definition got."""
    network(**{**NAT, "state": "present"})
    assert plan(network(**NAT)) == [f"start network {NET}"]
    host = f'<host mac="{TWO["mac"]}" name="two" ip="{TWO["ip"]}"/>'
    shell(lab_module, f"virsh net-update {NET} add ip-dhcp-host '{host}' --config")
    assert len(plan(network(**dhcp(ONE, TWO)))) == 1
    assert TWO["mac"] in shell(lab_module, f"virsh net-dumpxml {NET}")
    assert plan(network(**dhcp(ONE, TWO))) == []


def test_a_network_of_vms_is_not_removed(lab_module: Lab, network: Lab) -> None:
    network(**NAT)
    shell(lab_module, f"virsh define /dev/stdin <<'END'\n{GUEST}\nEND\n")
    try:
        assert "is not removed: VMs have cards in it (it-guest)" in network(state="absent")["msg"]
        shell(lab_module, "virsh start --paused it-guest")
        assert "is not stopped: VMs have cards in it (it-guest)" in network(state="inactive")["msg"]
    finally:
        shell(lab_module, "virsh destroy it-guest; virsh undefine it-guest")
    assert plan(network(state="absent", check=True)) == [f"stop network {NET}", f"undefine network {NET}"]
    assert network(state="absent")["network"] == {"name": NET, "state": "absent"}
    assert plan(network(state="absent")) == []


def test_a_network_that_a_running_vm_needs_at_its_next_start_is_not_removed(lab_module: Lab, network: Lab) -> None:
    """Only the configuration has the card: the VM was started without it."""
    network(**NAT)
    bare = re.sub("<interface.*</interface>", "", GUEST)
    shell(lab_module, f"virsh define /dev/stdin <<'END'\n{bare}\nEND\n")
    try:
        shell(lab_module, f"virsh start --paused it-guest && virsh attach-interface it-guest network {NET} --config")
        assert "is not removed: VMs have cards in it (it-guest)" in network(state="absent")["msg"]
        assert plan(network(state="inactive", check=True)) == [f"stop network {NET}"], "what runs does not need it"
    finally:
        shell(lab_module, "virsh destroy it-guest; virsh undefine it-guest")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "of mode nat needs ip"),
    ({"mode": "bridge"}, "of mode bridge needs bridge"),
    ({"ip": [{"address": "198.51.100.1"}]}, "has no prefix or is none"),
    ({"ip": [{"address": ADDRESS}], "mtu": 10}, "mtu 10 is out of range"),
    (dhcp({"mac": "01:00:00:00:00:01", "ip": "198.51.100.9"}), "is a multicast address"),
    (dhcp(ONE, {**TWO, "mac": ONE["mac"]}), "clashes with another DHCP host"),
    ({"mode": "isolated", "name": "a/b"}, "Network name 'a/b' cannot be used"),
]


def test_bad_input_is_a_sentence_and_touches_nothing(lab_module: Lab, network: Lab) -> None:
    for wanted, words in REFUSED:
        result = network(**wanted)
        assert result["failed"]
        assert words in result["msg"]
        assert "exception" not in result
    assert lab_module("h1", "kvm_network_info", names=[NET])["networks"] == [{"name": NET, "state": "absent"}]


def test_a_subnet_of_another_network_is_refused(network: Lab) -> None:
    network(**NAT)
    other = network(name="it-other", ip=[{"address": "198.51.100.129/25"}])
    assert f"198.51.100.129/25 overlaps {ADDRESS} of network '{NET}'" in other["msg"]
