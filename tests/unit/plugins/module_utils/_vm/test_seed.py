# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a guest is told by its seed: the helpers beside cloud-init's own words, and the addresses of its cards."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._discretion import shown
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.arguments import vm_arguments
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import DefineVm, WriteSeed
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.interface import mac_for
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.seed import CloudInit, fingerprint, seed_files
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.table import Table, domain, planned, record, spec, state, summaries, volume

HASH = "$y$j9T$salt$hash/of.it"
USER_DATA: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"packages": [], "users": [], "runcmd": [], "write_files": [], "ssh_authorized_keys": []}, {}),
    ({"packages": ["a", "b"], "package_update": True}, {"packages": ["a", "b"], "package_update": True}),
    ({"package_update": False}, {"package_update": False}),
    ({"timezone": "Europe/Berlin", "locale": "C.UTF-8"}, {"timezone": "Europe/Berlin", "locale": "C.UTF-8"}),
    ({"runcmd": ["a | b", ["c", "d e", 3]]}, {"runcmd": ["a | b", ["c", "d e", "3"]]}),
    ({"users": [{"name": "ann"}]}, {"users": ["default", {"name": "ann"}]}),
    (
        {
            "users": [
                {
                    "name": "ann",
                    "ssh_authorized_keys": ["k"],
                    "groups": ["a", "b"],
                    "sudo": "ALL=(ALL) ALL",
                    "shell": "/bin/sh",
                    "hashed_password": HASH,
                }
            ]
        },
        {
            "users": [
                "default",
                {
                    "name": "ann",
                    "ssh_authorized_keys": ["k"],
                    "groups": ["a", "b"],
                    "sudo": "ALL=(ALL) ALL",
                    "shell": "/bin/sh",
                    "hashed_passwd": HASH,
                    "lock_passwd": False,
                },
            ]
        },
    ),
    (
        {"write_files": [{"path": "/a", "content": "x", "permissions": "0640", "append": False, "owner": None}]},
        {"write_files": [{"path": "/a", "content": "x", "permissions": "0640", "append": False}]},
    ),
    # beside the user's own words: lists are joined, the helpers last
    ({"packages": ["b"], "user_data": {"packages": ["a"], "x": 1}}, {"packages": ["a", "b"], "x": 1}),
    ({"users": [{"name": "b"}], "user_data": {"users": [{"name": "a"}]}}, {"users": [{"name": "a"}, {"name": "b"}]}),
    ({"users": [{"name": "b"}], "user_data": {"users": []}}, {"users": [{"name": "b"}]}),
    ({"users": [{"name": "b"}], "user_data": {"users": None}}, {"users": ["default", {"name": "b"}]}),
    ({"runcmd": ["b"], "user_data": {"runcmd": [["a"]]}}, {"runcmd": [["a"], "b"]}),
    (
        {"write_files": [{"path": "/b"}], "user_data": {"write_files": [{"path": "/a"}]}},
        {"write_files": [{"path": "/a"}, {"path": "/b"}]},
    ),
    ({"timezone": "UTC", "user_data": {"locale": "C"}}, {"timezone": "UTC", "locale": "C"}),
    ({"packages": [], "user_data": {"packages": "none"}}, {"packages": "none"}),
]


@pytest.mark.parametrize(("wanted", "content"), USER_DATA)
def test_user_data(wanted: dict[str, Any], content: dict[str, Any]) -> None:
    text = seed_files(CloudInit.from_params(wanted), "web01", "id")["user-data"]
    assert json.loads(text.removeprefix("#cloud-config\n")) == content


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"timezone": "a", "user_data": {"timezone": "a"}}, "cloud_init has timezone, and its user_data has it too"),
    ({"locale": "a", "user_data": {"locale": None}}, "cloud_init has locale, and its user_data has it too"),
    ({"package_update": True, "user_data": {"package_update": True}}, "cloud_init has package_update"),
    ({"hostname": "a", "user_data": {"hostname": "b"}}, "cloud_init has hostname, and its user_data has it too"),
    ({"packages": ["a"], "user_data": {"packages": "b"}}, "packages of its user_data is no list"),
    ({"users": [{"name": "a"}], "user_data": {"users": "default"}}, "users of its user_data is no list"),
    ({"runcmd": [{"a": 1}]}, "runcmd in cloud_init has an entry that is no command"),
    ({"runcmd": [[]]}, "runcmd in cloud_init has an entry that is no command"),
    ({"runcmd": [["a", ["b"]]]}, "runcmd in cloud_init has an entry that is no command"),
    (
        {"users": [{"name": "ann", "hashed_password": "hunter2"}]},
        "hashed_password of user 'ann' in cloud_init is no hash",
    ),
    ({"users": [{"name": "ann", "hashed_password": "$6$salt"}]}, "hashed_password of user 'ann'"),
    ({"write_files": [{"path": "/a", "permissions": "420"}]}, "permissions 420 of /a in cloud_init are not understood"),
    ({"write_files": [{"path": "/a", "permissions": "rwx"}]}, "permissions rwx of /a"),
]


