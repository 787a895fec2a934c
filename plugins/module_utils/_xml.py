# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields tied to places in XML: declared once, and read, written, compared and offered as options from that
declaration.

Trees are edited in place. What no field names is never touched, so XML written by anything else survives every edit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from ._errors import Refused
from ._libs import etree
from ._units import format_size, libvirt_bytes, parse_size

_STEP = re.compile(r"(?P<tag>[^\[\]]+)(?:\[@(?P<key>\w+)='(?P<value>[^']*)'\])?")
# Everything that XML 1.0 cannot carry: lxml would answer with a ValueError that no user can read.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse_xml(text: str) -> Any:
    """Return the root of an XML text; entities and the network are never followed."""
    return etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True))


def to_xml(node: Any) -> str:
    """Return a tree as the text that libvirt is given."""
    return etree.tostring(node, encoding="unicode", pretty_print=True)


def without(node: Any) -> None:
    """Take an element out of its parent, keeping the text that follows it."""
    parent = node.getparent()
    previous = node.getprevious()
    if node.tail and node.tail.strip():
        holder, attribute = (previous, "tail") if previous is not None else (parent, "text")
        setattr(holder, attribute, (getattr(holder, attribute) or "") + node.tail)
    parent.remove(node)


def _step(written: str) -> re.Match[str]:
    step = _STEP.fullmatch(written)
    if step is None:
        raise ValueError(f"{written!r} is no step of a path")
    return step


class Path:
    """A place below an element: `a/b/@c` an attribute, `a/b` an element's text, `a[@k='v']/@c` one of several; `.`
    itself.
    """

    def __init__(self, written: str) -> None:
        *steps, last = written.split("/")
        self.attribute = last[1:] if last.startswith("@") else None
        if self.attribute is None and last != ".":
            steps.append(last)
        self.steps = [_step(step) for step in steps]

    def find(self, node: Any) -> Any | None:
        """Return the element at (or holding) this place, or None."""
        for step in self.steps:
            if node is None:
                return None
            node = self._child(node, step)
        return node

    def make(self, node: Any) -> Any:
        """Return the element at (or holding) this place, made where it is missing."""
        for step in self.steps:
            child = self._child(node, step)
            if child is None:
                child = etree.SubElement(node, step["tag"], {step["key"]: step["value"]} if step["key"] else {})
            node = child
        return node

    @staticmethod
    def _child(node: Any, step: re.Match[str]) -> Any | None:
        children = node.iterchildren(step["tag"])
        return next((child for child in children if not step["key"] or child.get(step["key"]) == step["value"]), None)

    def get(self, node: Any) -> str | None:
        """Return the text at this place, or None."""
        place = self.find(node)
        if place is None:
            return None
        return place.get(self.attribute) if self.attribute else (place.text or "")

    def set(self, node: Any, text: str) -> None:
        """Write the text at this place, making what is missing."""
        place = self.make(node)
        if self.attribute:
            place.set(self.attribute, text)
        else:
            place.text = text

    def clear(self, node: Any) -> None:
        """Remove what stands at this place, and elements that are left with nothing in them."""
        place = self.find(node)
        if place is None:
            return
        if self.attribute:
            place.attrib.pop(self.attribute, None)
        else:
            place.text = None
        while place is not node and not len(place) and not place.attrib and not (place.text or "").strip():
            parent = place.getparent()
            without(place)
            place = parent


