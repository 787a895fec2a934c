# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields tied to XML: what is read, what is written, what is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._field_kinds import (
    Count,
    Integer,
    Mac,
    Presence,
    Size,
    Switch,
    Text,
    Words,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._fields import Element, Field
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB, MIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import Path, parse_xml, to_xml, without


class Thing(Element):
    """An element with one field of each kind."""

    tag = "thing"
    title = Text("title")
    kind = Text("target/@kind", choices=("a", "b"))
    boot = Text("os/entry[@name='boot']/@value")
    count = Integer("count", least=1, most=9)
    memory = Size("memory", plain_unit=MIB)
    auto = Switch("port/@auto")
    lit = Switch("lamp", words=("on", "off"))
    locked = Presence("locked")
    tags = Words("tags", "tag")
    mac = Mac("mac/@address")
    ports = Count("ports/@n", most=9)


def thing(inside: str) -> Any:
    return parse_xml(f"<thing>{inside}</thing>")


def flat(node: Any) -> str:
    return "".join(line.strip() for line in to_xml(node).splitlines())


READ = [
    ("", {"locked": False}),
    ("<title>x</title>", {"title": "x", "locked": False}),
    ("<title/>", {"locked": False}),
    ("<target kind='a' other='1'/>", {"kind": "a", "locked": False}),
    ("<os><entry name='x' value='1'/><entry name='boot' value='2'/></os>", {"boot": "2", "locked": False}),
    ("<count>3</count>", {"count": 3, "locked": False}),
    ("<memory>1024</memory>", {"memory": MIB, "locked": False}),
    ("<memory unit='GiB'>2</memory>", {"memory": 2 * GIB, "locked": False}),
    ("<port auto='yes'/><lamp>off</lamp>", {"auto": True, "lit": False, "locked": False}),
    ("<locked/>", {"locked": True}),
    ("<tags><tag>b</tag><tag>a</tag><other/></tags>", {"tags": ["a", "b"], "locked": False}),
    ("<tags/>", {"locked": False}),
    ("<mac address='52:54:00:AB:cd:EF'/>", {"mac": "52:54:00:ab:cd:ef", "locked": False}),
]


@pytest.mark.parametrize(("inside", "values"), READ)
def test_reading(inside: str, values: dict[str, Any]) -> None:
    assert Thing.read(thing(inside)) == values


NORMAL = [
    ({"title": "x", "count": None, "unknown": 1}, {"title": "x"}),
    ({"title": ""}, {"title": None}),
    ({"memory": "2GiB"}, {"memory": 2 * GIB}),
    ({"memory": "1B"}, {"memory": 1024}),
    ({"memory": 3}, {"memory": 3 * MIB}),
    ({"tags": ["b", "a", "b"]}, {"tags": ["a", "b"]}),
    ({"tags": []}, {"tags": None}),
    ({"mac": "52-54-00-AB-CD-EF"}, {"mac": "52:54:00:ab:cd:ef"}),
    ({"locked": False, "auto": True}, {"locked": False, "auto": True}),
    ({"count": 9}, {"count": 9}),
    ({"ports": 9}, {"ports": 9}),
    ({"ports": 0}, {"ports": None}),
]


@pytest.mark.parametrize(("wanted", "normal"), NORMAL)
def test_what_users_say(wanted: dict[str, Any], normal: dict[str, Any]) -> None:
    assert Thing.normal(wanted) == normal


REFUSED = [
    ({"title": "a\x07b"}, "title contains the character U+0007, which XML cannot carry; remove it."),
    ({"title": "a\x00"}, "title contains the character U+0000"),
    ({"title": "\ufffe"}, "title contains the character U+FFFE"),
    ({"tags": ["ok", "\x1b[0m"]}, "tags contains the character U+001B"),
    ({"count": 0}, "count 0 is out of range; choose 1 to 9."),
    ({"count": 10}, "count 10 is out of range; choose 1 to 9."),
    ({"count": -1}, "count -1 is out of range"),
    ({"ports": 10}, "ports 10 is out of range; choose 1 to 9."),
    ({"ports": -1}, "ports -1 is out of range"),
    ({"memory": "4GB"}, "memory '4GB' has no binary unit"),
    ({"memory": ""}, "memory '' is not a size"),
    ({"mac": "52:54:00:12:34"}, "mac '52:54:00:12:34' is not a MAC address"),
    ({"mac": "52:54:00:12:34:5g"}, "is not a MAC address"),
    ({"mac": ""}, "is not a MAC address"),
    ({"mac": "01:00:5e:00:00:01"}, "is a multicast address; the first byte must be even"),
    ({"mac": "ff:ff:ff:ff:ff:ff"}, "is a multicast address"),
]