@pytest.mark.parametrize(("wanted", "why"), REFUSED)
def test_what_contradicts_itself_is_refused(wanted: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        spec(cloud_init=wanted)
    assert str(refusal.value).startswith("VM 'web01': ")
    assert why in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_what_a_guest_is_told_is_shown_nowhere() -> None:
    secret = {"user_data": {"chpasswd": {"list": "root:hunter2"}}, "users": [{"name": "a", "hashed_password": HASH}]}
    for current, table in ((None, Table()), (state(), Table()), (seeded(), with_seed())):
        plan = planned(current, table, cloud_init=secret)
        assert any(isinstance(change, WriteSeed) for change in plan.changes)
        told = f"{plan!r} {plan.lines()} {plan.diff()} {spec(cloud_init=secret)!r}"
        assert "hunter2" not in told
        assert HASH not in told


UUID = domain().findtext("uuid")
NEW = mac_for(UUID, "lan")
CARD = "<interface type='network'><mac address='52:54:00:00:00:0a'/><source network='lan'/></interface>"
# What is said of the card, in the tree or in the option; what the guest is told of it.
ETHERNETS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"dhcp": True}, {"dhcp4": True}),
    ({"dhcp": False}, {"dhcp4": False}),
    ({"ip": ["192.0.2.5/24"]}, {"dhcp4": False, "addresses": ["192.0.2.5/24"]}),
    ({"ip": ["192.0.2.5/24"], "dhcp": True}, {"dhcp4": True, "addresses": ["192.0.2.5/24"]}),
    ({"ip": ["2001:db8::5/64"]}, {"dhcp4": True, "addresses": ["2001:db8::5/64"]}),
    (
        {"ip": ["192.0.2.5/24"], "gateway": ["192.0.2.1"], "dns": ["192.0.2.53", "2001:db8::53"]},
        {
            "dhcp4": False,
            "addresses": ["192.0.2.5/24"],
            "routes": [{"to": "0.0.0.0/0", "via": "192.0.2.1"}],
            "nameservers": {"addresses": ["192.0.2.53", "2001:db8::53"]},
        },
    ),
    (
        {"ip": ["192.0.2.5/24", "2001:db8::5/64"], "gateway": ["192.0.2.1", "fe80::1"]},
        {
            "dhcp4": False,
            "addresses": ["192.0.2.5/24", "2001:db8::5/64"],
            "routes": [{"to": "0.0.0.0/0", "via": "192.0.2.1"}, {"to": "::/0", "via": "fe80::1"}],
        },
    ),
    (
        {"ip": ["192.0.2.5/32"], "gateway": ["198.51.100.1"]},
        {
            "dhcp4": False,
            "addresses": ["192.0.2.5/32"],
            "routes": [{"to": "0.0.0.0/0", "via": "198.51.100.1", "on-link": True}],
        },
    ),
    ({"dns": ["192.0.2.53"]}, {"dhcp4": True, "nameservers": {"addresses": ["192.0.2.53"]}}),
]


def network_of(current: VmState | None, **params: Any) -> dict[str, Any]:
    """Return the network-config that a plan would write; nothing where it writes none."""
    plan = planned(current, with_seed() if current and current.record else None, **params)
    files = [change.files for change in plan.changes if isinstance(change, WriteSeed)]
    return json.loads(files[0].get("network-config", "{}")) if files else {}


@pytest.mark.parametrize(("card", "ethernet"), ETHERNETS)
def test_network_config(card: dict[str, Any], ethernet: dict[str, Any]) -> None:
    config = network_of(state(), nics=[{"network": "lan", **card}])
    assert config == {"version": 2, "ethernets": {"lan": {"match": {"macaddress": NEW}, **ethernet}}}


MACS: list[tuple[str, dict[str, Any], str]] = [
    ("", {}, NEW),
    ("", {"mac": "52:54:00:00:00:0b"}, "52:54:00:00:00:0b"),
    (CARD, {}, "52:54:00:00:00:0a"),
    (CARD, {"mac": "52:54:00:00:00:0b"}, "52:54:00:00:00:0b"),
    (CARD.replace("</interface>", "<alias name='ua-other'/></interface>"), {}, NEW),
]


@pytest.mark.parametrize(("devices", "card", "mac"), MACS)
def test_a_card_is_matched_by_the_address_that_it_has_or_gets(devices: str, card: dict[str, Any], mac: str) -> None:
    config = network_of(state(devices), nics=[{"network": "lan", "ip": ["192.0.2.5/24"], **card}])
    assert config["ethernets"]["lan"]["match"] == {"macaddress": mac}