class Field:
    """One option and its one place in XML. Subclasses say how the text there is read and written."""

    kind: ClassVar[str] = "str"
    name: str

    def __init__(self, path: str, choices: Sequence[str] = (), required: bool = False) -> None:
        self.path = Path(path)
        self.choices = tuple(choices)
        self.required = required

    def __set_name__(self, _owner: type, name: str) -> None:
        self.name = name

    def option(self) -> dict[str, Any]:
        """Return this field's entry of an Ansible argument spec."""
        spec: dict[str, Any] = {"type": self.kind}
        if self.choices:
            spec["choices"] = list(self.choices)
        if self.required:
            spec["required"] = True
        return spec

    def read(self, node: Any) -> Any:
        """Return the value below `node`, or None where nothing is said."""
        text = self.path.get(node)
        return None if text is None else self.parse(text, node)

    def write(self, node: Any, value: Any) -> None:
        """Write the value below `node`; None removes it."""
        if value is None:
            self.path.clear(node)
        else:
            self.path.set(node, self.render(value))

    def parse(self, text: str, _node: Any) -> Any:
        """Return the value that a text in XML means."""
        return text

    def render(self, value: Any) -> str:
        """Return the text that a value is in XML."""
        return str(value)

    def normal(self, value: Any) -> Any:
        """Return a user's value as this field compares it; Refused where it cannot be one."""
        return value

    def show(self, value: Any) -> Any:
        """Return a value as plans, diffs and facts show it."""
        return value


def legible(option: str, value: Any) -> str:
    """Return a user's words as text; Refused where they hold what XML cannot carry."""
    bad = _NOT_XML.search(str(value))
    if bad:
        raise Refused(f"{option} contains the character U+{ord(bad.group()):04X}, which XML cannot carry; remove it.")
    return str(value)


class Text(Field):
    """Words, as they are; empty ones are none."""

    def parse(self, text: str, _node: Any) -> Any:
        """Return the words, or None where there are none."""
        return text or None

    def normal(self, value: Any) -> Any:
        """Refuse what XML cannot carry."""
        return legible(self.name, value) or None


class Mac(Text):
    """A MAC address, compared in lower case."""

    _FORM = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}")

    def parse(self, text: str, _node: Any) -> Any:
        """Return it in lower case."""
        return text.lower()

    def normal(self, value: Any) -> Any:
        """Return it in lower case; refuse what is not the unicast address of a network card."""
        text = str(value).lower().replace("-", ":")
        if text.isdigit():
            # YAML 1.1 reads digits between colons as a number to the base 60.
            raise Refused(f"{self.name} {value} was read as a number; write the MAC address in quotes.")
        if not self._FORM.fullmatch(text):
            raise Refused(f"{self.name} '{value}' is not a MAC address; write it like 52:54:00:12:34:56.")
        if int(text[:2], 16) & 1:
            raise Refused(
                f"{self.name} '{value}' is a multicast address; the first byte must be even, as in 52:54:00:12:34:56."
            )
        return text


class Integer(Field):
    """A whole number."""

    kind = "int"

    def __init__(self, path: str, least: int = 0, most: int = 2**31 - 1, required: bool = False) -> None:
        super().__init__(path, required=required)
        self.least = least
        self.most = most

    def parse(self, text: str, _node: Any) -> Any:
        """Return the number."""
        return int(text)

    def normal(self, value: Any) -> Any:
        """Refuse a number out of range."""
        if not self.least <= int(value) <= self.most:
            raise Refused(f"{self.name} {value} is out of range; choose {self.least} to {self.most}.")
        return int(value)


