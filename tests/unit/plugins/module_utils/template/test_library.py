# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template library: what is a template, which version is the latest, what a miss says."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import NotFound, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._template import library
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import (
    FORM,
    Template,
    check_form,
    check_template_name,
    find_template,
    read_descriptor,
    version_key,
)

TEMPLATE = Template("web", "1", "images", "/images/web+1.template.qcow2", 4096, 512, "a" * 64, os="debian12")


def told(**changed: Any) -> bytes:
    """Return the descriptor of the template with other words."""
    return json.dumps({**json.loads(TEMPLATE.written()), **changed}).encode()


def test_a_descriptor_tells_all_but_the_place() -> None:
    assert read_descriptor("images", TEMPLATE.path, TEMPLATE.written()) == TEMPLATE
    assert b"/images" not in TEMPLATE.written()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(40),
        b"[]",
        b"{}",
        b"3",
        b"\xff\xfe",
        TEMPLATE.written()[:-3],
        b'{"name": "web", "colour": "red"}',
        told(size="512"),
        told(defaults=[]),
        told(form="2"),
        told(form=99, name=None),
    ],
)
def test_what_is_no_whole_descriptor_tells_of_no_template(content: bytes) -> None:
    assert read_descriptor("images", "/x", content) is None


def test_what_a_newer_version_has_added_is_kept() -> None:
    newer = told(colour="red", form=FORM)
    template = read_descriptor("images", TEMPLATE.path, newer)
    assert template == replace(TEMPLATE, more={"colour": "red"})
    assert json.loads(template.written()) == json.loads(newer)


def test_a_descriptor_without_a_number_is_one_of_the_first_form() -> None:
    """It has memory in bytes, which an option would count in MiB."""
    first = {**json.loads(TEMPLATE.written()), "defaults": {"vcpus": 2, "memory": 1024**3}}
    del first["form"]
    today = replace(TEMPLATE, defaults={"vcpus": 2, "memory": "1GiB"})
    assert read_descriptor("images", TEMPLATE.path, json.dumps(first).encode()) == today


@pytest.mark.parametrize("changed", [{}, {"capacity": "many"}, {"defaults": [], "os": 3}])
def test_a_template_of_a_form_that_is_too_new_is_seen_and_not_used(changed: dict[str, Any]) -> None:
    template = read_descriptor("images", TEMPLATE.path, told(form=FORM + 1, **changed))
    assert template is not None
    assert (template.label, template.form) == ("web:1", FORM + 1)
    with pytest.raises(Refused, match="'web:1' in pool 'images' was described by a newer version"):
        check_form(template)


def test_versions_are_in_the_order_a_person_expects() -> None:
    ordered = ["1", "2", "2.1", "2.9", "2.10", "9", "10", "2026.1"]
    shuffled = (
        sorted(some, key=version_key) for some in itertools.islice(itertools.permutations(ordered), 0, None, 997)
    )
    assert all(some == ordered for some in shuffled)


@pytest.mark.parametrize(("name", "version"), [("a:b", "1"), ("a+b", "1"), ("", "1"), ("-a", "1"), ("a", "1 2")])
def test_names_that_a_volume_could_not_carry_are_refused(name: str, version: str) -> None:
    with pytest.raises(Refused, match="letters"):
        check_template_name(name, version)


def test_no_version_is_called_as_vms_call_the_last_one() -> None:
    with pytest.raises(Refused, match="cannot have the version 'latest'"):
        check_template_name("web", "latest")


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Hypervisor:
    """Return a host with three templates and no pool that could be looked through again."""

    class Connection:
        def listAllStoragePools(self, _flags: int = 0) -> list[Any]:
            return []

    versions = [replace(TEMPLATE, version=version) for version in ("9", "10")]
    monkeypatch.setattr(library, "_read_all", lambda _host: [replace(TEMPLATE, name="db"), *versions])
    return Hypervisor(Connection(), "fake:///")


@pytest.mark.parametrize(
    ("wanted", "label"), [("web", "web:10"), ("web:latest", "web:10"), ("web:9", "web:9"), ("db", "db:1")]
)
def test_a_name_alone_means_the_latest_version(host: Hypervisor, wanted: str, label: str) -> None:
    assert find_template(host, wanted).label == label


def test_the_latest_version_is_meant_also_where_it_cannot_be_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """A VM must not silently be made of an older one: it is refused then (test_health.py)."""
    versions = [TEMPLATE, replace(TEMPLATE, version="2", form=FORM + 1)]
    monkeypatch.setattr(library, "_read_all", lambda _host: versions)
    assert find_template(Hypervisor(None, "fake:///"), "web").label == "web:2"


@pytest.mark.parametrize(("wanted", "choice"), [("nix", "db, web"), ("nix:1", "db, web"), ("web:11", "web:9, web:10")])
def test_a_miss_names_what_there_is(host: Hypervisor, wanted: str, choice: str) -> None:
    with pytest.raises(NotFound, match=rf"choose one of: {choice}\.$"):
        find_template(host, wanted)
