# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to volumes. Every change may be cut off at any moment; the next run plans from what it finds."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from .._errors import KvmError, NotFound
from .._hypervisor import NO_STORAGE_VOL, OPERATION_INVALID, Hypervisor
from .._libs import etree, libvirt
from .._plan import Change
from .._units import format_size
from .._values import dataclass
from .._wait import wait_for
from .._xml import to_xml
from .pool_volumes import nothing_yet
from .secret_reference import secret_key
from .state import Backing, find_volume, refresh
from .streams import upload_bytes, upload_file

_BUILD_SECONDS = 600


class UploadNeeded(KvmError):
    """The content of a volume is still on the control node; nothing was touched yet."""


def volume_xml(
    name: str,
    capacity: int,
    kind: str,
    allocation: int | None = None,
    backing: Backing | None = None,
    mode: str | None = None,
    secret: str = "",
) -> str:
    """Return the description of a volume to create; sizes in bytes. Source: https://libvirt.org/formatstorage.html.

    `secret` is the UUID or the usage of the secret of libvirt by which the volume is encrypted.
    """
    volume = etree.Element("volume")
    etree.SubElement(volume, "name").text = name
    etree.SubElement(volume, "capacity", unit="bytes").text = str(capacity)
    if allocation is not None:
        etree.SubElement(volume, "allocation", unit="bytes").text = str(allocation)
    target = etree.SubElement(volume, "target")
    etree.SubElement(target, "format", type=kind)
    if mode:
        etree.SubElement(etree.SubElement(target, "permissions"), "mode").text = mode
    if secret:
        encryption = etree.SubElement(target, "encryption", format="luks")
        etree.SubElement(encryption, "secret", {"type": "passphrase", secret_key(secret): secret})
    if backing:
        store = etree.SubElement(volume, "backingStore")
        etree.SubElement(store, "path").text = backing.path
        etree.SubElement(store, "format", type=backing.format)
    return to_xml(volume)


def require_volume(host: Hypervisor, pool: str, name: str) -> Any:
    """Return the virStorageVol of that name; NotFound where it is not there."""
    volume = find_volume(host, pool, name)
    if volume is None:
        raise NotFound(f"Volume '{name}' does not exist in pool '{pool}' on {host.uri}; create it, or correct it.")
    return volume


def delete_volume(host: Hypervisor, pool: str, name: str) -> None:
    """Delete a volume; waits while libvirt still builds it, and is content when it is gone (virStorageVolDelete)."""

    def ask() -> bool:
        volume = find_volume(host, pool, name)
        try:
            if volume is not None:
                volume.delete(0)
        except libvirt.libvirtError as error:
            if error.get_error_code() == OPERATION_INVALID:
                return False
            if error.get_error_code() != NO_STORAGE_VOL:
                raise
        return True

    wait_for(ask, _BUILD_SECONDS, f"Volume '{name}' of pool '{pool}' was not released by libvirt")


@dataclass(frozen=True)
class CreateVolume(Change):
    """Make an empty volume, or with `backing` a linked clone of that image.

    `preallocation` is none, metadata (of qcow2), falloc, or full (of raw); `secret` encrypts it by LUKS.
    """

    pool: str
    name: str
    capacity: int
    format: str = "qcow2"
    backing: Backing | None = None
    mode: str | None = None
    preallocation: str = "none"
    secret: str = ""

    @property
    def summary(self) -> str:
        """Return what is made, and where."""
        above = f" on {self.backing.path}" if self.backing else ""
        kind = f"{format_size(self.capacity)} {self.format}{above}{', encrypted' if self.secret else ''}"
        taken = "" if self.preallocation == "none" else f", preallocation {self.preallocation}"
        return f"create volume {self.name} in pool {self.pool} ({kind}{taken})"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the new volume."""
        made = {"capacity": format_size(self.capacity), "format": self.format}
        if self.backing:
            made["backing"] = self.backing.path
        if self.secret:
            made["encryption"] = "luks"
        if self.preallocation != "none":
            made["preallocation"] = self.preallocation
        return f"volume {self.pool}/{self.name}", None, made

    def carry_out(self, host: Hypervisor) -> None:
        """Create it; an error where something of that name is there (virStorageVolCreateXML).

        libvirt takes all of a raw volume's space where its allocation is its capacity, and of a qcow2 volume where it
        is asked for the metadata besides. It fills with zeros only what is there (virStorageVolWipe).
        """
        full = self.preallocation in ("falloc", "full")
        allocation = self.capacity if full else nothing_yet(host, self.pool)
        parts = (self.name, self.capacity, self.format, allocation, self.backing, self.mode, self.secret)
        metadata = self.format == "qcow2" and self.preallocation != "none"
        flags = libvirt.VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA if metadata else 0
        volume = host.require_active_pool(self.pool).createXML(volume_xml(*parts), flags)
        if self.preallocation == "full":
            volume.wipe(0)


@dataclass(frozen=True)
class CloneVolume(Change):
    """Copy a volume in full, the images below it included, and grow the copy to `capacity` where that is larger."""

    pool: str
    name: str
    source_pool: str
    source_name: str
    capacity: int
    format: str = "qcow2"
    mode: str | None = None
    # Encrypts the copy by LUKS.
    secret: str = ""

    @property
    def summary(self) -> str:
        """Return what is copied to where."""
        source = f"{self.source_pool}/{self.source_name}"
        kind = f"{format_size(self.capacity)} {self.format}{', encrypted' if self.secret else ''}"
        return f"copy volume {source} to {self.name} in pool {self.pool} ({kind})"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the new volume."""
        source = f"{self.source_pool}/{self.source_name}"
        made = {"capacity": format_size(self.capacity), "format": self.format, "source": source}
        if self.secret:
            made["encryption"] = "luks"
        return f"volume {self.pool}/{self.name}", None, made

    def carry_out(self, host: Hypervisor) -> None:
        """Copy, then grow (virStorageVolCreateXMLFrom); returns when the copy is complete."""
        source = require_volume(host, self.source_pool, self.source_name)
        # Without an allocation libvirt writes all zeros of a raw volume into a raw copy.
        # Told no allocation, libvirt fills a raw copy of a raw volume with zeros.
        parts = (self.name, self.capacity, self.format, nothing_yet(host, self.pool), None, self.mode, self.secret)
        copy = host.require_active_pool(self.pool).createXMLFrom(volume_xml(*parts), source, 0)
        if copy.info()[1] < self.capacity:
            copy.resize(self.capacity, 0)


