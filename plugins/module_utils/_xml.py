# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML as trees: parsing, writing, and places in them.

Trees are edited in place. What no place names is never touched, so XML written by anything else survives every edit.
"""

from __future__ import annotations

import re
from typing import Any

from ._libs import etree

_STEP = re.compile(r"(?P<tag>[^\[\]]+)(?:\[@(?P<key>\w+)='(?P<value>[^']*)'\])?")


def parse_xml(text: str | bytes) -> Any:
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


def insert_beside(parent: Any, node: Any) -> None:
    """Put an element behind the last of its tag, where a reader looks for it, or at the end."""
    alike = parent.findall(node.tag)
    if alike:
        alike[-1].addnext(node)
    else:
        parent.append(node)


def _step(written: str) -> tuple[str, str | None, str | None]:
    """Return a step as a tag and, for one of several, the attribute and the value that tell which."""
    step = _STEP.fullmatch(written)
    if step is None:
        raise ValueError(f"{written!r} is no step of a path")
    return step["tag"], step["key"], step["value"]


def _child(node: Any, tag: str, key: str | None, value: str | None) -> Any | None:
    for child in node.iterchildren(tag):
        if key is None or child.get(key) == value:
            return child
    return None


class Path:
    """A place below an element: `a/b/@c` an attribute, `a/b` an element's text, `a[@k='v']/@c` one of several; `.`
    the element itself, as in `./@c`.
    """

    def __init__(self, written: str) -> None:
        *steps, last = written.split("/")
        self.attribute = last[1:] if last.startswith("@") else None
        if self.attribute is None:
            steps.append(last)
        self.steps = [_step(step) for step in steps if step != "."]

    def find(self, node: Any) -> Any | None:
        """Return the element at (or holding) this place, or None."""
        for step in self.steps:
            node = _child(node, *step)
            if node is None:
                return None
        return node

    def make(self, node: Any) -> Any:
        """Return the element at (or holding) this place, made where it is missing."""
        for tag, key, value in self.steps:
            child = _child(node, tag, key, value)
            node = etree.SubElement(node, tag, {key: value} if key else {}) if child is None else child
        return node

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
