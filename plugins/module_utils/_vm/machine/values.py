# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of fields that machines have and devices have not: sets of CPUs, amounts, features that are on or off."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ..._composite import ABSENT, Table
from ..._errors import Refused
from ..._field_kinds import Matching, Presence, Size, Switch, Text
from ..._fields import Doc
from ..._xml import Path, without

# The highest CPU or node that libvirt knows (VIR_DOMAIN_CPUMASK_LEN).
_MOST = 16383
_RANGE = re.compile(r"(\^?)(\d+)(?:-(\d+))?")


def members(text: str) -> set[int]:
    """Return the numbers of a set in libvirt's words: "0-3,^2,8"; ValueError where it is none.

    Source: https://libvirt.org/formatdomain.html#cpu-allocation (cpuset).
    """
    found: set[int] = set()
    for part in text.replace(" ", "").split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise ValueError(text)
        first, last = int(match[2]), int(match[3] or match[2])
        if last > _MOST or first > last:
            raise ValueError(text)
        found = found - set(range(first, last + 1)) if match[1] else found | set(range(first, last + 1))
    if not found:
        raise ValueError(text)
    return found


def ranges(numbers: Iterable[int]) -> str:
    """Return a set of numbers as libvirt tells it: "0-1,3,8"."""
    parts: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1] = (parts[-1][0], number)
        else:
            parts.append((number, number))
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def cpu_map(text: str) -> tuple[bool, ...]:
    """Return a set as the map that libvirt's pinning calls take."""
    numbers = members(text)
    return tuple(number in numbers for number in range(max(numbers) + 1))


class NumberSet(Matching):
    """A set of CPUs or NUMA nodes, compared by what it holds."""

    def __init__(self, path: str, doc: Doc = "", **more: Any) -> None:
        super().__init__(path, doc, r"[\d,^ -]+", "0-1", **more)

    def parse(self, text: str, _node: Any) -> Any:
        """Return the set in libvirt's own spelling."""
        return ranges(members(text)) if text else None

    def normal(self, value: Any) -> Any:
        """Return the set in libvirt's own spelling; Refused where it is none."""
        text = super().normal(value)
        try:
            return text and ranges(members(text))
        except ValueError as error:
            raise Refused(f"{self.name} '{text[:60]}' is no set of numbers; write it like 0-3,8.") from error


class Pins(Table):
    """Where numbered threads may run: `{"0": "0-3"}`."""

    def read(self, node: Any) -> Any:
        """Return the sets in libvirt's own spelling, without those that are none."""
        found = {key: _spelled(value) for key, value in (super().read(node) or {}).items()}
        return {key: value for key, value in found.items() if value} or None

    def normal(self, value: Any) -> Any:
        """Return the sets in libvirt's own spelling; Refused where a key is no number or a value no set."""
        pins = super().normal(value)
        for key, word in pins.items():
            if not key.isdecimal():
                raise Refused(f"{self.name} has a key '{key[:60]}' that is no number; name the thread by its number.")
            if word != ABSENT and _spelled(word) is None:
                raise Refused(f"{self.name} has '{word[:60]}' for {key}, which is no set of CPUs; write it like 0-3,8.")
        return {str(int(key)): word if word == ABSENT else _spelled(word) for key, word in pins.items()}


def _spelled(text: str) -> str | None:
    try:
        return ranges(members(text))
    except ValueError:
        return None


class Amount(Size):
    """An amount of memory, of which 0 says that there is none."""

    def parse(self, text: str, node: Any) -> Any:
        """Return bytes, or None for 0."""
        return super().parse(text, node) or None

    def normal(self, value: Any) -> Any:
        """Return bytes, or None for 0."""
        return None if str(value).strip() == "0" else super().normal(value)

    def write(self, node: Any, value: Any) -> None:
        """Write it with its unit, or remove both."""
        place = self.path.find(node)
        if value is None and place is not None:
            place.attrib.pop("unit", None)
        super().write(node, value)


class Leading(Text):
    """A word on which the meaning of others hangs: where it changes, they go."""

    def __init__(self, path: str, doc: Doc = "", *, leads: Sequence[str], **more: Any) -> None:
        super().__init__(path, doc, **more)
        self.leads = [Path(place) for place in leads]

    def write(self, node: Any, value: Any) -> None:
        """Write it, and remove what only went with the word before."""
        for place in self.leads:
            place.clear(node)
        super().write(node, value)


class Absolute(Matching):
    """The path of a file on the host."""

    def __init__(self, path: str, doc: Doc, example: str, **more: Any) -> None:
        super().__init__(path, doc, r"/.*", example, **more)


class Plain(Presence):
    """A feature that an empty element turns on; where there is none, nothing is said."""

    def read(self, node: Any) -> Any:
        """Return True, or None where the element is missing."""
        return super().read(node) or None

    def normal(self, value: Any) -> Any:
        """Return True, or None for no element."""
        return bool(value) or None


class State(Switch):
    """A feature with a state; an element without one turns it on."""

    def __init__(self, place: str, doc: Doc = "", **more: Any) -> None:
        super().__init__(f"{place}/@state", doc, words=("on", "off"), **more)

    def read(self, node: Any) -> Any:
        """Return whether it is on, or None where the element is missing."""
        place = self.path.find(node)
        return None if place is None else self.parse(place.get("state", "on"), node)


class Entry(Text):
    """Words in an element that goes with them."""

    def write(self, node: Any, value: Any) -> None:
        """Write the words, or remove the element."""
        place = self.path.find(node)
        if value is not None:
            super().write(node, value)
        elif place is not None:
            without(place)
