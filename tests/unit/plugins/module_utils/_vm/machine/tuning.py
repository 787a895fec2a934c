# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""I/O threads, and shares and limits of what the host has."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.machine.parts import Changed, Fact, New, Unfit

NEW: list[New] = [
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
]

CHANGED: list[Changed] = [
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
]

REFUSED: list[Unfit] = [
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
]

FACTS: list[Fact] = [
    ({"inside": "<cputune><period>0</period><vcpupin vcpu='0' cpuset='?'/></cputune>"}, "cputune", None),
    ({"inside": "<memtune><hard_limit>0</hard_limit></memtune>"}, "memtune", None),
    ({"inside": "<iothreads>many</iothreads>"}, "iothreads", None),
    ({"inside": "<iothreadids><iothread id='3'/></iothreadids>"}, "iothreads", 1),
]
