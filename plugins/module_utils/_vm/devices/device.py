# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all devices of a VM have in common: fields in XML, a name that they are recognised by, a place in a list
option.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, ClassVar

from ..._errors import Refused
from ..._libs import etree
from ..._xml import Element

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Wanted:
    """One device as the user described it: its name, its fields as they are compared, and what does not stand in its
    XML.
    """

    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


Recognise = Callable[[Any, Wanted], bool]


class Device(Element):
    """A kind of device. A subclass is a file: a tag, the option that lists it, its fields, and how it is recognised."""

    option: ClassVar[str] = ""
    noun: ClassVar[str] = ""

    @classmethod
    def sub_options(cls) -> dict[str, Any]:
        """Return the sub-options of the list option: the name, the fields, and what else the device takes."""
        return {"name": {"type": "str"}, **cls.options(), **cls.extra_options()}

    @classmethod
    def extra_options(cls) -> dict[str, Any]:
        """Return sub-options that do not stand in the device's XML."""
        return {}

    @classmethod
    def wanted(cls, params: Sequence[Mapping[str, Any]]) -> tuple[Wanted, ...]:
        """Return what a list option wants; Refused where two devices have one name."""
        devices = tuple(cls.one_wanted(position, item) for position, item in enumerate(params))
        names = [device.name for device in devices]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise Refused(f"{cls.option} has two entries named '{twice[0]}'; give each {cls.noun} a 'name' of its own.")
        return devices

    @classmethod
    def one_wanted(cls, position: int, params: Mapping[str, Any]) -> Wanted:
        """Return one entry of a list option."""
        name = params.get("name") or cls.default_name(position, params)
        if not _NAME.fullmatch(name):
            raise Refused(
                f"{cls.option} has a name '{name}' that cannot be used; take letters, digits, dot, dash and underscore."
            )
        extra = {key: params[key] for key in cls.extra_options() if params.get(key) is not None}
        return Wanted(name, cls.normal(params), extra)

    @classmethod
    def default_name(cls, position: int, params: Mapping[str, Any]) -> str:
        """Return the name of an entry that was given none; Refused where it needs one."""
        raise NotImplementedError

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the device's elements in a domain tree."""
        return list(domain.iterfind(f"devices/{cls.tag}"))

    @classmethod
    def key(cls, node: Any) -> str:
        """Return what tells this element from the others of its VM as long as it is there."""
        raise NotImplementedError

    @classmethod
    def recognise(cls, nodes: Sequence[Any], wanted: Sequence[Wanted]) -> dict[str, Any]:
        """Return which element each wanted device already is, by name; a device that is not there yet is left out."""
        known = {}
        free = list(nodes)
        for is_it in (_has_alias, *cls.marks()):
            for device in wanted:
                node = next((node for node in free if device.name not in known and is_it(node, device)), None)
                if node is not None:
                    known[device.name] = node
                    free.remove(node)
        return known

    @classmethod
    def marks(cls) -> tuple[Recognise, ...]:
        """Return how else than by its alias an element is recognised: questions (element, wanted), the surest first."""
        return ()

    @classmethod
    def describe(cls, values: Mapping[str, Any]) -> str:
        """Return a few words about a device, for plans."""
        return ", ".join(f"{key} {value}" for key, value in cls.show(values).items())


def alias(name: str) -> str:
    """Return the alias that marks a device in XML: libvirt keeps aliases of users that begin with ua-.

    Source: https://libvirt.org/formatdomain.html#devices (letters, digits, underscore and dash only).
    """
    return "ua-" + re.sub(r"[^A-Za-z0-9_-]", "_", name)


def alias_of(node: Any) -> str:
    """Return the alias of a device's element, or "" where it has none."""
    mark = node.find("alias")
    return mark.get("name", "") if mark is not None else ""


def is_marked(node: Any) -> bool:
    """Return whether a user's alias names the device; libvirt's own aliases do not count."""
    return alias_of(node).startswith("ua-")


def name_of(node: Any, otherwise: str) -> str:
    """Return the name that a device goes by: that of its alias, or another that is stable."""
    return alias_of(node)[3:] if is_marked(node) else otherwise


def _has_alias(node: Any, device: Wanted) -> bool:
    return alias_of(node) == alias(device.name)


def mark(node: Any, name: str) -> None:
    """Write the alias into a device's element."""
    etree.SubElement(node, "alias", {"name": alias(name)})
