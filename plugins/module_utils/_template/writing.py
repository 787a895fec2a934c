# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing templates into pools that several hosts may share, at the same moment, and may die in the middle of.

Nothing but the pool itself knows who is writing: there is no lock service that all hosts of a pool have. So:

- The image is created exclusively: of several hosts one wins, the others learn that they were overtaken, and wait.
- A waiting host takes the writer for dead when the image has not changed for some seconds, by its own clock. It may be
  wrong: a writer that hangs for longer goes on later, into a file that the other has deleted.
- Therefore a writer reads back what lies under the image's name before it writes the descriptor. Whoever was taken for
  dead finds another content, or none, and starts over. It reads through libvirt, from where VMs will read.
- Who finds an image without a descriptor reads it first: where it is the wanted one, only the descriptor was missing.
  An image that differs is deleted, unless something stands on it.
"""

from __future__ import annotations

import time
from typing import Any

from .._errors import KvmError, Overtaken, Refused
from .._hypervisor import NO_STORAGE_VOL, Hypervisor, found
from .._image.source import Staged
from .._libs import libvirt
from .._storage.changes import delete_volume, volume_xml
from .._storage.state import refresh
from .._storage.streams import sha256_of_volume, upload_bytes, upload_file
from .._wait import wait_for
from .library import Template, descriptor_name, image_name
from .state import Trace, image_users, read_current, template_pool, trace

# Seconds without a change after which the writer of an image is taken for dead.
STILL = 5.0
POLL = 1.0
READ_ONLY = "0444"


def await_writer(host: Hypervisor, pool_name: str, name: str, version: str, timeout: float) -> None:
    """Return when nobody writes a template's image: it is finished, not there, or given up; `timeout` in seconds."""
    pool = template_pool(host, pool_name)
    seen: Trace | None = None
    since = time.monotonic()

    def ask() -> bool:
        nonlocal seen, since
        refresh(pool)
        current = read_current(host, pool, name, version)
        if current.image is None or current.template is not None:
            return True
        if current.image != seen:
            seen, since = current.image, time.monotonic()
        return time.monotonic() - since >= STILL

    wait_for(ask, timeout, f"Template '{name}:{version}' is imported by another run, which did not end", POLL)


def put_image(host: Hypervisor, pool_name: str, name: str, version: str, image: Staged, leftover: Trace | None) -> str:
    """Put an image into a pool and return its path; `leftover` is the trace of an unfinished one that may be replaced.

    Overtaken where another run has put one there since; Refused where VMs or volumes stand on another content.
    """
    pool = template_pool(host, pool_name)
    volume = host.volume(pool, image_name(name, version))
    if volume is not None:
        if trace(volume) != leftover:
            raise _overtaken(name, version)
        if _holds(host, volume, image):
            return str(volume.path())
        _clear(host, pool_name, name, version, volume.path())
    return _write_image(host, pool, name, version, image)


def _clear(host: Hypervisor, pool: str, name: str, version: str, path: str) -> None:
    users = image_users(host, path)
    if users:
        raise Refused(
            f"Template '{name}:{version}' has lost its descriptor, and its image is needed by {', '.join(users)} and "
            "differs from the given one; give the image it was made of, or another version."
        )
    delete_volume(host, pool, image_name(name, version))


def _write_image(host: Hypervisor, pool: Any, name: str, version: str, image: Staged) -> str:
    volume = _create(host, pool, image_name(name, version), image.size, name, version)
    try:
        upload_file(host, volume, image.path, image.size)
    except (KvmError, libvirt.libvirtError):
        # A part of an image only takes room, for instance in a pool that has just run full.
        delete_volume(host, pool.name(), image_name(name, version))
        raise
    # libvirt took the file for a raw one until now.
    refresh(pool)
    written = host.volume(pool, image_name(name, version))
    if written is None or not _holds(host, written, image):
        raise _overtaken(name, version)
    return str(written.path())


def _holds(host: Hypervisor, volume: Any, image: Staged) -> bool:
    """Return whether a volume has exactly the bytes of an image; it may go away meanwhile."""
    physical = found(
        lambda _name: volume.infoFlags(libvirt.VIR_STORAGE_VOL_GET_PHYSICAL), volume.name(), NO_STORAGE_VOL
    )
    if physical is None or physical[2] != image.size:
        return False
    return sha256_of_volume(host, volume, image.size) == image.sha256


def _create(host: Hypervisor, pool: Any, volume: str, size: int, name: str, version: str) -> Any:
    """Return a new empty volume; Overtaken where something of that name is there by now (virStorageVolCreateXML)."""
    try:
        return pool.createXML(volume_xml(volume, size, "raw", allocation=0, mode=READ_ONLY), 0)
    except libvirt.libvirtError:
        # Where two hosts meet in the file system, the error's code does not tell "exists" from "no space".
        refresh(pool)
        if host.volume(pool, volume) is None:
            raise
        raise _overtaken(name, version) from None


def _overtaken(name: str, version: str) -> Overtaken:
    return Overtaken(
        f"Template '{name}:{version}' is worked on by other runs at the same time, or its storage does not keep what "
        "is written to it; run it again when they have ended."
    )


def write_descriptor(host: Hypervisor, template: Template) -> None:
    """Write a template's descriptor: a new one last of all, an old one over itself.

    It is never removed to be replaced: a run that is cut off leaves the old one or the new one. Blanks fill up what a
    shorter text leaves of a longer one; JSON does not mind them.
    """
    pool = template_pool(host, template.pool)
    content = template.written()
    name = descriptor_name(template.name, template.version)
    volume = host.volume(pool, name)
    if volume is None:
        volume = _create(host, pool, name, len(content), template.name, template.version)
    upload_bytes(host, volume, content.ljust(int(volume.info()[1])))
    refresh(pool)
    host.forget("templates")
