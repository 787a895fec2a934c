# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new VM is, before anything is said of its parts: the machine, what such a machine has, and its size."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import DefineVm
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.domain import Platform, blank_domain, platform_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.compute import memory_max_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.hardware import family_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.machine import Machine
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.shapes import schema
from tests.unit.plugins.module_utils._vm.table import planned

Params = dict[str, Any]


@pytest.mark.parametrize(
    ("machine_type", "family"),
    [
        ("pc", "pc"),
        ("pc-i440fx-7.2", "pc"),
        ("pc-i440fx-rhel7.6.0", "pc"),
        ("pc-i440fx-jammy", "pc"),
        ("pc-i440fx-jammy-hpb", "pc"),
        ("pc-1.3", "pc"),
        ("q35", "q35"),
        ("pc-q35-7.2", "q35"),
        ("pc-q35-rhel9.2.0", "q35"),
        ("virt", "virt"),
        ("virt-7.2", "virt"),
        ("virt-rhel9.2.0", "virt"),
        ("pseries-7.2", "pseries"),
        ("s390-ccw-virtio", "s390-ccw-virtio"),
        ("s390-ccw-virtio-7.2", "s390-ccw-virtio"),
        ("microvm", "microvm"),
        ("isapc", "isapc"),
        ("sifive_u", "sifive_u"),
    ],
)
def test_the_family_of_a_machine(machine_type: str, family: str) -> None:
    assert family_of(machine_type) == family


def host(*guests: str) -> str:
    """Return the capabilities of an x86_64 host."""
    return f"<capabilities><host><cpu><arch>x86_64</arch></cpu></host>{''.join(guests)}</capabilities>"


def guest(arch: str, *machines: str, kinds: tuple[str, ...] = ("qemu",)) -> str:
    """Return what a host says about guests of an architecture."""
    listed = "".join(f"<machine>{name}</machine>" for name in machines)
    types = "".join(f"<domain type='{kind}'/>" for kind in kinds)
    return f"<guest><os_type>hvm</os_type><arch name='{arch}'>{listed}{types}</arch></guest>"


PC = guest("x86_64", "pc", "pc-i440fx-7.2", "q35", "pc-q35-7.2", kinds=("qemu", "kvm"))
ARM = guest("aarch64", "virt", "virt-7.2", "raspi3b")
RISCV = guest("riscv64", "virt", "spike")
MAINFRAME = guest("s390x", "s390-ccw-virtio")


@pytest.mark.parametrize(
    ("guests", "arch", "machine_type", "platform"),
    [
        ((PC, ARM), "", "", Platform("kvm", "x86_64", "q35")),
        ((ARM, PC), "", "pc", Platform("kvm", "x86_64", "pc")),
        ((PC, ARM), "aarch64", "", Platform("qemu", "aarch64", "virt")),
        ((PC, ARM), "aarch64", "raspi3b", Platform("qemu", "aarch64", "raspi3b")),
        ((RISCV,), "", "", Platform("qemu", "riscv64", "virt")),
        ((PC, MAINFRAME), "s390x", "", Platform("qemu", "s390x", "")),
    ],
)
def test_a_new_vm_runs_on_the_machine_that_is_named(
    guests: tuple[str, ...], arch: str, machine_type: str, platform: Platform
) -> None:
    assert platform_of(host(*guests), "auto", arch, machine_type) == platform


@pytest.mark.parametrize(
    ("arch", "machine_type", "sentence"),
    [
        ("riscv64", "", "no emulator for VMs of architecture 'riscv64', only for aarch64, x86_64; install QEMU for"),
        ("", "virt", "no machine 'virt' for x86_64; choose one of pc, q35"),
        ("aarch64", "q35", "no machine 'q35' for aarch64; choose one of raspi3b, virt"),
    ],
)
def test_a_host_that_cannot_run_it(arch: str, machine_type: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        platform_of(host(PC, ARM), "auto", arch, machine_type)


@pytest.mark.parametrize(
    ("platform", "ports", "screen", "processor", "timers"),
    [
        (Platform("kvm", "x86_64", "q35"), 16, "vga", "host-model", 3),
        (Platform("qemu", "x86_64", "pc-q35-7.2"), 16, "vga", "maximum", 3),
        (Platform("qemu", "x86_64", "pc"), 0, "vga", "maximum", 3),
        (Platform("qemu", "aarch64", "virt"), 16, "virtio", "maximum", 0),
        (Platform("kvm", "aarch64", "virt-7.2"), 16, "virtio", "host-passthrough", 0),
    ],
)
def test_what_a_new_vm_of_a_kind_has(platform: Platform, ports: int, screen: str, processor: str, timers: int) -> None:
    tree = blank_domain("a", platform)
    Machine.edit(tree, {"vcpus": 1, "memory": GIB, "arch": platform.arch, "machine": platform.machine})
    schema().assertValid(tree)
    assert len(tree.findall("devices/controller[@model='pcie-root-port']")) == ports
    assert tree.find("devices/video/model").get("type") == screen
    assert tree.find("cpu").get("mode") == processor
    assert len(tree.findall("clock/timer")) == timers
    assert (tree.find("features/acpi") is not None) == bool(timers)


@pytest.mark.parametrize(
    ("params", "implied"),
    [
        ({}, {}),
        ({"cpu": {"topology": {"sockets": 2, "cores": 4}}}, {"vcpus": 8}),
        (
            {"cpu": {"numa": [{"id": 0, "memory": "1GiB"}, {"id": 1, "memory": "2GiB"}]}},
            {"memory": 3 * GIB},
        ),
    ],
)
def test_what_a_new_vm_is_given_for_what_was_not_named(params: Params, implied: Params) -> None:
    assert Machine.implied(Machine.normal(params)) == implied


@pytest.mark.parametrize(
    ("params", "vcpus", "memory"),
    [
        ({"machine": "pc"}, "1", GIB),
        ({"cpu": {"topology": {"sockets": 2, "cores": 2}}}, "4", GIB),
        ({"template": "big", "cpu": {"topology": {"threads": 2}}}, "2", 3 * GIB),
        ({"template": "big", "vcpus": 1, "vcpus_max": 2, "cpu": {"topology": {"threads": 2}}}, "2", 3 * GIB),
        ({"vcpus": 2, "cpu": {"numa": [{"id": 0, "cpus": "0-1", "memory": "2GiB"}]}}, "2", 2 * GIB),
        ({"memory": "1GiB", "cpu": {"numa": [{"id": 0, "memory": "2GiB"}]}}, "1", 2 * GIB),
    ],
)
def test_a_new_vm_is_as_large_as_its_parts(params: Params, vcpus: str, memory: int) -> None:
    tree = parse_xml(next(change.xml for change in planned(None, **params).changes if isinstance(change, DefineVm)))
    schema().assertValid(tree)
    assert (tree.findtext("vcpu"), memory_max_of(tree)) == (vcpus, memory)
