# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done with the traffic of a network card: VLANs, bandwidth, filters, the port of the switch, offloads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from ..._composite import ABSENT, Table
from ..._errors import Refused
from ..._field_kinds import Count, Integer, Matching, Switch, Text
from ..._fields import Doc, Edit, Element, Field
from ..._libs import etree
from ..._words import legible
from ..._xml import without
from .card_live import ANY, FILTERED, TAGGED

_LAST_VLAN = 4095


def _number(text: str | None) -> int | None:
    try:
        return int(text or "", 0)
    except ValueError:
        return None


def _tags(vlan: Any) -> dict[int, Any]:
    """Return the elements of a card's VLANs by their numbers."""
    tags = ((_number(tag.get("id")), tag) for tag in vlan.iterchildren("tag"))
    return {number: tag for number, tag in tags if number is not None}


def _native(vlan: Any) -> Any | None:
    """Return the element of the VLAN that is the native one, or None."""
    return next((tag for tag in vlan.iterchildren("tag") if tag.get("nativeMode")), None)


class Tags(Field):
    """The numbers of the VLANs that a card is in; none takes all that is said about VLANs away."""

    kind = "list"

    def option(self) -> dict[str, Any]:
        """Return a list of numbers."""
        return {"type": "list", "elements": "int"}

    def read(self, node: Any) -> Any:
        """Return the numbers, sorted, or None where there are none."""
        return sorted(_tags(node)) or None

    def write(self, node: Any, value: Any) -> None:
        """Add the tags that are new, and remove the others."""
        there = _tags(node)
        for number in value or ():
            if there.pop(number, None) is None:
                etree.SubElement(node, "tag", {"id": str(number)})
        for tag in there.values():
            without(tag)
        if not value:
            node.attrib.clear()

    def normal(self, value: Any) -> Any:
        """Return the numbers sorted, each once; refuse one that no VLAN has."""
        numbers = sorted({int(number) for number in value})
        wrong = next((number for number in numbers if not 0 <= number <= _LAST_VLAN), None)
        if wrong is not None:
            raise Refused(f"{self.name} has the VLAN {wrong}; VLANs are numbered 1 to {_LAST_VLAN - 1}.")
        return numbers or None

    def fact(self, value: Any) -> Any:
        """Return the numbers, or None where the option would refuse one."""
        return value if value and max(value) <= _LAST_VLAN else None


class Trunk(Switch):
    """Whether several VLANs reach the guest; libvirt writes it only where it is so."""

    def read(self, node: Any) -> Any:
        """Return True or nothing."""
        return super().read(node) or None

    def write(self, node: Any, value: Any) -> None:
        """Write it, or take it away."""
        super().write(node, value or None)

    def matches(self, current: Any, wanted: Any) -> bool:
        """Return whether both are the same; nothing is no."""
        return bool(current) == bool(wanted)


class Native(Integer):
    """The VLAN of a trunk to which what comes without a tag belongs."""

    def read(self, node: Any) -> Any:
        """Return its number, or None."""
        tag = _native(node)
        return None if tag is None else _number(tag.get("id"))

    def write(self, node: Any, value: Any) -> None:
        """Move the mark to another VLAN."""
        before = _native(node)
        mode = before.attrib.pop("nativeMode") if before is not None else "untagged"
        tag = _tags(node).get(value)
        if tag is None:
            tag = etree.SubElement(node, "tag", {"id": str(value)})
        tag.set("nativeMode", mode)


class NativeMode(Text):
    """How the native VLAN leaves the port."""

    def read(self, node: Any) -> Any:
        """Return the mode, or None where no VLAN is native."""
        tag = _native(node)
        return None if tag is None else tag.get("nativeMode")

    def write(self, node: Any, value: Any) -> None:
        """Write it; Refused where no VLAN is native."""
        tag = _native(node)
        if tag is None:
            raise Refused("A NIC has a native_mode but no native VLAN; name it with 'native'.")
        tag.set("nativeMode", value)


