# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks: volumes, existing or made for the VM."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._composite import Group
from ..._errors import Refused
from ..._field_kinds import Count, Matching, Presence, Switch, Text
from ..._fields import Edit
from ..._libs import etree
from ..._units import GIB, parse_size
from ..._xml import Path, insert_beside, without
from ..ways.registry import DOCUMENTATION, check_way
from .controller import Controller, scsi_controller
from .device import SEED, Device, Wanted, alias, alias_of, is_marked, mark, name_of
from .iotune import IoTune
from .remote import READ_ONLY, Encryption, Place, Remote

# The disk that a VM boots from, and that comes from its template.
ROOT = "root"

_PREFIX = {"virtio": "vd", "scsi": "sd", "sata": "sd", "usb": "sd", "ide": "hd", "fdc": "fd"}
_SOURCE = ("file", "dev", "name", "volume", "dir")
_HOTPLUG = ("virtio", "scsi", "usb")


class Bus(Text):
    """What a disk is attached to; on another bus it has another address, and a target that fits."""

    def write(self, node: Any, value: Any) -> None:
        """Write the bus, forget the address on the one before, and take a free target of the new one."""
        before = self.read(node)
        super().write(node, value)
        if before is None or before == value:
            return
        domain = _domain_of(node)
        address = node.find("address")
        if address is not None:
            without(address)
        target = node.find("target")
        target.set("dev", free_target(domain, value))
        # Only USB drives are said to be removable.
        target.attrib.pop("removable", None)
        provide_controller(domain, value)


def provide_controller(domain: Any, bus: str) -> None:
    """Give a domain tree the controller that a SCSI disk needs, unless it has one.

    libvirt would add one that newer guests have no driver for, and that no PCI Express machine takes while it runs.
    """
    devices = domain.find("devices")
    if bus == "scsi" and devices is not None and scsi_controller(domain) is None:
        insert_beside(devices, etree.Element("controller", {"type": "scsi", "index": "0", "model": "virtio-scsi"}))


def controller_needed(live: Any, node: Any) -> list[tuple[type[Device], Any]]:
    """Return the controller that a running VM needs before a configured disk can be plugged in: for SCSI, its first."""
    if Path("target/@bus").get(node) != "scsi" or scsi_controller(live) is not None:
        return []
    configured = scsi_controller(_domain_of(node))
    return [(Controller, configured)] if configured is not None else []


def keep_name(node: Any, name: str, before: str) -> None:
    """Give a disk that went by its target `before` the name as a mark, where it has another target now."""
    if target_of(node) != before and not is_marked(node):
        for left in node.findall("alias"):
            without(left)
        mark(node, name)


def _domain_of(node: Any) -> Any:
    return next(node.iterancestors("domain"), node)


