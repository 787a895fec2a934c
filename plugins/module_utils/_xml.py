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


def insert_beside(parent: Any, node: Any) -> None:
    """Put an element behind the last of its tag, where a reader looks for it, or at the end."""
    alike = parent.findall(node.tag)
    if alike:
        alike[-1].addnext(node)
    else:
        parent.append(node)


def _step(written: str) -> re.Match[str]:
    step = _STEP.fullmatch(written)
    if step is None:
        raise ValueError(f"{written!r} is no step of a path")
    return step


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
