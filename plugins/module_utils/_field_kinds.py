# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of fields: words, secrets, numbers, sizes, switches, lists of words."""

from __future__ import annotations

import re
from typing import Any

from ._errors import Refused
from ._fields import Doc, Field
from ._libs import etree
from ._units import format_size, libvirt_bytes, parse_size
from ._words import HIDDEN, legible
from ._xml import without


class Text(Field):
    """Words, as they are; empty ones are none."""

    def parse(self, text: str, _node: Any) -> Any:
        """Return the words, or None where there are none, or only the one for saying nothing."""
        return None if text in ("", self.unset) else text

    def normal(self, value: Any) -> Any:
        """Refuse what XML cannot carry."""
        return None if value == self.unset else legible(self.name, value)


class Secret(Text):
    """Words that no plan, diff, result or log may show."""

    def option(self) -> dict[str, Any]:
        """Return the option, which Ansible keeps out of its logs."""
        return {**super().option(), "no_log": True}

    def show(self, value: Any) -> Any:
        """Return whether there is one."""
        return None if value is None else HIDDEN

    def fact(self, value: Any) -> Any:
        """Return nothing."""
        return None


class Matching(Text):
    """Words of a certain form."""

    def __init__(self, path: str, doc: Doc, form: str, example: str, **more: Any) -> None:
        super().__init__(path, doc, **more)
        self._form = form
        self.example = example

    @property
    def form(self) -> re.Pattern[str]:
        """Return the form, which is compiled (and kept by `re`) only for an option that is used."""
        return re.compile(self._form)

    def normal(self, value: Any) -> Any:
        """Refuse words of another form."""
        text = super().normal(value)
        if text is not None and not self.form.fullmatch(text):
            raise Refused(f"{self.name} '{text[:60]}' is not understood; write it like {self.example}.")
        return text


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

    def __init__(self, path: str, doc: Doc = "", *, least: int = 0, most: int = 2**31 - 1, **more: Any) -> None:
        super().__init__(path, doc, **more)
        self.least = least
        self.most = most

    def parse(self, text: str, _node: Any) -> Any:
        """Return the number."""
        return int(text, 0)

    def normal(self, value: Any) -> Any:
        """Refuse a number out of range."""
        if not self.least <= int(value) <= self.most:
            raise Refused(f"{self.name} {value} is out of range; choose {self.least} to {self.most}.")
        return int(value)

    def fact(self, value: Any) -> Any:
        """Return the number, or None where the option would refuse it."""
        return value if value is not None and self.least <= value <= self.most else None


class Count(Integer):
    """A whole number above zero; 0 is none."""

    def __init__(self, path: str, doc: Doc = "", *, least: int = 1, **more: Any) -> None:
        super().__init__(path, doc, least=least, **more)

    def parse(self, text: str, node: Any) -> Any:
        """Return the number, or None for 0."""
        return super().parse(text, node) or None

    def normal(self, value: Any) -> Any:
        """Return the number, or None for 0; refuse one out of range."""
        return None if int(value) == 0 else super().normal(value)


class Size(Field):
    """An amount of memory or storage: bytes inside, "4GiB" outside; written to XML in KiB with a unit beside it."""

    def __init__(self, path: str, doc: Doc = "", *, plain_unit: int, **more: Any) -> None:
        super().__init__(path, doc, **more)
        self.plain_unit = plain_unit

    def parse(self, text: str, node: Any) -> Any:
        """Return bytes, by the element's own unit (KiB where it has none), in whole KiB as libvirt rounds them."""
        place = self.path.find(node)
        size = libvirt_bytes(text, place.get("unit", "KiB") if place is not None else "KiB")
        return -(-size // 1024) * 1024

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

    def fact(self, value: Any) -> Any:
        """Return it as people write it; zero, which no option takes, is none."""
        return self.show(value) if value else None


class Bytes(Size):
    """An amount that XML gives in a unit of its own without naming it, such as bytes or KiB."""

    def __init__(self, path: str, doc: Doc = "", *, plain_unit: int, unit: int = 1, **more: Any) -> None:
        super().__init__(path, doc, plain_unit=plain_unit, **more)
        self.unit = unit

    def parse(self, text: str, _node: Any) -> Any:
        """Return bytes."""
        return int(text) * self.unit

    def write(self, node: Any, value: Any) -> None:
        """Write the number alone."""
        Field.write(self, node, value)

    def render(self, value: Any) -> str:
        """Return it in its unit, rounded up."""
        return str(-(-value // self.unit))

    def normal(self, value: Any) -> Any:
        """Return bytes, in whole units."""
        return -(-parse_size(value, self.name, self.plain_unit) // self.unit) * self.unit


class Switch(Field):
    """A truth that XML spells with two words, such as yes and no, or on and off."""

    kind = "bool"

    def __init__(self, path: str, doc: Doc = "", *, words: tuple[str, str] = ("yes", "no"), **more: Any) -> None:
        super().__init__(path, doc, **more)
        self.words = words

    def parse(self, text: str, _node: Any) -> Any:
        """Return whether it is the word for true; None where it is neither."""
        return {self.words[0]: True, self.words[1]: False}.get(text)

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

    def __init__(self, parent: str, tag: str, doc: Doc = "", **more: Any) -> None:
        super().__init__(parent, doc, **more)
        self.tag = tag

    def option(self) -> dict[str, Any]:
        """Return a list of strings."""
        return {"type": "list", "elements": "str"}

    def read(self, node: Any) -> Any:
        """Return the texts, sorted, or None where there is no list."""
        place = self.path.find(node)
        return None if place is None else sorted(child.text or "" for child in place.iterchildren(self.tag)) or None

    def write(self, node: Any, value: Any) -> None:
        """Replace the texts."""
        place = self.path.make(node) if value else self.path.find(node)
        if place is None:
            return
        for child in list(place.iterchildren(self.tag)):
            without(child)
        for word in value or ():
            etree.SubElement(place, self.tag).text = word
        if not len(place) and place is not node:
            without(place)

    def normal(self, value: Any) -> Any:
        """Return the texts sorted, each once; an empty list means none."""
        return sorted({legible(self.name, word) for word in value}) or None
