# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pools and volumes are: libvirt in, plain data out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Callable, TypeVar

from .._hypervisor import NO_STORAGE_POOL, NO_STORAGE_VOL, OPERATION_INVALID, Hypervisor, found
from .._libs import etree, libvirt
from .._values import dataclass
from .._wait import wait_for
from .._xml import parse_xml
from .pool_types import POOL_TYPES

# libvirt answers VIR_ERR_INTERNAL_ERROR to a refresh while a volume of the pool is being built.
_BUSY = (1, OPERATION_INVALID)
_REFRESH_SECONDS = 60
_LARGEST = 2**63 - 1
# Of LUNs and partitions libvirt tells not the image's format but the label on it, or what it is for: the image is raw.
_OF_DEVICES = frozenset(
    {
        *("unknown", "dos", "dvh", "gpt", "mac", "bsd", "pc98", "sun", "lvm2"),
        *("none", "linux", "fat16", "fat32", "linux-swap", "linux-lvm", "linux-raid", "extended"),
    }
)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Backing:
    """The image below a volume: what the volume does not hold itself is read from there."""

    path: str
    format: str


@dataclass(frozen=True)
class VolumeState:
    """A volume as it is; sizes in bytes."""

    pool: str
    name: str
    path: str
    format: str
    capacity: int
    allocation: int
    backing: Backing | None = None
    mode: str | None = None
    encrypted: bool = False
    # The UUID or the usage of libvirt's secret; libvirt itself forgets it when it looks at the pool again.
    secret: str | None = None


def refresh(pool: Any) -> None:
    """Let libvirt look again at what a pool holds; waits while it builds volumes there (virStoragePoolRefresh)."""

    def ask() -> bool:
        try:
            pool.refresh()
        except libvirt.libvirtError as error:
            if error.get_error_code() in _BUSY and pool.isActive():
                return False
            raise
        return True

    wait_for(ask, _REFRESH_SECONDS, f"Pool '{pool.name()}' did not finish building its volumes")


def find_volume(host: Hypervisor, pool: str, name: str) -> Any | None:
    """Return the virStorageVol of that name in an active pool, or None.

    libvirt does not see by itself what another host put into a shared pool: a miss makes it look again, once a run.
    """
    active = host.require_active_pool(pool)
    volume = host.volume(active, name)
    if volume is None and pool not in host.refreshed:
        refresh(active)
        host.refreshed.add(pool)
        volume = host.volume(active, name)
    return volume


def read_volume(host: Hypervisor, pool: str, name: str) -> VolumeState | None:
    """Return a volume of an active pool, or None; KvmError where the pool is not there or not active."""
    volume = find_volume(host, pool, name)
    state = None if volume is None else volume_state(pool, volume)
    if volume is not None and state is None:
        # libvirt still lists a volume that another host has removed, and would refuse to make one of that name.
        refresh(host.require_active_pool(pool))
        volume = find_volume(host, pool, name)
        state = None if volume is None else volume_state(pool, volume)
    return state


def volume_state(pool: str, volume: Any) -> VolumeState | None:
    """Return what a virStorageVol is, or None where its file is gone (removed by another host of a shared pool)."""
    # virStorageVolGetInfo makes libvirt read the image again; the description alone may be as old as the last refresh.
    if found(lambda _name: volume.info(), volume.name(), NO_STORAGE_VOL) is None:
        return None
    return parse_volume(pool, parse_xml(volume.XMLDesc()))


def parse_volume(pool: str, tree: Any) -> VolumeState:
    """Return the volume that a `<volume>` tree describes. Source: https://libvirt.org/formatstorage.html."""
    kind = tree.find("target/format")
    secret = tree.find("target/encryption/secret")
    return VolumeState(
        pool=pool,
        name=tree.findtext("name"),
        path=tree.findtext("target/path") or "",
        format="raw" if kind is None or kind.get("type") in _OF_DEVICES else kind.get("type"),
        capacity=int(tree.findtext("capacity") or 0),
        allocation=int(tree.findtext("allocation") or 0),
        backing=_backing(tree.find("backingStore")),
        mode=tree.findtext("target/permissions/mode"),
        encrypted=tree.find("target/encryption") is not None,
        secret=None if secret is None else secret.get("uuid") or secret.get("usage"),
    )


