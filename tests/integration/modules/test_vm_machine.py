# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_vm on real QEMU: processor, tuning, memory, clock, events and features of a machine."""

from __future__ import annotations

from typing import Any

from tests.integration.support.vms import Vm, plan

# Made in a moment; no guest has to run in it.
BARE: dict[str, Any] = {"memory": "64MiB", "vcpus": 2, "nics": [], "disks": []}


def within(found: Any, wanted: Any) -> Any:
    """Return of facts what was wanted, in the same shape."""
    if isinstance(wanted, dict):
        return {key: within((found or {}).get(key), value) for key, value in wanted.items()}
    if isinstance(wanted, list) and wanted and isinstance(wanted[0], dict):
        return [within(one, other) for one, other in zip(found or [], wanted)]
    return found


# What the lab's QEMU can be started with.
FIRST: dict[str, Any] = {
    "machine": "q35",
    "arch": "x86_64",
    "cpu": {
        "mode": "custom",
        "model": "qemu64",
        "check": "none",
        "match": "exact",
        "fallback": "allow",
        "vendor_id": "AuthenticAMD",
        "features": {"aes": "disable"},
        "topology": {"sockets": 1, "dies": 1, "cores": 2, "threads": 1},
        "cache": {"mode": "emulate", "level": 3},
        "numa": [
            {"id": 0, "cpus": "0", "memory": "32MiB", "memory_access": "shared", "distances": {"0": "10", "1": "21"}},
            {"id": 1, "cpus": "1", "memory": "32MiB", "discard": True, "distances": {"0": "21", "1": "10"}},
        ],
    },
    "memory_hotplug_max": "1GiB",
    "memory_slots": 2,
    "memory_backing": {"source": "memfd", "access": "private", "allocation": "ondemand", "nosharepages": True},
    "iothreads": 2,
    "cputune": {
        "shares": 512,
        "vcpu_pins": {"0": "0"},
        "emulator_pin": "0",
        "iothread_pins": {"1": "1"},
    },
    "numatune": {"mode": "preferred", "nodeset": "0"},
    "memtune": {"soft_limit": "1GiB"},
    "blkiotune": {"weight": 500},
    "clock": {
        "offset": "variable",
        "adjustment": 3600,
        "basis": "utc",
        "timers": [
            {"name": "rtc", "tickpolicy": "catchup", "track": "guest", "catchup": {"threshold": 123}},
            {"name": "hpet", "present": False},
            {"name": "tsc", "mode": "native"},
        ],
    },
    "on_poweroff": "destroy",
    "on_reboot": "destroy",
    "on_crash": "preserve",
    "on_lockfailure": "pause",
    "features": {
        "acpi": True,
        "apic_eoi": True,
        "pae": True,
        "hap": True,
        "ioapic": "qemu",
        "pmu": False,
        "smm": True,
        "vmport": False,
        "vmcoreinfo": True,
        "msrs": "ignore",
        "tcg_tb_cache": "32MiB",
        "hyperv": {"relaxed": True, "vapic": True, "spinlocks": True, "stimer": False, "vendor_id": "KVM Hv"},
        "kvm": {"hidden": True, "hint_dedicated": True, "poll_control": True, "pv_ipi": False, "dirty_ring": 4096},
    },
    "pm": {"suspend_to_mem": True, "suspend_to_disk": False},
}
# What the lab's hosts, without cgroups and the right to lock memory, can be told of but not start with.
UNSTARTABLE: dict[str, Any] = {
    "cputune": {
        "period": 50000,
        "quota": 20000,
        "global_period": 50000,
        "global_quota": 20000,
        "emulator_period": 50000,
        "emulator_quota": 20000,
        "iothread_period": 50000,
        "iothread_quota": 20000,
    },
    "memory_backing": {"locked": True, "discard": True, "allocation": "immediate"},
    "memtune": {"hard_limit": "1GiB", "swap_hard_limit": "2GiB"},
    "features": {"pvspinlock": True, "hyperv": {"vpindex": True, "synic": True, "stimer_direct": True, "evmcs": True}},
}
STARTABLE: dict[str, Any] = {
    "cputune": dict.fromkeys(UNSTARTABLE["cputune"], 0),
    "memory_backing": {"locked": False, "discard": False},
    "memtune": {"hard_limit": "0", "swap_hard_limit": "0"},
    "features": {"pvspinlock": False, "hyperv": {"vpindex": False, "stimer": False}},
}
# Something else in every section, and much of it taken away.
THEN: dict[str, Any] = {
    "memory": "96MiB",
    "cpu": {
        "mode": "maximum",
        "features": {"aes": "absent"},
        "topology": {"cores": 1, "threads": 2},
        "cache": {"mode": "passthrough"},
        "numa": [],
    },
    "memory_hotplug_max": "0",
    "memory_backing": {"source": "file", "access": "shared", "allocation": "immediate", "nosharepages": False},
    "iothreads": 1,
    "cputune": {
        "shares": 0,
        "vcpu_pins": {"0": "absent", "1": "0-1"},
        "emulator_pin": "",
        "iothread_pins": {"1": "0"},
    },
    "numatune": {"nodeset": ""},
    "memtune": {"soft_limit": "0"},
    "blkiotune": {"weight": 0},
    "clock": {"offset": "timezone", "timezone": "Europe/Prague", "timers": [{"name": "hpet", "present": True}]},
    "on_reboot": "restart",
    "on_crash": "coredump-restart",
    "on_lockfailure": "default",
    "features": {
        "apic": False,
        "pae": False,
        "smm": False,
        "hyperv": {"spinlock_retries": 4095, "relaxed": False, "vendor_id": ""},
        "kvm": {"hidden": False, "dirty_ring": 0},
    },
    "pm": {"suspend_to_mem": False},
}
# What of it the facts no longer tell, because nothing is said.
GONE: dict[str, Any] = {
    "cpu": {"features": None, "topology": THEN["cpu"]["topology"], "cache": {"mode": "passthrough"}, "numa": None},
    "memory_hotplug_max": None,
    "memory_slots": None,
    "memory_backing": {"nosharepages": None},
    "cputune": {"shares": None, "emulator_pin": None},
    "numatune": None,
    "memtune": None,
    "blkiotune": None,
    "on_lockfailure": None,
    "features": {
        "apic": None,
        "apic_eoi": None,
        "pae": None,
        "smm": False,
        "kvm": {"hidden": False, "dirty_ring": None},
    },
}


