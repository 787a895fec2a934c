# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools with media, which stand in for libvirt's: its test driver gives nobody the content of volumes."""

from __future__ import annotations

from typing import Any

from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import (
    NO_STORAGE_POOL,
    NO_STORAGE_VOL,
    Hypervisor,
)

from tests.unit.plugins.module_utils.media.discs import SIZE
from tests.unit.plugins.module_utils.stand_in import StandIn, failure


class Volume:
    """A volume with its content, or the error that reading it ends with."""

    def __init__(self, name: str, content: bytes | Exception, kind: str = "iso", size: int = SIZE) -> None:
        self._name, self.content, self.kind, self.size = name, content, kind, size
        self.reads: list[tuple[int, int]] = []
        self.pool: Any = None

    def name(self) -> str:
        return self._name

    def path(self) -> str:
        return f"/iso/{self._name}"

    def info(self) -> list[int]:
        return [0, self.size, self.size]

    def storagePoolLookupByVolume(self) -> Any:
        return self.pool

    def XMLDesc(self) -> str:
        if self.kind == "gone":
            raise failure(NO_STORAGE_VOL)
        return (
            f"<volume><name>{self._name}</name><capacity unit='bytes'>{self.size}</capacity><target>"
            f"<path>/iso/{self._name}</path><format type='{self.kind}'/></target></volume>"
        )

    def download(self, stream: Any, offset: int, count: int, _flags: int) -> None:
        if isinstance(self.content, Exception):
            raise self.content
        self.reads.append((offset, count))
        stream.content = self.content[offset : offset + count]


class Stream:
    """A stream that gives what a volume has put into it."""

    content = b""

    def recvAll(self, take: Any, into: Any) -> None:
        take(self, self.content, into)

    def finish(self) -> None:
        """End it."""

    def abort(self) -> None:
        """Give it up."""


class Pool:
    """A pool."""

    def __init__(self, name: str, *volumes: Volume, active: bool = True) -> None:
        self._name, self.volumes, self.active = name, {volume.name(): volume for volume in volumes}, active

    def name(self) -> str:
        return self._name

    def isActive(self) -> bool:
        return self.active

    def refresh(self) -> None:
        """Look again."""

    def listAllVolumes(self) -> list[Volume]:
        return list(self.volumes.values())

    def storageVolLookupByName(self, name: str) -> Volume:
        if name not in self.volumes:
            raise failure(NO_STORAGE_VOL)
        return self.volumes[name]


def host_with(*pools: Pool) -> Hypervisor:
    """Return a host with these pools; all of their volumes are in /iso."""

    def pool_of(name: str) -> Pool:
        found = [pool for pool in pools if pool.name() == name]
        if not found:
            raise failure(NO_STORAGE_POOL)
        return found[0]

    def volume_at(path: str) -> Volume:
        found = [volume for pool in pools for volume in pool.listAllVolumes() if volume.path() == path]
        if not found:
            raise failure(NO_STORAGE_VOL)
        found[0].pool = next(pool for pool in pools if found[0].name() in pool.volumes)
        return found[0]

    connection = StandIn(
        listAllStoragePools=lambda *_flags: [pool for pool in pools if pool.isActive()],
        newStream=lambda _flags: Stream(),
        storagePoolLookupByName=pool_of,
        storageVolLookupByPath=volume_at,
    )
    return Hypervisor(connection, "fake:///")
