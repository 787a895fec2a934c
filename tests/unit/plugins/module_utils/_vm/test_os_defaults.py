# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new VM gets because of its operating system and host: user, template, libosinfo, collection, in this order.

libosinfo is answered from a table, because what it knows differs from host to host.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import NotFound
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.recommended import Recommendation
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm import surroundings
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import DefineVm
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.domain import Platform, platform_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.surroundings import Surroundings
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.table import TINY, Table, planned, state, summaries

MODERN = Recommendation("Modern", 2, 3 * GIB, 20 * GIB, True, True, True, True, False, False)
KNOWN = {
    "modern": MODERN,
    "silent": replace(MODERN, vcpus=None, memory=None),
    "windows": Recommendation("Windows", 2, 4 * GIB, 64 * GIB, False, False, False, True, True, True),
}
WITH_OS = replace(TINY, name="osful", os="modern")
STRANGE = replace(TINY, name="strange", os="our own")
SIZED = replace(TINY, name="sized", os="modern", defaults={"memory": "5GiB"})


@dataclass
class Knowing(Table):
    """A host whose libosinfo knows a few systems."""

    def system(self, os_id: str) -> Recommendation:
        if os_id not in KNOWN:
            raise NotFound(f"The operating system '{os_id}' is not known.")
        return KNOWN[os_id]

    def known_system(self, os_id: str) -> Recommendation | None:
        return KNOWN.get(os_id)


def made(**params: Any) -> Any:
    """Return the tree of a new VM."""
    host = Knowing(templates=(TINY, WITH_OS, STRANGE, SIZED))
    plan = planned(None, host, cloud_init={"enabled": False}, **params)
    return parse_xml([change.xml for change in plan.changes if isinstance(change, DefineVm)][-1])


# What is said of the VM; CPUs, memory in GiB, buses of the disks, models of the cards.
MADE: list[tuple[dict[str, Any], tuple[int, int, list[str], list[str]]]] = [
    ({}, (1, 1, [], ["virtio"])),
    ({"os": "modern"}, (2, 3, [], ["virtio"])),
    ({"os": "silent"}, (1, 1, [], ["virtio"])),
    ({"os": "modern", "vcpus": 5}, (5, 3, [], ["virtio"])),
    ({"os": "modern", "memory": "7GiB"}, (2, 7, [], ["virtio"])),
    ({"os": "modern", "disks": [{"size": "1GiB"}]}, (2, 3, ["virtio"], ["virtio"])),
    ({"os": "windows", "disks": [{"size": "1GiB"}]}, (2, 4, ["sata"], ["e1000e"])),
    (
        {
            "os": "windows",
            "disks": [{"size": "1GiB", "bus": "virtio"}, {"name": "b", "size": "1GiB"}],
            "nics": [{"network": "lan", "model": "virtio"}, {"network": "default"}],
        },
        (2, 4, ["virtio", "sata"], ["virtio", "e1000e"]),
    ),
    # the image of a template decides which drivers there are, not libosinfo
    ({"os": "windows", "template": "tiny"}, (2, 4, ["virtio"], ["virtio"])),
    ({"os": "modern", "template": "sized"}, (2, 5, ["virtio"], ["virtio"])),
    ({"template": "sized", "memory": "6GiB"}, (2, 6, ["virtio"], ["virtio"])),
    ({"template": "osful"}, (2, 3, ["virtio"], ["virtio"])),
    ({"template": "osful", "os": "windows"}, (2, 4, ["virtio"], ["virtio"])),
    ({"template": "strange"}, (1, 1, ["virtio"], ["virtio"])),
]


@pytest.mark.parametrize(("params", "machine"), MADE)
def test_the_order_of_defaults(params: dict[str, Any], machine: tuple[int, int, list[str], list[str]]) -> None:
    tree = made(**params)
    sizes = (int(tree.findtext("vcpu")), int(tree.findtext("memory")) // 2**20)
    buses = [node.get("bus") for node in tree.iterfind("devices/disk/target")]
    models = [node.get("type") for node in tree.iterfind("devices/interface/model")]
    assert (*sizes, buses, models) == machine


@pytest.mark.parametrize(("params", "has"), [({"os": "windows"}, True), ({"os": "modern"}, False), ({}, False)])
def test_what_does_not_start_without_gets_uefi_and_a_tpm(params: dict[str, Any], has: bool) -> None:
    tree = made(**params)
    assert (tree.find("os").get("firmware") == "efi", tree.find("devices/tpm") is not None) == (has, has)
    assert made(**params, template="tiny").find("devices/tpm") is None


def test_a_tpm_can_be_declined() -> None:
    assert made(os="windows", tpm={"enabled": False}).find("devices/tpm") is None


def test_an_unknown_system_is_refused_and_a_vm_that_is_there_is_not_asked_about() -> None:
    with pytest.raises(NotFound, match="'nothing' is not known"):
        planned(None, Knowing(), os="nothing")
    assert summaries(planned(state(), Knowing(), os="nothing")) == []


CAPABILITIES = """<capabilities><host><cpu><arch>x86_64</arch></cpu></host><guest><os_type>hvm</os_type>
<arch name='x86_64'><emulator>/usr/bin/qemu</emulator><machine>q35</machine>{types}</arch></guest></capabilities>"""
OWN = "<domain type='kvm'><emulator>/usr/bin/kvm</emulator></domain><domain type='qemu'/>"
EMULATORS: list[tuple[str, str, str, str]] = [
    ("<domain type='qemu'/><domain type='kvm'/>", "auto", "kvm", "/usr/bin/qemu"),
    (
        "<domain type='kvm'><emulator>/usr/bin/kvm</emulator></domain><domain type='qemu'/>",
        "auto",
        "kvm",
        "/usr/bin/kvm",
    ),
    (
        "<domain type='kvm'><emulator>/usr/bin/kvm</emulator></domain><domain type='qemu'/>",
        "qemu",
        "qemu",
        "/usr/bin/qemu",
    ),
    ("<domain type='qemu'/>", "auto", "qemu", "/usr/bin/qemu"),
]


@pytest.mark.parametrize(("types", "wanted", "kind", "emulator"), EMULATORS)
def test_the_emulator_of_a_platform(types: str, wanted: str, kind: str, emulator: str) -> None:
    assert platform_of(CAPABILITIES.format(types=types), wanted) == Platform(kind, "x86_64", "q35", emulator)


class Capable:
    """A connection that lists emulation and KVM: libvirt's test driver lists neither."""

    def getCapabilities(self) -> str:
        return CAPABILITIES.format(types="<domain type='qemu'/><domain type='kvm'/>")


# What is wanted, whether KVM works, what is taken, how often it is asked.
TYPES: list[tuple[str, bool, str, int]] = [
    ("auto", True, "kvm", 1),
    ("auto", False, "qemu", 1),
    ("kvm", False, "kvm", 0),
    ("qemu", True, "qemu", 0),
]


@pytest.mark.parametrize(("wanted", "works", "kind", "times"), TYPES)
def test_kvm_is_taken_only_where_it_works(
    monkeypatch: pytest.MonkeyPatch, wanted: str, works: bool, kind: str, times: int
) -> None:
    # whether this machine has KVM is no matter here
    asked: list[str] = []

    def answer(_host: Hypervisor, emulator: str) -> bool:
        asked.append(emulator)
        return works

    monkeypatch.setattr(surroundings, "kvm_works", answer)
    host = Surroundings(Hypervisor(Capable(), "fake:///"))
    assert [host.platform(wanted).domain_type for _time in range(2)] == [kind, kind]
    assert asked == ["/usr/bin/qemu"] * times
