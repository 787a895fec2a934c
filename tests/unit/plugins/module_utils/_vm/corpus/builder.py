# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains composed from fragments: what a fragment does not say is as in the plainest VM that libvirt takes."""

from __future__ import annotations

import hashlib
import re
import string
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from lxml import etree

NAMESPACES = {
    "qemu": "http://libvirt.org/schemas/domain/qemu/1.0",
    "lxc": "http://libvirt.org/schemas/domain/lxc/1.0",
    "xen": "http://libvirt.org/schemas/domain/xen/1.0",
    "bhyve": "http://libvirt.org/schemas/domain/bhyve/1.0",
    "libosinfo": "http://libosinfo.org/xmlns/libvirt/domain/1.0",
}
# Children of <domain>, in the order in which libvirt writes them; every other element of a fragment is a device.
ORDER = [
    "name",
    "uuid",
    "genid",
    "title",
    "description",
    "metadata",
    "maxMemory",
    "memory",
    "currentMemory",
    "blkiotune",
    "memtune",
    "memoryBacking",
    "vcpu",
    "vcpus",
    "iothreads",
    "iothreadids",
    "defaultiothread",
    "cputune",
    "numatune",
    "resource",
    "sysinfo",
    "bootloader",
    "bootloader_args",
    "os",
    "idmap",
    "features",
    "cpu",
    "clock",
    "on_poweroff",
    "on_reboot",
    "on_crash",
    "on_lockfailure",
    "pm",
    "perf",
    "devices",
    "seclabel",
    "launchSecurity",
    "keywrap",
]
# Devices of which a VM has one at most.
LONELY = frozenset(["memballoon", "vsock", "iommu", "tpm", "nvram", "emulator", "crypto"])
# Devices of which a VM has one for each value of these attributes.
UNIQUE: dict[str, tuple[str, ...]] = {
    "controller": ("type", "index"),
    "graphics": ("type",),
    "filesystem": (),
    "lease": (),
    "watchdog": ("model",),
    "audio": (),
    "panic": ("model",),
    "redirfilter": (),
    "memory": (),
}
# What must be as it is where these are: only a machine of QEMU has every kind of input, and only the first console may
# be that of a serial port.
NEEDS: dict[str, tuple[str, ...]] = {"input": ("domain", "os"), "console": ("domain", "os", "console")}
# What two fragments may both say, because their children are put together.
SHARED = frozenset({"features"})
PLAIN = (
    "<memory unit='KiB'>1048576</memory><vcpu>2</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><devices/>"
)


class Case(NamedTuple):
    """A domain: a name that says what is special about it, and its XML as somebody else might have written it."""

    name: str
    xml: str


def parse_nodes(text: str) -> list[Any]:
    """Return the elements of a text that holds several; prefixes of NAMESPACES are known in it."""
    known = "".join(f" xmlns:{prefix}='{uri}'" for prefix, uri in NAMESPACES.items())
    return list(etree.fromstring(f"<fragment{known}>{text}</fragment>"))


def is_device(node: Any) -> bool:
    """Return whether an element belongs into <devices>; <memory model='…'> is a device, <memory> is none."""
    if not isinstance(node.tag, str) or "}" in node.tag:
        return False
    return node.tag not in ORDER or (node.tag == "memory" and "model" in node.attrib)


@dataclass(frozen=True)
class Fragment:
    """Elements that belong together; <domain …/> among them stands for attributes of the root."""

    name: str
    text: str

    @cached_property
    def claims(self) -> frozenset[str]:
        """Return what no other fragment may say too where this one is used."""
        claims: set[str] = set()
        for node in parse_nodes(self.text):
            claims.update(_claims(node))
        return frozenset(claims)


def _claims(node: Any) -> Iterable[str]:
    if not isinstance(node.tag, str):
        return
    if node.tag in SHARED:
        yield from (f"{node.tag}/{child.tag}" for child in node)
    elif not is_device(node) or node.tag in LONELY:
        yield node.tag
    for part in node.iter("address", "alias", "boot"):
        # Orders per device and <os><boot/> exclude each other; addresses and aliases are unique in a VM.
        yield "boot" if part.tag == "boot" else etree.tostring(part, with_tail=False, encoding="unicode")
    if node.tag in UNIQUE:
        yield f"{node.tag} " + " ".join(node.get(key, "0") for key in UNIQUE[node.tag])
    yield from NEEDS.get(node.tag, ())
    if node.tag != "controller" and any("usb" in (part.get("bus"), part.get("type")) for part in node.iter()):
        # A VM whose controller says that it has no USB has no such device either.
        yield "controller usb 0"


