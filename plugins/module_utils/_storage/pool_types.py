# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of pools, one entry each: what a new pool of the type needs, and what building it means."""

from __future__ import annotations

from .._values import dataclass


@dataclass(frozen=True)
class PoolType:
    """What the collection knows about one of libvirt's pool types. Source: https://libvirt.org/storage.html."""

    name: str
    # Options of `source` that a new pool must be given, and all that the type understands.
    source_needed: tuple[str, ...] = ()
    source_known: tuple[str, ...] = ()
    # Flags for virStoragePoolBuild; for these types it only makes the directory, and never touches what is in it.
    build_flags: int = 0


POOL_TYPES = {
    kind.name: kind
    for kind in (
        PoolType("dir"),
        PoolType("netfs", source_needed=("host", "dir"), source_known=("host", "dir", "format")),
    )
}