class Disk(Device):
    """A hard disk of a VM. CD-ROM drives and floppies are other devices, though libvirt calls them disks too."""

    tag = "disk"
    option = "disks"
    noun = "disk"
    usual = True
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
        (
            "How the disk is attached; V(virtio) if left out.",
            "On another bus it gets a target that fits, unless O(disks[].target) says which.",
        ),
        choices=("virtio", "scsi", "sata", "usb", "ide"),
    )
    target = Matching(
        "target/@dev",
        "Name that orders the disks of a bus, such as V(vdb); the next free one if left out. The guest may name them "
        "otherwise.",
        r"(vd|sd|hd|xvd)[a-z]{1,2}",
        "vdb",
    )
    boot_order = Count(
        "boot/@order",
        "Its place among all devices that the VM tries to boot from, beginning with V(1); V(0) removes it. It replaces "
        "a boot order of the VM's own.",
        most=1024,
        untold=True,
    )
    source = Remote(
        ".",
        Place,
        (
            "The image is on a server instead of this host.",
            "It is attached as it is; a new one is never made there.",
            "What it is called there cannot be changed later, how it is reached can, at the next boot.",
        ),
    )
    encryption = Group(
        ".",
        Encryption,
        (
            "The image is encrypted by LUKS, by QEMU. A new volume is made so; one that is there has to be so already.",
            "An image is neither encrypted nor decrypted later; another secret can be named.",
        ),
    )
    cache = Text(
        "driver/@cache",
        "How the host caches the disk; left to QEMU by V(default).",
        choices=("default", "none", "writeback", "writethrough", "directsync", "unsafe"),
        unset="default",
    )
    io = Text(
        "driver/@io",
        "How the host reads and writes; left to QEMU by V(default). V(native) needs O(disks[].cache) V(none) or "
        "V(directsync).",
        choices=("default", "native", "threads", "io_uring"),
        unset="default",
    )
    discard = Text(
        "driver/@discard",
        "Whether what the guest discards is given back to the pool; left to QEMU by V(default).",
        choices=("default", "unmap", "ignore"),
        unset="default",
    )
    detect_zeroes = Text(
        "driver/@detect_zeroes",
        "Whether zeroes that the guest writes take no space; V(unmap) gives space back, with O(disks[].discard=unmap).",
        choices=("default", "off", "on", "unmap"),
        unset="default",
    )
    error_policy = Text(
        "driver/@error_policy",
        "What happens when the host cannot write; left to QEMU by V(default). V(enospace) stops the VM only when there "
        "is no space left, and tells the guest of other errors.",
        choices=("default", "stop", "report", "ignore", "enospace"),
        unset="default",
    )
    rerror_policy = Text(
        "driver/@rerror_policy",
        "What happens when the host cannot read; as O(disks[].error_policy) by V(default).",
        choices=("default", "stop", "report", "ignore"),
        unset="default",
    )
    copy_on_read = Switch(
        "driver/@copy_on_read",
        "Whether what is read from an image below is kept in the disk's own.",
        words=("on", "off"),
    )
    iothread = Count(
        "driver/@iothread",
        "Number of the I/O thread of the VM that serves the disk, on the bus V(virtio); V(0) removes it.",
    )
    queues = Count(
        "driver/@queues",
        "How many queues the disk has, on the bus V(virtio); V(0) leaves it to QEMU.",
        most=1024,
    )
    rotation_rate = Count(
        "target/@rotation_rate",
        "What the guest is told of how fast the disk turns, in rounds a minute, and V(1) for one that does not; on the "
        "buses V(scsi), V(sata) and V(ide). V(0) removes it.",
        most=65534,
    )
    serial = Text(
        "serial",
        "Serial number that the guest sees. A disk that something else attached is recognised by it, too.",
    )
    wwn = Matching(
        "wwn",
        "World wide name that the guest sees, 16 hexadecimal digits in quotes; on the buses V(scsi), V(sata) and "
        "V(ide).",
        r"[0-9a-fA-F]{16}",
        "'5000c50015ea71aa'",
    )
    vendor = Matching(
        "vendor",
        "Vendor that the guest sees, up to 8 characters; on the bus V(scsi).",
        r"[ -~]{1,8}",
        "ACME",
    )
    product = Matching(
        "product",
        "Product that the guest sees, up to 16 characters; on the bus V(scsi).",
        r"[ -~]{1,16}",
        "ST3000",
    )
    logical_block_size = Count(
        "blockio/@logical_block_size",
        "Bytes of the smallest block that the guest reads or writes, such as V(512) or V(4096); V(0) leaves it to "
        "QEMU.",
        most=65536,
    )
    physical_block_size = Count(
        "blockio/@physical_block_size",
        "Bytes of the block that the guest does best to write whole; V(0) leaves it to QEMU.",
        most=65536,
    )
    readonly = Presence("readonly", "Whether the guest can only read.")
    shareable = Presence(
        "shareable",
        "Whether several VMs may write to the image at once; the guests must be able to, and the format be V(raw). "
        "Without it, an image that another VM uses is refused.",
    )
    transient = Presence(
        "transient",
        "Whether what the guest writes is forgotten when the VM stops.",
    )
    iotune = Group(
        "iotune",
        IoTune,
        "How much the VM may do with the disk. Only the limits that are named are managed; V(0) removes one. A running "
        "VM takes them over at once.",
    )

    @classmethod
    def extra_documentation(cls) -> dict[str, Any]:
        """Return what says which volume the disk is."""
        return {**DOCUMENTATION}

    @classmethod
    def one_wanted(cls, position: int, params: Mapping[str, Any]) -> Wanted:
        """Return one entry, its size in bytes; Refused where a volume of somebody else would be made or resized."""
        wanted = super().one_wanted(position, params)
        extra = dict(wanted.extra)
        if "size" in extra:
            extra["size"] = parse_size(extra["size"], f"size of disk {wanted.name}", GIB)
        check_way(wanted)
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
        """Return the serial number, and the target: vda."""
        return (_has_serial, lambda node, device: target_of(node) == device.name, is_at_target)

    @classmethod
    def needed(cls, live: Any, node: Any) -> list[tuple[type[Device], Any]]:
        """Return the controller of a SCSI disk where the running VM has none."""
        return controller_needed(live, node)

    @classmethod
    def unwanted(cls, nodes: Sequence[Any], known: Mapping[str, Any], wanted: Sequence[Wanted]) -> list[Any]:
        """Return the disks that a list no longer names; the one a VM boots from goes only with all others, by `[]`."""
        spared = boot_disk(nodes) if wanted else None
        return [node for node in super().unwanted(nodes, known, wanted) if node is not spared]

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new disk on the image that `extra` tells.

        That is its path, its format and its kind: file, block or network.
        """
        fields = {"bus": "virtio", **device.fields}
        _check_readable(device)
        kind = device.extra.get("kind", "file")
        node = etree.Element(cls.tag, {"type": kind, "device": "disk"})
        etree.SubElement(node, "driver", {"name": "qemu", "type": device.extra["format"]})
        if kind != "network":
            etree.SubElement(node, "source", {"file" if kind == "file" else "dev": device.extra["path"]})
        etree.SubElement(node, "target", {"dev": fields.get("target") or free_target(domain, fields["bus"])})
        mark(node, device.name)
        cls.edit(node, fields)
        provide_controller(domain, fields["bus"])
        return node

    @classmethod
    def change(cls, node: Any, device: Wanted) -> list[Edit]:
        """Bring one disk to what is wanted. One that went by its target gets a name before it gets another target."""
        before = target_of(node)
        edits = cls.edit(node, device.fields)
        keep_name(node, device.name, before)
        return edits

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
        return {"name": cls.name_at(node), **place_of(node), **cls.facts(node)}


def _check_readable(wanted: Wanted) -> None:
    protocol = wanted.fields.get("source", {}).get("protocol")
    if protocol in READ_ONLY and not wanted.fields.get("readonly"):
        raise Refused(f"disk {wanted.name} can only be read by {protocol}; set its 'readonly' to true.")


def _has_serial(node: Any, device: Wanted) -> bool:
    serial = Disk.serial.read(node)
    return bool(serial) and not is_marked(node) and serial in (device.name, device.fields.get("serial"))


def is_at_target(node: Any, device: Wanted) -> bool:
    """Return whether a disk that nobody has named is at the target that is wanted."""
    return not is_marked(node) and target_of(node) == device.fields.get("target")


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


def place_of(node: Any) -> dict[str, str]:
    """Return where on this host the image of a disk is, in words of options: its path, or its pool and volume."""
    source = node.find("source")
    if source is None or node.get("type") not in (None, "file", "block", "volume"):
        return {}
    if source.get("volume"):
        return {"pool": source.get("pool", ""), "volume": source.get("volume")}
    path = source.get("file") or source.get("dev")
    return {"path": path} if path else {}


def format_of(node: Any) -> str:
    """Return the format of what is in a disk, or "" where it is not told."""
    return Path("driver/@type").get(node) or ""


def new_seed(path: str) -> Any:
    """Return the element of the read-only disk that carries the cloud-init seed.

    It is a virtio disk and no CD-ROM drive, because the kernels of cloud images have no driver for SATA; its target
    leaves the first letters to the VM's own disks.
    """
    kind, attribute = ("block", "dev") if path.startswith("/dev/") else ("file", "file")
    node = etree.Element("disk", {"type": kind, "device": "disk"})
    etree.SubElement(node, "driver", {"name": "qemu", "type": "raw"})
    etree.SubElement(node, "source", {attribute: path})
    etree.SubElement(node, "target", {"dev": "vdz", "bus": "virtio"})
    etree.SubElement(node, "readonly")
    mark(node, SEED)
    return node


def seed_disk(domain: Any) -> Any | None:
    """Return the element that carries the cloud-init seed in a domain tree, or None."""
    return next((node for node in domain.iterfind("devices/disk") if alias_of(node) == alias(SEED)), None)
