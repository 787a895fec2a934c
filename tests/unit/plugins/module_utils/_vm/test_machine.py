# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The properties of a machine: what options write, what they change of what is there, and what is refused."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.compute import memory_max_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.machine import Machine
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.wish import Wish
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml
from lxml import etree

from tests.unit.plugins.module_utils._vm.dotted import fields_of, said_in
from tests.unit.plugins.module_utils._vm.machine.registry import CHANGED, FACTS, NEW, REFUSED
from tests.unit.plugins.module_utils._vm.rows import called, option_of, options_in
from tests.unit.plugins.module_utils._vm.shapes import schema

Params = dict[str, Any]


def machine(
    inside: str, os: str = "", os_attributes: str = "", vcpus: str = "<vcpu>2</vcpu>", devices: str = ""
) -> Any:
    """Return the tree of a VM with 1 GiB, and two CPUs unless it is said otherwise."""
    system = f"<os{os_attributes}><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>{os}</os>"
    memory = "<memory unit='KiB'>1048576</memory>"
    return parse_xml(
        f"<domain type='qemu'><name>a</name>{memory}{vcpus}{inside}{system}<devices>{devices}</devices></domain>"
    )


def flat(node: Any) -> str:
    """Return XML on one line, without what stands in every VM here."""
    root = deepcopy(node)
    for tag in ("name", "memory", "vcpu", "devices"):
        for child in root.findall(tag):
            if tag == "devices" or child.text in ("a", "1048576", "2"):
                root.remove(child)
    kind = root.find("os/type")
    if kind is not None and kind.get("machine") == "pc-q35-7.2":
        kind.getparent().remove(kind)
    text = etree.tostring(root, encoding="unicode")
    line = "".join(line.strip() for line in text.splitlines())
    return line.removeprefix('<domain type="qemu">').removesuffix("</domain>").replace("<os/>", "", 1)


def edited(tree: Any, params: Params) -> tuple[Any, list[str]]:
    """Return a tree as it is wanted, and the summaries of what had to change."""
    wanted, edits = Wish(Machine.normal(params)).edited(tree)
    return wanted, [edit.summary for edit in edits]


@pytest.mark.parametrize(("params", "xml"), called(NEW, options_in))
def test_what_is_written(params: Params, xml: str) -> None:
    tree, edits = edited(machine(""), params)
    assert flat(tree) == xml
    assert edits
    assert edited(tree, params)[1] == []


@pytest.mark.parametrize(("params", "xml"), called(NEW, options_in))
def test_it_is_valid(params: Params, xml: str) -> None:
    tree = edited(machine("<features><acpi/></features><clock offset='utc'/>"), params)[0]
    schema().assertValid(tree)
    assert xml


@pytest.mark.parametrize(("there", "params", "summaries", "xml"), called(CHANGED, lambda row: options_in(row[1:])))
def test_what_is_changed(there: Params, params: Params, summaries: list[str], xml: str) -> None:
    tree, edits = edited(machine(**there), params)
    assert (edits, flat(tree)) == (summaries, xml)
    assert edited(tree, params)[1] == []


def test_every_property_is_written_or_changed() -> None:
    tried = said_in([*(params for params, _xml in NEW), *(params for _there, params, *_rest in CHANGED)])
    assert fields_of(Machine).keys() - tried == set()


@pytest.mark.parametrize(("params", "sentence"), called(REFUSED, options_in))
def test_what_cannot_be(params: Params, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        edited(machine(""), params)


# A sentence that a machine refuses stays unsaid where nothing of it was named.
@pytest.mark.parametrize(
    "inside",
    [
        "<cpu><topology sockets='1' cores='9' threads='1'/></cpu>",
        "<cpu><numa><cell id='0' cpus='0' memory='5'/></numa></cpu>",
        "<cputune><vcpupin vcpu='9' cpuset='0'/></cputune>",
    ],
)
def test_what_was_not_named_is_no_concern(inside: str) -> None:
    tree, edits = edited(machine(inside), {"title": "t"})
    assert edits == ["set title none -> t"]
    assert memory_max_of(tree) == GIB


@pytest.mark.parametrize(("there", "option", "fact"), called(FACTS, lambda row: option_of(row[1:])))
def test_what_is_told(there: Params, option: str, fact: Any) -> None:
    tree = machine(**there)
    facts = Machine.facts(tree)
    assert facts.get(option) == fact
    assert edited(tree, facts)[1] == []
