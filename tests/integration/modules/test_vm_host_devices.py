# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VM is given of its host, on real QEMU as far as the lab's hosts have it, else as libvirt keeps it."""

from __future__ import annotations

from typing import Any

from tests.integration.support.facts import told
from tests.integration.support.vms import Vm, plan

BARE: dict[str, Any] = {"disks": [], "nics": [], "force": True, "timeout": 2, "memory": "64MiB"}
UUID = "9f39a5d6-1f0c-4d3b-8a2d-0d2f3f3ef2a1"


def waits(made: dict[str, Any]) -> list[str]:
    """Return what a running VM waits for, in its first words."""
    return sorted(reason.partition(" is ")[0] for reason in made["restart_required"])


def test_directories_shared_memory_leases_and_modules(vm: Vm) -> None:
    room: dict[str, Any] = {
        "memory_hotplug_max": "1GiB",
        "memory_slots": 4,
        "cpu": {"numa": [{"id": 0, "cpus": "0", "memory": "64MiB"}]},
        "memory_backing": {"source": "memfd", "access": "shared"},
    }
    nine: dict[str, Any] = {
        "target": "nine",
        "driver": "9p",
        "source": "/srv",
        "access_mode": "mapped",
        "file_mode": "0640",
        "directory_mode": "0750",
        "multidevs": "remap",
        "readonly": True,
    }
    fast: dict[str, Any] = {
        "target": "fast",
        "driver": "virtiofs",
        "source": "/srv",
        "queue_size": 512,
        "daemon": {
            "path": "/usr/lib/qemu/virtiofsd",
            "cache": "always",
            "xattr": True,
            "posix_lock": True,
            "flock": True,
            "sandbox": "chroot",
            "threads": 2,
        },
    }
    growing: dict[str, Any] = {"name": "growing", "model": "virtio-mem", "size": "128MiB", "requested": "16MiB"}
    fixed: dict[str, Any] = {"name": "fixed", "size": "128MiB"}
    devices: dict[str, Any] = {
        "filesystems": [nine, fast],
        "shmems": [{"name": vm.name, "size": "1MiB", "role": "peer"}],
        "leases": [],
        "memory_modules": [growing, fixed],
    }
    made = vm.want_twice(**BARE, **room, **devices, state="paused")
    assert told(made["vm"], {**devices, "memory": "64MiB"}) == {**devices, "memory": "64MiB"}
    live = vm.live
    assert live.xpath("devices/filesystem/driver/@type") == ["virtiofs"]
    assert "virtiofsd" in vm.lab.exec(vm.host, "pgrep", "-af", "cache=always,sandbox=chroot")

    lock = {"lockspace": vm.name, "key": "web01", "path": "/tmp/lease", "offset": 1024}
    devices["leases"] = [lock]
    devices["shmems"].append({"name": f"{vm.name}-2"})
    growing["requested"] = "64MiB"
    devices["memory_modules"].append({"name": "more", "size": "128MiB", "node": 0})
    changed = vm.want_twice(**devices, state="paused")
    assert changed["restart_required"] == []
    live = vm.live
    assert live.xpath("devices/memory[alias/@name='ua-growing']/target/requested/text()") == ["65536"]
    assert len(live.findall("devices/memory")) == 3
    assert live.findtext("devices/lease/key") == "web01"
    assert live.xpath("devices/shmem/@name") == [vm.name, f"{vm.name}-2"]

    devices["leases"] = []
    devices["memory_modules"] = [entry for entry in devices["memory_modules"] if entry["name"] != "growing"]
    fast["queue_size"] = 1024
    nine["readonly"] = False
    later = vm.want(**devices, apply="next_boot")
    assert waits(later) == [
        "file system fast queue_size",
        "file system nine readonly",
        f"lease {vm.name} web01 stays attached",
        "memory module growing stays attached",
    ]
    assert plan(vm.want(**devices, apply="next_boot")) == []
    assert plan(vm.want(leases=[])) == [f"detach lease {vm.name} web01"]
    assert vm.live.find("devices/lease") is None


def test_what_the_hosts_of_the_lab_lack_is_kept_for_a_start(vm: Vm) -> None:
    devices: dict[str, Any] = {
        "vsock": {"enabled": True, "cid": "5", "model": "virtio"},
        "hostdevs": [
            {"name": "card", "pci": "0000:fe:1f.7", "managed": False, "rom": {"bar": False}, "boot_order": 2},
            {"name": "stick", "usb": "046d:c52b", "startup_policy": "optional"},
            {"name": "port", "usb_address": "9/12", "guest_reset": "off"},
            {"name": "part", "mdev": UUID, "model": "vfio-pci", "display": False, "ramfb": False},
        ],
        "shmems": [
            {"name": vm.name, "model": "ivshmem-doorbell", "server": "/run/x.sock", "vectors": 4, "ioeventfd": True}
        ],
    }
    made = vm.want_twice(**BARE, **devices)
    assert told(made["vm"], devices) == devices
    devices["vsock"] = {"enabled": True, "cid": "auto"}
    devices["hostdevs"] = devices["hostdevs"][1:3]
    devices["shmems"] = []
    changed = vm.want_twice(**devices)
    assert plan(changed) == [
        "set vsock cid 5 -> auto",
        "detach host device card",
        "detach host device part",
        f"detach shared memory {vm.name}",
    ]
    assert told(changed["vm"], devices) == devices


def test_a_running_vm_that_lacks_something_is_given_devices_at_its_next_boot(vm: Vm) -> None:
    vm.want(**BARE, state="paused")
    share: dict[str, Any] = {"memory_backing": {"source": "memfd", "access": "shared"}}
    assert "set source: memfd and access: shared in 'memory_backing'" in vm.refuse(
        filesystems=[{"source": "/srv", "target": "data"}]
    )
    assert "set memory_hotplug_max and a node in cpu.numa" in vm.refuse(memory_modules=[{"size": "128MiB"}])
    made = vm.want(**share, filesystems=[{"source": "/srv", "target": "data"}], shmems=[{"name": vm.name}])
    assert "file system data is not attached yet" in made["restart_required"]
    assert f"shared memory {vm.name} is not attached yet" in made["restart_required"]
