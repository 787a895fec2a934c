# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running VM takes over of its machine's properties, through libvirt's test driver, and what has to wait."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import TakeOver
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.machine import Machine
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.tuning import (
    CpuTune,
    MemTune,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.running import LivePlan, plan_running
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.wish import Wish
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml
from lxml import etree

from tests.unit.plugins.module_utils._vm.corpus.driver import connection
from tests.unit.plugins.module_utils._vm.dotted import fields_of, said_in

Params = dict[str, Any]


@pytest.fixture
def running(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A running VM of libvirt's test driver, made of what the test says beside its sizes."""
    head = "<name>machine-live</name><memory unit='MiB'>64</memory><vcpu current='1'>2</vcpu>"
    domain = connection().createXML(f"<domain type='test'>{head}<os><type>hvm</type></os>{request.param}</domain>")
    yield domain
    domain.destroy()


def plan(live: Any, params: Params) -> LivePlan:
    """Return how the running VM gets as it is wanted."""
    return plan_running("machine-live", Wish(Machine.normal(params)), live, live, True, 5)


def told(domain: Any, *tags: str) -> str:
    """Return what the running VM tells of itself, on one line."""
    tree = parse_xml(domain.XMLDesc(0))
    return "".join(
        "".join(line.strip() for line in etree.tostring(node, encoding="unicode").splitlines())
        for tag in tags
        for node in tree.iterfind(tag)
    )


EVENTS = "<on_poweroff>{}</on_poweroff><on_reboot>{}</on_reboot><on_crash>{}</on_crash>"
TWO_THREADS = "<iothreads>2</iothreads>"
MODULE = (
    "<currentMemory unit='MiB'>48</currentMemory><maxMemory slots='1' unit='MiB'>256</maxMemory>"
    "<cpu><numa><cell id='0' cpus='0-1' memory='48' unit='MiB'/></numa></cpu><devices><memory model='dimm'><target>"
    "<size unit='MiB'>16</size><node>0</node></target></memory></devices>"
)
USED = "<devices><controller type='scsi' model='virtio-scsi'><driver iothread='2'/></controller></devices>"

# What runs, what is wanted, the tags that tell of it, and what they then tell.
AT_ONCE: list[tuple[str, Params, tuple[str, ...], str]] = [
    (
        EVENTS.format("destroy", "restart", "destroy"),
        {"on_poweroff": "destroy", "on_reboot": "destroy", "on_crash": "preserve"},
        ("on_poweroff", "on_reboot", "on_crash"),
        EVENTS.format("destroy", "destroy", "preserve"),
    ),
    (
        EVENTS.format("restart", "restart", "destroy"),
        {"on_poweroff": "destroy", "on_reboot": "destroy", "on_crash": "coredump-restart"},
        ("on_poweroff", "on_reboot", "on_crash"),
        EVENTS.format("destroy", "destroy", "coredump-restart"),
    ),
    (
        "",
        {"iothreads": 2},
        ("iothreads", "iothreadids"),
        '<iothreads>2</iothreads><iothreadids><iothread id="1"/><iothread id="2"/></iothreadids>',
    ),
    (
        TWO_THREADS + USED,
        {"iothreads": 1},
        ("iothreads", "iothreadids"),
        '<iothreads>1</iothreads><iothreadids><iothread id="2"/></iothreadids>',
    ),
    (TWO_THREADS, {"iothreads": 0}, ("iothreads", "iothreadids"), ""),
    ("", {"cputune": {"emulator_pin": "0-1"}}, ("cputune",), '<cputune><emulatorpin cpuset="0-1"/></cputune>'),
    (
        TWO_THREADS,
        {"cputune": {"iothread_pins": {"1": "1", "2": "0"}}},
        ("cputune",),
        '<cputune><iothreadpin iothread="1" cpuset="1"/><iothreadpin iothread="2" cpuset="0"/></cputune>',
    ),
    (
        "<numatune><memory mode='strict' nodeset='0'/></numatune>",
        {"numatune": {"nodeset": "0-1"}},
        ("numatune",),
        '<numatune><memory mode="strict" nodeset="0-1"/></numatune>',
    ),
    (
        "<memtune><hard_limit unit='MiB'>600</hard_limit></memtune>",
        {"memtune": {"hard_limit": "1GiB", "soft_limit": "1MiB", "swap_hard_limit": "2GiB"}},
        ("memtune",),
        (
            '<memtune><hard_limit unit="KiB">1048576</hard_limit><soft_limit unit="KiB">1024</soft_limit>'
            '<swap_hard_limit unit="KiB">2097152</swap_hard_limit></memtune>'
        ),
    ),
    (
        "<memtune><hard_limit unit='MiB'>600</hard_limit><swap_hard_limit unit='MiB'>700</swap_hard_limit></memtune>",
        {"memtune": {"hard_limit": 0, "swap_hard_limit": 0}},
        ("memtune",),
        "",
    ),
    ("", {"blkiotune": {"weight": 500}}, ("blkiotune",), "<blkiotune><weight>500</weight></blkiotune>"),
    (
        "<description>d</description>",
        {"title": "t", "description": ""},
        ("title", "description"),
        "<title>t</title>",
    ),
    ("", {"description": "e"}, ("title", "description"), "<description>e</description>"),
    ("", {"vcpus": 2}, ("vcpu",), '<vcpu placement="static">2</vcpu>'),
    (
        "<currentMemory unit='MiB'>32</currentMemory>",
        {"memory": "48MiB"},
        ("memory", "currentMemory"),
        '<memory unit="KiB">65536</memory><currentMemory unit="KiB">49152</currentMemory>',
    ),
    # libvirt counts the module's 16 MiB into both.
    (
        MODULE,
        {"memory": "40MiB"},
        ("memory", "currentMemory"),
        '<memory unit="KiB">65536</memory><currentMemory unit="KiB">57344</currentMemory>',
    ),
]


@pytest.mark.parametrize(("running", "params", "tags", "xml"), AT_ONCE, indirect=["running"])
def test_what_a_running_vm_takes_over_at_once(running: Any, params: Params, tags: tuple[str, ...], xml: str) -> None:
    wanted = plan(parse_xml(running.XMLDesc(0)), params)
    assert wanted.reasons == []
    assert wanted.after
    for change in wanted.after:
        change.carry_out(Hypervisor(connection(), "test:///"))
    assert told(running, *tags) == xml
    assert plan(parse_xml(running.XMLDesc(0)), params) == LivePlan()


PINNED = (
    "<cputune><shares>9</shares><period>1000</period><vcpupin vcpu='0' cpuset='0'/><emulatorpin cpuset='0'/></cputune>"
)
LATER: list[tuple[str, Params, list[str]]] = [
    (
        PINNED,
        {"cputune": {"shares": 0, "period": 0, "vcpu_pins": {"0": "absent"}, "emulator_pin": ""}},
        [
            "cputune.shares is 9 and will be none",
            "cputune.period is 1000 and will be none",
            "cputune.vcpu_pins is 0 0 and will be 0 absent",
            "cputune.emulator_pin is 0 and will be none",
        ],
    ),
    ("", {"cputune": {"vcpu_pins": {"7": "0"}}}, ["cputune.vcpu_pins is 7 absent and will be 7 0"]),
    ("", {"cputune": {"iothread_pins": {"1": "0"}}}, ["cputune.iothread_pins is 1 absent and will be 1 0"]),
    (TWO_THREADS + USED, {"iothreads": 0}, ["iothreads is 2 and will be none"]),
    (
        "<numatune><memory mode='preferred' nodeset='0'/></numatune>",
        {"numatune": {"mode": "interleave", "nodeset": "1"}},
        ["numatune.mode is preferred and will be interleave", "numatune.nodeset is 0 and will be 1"],
    ),
    ("", {"numatune": {"nodeset": "0"}}, ["numatune.nodeset is none and will be 0"]),
    (
        "<blkiotune><weight>500</weight></blkiotune>",
        {"blkiotune": {"weight": 0}},
        ["blkiotune.weight is 500 and will be none"],
    ),
    ("", {"memory_backing": {"locked": True}}, ["memory_backing.locked is none and will be True"]),
    ("", {"firmware": "efi"}, ["firmware is none and will be efi"]),
    ("", {"features": {"acpi": True}}, ["features.acpi is none and will be True"]),
    ("", {"on_lockfailure": "pause"}, ["on_lockfailure is none and will be pause"]),
    # The description of a running VM tells these otherwise, so it is not asked.
    ("", {"cpu": {"mode": "host-model", "features": {"aes": "require"}}}, []),
    ("<clock offset='variable' adjustment='5' basis='utc'/>", {"clock": {"adjustment": 7, "basis": "localtime"}}, []),
    ("", {"boot": {"order": ["network"]}}, []),
]


@pytest.mark.parametrize(("running", "params", "reasons"), LATER, indirect=["running"])
def test_what_waits_for_the_next_boot(running: Any, params: Params, reasons: list[str]) -> None:
    wanted = plan(parse_xml(running.XMLDesc(0)), params)
    assert (wanted.after, wanted.reasons) == ([], reasons)


class Recorder:
    """A virDomain that keeps what it is told: libvirt's test driver has no CPU scheduler, and pins no vCPU live."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def setSchedulerParametersFlags(self, values: dict[str, int], flags: int) -> None:
        self.calls.append(("scheduler", values, flags))

    def pinVcpuFlags(self, number: int, cpus: tuple[bool, ...], flags: int) -> None:
        self.calls.append(("pin", number, cpus, flags))

    def lookupByName(self, _name: str) -> Recorder:
        return self


RECORDED: list[tuple[str, Params, list[tuple[Any, ...]]]] = [
    (
        "<quota>9000</quota>",
        {"shares": 512, "period": 5000, "quota": -1, "global_quota": 7000},
        [("scheduler", {"cpu_shares": 512, "vcpu_period": 5000, "vcpu_quota": -1, "global_quota": 7000}, 1)],
    ),
    (
        "<emulator_period>9000</emulator_period>",
        {"global_period": 5000, "emulator_quota": 5000, "emulator_period": 9000, "iothread_period": 8000},
        [("scheduler", {"global_period": 5000, "emulator_quota": 5000, "iothread_period": 8000}, 1)],
    ),
    (
        "<iothread_quota>9000</iothread_quota><emulator_period>9000</emulator_period>",
        {"iothread_quota": 0, "emulator_period": 2000},
        [("scheduler", {"emulator_period": 2000, "iothread_quota": -1}, 1)],
    ),
    (
        "<vcpupin vcpu='0' cpuset='0'/>",
        {"vcpu_pins": {"0": "0", "1": "1,3"}},
        [("pin", 1, (False, True, False, True), 1)],
    ),
]


@pytest.mark.parametrize(("inside", "cputune", "calls"), RECORDED)
def test_what_libvirt_is_told(inside: str, cputune: Params, calls: list[tuple[Any, ...]]) -> None:
    live = parse_xml(f"<domain><name>a</name><vcpu>2</vcpu><cputune>{inside}</cputune></domain>")
    recorder = Recorder()
    wanted = plan(live, {"cputune": cputune})
    assert wanted.reasons == []
    for change in wanted.after:
        assert isinstance(change, TakeOver)
        change.carry_out(Hypervisor(recorder, "test:///"))
    assert recorder.calls == calls


def test_every_property_that_changes_live_is_among_them() -> None:
    recorded = [{"cputune": params} for _now, params, _calls in RECORDED]
    tried = said_in([*(params for _now, params, *_rest in AT_ONCE), *recorded])
    assert {name for name, field in fields_of(Machine).items() if field.live is not None} - tried == set()


# Without those that other hypervisors than QEMU take: Xen's "weight", ESX's "shares".
SCHEDULER = r"VIR_DOMAIN_SCHEDULER_(CPU|VCPU|GLOBAL|EMULATOR|IOTHREAD)_"
MEMORY = r"VIR_DOMAIN_MEMORY_(HARD|SOFT|SWAP)_"


@pytest.mark.parametrize(
    ("field", "constants"),
    [
        *(pytest.param(field, SCHEDULER, id=name) for name, field in CpuTune.fields.items() if "_pin" not in name),
        *(pytest.param(field, MEMORY, id=name) for name, field in MemTune.fields.items()),
    ],
)
def test_libvirt_knows_the_word(field: Any, constants: str) -> None:
    known = {getattr(libvirt, name) for name in dir(libvirt) if re.match(constants, name)}
    assert (field.live.word or field.name) in known
