# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A template as it is, in the one pool that a task names; and the same in the words of the options."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from .._errors import Refused
from .._hypervisor import NO_STORAGE_VOL, Hypervisor, found
from .._storage.state import pool_path, refresh
from .._storage.streams import download_bytes
from .._storage.users import volume_users
from .._values import dataclass
from .._xml import parse_xml
from .library import DESCRIPTOR, IMAGE, Template, descriptor_name, image_name, read_descriptor

# Pools that keep volumes as files, which can have any name and size.
_FILE_POOLS = ("dir", "fs", "netfs")


class Trace(NamedTuple):
    """How an image volume looks from outside: while somebody writes it, this changes; sizes in bytes."""

    capacity: int
    allocation: int
    written: str


@dataclass(frozen=True)
class Current:
    """What a pool holds of one template: the whole template, or only an image that nobody has finished.

    `lost` is what tells of a template whose image is gone. `path` is where the image lies, or lay. `users` are the VMs
    and volumes that need it, as far as they were asked for; `free` is how many bytes are free in the pool.
    """

    template: Template | None = None
    lost: Template | None = None
    image: Trace | None = None
    path: str = ""
    users: Sequence[str] = ()
    free: int = 0


def template_pool(host: Hypervisor, name: str) -> Any:
    """Return an active pool that can hold templates, looked through anew: other hosts may have changed it."""
    pool = host.require_active_pool(name)
    kind = parse_xml(pool.XMLDesc()).get("type")
    if kind not in _FILE_POOLS:
        raise Refused(
            f"Pool '{name}' of type {kind} cannot hold templates; choose one of type {', '.join(_FILE_POOLS)}."
        )
    refresh(pool)
    host.refreshed.add(name)
    return pool


def require_writable(host: Hypervisor, name: str) -> None:
    """Refuse a pool whose file system is read-only, where this machine sees it (statvfs(3))."""
    try:
        flags = os.statvfs(pool_path(host, name)).f_flag
    except OSError:
        return
    if flags & os.ST_RDONLY:
        raise Refused(f"Pool '{name}' is on a read-only file system; mount it to be written to, or choose another.")


def read_current(host: Hypervisor, pool: Any, name: str, version: str) -> Current:
    """Return what an active pool, as last refreshed, holds of a template."""
    image = host.volume(pool, image_name(name, version))
    free = int(pool.info()[3])
    if image is None:
        path = f"{pool_path(host, pool.name())}/{image_name(name, version)}"
        lost = read_template(host, pool, name, version, path)
        return Current(lost=lost, path=path if lost else "", free=free)
    path = image.path()
    return Current(read_template(host, pool, name, version, path), None, trace(image), path, free=free)


def read_template(host: Hypervisor, pool: Any, name: str, version: str, path: str) -> Template | None:
    """Return the template whose image is at `path`, or None where its descriptor is not there or not whole."""
    volume = host.volume(pool, descriptor_name(name, version))
    if volume is None:
        return None
    template = read_descriptor(pool.name(), path, download_bytes(host, volume))
    return template if template and (template.name, template.version) == (name, version) else None


def trace(volume: Any) -> Trace | None:
    """Return how a volume looks now, or None where it is gone (virStorageVolGetXMLDesc)."""
    text = found(lambda _name: volume.XMLDesc(), volume.name(), NO_STORAGE_VOL)
    if text is None:
        return None
    tree = parse_xml(text)
    return Trace(
        int(tree.findtext("capacity") or 0),
        int(tree.findtext("allocation") or 0),
        tree.findtext("target/timestamps/mtime") or "",
    )


def versions_in(pool: Any, name: str) -> list[str]:
    """Return the versions of a template that a pool holds anything of, unfinished ones included, sorted."""
    ends = {volume[len(name) + 1 :] for volume in pool.listVolumes() if volume.startswith(f"{name}+")}
    return sorted({end[: -len(tail)] for end in ends for tail in (IMAGE, DESCRIPTOR) if end.endswith(tail)})


def refresh_all(host: Hypervisor) -> None:
    """Let libvirt look again at what all active pools hold, unless it was done in this run."""
    for pool in host.connection.listAllStoragePools():
        if pool.isActive() and pool.name() not in host.refreshed:
            refresh(pool)
            host.refreshed.add(pool.name())


def image_users(host: Hypervisor, path: str) -> list[str]:
    """Return the VMs and volumes that need the image at `path`, sorted; those of other hosts in shared pools too."""
    refresh_all(host)
    return volume_users(host, path)


def template_facts(template: Template) -> dict[str, Any]:
    """Return a template in the words of kvm_template's options, and what can only be read; sizes in bytes."""
    made_of = {"iso": template.iso} if template.iso else {"checksum": f"sha256:{_digest(template)}"}
    return {
        "name": template.name,
        "version": template.version,
        "state": "present",
        "pool": template.pool,
        "os": template.os or "",
        "description": template.description or "",
        "defaults": dict(template.defaults),
        **made_of,
        "path": template.path,
        "capacity": template.capacity,
        "size": template.size,
        "format": template.format,
    }


def _digest(template: Template) -> str:
    return template.source.get("sha256", template.sha256)
