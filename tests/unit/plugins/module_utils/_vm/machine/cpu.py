# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of the CPU, its topology and its NUMA nodes."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.machine.parts import Changed, Fact, New, Unfit

NEW: list[New] = [
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
]

CHANGED: list[Changed] = [
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
]

REFUSED: list[Unfit] = [
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
]

FACTS: list[Fact] = [
    ({"inside": "<cpu mode='custom' match='exact'/>"}, "cpu", None),
    ({"inside": "<cpu mode='host-model'><model fallback='allow'>qemu64</model></cpu>"}, "cpu", {"mode": "host-model"}),
    (
        {"inside": "<cpu match='exact'><model>x</model></cpu>"},
        "cpu",
        {"mode": "custom", "model": "x", "match": "exact"},
    ),
]
