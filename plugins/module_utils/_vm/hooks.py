# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks: what no option describes, put into the description of a VM as the last step before libvirt sees it.

Parts of XML at places that XPath names, and a stylesheet (XSLT) over the whole. The parts that were put in are
remembered in the VM's record, so that one that is no longer listed is taken out again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from .._errors import Refused
from .._fields import Edit
from .._libs import etree
from .._metadata import Record, edit_record, read_record
from .._tree_difference import differences, elements, meaning
from .._values import dataclass
from .._words import legible
from .._xml import insert_beside, parse_xml, without
from .live import NEXT_START

_PREFIXES = {"qemu": "http://libvirt.org/schemas/domain/qemu/1.0"}
_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
# What tells one VM from another, and what is remembered of it, is no matter of hooks.
_KEPT = ("name", "uuid", "metadata")
# The field of the record that keeps what was put in.
PUT_IN = "extra_xml"

EXTRA_XML: dict[str, Any] = {
    "description": [
        (
            "Parts of the description of the VM (libvirt's domain XML) for which there is no option; put in after "
            "everything else, and before O(xml_transform)."
        ),
        (
            "A part that is there is left alone - an element counts as there if one of its name has all attributes, "
            "words and elements that are listed. Elements that an earlier run put in, and that are no longer listed, "
            "are taken out. An attribute stays as it is when its entry goes."
        ),
        (
            "libvirt drops what it does not know and rewrites some of the rest; an element that it did not keep as it "
            "is written is refused by the next run."
        ),
        (
            "A running VM takes all of it over at its next boot. Plans, diffs and the VM's metadata show it, so it is "
            "no place for secrets."
        ),
    ],
    "type": "list",
    "elements": "dict",
    "options": {
        "xpath": {
            "description": [
                (
                    "The elements that are meant, such as V(/domain/devices). It must find at least one, unless "
                    "something is to be taken away; what libvirt adds by itself is there once the VM is defined."
                ),
                "The prefix C(qemu) is that of libvirt's own extensions for QEMU.",
            ],
            "type": "str",
            "required": True,
        },
        "attribute": {"description": "Attribute of these elements to set.", "type": "str"},
        "value": {"description": "Value of O(extra_xml[].attribute).", "type": "str"},
        "xml": {
            "description": "One element to put into each of these elements, instead of an attribute.",
            "type": "str",
        },
        "state": {
            "description": "Whether it is to be there, or to be taken away, whoever put it there.",
            "type": "str",
            "choices": ["present", "absent"],
            "default": "present",
        },
    },
}

XML_TRANSFORM: dict[str, Any] = {
    "description": [
        (
            "Stylesheet (XSLT 1.0) that the description of the VM (libvirt's domain XML) is sent through before "
            "libvirt sees it, as the last of all. It must keep name, UUID and what is remembered of the VM, and must "
            "change nothing when it is used a second time; it can read no files and nothing of the network."
        ),
        "What it changed stays when this is left out. A running VM takes it over at its next boot.",
    ],
    "type": "str",
}


@dataclass(frozen=True)
class Part:
    """One entry of extra_xml: an attribute (and its value), or an element."""

    xpath: str
    attribute: str = ""
    value: str | None = None
    xml: str = ""
    present: bool = True

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Part:
        """Return an entry; Refused where it does not say one thing, or what it says is no XML."""
        said = {key: legible("extra_xml", value) for key, value in params.items() if value is not None}
        part = cls(
            said["xpath"],
            said.get("attribute", ""),
            said.get("value"),
            said.get("xml", "").strip(),
            said.get("state", "present") == "present",
        )
        part.check()
        return part

    def check(self) -> None:
        """Refuse an entry that does not say one thing, or what is no XML."""
        at = f"extra_xml at {self.xpath}"
        if bool(self.attribute) == bool(self.xml):
            raise Refused(f"{at} must have an 'attribute' or 'xml', and not both.")
        if self.xml:
            fragment(self.xml)
        elif self.present and self.value is None:
            raise Refused(f"{at} has no 'value' for attribute {self.attribute}; say it.")
        elif not re.fullmatch(r"[A-Za-z_][\w.-]*", self.attribute):
            raise Refused(f"{at} has an attribute '{self.attribute[:60]}', which is no name of one; correct it.")

    def places(self, domain: Any) -> list[Any]:
        """Return the elements of a domain tree that are meant; Refused where that cannot be."""
        at = f"VM '{domain.findtext('name')}': extra_xml at {self.xpath}"
        try:
            found = etree.XPath(self.xpath, namespaces=_PREFIXES)(domain)
        except etree.XPathError as error:
            raise Refused(f"{at} is no XPath ({error}); correct it.") from error
        if not isinstance(found, list) or not all(isinstance(getattr(node, "tag", None), str) for node in found):
            raise Refused(f"{at} does not find elements; name elements, and what is to be in them by the other words.")
        if any(_is_kept(node) or self._makes_kept(node) for node in found):
            raise Refused(f"{at} would change name, UUID or metadata of the VM, which are not for hooks; correct it.")
        if not found and self.present:
            raise Refused(f"{at} finds nothing in this VM; correct it, or leave it out.")
        return found

    def _makes_kept(self, node: Any) -> bool:
        return bool(self.xml) and node.getparent() is None and fragment(self.xml).tag in _KEPT

    def put(self, domain: Any) -> bool:
        """Bring a domain tree to what this says, and return whether an element was put in."""
        places = self.places(domain)
        if not self.xml:
            for place in places:
                self._set(place)
            return False
        if not self.present:
            for place in places:
                _take_out(place, self.xml, every=True)
            return False
        put = [_put_in(place, self.xml) for place in places]
        return any(put)

    def _set(self, place: Any) -> None:
        if self.present:
            place.set(self.attribute, self.value)
        elif self.value in (None, place.get(self.attribute)):
            place.attrib.pop(self.attribute, None)


