# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks of every kind on real QEMU: made, started and changed."""

from __future__ import annotations

from typing import Any

from tests.integration.support.disks import BARE, IMAGES, MIB, named, told
from tests.integration.support.vms import Vm

DISKS: list[dict[str, Any]] = [
    {
        "name": "fast",
        "boot_order": 2,
        "cache": "none",
        "io": "native",
        "discard": "unmap",
        "detect_zeroes": "unmap",
        "error_policy": "enospace",
        "rerror_policy": "report",
        "iothread": 1,
        "queues": 2,
        "serial": "F1",
        "logical_block_size": 4096,
        "physical_block_size": 4096,
        "iotune": {"total_bytes_sec": "10MiB", "total_bytes_sec_max": "20MiB", "total_bytes_sec_max_length": 5},
    },
    {
        "name": "far",
        "bus": "scsi",
        "boot_order": 1,
        "wwn": "5000c50015ea71aa",
        "vendor": "ACME",
        "product": "ST 3000",
        "rotation_rate": 7200,
        "shareable": True,
        "cache": "directsync",
        "iotune": {"read_iops_sec": 100, "write_iops_sec": 50, "size_iops_sec": 4096, "group_name": "gold"},
    },
    {
        "name": "slow",
        "bus": "sata",
        "copy_on_read": True,
        "detect_zeroes": "on",
        "cache": "writeback",
        "io": "io_uring",
    },
    {"name": "stick", "bus": "usb", "readonly": True, "cache": "unsafe", "io": "threads", "discard": "ignore"},
    {"name": "gone", "transient": True, "target": "vdq", "error_policy": "stop", "detect_zeroes": "off"},
]
MAKING: dict[str, dict[str, Any]] = {
    "fast": {"size": "8MiB", "preallocation": "falloc"},
    "far": {"size": "2MiB", "format": "raw", "preallocation": "full"},
    "slow": {"size": "2MiB", "preallocation": "metadata"},
    "stick": {"size": "2MiB", "format": "raw", "preallocation": "falloc"},
    "gone": {"size": "2MiB"},
}


def test_disks_of_every_kind_are_made_started_and_changed(vm: Vm) -> None:
    disks = [{**disk, **MAKING[disk["name"]]} for disk in DISKS]
    made = vm.want_twice(**BARE, state="paused", iothreads=2, disks=disks)
    facts = named(made)
    for disk in DISKS:
        assert told(facts[disk["name"]], disk) == disk
    used = vm.lab.exec(vm.host, "du", "-k", *(f"{IMAGES}/{vm.name}-{name}" for name in ("fast.qcow2", "far.raw")))
    assert [int(line.split()[0]) >= size for line, size in zip(used.splitlines(), (8192, 2048))] == [True, True]
    assert vm.domain.blockIoTune("vda")["total_bytes_sec"] == 10 * MIB

    changed = vm.want_twice(**BARE, disks=[{"name": disk["name"], **CHANGED[disk["name"]]} for disk in DISKS])
    assert changed["restart_required"] == [f"disk {reason}" for reason in WAITING]
    now = [line["summary"] for line in changed["plan"] if line["when"] == "now"]
    assert now == [f"set disk {line}" for line in NOW]
    fast, far = (vm.domain.blockIoTune(target) for target in ("vda", "sda"))
    assert (fast["total_bytes_sec"], fast["read_bytes_sec"], fast["write_iops_sec"]) == (0, 5 * MIB, 9)
    assert (far["read_iops_sec"], far["total_iops_sec"], far["group_name"]) == (0, 70, "silver")

    restarted = vm.want(**BARE, state="restarted", force=True)
    assert restarted["restart_required"] == []
    assert vm.live.find("devices/disk[serial='F2']/target").get("bus") == "sata"


CHANGED: dict[str, dict[str, Any]] = {
    "fast": {
        "bus": "sata",
        "iothread": 0,
        "queues": 0,
        "cache": "default",
        "io": "default",
        "discard": "default",
        "serial": "F2",
        "boot_order": 0,
        "logical_block_size": 0,
        "physical_block_size": 0,
        "iotune": {"read_bytes_sec": "5MiB", "write_iops_sec": 9},
    },
    "far": {"wwn": "", "vendor": "NEW", "rotation_rate": 0, "iotune": {"total_iops_sec": 70, "group_name": "silver"}},
    "slow": {"copy_on_read": False},
    "stick": {"readonly": False},
    "gone": {"transient": False, "error_policy": "default"},
}
NOW = [
    "fast iotune.read_bytes_sec none -> 5MiB",
    "fast iotune.write_iops_sec none -> 9",
    "far iotune.total_iops_sec none -> 70",
    "far iotune.group_name gold -> silver",
]
WAITING = [
    "fast bus is virtio and will be sata",
    "fast cache is none and will be none",
    "fast io is native and will be none",
    "fast discard is unmap and will be none",
    "fast iothread is 1 and will be none",
    "fast queues is 2 and will be none",
    "fast serial is F1 and will be F2",
    "fast logical_block_size is 4096 and will be none",
    "fast physical_block_size is 4096 and will be none",
    "far rotation_rate is 7200 and will be none",
    "far wwn is 5000c50015ea71aa and will be none",
    "far vendor is ACME and will be NEW",
    "slow copy_on_read is True and will be False",
    "stick readonly is True and will be False",
    "gone error_policy is stop and will be none",
    "gone transient is True and will be False",
    "fast boot_order is 2 and will be none",
]
