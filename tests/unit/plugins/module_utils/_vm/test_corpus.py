# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The corpus itself: libvirt takes every case, its schema knows them, and our parser loses nothing of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml
from lxml import etree

from tests.unit.plugins.module_utils._vm.corpus import beyond
from tests.unit.plugins.module_utils._vm.corpus.builder import ORDER, Case
from tests.unit.plugins.module_utils._vm.corpus.cases import corpus
from tests.unit.plugins.module_utils._vm.corpus.driver import TOLD, canonical, refusal, told

SCHEMA = Path("/usr/share/libvirt/schemas/domain.rng")
CASES = list(corpus())


def named(cases: list[Case]) -> Any:
    """Return the parametrization over cases, each test named after its case."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases])


@pytest.fixture(scope="module")
def schema() -> Any:
    assert SCHEMA.exists(), f"{SCHEMA} is missing; install libvirt-dev, whose libvirt0 brings it (see bindep.txt)."
    return etree.RelaxNG(etree.parse(str(SCHEMA)))


def in_order(xml: str) -> Any:
    """Return a tree in libvirt's own order: in others libxml2 gets lost in the schema's nested interleaves."""
    root = etree.fromstring(xml)
    root[:] = sorted(root, key=lambda node: ORDER.index(node.tag) if node.tag in ORDER else len(ORDER))
    return root


def test_there_are_many_and_each_has_a_name() -> None:
    assert len(CASES) >= 400
    assert not [name for name, count in Counter(case.name for case in CASES).items() if count > 1]
    assert len({case.xml for case in CASES}) == len(CASES)


def test_they_are_always_the_same() -> None:
    assert list(corpus()) == CASES


@named(CASES)
def test_libvirt_takes_it(case: Case) -> None:
    assert refusal(case) == ""


@named(CASES)
def test_what_libvirt_tells_of_it_comes_to_rest(case: Case) -> None:
    # Not at once: libvirt sorts disks by bus before it has guessed the bus of those that name none, and numbers
    # consoles before it has put that of the serial port first.
    twice = told(told(case))
    assert canonical(told(twice).xml) == canonical(twice.xml)


@named([case for case in CASES if case.name not in beyond.WHY])
def test_the_schema_knows_it(schema: Any, case: Case) -> None:
    schema.assertValid(in_order(case.xml))


def test_the_list_of_what_the_schema_lacks_is_right(schema: Any) -> None:
    lacking = {case.name for case in CASES if not schema.validate(in_order(case.xml))}
    assert lacking <= set(beyond.WHY)
    # A later libvirt's schema may have learned some of them.
    assert lacking == set(beyond.WHY) or libvirt.getVersion() >= 9_001_000


@named(CASES)
def test_reading_and_writing_loses_nothing(case: Case) -> None:
    for xml in (case.xml, told(case).xml):
        assert canonical(to_xml(parse_xml(xml))) == canonical(xml)


def test_what_is_told_has_a_name_of_its_own() -> None:
    assert told(CASES[0]).name == CASES[0].name + TOLD
