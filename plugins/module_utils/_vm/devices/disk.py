# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks: volumes, existing or made for the VM."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._errors import Refused
from ..._fields import Edit, Matching, Presence, Text
from ..._libs import etree
from ..._units import GIB, parse_size
from ..._xml import Path, without
from .device import Device, Wanted, alias, alias_of, is_marked, mark, name_of

# The disk that a VM boots from, and that comes from its template.
ROOT = "root"

# The disk from which cloud-init configures the guest.
SEED = "seed"

_PREFIX = {"virtio": "vd", "scsi": "sd", "sata": "sd", "usb": "sd", "ide": "hd", "fdc": "fd"}
_SOURCE = ("file", "dev", "name", "volume", "dir")
_HOTPLUG = ("virtio", "scsi", "usb")


class Bus(Text):
    """What a disk is attached to; on another bus it has another address, and a target that fits."""

    def write(self, node: Any, value: Any) -> None:
        """Write the bus, forget the address on the one before, and take a free target of the new one."""
        before = self.read(node)
        super().write(node, value)
        address = node.find("address")
        if before is not None and before != value:
            if address is not None:
                without(address)
            node.find("target").set("dev", free_target(_domain_of(node), value))


def _domain_of(node: Any) -> Any:
    return next(node.iterancestors("domain"), node)


