# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a disk a running VM takes over: its limits, in one call; all else waits for the next boot."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.disk import Disk
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.iotune import TUNE
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.disks.limits import TUNED
from tests.unit.plugins.module_utils._vm.disks.parts import disk
from tests.unit.plugins.module_utils._vm.table import Table, domain, planned, state, summaries

RUNNING = disk()
WAITING: list[dict[str, Any]] = [
    {"bus": "sata"},
    {"target": "vdq"},
    {"boot_order": 1},
    {"cache": "none"},
    {"io": "threads"},
    {"discard": "unmap"},
    {"detect_zeroes": "on"},
    {"error_policy": "stop"},
    {"rerror_policy": "stop"},
    {"copy_on_read": True},
    {"iothread": 1},
    {"queues": 2},
    {"serial": "s"},
    {"wwn": "5000c50015ea71aa"},
    {"vendor": "v"},
    {"product": "p"},
    {"logical_block_size": 512},
    {"physical_block_size": 4096},
    {"readonly": True},
    {"shareable": True},
    {"transient": True},
]


@pytest.mark.parametrize("params", WAITING, ids=[next(iter(params)) for params in WAITING])
def test_what_waits_for_the_next_boot(params: dict[str, Any]) -> None:
    plan = planned(state(RUNNING, power="running"), Table(), disks=[{"name": "d", **params}])
    assert [line.endswith("[next_boot]") for line in summaries(plan)] == [True]
    assert [why.startswith(f"disk d {next(iter(params))} is ") for why in plan.restart_required] == [True]


def test_limits_are_taken_over_at_once() -> None:
    tuned = {"name": "d", "iotune": {"read_bytes_sec": "5B", "read_iops_sec": 3}}
    plan = planned(state(RUNNING, power="running"), Table(), disks=[tuned])
    lines = ["set disk d iotune.read_bytes_sec none -> 5B", "set disk d iotune.read_iops_sec none -> 3"]
    assert summaries(plan) == lines
    assert plan.restart_required == []


def test_a_disk_leaves_its_group_at_the_next_boot() -> None:
    grouped = disk("<iotune><total_iops_sec>5</total_iops_sec><group_name>g</group_name></iotune>")
    plan = planned(state(grouped, power="running"), Table(), disks=[{"name": "d", "iotune": {"group_name": ""}}])
    assert plan.restart_required == ["disk d iotune.group_name is g and will be none"]


class Recorder:
    """A virDomain that keeps what it is told: which numbers go into the one call is what is looked at."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def setBlockIoTune(self, *call: Any) -> None:
        self.calls.append(call)


ZERO = {
    f"{way}_{what}_sec{more}": 0
    for way in ("total", "read", "write")
    for what in ("bytes", "iops")
    for more in ("", "_max", "_max_length")
}


@pytest.mark.parametrize(
    ("inside", "numbers"),
    [
        ("", {}),
        (TUNED, {"read_bytes_sec": 5, "read_bytes_sec_max": 9}),
        (
            "<iotune><group_name>g</group_name></iotune>",
            {"group_name": "g"},
        ),
    ],
    ids=["no limits", "limits", "a group"],
)
def test_all_limits_are_set_in_one_call(inside: str, numbers: dict[str, Any]) -> None:
    domain = Recorder()
    TUNE.apply(domain, parse_xml(disk(inside)), {"read_bytes_sec": 5})
    assert domain.calls == [("vda", {**ZERO, "size_iops_sec": 0, **numbers}, 1)]


CONTROLLER = "<controller type='scsi' model='virtio-scsi' index='0'/>"
SCSI = "<disk type='file'><source file='/pool/a'/><target dev='sda' bus='scsi'/></disk>"


@pytest.mark.parametrize(
    ("configured", "live", "needed"),
    [
        (CONTROLLER + SCSI, "", ["controller scsi 0"]),
        (CONTROLLER + SCSI, CONTROLLER, []),
        (SCSI, "", []),
        (SCSI.replace("scsi", "virtio"), "", []),
    ],
)
def test_a_disk_brings_the_controller_that_is_configured_with_it(configured: str, live: str, needed: list[str]) -> None:
    node = domain(configured).find("devices/disk")
    assert [kind.titled(kind.name_at(found)) for kind, found in Disk.needed(domain(live), node)] == needed