class Size(Field):
    """An amount of memory or storage: bytes inside, "4GiB" outside; written to XML in KiB."""

    def __init__(self, path: str, plain_unit: int, required: bool = False) -> None:
        super().__init__(path, required=required)
        self.plain_unit = plain_unit

    def parse(self, text: str, node: Any) -> Any:
        """Return bytes, by the element's own unit (KiB where it has none)."""
        place = self.path.find(node)
        return libvirt_bytes(text, place.get("unit", "KiB") if place is not None else "KiB")

    def write(self, node: Any, value: Any) -> None:
        """Write it in KiB, rounded up as libvirt does."""
        super().write(node, value)
        place = self.path.find(node)
        if value is not None and place is not None:
            place.set("unit", "KiB")

    def render(self, value: Any) -> str:
        """Return KiB."""
        return str(-(-value // 1024))

    def normal(self, value: Any) -> Any:
        """Return bytes, in whole KiB."""
        return -(-parse_size(value, self.name, self.plain_unit) // 1024) * 1024

    def show(self, value: Any) -> Any:
        """Return it as people write it."""
        return None if value is None else format_size(value)


class Switch(Field):
    """A truth that XML spells with two words, such as yes and no, or on and off."""

    kind = "bool"

    def __init__(self, path: str, words: tuple[str, str] = ("yes", "no")) -> None:
        super().__init__(path)
        self.words = words

    def parse(self, text: str, _node: Any) -> Any:
        """Return whether it is the word for true."""
        return text == self.words[0]

    def render(self, value: Any) -> str:
        """Return the word."""
        return self.words[0] if value else self.words[1]


class Presence(Field):
    """A truth that XML says by an empty element being there."""

    kind = "bool"

    def read(self, node: Any) -> Any:
        """Return whether the element is there."""
        return self.path.find(node) is not None

    def write(self, node: Any, value: Any) -> None:
        """Make or remove the element."""
        place = self.path.make(node) if value else self.path.find(node)
        if not value and place is not None:
            without(place)


class Words(Field):
    """Several texts, each in an element of its own: `tags/tag`; order does not matter."""

    kind = "list"

    def __init__(self, parent: str, tag: str) -> None:
        super().__init__(parent)
        self.tag = tag

    def option(self) -> dict[str, Any]:
        """Return a list of strings."""
        return {"type": "list", "elements": "str"}

    def read(self, node: Any) -> Any:
        """Return the texts, sorted, or None where there is no list."""
        place = self.path.find(node)
        return None if place is None else sorted(child.text or "" for child in place.iterchildren(self.tag))

    def write(self, node: Any, value: Any) -> None:
        """Replace the texts."""
        place = self.path.make(node) if value else self.path.find(node)
        if place is None:
            return
        for child in list(place.iterchildren(self.tag)):
            without(child)
        for word in value or ():
            etree.SubElement(place, self.tag).text = word
        if not len(place):
            without(place)

    def normal(self, value: Any) -> Any:
        """Return the texts sorted, each once; an empty list means none."""
        return sorted({legible(self.name, word) for word in value}) or None


class Edit(NamedTuple):
    """One field that was set to another value; before and after as they are shown."""

    field: str
    before: Any
    after: Any


class Element:
    """An XML element described by its fields; a subclass is a list of fields and a tag."""

    tag: ClassVar[str] = ""
    fields: ClassVar[Mapping[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.fields = {**cls.fields, **{name: value for name, value in vars(cls).items() if isinstance(value, Field)}}

    @classmethod
    def options(cls) -> dict[str, Any]:
        """Return the fields as the options of an Ansible argument spec."""
        return {name: field.option() for name, field in cls.fields.items()}

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the named values of this element's fields as they are compared; what is None was not named."""
        named = ((name, wanted.get(name)) for name in cls.fields)
        return {name: cls.fields[name].normal(value) for name, value in named if value is not None}

    @classmethod
    def read(cls, node: Any) -> dict[str, Any]:
        """Return what the element says, without what it does not say."""
        values = ((name, field.read(node)) for name, field in cls.fields.items())
        return {name: value for name, value in values if value is not None}

    @classmethod
    def show(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return read values in the words of the options."""
        return {name: cls.fields[name].show(value) for name, value in values.items()}

    @classmethod
    def edit(cls, node: Any, wanted: Mapping[str, Any]) -> list[Edit]:
        """Bring the named fields of `node` to their normal values, and return what had to change."""
        edits = []
        for name, value in wanted.items():
            field = cls.fields[name]
            before = field.read(node)
            if before != value:
                field.write(node, value)
                edits.append(Edit(name, field.show(before), field.show(value)))
        return edits

    @classmethod
    def build(cls, wanted: Mapping[str, Any]) -> Any:
        """Return a new element with the given normal values."""
        node = etree.Element(cls.tag)
        cls.edit(node, wanted)
        return node