@dataclass(frozen=True)
class ResizeVolume(Change):
    """Change how large a volume is; smaller only where `shrink` says so: what stands behind the new end is lost."""

    pool: str
    name: str
    before: int
    capacity: int
    shrink: bool = False
    # The running VM that has the image open: only its QEMU may change it.
    running: str | None = None

    @property
    def summary(self) -> str:
        """Return the sizes."""
        return f"resize volume {self.name} {format_size(self.before)} -> {format_size(self.capacity)}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the sizes."""
        return f"volume {self.pool}/{self.name} capacity", format_size(self.before), format_size(self.capacity)

    def carry_out(self, host: Hypervisor) -> None:
        """Resize it (virStorageVolResize, or virDomainBlockResize while a VM runs on it)."""
        volume = require_volume(host, self.pool, self.name)
        domain = host.domain(self.running) if self.running else None
        if domain is not None and domain.isActive():
            domain.blockResize(volume.path(), self.capacity, libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES)
        else:
            volume.resize(self.capacity, libvirt.VIR_STORAGE_VOL_RESIZE_SHRINK if self.shrink else 0)


@dataclass(frozen=True)
class UploadVolume(Change):
    """Make a volume of a file that lies on the host the module runs on; the previous one of that name is replaced."""

    pool: str
    name: str
    path: str
    size: int
    format: str = "qcow2"
    mode: str | None = None

    @property
    def summary(self) -> str:
        """Return what is uploaded to where."""
        return f"upload {format_size(self.size)} to volume {self.name} in pool {self.pool} ({self.format})"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the new volume."""
        return f"volume {self.pool}/{self.name}", None, {"size": format_size(self.size), "format": self.format}

    def carry_out(self, host: Hypervisor) -> None:
        """Upload the file (virStorageVolUpload), then let libvirt find out what the volume now holds."""
        if not self.path:
            raise UploadNeeded(f"Volume '{self.name}' needs its file on the host first.")
        volume = _blank(host, self.pool, self.name, self.size, self.mode)
        upload_file(host, volume, self.path, self.size)
        refresh(host.require_active_pool(self.pool))


@dataclass(frozen=True)
class WriteVolume(Change):
    """Make a small volume of bytes in memory, such as a cloud-init seed; the previous one of that name is replaced.

    The content may hold secrets: no plan, diff, error or repr shows it.
    """

    pool: str
    name: str
    content: bytes = field(repr=False)
    label: str
    mode: str | None = None

    @property
    def summary(self) -> str:
        """Return what is written where."""
        return f"write {self.label} to volume {self.name} in pool {self.pool}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the new volume, without its content."""
        return f"volume {self.pool}/{self.name}", None, self.label

    def carry_out(self, host: Hypervisor) -> None:
        """Write it (virStorageVolUpload)."""
        volume = _blank(host, self.pool, self.name, len(self.content), self.mode)
        upload_bytes(host, volume, self.content)


def _blank(host: Hypervisor, pool: str, name: str, size: int, mode: str | None) -> Any:
    """Return a new raw volume of exactly `size` bytes in place of any other of that name."""
    delete_volume(host, pool, name)
    xml = volume_xml(name, size, "raw", allocation=nothing_yet(host, pool), mode=mode)
    return host.require_active_pool(pool).createXML(xml, 0)


@dataclass(frozen=True)
class DeleteVolume(Change):
    """Delete one volume, and nothing else."""

    pool: str
    name: str

    @classmethod
    def at(cls, place: str) -> DeleteVolume:
        """Return the change that deletes the volume "pool/name"."""
        pool, _slash, name = place.partition("/")
        return cls(pool, name)

    @property
    def summary(self) -> str:
        """Return what is deleted."""
        return f"delete volume {self.name} of pool {self.pool}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the volume that goes."""
        return f"volume {self.pool}/{self.name}", "present", None

    def carry_out(self, host: Hypervisor) -> None:
        """Delete it; it may be gone already."""
        delete_volume(host, self.pool, self.name)


@dataclass(frozen=True)
class RefreshPool(Change):
    """Let libvirt look again at what a pool holds."""

    pool: str

    @property
    def summary(self) -> str:
        """Return which pool."""
        return f"refresh pool {self.pool}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return nothing that changes: only libvirt's knowledge does."""
        return f"pool {self.pool}", None, "refreshed"

    def carry_out(self, host: Hypervisor) -> None:
        """Refresh it (virStoragePoolRefresh)."""
        refresh(host.require_active_pool(self.pool))
