# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses an image on this host: VMs, by their disks and all images below them, and volumes that it backs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from .._domains import domain_trees, running_trees
from .._hypervisor import Hypervisor
from .state import VolumeState, active_volumes


def volume_users(host: Hypervisor, path: str) -> list[str]:
    """Return the VMs (by name) and the volumes (as pool/name) of this host that need the image at `path`, sorted.

    Other hosts of a shared pool are not asked. Rests on virConnectListAllDomains and the volumes of all active pools.
    """
    return users_of(path, list(active_volumes(host)), domain_trees(host))


def pool_users(host: Hypervisor, pool: str) -> list[str]:
    """Return the VMs of this host that need any volume of a pool, sorted."""
    volumes = list(active_volumes(host))
    places = {(volume.pool, volume.name): volume.path for volume in volumes}
    below = {volume.path: volume.backing.path for volume in volumes if volume.backing}
    paths = {volume.path for volume in volumes if volume.pool == pool}
    return sorted({tree.findtext("name") for tree in domain_trees(host) if paths & _needed(tree, places, below)})


def pool_referrers(host: Hypervisor, pool: str) -> list[str]:
    """Return the VMs of this host with a disk that is described by this pool's name instead of by its path, sorted."""
    refers = (tree for tree in domain_trees(host) if any(source.get("pool") == pool for source in _sources(tree)))
    return sorted({tree.findtext("name") for tree in refers})


def disk_of_running(host: Hypervisor, path: str) -> str | None:
    """Return the running VM that has the image at `path` open as a disk of its own, not as an image below one."""
    return next((tree.findtext("name") for tree in running_trees(host) if path in _tops(host, tree)), None)


def writer_of(host: Hypervisor, path: str) -> str | None:
    """Return the running VM that may write to the image at `path`, because it is a disk of its own."""
    return next((tree.findtext("name") for tree in running_trees(host) if path in _written(host, tree)), None)


def _written(host: Hypervisor, domain: Any) -> list[str]:
    for disk in domain.findall("devices/disk[readonly]"):
        disk.getparent().remove(disk)
    return _tops(host, domain)


def _tops(host: Hypervisor, domain: Any) -> list[str]:
    sources = list(domain.iterfind("devices/disk/source"))
    return [source.get("file") or source.get("dev") or _volume_path(host, source) for source in sources]


def _volume_path(host: Hypervisor, source: Any) -> str:
    pool = host.pool(source.get("pool")) if source.get("volume") else None
    volume = host.volume(pool, source.get("volume")) if pool is not None and pool.isActive() else None
    return "" if volume is None else str(volume.path())


def _sources(domain: Any) -> list[Any]:
    return list(domain.iterfind("devices/disk//source"))


def users_of(path: str, volumes: list[VolumeState], domains: list[Any]) -> list[str]:
    """Return who needs `path`, from what all volumes and all domain trees say."""
    return all_users(volumes, domains).get(path, [])


def all_users(volumes: list[VolumeState], domains: list[Any]) -> dict[str, list[str]]:
    """Return who needs each path that anybody needs: VMs by name, volumes that it backs as pool/name, sorted."""
    below = {volume.path: volume.backing.path for volume in volumes if volume.backing}
    places = {(volume.pool, volume.name): volume.path for volume in volumes}
    users = defaultdict(set)
    for volume in volumes:
        if volume.backing:
            users[volume.backing.path].add(f"{volume.pool}/{volume.name}")
    for tree in domains:
        for path in _needed(tree, places, below):
            users[path].add(tree.findtext("name"))
    return {path: sorted(names) for path, names in users.items()}


def _needed(domain: Any, places: Mapping[tuple[str, str], str], below: Mapping[str, str]) -> set[str]:
    """Return every path that a domain's disks use, down to the last image of each chain."""
    return {path for source in _sources(domain) for path in chain(_path(source, places), below)}


def _path(source: Any, places: Mapping[tuple[str, str], str]) -> str:
    if source.get("volume"):
        return places.get((source.get("pool"), source.get("volume")), "")
    return source.get("file") or source.get("dev") or ""


def chain(path: str, below: Mapping[str, str]) -> Iterator[str]:
    """Go through a path and all images below it; `below` tells which image is right below which."""
    seen = set()
    while path and path not in seen:
        seen.add(path)
        yield path
        path = below.get(path, "")
