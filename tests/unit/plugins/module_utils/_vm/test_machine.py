# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The properties of a machine: what options write, what they change of what is there, and what is refused."""

from __future__ import annotations

import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB, MIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import DefineVm
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.domain import Platform, blank_domain, platform_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.compute import (
    memory_max_of,
    memory_of,
    same_memory,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.hardware import family_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.machine import Machine
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.values import cpu_map, members, ranges
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.wish import Wish
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml
from lxml import etree

from tests.unit.plugins.module_utils._vm.dotted import fields_of, said_in
from tests.unit.plugins.module_utils._vm.rows import called, option_of, options_in
from tests.unit.plugins.module_utils._vm.table import planned

SCHEMA = Path("/usr/share/libvirt/schemas/domain.rng")
Params = dict[str, Any]


def machine(
    inside: str, os: str = "", os_attributes: str = "", vcpus: str = "<vcpu>2</vcpu>", devices: str = ""
) -> Any:
    """Return the tree of a VM with 1 GiB, and two CPUs unless it is said otherwise."""
    system = f"<os{os_attributes}><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>{os}</os>"
    memory = "<memory unit='KiB'>1048576</memory>"
    return parse_xml(
        f"<domain type='qemu'><name>a</name>{memory}{vcpus}{inside}{system}<devices>{devices}</devices></domain>"
    )


def flat(node: Any) -> str:
    """Return XML on one line, without what stands in every VM here."""
    root = deepcopy(node)
    for tag in ("name", "memory", "vcpu", "devices"):
        for child in root.findall(tag):
            if tag == "devices" or child.text in ("a", "1048576", "2"):
                root.remove(child)
    kind = root.find("os/type")
    if kind is not None and kind.get("machine") == "pc-q35-7.2":
        kind.getparent().remove(kind)
    text = etree.tostring(root, encoding="unicode")
    line = "".join(line.strip() for line in text.splitlines())
    return line.removeprefix('<domain type="qemu">').removesuffix("</domain>").replace("<os/>", "", 1)


def edited(tree: Any, params: Params) -> tuple[Any, list[str]]:
    """Return a tree as it is wanted, and the summaries of what had to change."""
    wanted, edits = Wish(Machine.normal(params)).edited(tree)
    return wanted, [edit.summary for edit in edits]


NEW: list[tuple[Params, str]] = [
    (
        {"cpu": {"mode": "host-model"}},
        '<cpu mode="host-model"/>',
    ),
    (
        {
            "cpu": {
                "model": "EPYC",
                "fallback": "forbid",
                "match": "exact",
                "check": "partial",
                "vendor": "AMD",
                "vendor_id": "AuthenticAMD",
            }
        },
        (
            '<cpu mode="custom" match="exact" check="partial">'
            '<model fallback="forbid" vendor_id="AuthenticAMD">EPYC</model><vendor>AMD</vendor></cpu>'
        ),
    ),
    (
        {
            "cpu": {
                "mode": "host-passthrough",
                "migratable": False,
                "features": {"aes": "require", "svm": "disable", "x": "absent"},
            }
        },
        (
            '<cpu mode="host-passthrough" migratable="off"><feature name="aes" policy="require"/>'
            '<feature name="svm" policy="disable"/></cpu>'
        ),
    ),
    (
        {"cpu": {"topology": {"cores": 2}}},
        '<cpu><topology cores="2" sockets="1" dies="1" threads="1"/></cpu>',
    ),
    (
        {
            "cpu": {
                "topology": {"sockets": 1, "dies": 1, "cores": 1, "threads": 2},
                "cache": {"mode": "emulate", "level": 3},
                "address_bits": {"mode": "emulate", "bits": 42},
            }
        },
        (
            '<cpu><topology sockets="1" dies="1" cores="1" threads="2"/><cache mode="emulate" level="3"/>'
            '<maxphysaddr mode="emulate" bits="42"/></cpu>'
        ),
    ),
    (
        {
            "cpu": {
                "numa": [
                    {
                        "id": 0,
                        "cpus": "0",
                        "memory": "512MiB",
                        "memory_access": "shared",
                        "discard": True,
                        "distances": {"0": 10, "1": 21},
                    },
                    {"id": 1, "cpus": "1", "memory": 512},
                ]
            }
        },
        (
            '<cpu><numa><cell id="0" cpus="0" memory="524288" unit="KiB" memAccess="shared" discard="yes">'
            '<distances><sibling id="0" value="10"/><sibling id="1" value="21"/></distances></cell>'
            '<cell id="1" cpus="1" memory="524288" unit="KiB"/></numa></cpu>'
        ),
    ),
    (
        {"memory_hotplug_max": "16GiB"},
        '<maxMemory unit="KiB" slots="16">16777216</maxMemory>',
    ),
    (
        {"memory_hotplug_max": "16GiB", "memory_slots": 4},
        '<maxMemory unit="KiB" slots="4">16777216</maxMemory>',
    ),
    (
        {
            "memory_backing": {
                "hugepage_size": "2MiB",
                "nosharepages": True,
                "locked": True,
                "source": "memfd",
                "access": "shared",
                "allocation": "immediate",
                "allocation_threads": 4,
                "discard": True,
            }
        },
        (
            '<memoryBacking><hugepages><page size="2048" unit="KiB"/></hugepages><nosharepages/><locked/>'
            '<source type="memfd"/><access mode="shared"/><allocation mode="immediate" threads="4"/>'
            "<discard/></memoryBacking>"
        ),
    ),
    (
        {"memory_backing": {"hugepages": True}},
        "<memoryBacking><hugepages/></memoryBacking>",
    ),
    (
        {"iothreads": 2},
        '<iothreads>2</iothreads><iothreadids><iothread id="1"/><iothread id="2"/></iothreadids>',
    ),
    (
        {
            "cputune": {
                "shares": 512,
                "period": 50000,
                "quota": 20000,
                "global_period": 50000,
                "global_quota": 90000,
                "emulator_period": 1000,
                "emulator_quota": 1000,
                "iothread_period": 1000,
                "iothread_quota": 1000,
                "vcpu_pins": {"0": "0,1", 1: "2-3,^3"},
                "emulator_pin": "0-3,^2",
                "iothread_pins": {"1": "1"},
            }
        },
        (
            "<cputune><shares>512</shares><period>50000</period><quota>20000</quota><global_period>50000"
            "</global_period><global_quota>90000</global_quota><emulator_period>1000</emulator_period>"
            "<emulator_quota>1000</emulator_quota><iothread_period>1000</iothread_period><iothread_quota>1000"
            '</iothread_quota><vcpupin vcpu="0" cpuset="0-1"/><vcpupin vcpu="1" cpuset="2"/>'
            '<emulatorpin cpuset="0-1,3"/><iothreadpin iothread="1" cpuset="1"/></cputune>'
        ),
    ),
    (
        {"numatune": {"mode": "preferred", "nodeset": "0", "nodes": [{"cell": 0, "mode": "strict", "nodeset": "1"}]}},
        ('<numatune><memory mode="preferred" nodeset="0"/><memnode cellid="0" mode="strict" nodeset="1"/></numatune>'),
    ),
    (
        {"memtune": {"hard_limit": "4GiB", "soft_limit": "1GiB", "swap_hard_limit": "5GiB"}},
        (
            '<memtune><hard_limit unit="KiB">4194304</hard_limit><soft_limit unit="KiB">1048576</soft_limit>'
            '<swap_hard_limit unit="KiB">5242880</swap_hard_limit></memtune>'
        ),
    ),
    (
        {"blkiotune": {"weight": 500}},
        "<blkiotune><weight>500</weight></blkiotune>",
    ),
    (
        {"firmware": "efi"},
        '<os firmware="efi"/>',
    ),
    (
        {"firmware": "efi", "secure_boot": True},
        (
            '<os firmware="efi"><firmware><feature enabled="yes" name="enrolled-keys"/>'
            '<feature enabled="yes" name="secure-boot"/></firmware></os>'
        ),
    ),
    (
        {"firmware": "efi", "secure_boot": False},
        '<os firmware="efi"><firmware><feature enabled="no" name="secure-boot"/></firmware></os>',
    ),
    (
        {
            "boot": {
                "order": ["cdrom", "hd", "network", "cdrom"],
                "menu": True,
                "menu_timeout": 3000,
                "reboot_timeout": -1,
                "serial": True,
            }
        },
        (
            '<os><boot dev="cdrom"/><boot dev="hd"/><boot dev="network"/>'
            '<bootmenu enable="yes" timeout="3000"/><bios rebootTimeout="-1" useserial="yes"/></os>'
        ),
    ),
    (
        {"boot": {"menu_timeout": 100}},
        '<os><bootmenu enable="yes" timeout="100"/></os>',
    ),
    (
        {
            "kernel": "/boot/vmlinuz",
            "initrd": "/boot/initrd.img",
            "cmdline": 'root=/dev/vda "a" <b>',
            "dtb": "/boot/x.dtb",
        },
        (
            "<os><kernel>/boot/vmlinuz</kernel><initrd>/boot/initrd.img</initrd>"
            '<cmdline>root=/dev/vda "a" &lt;b&gt;</cmdline><dtb>/boot/x.dtb</dtb></os>'
        ),
    ),
    (
        {
            "smbios": {
                "bios": {"vendor": "v", "version": "1", "date": "01/31/2026", "release": "2.1"},
                "system": {
                    "manufacturer": "A & B",
                    "product": "p",
                    "version": "1",
                    "serial": "s",
                    "sku": "k",
                    "family": "f",
                },
                "baseboard": {
                    "manufacturer": "m",
                    "product": "p",
                    "version": "v",
                    "serial": "s",
                    "asset": "a",
                    "location": "l",
                },
                "chassis": {"manufacturer": "m", "version": "v", "serial": "s", "asset": "a", "sku": "k"},
                "oem_strings": ["b", "a", "b"],
            }
        },
        (
            '<os><smbios mode="sysinfo"/></os><sysinfo type="smbios"><bios><entry name="vendor">v</entry>'
            '<entry name="version">1</entry><entry name="date">01/31/2026</entry><entry name="release">2.1'
            '</entry></bios><system><entry name="manufacturer">A &amp; B</entry><entry name="product">p'
            '</entry><entry name="version">1</entry><entry name="serial">s</entry><entry name="sku">k</entry>'
            '<entry name="family">f</entry></system><baseBoard><entry name="manufacturer">m</entry>'
            '<entry name="product">p</entry><entry name="version">v</entry><entry name="serial">s</entry>'
            '<entry name="asset">a</entry><entry name="location">l</entry></baseBoard><chassis>'
            '<entry name="manufacturer">m</entry><entry name="version">v</entry><entry name="serial">s'
            '</entry><entry name="asset">a</entry><entry name="sku">k</entry></chassis><oemStrings><entry>b'
            "</entry><entry>a</entry></oemStrings></sysinfo>"
        ),
    ),
    (
        {"smbios": {"mode": "emulate", "system": {"serial": "s"}}},
        (
            '<os><smbios mode="emulate"/></os><sysinfo type="smbios"><system><entry name="serial">s</entry>'
            "</system></sysinfo>"
        ),
    ),
    (
        {"clock": {"offset": "localtime"}},
        '<clock offset="localtime"/>',
    ),
    (
        {"clock": {"timezone": "Europe/Prague"}},
        '<clock offset="timezone" timezone="Europe/Prague"/>',
    ),
    (
        {"clock": {"adjustment": -60, "basis": "localtime"}},
        '<clock offset="variable" adjustment="-60" basis="localtime"/>',
    ),
    (
        {"clock": {"start": 1000}},
        '<clock offset="absolute" start="1000"/>',
    ),
    (
        {
            "clock": {
                "timers": [
                    {
                        "name": "rtc",
                        "tickpolicy": "catchup",
                        "track": "guest",
                        "catchup": {"threshold": 123, "slew": 120, "limit": 10000},
                    },
                    {"name": "tsc", "frequency": 3000000000, "mode": "native"},
                    {"name": "hpet", "present": False},
                ]
            }
        },
        (
            '<clock><timer name="rtc" tickpolicy="catchup" track="guest">'
            '<catchup threshold="123" slew="120" limit="10000"/></timer>'
            '<timer name="tsc" frequency="3000000000" mode="native"/><timer name="hpet" present="no"/>'
            "</clock>"
        ),
    ),
    (
        {"on_poweroff": "restart", "on_reboot": "restart", "on_crash": "coredump-destroy", "on_lockfailure": "pause"},
        (
            "<on_poweroff>restart</on_poweroff><on_reboot>restart</on_reboot><on_crash>coredump-destroy</on_crash><on_lockfailure>pause</on_lockfailure>"
        ),
    ),
    (
        {
            "features": {
                "acpi": True,
                "apic": True,
                "apic_eoi": False,
                "pae": True,
                "hap": True,
                "ioapic": "qemu",
                "pmu": False,
                "pvspinlock": False,
                "smm": True,
                "vmport": False,
                "vmcoreinfo": True,
                "msrs": "ignore",
                "gic": "3",
                "tcg_tb_cache": "32MiB",
            }
        },
        (
            '<features><acpi/><apic eoi="off"/><pae/><hap state="on"/><ioapic driver="qemu"/>'
            '<pmu state="off"/><pvspinlock state="off"/><smm state="on"/><vmport state="off"/>'
            '<vmcoreinfo state="on"/><msrs unknown="ignore"/><gic version="3"/><tcg>'
            '<tb-cache unit="KiB">32768</tb-cache></tcg></features>'
        ),
    ),
    (
        {
            "features": {
                "hyperv": {
                    "mode": "custom",
                    "relaxed": True,
                    "vapic": True,
                    "spinlock_retries": 8000,
                    "vpindex": True,
                    "runtime": True,
                    "synic": True,
                    "stimer_direct": True,
                    "reset": True,
                    "vendor_id": "KVM Hv",
                    "frequencies": True,
                    "reenlightenment": True,
                    "tlbflush": True,
                    "ipi": True,
                    "evmcs": True,
                    "avic": False,
                }
            }
        },
        (
            '<features><hyperv mode="custom"><relaxed state="on"/><vapic state="on"/>'
            '<spinlocks state="on" retries="8000"/><vpindex state="on"/><runtime state="on"/>'
            '<synic state="on"/><stimer state="on"><direct state="on"/></stimer><reset state="on"/>'
            '<vendor_id state="on" value="KVM Hv"/><frequencies state="on"/><reenlightenment state="on"/>'
            '<tlbflush state="on"/><ipi state="on"/><evmcs state="on"/><avic state="off"/></hyperv>'
            "</features>"
        ),
    ),
    (
        {"features": {"hyperv": {"spinlocks": True, "stimer": True}}},
        '<features><hyperv><spinlocks state="on" retries="8191"/><stimer state="on"/></hyperv></features>',
    ),
    (
        {
            "features": {
                "kvm": {
                    "hidden": True,
                    "hint_dedicated": True,
                    "poll_control": True,
                    "pv_ipi": False,
                    "dirty_ring": 4096,
                }
            }
        },
        (
            '<features><kvm><hidden state="on"/><hint-dedicated state="on"/><poll-control state="on"/>'
            '<pv-ipi state="off"/><dirty-ring state="on" size="4096"/></kvm></features>'
        ),
    ),
    (
        {"pm": {"suspend_to_mem": True, "suspend_to_disk": False}},
        '<pm><suspend-to-mem enabled="yes"/><suspend-to-disk enabled="no"/></pm>',
    ),
    ({"title": "t", "description": "d"}, "<title>t</title><description>d</description>"),
    ({"vcpus": 3, "vcpus_max": 4}, '<vcpu current="3">4</vcpu>'),
    (
        {"memory": "2GiB", "memory_max": "4GiB"},
        '<memory unit="KiB">4194304</memory><currentMemory unit="KiB">2097152</currentMemory>',
    ),
]


@pytest.mark.parametrize(("params", "xml"), called(NEW, options_in))
def test_what_is_written(params: Params, xml: str) -> None:
    tree, edits = edited(machine(""), params)
    assert flat(tree) == xml
    assert edits
    assert edited(tree, params)[1] == []


@pytest.mark.parametrize(("params", "xml"), called(NEW, options_in))
def test_it_is_valid(params: Params, xml: str) -> None:
    tree = edited(machine("<features><acpi/></features><clock offset='utc'/>"), params)[0]
    schema().assertValid(tree)
    assert xml


@cache
def schema() -> Any:
    """Return libvirt's schema of domains."""
    assert SCHEMA.exists(), f"{SCHEMA} is missing; install libvirt-dev, whose libvirt0 brings it (see bindep.txt)."
    return etree.RelaxNG(etree.parse(str(SCHEMA)))


# What is there, what is wanted, what the plan says, what is then there.
CHANGED: list[tuple[Params, Params, list[str], str]] = [
    (
        {"inside": "<cpu mode='custom' match='exact' check='full'><model fallback='forbid'>EPYC</model></cpu>"},
        {"cpu": {"mode": "host-model"}},
        ["set cpu.mode custom -> host-model"],
        '<cpu mode="host-model"/>',
    ),
    (
        {
            "inside": "<cpu mode='host-passthrough' check='none' migratable='on'>"
            "<feature policy='force' name='x'/></cpu>"
        },
        {"cpu": {"model": "EPYC", "features": {"x": "disable", "y": "require"}}},
        [
            "set cpu.mode host-passthrough -> custom",
            "set cpu.model none -> EPYC",
            "set cpu.features x force, y absent -> x disable, y require",
        ],
        (
            '<cpu mode="custom"><feature policy="disable" name="x"/><model>EPYC</model>'
            '<feature name="y" policy="require"/></cpu>'
        ),
    ),
    (
        {"inside": "<cpu mode='custom' match='exact'><model vendor_id='AuthenticAMD'>EPYC</model></cpu>"},
        {"cpu": {"model": "Haswell", "vendor_id": ""}},
        ["set cpu.model EPYC -> Haswell", "set cpu.vendor_id AuthenticAMD -> none"],
        '<cpu mode="custom" match="exact"><model>Haswell</model></cpu>',
    ),
    (
        {
            "inside": "<cpu mode='maximum'><cache level='3' mode='emulate'/>"
            "<maxphysaddr mode='emulate' bits='40'/></cpu>"
        },
        {"cpu": {"cache": {"mode": "disable"}, "address_bits": {"mode": "passthrough"}}},
        ["set cpu.cache.mode emulate -> disable", "set cpu.address_bits.mode emulate -> passthrough"],
        '<cpu mode="maximum"><cache mode="disable"/><maxphysaddr mode="passthrough"/></cpu>',
    ),
    (
        {
            "inside": "<currentMemory>524288</currentMemory><cpu><numa><cell id='0' cpus='0-1' memory='1048576'/>"
            "<cell id='1' memory='1'/></numa></cpu>"
        },
        {"cpu": {"numa": [{"id": 0, "cpus": "0-1", "memory": "256MiB"}]}},
        [
            "set cpu.numa id 0, cpus 0-1, memory 1GiB, id 1, memory 1KiB -> id 0, cpus 0-1, memory 256MiB",
        ],
        (
            '<memory unit="KiB">262144</memory>'
            '<cpu><numa><cell id="0" cpus="0-1" memory="262144" unit="KiB"/></numa></cpu>'
        ),
    ),
    (
        {"inside": "<cpu><numa><cell cpus='0' memory='524288'/><cell cpus='1' memory='524288'/></numa></cpu>"},
        {"cpu": {"numa": []}},
        ["set cpu.numa id 0, cpus 0, memory 512MiB, id 1, cpus 1, memory 512MiB -> none"],
        "",
    ),
    (
        {"inside": "<cpu><numa><cell id='0' cpus='0-1' memory='1048576'/></numa></cpu>"},
        {"memory": "512MiB"},
        ["set memory 1GiB -> 512MiB"],
        (
            '<cpu><numa><cell id="0" cpus="0-1" memory="1048576"/></numa></cpu>'
            '<currentMemory unit="KiB">524288</currentMemory>'
        ),
    ),
    (
        {"inside": "<maxMemory slots='4' unit='GiB'>16</maxMemory>"},
        {"memory_hotplug_max": 0},
        ["set memory_hotplug_max 16GiB -> none"],
        "",
    ),
    (
        {"inside": "<maxMemory slots='4' unit='GiB'>16</maxMemory>"},
        {"memory_hotplug_max": "32GiB"},
        ["set memory_hotplug_max 16GiB -> 32GiB"],
        '<maxMemory slots="4" unit="KiB">33554432</maxMemory>',
    ),
    (
        {"inside": "<memoryBacking><hugepages><page size='2' unit='MiB'/></hugepages><locked/></memoryBacking>"},
        {"memory_backing": {"hugepages": False, "locked": False, "discard": False}},
        ["set memory_backing.hugepages True -> none", "set memory_backing.locked True -> none"],
        "",
    ),
    (
        {"inside": "<memoryBacking><hugepages><page size='2' unit='MiB'/></hugepages></memoryBacking>"},
        {"memory_backing": {"hugepage_size": 0}},
        ["set memory_backing.hugepage_size 2MiB -> none"],
        "<memoryBacking><hugepages/></memoryBacking>",
    ),
    (
        {
            "inside": "<iothreads>4</iothreads><iothreadids><iothread id='2'/>"
            "<iothread id='5' poolmin='8'/></iothreadids>"
            "<cputune><iothreadpin iothread='1' cpuset='0'/><iothreadpin iothread='2' cpuset='1'/></cputune>",
            "devices": "<disk><driver name='qemu' iothread='5'/></disk>",
        },
        {"iothreads": 2},
        ["set iothreads 4 -> 2"],
        (
            '<iothreads>2</iothreads><iothreadids><iothread id="5" poolmin="8"/><iothread id="1"/></iothreadids>'
            '<cputune><iothreadpin iothread="1" cpuset="0"/></cputune>'
        ),
    ),
    (
        {"inside": "<iothreads>1</iothreads><iothreadids><iothread id='1'/></iothreadids>"},
        {"iothreads": 0},
        ["set iothreads 1 -> none"],
        "",
    ),
    (
        {
            "inside": "<cputune><shares>9</shares><period>1000</period><quota>1000</quota><vcpupin vcpu='0' "
            "cpuset='0'/><emulatorpin cpuset='0'/><vcpusched vcpus='0' scheduler='fifo' priority='1'/></cputune>"
        },
        {"cputune": {"shares": 0, "period": 0, "quota": -1, "vcpu_pins": {"0": "absent"}, "emulator_pin": ""}},
        [
            "set cputune.shares 9 -> none",
            "set cputune.period 1000 -> none",
            "set cputune.quota 1000 -> none",
            "set cputune.vcpu_pins 0 0 -> 0 absent",
            "set cputune.emulator_pin 0 -> none",
        ],
        '<cputune><vcpusched vcpus="0" scheduler="fifo" priority="1"/></cputune>',
    ),
    (
        {"inside": "<cputune><quota>-1</quota><vcpupin vcpu='1' cpuset='1-3,^2'/></cputune>"},
        {"cputune": {"quota": 0, "vcpu_pins": {"01": "3, 1"}}},
        [],
        '<cputune><quota>-1</quota><vcpupin vcpu="1" cpuset="1-3,^2"/></cputune>',
    ),
    (
        {
            "inside": "<numatune><memory mode='strict' nodeset='0'/>"
            "<memnode cellid='0' mode='strict' nodeset='0'/></numatune>"
        },
        {"numatune": {"nodeset": "", "nodes": []}},
        ["set numatune.nodeset 0 -> none", "set numatune.nodes cell 0, mode strict, nodeset 0 -> none"],
        "",
    ),
    (
        {
            "inside": "<memtune><hard_limit unit='MiB'>600</hard_limit></memtune><blkiotune>"
            "<weight>500</weight></blkiotune>"
        },
        {"memtune": {"hard_limit": "0"}, "blkiotune": {"weight": 0}},
        ["set memtune.hard_limit 600MiB -> none", "set blkiotune.weight 500 -> none"],
        "",
    ),
    (
        {
            "inside": "",
            "os": "<firmware><feature enabled='yes' name='secure-boot'/></firmware><loader secure='yes'/><nvram/>",
            "os_attributes": " firmware='efi'",
        },
        {"firmware": "bios", "secure_boot": False},
        ["set firmware efi -> none", "set secure_boot True -> False"],
        "",
    ),
    (
        {
            "inside": "",
            "os": "<firmware><feature enabled='yes' name='enrolled-keys'/>"
            "<feature enabled='yes' name='secure-boot'/></firmware>",
            "os_attributes": " firmware='efi'",
        },
        {"secure_boot": False},
        ["set secure_boot True -> False"],
        '<os firmware="efi"><firmware><feature enabled="no" name="secure-boot"/></firmware></os>',
    ),
    (
        {"inside": "", "os": "<loader type='rom'>/x</loader>"},
        {"firmware": "efi"},
        ["set firmware none -> efi"],
        '<os firmware="efi"/>',
    ),
    (
        {"inside": "", "os": "<boot dev='hd'/><bootmenu enable='yes' timeout='3000'/>"},
        {"boot": {"order": ["network", "hd"], "menu": False}},
        ["set boot.order hd -> network, hd", "set boot.menu True -> False"],
        '<os><bootmenu enable="no"/><boot dev="network"/><boot dev="hd"/></os>',
    ),
    (
        {"inside": "", "os": "<kernel>/k</kernel><initrd>/i</initrd><cmdline>c</cmdline><dtb>/d</dtb>"},
        {"kernel": ""},
        ["set kernel /k -> none"],
        "",
    ),
    (
        {"inside": "", "os": "<kernel>/k</kernel><initrd>/i</initrd><cmdline>c</cmdline>"},
        {"kernel": "/k2", "cmdline": ""},
        ["set kernel /k -> /k2", "set cmdline c -> none"],
        "<os><kernel>/k2</kernel><initrd>/i</initrd></os>",
    ),
    (
        {
            "inside": "<sysinfo type='smbios'><system><entry name='serial'>1</entry><entry "
            "name='uuid'>u</entry></system><oemStrings><entry>a</entry></oemStrings></sysinfo><sysinfo "
            "type='fwcfg'><entry name='opt/a'>b</entry></sysinfo>",
            "os": "<smbios mode='sysinfo'/>",
        },
        {"smbios": {"system": {"serial": "", "product": "p"}, "oem_strings": []}},
        [
            "set smbios.system.product none -> p",
            "set smbios.system.serial 1 -> none",
            "set smbios.oem_strings a -> none",
        ],
        (
            '<sysinfo type="smbios"><system><entry name="uuid">u</entry><entry name="product">p</entry></system>'
            '</sysinfo><sysinfo type="fwcfg"><entry name="opt/a">b</entry></sysinfo><os><smbios mode="sysinfo"/></os>'
        ),
    ),
    (
        {"inside": "<sysinfo type='smbios'><system><entry name='serial'>1</entry></system></sysinfo>"},
        {"smbios": {"system": {"serial": "1"}}},
        ["set smbios.mode emulate -> sysinfo"],
        (
            '<sysinfo type="smbios"><system><entry name="serial">1</entry></system></sysinfo>'
            '<os><smbios mode="sysinfo"/></os>'
        ),
    ),
    (
        {"inside": "<clock offset='timezone' timezone='Europe/Prague'><timer name='rtc' track='guest'/></clock>"},
        {"clock": {"offset": "utc", "timers": [{"name": "rtc", "present": True}, {"name": "hpet", "present": False}]}},
        [
            "set clock.offset timezone -> utc",
            "set clock.timers name rtc, track guest -> name rtc, present True, name hpet, present False",
        ],
        (
            '<clock offset="utc"><timer name="rtc" track="guest" present="yes"/><timer name="hpet" present="no"/>'
            "</clock>"
        ),
    ),
    (
        {"inside": "<clock offset='utc' adjustment='60'><timer name='pit'/></clock>"},
        {"clock": {"adjustment": 60, "timers": []}},
        ["set clock.timers name pit -> none"],
        '<clock offset="utc" adjustment="60"/>',
    ),
    (
        {"inside": "<on_lockfailure>pause</on_lockfailure><on_crash>destroy</on_crash>"},
        {"on_lockfailure": "default", "on_crash": "restart"},
        ["set on_crash destroy -> restart", "set on_lockfailure pause -> none"],
        "<on_crash>restart</on_crash>",
    ),
    (
        {"inside": "<features><acpi/><apic eoi='on'/><pae/><hap/></features>"},
        {"features": {"acpi": False, "apic": False, "pae": False, "hap": True}},
        [
            "set features.acpi True -> none",
            "set features.apic True -> none",
            "set features.pae True -> none",
        ],
        "<features><hap/></features>",
    ),
    (
        {"inside": "<features><acpi/></features>"},
        {"features": {"acpi": False, "apic": False, "hyperv": {"stimer_direct": False, "vendor_id": ""}}},
        ["set features.acpi True -> none"],
        "",
    ),
    (
        {
            "inside": "<features><hyperv mode='custom'><spinlocks state='on' retries='8191'/><stimer state='on'>"
            "<direct state='on'/></stimer><vendor_id state='on' value='x'/></hyperv>"
            "<kvm><dirty-ring state='on' size='4096'/></kvm></features>"
        },
        {
            "features": {
                "hyperv": {"spinlocks": False, "stimer": False, "vendor_id": "", "relaxed": True},
                "kvm": {"dirty_ring": 0},
            }
        },
        [
            "set features.hyperv.relaxed none -> True",
            "set features.hyperv.spinlocks True -> False",
            "set features.hyperv.stimer True -> False",
            "set features.hyperv.vendor_id x -> none",
            "set features.kvm.dirty_ring 4096 -> none",
        ],
        (
            '<features><hyperv mode="custom"><spinlocks state="off"/><stimer state="off"/><relaxed state="on"/>'
            "</hyperv></features>"
        ),
    ),
    ({"inside": ""}, {"machine": "q35", "arch": "x86_64"}, [], ""),
    (
        {"inside": ""},
        {"machine": "pc-q35-6.2"},
        ["set machine pc-q35-7.2 -> pc-q35-6.2"],
        '<os><type arch="x86_64" machine="pc-q35-6.2">hvm</type></os>',
    ),
    ({"inside": ""}, {"domain_type": "kvm"}, ["set domain_type qemu -> kvm"], '<domain type="kvm">'),
    # What stands among the devices is not told here.
    ({"inside": "", "devices": "<emulator>/a</emulator>"}, {"emulator": "/b"}, ["set emulator /a -> /b"], ""),
    (
        {"inside": "<title>t</title><description>d</description>"},
        {"title": "", "description": "e"},
        ["set title t -> none", "set description d -> e"],
        "<description>e</description>",
    ),
    (
        {"inside": "", "vcpus": "<vcpu current='3'>4</vcpu>"},
        {"vcpus": 5},
        ["set vcpus 3 -> 5"],
        "<vcpu>5</vcpu>",
    ),
    (
        {"inside": "", "vcpus": "<vcpu current='2'>4</vcpu>"},
        {"vcpus": 3},
        ["set vcpus 2 -> 3"],
        '<vcpu current="3">4</vcpu>',
    ),
    (
        {"inside": "<currentMemory unit='MiB'>512</currentMemory>"},
        {"memory_max": "2GiB"},
        ["set memory_max 1GiB -> 2GiB"],
        '<memory unit="KiB">2097152</memory><currentMemory unit="KiB">524288</currentMemory>',
    ),
]


@pytest.mark.parametrize(("there", "params", "summaries", "xml"), called(CHANGED, lambda row: options_in(row[1:])))
def test_what_is_changed(there: Params, params: Params, summaries: list[str], xml: str) -> None:
    tree, edits = edited(machine(**there), params)
    assert (edits, flat(tree)) == (summaries, xml)
    assert edited(tree, params)[1] == []


def test_every_property_is_written_or_changed() -> None:
    tried = said_in([*(params for params, _xml in NEW), *(params for _there, params, *_rest in CHANGED)])
    assert fields_of(Machine).keys() - tried == set()


REFUSED: list[tuple[Params, str]] = [
    ({"cpu": {"mode": "custom"}}, r"cpu\.mode custom needs a model"),
    ({"cpu": {"mode": "host-model", "model": "EPYC"}}, r"cpu\.model goes with mode custom, not with host-model"),
    ({"cpu": {"match": "exact"}}, r"cpu\.match goes with mode custom, not with None"),
    ({"cpu": {"model": "EPYC", "migratable": True}}, "migratable goes with mode host-passthrough or maximum"),
    ({"cpu": {"mode": "maximum", "vendor_id": "AuthenticAMD"}}, "vendor_id goes with mode custom or host-model"),
    ({"cpu": {"mode": "host-model", "vendor_id": "AMD"}}, "vendor_id 'AMD' is not understood"),
    ({"cpu": {"features": {"aes": "on"}}}, "features has 'on' for 'aes'"),
    ({"cpu": {"topology": {"sockets": 0}}}, r"cpu\.topology\.sockets 0 is out of range"),
    ({"cpu": {"topology": {"cores": 3}}}, "VM 'a' has places for 3 virtual CPUs in its cpu.topology, but 2"),
    ({"cpu": {"topology": {"cores": 2}}, "vcpus": 4}, "has places for 2 virtual CPUs in its cpu.topology, but 4"),
    ({"cpu": {"numa": [{"id": 0, "cpus": "3-1", "memory": "1GiB"}]}}, "cpus '3-1' is no set of numbers"),
    ({"cpu": {"numa": [{"id": 0, "cpus": "0-99999", "memory": "1GiB"}]}}, "cpus '0-99999' is no set of numbers"),
    ({"cpu": {"numa": [{"id": 0, "memory": "1GiB"}, {"id": 0, "memory": "1GiB"}]}}, "numa has two entries for 0"),
    ({"cpu": {"numa": [{"id": 0, "cpus": "0", "memory": "1GiB"}]}}, "has a virtual CPU 1 that is in none of its NUMA"),
    (
        {"cpu": {"numa": [{"id": 0, "cpus": "0-1", "memory": "1GiB"}]}, "memory": "2GiB"},
        "has 1GiB in its NUMA nodes, which does not go with memory 2GiB",
    ),
    (
        {"cpu": {"numa": [{"id": 0, "cpus": "0-1", "memory": "4GiB"}]}, "memory": "2GiB", "memory_max": "3GiB"},
        "has 4GiB in its NUMA nodes, which does not go with memory_max 3GiB",
    ),
    ({"memory_backing": {"hugepages": False, "hugepage_size": "2MiB"}}, "hugepage_size does not go without hugepages"),
    (
        {"cputune": {"vcpu_pins": {"2": "0"}}},
        "VM 'a' has no virtual CPU 2 for cputune.vcpu_pins; they count from 0 to 1",
    ),
    ({"cputune": {"vcpu_pins": {"all": "0"}}}, "has a key 'all' that is no number"),
    ({"cputune": {"vcpu_pins": {"0": "^0"}}}, r"vcpu_pins has '\^0' for 0, which is no set of CPUs"),
    ({"cputune": {"emulator_pin": "x"}}, "emulator_pin 'x' is not understood"),
    ({"cputune": {"shares": 1}}, "shares 1 is out of range; choose 2 to 262144"),
    ({"cputune": {"quota": 5}}, "quota 5 is out of range"),
    ({"cputune": {"period": 5}}, "period 5 is out of range"),
    ({"numatune": {"mode": "strict", "nodeset": ""}}, "mode does not go with an empty nodeset"),
    (
        {"memtune": {"hard_limit": "2GiB", "swap_hard_limit": "1GiB"}},
        "VM 'a' has a swap_hard_limit of 1GiB, which includes its hard_limit of 2GiB",
    ),
    ({"memtune": {"swap_hard_limit": "1GiB"}}, "which includes its hard_limit of any size; name a hard_limit"),
    ({"blkiotune": {"weight": 10001}}, "weight 10001 is out of range"),
    ({"firmware": "bios", "secure_boot": True}, "secure_boot does not go with firmware bios"),
    ({"secure_boot": True}, "VM 'a' has no firmware that libvirt chooses, so secure_boot cannot be changed"),
    ({"boot": {"order": []}}, r"boot\.order names nothing to boot from"),
    ({"boot": {"menu": False, "menu_timeout": 1}}, "menu_timeout does not go without menu"),
    ({"boot": {"menu_timeout": 65536}}, "menu_timeout 65536 is out of range"),
    ({"kernel": "vmlinuz"}, "kernel 'vmlinuz' is not understood; write it like /boot/vmlinuz"),
    ({"cmdline": "quiet"}, "VM 'a' has no kernel that cmdline is for"),
    ({"kernel": "", "initrd": "/i"}, "VM 'a' has no kernel that initrd is for"),
    ({"smbios": {"bios": {"date": "yesterday"}}}, r"smbios\.bios\.date 'yesterday' is not understood"),
    ({"clock": {"offset": "utc", "timezone": "Europe/Prague"}}, "timezone does not go with offset utc"),
    ({"clock": {"adjustment": 1, "start": 1}}, "start does not go with offset variable"),
    ({"clock": {"timers": [{"name": "rtc"}, {"name": "rtc"}]}}, "timers has two entries for rtc"),
    ({"on_poweroff": "restart", "on_reboot": "destroy"}, "on_poweroff restart does not go with on_reboot destroy"),
    ({"features": {"apic": False, "apic_eoi": True}}, "apic_eoi does not go without apic"),
    ({"features": {"hyperv": {"spinlocks": False, "spinlock_retries": 8191}}}, "spinlock_retries does not go without"),
    ({"features": {"hyperv": {"stimer": False, "stimer_direct": True}}}, "stimer_direct does not go without stimer"),
    ({"features": {"hyperv": {"vendor_id": "x" * 13}}}, "vendor_id 'xxxxxxxxxxxxx' is not understood"),
    ({"features": {"kvm": {"dirty_ring": 5000}}}, "dirty_ring 5000 is no power of two"),
    ({"machine": "pc"}, "VM 'a' is a machine of type pc-q35-7.2, not pc"),
    ({"machine": "pc-i440fx-7.2"}, "is a machine of type pc-q35-7.2, not pc-i440fx-7.2"),
    ({"arch": "aarch64"}, "VM 'a' has a processor of type x86_64, not aarch64"),
    ({"emulator": ""}, "emulator names no program"),
]


@pytest.mark.parametrize(("params", "sentence"), called(REFUSED, options_in))
def test_what_cannot_be(params: Params, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        edited(machine(""), params)


# A sentence that a machine refuses stays unsaid where nothing of it was named.
@pytest.mark.parametrize(
    "inside",
    [
        "<cpu><topology sockets='1' cores='9' threads='1'/></cpu>",
        "<cpu><numa><cell id='0' cpus='0' memory='5'/></numa></cpu>",
        "<cputune><vcpupin vcpu='9' cpuset='0'/></cputune>",
    ],
)
def test_what_was_not_named_is_no_concern(inside: str) -> None:
    tree, edits = edited(machine(inside), {"title": "t"})
    assert edits == ["set title none -> t"]
    assert memory_max_of(tree) == GIB


FACTS: list[tuple[Params, str, Any]] = [
    ({"inside": "<cpu mode='custom' match='exact'/>"}, "cpu", None),
    ({"inside": "<cpu mode='host-model'><model fallback='allow'>qemu64</model></cpu>"}, "cpu", {"mode": "host-model"}),
    (
        {"inside": "<cpu match='exact'><model>x</model></cpu>"},
        "cpu",
        {"mode": "custom", "model": "x", "match": "exact"},
    ),
    ({"inside": "<cputune><period>0</period><vcpupin vcpu='0' cpuset='?'/></cputune>"}, "cputune", None),
    ({"inside": "<memtune><hard_limit>0</hard_limit></memtune>"}, "memtune", None),
    ({"inside": "<iothreads>many</iothreads>"}, "iothreads", None),
    ({"inside": "<iothreadids><iothread id='3'/></iothreadids>"}, "iothreads", 1),
    ({"inside": "", "os": "<loader type='pflash'>/x</loader>"}, "firmware", "efi"),
    ({"inside": "", "os": "<loader type='pflash' secure='yes'>/x</loader>"}, "secure_boot", True),
    ({"inside": "", "os": "<loader type='pflash'>/x</loader>"}, "secure_boot", False),
    ({"inside": "", "os": "<loader type='rom'>/x</loader>"}, "firmware", None),
    ({"inside": "", "os_attributes": " firmware='bios'"}, "firmware", None),
    ({"inside": "", "os_attributes": " firmware='efi'"}, "secure_boot", None),
    ({"inside": ""}, "secure_boot", False),
    ({"inside": "<clock offset='utc' timezone='x' basis='utc' start='1'/>"}, "clock", {"offset": "utc"}),
    (
        {"inside": "<clock offset='localtime' adjustment='5'/>"},
        "clock",
        {"offset": "variable", "adjustment": 5, "basis": "localtime"},
    ),
    ({"inside": "<clock offset='utc' adjustment='reset'/>"}, "clock", {"offset": "utc"}),
    ({"inside": "<features/>"}, "features", None),
    ({"inside": "<features><pmu/><smm state='off'/></features>"}, "features", {"pmu": True, "smm": False}),
    ({"inside": "<features><kvm><dirty-ring state='off' size='4096'/></kvm></features>"}, "features", None),
    ({"inside": "<maxMemory unit='KiB'>0</maxMemory>"}, "memory_hotplug_max", None),
    ({"inside": "<on_crash>explode</on_crash>"}, "on_crash", None),
]


@pytest.mark.parametrize(("there", "option", "fact"), called(FACTS, lambda row: option_of(row[1:])))
def test_what_is_told(there: Params, option: str, fact: Any) -> None:
    tree = machine(**there)
    facts = Machine.facts(tree)
    assert facts.get(option) == fact
    assert edited(tree, facts)[1] == []


DIMM = "<memory model='dimm'><target><size unit='MiB'>256</size></target></memory>"
VIRTIO = (
    "<memory model='virtio-mem'><target><size unit='MiB'>512</size><requested unit='MiB'>128</requested>"
    "<current unit='MiB'>128</current></target></memory>"
)
# The memory that is told, modules, and what is read of it: libvirt counts modules in, of a running virtio-mem what it
# has got.
MODULES: list[tuple[int, int | None, str, int, int]] = [
    (1024, None, DIMM, 768, 768),
    (1024, 1024, DIMM, 768, 768),
    (1024, 768, DIMM, 512, 768),
    (1024, 512, DIMM + DIMM, 0, 512),
    (1024, 640, VIRTIO, 512, 512),
    (1280, 896, DIMM + VIRTIO, 512, 512),
]


@pytest.mark.parametrize(("most", "current", "modules", "now", "reach"), MODULES)
def test_memory_is_told_without_modules(most: int, current: int | None, modules: str, now: int, reach: int) -> None:
    now_told = f"<currentMemory unit='MiB'>{current}</currentMemory>" if current else ""
    devices = f"<devices>{modules}</devices>"
    tree = parse_xml(f"<domain><memory unit='MiB'>{most}</memory>{now_told}{devices}</domain>")
    assert (memory_of(tree), memory_max_of(tree)) == (now * MIB, reach * MIB)
    Machine.edit(tree, {"memory": 256 * MIB, "memory_max": 320 * MIB})
    assert (memory_of(tree), memory_max_of(tree)) == (256 * MIB, 320 * MIB)


def test_a_module_does_not_change_the_memory_beside_it() -> None:
    tree = parse_xml(
        "<domain><memory unit='MiB'>512</memory><currentMemory unit='MiB'>512</currentMemory><devices/></domain>"
    )
    with same_memory(tree):
        tree.find("devices").append(parse_xml(DIMM))
    assert (memory_of(tree), memory_max_of(tree)) == (512 * MIB, 512 * MIB)
    assert tree.findtext("memory") == str(768 * 1024)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [("0", "0"), ("3,1,2", "1-3"), ("0-3,^2", "0-1,3"), ("0-7,^2-5", "0-1,6-7"), (" 1 , 2 ", "1-2"), ("5,5", "5")],
)
def test_sets_of_numbers(text: str, spelled: str) -> None:
    assert ranges(members(text)) == spelled


@pytest.mark.parametrize("text", ["", "a", "1-", "3-1", "^1", "1,,2", "0,^0", "16384"])
def test_what_is_no_set_of_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(text) + "$"):
        members(text)


def test_a_set_as_libvirt_takes_it() -> None:
    assert cpu_map("0,2-3") == (True, False, True, True)


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
