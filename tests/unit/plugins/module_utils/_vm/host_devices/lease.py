# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leases."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.host_devices.parts import Edited, Live, New, Other, Unfit


def lease(target: str = "path='/l'") -> str:
    """Return the XML of the lease web01 in the lockspace cluster."""
    return f"<lease><lockspace>cluster</lockspace><key>web01</key><target {target}/></lease>"


LOCK = {"lockspace": "cluster", "key": "web01", "path": "/l"}

NEW: list[New] = [
    ("leases", {"lockspace": "cluster", "key": "web01", "path": "/l"}, lease()),
    ("leases", {"lockspace": "cluster", "key": "web01", "path": "/l", "offset": 512}, lease("path='/l' offset='512'")),
]

EDITED: list[Edited] = [
    (
        "leases",
        lease("path='/l' offset='512'"),
        {"lockspace": "cluster", "key": "web01", "path": "/m", "offset": 0},
        ["set lease cluster web01 path /l -> /m", "set lease cluster web01 offset 512 -> none"],
        lease("path='/m'"),
    ),
]

OTHERS: list[Other] = []

REFUSED: list[Unfit] = [
    ("leases", [{"lockspace": " ", "key": "k", "path": "/l"}], "lockspace ' ' is not understood"),
    ("leases", [{"lockspace": "l", "key": "k", "path": "l"}], "path 'l' is not understood"),
    ("leases", [{"lockspace": "l", "key": "k", "path": "/l"}] * 2, "two entries for l k;"),
]

LIVE: list[Live] = [
    ("", {"leases": [LOCK]}, ["attach lease cluster web01 (lockspace cluster, key web01, path /l)"]),
]