def test_every_property_is_set_and_taken_back(vm: Vm) -> None:
    made = vm.want_twice(**BARE, **FIRST, state="paused")
    assert within(made["vm"], FIRST) == {**FIRST, "machine": made["vm"]["machine"]}
    assert made["vm"]["machine"].startswith("pc-q35-")
    told = {key: value for key, value in made["vm"].items() if key not in ("observed", "state", "name")}
    assert plan(vm.want(check=True, **told)) == []

    changed = vm.want_twice(**THEN, state="stopped", apply="next_boot", force=True, timeout=1)
    facts = changed["vm"]
    assert within(facts, GONE) == GONE
    assert facts["memory"] == "96MiB"
    assert facts["cputune"]["vcpu_pins"] == {"1": "0-1"}
    assert facts["clock"]["timers"] == [{"name": "hpet", "present": True}]
    assert facts["features"]["hyperv"]["spinlock_retries"] == 4095
    assert vm.want(state="paused")["vm"]["state"] == "paused"


LIVE: dict[str, Any] = {
    "on_poweroff": "destroy",
    "on_reboot": "destroy",
    "on_crash": "preserve",
    "iothreads": 3,
    "cputune": {"vcpu_pins": {"0": "1", "1": "0-1"}, "emulator_pin": "1", "iothread_pins": {"1": "0"}},
}
LATER: dict[str, Any] = {
    "cpu": {"features": {"aes": "disable"}},
    "clock": {"offset": "localtime"},
    "features": {"pmu": False},
    "memory_backing": {"nosharepages": True},
    "on_lockfailure": "ignore",
    "pm": {"suspend_to_disk": False},
}


