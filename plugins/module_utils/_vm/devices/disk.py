# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks: volumes, existing or made for the VM."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any

from ..._errors import Refused
from ..._libs import etree
from ..._units import GIB, parse_size
from ..._xml import Path, Presence, Text
from .device import Device, Wanted, alias, alias_of, is_marked, mark

# The disk that a VM boots from, and that comes from its template.
ROOT = "root"

# The disk from which cloud-init configures the guest.
SEED = "seed"

_PREFIX = {"virtio": "vd", "scsi": "sd", "sata": "sd", "usb": "sd", "ide": "hd", "fdc": "fd"}
_SOURCE = ("file", "dev", "name", "volume")


class Disk(Device):
    """A hard disk of a VM. CD-ROM drives and floppies are other devices, though libvirt calls them disks too."""

    tag = "disk"
    option = "disks"
    noun = "disk"
    bus = Text("target/@bus", choices=("virtio", "scsi", "sata", "usb"))
    cache = Text("driver/@cache", choices=("none", "writeback", "writethrough", "directsync", "unsafe"))
    discard = Text("driver/@discard", choices=("unmap", "ignore"))
    serial = Text("serial")
    readonly = Presence("readonly")

    @classmethod
    def extra_options(cls) -> dict[str, Any]:
        """Return what says which volume the disk is."""
        return {
            "size": {"type": "str"},
            "pool": {"type": "str"},
            "volume": {"type": "str"},
            "format": {"type": "str", "choices": ["qcow2", "raw"]},
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
        return Wanted(wanted.name, wanted.fields, extra)

    @classmethod
    def default_name(cls, position: int, params: Mapping[str, Any]) -> str:
        """Return "root" for the first; others must be named, because a position is no identity."""
        if position == 0:
            return ROOT
        raise Refused(
            f"Entry {position + 1} of disks has no name; name every disk but the first, so that it is found again."
        )

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the hard disks, without the one that carries the cloud-init seed."""
        disks = (node for node in super().nodes(domain) if node.get("device", "disk") == "disk")
        return [node for node in disks if alias_of(node) != alias(SEED)]

    @classmethod
    def key(cls, node: Any) -> str:
        """Return the target: vda."""
        return Path("target/@dev").get(node) or ""

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
        return (lambda node, device: cls.key(node) == device.name,)

    @classmethod
    def new(cls, domain: Any, wanted: Wanted, path: str, image_format: str, kind: str = "file") -> Any:
        """Return the element of a new disk on the volume at `path`, with the next free target of its bus."""
        fields = {"bus": "virtio", **wanted.fields}
        node = etree.Element(cls.tag, {"type": kind, "device": "disk"})
        etree.SubElement(node, "driver", {"name": "qemu", "type": image_format})
        etree.SubElement(node, "source", {"file" if kind == "file" else "dev": path})
        etree.SubElement(node, "target", {"dev": free_target(domain, fields["bus"])})
        mark(node, wanted.name)
        cls.edit(node, fields)
        return node


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


def new_seed(path: str) -> Any:
    """Return the element of the read-only disk that carries the cloud-init seed.

    It is a virtio disk and no CD-ROM drive, because the kernels of cloud images have no driver for SATA; its target
    leaves the
    first letters to the VM's own disks.
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
