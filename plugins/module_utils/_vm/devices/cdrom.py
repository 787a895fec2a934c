# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CD-ROM drives: what is in them is changed and ejected while the VM runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from ..._errors import Refused
from ..._field_kinds import Bytes, Count, Matching, Text
from ..._fields import Edit, Field
from ..._libs import etree
from ..._units import KIB
from ..._words import legible
from ..._xml import Path, without
from ..live import UPDATE, Live
from .device import SEED, Device, Wanted, alias, alias_of, is_marked, mark, name_of
from .disk import (
    Bus,
    controller_needed,
    free_target,
    is_at_target,
    keep_name,
    place_of,
    provide_controller,
    source_of,
    target_of,
)
from .remote import PATIENT, PORTS, READ_ONLY, check_patience

# The options that say what is in a drive.
_MEDIA = ("path", "pool", "volume", "url")
_WHOLE: tuple[set[str], ...] = (set(), {"path"}, {"pool", "volume"}, {"url"})


def _ejectable(node: Any, _value: Any) -> bool:
    """Return whether a running VM lets go of what is in a drive: over USB only if the drive was made for that."""
    return Path("target/@bus").get(node) != "usb" or Path("target/@removable").get(node) == "on"


_CHANGE = Live(UPDATE.apply, _ejectable)


class Medium(Text):
    """What is in a drive: a mapping of the options that say so, or None for an empty one.

    A volume that was found goes with its path; either tells that it is the one.
    """

    def __init__(self, doc: str) -> None:
        super().__init__("source", doc, live=_CHANGE)

    def read(self, node: Any) -> Any:
        """Return what is in the drive."""
        return _held(node)

    def matches(self, current: Any, wanted: Any) -> bool:
        """Return whether the drive holds what is wanted, told in one way or the other."""
        return bool(current) == bool(wanted) and (current or {}).items() <= (wanted or {}).items()

    def write(self, node: Any, value: Any) -> None:
        """Put it into the drive, or take out what is there; what was known of the image before is forgotten."""
        before = node.find("source")
        for left in (before, node.find("backingStore")):
            if left is not None:
                without(left)
        kind, source = _source(value) if value else ("file", None)
        if source is not None and _patient(source):
            source.extend(_patience(before))
        node.set("type", kind)
        if source is not None:
            Path("driver/@name").set(node, "qemu")
            Path("driver/@type").set(node, "raw")
            node.append(source)

    def show(self, value: Any) -> Any:
        """Return where it is, in one word."""
        if value is None:
            return None
        return value.get("path") or value.get("url") or f"{value['pool']}/{value['volume']}"


def _held(node: Any) -> dict[str, str] | None:
    source = node.find("source")
    if node.get("type") == "network" and source is not None:
        return {"url": _url_of(source)}
    return place_of(node) or ({"path": source_of(node)} if source_of(node) else None)


def _source(medium: Mapping[str, str]) -> tuple[str, Any]:
    """Return libvirt's type and source of a medium."""
    if "url" in medium:
        return "network", _url_source(medium["url"])
    if "path" in medium:
        block = medium["path"].startswith("/dev/")
        return ("block", etree.Element("source", dev=medium["path"])) if block else _file_source(medium["path"])
    return "volume", etree.Element("source", {"pool": medium["pool"], "volume": medium["volume"]})


def _patient(source: Any) -> bool:
    """Return whether a source is one that QEMU is told how to read."""
    return source is not None and source.get("protocol") in PATIENT


def _patience(source: Any) -> list[Any]:
    """Return what a source says of how QEMU reads it."""
    return [*source.findall("readahead"), *source.findall("timeout")] if source is not None else []


class OfUrl(Field):
    """What says how QEMU reads a URL, and nothing else; it goes with the medium."""

    def write(self, node: Any, value: Any) -> None:
        """Write it; Refused where something else is in the drive."""
        if value is not None and not _patient(node.find("source")):
            check_patience({self.name: value}, None)
        super().write(node, value)


class Patience(OfUrl, Count):
    """How many seconds are waited for a server."""


class Ahead(OfUrl, Bytes):
    """How many bytes are read at once."""


def _file_source(path: str) -> tuple[str, Any]:
    return "file", etree.Element("source", file=path)


def _url_source(url: str) -> Any:
    """Return a URL as libvirt's source. Source: https://libvirt.org/formatdomain.html (disk, type network)."""
    parts = urlsplit(url)
    source = etree.Element("source", {"protocol": parts.scheme, "name": parts.path.lstrip("/")})
    if parts.query:
        source.set("query", parts.query)
    port = str(parts.port or PORTS[parts.scheme])
    etree.SubElement(source, "host", {"name": parts.hostname or "", "port": port})
    return source


def _url_of(source: Any) -> str:
    """Return libvirt's source as a URL, as this file would write it."""
    protocol, host = source.get("protocol", ""), source.find("host")
    name, port = (host.get("name", ""), host.get("port")) if host is not None else ("", None)
    server = f"[{name}]" if ":" in name else name
    plain = port in (None, str(PORTS.get(protocol)))
    query = f"?{source.get('query')}" if source.get("query") else ""
    return f"{protocol}://{server}{'' if plain else f':{port}'}/{source.get('name', '').lstrip('/')}{query}"