def test_a_running_vm_takes_over_what_it_can(vm: Vm) -> None:
    vm.want(**BARE, iothreads=1, on_poweroff="restart", on_reboot="restart", state="paused")
    done = vm.want_twice(**LIVE, **LATER)
    live = vm.live
    assert [live.findtext(event) for event in ("on_poweroff", "on_reboot", "on_crash")] == [
        "destroy",
        "destroy",
        "preserve",
    ]
    assert live.findtext("iothreads") == "3"
    assert [(pin.get("vcpu"), pin.get("cpuset")) for pin in live.iterfind("cputune/vcpupin")] == [
        ("0", "1"),
        ("1", "0-1"),
    ]
    assert live.find("cputune/emulatorpin").get("cpuset") == "1"
    assert live.find("cputune/iothreadpin").get("cpuset") == "0"
    waiting = {reason.partition(" is ")[0] for reason in done["restart_required"]}
    assert waiting == {
        "cpu.features",
        "clock.offset",
        "features.pmu",
        "memory_backing.nosharepages",
        "on_lockfailure",
        "pm.suspend_to_disk",
    }
    assert within(done["vm"], {**LIVE, **LATER}) == {**LIVE, **LATER}

    fewer = vm.want_twice(iothreads=1)
    assert plan(fewer) == ["set iothreads 3 -> 1"]
    assert vm.live.findtext("iothreads") == "1"


def test_what_the_hosts_of_the_lab_cannot_start(vm: Vm) -> None:
    made = vm.want_twice(**BARE, **UNSTARTABLE)
    assert within(made["vm"], UNSTARTABLE) == UNSTARTABLE
    changed = vm.want_twice(**STARTABLE, state="paused")
    assert "memtune" not in changed["vm"]
    assert "cputune" not in changed["vm"]
    assert changed["vm"]["memory_backing"] == {"allocation": "immediate"}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"memory_hotplug_max": "1GiB"}, "numa node has to be configured"),
    ({"memory_backing": {"hugepages": True, "allocation": "ondemand"}}, "hugepages are not allowed"),
    ({"cpu": {"topology": {"cores": 3}}}, "has places for 3 virtual CPUs in its cpu.topology, but 2"),
    ({"memory_backing": {"hugepage_size": "2MiB"}}, "hugetlbfs filesystem is not mounted"),
    ({"machine": "pc"}, "is a machine of type pc-q35-"),
    ({"cpu": {"mode": "host-passthrough"}}, "CPU mode 'host-passthrough' for x86_64 qemu domain"),
]


def test_what_libvirt_would_refuse_is_refused_while_planning(vm: Vm) -> None:
    vm.want(**BARE)
    before = vm.xml
    for options, sentence in REFUSED:
        assert sentence in vm.refuse(title="not written", **options)
    assert vm.xml == before


def test_a_new_vm_is_of_the_machine_that_is_named(vm: Vm) -> None:
    numa = {"numa": [{"id": 0, "cpus": "0-3", "memory": "64MiB"}], "topology": {"sockets": 2, "cores": 2}}
    made = vm.want_twice(machine="pc", cpu=numa, nics=[], disks=[], state="paused")
    assert made["vm"]["machine"].startswith("pc-i440fx-")
    assert (made["vm"]["vcpus"], made["vm"]["memory"]) == (4, "64MiB")
    other = Vm(vm.lab, vm.modules, vm.host, f"{vm.name}b")
    assert "machine 'virt' for x86_64" in other.refuse(machine="virt")
    assert "no emulator for VMs of architecture 'riscv64'" in other.refuse(arch="riscv64")
