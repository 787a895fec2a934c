# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of pools, one entry each: what a new pool of the type needs, what it knows, and what building it means."""

from __future__ import annotations

from collections.abc import Sequence

from .._values import dataclass

# A device that holds a file system, a partition table or anything else that libvirt knows is left as it is.
NO_OVERWRITE = 4  # VIR_STORAGE_POOL_BUILD_NO_OVERWRITE

# Formats that leave it to libvirt, or to what is on the device.
OPEN_FORMATS = ("auto", "unknown")


@dataclass(frozen=True)
class PoolType:
    """What the collection knows about one of libvirt's pool types. Source: https://libvirt.org/storage.html."""

    name: str
    # Volumes are raw, and an image of another format would be taken for one; and they take all their space at once.
    raw: bool = False
    thick: bool = False
    # Options of `source` that a new pool must be given, and the others that the type understands.
    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    # Those of them that may have more than one entry.
    several: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    # The target is a directory of the pool's own, which building makes where it is missing.
    directory: bool = False
    # Of a type without such a directory: where its devices appear. {name} is the source's name: libvirt's own choice.
    devices_at: str = ""
    # What building makes on devices that are empty; nothing where there are no words.
    makes: str = ""
    # What is said where a volume is to be made, and none is in pools of this type.
    volumes_from: str = ""
    # What is said where a volume is to be resized, and libvirt does not do that in pools of this type.
    resized_by: str = ""
    # Options of `source` that libvirt would write down anew and not do, dotted where they are inside others.
    lasting: tuple[str, ...] = ()
    # Whether the free space that libvirt tells says how full a pool is.
    metered: bool = True

    @property
    def known(self) -> tuple[str, ...]:
        """Return all options of `source` that the type understands."""
        return self.needed + self.optional

    @property
    def fixed_target(self) -> bool:
        """Return whether the target follows from the source's name, whatever a description says."""
        return "{name}" in self.devices_at

    @property
    def target_known(self) -> tuple[str, ...]:
        """Return the options about the target that the type understands."""
        if self.directory:
            return ("target", "mode", "owner", "group")
        return ("target",) if self.devices_at and not self.fixed_target else ()


_CREDENTIALS = ("username", "secret")
_LUNS = "make the LUN on the storage system, and refresh the pool"
_RESIZED = "resize the LUN on the storage system, and refresh the pool"
_FILE_SYSTEMS = (
    *("auto", "ext2", "ext3", "ext4", "xfs", "vfat", "gfs", "gfs2", "ocfs2", "vmfs"),
    *("ufs", "hfs+", "udf", "iso9660"),
)
_LABELS = ("unknown", "dos", "dvh", "gpt", "mac", "bsd", "pc98", "sun", "lvm2")

POOL_TYPES = {
    kind.name: kind
    for kind in (
        PoolType("dir", directory=True),
        PoolType(
            "fs",
            needed=("devices",),
            optional=("format",),
            formats=_FILE_SYSTEMS,
            lasting=("format",),
            directory=True,
            makes="the file system {format} on {devices}",
        ),
        PoolType(
            "netfs",
            needed=("hosts", "dir"),
            optional=("format", "protocol_version"),
            formats=("auto", "nfs", "glusterfs", "cifs"),
            directory=True,
        ),
        PoolType(
            "logical",
            optional=("name", "devices", "format"),
            several=("devices",),
            formats=("lvm2",),
            lasting=("devices",),
            raw=True,
            thick=True,
            devices_at="/dev/{name}",
            makes="the volume group on {devices}",
            resized_by="grow it with lvextend, and refresh the pool",
        ),
        PoolType(
            "disk",
            needed=("devices",),
            optional=("format",),
            formats=_LABELS,
            lasting=("format",),
            devices_at="/dev",
            makes="a partition table {format} on {devices}",
            volumes_from="make the partition with the system's tools, and refresh the pool",
            resized_by="resize the partition with the system's tools, and refresh the pool",
        ),
        PoolType(
            "iscsi",
            needed=("hosts", "devices"),
            optional=("initiator", *_CREDENTIALS),
            devices_at="/dev/disk/by-path",
            volumes_from=_LUNS,
            resized_by=_RESIZED,
            metered=False,
        ),
        PoolType(
            "iscsi-direct",
            needed=("hosts", "devices", "initiator"),
            optional=_CREDENTIALS,
            volumes_from=_LUNS,
            resized_by=_RESIZED,
            metered=False,
        ),
        PoolType(
            "scsi",
            needed=("adapter",),
            lasting=("adapter.type",),
            devices_at="/dev/disk/by-path",
            volumes_from=_LUNS,
            resized_by=_RESIZED,
            metered=False,
        ),
        PoolType("rbd", needed=("hosts", "name"), optional=_CREDENTIALS, several=("hosts",), raw=True),
        PoolType(
            "gluster",
            needed=("hosts", "name"),
            optional=("dir",),
            volumes_from="use a pool of type netfs or dir on the mounted volume instead",
            resized_by="use a pool of type netfs or dir on the mounted volume for that",
        ),
        PoolType(
            "zfs",
            optional=("name",),
            devices_at="/dev/zvol/{name}",
            raw=True,
            resized_by="set its volsize with zfs, and refresh the pool",
        ),
    )
}

FORMATS = tuple(dict.fromkeys(word for kind in POOL_TYPES.values() for word in kind.formats))


def listed(names: Sequence[str]) -> str:
    """Return names of options as a sentence has them; hosts are first of all a host."""
    return " and ".join("host" if name == "hosts" else name for name in names)
