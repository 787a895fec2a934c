# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection remembers in a VM's metadata, beside what others keep there."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import (
    NAMESPACE,
    Record,
    edit_record,
    read_record,
    record_xml,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml

FOREIGN = (
    '<osinfo:libosinfo xmlns:osinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">'
    '<osinfo:os id="http://debian.org/debian/12"/></osinfo:libosinfo>'
)
OURS = (
    f'<kvmops:vm xmlns:kvmops="{NAMESPACE}"><kvmops:template name="tiny" version="1"/>'
    "<kvmops:fleet>shop</kvmops:fleet><kvmops:tags><kvmops:tag>web</kvmops:tag><kvmops:tag>eu</kvmops:tag>"
    "</kvmops:tags></kvmops:vm>"
)


def domain(*metadata: str) -> Any:
    inside = f"<metadata>{''.join(metadata)}</metadata>" if metadata else ""
    return parse_xml(f"<domain><name>web01</name>{inside}</domain>")


READ = [
    ((), {}),
    ((FOREIGN,), {}),
    ((OURS,), {"template": "tiny", "template_version": "1", "fleet": "shop", "tags": ["eu", "web"]}),
    ((FOREIGN, OURS), {"template": "tiny", "template_version": "1", "fleet": "shop", "tags": ["eu", "web"]}),
]


@pytest.mark.parametrize(("metadata", "record"), READ)
def test_what_is_read(metadata: tuple[str, ...], record: dict[str, Any]) -> None:
    assert read_record(domain(*metadata)) == record


EDITS: list[tuple[tuple[str, ...], dict[str, Any], list[tuple[str, Any, Any]], dict[str, Any]]] = [
    ((), {}, [], {}),
    ((), {"tags": None, "project": None}, [], {}),
    ((), {"tags": ["a"]}, [("tags", None, ["a"])], {"tags": ["a"]}),
    ((FOREIGN,), {"project": "x"}, [("project", None, "x")], {"project": "x"}),
    (
        (OURS,),
        {"fleet": "other"},
        [("fleet", "shop", "other")],
        {"template": "tiny", "template_version": "1", "fleet": "other", "tags": ["eu", "web"]},
    ),
    (
        (OURS,),
        {"tags": None},
        [("tags", ["eu", "web"], None)],
        {"template": "tiny", "template_version": "1", "fleet": "shop"},
    ),
    (
        (OURS,),
        {"tags": ["eu", "web"], "fleet": "shop"},
        [],
        {"template": "tiny", "template_version": "1", "fleet": "shop", "tags": ["eu", "web"]},
    ),
]


@pytest.mark.parametrize(("metadata", "wanted", "edits", "record"), EDITS)
def test_what_is_written(
    metadata: tuple[str, ...], wanted: dict[str, Any], edits: list[tuple[str, Any, Any]], record: dict[str, Any]
) -> None:
    tree = domain(*metadata)
    before = to_xml(tree)
    assert [(edit.field, edit.before, edit.after) for edit in edit_record(tree, wanted)] == edits
    assert (to_xml(tree) == before) == (edits == [])
    assert read_record(parse_xml(to_xml(tree))) == record
    assert edit_record(tree, wanted) == []
    assert ("libosinfo" in to_xml(tree)) == (FOREIGN in metadata)


@pytest.mark.parametrize("word", ["project", "fleet", "owner", "seed"])
def test_empty_words_remove_and_are_then_as_wanted(word: str) -> None:
    tree = domain()
    edit_record(tree, {"tags": ["a"], word: "x"})
    wanted = Record.normal({word: ""})
    assert [(edit.field, edit.before, edit.after) for edit in edit_record(tree, wanted)] == [(word, "x", None)]
    assert word not in read_record(tree)
    assert edit_record(tree, wanted) == []


def test_the_record_as_libvirt_takes_it_has_no_namespace_of_its_own() -> None:
    xml = record_xml(domain(FOREIGN, OURS))
    assert xml is not None
    assert NAMESPACE not in xml
    assert [node.tag for node in parse_xml(xml).iter()] == ["vm", "template", "fleet", "tags", "tag", "tag"]


@pytest.mark.parametrize("metadata", [(), (FOREIGN,), (f'<kvmops:vm xmlns:kvmops="{NAMESPACE}"/>',)])
def test_nothing_to_remember_is_none(metadata: tuple[str, ...]) -> None:
    assert record_xml(domain(*metadata)) is None


WHOLE = {"kernel": "default/k", "initrd": "default/i", "begun": True}


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        (None, WHOLE, {"installation": WHOLE}),
        (WHOLE, WHOLE, {"installation": WHOLE}),
        (WHOLE, {"medium": "default/m"}, {"installation": {"medium": "default/m"}}),
        (WHOLE, {**WHOLE, "begun": False}, {"installation": {**WHOLE, "begun": False}}),
        (WHOLE, None, {}),
        (None, None, {}),
    ],
)
def test_an_installation_is_remembered_as_a_whole(before: Any, after: Any, left: dict[str, Any]) -> None:
    tree = domain(OURS)
    edit_record(tree, {"installation": before})
    edits = edit_record(tree, {"installation": after})
    assert [edit.what for edit in edits] == ([] if before == after else ["installation"])
    kept = read_record(tree)
    assert {key: kept[key] for key in kept if key == "installation"} == left
    assert kept["fleet"] == "shop"
    again = domain()
    again.append(parse_xml(f"<metadata>{to_xml(tree.find('metadata')[0])}</metadata>"))
    assert read_record(again) == kept
