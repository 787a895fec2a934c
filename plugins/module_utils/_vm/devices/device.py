# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all devices of a VM have in common: fields in XML, what they are recognised by, an option that names them.

A kind of device is a file: a subclass of Device with its fields, and one line in registry.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Callable, ClassVar

from ..._errors import Refused
from ..._fields import Doc, Edit, Element, paragraphs, spoken
from ..._libs import etree
from ..._values import dataclass
from ..._xml import Path, insert_beside, without

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
# The name of the disk from which cloud-init configures the guest.
SEED = "seed"
_NAME_DOC = "What the device is recognised by on the next run."


@dataclass(frozen=True)
class Wanted:
    """One device as the user described it: its name, its fields as they are compared, and what does not stand in its
    XML. `marked` tells whether the name is written into the XML of a new device.
    """

    name: str
    # Passwords are among them.
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict)
    marked: bool = True


Recognise = Callable[[Any, Wanted], bool]


class Device(Element):
    """A kind of device.

    A subclass says its tag, the option that describes it and that option's documentation (`doc`), a noun for plans, and
    its fields. `many` tells a list from a dictionary; `keys` are the fields that tell one device of a list from another
    where no name does; `defaults` are the values of a new one.
    """

    option: ClassVar[str] = ""
    noun: ClassVar[str] = ""
    doc: ClassVar[Doc] = ""
    many: ClassVar[bool] = True
    keys: ClassVar[tuple[str, ...]] = ()
    defaults: ClassVar[Mapping[str, Any]] = {}
    # What every new one says in places for which there is no option, by path.
    fixed: ClassVar[Mapping[str, str]] = {}
    # The first libvirt that knows such devices; one before it reads over them without a word.
    since: ClassVar[tuple[int, int]] = (0, 0)
    # Whether all devices of this kind can be plugged into and out of a running VM.
    hotplug: ClassVar[bool] = False
    # Whether a new VM gets such devices without being asked: that another has none is worth a word.
    usual: ClassVar[bool] = False
    # Whether devices of this kind can be told by a name that is kept in their XML.
    nameable: ClassVar[bool] = True
    name_doc: ClassVar[Doc] = _NAME_DOC

    # -- the option ----------------------------------------------------------------------------------------------

    @classmethod
    def sub_options(cls) -> dict[str, Any]:
        """Return the sub-options: a name or a switch, the fields, and what else the device takes."""
        return {**_own(cls._first()), **cls.options(), **cls.extra_options()}

    @classmethod
    def sub_documentation(cls) -> dict[str, Any]:
        """Return the documentation of the sub-options."""
        return {**cls._first(), **cls.documentation(), **cls.extra_documentation()}

    @classmethod
    def _first(cls) -> dict[str, Any]:
        if not cls.many:
            return {"enabled": {"description": f"Whether the VM has it; {cls.noun}.", "type": "bool", "default": True}}
        return {"name": {"description": paragraphs(cls.name_doc), "type": "str"}} if cls.nameable else {}

    @classmethod
    def argument(cls) -> dict[str, Any]:
        """Return the option's entry of an argument spec."""
        shape = {"type": "list", "elements": "dict"} if cls.many else {"type": "dict"}
        return {**shape, "options": cls.sub_options()}

    @classmethod
    def entry(cls) -> dict[str, Any]:
        """Return the option's entry of a module's documentation."""
        shape = {"type": "list", "elements": "dict"} if cls.many else {"type": "dict"}
        needs = [f"The host needs libvirt {spoken_version(cls.since)}."] if any(cls.since) else []
        return {"description": [*paragraphs(cls.doc), *needs], **shape, "suboptions": cls.sub_documentation()}

    @classmethod
    def extra_options(cls) -> dict[str, Any]:
        """Return sub-options that do not stand in the device's XML."""
        return _own(cls.extra_documentation())

    @classmethod
    def extra_documentation(cls) -> dict[str, Any]:
        """Return the documentation of sub-options that do not stand in the device's XML."""
        return {}

    # -- what the user wants ---------------------------------------------------------------------------------------

    @classmethod
    def wanted(cls, params: Any) -> tuple[Wanted, ...]:
        """Return what the option wants; Refused where two devices have one name."""
        listed = params if cls.many else [params] if params.get("enabled", True) else []
        devices: list[Wanted] = []
        for position, item in enumerate(listed):
            device = cls.one_wanted(position, item)
            devices.append(_told_apart(device, [other.name for other in devices]))
        names = [device.name for device in devices]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise Refused(f"{cls.option} has two entries named '{twice[0]}'; give each {cls.noun} a 'name' of its own.")
        return tuple(devices)

    @classmethod
    def one_wanted(cls, position: int, params: Mapping[str, Any]) -> Wanted:
        """Return one entry of the option."""
        name = params.get("name") if cls.many and cls.nameable else None
        if name and not NAME.fullmatch(name):
            raise Refused(
                f"{cls.option} has a name '{name[:60]}' that cannot be used; take letters, digits, dot, dash and "
                "underscore."
            )
        extra = {key: params[key] for key in cls.extra_options() if params.get(key) is not None}
        try:
            fields = cls.normal(params)
        except Refused as error:
            raise Refused(f"{cls.option}: {error}") from error
        return cls.named(position, name, Wanted(name or "", fields, extra, marked=bool(name)))

    @classmethod
    def named(cls, _position: int, name: str | None, device: Wanted) -> Wanted:
        """Return an entry with the name that it goes by: its own, else what its keys say."""
        return device if name else replace(device, name=cls.label(device.fields), marked=False)

    @classmethod
    def label(cls, values: Mapping[str, Any]) -> str:
        """Return what a device without a name is called in plans: what its keys say."""
        return " ".join(str(values[key]) for key in cls.keys if values.get(key) is not None)

    # -- what is there ---------------------------------------------------------------------------------------------

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the device's elements in a domain tree."""
        return list(domain.iterfind(f"devices/{cls.tag}"))

    @classmethod
    def implied(cls, _node: Any) -> bool:
        """Return whether the hypervisor adds such a device itself: it stays although no list names it."""
        return False

    @classmethod
    def hotpluggable(cls, _node: Any) -> bool:
        """Return whether such a device can be plugged into and out of a running VM."""
        return cls.hotplug

    @classmethod
    def attachable(cls, _live: Any, node: Any) -> bool:
        """Return whether a running VM, as it is described now, can be given such a device."""
        return cls.hotpluggable(node)

    @classmethod
    def needed(cls, _live: Any, _node: Any) -> list[tuple[type[Device], Any]]:
        """Return what a running VM has to be given before the configured device `node` can be plugged in: nothing."""
        return []

    @classmethod
    def slotted(cls, node: Any) -> bool:
        """Return whether the device's address is a slot of a bus, which a running VM may have given to another."""
        address = node.find("address")
        return address is not None and address.get("type") in ("pci", "virtio-serial", "usb", "ccw", "drive")

    @classmethod
    def live_fields(cls, _node: Any, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the wanted fields that can be compared with a device of a running VM: all of them."""
        return fields

    @classmethod
    def recognise(cls, nodes: Sequence[Any], wanted: Sequence[Wanted]) -> dict[str, Any]:
        """Return which element each wanted device already is, by name; a device that is not there yet is left out."""
        if not cls.many:
            return {device.name: node for device, node in zip(wanted, nodes)}
        known: dict[str, Any] = {}
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
        return (cls._has_keys,) if cls.keys else ()

    @classmethod
    def _has_keys(cls, node: Any, device: Wanted) -> bool:
        if device.marked and is_marked(node):
            return False
        named = [key for key in cls.keys if key in device.fields]
        return all(cls.fields[key].matches(cls.fields[key].read(node), device.fields[key]) for key in named)

    @classmethod
    def unwanted(cls, nodes: Sequence[Any], known: Mapping[str, Any], _wanted: Sequence[Wanted]) -> list[Any]:
        """Return the elements that a complete list no longer names."""
        kept = list(known.values())
        return [node for node in nodes if node not in kept and not cls.implied(node)]

    @classmethod
    def name_at(cls, node: Any) -> str:
        """Return the name that an element goes by: that of its alias, else what its keys say."""
        return name_of(node, cls.label(cls.show(cls.read(node)))) if cls.many else ""

    @classmethod
    def device_facts(cls, domain: Any) -> Any:
        """Return the devices of a domain in the words of the option; None where there is nothing to say."""
        found = [cls.fact_of(node) for node in cls.nodes(domain)]
        if cls.many:
            return found
        return {"enabled": True, **found[0]} if found else {"enabled": False}

    @classmethod
    def worth_telling(cls, domain: Any) -> Any:
        """Return the facts that stand in a result; None where few VMs have such devices and this one has not.

        Ansible pays for every word of a result, and a result may be of hundreds of VMs.
        """
        facts = cls.device_facts(domain)
        return facts if cls.usual or facts not in ([], {"enabled": False}) else None

    @classmethod
    def fact_of(cls, node: Any) -> dict[str, Any]:
        """Return one device in the words of the option."""
        named = {"name": alias_of(node)[3:]} if cls.many and cls.nameable and is_marked(node) else {}
        return {**named, **cls.facts(node)}

    # -- bringing the one to the other -------------------------------------------------------------------------------

    @classmethod
    def converge(cls, domain: Any, wanted: Sequence[Wanted]) -> list[Edit]:
        """Bring the devices of a domain tree to what is wanted, and return what had to change."""
        nodes = cls.nodes(domain)
        known = cls.recognise(nodes, wanted)
        edits: list[Edit] = []
        for device in wanted:
            if device.name in known:
                edits += cls.labelled(device.name, cls.change(known[device.name], device))
            else:
                node = cls.new(domain, device)
                insert_beside(domain.find("devices"), node)
                edits.append(Edit(cls.titled(device.name), None, cls.describe(node), verb="attach"))
        for node in cls.unwanted(nodes, known, wanted):
            edits.append(Edit(cls.titled(cls.name_at(node)), "attached", None, verb="detach"))
            without(node)
        return edits

    @classmethod
    def change(cls, node: Any, device: Wanted) -> list[Edit]:
        """Bring one element to what is wanted."""
        return cls.edit(node, device.fields)

    @classmethod
    def new(cls, _domain: Any, device: Wanted) -> Any:
        """Return the element of a new device of this domain."""
        node = etree.Element(cls.tag)
        for place, word in cls.fixed.items():
            Path(place).set(node, word)
        cls.edit(node, {**cls.normal(cls.defaults), **device.fields})
        if device.marked:
            mark(node, device.name)
        return node

    @classmethod
    def titled(cls, name: str) -> str:
        """Return what a device is called in plans: "disk data"."""
        return f"{cls.noun} {name}".strip()

    @classmethod
    def labelled(cls, name: str, edits: Sequence[Edit]) -> list[Edit]:
        """Return edits of a device with its title before the field."""
        return [replace(edit, label=f"{cls.titled(name)} {edit.field}") for edit in edits]

    @classmethod
    def describe(cls, node: Any) -> str:
        """Return a few words about a device, for plans."""
        return ", ".join(f"{key} {spoken(value)}" for key, value in cls.show(cls.read(node)).items())


def _own(documented: Mapping[str, Any]) -> dict[str, Any]:
    """Return documented options as an argument spec."""
    return {
        name: {key: said for key, said in entry.items() if key != "description"} for name, entry in documented.items()
    }


def _told_apart(device: Wanted, names: Sequence[str]) -> Wanted:
    """Return a device under a name of its own: devices that nobody named are counted where they are alike."""
    if device.marked or device.name not in names:
        return device
    count = next(number for number in range(2, len(names) + 3) if f"{device.name} {number}" not in names)
    return replace(device, name=f"{device.name} {count}")


def spoken_version(version: tuple[int, int]) -> str:
    """Return a version of libvirt as people write it: "7.2"."""
    return ".".join(map(str, version))


def alias(name: str) -> str:
    """Return the alias that marks a device in XML: libvirt keeps aliases of users that begin with ua-.

    Source: https://libvirt.org/formatdomain.html#devices (letters, digits, underscore and dash only).
    """
    return "ua-" + re.sub(r"[^A-Za-z0-9_-]", "_", name)


def alias_of(node: Any) -> str:
    """Return the alias of a device's element, or "" where it has none."""
    found = node.find("alias")
    return found.get("name", "") if found is not None else ""


def is_marked(node: Any) -> bool:
    """Return whether a user's alias names the device; libvirt's own aliases do not count."""
    return alias_of(node).startswith("ua-")


def name_of(node: Any, otherwise: str) -> str:
    """Return the name that a device goes by: that of its alias, or another that is stable."""
    return alias_of(node)[3:] if is_marked(node) else otherwise


def _has_alias(node: Any, device: Wanted) -> bool:
    return device.marked and alias_of(node) == alias(device.name)


def mark(node: Any, name: str) -> None:
    """Write the alias into a device's element."""
    etree.SubElement(node, "alias", {"name": alias(name)})
