# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices: how they are recognised again, and what is written of a new one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.device import (
    alias,
    alias_of,
    is_marked,
    name_of,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.disk import (
    Disk,
    free_target,
    seed_disk,
    source_of,
    target_of,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.interface import Interface, mac_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.registry import BY_OPTION
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.surroundings import Surroundings
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml

from tests.unit.plugins.module_utils._vm.table import Table, domain, planned, state, summaries


def disk(target: str, mark: str = "") -> str:
    name = f"<alias name='{mark}'/>" if mark else ""
    return f"<disk type='file' device='disk'><target dev='{target}' bus='virtio'/>{name}</disk>"


def card(mac: str, network: str, mark: str = "") -> str:
    name = f"<alias name='{mark}'/>" if mark else ""
    return f"<interface type='network'><mac address='{mac}'/><source network='{network}'/>{name}</interface>"


def rng(mark: str) -> str:
    return f"<rng model='virtio'><backend model='builtin'/><alias name='{mark}'/></rng>"


A, B = "52:54:00:00:00:0a", "52:54:00:00:00:0b"
KNOWN: list[tuple[str, str, list[dict[str, Any]], dict[str, str]]] = [
    ("disks", "", [{"name": "root"}], {}),
    ("disks", disk("vda", "ua-root"), [{"name": "root"}], {"root": "vda"}),
    (
        "disks",
        disk("vda", "ua-data") + disk("vdb", "ua-root"),
        [{"name": "root"}, {"name": "data"}],
        {"root": "vdb", "data": "vda"},
    ),
    ("disks", disk("vda") + disk("vdb"), [{"name": "vdb"}, {"name": "vda"}], {"vda": "vda", "vdb": "vdb"}),
    ("disks", disk("vda") + disk("vdb"), [{"name": "root"}], {"root": "vda"}),
    ("disks", disk("vda", "virtio-disk0"), [{"name": "root"}], {"root": "vda"}),
    ("disks", disk("vda", "ua-sys"), [{"name": "root"}], {}),
    ("disks", disk("vda", "ua-sys") + disk("vdb"), [{"name": "root"}], {}),
    ("disks", disk("vda"), [{"name": "vda"}, {"name": "root"}], {"vda": "vda"}),
    ("disks", disk("vda", "ua-vdb") + disk("vdb"), [{"name": "vdb"}], {"vdb": "vda"}),
    ("disks", disk("vda", "ua-a_b"), [{"name": "a.b"}], {"a.b": "vda"}),
    ("nics", card(A, "lan", "ua-front"), [{"name": "front", "network": "other"}], {"front": A}),
    ("nics", card(A, "lan"), [{"network": "lan"}], {"lan": A}),
    ("nics", card(A, "lan"), [{"network": "other"}], {}),
    ("nics", card(A, "lan"), [{"name": "x", "network": "other", "mac": A.upper()}], {"x": A}),
    (
        "nics",
        card(A, "lan") + card(B, "lan"),
        [{"name": "x", "network": "lan", "mac": B}, {"network": "lan"}],
        {"x": B, "lan": A},
    ),
    ("nics", card(A, "lan", "ua-one"), [{"name": "two", "network": "lan"}], {}),
    ("nics", card(A, "lan", "ua-one") + card(B, "lan"), [{"name": "two", "network": "lan"}], {"two": B}),
    ("rngs", rng("rng0"), [{"name": "one", "backend": "builtin"}], {"one": "rng0"}),
    ("rngs", rng("rng0"), [{"name": "one", "backend": "random"}], {}),
    ("rngs", rng("ua-one"), [{"backend": "builtin"}], {"builtin": "ua-one"}),
    ("rngs", rng("ua-one"), [{"name": "two", "backend": "builtin"}], {}),
    ("rngs", rng("ua-one") + rng("rng1"), [{"name": "two", "backend": "builtin"}], {"two": "rng1"}),
]


@pytest.mark.parametrize(("option", "devices", "wanted", "keys"), KNOWN)
def test_devices_are_recognised(option: str, devices: str, wanted: list[dict[str, Any]], keys: dict[str, str]) -> None:
    device = BY_OPTION[option]
    known = device.recognise(device.nodes(domain(devices)), device.wanted(wanted))
    key = {"disks": target_of, "nics": mac_of, "rngs": alias_of}[option]
    assert {name: key(node) for name, node in known.items()} == keys


def test_drives_and_the_seed_are_no_hard_disks() -> None:
    tree = domain("<disk device='cdrom'/><disk device='floppy'/><disk/><disk device='lun'/>" + disk("vdz", "ua-seed"))
    assert [node.get("device") for node in Disk.nodes(tree)] == [None]
    assert target_of(seed_disk(tree)) == "vdz"
    assert seed_disk(domain(disk("vda"))) is None


@pytest.mark.parametrize(
    ("taken", "bus", "free"),
    [
        ((), "virtio", "vda"),
        (("vda", "vdc"), "virtio", "vdb"),
        (("vda",), "scsi", "sda"),
        (tuple(f"vd{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"), "virtio", "vdaa"),
        (("hda",), "sata", "sda"),
    ],
)
def test_the_next_free_target(taken: tuple[str, ...], bus: str, free: str) -> None:
    assert free_target(domain("".join(disk(target) for target in taken)), bus) == free


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("<source file='/a'/>", "/a"),
        ("<source dev='/dev/b'/>", "/dev/b"),
        ("<source protocol='rbd' name='pool/c'/>", "pool/c"),
        ("<source pool='p' volume='d'/>", "d"),
        ("<source/>", ""),
        ("", ""),
    ],
)
def test_what_is_in_a_disk(source: str, path: str) -> None:
    assert source_of(parse_xml(f"<disk>{source}</disk>")) == path


