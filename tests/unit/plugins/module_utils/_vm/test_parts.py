# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeds, platforms and facts: the small parts that a VM is made of and read by."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._media import iso_image
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB, MIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm import seed
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.census import Glance, power_word
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.registry import BY_OPTION
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.domain import Platform, platform_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.facts import brief_facts, read_facts, vm_facts
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.machine import Machine
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.seed import CloudInit, fingerprint, seed_files
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml

from tests.unit.plugins.module_utils._vm.table import record, state

SEEDS: list[tuple[dict[str, Any], str, Any]] = [
    ({}, "meta-data", {"instance-id": "id", "local-hostname": "web01"}),
    ({"hostname": "h"}, "meta-data", {"instance-id": "id", "local-hostname": "h"}),
    ({}, "user-data", {}),
    ({"ssh_authorized_keys": ["a"]}, "user-data", {"ssh_authorized_keys": ["a"]}),
    (
        {"ssh_authorized_keys": ["b"], "user_data": {"ssh_authorized_keys": ["a"], "runcmd": ["x"]}},
        "user-data",
        {"ssh_authorized_keys": ["a", "b"], "runcmd": ["x"]},
    ),
    ({"network_config": {"version": 2}}, "network-config", {"version": 2}),
]


@pytest.mark.parametrize(("wanted", "file", "content"), SEEDS)
def test_what_is_written_into_a_seed(wanted: dict[str, Any], file: str, content: Any) -> None:
    text = seed_files(CloudInit.from_params(wanted), "web01", "id")[file]
    assert text.startswith("#cloud-config\n") == (file == "user-data")
    assert json.loads(text.removeprefix("#cloud-config\n")) == content


def test_a_seed_has_no_network_config_unless_it_is_given() -> None:
    assert sorted(seed_files(CloudInit(), "web01", "id")) == ["meta-data", "user-data"]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ({}, {"hostname": "web01"}, True),
        ({"user_data": {"a": 1, "b": 2}}, {"user_data": {"b": 2, "a": 1}}, True),
        ({}, {"hostname": "x"}, False),
        ({}, {"network_config": {}}, False),
        ({"ssh_authorized_keys": ["a", "b"]}, {"ssh_authorized_keys": ["b", "a"]}, False),
    ],
)
def test_a_fingerprint_tells_contents_apart(a: dict[str, Any], b: dict[str, Any], same: bool) -> None:
    first, second = (fingerprint(seed_files(CloudInit.from_params(wanted), "web01", "id")) for wanted in (a, b))
    assert (first == second) == same


def test_the_same_content_has_another_fingerprint_in_another_vm() -> None:
    assert fingerprint(seed_files(CloudInit(), "web01", "id")) != fingerprint(seed_files(CloudInit(), "web01", "other"))


def test_a_host_without_a_tool_for_seeds_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iso_image.shutil, "which", lambda _name: None)
    with pytest.raises(
        KvmError,
        match=r"^No tool to write the cloud-init seed is on this host; install the package xorriso or genisoimage\.$",
    ):
        seed.seed_image(Hypervisor(None, "x"), {})


def capabilities(*guests: str) -> str:
    return f"<capabilities><host><cpu><arch>x86_64</arch></cpu></host>{''.join(guests)}</capabilities>"


def guest(arch: str, *types: str, machines: tuple[str, ...] = ("pc", "q35"), system: str = "hvm") -> str:
    kinds = "".join(f"<domain type='{kind}'/>" for kind in types)
    names = "".join(f"<machine>{name}</machine>" for name in machines)
    return f"<guest><os_type>{system}</os_type><arch name='{arch}'>{names}{kinds}</arch></guest>"