def _canonical(url: str) -> str:
    """Return a URL as it is compared; Refused where QEMU could not read it."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in READ_ONLY and parts.hostname and not parts.username and (parts.port or 1)
    except ValueError:
        usable = False
    if not usable:
        raise Refused(
            f"url '{url[:60]}' cannot be read; write it like https://example.org/a.iso, with {', '.join(READ_ONLY)}, "
            "and without a password."
        )
    return _url_of(_url_source(url))


class Removable(Device):
    """A drive whose medium can be changed. A subclass says which, and its fields."""

    tag = "disk"
    kind: ClassVar[str] = ""
    usual_bus: ClassVar[str] = ""
    medium: Field

    @classmethod
    def options(cls) -> dict[str, Any]:
        """Return the options of the fields but of the medium, which has several."""
        return {name: option for name, option in super().options().items() if name != "medium"}

    @classmethod
    def documentation(cls) -> dict[str, Any]:
        """Return the documentation of the fields but of the medium."""
        return {name: entry for name, entry in super().documentation().items() if name != "medium"}

    @classmethod
    def extra_documentation(cls) -> dict[str, Any]:
        """Return the options that say what is in the drive."""
        entry = f"{cls.option}[]"
        return {
            "path": {
                "description": [
                    "Path of the image file or block device that is in the drive.",
                    "A running VM takes another medium over at once. An empty path empties the drive.",
                    "If neither this nor another medium is named, what is in the drive stays.",
                ],
                "type": "str",
            },
            "pool": {"description": f"Pool of the volume that is in the drive; with O({entry}.volume).", "type": "str"},
            "volume": {
                "description": f"Name of the volume that is in the drive; with O({entry}.pool).",
                "type": "str",
            },
        }

    @classmethod
    def one_wanted(cls, position: int, params: Mapping[str, Any]) -> Wanted:
        """Return one entry; what it says of the medium is a field."""
        return replace(super().one_wanted(position, params), extra={})

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the named values; Refused where two media are named, or half of one."""
        values = super().normal({**wanted, "medium": None})
        said = {name: wanted[name] for name in _MEDIA if wanted.get(name) is not None}
        return {**values, "medium": cls._medium(said)} if said else values

    @classmethod
    def _medium(cls, said: Mapping[str, str]) -> dict[str, str] | None:
        medium = {name: legible(name, value) for name, value in said.items() if value}
        if set(medium) not in _WHOLE:
            raise Refused(
                f"{' and '.join(medium)} do not say what is in a drive; name a path, a url, or a pool and a volume."
            )
        if not medium.get("path", "/").startswith("/"):
            raise Refused(f"path '{medium['path']}' is not whole; write it beginning with '/'.")
        if "url" in medium:
            medium["url"] = _canonical(medium["url"])
        return medium or None

    @classmethod
    def named(cls, position: int, name: str | None, device: Wanted) -> Wanted:
        """Return the first by the name of its kind; others must be named, because a position is no identity."""
        if not name and position > 0:
            raise Refused(f"Entry {position + 1} of {cls.option} has no name; name every drive but the first.")
        return replace(device, name=name or cls.kind, marked=True)

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the drives of this kind, without one that carries the cloud-init seed."""
        drives = (node for node in super().nodes(domain) if node.get("device") == cls.kind)
        return [node for node in drives if alias_of(node) != alias(SEED)]

    @classmethod
    def hotpluggable(cls, node: Any) -> bool:
        """Return whether its bus is one on which drives come and go."""
        return Path("target/@bus").get(node) in ("usb", "scsi")

    @classmethod
    def attachable(cls, live: Any, node: Any) -> bool:
        """Return whether there is something in it, too: QEMU takes no empty drive while it runs."""
        return super().attachable(live, node) and _held(node) is not None

    @classmethod
    def recognise(cls, nodes: Sequence[Any], wanted: Sequence[Wanted]) -> dict[str, Any]:
        """Recognise drives by alias, by target; and the first of a VM made by somebody else as the first wanted."""
        known = super().recognise(nodes, wanted)
        names = [device.name for device in wanted]
        first = next((node for node in nodes if node not in known.values()), None)
        if cls.kind in names and cls.kind not in known and first is not None and not any(map(is_marked, nodes)):
            known[cls.kind] = first
        return known

    @classmethod
    def needed(cls, live: Any, node: Any) -> list[tuple[type[Device], Any]]:
        """Return the controller of a SCSI drive where the running VM has none."""
        return controller_needed(live, node)

    @classmethod
    def marks(cls) -> tuple[Any, ...]:
        """Return the target: sda."""
        return (lambda node, device: target_of(node) == device.name, is_at_target)

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new drive."""
        bus = device.fields.get("bus", cls.usual_bus)
        node = etree.Element(cls.tag, {"type": "file", "device": cls.kind})
        etree.SubElement(node, "driver", {"name": "qemu", "type": "raw"})
        target = device.fields.get("target") or free_target(domain, bus)
        etree.SubElement(node, "target", {"dev": target, "bus": bus})
        mark(node, device.name)
        cls.edit(node, device.fields)
        provide_controller(domain, bus)
        _check_usb(node, device.name)
        return node

    @classmethod
    def change(cls, node: Any, device: Wanted) -> list[Edit]:
        """Bring one drive to what is wanted. One that went by its target gets a name before it gets another target."""
        before = target_of(node)
        edits = cls.edit(node, device.fields)
        keep_name(node, device.name, before)
        if edits:
            _check_usb(node, device.name)
        return edits

    @classmethod
    def name_at(cls, node: Any) -> str:
        """Return the name of the alias, else the target."""
        return name_of(node, target_of(node))

    @classmethod
    def describe(cls, node: Any) -> str:
        """Return what is in the drive."""
        return str(cls.show(cls.read(node)).get("medium", "empty"))

    @classmethod
    def facts(cls, node: Any) -> dict[str, Any]:
        """Return a drive in the words of the option; an empty one has an empty path."""
        facts = {name: fact for name, fact in super().facts(node).items() if name != "medium"}
        return {**facts, **_sayable(cls, cls.fields["medium"].read(node) or {"path": ""})}

    @classmethod
    def fact_of(cls, node: Any) -> dict[str, Any]:
        """Return a drive by its name."""
        return {"name": cls.name_at(node), **cls.facts(node)}