@pytest.mark.parametrize(("name", "mark"), [("root", "ua-root"), ("a.b c", "ua-a_b_c"), ("x-1_y", "ua-x-1_y")])
def test_names_become_aliases(name: str, mark: str) -> None:
    assert alias(name) == mark


@pytest.mark.parametrize(
    ("mark", "marked", "name"), [("ua-x", True, "x"), ("virtio-disk0", False, "vda"), ("", False, "vda")]
)
def test_aliases_of_libvirt_are_no_names(mark: str, marked: bool, name: str) -> None:
    node = parse_xml(disk("vda", mark))
    assert is_marked(node) == marked
    assert name_of(node, "vda") == name


def test_a_card_that_is_moved_forgets_where_it_was() -> None:
    node = parse_xml(
        "<interface type='network'><source network='lan' portgroup='x'/><model type='virtio'/></interface>"
    )
    Interface.edit(node, {"bridge": "br0"})
    assert "".join(line.strip() for line in to_xml(node).splitlines()) == (
        '<interface type="bridge"><source bridge="br0"/><model type="virtio"/></interface>'
    )
    assert Interface.read(node) == {"bridge": "br0", "model": "virtio"}


def test_an_empty_word_for_the_connection_that_is_not_used_is_none() -> None:
    (wanted,) = Interface.wanted([{"network": "", "bridge": "br0"}])
    assert (wanted.name, dict(wanted.fields)) == ("br0", {"bridge": "br0"})


@pytest.mark.parametrize(("there", "now"), [((7, 1), "new"), ((6, 10), "stopped"), ((7, 1), "running")])
def test_a_device_that_the_host_does_not_know_is_refused(there: tuple[int, int], now: str) -> None:
    current = None if now == "new" else state(power=now)
    sentence = rf"audios needs libvirt 7\.2, and the host has {there[0]}\.{there[1]}; leave it out\."
    with pytest.raises(Refused, match=sentence):
        planned(current, Table(libvirt=there), audios=[{"type": "none"}])


@pytest.mark.parametrize(
    ("there", "params", "lines"),
    [
        ((7, 2), {"audios": [{"type": "none"}]}, ["attach audio (id 1, type none)"]),
        ((10, 0), {"audios": [{"type": "none"}]}, ["attach audio (id 1, type none)"]),
        ((6, 0), {"audios": []}, []),
        ((6, 0), {"sounds": [{"model": "ich9"}]}, ["attach sound card ich9 (model ich9)"]),
        ((6, 0), {"state": "absent", "audios": [{"type": "none"}]}, ["undefine VM"]),
    ],
)
def test_what_an_older_host_has_no_part_in(there: tuple[int, int], params: dict[str, Any], lines: list[str]) -> None:
    assert summaries(planned(state(), Table(libvirt=there), **params)) == lines


class Versioned:
    """A connection that knows nothing but its version: libvirt's test driver always has that of the library."""

    def __init__(self, number: int) -> None:
        self.number = number

    def getLibVersion(self) -> int:
        return self.number


@pytest.mark.parametrize(("number", "version"), [(6_000_000, (6, 0)), (7_002_001, (7, 2)), (10_010_000, (10, 10))])
def test_the_version_of_a_host(number: int, version: tuple[int, int]) -> None:
    assert Surroundings(Hypervisor(Versioned(number), "fake:///")).libvirt_version() == version


@pytest.mark.parametrize(("option", "told"), [("audios", ["The host needs libvirt 7.2."]), ("rngs", [])])
def test_the_documentation_says_what_a_host_needs(option: str, told: list[str]) -> None:
    assert [line for line in BY_OPTION[option].entry()["description"] if "needs libvirt" in line] == told
