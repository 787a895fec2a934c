# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What volumes can be made in pools of each type. A type that the collection does not know is left to libvirt."""

from __future__ import annotations

from .._errors import Refused
from .._hypervisor import Hypervisor
from .pool_types import POOL_TYPES, PoolType
from .state import pool_tree


def type_of_pool(host: Hypervisor, pool: str) -> PoolType | None:
    """Return the type of an active or planned pool; None where it is not known."""
    word = host.once(f"type of pool {pool}", lambda: pool_tree(host, pool).get("type"))
    return POOL_TYPES.get(word)


def check_makes(what: str, pool: str, kind: PoolType | None, image_format: str) -> None:
    """Refuse a new volume that pools of a type do not take; `what` it is for, as a sentence begins."""
    if kind is None:
        return
    if kind.volumes_from:
        raise Refused(
            f"{what} cannot be made: no volumes are made in pool '{pool}', which is of type {kind.name}; "
            f"{kind.volumes_from}."
        )
    if kind.raw and image_format != "raw":
        raise Refused(
            f"{what} cannot be {image_format}: the volumes of pool '{pool}', which is of type {kind.name}, are raw; "
            "say 'format: raw', or choose a pool of files."
        )


def check_resizes(what: str, pool: str, kind: PoolType | None) -> None:
    """Refuse to resize a volume where libvirt does not do it; `what` it is, as a sentence begins."""
    if kind and kind.resized_by:
        raise Refused(
            f"{what} is not resized: libvirt does not do that in pool '{pool}', which is of type {kind.name}; "
            f"{kind.resized_by}, or leave the size as it is."
        )


def format_in(kind: PoolType | None) -> str:
    """Return the format of a volume of which none is said."""
    return "raw" if kind and kind.raw else "qcow2"


def nothing_yet(host: Hypervisor, pool: str) -> int | None:
    """Return how much of a new volume is taken from its pool at once, in bytes; None for all of it.

    Where LVM is told less than all, libvirt makes a snapshot that breaks when as much is written.
    """
    kind = type_of_pool(host, pool)
    return None if kind and kind.thick else 0
