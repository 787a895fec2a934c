# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying a disk while its VM runs: QEMU copies, and writes to both images until the VM is told to go over to the new.

Rests on virDomainBlockCopy and virDomainBlockJobAbort. The copy goes on when the run that began it is killed.
"""

from __future__ import annotations

from typing import Any

from .._errors import KvmError
from .._libs import etree, libvirt
from .._storage.state import refresh
from .._units import format_size
from .._values import dataclass
from .._vm.census import has_stopped
from .._vm.devices.disk import source_of, target_of
from .._wait import wait_for
from .._xml import Path, parse_xml, to_xml, without

# What tells in a source where an image is; what else stands there, such as labels of security, holds for any.
_PLACES = ("file", "dev", "pool", "volume", "mode")


@dataclass(frozen=True)
class Copy:
    """A disk of a running VM and the volume that it is copied to, which is there; sizes in bytes, times in seconds."""

    vm: str
    disk: str
    target: str
    path: str
    format: str
    # How the image is attached: file or block.
    kind: str
    # Whether what the images below hold is not copied.
    shallow: bool
    bandwidth: int
    timeout: int


def source_element(kind: str, path: str) -> Any:
    """Return the element that says which image a disk is on."""
    return etree.Element("source", {"dev" if kind == "block" else "file": path})


def put_on(disk: Any, path: str, image_format: str, kind: str) -> bool:
    """Write into a disk's element on which image it is; return whether that is news."""
    if source_of(disk) == path:
        return False
    disk.set("type", kind)
    Path("driver/@type").set(disk, image_format)
    for known in disk.findall("backingStore"):
        without(known)
    source = disk.find("source")
    for place in _PLACES:
        source.attrib.pop(place, None)
    source.attrib.update(source_element(kind, path).attrib)
    return True


def mirror_of(disk: Any) -> str:
    """Return the path to which a disk of a running VM is being copied, or ""."""
    mirror = disk.find("mirror")
    return "" if mirror is None else source_of(mirror)


def live_disk(domain: Any, target: str) -> Any | None:
    """Return the element of a disk of a running VM; None where the VM has stopped, or the disk has gone."""
    if has_stopped(domain):
        return None
    disks = parse_xml(domain.XMLDesc(0)).iterfind("devices/disk")
    return next((node for node in disks if target_of(node) == target), None)


def begin(domain: Any, copy: Copy) -> None:
    """Start the copy (virDomainBlockCopy).

    libvirt wants to be told of a persistent VM that the copy does not outlive its QEMU.
    """
    flags = libvirt.VIR_DOMAIN_BLOCK_COPY_REUSE_EXT | libvirt.VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB
    flags |= libvirt.VIR_DOMAIN_BLOCK_COPY_SHALLOW if copy.shallow else 0
    node = etree.Element("disk", {"type": copy.kind, "device": "disk"})
    etree.SubElement(node, "driver", {"name": "qemu", "type": copy.format})
    node.append(source_element(copy.kind, copy.path))
    limits = {libvirt.VIR_DOMAIN_BLOCK_COPY_BANDWIDTH: copy.bandwidth} if copy.bandwidth else {}
    domain.blockCopy(copy.target, to_xml(node), limits, flags)


def go_on(domain: Any, copy: Copy) -> None:
    """Take over a copy that another run has begun, and set its speed, 0 for no limit (virDomainBlockJobSetSpeed)."""
    disk = live_disk(domain, copy.target)
    if disk is not None and mirror_of(disk):
        flags = libvirt.VIR_DOMAIN_BLOCK_JOB_SPEED_BANDWIDTH_BYTES
        domain.blockJobSetSpeed(copy.target, copy.bandwidth, flags)


def finish(domain: Any, copy: Copy) -> None:
    """Wait until the copy is whole, let the VM go over to it, and see that it has.

    TimedOut where that takes too long, and the copy goes on; KvmError where it has ended without success.
    """
    wait_for(lambda: _is_whole(domain, copy), copy.timeout, f"VM '{copy.vm}': disk {copy.disk} was not copied")
    if not is_over(domain, copy):
        domain.blockJobAbort(copy.target, libvirt.VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT)
    if not is_over(domain, copy):
        raise KvmError("the VM did not go over to the copy")


def _is_whole(domain: Any, copy: Copy) -> bool:
    disk = live_disk(domain, copy.target)
    if disk is None:
        raise KvmError("the VM stopped, or lost the disk, while it was copied")
    if source_of(disk) == copy.path:
        return True
    if mirror_of(disk) != copy.path:
        raise KvmError("QEMU gave the copy up, or somebody cancelled it")
    return bool(disk.find("mirror").get("ready") == "yes")


def is_over(domain: Any, copy: Copy) -> bool:
    """Return whether the running VM is on the new image."""
    disk = live_disk(domain, copy.target)
    return disk is not None and source_of(disk) == copy.path


def cancel(domain: Any, copy: Copy) -> None:
    """End the copy, if it still goes on; the VM stays on the old image (virDomainBlockJobAbort)."""
    disk = live_disk(domain, copy.target)
    if disk is not None and mirror_of(disk) == copy.path:
        domain.blockJobAbort(copy.target, 0)


def free_words(pool: Any) -> str:
    """Return how much is free in a pool, as a sentence has it."""
    refresh(pool)
    return f"pool '{pool.name()}' has {format_size(pool.info()[3] // 1024 * 1024)} free"