@pytest.mark.parametrize(("wanted", "why"), REFUSED)
def test_what_is_refused(wanted: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        Thing.normal(wanted)
    assert why in str(refusal.value)


EDITED: list[tuple[str, dict[str, Any], list[tuple[str, Any, Any]], str]] = [
    ("<x/>", {}, [], "<x/>"),
    ("<x/>", {"title": "t"}, [("title", None, "t")], "<x/><title>t</title>"),
    ("<title>a</title><x/>", {"title": None}, [("title", "a", None)], "<x/>"),
    ("<title/>", {"title": None}, [], "<title/>"),
    ("<target kind='a' z='1'/>", {"kind": "b"}, [("kind", "a", "b")], '<target kind="b" z="1"/>'),
    ("<target kind='a' z='1'/>", {"kind": None}, [("kind", "a", None)], '<target z="1"/>'),
    ("<target kind='a'/><x/>", {"kind": None}, [("kind", "a", None)], "<x/>"),
    (
        "<os><entry name='n' value='1'/></os>",
        {"boot": "2"},
        [("boot", None, "2")],
        '<os><entry name="n" value="1"/><entry name="boot" value="2"/></os>',
    ),
    ("<count>3</count>", {"count": 4}, [("count", 3, 4)], "<count>4</count>"),
    ("<ports n='3'/><x/>", {"ports": None}, [("ports", 3, None)], "<x/>"),
    (
        "<memory unit='GiB'>1</memory>",
        {"memory": 2 * GIB},
        [("memory", "1GiB", "2GiB")],
        '<memory unit="KiB">2097152</memory>',
    ),
    ("<memory unit='GiB'>1</memory>", {"memory": GIB}, [], '<memory unit="GiB">1</memory>'),
    (
        "",
        {"auto": True, "lit": False},
        [("auto", None, True), ("lit", None, False)],
        '<port auto="yes"/><lamp>off</lamp>',
    ),
    ("", {"locked": True}, [("locked", False, True)], "<locked/>"),
    ("<locked/><x/>", {"locked": False}, [("locked", True, False)], "<x/>"),
    ("", {"locked": False}, [], ""),
    ("", {"tags": ["a", "b"]}, [("tags", None, ["a", "b"])], "<tags><tag>a</tag><tag>b</tag></tags>"),
    ("<tags><tag>b</tag><tag>a</tag></tags>", {"tags": ["a", "b"]}, [], "<tags><tag>b</tag><tag>a</tag></tags>"),
    ("<tags><tag>a</tag></tags>", {"tags": None}, [("tags", ["a"], None)], ""),
    ("<tags><tag>a</tag><o/></tags>", {"tags": None}, [("tags", ["a"], None)], "<tags><o/></tags>"),
    ("<mac address='52:54:00:AB:CD:EF'/>", {"mac": "52:54:00:ab:cd:ef"}, [], '<mac address="52:54:00:AB:CD:EF"/>'),
]


@pytest.mark.parametrize(("inside", "wanted", "edits", "result"), EDITED)
def test_editing(inside: str, wanted: dict[str, Any], edits: list[tuple[str, Any, Any]], result: str) -> None:
    tree = thing(inside)
    assert [(edit.field, edit.before, edit.after) for edit in Thing.edit(tree, wanted)] == edits
    assert flat(tree) == (f"<thing>{result}</thing>" if result else "<thing/>")


@pytest.mark.parametrize("wanted", [wanted for _inside, wanted, edits, _result in EDITED if edits])
def test_what_was_edited_needs_no_second_edit(wanted: dict[str, Any]) -> None:
    tree = Thing.build(wanted)
    assert Thing.edit(tree, wanted) == []
    assert tree.tag == "thing"


def test_fields_become_options() -> None:
    assert Thing.options() == {
        "title": {"type": "str"},
        "kind": {"type": "str", "choices": ["a", "b"]},
        "boot": {"type": "str"},
        "count": {"type": "int"},
        "memory": {"type": "str"},
        "auto": {"type": "bool"},
        "lit": {"type": "bool"},
        "locked": {"type": "bool"},
        "tags": {"type": "list", "elements": "str"},
        "mac": {"type": "str"},
        "ports": {"type": "int"},
    }
    assert Text("x", required=True).option() == {"type": "str", "required": True}


def test_fields_are_shown_as_people_write_them() -> None:
    assert Thing.show({"memory": 2 * GIB, "title": "x", "locked": False}) == {
        "memory": "2GiB",
        "title": "x",
        "locked": False,
    }


def test_a_subclass_has_the_fields_of_its_parents() -> None:
    class More(Thing):
        extra = Field("extra")

    assert list(More.fields) == [*Thing.fields, "extra"]
    assert "extra" not in Thing.fields


def test_removing_an_element_keeps_the_text_around_it() -> None:
    tree = parse_xml("<a>one<b/>two<c/>three</a>")
    without(tree.find("c"))
    assert to_xml(tree).strip() == "<a>one<b/>twothree</a>"
    without(tree.find("b"))
    assert to_xml(tree).strip() == "<a>onetwothree</a>"


def test_clearing_the_element_itself_leaves_it_in_place() -> None:
    tree = parse_xml("<a><b x='1'>text</b></a>")
    Path(".").clear(tree.find("b"))
    assert flat(tree) == '<a><b x="1"/></a>'


@pytest.mark.parametrize("written", ["a[b='c']/d", "a[@b=c]", "[@a='b']", "a//b"])
def test_what_is_no_path_is_a_mistake_of_ours(written: str) -> None:
    with pytest.raises(ValueError, match="is no step of a path"):
        Path(written)


def test_entities_are_not_followed() -> None:
    tree = parse_xml('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>')
    assert (tree.text or "") == ""
