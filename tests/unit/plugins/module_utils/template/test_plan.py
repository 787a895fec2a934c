# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of templates: what a pool holds, what is wanted, what is done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.origin import Checksum, Origin
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.source import Source
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import Plan
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.changes import ImportTemplate
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import FORM, Template
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.plan import plan
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.spec import TemplateSpec
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.state import (
    Current,
    Trace,
    template_facts,
)

GIB = 1024**3
MADE_OF, IMAGE, OTHER, LONG = "a" * 64, "b" * 64, "c" * 64, "d" * 128

TEMPLATE = Template(
    name="web",
    version="1",
    pool="images",
    path="/images/web+1.template.qcow2",
    capacity=2 * GIB,
    size=GIB,
    sha256=IMAGE,
    os="debian12",
    defaults={"vcpus": 2, "memory": "1GiB"},
    source={"sha256": MADE_OF, "url": "https://example.org/web.raw"},
)
HALF = Trace(GIB, GIB // 2, "1.5")
THERE = Current(TEMPLATE, None, Trace(GIB, GIB, "1"), TEMPLATE.path, free=GIB)
UNFINISHED = Current(None, None, HALF, TEMPLATE.path, free=GIB)
LOST = Current(None, TEMPLATE, None, TEMPLATE.path, free=GIB)
NOTHING = Current(free=GIB)
IMPORT = ["import /web.qcow2 as template web:1 into pool images"]


def wanted(**more: Any) -> TemplateSpec:
    return TemplateSpec(**{"name": "web", "version": "1", "pool": "images", **more})


def path(digest: str = MADE_OF, need: int = 0, checksum: str | None = None) -> Source:
    """Return an image on the host."""
    parsed = Checksum.parse(checksum) if checksum else None
    return Source(Origin("path", "/web.qcow2", parsed, "/web.qcow2"), {"sha256": digest}, need)


def url(place: str = "https://example.org/web.raw", checksum: str | None = None) -> Source:
    """Return an image that a server has, of which nothing more is known."""
    return Source(Origin("url", place, Checksum.parse(checksum) if checksum else None))


def lines(made: Plan) -> list[str]:
    return [change.summary for change in made.changes]


@pytest.mark.parametrize(
    ("current", "source", "expected"),
    [
        (NOTHING, path(need=GIB), IMPORT),
        (UNFINISHED, path(), IMPORT),
        # The room that the unfinished image takes will be free again.
        (UNFINISHED, path(need=GIB + GIB // 2), IMPORT),
        (NOTHING, url(), ["import https://example.org/web.raw as template web:1 into pool images"]),
        (THERE, None, []),
        (THERE, path(MADE_OF), []),
        # The image of a template may be given back as its source.
        (THERE, path(IMAGE), []),
        (THERE, url(), []),
        (THERE, url("https://me:secret@example.org/web.raw?token=1"), []),
        (THERE, url("https://elsewhere.example/", f"sha256:{MADE_OF}"), []),
    ],
)
def test_images(current: Current, source: Source | None, expected: list[str]) -> None:
    assert lines(plan(wanted(), current, source)) == expected


ADD_NICS = "set defaults {'vcpus': 2, 'memory': '1GiB'} -> {'memory': '1GiB', 'vcpus': 2, 'nics': []}"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"os": "debian12"}, []),
        ({"os": ""}, ["set os 'debian12' -> ''"]),
        ({"description": ""}, []),
        ({"description": "x"}, ["set description '' -> 'x'"]),
        ({"defaults": {"vcpus": 2, "memory": "1GiB"}}, []),
        # The same in other words.
        ({"defaults": {"memory": "1024", "vcpus": 2}}, []),
        ({"defaults": {"memory": "1GiB", "vcpus": 2, "nics": []}}, [ADD_NICS]),
        ({"defaults": {}}, ["set defaults {'vcpus': 2, 'memory': '1GiB'} -> {}"]),
        (
            {"defaults": {"vcpus": 3}, "os": "x"},
            ["set os 'debian12' -> 'x', defaults {'vcpus': 2, 'memory': '1GiB'} -> {'vcpus': 3}"],
        ),
    ],
)
def test_descriptions(options: dict[str, Any], expected: list[str]) -> None:
    assert lines(plan(wanted(**options), THERE, None)) == expected


SAID: dict[str, Any] = {"os": "debian12", "description": "d", "defaults": {"vcpus": 2}}


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (SAID, SAID),
        ({}, {"os": None, "description": None, "defaults": {}}),
        ({"os": "", "description": "", "defaults": {}}, {"os": None, "description": None, "defaults": {}}),
    ],
)
def test_a_new_template_says_what_was_said_of_it(options: dict[str, Any], kept: dict[str, Any]) -> None:
    (change,) = plan(wanted(**options), NOTHING, path()).changes
    assert isinstance(change, ImportTemplate)
    assert {name: getattr(change, name) for name in kept} == kept