def _is_kept(node: Any) -> bool:
    """Return whether an element is, or is in, one of those that hooks cannot change."""
    line = [node, *node.iterancestors()]
    return len(line) > 1 and line[-2].tag in _KEPT


def fragment(text: str) -> Any:
    """Return the one element that a text is; Refused where it is none."""
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _PREFIXES.items())
    try:
        outer = parse_xml(f"<outer {spaces}>{text}</outer>")
    except etree.XMLSyntaxError as error:
        raise Refused(f"extra_xml has XML that cannot be read ({error.msg}); correct '{text[:60]}'.") from error
    inner = elements(outer)
    if len(inner) != 1 or (outer.text or "").strip() or (inner[0].tail or "").strip():
        raise Refused(f"extra_xml must have one element an entry, which '{text[:60]}' is not; correct it.")
    return inner[0]


def contains(node: Any, part: Any) -> bool:
    """Return whether an element has all attributes, words and elements that a part has."""
    words = (part.text or "").strip()
    if node.tag != part.tag or (words and words != (node.text or "").strip()):
        return False
    if any(node.get(key) != value for key, value in part.attrib.items()):
        return False
    return _contains_all(elements(node), elements(part))


def _contains_all(nodes: Sequence[Any], parts: Sequence[Any]) -> bool:
    """Return whether every part is in an element of its own."""
    if not parts:
        return True
    fitting = (node for node in nodes if contains(node, parts[0]))
    return any(_contains_all([other for other in nodes if other is not node], parts[1:]) for node in fitting)


def _holding(place: Any, xml: str) -> list[Any]:
    part = fragment(xml)
    return [child for child in elements(place) if contains(child, part)]


def _put_in(place: Any, xml: str) -> bool:
    if _holding(place, xml):
        return False
    part = fragment(xml)
    part.tail = None
    insert_beside(place, part)
    return True


def _take_out(place: Any, xml: str, every: bool) -> None:
    """Take the last element that holds a part out of a place, or every one."""
    for child in _holding(place, xml)[0 if every else -1 :]:
        without(child)


