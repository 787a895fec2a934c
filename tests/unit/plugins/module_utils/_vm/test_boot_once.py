# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Booting once from something else: the start that is planned, and the description that it is made with."""

from __future__ import annotations

from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.boot import boot_first
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.power import StartOnce
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.corpus.driver import connection
from tests.unit.plugins.module_utils._vm.table import planned, state, summaries

DISK = "<disk type='file' device='disk'><source file='/p/a'/><target dev='vda' bus='virtio'/>{}</disk>"
DRIVE = "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/>{}</disk>"
CARD = "<interface type='network'><mac address='52:54:00:00:00:0a'/><source network='lan'/>{}</interface>"


def order(number: int) -> str:
    return f"<boot order='{number}'/>"


def domain(system: str, devices: str) -> Any:
    return parse_xml(f"<domain><name>a</name><os>{system}</os><devices>{devices}</devices></domain>")


# What the machine boots from, its devices, what it is to boot from once, and then: the machine's, the devices'.
FIRST: list[tuple[str, str, str, list[str], list[tuple[str, str]]]] = [
    ("<boot dev='hd'/>", DISK + DRIVE, "cdrom", ["cdrom", "hd"], []),
    ("<boot dev='hd'/><boot dev='cdrom'/>", DISK + DRIVE, "cdrom", ["cdrom", "hd"], []),
    ("", DISK + CARD, "network", ["network"], []),
    ("<boot dev='network'/>", DISK + CARD, "hd", ["hd", "network"], []),
    (
        "",
        DISK.format(order(1)) + DRIVE.format("") + CARD.format(order(2)),
        "cdrom",
        [],
        [("vda", "2"), ("sda", "1"), ("", "3")],
    ),
    ("", DISK.format(order(2)) + DRIVE.format(order(1)), "hd", [], [("vda", "1"), ("sda", "2")]),
    (
        "",
        CARD.format(order(2)) + DRIVE.format(order(3)) + CARD.format(order(1)),
        "network",
        [],
        [("", "2"), ("sda", "3"), ("", "1")],
    ),
]


@pytest.mark.parametrize(("system", "devices", "kind", "machine", "single"), FIRST)
def test_the_kind_comes_before_all_others(
    system: str, devices: str, kind: str, machine: list[str], single: list[tuple[str, str]]
) -> None:
    tree = domain(system, devices.replace("{}", ""))
    boot_first(tree, kind)
    assert [boot.get("dev") for boot in tree.iterfind("os/boot")] == machine
    found = [device for device in tree.find("devices") if device.find("boot") is not None]
    targets = [device.find("target") for device in found]
    names = [target.get("dev") if target is not None else "" for target in targets]
    assert list(zip(names, [device.find("boot").get("order") for device in found])) == single


def test_a_vm_without_such_a_device_is_refused() -> None:
    with pytest.raises(Refused, match="VM 'a' has nothing of the kind cdrom to boot from"):
        boot_first(domain("<boot dev='hd'/>", DISK.format("")), "cdrom")


@pytest.mark.parametrize(
    ("before", "wanted", "steps"),
    [
        ("stopped", "running", ["start once from cdrom"]),
        ("stopped", "paused", ["start paused once from cdrom"]),
        ("running", "running", []),
        ("running", "restarted", ["shut down", "start once from cdrom"]),
        ("paused", "running", ["resume"]),
        ("stopped", "present", []),
        ("saved", "stopped", []),
    ],
)
def test_only_a_start_boots_once(before: str, wanted: str, steps: list[str]) -> None:
    assert summaries(planned(state(power=before), state=wanted, boot_once="cdrom")) == steps


def test_a_saved_vm_goes_on_where_it_was() -> None:
    with pytest.raises(Refused, match="VM 'web01' is saved and goes on where it was"):
        planned(state(power="saved"), state="running", boot_once="cdrom")


def test_the_configuration_stays_as_it_is() -> None:
    text = (
        "<domain type='test'><name>boot-once</name><memory>65536</memory><os><type>hvm</type><boot dev='hd'/></os>"
        f"<devices>{DISK.format('')}{CARD.format('')}</devices></domain>"
    )
    defined = connection().defineXML(text)
    try:
        StartOnce("boot-once", "network").carry_out(Hypervisor(connection(), "test:///"))
        live, config = (
            [boot.get("dev") for boot in parse_xml(defined.XMLDesc(flags)).iterfind("os/boot")]
            for flags in (0, libvirt.VIR_DOMAIN_XML_INACTIVE)
        )
        assert (live, config) == (["network", "hd"], ["hd"])
        assert defined.isPersistent()
        defined.destroy()
        assert not defined.isActive()
    finally:
        defined.undefine()


def test_a_vm_that_was_saved_meanwhile_is_not_booted_over_its_memory() -> None:
    text = (
        "<domain type='test'><name>boot-once-saved</name><memory>65536</memory><os><type>hvm</type></os>"
        f"<devices>{CARD.format('')}</devices></domain>"
    )
    defined = connection().defineXML(text)
    try:
        defined.create()
        defined.managedSave(0)
        with pytest.raises(KvmError, match="VM 'boot-once-saved' was saved meanwhile, so it can only go on"):
            StartOnce("boot-once-saved", "network").carry_out(Hypervisor(connection(), "test:///"))
        assert (defined.isActive(), defined.hasManagedSaveImage()) == (0, 1)
    finally:
        if defined.isActive():
            defined.destroy()
        defined.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE)
