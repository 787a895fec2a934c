# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may say about moving the disks of VMs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import Refused
from .._names import check_name
from .._units import MIB, parse_size
from .._values import dataclass
from .._vm.spec import check_vm_name, check_wait

FORMATS = ("qcow2", "raw")


@dataclass(frozen=True)
class DiskMove:
    """One disk to be moved to a pool, or with None for `disk` all others that can be."""

    pool: str
    disk: str | None = None
    format: str | None = None
    flatten: bool = False
    keep_source: bool = False


@dataclass(frozen=True)
class MigrateSpec:
    """One VM, and where its disks shall be; `bandwidth` in bytes a second, 0 for no limit, `timeout` in seconds."""

    name: str
    moves: Sequence[DiskMove]
    bandwidth: int = 0
    timeout: int = 600


def migrate_options() -> dict[str, Any]:
    """Return the options of the module."""
    move = {
        "disk": {"type": "str"},
        "pool": {"type": "str", "required": True},
        "format": {"type": "str", "choices": list(FORMATS)},
        "flatten": {"type": "bool", "default": False},
        "keep_source": {"type": "bool", "default": False},
    }
    return {
        "name": {"type": "str"},
        "names": {"type": "list", "elements": "str"},
        "move_disks": {"type": "list", "elements": "dict", "required": True, "options": move},
        "bandwidth": {"type": "str"},
        "timeout": {"type": "int", "default": 600},
    }


def migrate_specs(params: Mapping[str, Any]) -> list[MigrateSpec]:
    """Return a spec for each VM that is named; Refused where the options make no sense."""
    names = params["names"] if params["name"] is None else [params["name"]]
    moves = [DiskMove(**move) for move in params["move_disks"]]
    _check_moves(moves)
    check_wait("timeout", params["timeout"], 1)
    written = params["bandwidth"]
    bandwidth = parse_size(written, "bandwidth", MIB) if written is not None else 0
    named = dict.fromkeys(map(check_vm_name, names))
    return [MigrateSpec(name, tuple(moves), bandwidth, params["timeout"]) for name in named]


def _check_moves(moves: Sequence[DiskMove]) -> None:
    for move in moves:
        check_name("Pool", move.pool)
    disks = [move.disk for move in moves]
    twice = next((disk for disk in disks if disks.count(disk) > 1), "")
    if twice is None:
        raise Refused("move_disks has two entries without a disk; only one can stand for all others.")
    if twice:
        raise Refused(f"move_disks has two entries for disk '{twice}'; say one pool for it.")