@dataclass(frozen=True)
class Hooks:
    """What is wanted of a description beside the options: parts of it (None where nothing is said), a stylesheet."""

    parts: Sequence[Part] | None = None
    transform: str = ""

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Hooks | None:
        """Return what the options say, None where they say nothing; Refused where it cannot be."""
        parts, transform = params.get("extra_xml"), params.get("xml_transform") or ""
        if transform:
            stylesheet(transform)
        wanted = None if parts is None else tuple(Part.from_params(part) for part in parts)
        return cls(wanted, transform) if transform or wanted is not None else None

    def edit(self, domain: Any) -> list[Edit]:
        """Bring a domain tree to what is wanted, and return what had to change."""
        before = deepcopy(domain)
        edits = self._put_parts(domain) if self.parts is not None else []
        if self.transform:
            _become(domain, transformed(domain, self.transform))
        found = differences(_without_record(before), _without_record(deepcopy(domain)))
        return [*edits, *(Edit(item.path, item.before, item.after, of=NEXT_START) for item in found)]

    def check(self, domain: Any) -> None:
        """Refuse what an earlier run put into a domain that libvirt did not keep, or wrote otherwise: it would be put
        in again and again.
        """
        for xpath, xml in self._known(domain)[0]:
            places = Part(xpath, xml=xml, present=False).places(domain)
            if places and not any(_holding(place, xml) for place in places):
                raise Refused(
                    f"VM '{domain.findtext('name')}': extra_xml at {xpath} was put in by an earlier run and is not "
                    f"there as it is written; write it as libvirt does (virsh dumpxml), or run once without it: "
                    f"{xml[:60]}"
                )

    def _known(self, domain: Any) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return what earlier runs put in: what of it is still listed, and what no longer is."""
        listed = {(part.xpath, part.xml) for part in self.parts or () if part.xml and part.present}
        known = [(entry["xpath"], entry["xml"]) for entry in read_record(domain).get(PUT_IN) or ()]
        return [entry for entry in known if entry in listed], [entry for entry in known if entry not in listed]

    def _put_parts(self, domain: Any) -> list[Edit]:
        """Put in what is listed, take out what no longer is, and remember the one and forget the other."""
        kept, dropped = self._known(domain)
        edits = [edit for entry in dropped for edit in _drop(domain, *entry)]
        put = [(part.xpath, part.xml) for part in self.parts or () if part.put(domain)]
        remembered = [{"xpath": xpath, "xml": xml} for xpath, xml in dict.fromkeys([*kept, *put])]
        edit_record(domain, {PUT_IN: remembered or None})
        return edits


def _drop(domain: Any, xpath: str, xml: str) -> list[Edit]:
    """Take out what is no longer listed; where it is not there any more, tell that it is forgotten."""
    places = Part(xpath, xml=xml, present=False).places(domain)
    there = any(_holding(place, xml) for place in places)
    for place in places:
        _take_out(place, xml, every=False)
    return [] if there else [Edit(f"extra_xml at {xpath}", xml, None, verb="forget")]


def stylesheet(text: str) -> Any:
    """Return a stylesheet that reaches neither files nor the network; Refused where it is none."""
    try:
        tree = parse_xml(_DECLARATION.sub("", text, count=1).strip())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(f"xml_transform cannot be read ({error}); correct it.") from error
    if any(node.tag in (f"{_XSL}import", f"{_XSL}include") for node in tree.iter("*")):
        raise Refused("xml_transform reads other stylesheets; write all of it into one.")
    try:
        return etree.XSLT(tree, access_control=etree.XSLTAccessControl.DENY_ALL)
    except etree.XSLTParseError as error:
        raise Refused(f"xml_transform is no stylesheet ({error}); correct it.") from error


def transformed(domain: Any, text: str) -> Any:
    """Return a domain tree as a stylesheet makes it; Refused where that is another VM, or never comes to rest."""
    vm = domain.findtext("name")
    once = _applied(vm, domain, text)
    if [meaning(node) for node in _identity(once)] != [meaning(node) for node in _identity(domain)]:
        raise Refused(
            f"VM '{vm}': xml_transform does not keep the name, the UUID, or what is remembered in the metadata; copy "
            "them as they are."
        )
    if meaning(_applied(vm, once, text)) != meaning(once):
        raise Refused(
            f"VM '{vm}': xml_transform changes its own result when it is used again, so every run would change the VM; "
            "let it leave alone what is done."
        )
    return once


def _applied(vm: str, domain: Any, text: str) -> Any:
    try:
        result = stylesheet(text)(deepcopy(domain)).getroot()
    except etree.XSLTApplyError as error:
        raise Refused(f"VM '{vm}': xml_transform stopped ({error}); correct it.") from error
    if result is None or result.tag != domain.tag:
        raise Refused(f"VM '{vm}': xml_transform makes no domain of a domain; let it copy what it does not change.")
    return result


def _identity(domain: Any) -> list[Any]:
    return [node for path in ("name", "uuid", f"metadata/{Record.tag}") for node in domain.iterfind(path)]


def _without_record(domain: Any) -> Any:
    """Return a tree without the collection's record, in a metadata element that is there in any case."""
    for node in domain.findall(f"metadata/{Record.tag}"):
        without(node)
    metadata = domain.find("metadata")
    if metadata is not None and not len(metadata):
        without(metadata)
    return domain


def _become(domain: Any, other: Any) -> None:
    """Make one tree as another is, in place."""
    for child in list(domain):
        domain.remove(child)
    domain.attrib.clear()
    domain.attrib.update(other.attrib)
    domain.text = other.text
    domain.extend(list(other))