def fragments(theme: str, text: str) -> list[Fragment]:
    """Return the fragments of a table: a line `## name`, then the XML of that fragment up to the next such line."""
    parts = re.split(r"^## (.+)$\n?", text, flags=re.MULTILINE)[1:]
    return [Fragment(f"{theme}/{name.strip()}", xml.strip()) for name, xml in zip(parts[::2], parts[1::2], strict=True)]


def each(theme: str, values: Iterable[str], template: str) -> list[Fragment]:
    """Return one fragment for each value, written in place of `@@` in the template."""
    return [Fragment(f"{theme}-{_slug(value)}", template.replace("@@", value)) for value in values]


def _slug(value: str) -> str:
    return re.sub(r"[^A-Za-z0-9.+-]+", "-", value).strip("-") or "empty"


def domain_name(case: str) -> str:
    """Return the name that the domain of a case has."""
    return "adopt-" + re.sub(r"[^A-Za-z0-9.+-]+", "-", case)


def compose(name: str, parts: Sequence[Fragment], kind: str = "kvm") -> Any:
    """Return the tree of a domain of these fragments, in libvirt's own order."""
    nodes = [node for part in parts for node in parse_nodes(part.text)]
    root = _root([node for node in nodes if node.tag == "domain"], kind)
    for node in nodes:
        if node.tag != "domain":
            _place(root, node)
    defaults = f"<name>{domain_name(name)}</name><uuid>{_uuid(name)}</uuid>{PLAIN}"
    for node in parse_nodes(defaults):
        if root.find(node.tag) is None:
            root.append(node)
    root[:] = sorted(root, key=lambda node: ORDER.index(node.tag) if node.tag in ORDER else len(ORDER))
    _make_distinct(root, name)
    etree.cleanup_namespaces(root, keep_ns_prefixes=list(root.nsmap))
    etree.indent(root)
    return root


def _root(attributes: Sequence[Any], kind: str) -> Any:
    known = set(NAMESPACES.values())
    declared = {prefix: uri for node in attributes for prefix, uri in node.nsmap.items() if uri not in known}
    used = {node.get("uses") for node in attributes} - {None}
    root = etree.Element("domain", {"type": kind}, nsmap={**declared, **{key: NAMESPACES[key] for key in used}})
    for node in attributes:
        root.attrib.update({key: value for key, value in node.attrib.items() if key != "uses"})
    return root


def _place(root: Any, node: Any) -> None:
    node.tail = None
    if is_device(node):
        devices = root.find("devices")
        (etree.SubElement(root, "devices") if devices is None else devices).append(node)
    elif node.tag in SHARED and root.find(node.tag) is not None:
        root.find(node.tag).extend(node)
    else:
        root.append(node)


def _uuid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:kvmops:corpus:{name}"))


def _make_distinct(root: Any, name: str) -> None:
    """Give disks targets of their own and cards addresses of their own, as mixes need it."""
    taken: set[str] = set()
    for target in root.iterfind("devices/disk/target"):
        target.set("dev", _free(target.get("dev"), taken))
        taken.add(target.get("dev"))
    for position, card in enumerate(root.iterfind("devices/interface")):
        if card.find("mac") is None:
            tail = hashlib.sha256(f"{name}{position}".encode()).digest()[:3]
            card.insert(0, etree.Element("mac", {"address": "52:54:00:" + tail.hex(":")}))


def _free(wanted: str, taken: set[str]) -> str:
    if wanted not in taken:
        return wanted
    letters = string.ascii_lowercase
    bus = re.sub(r"(?<=[hsvf]d).*$", "", wanted)
    names = (bus + tail for tail in [*letters, *(a + b for a in letters for b in letters)])
    return next(name for name in names if name not in taken)


def text_of(root: Any) -> str:
    """Return a tree as XML text."""
    return etree.tostring(root, encoding="unicode")
