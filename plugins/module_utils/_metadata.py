# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection remembers about a VM, kept in the VM's own `<metadata>`, in the collection's own namespace.

It travels with every migration, backup and `virsh dumpxml`; any control node can take over from any other.
Source: https://libvirt.org/formatdomain.html#general-metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from ._composite import Items, Table, Whole
from ._field_kinds import Switch, Text, Words
from ._fields import Edit, Element
from ._libs import etree

NAMESPACE = "urn:kvmops:datacenter:1"


def _q(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


class PutIn(Element):
    """An element that extra_xml put into the description: where, and as it was written."""

    tag = _q("part")
    xpath = Text("./@xpath")
    xml = Text(".")


class Move(Element):
    """A disk that is being moved from one volume to another ("pool/name"): until it is done, one of them is a copy."""

    tag = _q("move")
    source = Text("./@from")
    destination = Text("./@to")
    # Whether the volume that it comes from stays.
    keep = Switch("./@keep")


# The volumes that an installation is made from, by their words in the record.
INSTALLED_FROM = ("kernel", "initrd", "medium")


class Installation(Element):
    """An installation that has not ended: the volumes ("pool/name") that were made for it alone, what the installer's
    kernel is told, and whether it was begun.
    """

    kernel = Text("./@kernel")
    initrd = Text("./@initrd")
    medium = Text("./@medium")
    command_line = Text("./@command_line")
    begun = Switch("./@begun")


class Record(Element):
    """What is remembered: where the VM came from and where it belongs."""

    tag = _q("vm")
    template = Text(f"{_q('template')}/@name")
    template_version = Text(f"{_q('template')}/@version")
    fleet = Text(_q("fleet"))
    project = Text(_q("project"))
    owner = Text(_q("owner"))
    # Whatever else users want to remember, word by word.
    metadata = Table(_q("metadata"), tag=_q("entry"), key="name", value="value", form="(?s).+")
    tags = Words(_q("tags"), _q("tag"))
    # A fingerprint of the cloud-init seed: the seed is made anew when its content changes, and never otherwise.
    seed = Text(f"{_q('seed')}/@fingerprint")
    # What the VM's template said of cloud-init when the VM was made, as JSON, where the VM said nothing of it itself.
    cloud_init = Text(_q("cloud_init"))
    # That of the Ignition configuration, likewise.
    ignition = Text(f"{_q('ignition')}/@fingerprint")
    # How the VM is being installed.
    installation = Whole(_q("installation"), Installation, "")
    # What hooks put into the description, so that it can be taken out again.
    extra_xml = Items(_q("extra_xml"), PutIn, "", key=("xpath", "xml"))
    # Volumes ("pool/name") of a VM whose making was not finished: they were not there before it, and never were
    # attached to anything.
    unfinished = Words(_q("unfinished"), _q("volume"))
    # Volumes that are being made for new disks of a VM that is there: until one is attached, no guest has seen it.
    pending = Words(_q("pending"), _q("volume"))
    # Disks of a VM that is there that are on their way to other volumes.
    moving = Items(_q("moving"), Move, "", key=("source", "destination"))


def read_record(domain: Any) -> dict[str, Any]:
    """Return what a domain tree remembers; nothing for a VM that the collection never touched."""
    node = _node(domain)
    return {} if node is None else Record.read(node)


def record_differences(domain: Any, wanted: Mapping[str, Any]) -> list[Edit]:
    """Return in what a domain tree's record differs from what is wanted of it; nothing is touched."""
    node = _node(domain)
    return Record.differences(etree.Element(Record.tag) if node is None else node, wanted)


def edit_record(domain: Any, wanted: Mapping[str, Any]) -> list[Edit]:
    """Set the named parts of a domain tree's record, leave the others, and return what had to change."""
    node = _node(domain)
    if node is None:
        if not any(wanted.values()):
            return []
        metadata = domain.find("metadata")
        if metadata is None:
            metadata = etree.SubElement(domain, "metadata")
        node = etree.SubElement(metadata, Record.tag, nsmap={"kvmops": NAMESPACE})
    return Record.edit(node, wanted)


def _node(domain: Any) -> Any | None:
    return domain.find(f"metadata/{Record.tag}")


def record_xml(domain: Any) -> str | None:
    """Return the record as virDomainSetMetadata takes it, or None where nothing is remembered.

    That call puts every element without a namespace into the one it is told, and refuses XML that names it already.
    """
    node = _node(domain)
    if node is None or not len(node):
        return None
    copy = deepcopy(node)
    copy.tail = None
    for element in copy.iter(f"{{{NAMESPACE}}}*"):
        element.tag = etree.QName(element).localname
    etree.cleanup_namespaces(copy)
    return etree.tostring(copy, encoding="unicode")