PLATFORMS: list[tuple[str, str, Platform]] = [
    (capabilities(guest("x86_64", "qemu", "kvm")), "auto", Platform("kvm", "x86_64", "q35")),
    (capabilities(guest("x86_64", "qemu", "kvm")), "qemu", Platform("qemu", "x86_64", "q35")),
    (capabilities(guest("x86_64", "qemu")), "auto", Platform("qemu", "x86_64", "q35")),
    (capabilities(guest("x86_64", "qemu", machines=("pc",))), "auto", Platform("qemu", "x86_64", "")),
    (capabilities(guest("i686", "qemu"), guest("x86_64", "qemu")), "auto", Platform("qemu", "x86_64", "q35")),
    (capabilities(guest("i686", "test", machines=())), "auto", Platform("test", "i686", "")),
    (
        capabilities(guest("x86_64", "xen", system="xen"), guest("i686", "qemu")),
        "auto",
        Platform("qemu", "i686", "q35"),
    ),
]


@pytest.mark.parametrize(("text", "wanted", "platform"), PLATFORMS)
def test_what_new_vms_run_on(text: str, wanted: str, platform: Platform) -> None:
    assert platform_of(text, wanted) == platform


MACHINES: list[tuple[str, dict[str, Any]]] = [
    ("<vcpu>4</vcpu>", {"vcpus": 4, "vcpus_max": 4}),
    ("<vcpu current='2'>4</vcpu>", {"vcpus": 2, "vcpus_max": 4}),
    (
        "<memory unit='GiB'>2</memory><currentMemory unit='GiB'>1</currentMemory>",
        {"memory": GIB, "memory_max": 2 * GIB},
    ),
    ("<memory>2048</memory>", {"memory": 2 * MIB, "memory_max": 2 * MIB}),
]


@pytest.mark.parametrize(("inside", "values"), MACHINES)
def test_what_a_machine_has(inside: str, values: dict[str, Any]) -> None:
    assert values.items() <= Machine.read(parse_xml(f"<domain>{inside}</domain>")).items()


def test_memory_and_cpus_are_written_whole() -> None:
    cpus = "<vcpu placement='static' current='1'>4</vcpu>"
    tree = parse_xml(f"<domain><memory>1</memory><currentMemory>1</currentMemory>{cpus}</domain>")
    Machine.edit(tree, {"memory": GIB, "vcpus": 4})
    assert "".join(to_xml(tree).split("\n")).replace("  ", "") == (
        '<domain><memory unit="KiB">1048576</memory><vcpu placement="static">4</vcpu></domain>'
    )


@pytest.mark.parametrize(
    ("number", "saved", "word"),
    [
        (0, False, "stopped"),
        (1, False, "running"),
        (2, False, "running"),
        (3, False, "paused"),
        (4, False, "running"),
        (5, False, "stopped"),
        (5, True, "saved"),
        (6, False, "stopped"),
        (7, False, "paused"),
        (1, True, "running"),
    ],
)
def test_power_in_words(number: int, saved: bool, word: str) -> None:
    assert power_word(number, saved) == word


DEVICES = (
    "<disk type='file' device='disk'><driver cache='none'/><source file='/pool/r'/><target dev='vda' "
    "bus='virtio'/><alias name='ua-root'/></disk><interface type='bridge'><mac address='52:54:00:00:00:0A'/><source "
    "bridge='br0'/><model type='virtio'/></interface>"
)


def test_facts_are_in_the_words_of_the_options() -> None:
    remembered = record("<k:template name='tiny' version='1'/><k:fleet>f</k:fleet><k:tags><k:tag>a</k:tag></k:tags>")
    current = state(DEVICES, remembered, "running", autostart=True)
    facts = vm_facts(current, {"52:54:00:00:00:0a": ["192.0.2.7", "2001:db8::7"]})
    observed = facts.pop("observed")
    expected = {
        "name": "web01",
        "state": "running",
        "uuid": "c7a5fdbd-cdaf-9455-926a-d65c16db1809",
        "domain_type": "qemu",
        "autostart": True,
        "vcpus": 1,
        "vcpus_max": 1,
        "memory": "1GiB",
        "memory_max": "1GiB",
        "template": "tiny:1",
        "fleet": "f",
        "project": None,
        "owner": None,
        "tags": ["a"],
        "metadata": {},
    }
    assert {name: facts[name] for name in expected} == expected
    (disk,), (card,) = facts["disks"], facts["nics"]
    assert {
        "name": "root",
        "target": "vda",
        "path": "/pool/r",
        "bus": "virtio",
        "cache": "none",
    }.items() <= disk.items()
    assert {"name": "br0", "bridge": "br0", "mac": "52:54:00:00:00:0a", "model": "virtio"}.items() <= card.items()
    assert observed == {
        "domain_type": "qemu",
        "ip": "192.0.2.7",
        "addresses": {"br0": ["192.0.2.7", "2001:db8::7"]},
        "disks": {"root": "/pool/r"},
        "graphics": [],
        "consoles": [],
        "unfinished": False,
        "installing": False,
    }


