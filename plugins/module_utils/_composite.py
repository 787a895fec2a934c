# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields made of fields: an element inside another, a list of elements, a mapping kept in elements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ._errors import Refused
from ._fields import Doc, Edit, Element, Field, paragraphs
from ._libs import etree
from ._words import legible
from ._xml import without

# The word by which one entry of a mapping is removed.
ABSENT = "absent"


def _same(element: type[Element], current: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(element.fields[name].matches(current.get(name), value) for name, value in wanted.items())


class Group(Field):
    """A dictionary of options: an element inside the element, of which only the named fields are managed."""

    kind = "dict"

    def __init__(self, path: str, element: type[Element], doc: Doc, **more: Any) -> None:
        super().__init__(path, doc, **more)
        self.element = element

    def option(self) -> dict[str, Any]:
        """Return a dictionary with the element's options."""
        return {"type": "dict", "options": self.element.options()}

    def documentation(self) -> dict[str, Any]:
        """Return a dictionary with the element's documentation."""
        return {"description": paragraphs(self.doc), "type": "dict", "suboptions": self.element.documentation()}

    def read(self, node: Any) -> Any:
        """Return what the inner element says, or None where it says nothing."""
        place = self.path.find(node)
        return None if place is None else self.element.read(place) or None

    def write(self, node: Any, value: Any) -> None:
        """Write the named fields; an element that is left empty goes."""
        if not value:
            return
        place = self.path.make(node)
        self.element.edit(place, value)
        if place is not node and not len(place) and not place.attrib and not (place.text or "").strip():
            without(place)

    def normal(self, value: Any) -> Any:
        """Return the named fields as they are compared."""
        try:
            return self.element.normal(value)
        except Refused as error:
            raise Refused(f"{self.name}.{error}") from error

    def matches(self, current: Any, wanted: Any) -> bool:
        """Return whether all that is named is as wanted."""
        return _same(self.element, current or {}, wanted or {})

    def edits(self, current: Any, wanted: Any) -> list[Edit]:
        """Return what has to change, each by its dotted name."""
        named = ((self.element.fields[name], value) for name, value in (wanted or {}).items())
        found = (edit for field, value in named for edit in field.edits((current or {}).get(field.name), value))
        return [replace(edit, field=f"{self.name}.{edit.field}") for edit in found]

    def show(self, value: Any) -> Any:
        """Return the inner values as plans show them."""
        return None if value is None else self.element.show(value)

    def fact(self, value: Any) -> Any:
        """Return the inner values in the words of the options."""
        facts = ((name, self.element.fields[name].fact(inner)) for name, inner in (value or {}).items())
        return {name: fact for name, fact in facts if fact is not None} or None


class Whole(Group):
    """A group that is managed as one: what is not named is not there, and None is no element at all."""

    def write(self, node: Any, value: Any) -> None:
        """Write the fields in place of those that were there."""
        place = self.path.find(node)
        if place is not None:
            without(place)
        super().write(node, value)

    def matches(self, current: Any, wanted: Any) -> bool:
        """Return whether all is as wanted, and nothing besides."""
        return (current or {}) == (wanted or {})

    def edits(self, current: Any, wanted: Any) -> list[Edit]:
        """Return what has to change: nothing, or the whole."""
        return Field.edits(self, current, wanted)


class Items(Field):
    """A list of dictionaries: the children of one tag, all of them; each is recognised by its `key` fields."""

    kind = "list"

    def __init__(self, parent: str, element: type[Element], doc: Doc, *, key: Sequence[str], **more: Any) -> None:
        super().__init__(parent, doc, **more)
        self.element = element
        self.key = tuple(key)

    def option(self) -> dict[str, Any]:
        """Return a list of dictionaries."""
        return {"type": "list", "elements": "dict", "options": self.element.options()}

    def documentation(self) -> dict[str, Any]:
        """Return a list of dictionaries with the element's documentation."""
        return {
            "description": paragraphs(self.doc),
            "type": "list",
            "elements": "dict",
            "suboptions": self.element.documentation(),
        }

    def _children(self, node: Any) -> list[Any]:
        place = self.path.find(node)
        return [] if place is None else list(place.iterchildren(self.element.tag))

    def _key(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(values.get(name) for name in self.key)

    def read(self, node: Any) -> Any:
        """Return the entries in the order of the document, or None where there are none."""
        return [self.element.read(child) for child in self._children(node)] or None

    def write(self, node: Any, value: Any) -> None:
        """Edit the entries that are there, add the new ones, remove the others."""
        there = {self._key(self.element.read(child)): child for child in self._children(node)}
        for entry in value or ():
            child = there.pop(self._key(entry), None)
            if child is None:
                child = etree.SubElement(self.path.make(node), self.element.tag)
            self.element.edit(child, entry)
        for child in there.values():
            without(child)
        place = self.path.find(node)
        if place is not None and place is not node and not len(place) and not place.attrib:
            without(place)

    def normal(self, value: Any) -> Any:
        """Return the entries as they are compared; Refused where one is given twice. An empty list means none."""
        try:
            entries = [self.element.normal(entry) for entry in value]
        except Refused as error:
            raise Refused(f"{self.name}: {error}") from error
        keys = [self._key(entry) for entry in entries]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise Refused(f"{self.name} has two entries for {', '.join(map(str, twice))}; give one.")
        return entries or None

    def matches(self, current: Any, wanted: Any) -> bool:
        """Return whether the same entries are there, each with what is named of it."""
        there = {self._key(entry): entry for entry in current or ()}
        named = {self._key(entry): entry for entry in wanted or ()}
        return there.keys() == named.keys() and all(
            _same(self.element, there[key], entry) for key, entry in named.items()
        )

    def show(self, value: Any) -> Any:
        """Return the entries as plans show them."""
        return None if value is None else [self.element.show(entry) for entry in value]

    def fact(self, value: Any) -> Any:
        """Return the entries in the words of the options."""
        fields = self.element.fields
        facts = [{name: fields[name].fact(inner) for name, inner in entry.items()} for entry in value or ()]
        return [{name: fact for name, fact in entry.items() if fact is not None} for entry in facts] or None


class Table(Field):
    """A mapping of words to words, each in an element of its own; an entry that is not named is left alone.

    `<feature policy='require' name='aes'/>` is `{aes: require}`.
    """

    kind = "dict"

    def __init__(
        self, parent: str, doc: Doc = "", *, tag: str, key: str, value: str, form: str = ".+", **more: Any
    ) -> None:
        super().__init__(parent, doc, **more)
        self.tag, self.key, self.value = tag, key, value
        self._form = form

    @property
    def form(self) -> re.Pattern[str]:
        """Return the form of the words, which is compiled only for an option that is used."""
        return re.compile(self._form)

    def option(self) -> dict[str, Any]:
        """Return a dictionary of any words."""
        return {"type": "dict"}

    def _children(self, node: Any) -> dict[str, Any]:
        place = self.path.find(node)
        children = [] if place is None else place.iterchildren(self.tag)
        return {child.get(self.key): child for child in children}

    def read(self, node: Any) -> Any:
        """Return the mapping, or None where there is nothing."""
        return {key: child.get(self.value, "") for key, child in self._children(node).items() if key} or None

    def write(self, node: Any, value: Any) -> None:
        """Write the named entries; `absent` removes one."""
        there = self._children(node)
        for key, word in (value or {}).items():
            child = there.get(key)
            if word == ABSENT:
                if child is not None:
                    without(child)
            elif child is None:
                etree.SubElement(self.path.make(node), self.tag, {self.key: key, self.value: word})
            else:
                child.set(self.value, word)
        place = self.path.find(node)
        if place is not None and place is not node and not len(place) and not place.attrib:
            without(place)

    def normal(self, value: Any) -> Any:
        """Return words; Refused where one cannot be."""
        words = {legible(self.name, key): legible(self.name, word) for key, word in value.items()}
        for key, word in words.items():
            allowed = word == ABSENT or (word in self.choices if self.choices else self.form.fullmatch(word))
            if not key or not allowed:
                hint = ", ".join([*self.choices, ABSENT]) if self.choices else f"'{ABSENT}' to remove it"
                raise Refused(f"{self.name} has '{word[:60]}' for '{key[:60]}', which cannot be; choose {hint}.")
        return words

    def matches(self, current: Any, wanted: Any) -> bool:
        """Return whether all that is named is as wanted."""
        there = current or {}
        return all(there.get(key, ABSENT) == word for key, word in (wanted or {}).items())

    def edits(self, current: Any, wanted: Any) -> list[Edit]:
        """Return one edit that shows the entries that change."""
        there = current or {}
        changed = {key: word for key, word in (wanted or {}).items() if there.get(key, ABSENT) != word}
        before = {key: there.get(key, ABSENT) for key in changed}
        return [Edit(self.name, before, changed, self, changed)] if changed else []

    def fact(self, value: Any) -> Any:
        """Return the entries that the option could say."""
        return {key: word for key, word in (value or {}).items() if not self.choices or word in self.choices} or None


class Order(Field):
    """A list of words kept in the order of elements: `<boot dev='network'/><boot dev='hd'/>`."""

    kind = "list"

    def __init__(self, parent: str, doc: Doc, *, tag: str, key: str, **more: Any) -> None:
        super().__init__(parent, doc, **more)
        self.tag, self.key = tag, key

    def option(self) -> dict[str, Any]:
        """Return a list of words."""
        spec: dict[str, Any] = {"type": "list", "elements": "str"}
        return {**spec, "choices": list(self.choices)} if self.choices else spec

    def read(self, node: Any) -> Any:
        """Return the words in their order, or None where there are none."""
        place = self.path.find(node)
        return None if place is None else [child.get(self.key, "") for child in place.iterchildren(self.tag)] or None

    def write(self, node: Any, value: Any) -> None:
        """Replace the elements."""
        place = self.path.make(node) if value else self.path.find(node)
        if place is None:
            return
        for child in list(place.iterchildren(self.tag)):
            without(child)
        for word in value or ():
            etree.SubElement(place, self.tag, {self.key: word})

    def normal(self, value: Any) -> Any:
        """Return the words, each once; an empty list means none."""
        return [legible(self.name, word) for word in dict.fromkeys(value)] or None

    def fact(self, value: Any) -> Any:
        """Return the words, or None where the option has none for one of them."""
        return value if value and (not self.choices or set(value) <= set(self.choices)) else None
