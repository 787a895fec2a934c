# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The volumes of a host as kvm_volume_info shows them: chains, users, filters."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.listing import listed_volumes
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.state import Backing, VolumeState
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import Template
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

IMAGE, DESCRIPTOR = "deb+1.template.qcow2", "deb+1.template.json"
DEB = Template("deb", "1", "p", f"/p/{IMAGE}", GIB, 1000, "a" * 64)
INSTALLER = Template("inst", "1", "q", "/q/inst", GIB, 1000, "a" * 64, source={"iso": "p/alone"})


def volume(pool: str, name: str, below: str | None = None) -> VolumeState:
    backing = Backing(below, "qcow2") if below else None
    return VolumeState(pool, name, f"/{pool}/{name}", "qcow2", GIB, 0, backing)


VOLUMES = [
    volume("q", "top", "/p/middle"),
    volume("p", "middle", f"/p/{IMAGE}"),
    volume("p", IMAGE),
    volume("p", DESCRIPTOR),
    volume("p", "outside", "/elsewhere/base"),
    volume("p", "loop", "/p/loop"),
    volume("p", "alone"),
]


def domain(name: str, source: str) -> Any:
    return parse_xml(f"<domain><name>{name}</name><devices><disk><source {source}/></disk></devices></domain>")


# The second VM is told of twice, as it runs and as it will.
DOMAINS = [domain("web", "file='/q/top'"), *2 * [domain("db", "pool='p' volume='middle'")]]


def listed(pool: str | None = None, names: list[str] | None = None) -> list[dict[str, Any]]:
    return listed_volumes(VOLUMES, DOMAINS, [DEB, INSTALLER], pool, names)


@pytest.mark.parametrize(
    ("name", "users"),
    [
        ("top", ["web"]),
        ("middle", ["db", "q/top", "web"]),
        (IMAGE, ["db", "deb:1", "p/middle", "web"]),
        (DESCRIPTOR, ["deb:1"]),
        ("outside", []),
        ("loop", ["p/loop"]),
        ("alone", ["inst:1"]),
    ],
)
def test_who_needs_a_volume(name: str, users: list[str]) -> None:
    assert listed(names=[name])[0]["used_by"] == users


def below(path: str, **place: str) -> dict[str, str]:
    return {"path": path, "format": "qcow2", **place}


BASE = below(f"/p/{IMAGE}", name=IMAGE, pool="p")
MIDDLE = below("/p/middle", name="middle", pool="p")
CHAINS: list[tuple[str, list[dict[str, str]], Any]] = [
    ("top", [MIDDLE, BASE], {"name": "middle", "pool": "p"}),
    ("middle", [BASE], {"name": IMAGE, "pool": "p"}),
    (IMAGE, [], None),
    ("outside", [below("/elsewhere/base")], None),
    ("loop", [], None),
]


@pytest.mark.parametrize(("name", "chain", "backing"), CHAINS)
def test_what_is_below_a_volume(name: str, chain: list[dict[str, str]], backing: Any) -> None:
    facts = listed(names=[name])[0]
    assert (facts["chain"], facts.get("backing")) == (chain, backing)


EVERYTHING = ["alone", DESCRIPTOR, IMAGE, "loop", "middle", "outside"]
CHOICES: list[tuple[str | None, list[str] | None, list[tuple[str | None, str, str]]]] = [
    (None, None, [*[("p", name, "present") for name in EVERYTHING], ("q", "top", "present")]),
    ("q", None, [("q", "top", "present")]),
    (None, ["top", "alone"], [("p", "alone", "present"), ("q", "top", "present")]),
    ("p", ["top", "alone", "top"], [("p", "alone", "present"), ("p", "top", "absent")]),
    (None, ["none", "alone"], [("p", "alone", "present"), (None, "none", "absent")]),
    ("p", [], []),
]


@pytest.mark.parametrize(("pool", "names", "expected"), CHOICES)
def test_which_volumes(pool: str | None, names: list[str] | None, expected: list[tuple[str | None, str, str]]) -> None:
    assert [(facts.get("pool"), facts["name"], facts["state"]) for facts in listed(pool, names)] == expected
