# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serial ports, consoles, channels, TPM, watchdog and other small devices on real QEMU."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.support.facts import told
from tests.integration.support.vms import Vm, plan

BARE: dict[str, Any] = {"memory": "32MiB", "nics": [], "disks": [], "force": True, "timeout": 2}
SOCKETS = "/var/lib/libvirt/qemu/t-small-"


def live(vm: Vm, tag: str) -> list[Any]:
    return list(vm.live.iterfind(f"devices/{tag}"))


LINES: dict[str, Any] = {
    "graphics": [{"type": "spice", "listen": {"type": "socket"}}, {"type": "dbus"}],
    "serials": [
        {"type": "pty", "port": 0, "log_file": "/var/log/libvirt/qemu/t-small-serial.log", "log_append": False},
        {"type": "file", "port": 1, "path": "/tmp/t-small-serial", "append": True, "iobase": "0x2f8"},
        {"name": "debug", "type": "null", "port": 2, "target_type": "isa-debug", "target_model": "isa-debugcon"},
        {"name": "u", "type": "pty", "port": 3, "target_type": "usb-serial", "target_model": "usb-serial"},
        {"type": "dbus", "channel": "org.example.c", "port": 4, "target_type": "usb-serial"},
        {"type": "vc", "port": 6, "target_type": "usb-serial"},
    ],
    "consoles": [
        {"type": "pty", "target_type": "virtio"},
        {"name": "c", "type": "unix", "mode": "bind", "path": f"{SOCKETS}console"},
    ],
    "channels": [
        {"type": "unix", "mode": "bind", "target_type": "virtio", "target_name": "org.example.0"},
        {
            "name": "tcp",
            "type": "tcp",
            "mode": "bind",
            "host": "127.0.0.1",
            "service": "4751",
            "protocol": "telnet",
            "tls": False,
            "target_name": "org.example.1",
        },
        {
            "name": "udp",
            "type": "udp",
            "host": "127.0.0.1",
            "service": "4752",
            "bind_host": "127.0.0.1",
            "bind_service": "4753",
            "target_name": "org.example.2",
        },
        {"type": "spicevmc", "target_name": "com.redhat.spice.0"},
        {"type": "spiceport", "channel": "org.spice-space.webdav.0", "target_name": "org.spice-space.webdav.0"},
        {"name": "v", "type": "qemu-vdagent", "clipboard": True, "mouse": "client", "target_name": "org.example.3"},
        {
            "name": "r",
            "type": "tcp",
            "mode": "connect",
            "host": "127.0.0.1",
            "service": "4755",
            "reconnect": 60,
            "target_name": "org.example.4",
        },
    ],
    "redirdevs": [
        {"bus": "usb", "type": "spicevmc", "boot_order": 1},
        {"name": "r2", "type": "tcp", "mode": "bind", "host": "127.0.0.1", "service": "4754"},
    ],
    "smartcards": [{"card": "passthrough", "type": "spicevmc"}],
}


def test_lines_to_the_host(vm: Vm) -> None:
    made = vm.want_twice(**BARE, **LINES, state="paused")
    assert {option: told(made["vm"][option], wanted) for option, wanted in LINES.items()} == LINES

    # plugged into and out of the running VM: all but what is on the ISA bus
    changed: dict[str, Any] = {
        "serials": [
            {"port": 0, "log_file": ""},
            {"name": "u2", "port": 5, "target_type": "usb-serial", "type": "null"},
        ],
        "consoles": [{"type": "null"}],
        "channels": [{"type": "pty", "target_name": "org.example.9"}],
        "redirdevs": [],
        "guest_agent": {"enabled": False},
    }
    taken = vm.want_twice(**changed)
    assert sorted(taken["restart_required"]) == [
        "console type is pty and will be null",
        "serial port 0 log_file is /var/log/libvirt/qemu/t-small-serial.log and will be none",
        "serial port 1 stays attached",
        "serial port debug stays attached",
    ]
    assert [node.find("target").get("name") for node in live(vm, "channel")] == ["org.example.9"]
    assert [node.get("type") for node in live(vm, "console")] == ["pty", "pty"]
    assert [node.find("target").get("type") for node in live(vm, "serial")] == [
        "isa-serial",
        "isa-serial",
        "isa-debug",
        "usb-serial",
    ]
    assert live(vm, "redirdev") == []

    vm.want_twice(serials=[], consoles=[], smartcards=[], guest_agent={"enabled": True}, state="stopped", force=True)
    assert [vm.tree.findall(f"devices/{tag}") for tag in ("serial", "console", "smartcard")] == [[], [], []]


GADGETS: dict[str, Any] = {
    "rngs": [
        {"model": "virtio", "backend": "random", "device": "/dev/random", "rate": {"bytes": 1024, "period": 500}},
        {"name": "b", "backend": "builtin", "virtio": {"packed": True}},
        {"name": "e", "backend": "egd", "egd": {"type": "unix", "mode": "bind", "path": f"{SOCKETS}egd"}},
    ],
    "balloon": {
        "model": "virtio-non-transitional",
        "stats_period": 7,
        "autodeflate": True,
        "free_page_reporting": True,
        "virtio": {"ats": False},
    },
    "tpm": {"model": "tpm-tis", "version": "2.0", "persistent_state": True, "pcr_banks": ["sha256"]},
    "watchdog": {"model": "ib700", "action": "inject-nmi"},
    "panics": [{"model": "isa", "iobase": "0x506"}, {"name": "w", "model": "hyperv"}],
    "features": {"ioapic": "qemu"},
    "iommu": {
        "model": "intel",
        "interrupt_remapping": True,
        "caching_mode": True,
        "extended_interrupts": False,
        "iotlb": True,
        "aw_bits": 48,
    },
}