@pytest.mark.parametrize("options", [{}, {"os": "o"}, {"description": "d"}, {"defaults": {"vcpus": 2}}])
def test_what_is_not_said_of_a_template_stays(options: dict[str, Any]) -> None:
    described = replace(TEMPLATE, **{**SAID, "os": "o"})
    assert lines(plan(wanted(**options), replace(THERE, template=described), None)) == []


def test_what_a_newer_version_described_is_not_described_by_this_one() -> None:
    newer = replace(THERE, template=replace(TEMPLATE, form=FORM + 1))
    assert lines(plan(wanted(os="debian12"), newer, path())) == []
    assert lines(plan(wanted(state="absent"), newer, None)) == ["delete template web:1 from pool images"]
    with pytest.raises(Refused, match="described by a newer version"):
        plan(wanted(os="x"), newer, path())


def test_a_description_changes_nothing_else() -> None:
    made = plan(wanted(os="x"), THERE, path())
    assert [getattr(change, "after", None) for change in made.changes] == [replace(TEMPLATE, os="x")]
    assert made.diff()["before"] == {"template web:1": {"os": "debian12"}}
    assert made.diff()["after"] == {"template web:1": {"os": "x"}}


@pytest.mark.parametrize(
    ("current", "expected"),
    [
        (NOTHING, []),
        (THERE, ["delete template web:1 from pool images"]),
        (UNFINISHED, ["delete template web:1 from pool images"]),
        (LOST, ["delete template web:1 from pool images"]),
    ],
)
def test_removal(current: Current, expected: list[str]) -> None:
    assert lines(plan(wanted(state="absent"), current, None)) == expected


def test_a_template_that_has_lost_its_image_gets_the_same_again_and_stays_as_described() -> None:
    """What stands on it must not read something else, and no part of an image may lie beside a descriptor."""
    (change,) = plan(wanted(description="d"), LOST, path()).changes
    assert isinstance(change, ImportTemplate)
    assert (change.lost, change.os, change.description, change.defaults) == (
        True,
        TEMPLATE.os,
        "d",
        TEMPLATE.defaults,
    )
    (change,) = plan(wanted(), NOTHING, path()).changes
    assert isinstance(change, ImportTemplate)
    assert not change.lost


@pytest.mark.parametrize(
    ("options", "current", "source", "word"),
    [
        ({}, LOST, path(OTHER), "instead of /web.qcow2, which is not of the content of it"),
        # A server may have something else under that name by now.
        ({}, LOST, url(), "which cannot be compared with it"),
        ({"state": "absent"}, replace(LOST, users=["web01"]), None, "web01"),
        ({}, NOTHING, None, "src, path, url, volume, vm or iso"),
        ({}, UNFINISHED, None, "src, path, url, volume, vm or iso"),
        ({}, NOTHING, path(need=GIB + 1), "1024 MiB free and 1025 MiB are needed"),
        ({}, THERE, path(OTHER), "new version"),
        ({}, THERE, path(MADE_OF, checksum=f"sha256:{OTHER}"), "new version"),
        ({}, THERE, url("https://example.org/other"), f"sha256:{MADE_OF}"),
        ({}, THERE, url(checksum=f"sha256:{OTHER}"), "new version"),
        ({}, THERE, url(checksum=f"sha512:{LONG}"), "cannot be compared"),
        ({"state": "absent"}, replace(THERE, users=["images/a.qcow2", "web01"]), None, "images/a.qcow2, web01"),
        ({"state": "absent"}, replace(UNFINISHED, users=["web01"]), None, "web01"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], current: Current, source: Source | None, word: str) -> None:
    with pytest.raises(Refused) as caught:
        plan(wanted(**options), current, source)
    assert word in str(caught.value)


def test_a_template_of_another_pool_is_left_alone_and_named() -> None:
    made = plan(wanted(state="absent", version=None), NOTHING, None, [replace(TEMPLATE, pool="other")])
    told = "not in pool 'images'; web:1 in pool 'other' is left alone, name that pool if it is meant."
    assert (made.changes, made.warnings) == ([], [told])


def test_one_template_cannot_be_in_two_pools() -> None:
    with pytest.raises(Refused, match="already in pool 'other'"):
        plan(wanted(), NOTHING, path(), [replace(TEMPLATE, pool="other")])


def test_facts_are_options() -> None:
    facts = template_facts(TEMPLATE)
    fed_back = wanted(
        os=facts["os"],
        description=facts["description"],
        defaults=facts["defaults"],
    )
    assert lines(plan(fed_back, THERE, path(IMAGE, checksum=facts["checksum"]))) == []
