# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library for people to read: which version is the latest, and which VMs are behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._template import listing, origins
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import Template
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.listing import read_templates

from tests.unit.plugins.module_utils._vm.table import domain, record

TEMPLATE = Template("web", "1", "images", "/images/web+1.template.qcow2", 4096, 512, "a" * 64)
LIBRARY = [replace(TEMPLATE, name="db"), *(replace(TEMPLATE, version=version) for version in ("2", "9", "10"))]


def made(name: str, origin: str) -> Any:
    template, _colon, version = origin.partition(":")
    return domain("", record(f"<k:template name='{template}' version='{version}'/>"), name)


# web:1 is gone. One VM runs, and libvirt tells of it twice.
DOMAINS = [
    made("old", "web:1"),
    made("nine", "web:9"),
    made("nine", "web:9"),
    made("ten", "web:10"),
    made("data", "db:1"),
    made("gone~removed", "web:2"),
    domain(name="foreign"),
    made("newer", "web:11"),
]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Hypervisor:
    """Return a host with a library and VMs; libvirt is not asked."""
    monkeypatch.setattr(listing, "refresh_all", lambda _host: None)
    monkeypatch.setattr(listing, "all_templates", lambda _host: LIBRARY)
    monkeypatch.setattr(listing, "troubles", lambda _host, one: {"image": "gone"} if one.version == "2" else {})
    monkeypatch.setattr(origins, "domain_trees", lambda _host: DOMAINS)
    return Hypervisor(None, "fake:///")


def test_vms_of_earlier_versions_are_behind(host: Hypervisor) -> None:
    told = read_templates(host, None, used_by=False, behind=True)
    assert [(one["name"], one["version"], one["latest"], one["behind"]) for one in told] == [
        ("db", "1", True, []),
        ("web", "2", False, ["old"]),
        ("web", "9", False, ["old"]),
        ("web", "10", True, ["nine", "old"]),
    ]
    assert [one["invalid"] for one in told] == [{}, {"image": "gone"}, {}, {}]


def test_vms_are_read_only_where_they_are_asked_for(host: Hypervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "domain_trees", lambda _host: pytest.fail("the VMs are read"))
    assert "behind" not in read_templates(host, None, used_by=False)[0]


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["web:latest"], ["web:10"]),
        (["web"], ["web:2", "web:9", "web:10"]),
        (["web:9", "db:latest"], ["db:1", "web:9"]),
        (["nix:latest", "web:3"], ["nix:latest absent", "web:3 absent"]),
    ],
)
def test_names_mean_versions(host: Hypervisor, names: list[str], labels: list[str]) -> None:
    told = read_templates(host, names, used_by=False)
    gone = {"absent": " absent", "present": ""}
    assert [f"{one['name']}:{one['version']}{gone[one['state']]}" for one in told] == labels
