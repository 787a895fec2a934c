# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses an image on this host: VMs, by what they boot, their disks and all images below them, and volumes that it
backs.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .._domains import domain_trees, running_trees
from .._hypervisor import Hypervisor
from .._later import later
from .state import VolumeState, active_volumes

if TYPE_CHECKING:
    from .. import _metadata as metadata
else:
    (metadata,) = later(__package__, ".._metadata")

# Files that a VM boots from, or hands to its guest, beside its disks.
_BOOTED = ("os/kernel", "os/initrd", "os/dtb", "os/loader", "os/nvram")
_HANDED = ("sysinfo/entry", "os/nvram/source")

# How udev and libvirt name a LUN.
_LUN = re.compile(r"\bip-.+?-iscsi-(?P<target>.+)-lun-(?P<lun>\d+)")


def volume_users(host: Hypervisor, path: str) -> list[str]:
    """Return the VMs (by name) and the volumes (as pool/name) of this host that need the image at `path`, sorted.

    Other hosts of a shared pool are not asked. Rests on virConnectListAllDomains and the volumes of all active pools.
    """
    return all_users(list(active_volumes(host)), domain_trees(host)).get(image_at(path), [])


def pool_users(host: Hypervisor, pool: str) -> list[str]:
    """Return the VMs of this host that need any volume of a pool, sorted."""
    volumes = list(active_volumes(host))
    places, below = _places(volumes), _below(volumes)
    paths = {image_at(volume.path) for volume in volumes if volume.pool == pool}
    return sorted({tree.findtext("name") for tree in domain_trees(host) if paths & _needed(tree, places, below)})


def pool_referrers(host: Hypervisor, pool: str) -> list[str]:
    """Return the VMs of this host with a disk that is described by this pool's name instead of by its path, sorted."""
    refers = (tree for tree in domain_trees(host) if any(source.get("pool") == pool for source in _sources(tree)))
    return sorted({tree.findtext("name") for tree in refers})


def disk_of_running(host: Hypervisor, path: str) -> str | None:
    """Return the running VM that has the image at `path` open as a disk of its own, not as an image below one."""
    return next((tree.findtext("name") for tree in running_trees(host) if image_at(path) in _tops(host, tree)), None)


def writer_of(host: Hypervisor, path: str) -> str | None:
    """Return the running VM that may write to the image at `path`, as it is a disk of its own, or a copy of one."""
    return next((tree.findtext("name") for tree in running_trees(host) if image_at(path) in _written(host, tree)), None)


def owner_of(host: Hypervisor, path: str) -> str | None:
    """Return the VM, running or not, that may write to the image at `path`, because it is a disk of its own."""
    return next((tree.findtext("name") for tree in domain_trees(host) if image_at(path) in _written(host, tree)), None)


def _written(host: Hypervisor, domain: Any) -> list[str]:
    for disk in domain.findall("devices/disk[readonly]"):
        disk.getparent().remove(disk)
    copies = (source.get("file") or source.get("dev") for source in domain.iterfind("devices/disk/mirror/source"))
    return [*_tops(host, domain), *filter(None, copies)]


def _tops(host: Hypervisor, domain: Any) -> list[str]:
    sources = list(domain.iterfind("devices/disk/source"))
    return [image_at(source.get("file") or source.get("dev") or _volume_path(host, source)) for source in sources]


def _volume_path(host: Hypervisor, source: Any) -> str:
    pool = host.pool(source.get("pool")) if source.get("volume") else None
    volume = host.volume(pool, source.get("volume")) if pool is not None and pool.isActive() else None
    return "" if volume is None else str(volume.path())


def _sources(domain: Any) -> list[Any]:
    return list(domain.iterfind("devices/disk//source"))


def all_users(volumes: list[VolumeState], domains: list[Any]) -> dict[str, list[str]]:
    """Return who needs each image that anybody needs: VMs by name, volumes that it backs as pool/name, sorted."""
    places, below = _places(volumes), _below(volumes)
    users = defaultdict(set)
    for volume in volumes:
        if volume.backing:
            users[image_at(volume.backing.path)].add(f"{volume.pool}/{volume.name}")
    for tree in domains:
        for image in _needed(tree, places, below):
            users[image].add(tree.findtext("name"))
    return {image: sorted(names) for image, names in users.items()}


def image_at(path: str) -> str:
    """Return what image a path of a volume means: of one on a server, in the words in which disks name it.

    Which server it is does not count: a storage system has many addresses. Links are followed.
    """
    lun = _LUN.search(path)
    if lun:
        return f"iscsi:{lun['target']}/{lun['lun']}"
    if path.startswith("gluster://"):
        return "gluster:" + path.split("/", 3)[-1]
    return os.path.realpath(path) if path.startswith("/") else path


def _places(volumes: Iterable[VolumeState]) -> dict[tuple[str, str], str]:
    return {(volume.pool, volume.name): volume.path for volume in volumes}


def _below(volumes: list[VolumeState]) -> dict[str, str]:
    return {image_at(volume.path): image_at(volume.backing.path) for volume in volumes if volume.backing}


def _needed(domain: Any, places: Mapping[tuple[str, str], str], below: Mapping[str, str]) -> set[str]:
    """Return every image that a domain uses, down to the last image of each chain."""
    images = {image for source in _sources(domain) for image in chain(_image(source, places), below)}
    return images | {image_at(path) for path in _files(domain) if path} | _installers(domain, places)


def _files(domain: Any) -> list[str]:
    handed = [node.get("file") or "" for path in _HANDED for node in domain.iterfind(path)]
    return [*(domain.findtext(path) or "" for path in _BOOTED), *handed]


def _installers(domain: Any, places: Mapping[tuple[str, str], str]) -> set[str]:
    """Return what a domain is being installed from: nothing of it stands in the configuration."""
    noted = metadata.read_record(domain).get("installation") if domain.find("metadata") is not None else None
    named = (noted[word].partition("/") for word in metadata.INSTALLED_FROM if word in noted) if noted else ()
    return {image_at(places[pool, name]) for pool, _slash, name in named if (pool, name) in places}


def image_of(source: Any, volumes: Iterable[VolumeState]) -> str:
    """Return which image a disk's source means, or "": a path, or what it is called on its server."""
    return _image(source, _places(volumes))


def _image(source: Any, places: Mapping[tuple[str, str], str]) -> str:
    if source.get("volume"):
        return image_at(places.get((source.get("pool"), source.get("volume")), ""))
    return _remote(source) or image_at(source.get("file") or source.get("dev") or "")


def _remote(source: Any) -> str:
    """Return the image on a server, or "". Pools know those of a storage system; other servers are told apart."""
    protocol, name = source.get("protocol"), source.get("name") or ""
    if protocol == "rbd":
        return name
    if protocol == "iscsi":
        return f"iscsi:{name}" if "/" in name else f"iscsi:{name}/0"
    if protocol in (None, "gluster"):
        return f"gluster:{name}" if protocol else ""
    return f"{protocol}:{_server(source)}/{name.lstrip('/')}"


def _server(source: Any) -> str:
    """Return the first server of an image, as host:port, or its socket."""
    host = source.find("host")
    if host is None:
        return ""
    return host.get("socket") or ":".join(filter(None, (host.get("name"), host.get("port"))))


def chain(path: str, below: Mapping[str, str]) -> Iterator[str]:
    """Go through a path and all images below it; `below` tells which image is right below which."""
    seen = set()
    while path and path not in seen:
        seen.add(path)
        yield path
        path = below.get(path, "")