class Vlan(Element):
    """Source: https://libvirt.org/formatdomain.html#setting-vlan-tag-on-supported-network-types-only."""

    tags = Tags(
        ".",
        "Numbers of the VLANs, all of them; several make the card a trunk. An empty list takes the card out of all.",
        live=TAGGED,
    )
    trunk = Trunk("./@trunk", "Whether a single VLAN comes to the guest with its tag; several always do.", live=TAGGED)
    native = Native(
        ".", "The one of O(nics[].vlan.tags) that untagged traffic of a trunk belongs to.", most=_LAST_VLAN, live=TAGGED
    )
    native_mode = NativeMode(
        ".",
        "Whether the guest gets the native VLAN with a tag; V(untagged) if left out.",
        choices=("tagged", "untagged"),
        live=TAGGED,
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse what contradicts itself."""
        tags = values.get("tags") or ()
        if values.get("trunk") is False and len(tags) > 1:
            raise Refused("vlan has several tags but trunk is false; give one tag, or leave out 'trunk'.")
        if values.get("trunk") and "tags" in values and not tags:
            raise Refused("vlan is a trunk without tags; name the VLANs in 'tags'.")
        if "native" in values and "tags" in values and values["native"] not in tags:
            raise Refused(f"native {values['native']} is none of the tags of vlan; add it to 'tags'.")


class Average(Count):
    """The average of a direction; without one there is nothing to limit, but for what is guaranteed."""

    def write(self, node: Any, value: Any) -> None:
        """Write it, or take it away with what only goes with it."""
        super().write(node, value)
        if value is None:
            node.attrib.pop("peak", None)
            node.attrib.pop("burst", None)


class Rate(Element):
    """Source: https://libvirt.org/formatdomain.html#quality-of-service."""

    average = Average("./@average", "Average in KiB a second; 0 takes the limit away.", most=2**32 - 1, live=ANY)
    peak = Count("./@peak", "Most that a burst may reach, in KiB a second; 0 is none.", most=2**32 - 1, live=ANY)
    burst = Count("./@burst", "KiB that may be sent at peak speed; 0 is none.", most=2**32 - 1, live=ANY)


class Inbound(Rate):
    """What the guest receives."""

    floor = Count(
        "./@floor",
        "KiB a second that are guaranteed; only on a network with a limit of its own. 0 is none.",
        most=2**32 - 1,
        live=ANY,
    )


class FilterName(Text):
    """The filter; without one its parameters mean nothing."""

    def write(self, node: Any, value: Any) -> None:
        """Write it, or take it away with its parameters."""
        super().write(node, value)
        for parameter in list(node.iterchildren("parameter")) if value is None else ():
            without(parameter)


# libvirt drops without a word what is written otherwise. Source: https://libvirt.org/formatnwfilter.html.
_VARIABLE = re.compile("[A-Za-z0-9_]+")


class Parameters(Table):
    """The variables of a filter, each with one value or several."""

    def read(self, node: Any) -> Any:
        """Return lists of values by their names, or None where there are none."""
        found: dict[str, list[str]] = {}
        for child in node.iterchildren(self.tag):
            found.setdefault(child.get(self.key, ""), []).append(child.get(self.value, ""))
        return found or None

    def write(self, node: Any, value: Any) -> None:
        """Write the values of the named variables, none removes one; Refused where there is no filter."""
        if not node.get("filter"):
            raise Refused("A NIC has parameters of a filter but no filter; name it with 'name'.")
        for name, words in value.items():
            for child in [child for child in node.iterchildren(self.tag) if child.get(self.key) == name]:
                without(child)
            for word in words:
                etree.SubElement(node, self.tag, {self.key: name, self.value: word})

    def normal(self, value: Any) -> Any:
        """Return lists of words, sorted."""
        for name in value:
            if not _VARIABLE.fullmatch(str(name)):
                raise Refused(f"{self.name} has '{str(name)[:60]}', which is no variable of filters; write it like IP.")
        return {str(name): self._words(words) for name, words in value.items()}

    def _words(self, words: Any) -> list[str]:
        several = words if isinstance(words, list) else [] if words == ABSENT else [words]
        return sorted({self._word(word) for word in several})

    def _word(self, word: Any) -> str:
        text = legible(self.name, word)
        if not self.form.fullmatch(text):
            raise Refused(f"{self.name} has '{text[:60]}', which no filter takes; write it like IP: 192.0.2.5.")
        return text

    def matches(self, current: Any, wanted: Any) -> bool:
        """Return whether the named variables have the wanted values, in any order."""
        there = current or {}
        return all(sorted(there.get(name, ())) == words for name, words in (wanted or {}).items())

    def edits(self, current: Any, wanted: Any) -> list[Edit]:
        """Return one edit that shows the variables that change."""
        there = current or {}
        changed = {name: words for name, words in (wanted or {}).items() if sorted(there.get(name, ())) != words}
        before = {name: there.get(name, []) for name in changed}
        return [Edit(self.name, before, changed, self, changed)] if changed else []

    def fact(self, value: Any) -> Any:
        """Return the variables that the option could say."""
        usable = {
            name: words
            for name, words in (value or {}).items()
            if _VARIABLE.fullmatch(name) and all(map(self.form.fullmatch, words)) and len(set(words)) == len(words)
        }
        return usable or None


class Filter(Element):
    """Source: https://libvirt.org/formatnwfilter.html#usage-of-variables-in-filters."""

    name = FilterName(
        "./@filter", "libvirt network filter, such as V(clean-traffic); an empty one removes it.", live=FILTERED
    )
    parameters = Parameters(
        ".",
        (
            "Variables of the filter, each a word or a list of words, such as V(IP: [192.0.2.5]).",
            "Variables that are not named are left alone; an empty list removes one.",
        ),
        tag="parameter",
        key="name",
        value="value",
        form="[A-Za-z0-9_.:]+",
        live=FILTERED,
    )


# The parameters of each type of port. Source: https://libvirt.org/formatnetwork.html (virtualport).
_OF_TYPE = {
    "openvswitch": {"interface_id": "interfaceid", "profile": "profileid"},
    "midonet": {"interface_id": "interfaceid"},
    "802.1Qbh": {"profile": "profileid"},
    "802.1Qbg": {
        "manager_id": "managerid",
        "type_id": "typeid",
        "type_id_version": "typeidversion",
        "instance_id": "instanceid",
    },
}
_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_EXAMPLE = "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f"


class Uuid(Matching):
    """A UUID, compared in lower case."""

    def __init__(self, path: str, doc: Doc, **more: Any) -> None:
        super().__init__(path, doc, _UUID, _EXAMPLE, **more)

    def parse(self, text: str, _node: Any) -> Any:
        """Return it in lower case."""
        return text.lower()

    def normal(self, value: Any) -> Any:
        """Return it in lower case; refuse what is none."""
        text = super().normal(value)
        return text and text.lower()

    def fact(self, value: Any) -> Any:
        """Return it, or None where the option would refuse it."""
        return value if value and self.form.fullmatch(value) else None


class PortType(Text):
    """The type of a port; parameters that another type has go with it."""

    def write(self, node: Any, value: Any) -> None:
        """Write it, or take it away."""
        super().write(node, value)
        kept = set(_OF_TYPE.get(value, {}).values())
        for parameters in node.findall("parameters"):
            for name in set(parameters.attrib) - kept:
                del parameters.attrib[name]
            if not parameters.attrib:
                without(parameters)


class VirtualPort(Element):
    """Source: https://libvirt.org/formatdomain.html#bridge-to-lan and #direct-attachment-to-physical-interface."""

    type = PortType(
        "./@type",
        "What kind of switch the card is plugged into; V(none) is a bridge of the kernel.",
        choices=("none", *_OF_TYPE),
        unset="none",
    )
    interface_id = Uuid("parameters/@interfaceid", "UUID of the port; libvirt chooses one if left out.")
    profile = Text("parameters/@profileid", "Name of the port profile; an empty one removes it.")
    manager_id = Integer("parameters/@managerid", "VSI manager of 802.1Qbg.", most=255)
    type_id = Integer("parameters/@typeid", "VSI type of 802.1Qbg.", most=2**24 - 1)
    type_id_version = Integer("parameters/@typeidversion", "Version of the VSI type of 802.1Qbg.", most=255)
    instance_id = Uuid("parameters/@instanceid", "UUID of the VSI instance of 802.1Qbg.")

    _longest: ClassVar[int] = 39

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse a parameter that a named type does not have."""
        kind = values.get("type")
        if len(values.get("profile") or "") > cls._longest:
            raise Refused(f"profile '{values['profile'][:60]}' is too long; take up to {cls._longest} characters.")
        foreign = [name for name in values if name != "type" and kind and name not in _OF_TYPE[kind]]
        if foreign:
            raise Refused(f"a port of type {kind} has no {foreign[0]}; leave it out.")
        if "type" in values and kind is None and len(values) > 1:
            raise Refused("type none is no virtual port; leave out its other options.")


def _on_off(feature: str, doc: str) -> Switch:
    return Switch(f"./@{feature}", doc, words=("on", "off"))


class GuestOffloads(Element):
    """Source: https://libvirt.org/formatdomain.html#setting-nic-driver-specific-options."""

    csum = _on_off("csum", "Checksums.")
    tso4 = _on_off("tso4", "TCP segments over IPv4.")
    tso6 = _on_off("tso6", "TCP segments over IPv6.")
    ecn = _on_off("ecn", "TCP segments with congestion marks.")
    ufo = _on_off("ufo", "UDP fragments.")


class HostOffloads(GuestOffloads):
    """The same document."""

    gso = _on_off("gso", "Segments of any kind.")
    mrg_rxbuf = _on_off("mrg_rxbuf", "Receive buffers that are merged.")