def test_gadgets(vm: Vm) -> None:
    made = vm.want_twice(**BARE, **GADGETS, state="paused")
    assert {option: told(made["vm"][option], wanted) for option, wanted in GADGETS.items()} == GADGETS
    uuid = vm.domain.UUIDString()
    assert uuid in vm.lab.exec(vm.host, "pgrep", "-a", "swtpm")

    changed: dict[str, Any] = {
        "rngs": [{"device": "/dev/urandom"}, GADGETS["rngs"][1]],
        "balloon": {"stats_period": 0, "autodeflate": False},
        "tpm": {"pcr_banks": []},
        "watchdog": {"action": "pause"},
        "panics": [],
        "iommu": {"enabled": False},
    }
    # a generator on a PCI Express port goes when the guest lets go of it, which none does here
    waits = vm.modules(vm.host, "kvm_vm", name=vm.name, **changed, timeout=1)
    assert "the guest did not let go of random number generator e" in waits["msg"]
    changed["rngs"] += [GADGETS["rngs"][2], {"name": "more", "backend": "builtin"}]
    taken = vm.want_twice(**changed)
    assert sorted(taken["restart_required"]) == [
        "IOMMU stays attached",
        "TPM pcr_banks is sha256 and will be none",
        "memory balloon autodeflate is True and will be False",
        "panic device isa stays attached",
        "panic device w stays attached",
        "random number generator device is /dev/random and will be /dev/urandom",
        "watchdog action is inject-nmi and will be pause",
    ]
    assert [node.get("period") for node in vm.live.iterfind("devices/memballoon/stats")] == []
    assert len(live(vm, "rng")) == 4

    without: dict[str, Any] = {"balloon": {"enabled": False}, "tpm": {"enabled": False}, "watchdog": {"enabled": False}}
    vm.want(**BARE, state="stopped")
    vm.want_twice(**without, rngs=[])
    assert [node.get("model") for node in vm.tree.iterfind("devices/memballoon")] == ["none"]
    vm.want_twice(balloon={"enabled": True}, iommu={"model": "virtio"})
    assert [node.get("model") for node in vm.tree.iterfind("devices/memballoon")] == ["virtio"]


def test_a_watchdog_is_plugged_in_where_there_is_a_slot(vm: Vm) -> None:
    vm.want(**BARE, state="paused")
    # a q35 machine has no slot for it, unless it was started with one
    assert vm.want(watchdog={})["restart_required"] == ["watchdog is not attached yet"]
    assert vm.want(watchdog={})["restart_required"] == ["watchdog is not attached yet"]
    vm.want(**BARE, watchdog={"enabled": False}, state="stopped")
    vm.want(state="paused")
    plugged = vm.want_twice(watchdog={"action": "dump"})
    assert plan(plugged) == ["attach watchdog (model i6300esb, action dump)"]
    assert plugged["restart_required"] == []
    assert [node.get("action") for node in live(vm, "watchdog")] == ["dump"]


TAKEN: list[dict[str, Any]] = [
    {"watchdog": {"model": "i6300esb", "action": action}}
    for action in ("reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi")
] + [
    {"tpm": {"model": "tpm-crb"}},
    {"tpm": {"model": "tpm-tis", "version": "1.2"}},
    {"tpm": {"model": "tpm-crb", "backend": "external", "socket": "/tmp/t-small-swtpm"}},
    {"balloon": {"model": "virtio-transitional"}},
    {"rngs": [{"model": "virtio-transitional"}, {"name": "b", "model": "virtio-non-transitional"}]},
    {"serials": [{"target_type": "pci-serial", "target_model": "pci-serial"}]},
]


def test_other_models_are_taken_by_qemu(vm: Vm) -> None:
    vms = [{"name": f"{vm.name}-{number}", **wanted} for number, wanted in enumerate(TAKEN)]
    checked = vm.modules(vm.host, "kvm_fleet", check=True, vms=vms, defaults=BARE)
    assert not checked["failed"], checked
    assert [line["name"] for line in checked["plan"]] == [entry["name"] for entry in vms]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"watchdog": {"model": "diag288"}}, "diag288 model of watchdog is allowed for s390 and s390x only"),
    ({"tpm": {"version": "1.2"}}, "Unsupported interface 'tpm-crb' for TPM 1.2"),
    ({"channels": [{"type": "spicevmc"}]}, "not supported without spice graphics"),
    ({"iommu": {"interrupt_remapping": True}}, "requires split I/O APIC"),
]


@pytest.mark.parametrize(("wanted", "words"), REFUSED)
def test_what_libvirt_refuses_is_refused_while_planning(vm: Vm, wanted: dict[str, Any], words: str) -> None:
    assert words in vm.refuse(**BARE, **wanted)