def _backing(node: Any) -> Backing | None:
    path = None if node is None else node.findtext("path")
    if not path:
        return None
    kind = node.find("format")
    return Backing(path, "raw" if kind is None else kind.get("type"))


def only_planned(host: Hypervisor, pool: str) -> bool:
    """Return whether a pool cannot be asked anything because it would be made, or started, by an earlier task."""
    if pool not in host.planned.pools:
        return False
    found = host.pool(pool)
    return found is None or not found.isActive()


def pool_free(host: Hypervisor, pool: str) -> int:
    """Return the bytes that are free in an active pool (virStoragePoolGetInfo).

    Many for one that is only planned, and where it is not known how large the pool is: Ceph tells that only while its
    manager runs, and takes data all the same.
    """
    if only_planned(host, pool):
        return _LARGEST
    _state, capacity, _allocation, available = host.require_active_pool(pool).info()
    return int(available) if capacity else _LARGEST


def pool_path(host: Hypervisor, pool: str) -> str:
    """Return the target path of an active or planned pool; "" for a pool without one."""
    told = host.planned.pools.get(pool, {}).get("target")
    return told or pool_tree(host, pool).findtext("target/path") or ""


def pool_tree(host: Hypervisor, pool: str) -> Any:
    """Return the description of an active pool, or of one that is planned."""
    if only_planned(host, pool):
        found = host.pool(pool)
        return _planned_tree(pool, host.planned.pools[pool]) if found is None else parse_xml(found.XMLDesc())
    return parse_xml(host.require_active_pool(pool).XMLDesc())


def _planned_tree(name: str, told: Mapping[str, Any]) -> Any:
    """Return what of a pool that is not made yet is known."""
    kind = POOL_TYPES[told.get("type") or "dir"]
    source = (told.get("source") or {}).get("name") or name
    tree = etree.Element("pool", type=kind.name)
    target = etree.SubElement(tree, "target")
    etree.SubElement(target, "path").text = told.get("target") or kind.devices_at.format(name=source)
    return tree


def active_volumes(host: Hypervisor) -> Iterator[VolumeState]:
    """Go through the volumes of all active pools, those included that something else than libvirt has made.

    Who uses a volume decides what may be deleted, so libvirt looks at every pool again, once a run.
    """
    look_again(host)
    for pool in active_pools(host):
        there: list[Any] = unless_stopped(pool.listAllVolumes, [])
        for volume in there:
            description = found(_description_of(volume), volume.name(), NO_STORAGE_VOL)
            if description:
                yield parse_volume(pool.name(), parse_xml(description))


def _description_of(volume: Any) -> Callable[[str], str]:
    return lambda _name: str(volume.XMLDesc())


def unless_stopped(read: Callable[[], Answer], otherwise: Answer) -> Answer:
    """Return what is read of a pool that was active, or something else where it was stopped or removed meanwhile."""
    try:
        return read()
    except libvirt.libvirtError as error:
        if error.get_error_code() in (OPERATION_INVALID, NO_STORAGE_POOL):
            return otherwise
        raise


def look_again(host: Hypervisor) -> None:
    """Let libvirt look again at what every active pool holds, unless it did so in this run."""
    for pool in active_pools(host):
        if pool.name() not in host.refreshed:
            unless_stopped(partial(refresh, pool), None)
            host.refreshed.add(pool.name())


def active_pools(host: Hypervisor) -> list[Any]:
    """Return all pools that are active (virConnectListAllStoragePools)."""
    return list(host.connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE))