class Disk(Device):
    """A hard disk of a VM. CD-ROM drives and floppies are other devices, though libvirt calls them disks too."""

    tag = "disk"
    option = "disks"
    noun = "disk"
    doc = (
        "The hard disks, all of them - one that is not listed is detached, and its volume kept.",
        "The disk that the VM boots from may be left out of the list; it is detached only by an empty list.",
    )
    name_doc = (
        "What the disk is recognised by on the next run. The first may do without and is V(root).",
        "Disks of VMs made by something else go by their target (V(vda)).",
    )
    bus = Bus(
        "target/@bus",
        "How the disk is attached; V(virtio) if left out.",
        choices=("virtio", "scsi", "sata", "usb", "ide"),
    )
    target = Matching(
        "target/@dev",
        "Name that orders the disks of a bus, such as V(vdb); the next free one if left out. The guest may name them "
        "otherwise.",
        r"(vd|sd|hd|xvd)[a-z]{1,2}",
        "vdb",
    )
    cache = Text(
        "driver/@cache",
        "How the host caches the disk; left to QEMU if left out.",
        choices=("default", "none", "writeback", "writethrough", "directsync", "unsafe"),
        unset="default",
    )
    discard = Text(
        "driver/@discard",
        "Whether what the guest discards is given back to the pool.",
        choices=("unmap", "ignore"),
    )
    serial = Text("serial", "Serial number that the guest sees.")
    readonly = Presence("readonly", "Whether the guest can only read.")

    @classmethod
    def extra_documentation(cls) -> dict[str, Any]:
        """Return what says which volume the disk is."""
        return {
            "size": {
                "description": [
                    (
                        "Size, such as V(20GiB); a plain number counts GiB. Disks grow, also while the VM runs; they "
                        "are "
                        "never shrunk."
                    ),
                    "A root disk from a template has the size of the template's image if this is left out.",
                ],
                "type": "str",
            },
            "pool": {"description": "Pool of the volume; the VM's O(pool) if left out.", "type": "str"},
            "volume": {
                "description": "Name of a volume that is there, to be attached instead of making a new one; goes with "
                "O(disks[].pool).",
                "type": "str",
            },
            "path": {
                "description": "Path of an image file or block device that is there, to be attached instead of making "
                "a new volume.",
                "type": "str",
            },
            "format": {
                "description": "Format of the volume, V(qcow2) for a new one if left out.",
                "type": "str",
                "choices": ["qcow2", "raw"],
            },
        }

    @classmethod
    def one_wanted(cls, position: int, params: Mapping[str, Any]) -> Wanted:
        """Return one entry, its size in bytes; Refused where a volume of somebody else would be made or resized."""
        wanted = super().one_wanted(position, params)
        extra = dict(wanted.extra)
        if "size" in extra:
            extra["size"] = parse_size(extra["size"], f"size of disk {wanted.name}", GIB)
        if "volume" in extra and ("size" in extra or "format" in extra):
            raise Refused(
                f"Disk {wanted.name} names the existing volume '{extra['volume']}'; leave out its size and format."
            )
        if "volume" in extra and "pool" not in extra:
            raise Refused(
                f"Disk {wanted.name} names the existing volume '{extra['volume']}'; say in which 'pool' it is."
            )
        if "path" in extra and extra.keys() & {"volume", "pool", "size"}:
            raise Refused(
                f"Disk {wanted.name} has the path '{extra['path']}'; leave out its pool, volume and size, or the path."
            )
        if not extra.get("path", "/").startswith("/"):
            raise Refused(f"Disk {wanted.name} has the path '{extra['path']}'; write a whole path, beginning with '/'.")
        return replace(wanted, extra=extra)

    @classmethod
    def named(cls, position: int, name: str | None, device: Wanted) -> Wanted:
        """Return the first as "root"; others must be named, because a position is no identity."""
        if not name and position > 0:
            raise Refused(
                f"Entry {position + 1} of disks has no name; name every disk but the first, so that it is found again."
            )
        return replace(device, name=name or ROOT, marked=True)

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the hard disks, without the one that carries the cloud-init seed."""
        disks = (node for node in super().nodes(domain) if node.get("device", "disk") == "disk")
        return [node for node in disks if alias_of(node) != alias(SEED)]

    @classmethod
    def hotpluggable(cls, node: Any) -> bool:
        """Return whether its bus is one on which disks come and go."""
        return Path("target/@bus").get(node) in _HOTPLUG

    @classmethod
    def recognise(cls, nodes: Sequence[Any], wanted: Sequence[Wanted]) -> dict[str, Any]:
        """Recognise disks by alias, by target; and the root disk of a VM made by somebody else as its first."""
        known = super().recognise(nodes, wanted)
        names = [device.name for device in wanted]
        if ROOT in names and ROOT not in known and nodes and not any(map(is_marked, nodes)):
            first = nodes[0]
            if first not in known.values():
                known[ROOT] = first
        return known

    @classmethod
    def marks(cls) -> tuple[Any, ...]:
        """Return the disk's target: vda."""
        return (lambda node, device: target_of(node) == device.name,)

    @classmethod
    def unwanted(cls, nodes: Sequence[Any], known: Mapping[str, Any], wanted: Sequence[Wanted]) -> list[Any]:
        """Return the disks that a list no longer names; the one a VM boots from goes only with all others, by `[]`."""
        spared = boot_disk(nodes) if wanted else None
        return [node for node in super().unwanted(nodes, known, wanted) if node is not spared]

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new disk on the image that `extra` tells (path, format, kind: file or block)."""
        fields = {"bus": "virtio", **device.fields}
        kind = device.extra.get("kind", "file")
        node = etree.Element(cls.tag, {"type": kind, "device": "disk"})
        etree.SubElement(node, "driver", {"name": "qemu", "type": device.extra["format"]})
        etree.SubElement(node, "source", {"file" if kind == "file" else "dev": device.extra["path"]})
        etree.SubElement(node, "target", {"dev": fields.get("target") or free_target(domain, fields["bus"])})
        mark(node, device.name)
        cls.edit(node, fields)
        return node

    @classmethod
    def change(cls, node: Any, device: Wanted) -> list[Edit]:
        """Bring one disk to what is wanted; a target that only follows from the bus is no wish."""
        return cls.edit(node, device.fields)

    @classmethod
    def describe(cls, node: Any) -> str:
        """Return the path."""
        return source_of(node)

    @classmethod
    def name_at(cls, node: Any) -> str:
        """Return the name of the alias, else the target."""
        return name_of(node, target_of(node))

    @classmethod
    def fact_of(cls, node: Any) -> dict[str, Any]:
        """Return a disk in the words of the option."""
        path = source_of(node) if node.get("type") in ("file", "block") else ""
        return {"name": cls.name_at(node), **({"path": path} if path else {}), **cls.facts(node)}


def boot_disk(nodes: Sequence[Any]) -> Any | None:
    """Return the disk that a VM boots from: the one called root, else the first of those that nobody has named."""
    root = next((node for node in nodes if alias_of(node) == alias(ROOT)), None)
    return root if root is not None else next((node for node in nodes if not is_marked(node)), None)


def target_of(node: Any) -> str:
    """Return the name that orders a disk: vda."""
    return Path("target/@dev").get(node) or ""


def free_target(domain: Any, bus: str) -> str:
    """Return the first target of a bus that no disk of the domain has: vda, vdb … vdz, vdaa …"""
    taken = {node.get("dev") for node in domain.iterfind("devices/disk/target")}
    letters = string.ascii_lowercase
    names = [*letters, *(a + b for a in letters for b in letters)]
    return next(_PREFIX[bus] + name for name in names if _PREFIX[bus] + name not in taken)


def source_of(node: Any) -> str:
    """Return the path (or the name on a server) of what is in a disk, or "" for an empty drive."""
    source = node.find("source")
    return next((source.get(key) for key in _SOURCE if source.get(key)), "") if source is not None else ""


def format_of(node: Any) -> str:
    """Return the format of what is in a disk, or "" where it is not told."""
    return Path("driver/@type").get(node) or ""


def new_seed(path: str) -> Any:
    """Return the element of the read-only disk that carries the cloud-init seed.

    It is a virtio disk and no CD-ROM drive, because the kernels of cloud images have no driver for SATA; its target
    leaves the first letters to the VM's own disks.
    """
    node = etree.Element("disk", {"type": "file", "device": "disk"})
    etree.SubElement(node, "driver", {"name": "qemu", "type": "raw"})
    etree.SubElement(node, "source", {"file": path})
    etree.SubElement(node, "target", {"dev": "vdz", "bus": "virtio"})
    etree.SubElement(node, "readonly")
    mark(node, SEED)
    return node


def seed_disk(domain: Any) -> Any | None:
    """Return the element that carries the cloud-init seed in a domain tree, or None."""
    return next((node for node in domain.iterfind("devices/disk") if alias_of(node) == alias(SEED)), None)