def test_a_card_of_which_nothing_is_said_asks_for_an_address() -> None:
    config = network_of(None, nics=[{"network": "lan", "ip": ["192.0.2.5/24"]}, {"network": "default", "name": "a.b"}])
    assert config["ethernets"]["a_b"]["dhcp4"] is True
    assert config["ethernets"]["lan"]["dhcp4"] is False


@pytest.mark.parametrize("cloud_init", [None, {}, {"network_config": {"version": 2, "own": True}}])
def test_without_addresses_the_image_does_as_it_is_used_to(cloud_init: dict[str, Any] | None) -> None:
    own = (cloud_init or {}).get("network_config", {})
    assert network_of(None, template="tiny", nics=[{"network": "lan"}], cloud_init=cloud_init) == own


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"network_config": {"version": 2}}, "nics say addresses, and cloud_init.network_config says them too"),
    ({"network_config": {}}, "nics say addresses, and cloud_init.network_config says them too"),
    ({"enabled": False}, "nics say addresses that only cloud-init can give to the guest"),
]


@pytest.mark.parametrize("current", [None, state()])
@pytest.mark.parametrize(("cloud_init", "why"), CONTRADICTIONS)
def test_addresses_that_no_seed_could_tell_are_refused(
    current: VmState | None, cloud_init: dict[str, Any], why: str
) -> None:
    with pytest.raises(Refused, match=f"VM 'web01': {why}"):
        planned(current, nics=[{"network": "lan", "dhcp": True}], cloud_init=cloud_init)


DRIVE = "<source file='/pool/web01-seed.iso'/><target dev='vdz'/><alias name='ua-seed'/>"
SEED = f"<disk type='file' device='disk'>{DRIVE}</disk>"


def with_seed() -> Table:
    return Table(volumes=(volume("web01-seed.iso", kind="raw"),))


def seeded(network: dict[str, Any] | None = None, card: str = CARD) -> VmState:
    """Return a VM with a card, whose seed says nothing but its name and this of the network."""
    mark = fingerprint(seed_files(CloudInit(), "web01", UUID, network))
    return state(SEED + card, record(f"<k:seed fingerprint='{mark}'/>"))


FIXED = {"match": {"macaddress": "52:54:00:00:00:0a"}, "dhcp4": False, "addresses": ["192.0.2.5/24"]}
WRITE = ["write cloud-init seed to volume web01-seed.iso in pool default", "note the content of the seed"]
ADDRESSED = seeded({"version": 2, "ethernets": {"lan": FIXED}})
AGAIN: list[tuple[VmState, dict[str, Any], list[str]]] = [
    (ADDRESSED, {"nics": [{"network": "lan", "ip": ["192.0.2.5/24"]}]}, []),
    (ADDRESSED, {"nics": [{"network": "lan", "ip": ["192.0.2.5/24"]}], "cloud_init": {"hostname": "web01"}}, []),
    (ADDRESSED, {"nics": [{"network": "lan", "ip": ["192.0.2.6/24"]}]}, WRITE),
    (ADDRESSED, {"nics": [{"network": "lan"}]}, []),
    (ADDRESSED, {"nics": [{"network": "lan"}], "cloud_init": {}}, WRITE),
    (seeded(), {"nics": [{"network": "lan", "dhcp": True}]}, WRITE),
    (seeded(), {"nics": [{"network": "lan"}], "cloud_init": {}}, []),
]


@pytest.mark.parametrize(("current", "params", "lines"), AGAIN)
def test_the_seed_is_written_anew_when_addresses_change_and_never_otherwise(
    current: VmState, params: dict[str, Any], lines: list[str]
) -> None:
    assert summaries(planned(current, with_seed(), **params)) == lines


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("user_data", {"chpasswd": "s3cret"}),
        ("write_files", [{"path": "/a", "content": "s3cret"}]),
        ("runcmd", [["login", "s3cret"]]),
        ("users", [{"name": "eva", "hashed_password": "s3cret"}]),
    ],
)
def test_what_a_guest_is_told_in_secret_is_not_shown_with_the_options(option: str, value: Any) -> None:
    assert "s3cret" not in str(shown(vm_arguments(), {"cloud_init": {option: value}}))


def test_a_seed_that_no_active_pool_knows_is_not_written_elsewhere() -> None:
    with pytest.raises(Refused, match=r"no active pool knows /pool/web01-seed\.iso of its seed; make its pool active"):
        planned(seeded(), Table(), cloud_init={"hostname": "b"})


@pytest.mark.parametrize(("pool", "kind", "path"), [("default", "file", "/pool"), ("lvm", "block", "/dev/vg")])
def test_a_seed_is_attached_as_what_its_pool_has(pool: str, kind: str, path: str) -> None:
    definition = planned(None, Table(), cloud_init={}, pool=pool).changes[-1]
    assert isinstance(definition, DefineVm)
    disk = parse_xml(definition.xml).find("devices/disk")
    source = disk.find("source")
    assert (disk.get("type"), source.get("file") or source.get("dev")) == (kind, f"{path}/web01-seed.iso")
