# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory that VMs share."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.host_devices.parts import Edited, Live, New, Other, Unfit


def shmem(inside: str = "", model: str = "ivshmem-plain", attributes: str = "name='frames'") -> str:
    """Return the XML of a piece of shared memory."""
    return f"<shmem {attributes}><model type='{model}'/>{inside}</shmem>"


MIB_4 = "<size unit='KiB'>4096</size>"
DOORBELL = {"name": "frames", "model": "ivshmem-doorbell"}
SERVED = shmem("<server path='/s'/><msi vectors='8'/>", "ivshmem-doorbell")
CONTROLLERS = "<controller type='pci' model='pcie-root'/><controller type='pci' model='pcie-root-port'/>"
BRIDGE = "<controller type='pci' model='pcie-to-pci-bridge'/>"

NEW: list[New] = [
    ("shmems", {"name": "frames"}, shmem()),
    ("shmems", {"name": "frames", "size": 4}, shmem(MIB_4)),
    *(
        (
            "shmems",
            {"name": "frames", "size": "4MiB", "role": role},
            shmem(MIB_4, attributes=f"name='frames' role='{role}'"),
        )
        for role in ("master", "peer")
    ),
    (
        "shmems",
        {**DOORBELL, "server": "/s", "vectors": 8, "ioeventfd": False},
        shmem("<server path='/s'/><msi vectors='8' ioeventfd='off'/>", "ivshmem-doorbell"),
    ),
]

EDITED: list[Edited] = [
    (
        "shmems",
        SERVED,
        {"name": "frames", "model": "ivshmem-plain", "size": "1MiB"},
        [
            "set shared memory frames model ivshmem-doorbell -> ivshmem-plain",
            "set shared memory frames size none -> 1MiB",
        ],
        shmem("<size unit='KiB'>1024</size>"),
    ),
    (
        "shmems",
        shmem(MIB_4),
        {"name": "frames", "model": "ivshmem-doorbell", "server": "/s"},
        [
            "set shared memory frames model ivshmem-plain -> ivshmem-doorbell",
            "set shared memory frames server none -> /s",
        ],
        shmem("<server path='/s'/>", "ivshmem-doorbell"),
    ),
    (
        "shmems",
        SERVED,
        {"name": "frames", "server": "", "vectors": 0},
        ["set shared memory frames server /s -> none", "set shared memory frames vectors 8 -> none"],
        shmem("", "ivshmem-doorbell"),
    ),
]

OTHERS: list[Other] = []

REFUSED: list[Unfit] = [
    ("shmems", [{"name": "a/b"}], "name 'a/b' is not understood"),
    ("shmems", [{"name": "a", "size": "3MiB"}], "size '3MiB' cannot be mapped; choose a power of two"),
    ("shmems", [{"name": "a", "size": "512KiB"}], "cannot be mapped"),
    ("shmems", [{"name": "a", "model": "ivshmem-plain", "server": "/s"}], "server goes with ivshmem-doorbell"),
    ("shmems", [{**DOORBELL, "size": "4MiB"}], "size goes with ivshmem-plain"),
    ("shmems", [{"name": "a"}, {"name": "a"}], "two entries for a;"),
]

LIVE: list[Live] = [
    ("", {"shmems": [{"name": "f"}]}, ["attach shared memory f (name f, model ivshmem-plain)"]),
    (CONTROLLERS + BRIDGE, {"shmems": [{"name": "f"}]}, ["attach shared memory f (name f, model ivshmem-plain)"]),
    (
        CONTROLLERS,
        {"shmems": [{"name": "f"}]},
        ["attach shared memory f (name f, model ivshmem-plain) [next_boot]"],
    ),
]
