# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of memory."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.host_devices.parts import ALIAS, Edited, Live, New, Other, Unfit


def module(inside: str = "", model: str = "dimm", attributes: str = "", source: str = "", node: int = 0) -> str:
    """Return the XML of a memory module of 512 MiB."""
    target = f"<target><size unit='KiB'>524288</size><node>{node}</node>{inside}</target>"
    return f"<memory model='{model}' {attributes}>{source}{target}</memory>"


BLOCKS = "<block unit='KiB'>{}</block><requested unit='KiB'>{}</requested>"
BACKED = "<source><pagesize unit='KiB'>2048</pagesize><nodemask>0-1</nodemask></source>"
VIRTIO_MEM = module(BLOCKS.format(2048, 524288), "virtio-mem")
TWO = {"size": "512MiB", "name": "two"}
FOUR = "".join(module(node=node) for node in range(4))

NEW: list[New] = [
    ("memory_modules", {"size": "512MiB"}, module()),
    ("memory_modules", {"size": 512, "model": "dimm", "node": 0}, module()),
    (
        "memory_modules",
        {"size": "512MiB", "access": "shared", "discard": True, "page_size": "2MiB", "host_nodes": "0-1"},
        module(attributes="access='shared' discard='yes'", source=BACKED),
    ),
    ("memory_modules", {"size": "512MiB", "access": "private"}, module(attributes="access='private'")),
    (
        "memory_modules",
        {"size": "512MiB", "model": "virtio-mem"},
        module(BLOCKS.format(2048, 524288), "virtio-mem"),
    ),
    (
        "memory_modules",
        {"size": "512MiB", "model": "virtio-mem", "block": "4MiB", "requested": "128MiB"},
        module(BLOCKS.format(4096, 131072), "virtio-mem"),
    ),
    (
        "memory_modules",
        {"size": "512MiB", "model": "virtio-mem", "requested": 0},
        module("<block unit='KiB'>2048</block><requested unit='KiB'>0</requested>", "virtio-mem"),
    ),
]

EDITED: list[Edited] = [
    (
        "memory_modules",
        VIRTIO_MEM,
        {"size": "512MiB", "model": "virtio-mem", "requested": "0"},
        ["set memory module virtio-mem 512MiB requested 512MiB -> 0B"],
        module(BLOCKS.format(2048, 0), "virtio-mem"),
    ),
    (
        "memory_modules",
        module().replace("</memory>", f"{ALIAS}</memory>"),
        {"name": "d", "size": "1GiB", "discard": True},
        ["set memory module d size 512MiB -> 1GiB", "set memory module d discard none -> True"],
        module(attributes="discard='yes'").replace("524288", "1048576").replace("</memory>", f"{ALIAS}</memory>"),
    ),
]

OTHERS: list[Other] = [
    (
        "memory_modules",
        "<memory model='nvdimm'><source><path>/n</path></source><target><size>524288</size></target></memory>",
    ),
]

REFUSED: list[Unfit] = [
    ("memory_modules", [{"size": "512MiB", "model": "dimm", "block": "2MiB"}], "block goes with virtio-mem"),
    ("memory_modules", [{"size": "512MiB", "model": "dimm", "requested": 0}], "requested goes with virtio-mem"),
    ("memory_modules", [{"size": "3MiB", "model": "virtio-mem"}], "must be whole blocks of 2MiB"),
    ("memory_modules", [{"size": "8MiB", "model": "virtio-mem", "requested": "3MiB"}], "must be whole blocks of 2MiB"),
    ("memory_modules", [{"size": "6MiB", "model": "virtio-mem", "block": "3MiB"}], "block 3MiB is no power of two"),
    ("memory_modules", [{"size": "8MiB", "model": "virtio-mem", "requested": "16MiB"}], "is more than the size 8MiB"),
]

LIVE: list[Live] = [
    ("", {"memory_modules": [TWO]}, ["attach memory module two (model dimm, size 512MiB, node 0)"]),
    (
        FOUR,
        {"memory_modules": [*({"size": "512MiB", "node": node} for node in range(4)), TWO]},
        ["attach memory module two (model dimm, size 512MiB, node 0) [next_boot]"],
    ),
    (
        VIRTIO_MEM,
        {"memory_modules": [{"size": "512MiB", "model": "virtio-mem", "requested": "64MiB"}]},
        ["set memory module virtio-mem 512MiB requested 512MiB -> 64MiB"],
    ),
    (VIRTIO_MEM, {"memory_modules": []}, ["detach memory module virtio-mem 512MiB [next_boot]"]),
]