def _check_usb(node: Any, name: str) -> None:
    """Let a medium be taken out of a USB drive; Refused where none is in it, because QEMU does not start with that."""
    if Path("target/@bus").get(node) != "usb":
        return
    if _held(node) is None:
        raise Refused(f"drive {name} is empty, which one on the bus usb cannot be; name its medium, or the bus scsi.")
    if Path("target/@removable").get(node) is None:
        Path("target/@removable").set(node, "on")


def _sayable(drive: type[Removable], medium: dict[str, str]) -> dict[str, str]:
    """Return a medium if the options have words for it: a server can be one that they do not know."""
    try:
        return medium if (drive.normal(medium)["medium"] or {"path": ""}) == medium else {}
    except Refused:
        return {}


class Cdrom(Removable):
    """A CD-ROM drive. Source: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms."""

    option = "cdroms"
    noun = "CD-ROM drive"
    kind = "cdrom"
    doc = (
        "The CD-ROM drives, all of them - one that is not listed is taken away.",
        "Drives on V(usb) and V(scsi) that hold a medium come and go while the VM runs, others at its next boot.",
        "One image can be in the drives of several VMs.",
    )
    name_doc = (
        "What the drive is recognised by on the next run. The first may do without and is V(cdrom).",
        "Drives of VMs made by something else go by their target (V(sda)).",
    )
    usual_bus = "sata"
    bus = Bus(
        "target/@bus",
        "How the drive is attached; V(sata) if left out. A drive on V(usb) is never empty.",
        choices=("sata", "scsi", "usb", "ide"),
    )
    target = Matching(
        "target/@dev",
        "Name that orders the drives and disks of a bus; the next free one if left out.",
        r"(sd|hd)[a-z]{1,2}",
        "sda",
    )
    boot_order = Count(
        "boot/@order",
        "Its place among all devices that the VM tries to boot from, beginning with V(1); V(0) removes it.",
        most=1024,
        untold=True,
    )
    serial = Text("serial", "Serial number that the guest sees.")
    medium = Medium("What is in the drive.")
    # They are written after the medium, which takes the source of the one before along.
    timeout = Patience(
        "source/timeout/@seconds",
        "Seconds that QEMU waits for the server of O(cdroms[].url) before the guest is told of an error, at its next "
        "boot; V(0) leaves it to QEMU, which waits 5. Not for V(tftp).",
    )
    readahead = Ahead(
        "source/readahead/@size",
        "How much of O(cdroms[].url) QEMU reads at once, such as V(1MiB), a multiple of 512 bytes; from the next boot "
        "on. A plain number counts KiB. Not for V(tftp).",
        plain_unit=KIB,
    )

    @classmethod
    def extra_documentation(cls) -> dict[str, Any]:
        """Return the options that say what is in the drive; it may be far away."""
        url = {
            "description": "URL of the image, by V(https), V(http), V(ftps), V(ftp) or V(tftp), that QEMU reads as the "
            "guest does; nothing is kept on the host.",
            "type": "str",
        }
        return {**super().extra_documentation(), "url": url}

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the named values; Refused where what is said of a URL is said of something else."""
        values = super().normal(wanted)
        if "medium" in values:
            check_patience(values, urlsplit((values["medium"] or {}).get("url", "")).scheme)
        return values

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new drive, which libvirt knows to be read only."""
        node = super().new(domain, device)
        etree.SubElement(node, "readonly")
        return node