def test_brief_facts_are_the_same_words() -> None:
    current = state(DEVICES, record("<k:fleet>f</k:fleet>"), "running")
    brief, whole = brief_facts(current, {}), vm_facts(current, {})
    assert {"name", "state", "uuid", "memory", "vcpus", "fleet", "disks", "nics", "observed"} <= brief.keys()
    assert "graphics" in whole.keys() - brief.keys()
    assert brief == {name: whole[name] for name in brief}


USUAL = {"disks", "nics", "graphics", "videos", "serials", "guest_agent", "balloon", "rngs"}
BUS = "<controller type='pci' index='0' model='pcie-root'/><controller type='pci' index='1' model='pcie-root-port'/>"


@pytest.mark.parametrize(
    ("devices", "options"),
    [
        ("", USUAL),
        (BUS, USUAL),
        (BUS + "<controller type='scsi' index='0' model='virtio-scsi'/>", USUAL | {"controllers"}),
        ("<watchdog model='i6300esb' action='reset'/><sound model='ich9'/>", USUAL | {"watchdog", "sounds"}),
    ],
)
def test_devices_of_which_a_result_tells(devices: str, options: set[str]) -> None:
    facts = vm_facts(state(devices), {})
    assert BY_OPTION.keys() & facts.keys() == options
    assert [controller["type"] for controller in facts.get("controllers", [])] == ["scsi"] * ("controllers" in options)


LIVE = (
    "<graphics type='vnc' port='5901' autoport='yes' listen='127.0.0.1' passwd='s3cret'><listen "
    "type='address'/></graphics><graphics type='spice' port='-1' tlsPort='5902'><listen type='address' "
    "address='::1'/></graphics><graphics type='vnc' socket='/run/x'/><serial type='pty'><source "
    "path='/dev/pts/4'/></serial><console type='pty'><source path='/dev/pts/4'/></console>"
)


def test_where_a_running_vm_is_looked_at() -> None:
    seen = vm_facts(state(power="running", live=LIVE), {})["observed"]
    assert seen["graphics"] == [
        {"type": "vnc", "address": "127.0.0.1", "port": "5901"},
        {"type": "spice", "address": "::1", "tls_port": "5902"},
        {"type": "vnc", "socket": "/run/x"},
    ]
    assert seen["consoles"] == ["/dev/pts/4"]


def test_what_is_not_there_is_absent() -> None:
    assert read_facts(None, None, "web01") == {"name": "web01", "state": "absent", "observed": {}}


class Asked:
    """A VM that keeps which sources it is asked for addresses: the test driver does not tell."""

    def __init__(self) -> None:
        self.sources: list[int] = []

    def XMLDesc(self, _flags: int) -> str:
        return "<domain/>"

    def interfaceAddresses(self, source: int) -> dict[str, Any]:
        self.sources.append(source)
        return {}


@pytest.mark.parametrize(
    ("power", "reached", "sources"),
    [("running", True, [0, 2]), ("running", False, []), ("stopped", True, []), ("saved", True, [])],
)
def test_only_a_vm_that_runs_is_asked_for_addresses(power: str, reached: bool, sources: list[int]) -> None:
    asked = Asked()
    facts = read_facts(Glance(asked, power, True, False), state(power=power), "web01", reached)
    assert (facts["state"], asked.sources) == (power, sources)
