# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is only planned counts as there in check mode, and nowhere else; on libvirt's own test driver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import NotFound
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor, hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._planned import (
    KINDS,
    Planned,
    planned_documentation,
    planned_option,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.surroundings import Surroundings

TOLD: dict[str, Any] = {
    "planned": {
        "networks": ["lan"],
        "pools": [
            {"name": "fast", "target": "/srv/fast", "type": None, "source": None},
            {"name": "default-pool", "target": None},
            {"name": "lvm", "type": "logical"},
            {"name": "group", "type": "logical", "source": {"name": "vg"}},
            {"name": "san", "type": "iscsi"},
            {"name": "ceph", "type": "rbd"},
        ],
        "templates": [
            {
                "name": "tiny",
                "version": "2",
                "pool": "fast",
                "capacity": 1024,
                "defaults": {"memory": "96MiB"},
            }
        ],
    }
}


@pytest.fixture
def host() -> Iterator[Hypervisor]:
    with hypervisor("test:///default") as opened:
        opened.planned = Planned.from_params(TOLD, check_mode=True)
        yield opened


@pytest.mark.parametrize(
    ("params", "check_mode"),
    [
        ({}, True),
        ({"planned": None}, True),
        ({"planned": {"pools": None, "networks": None, "templates": None}}, True),
        (TOLD, False),
    ],
)
def test_nothing_is_planned_outside_check_mode_or_if_nothing_is_said(params: Any, check_mode: bool) -> None:
    assert Planned.from_params(params, check_mode) == Planned()


def test_a_task_is_told_only_of_what_it_stands_on() -> None:
    assert set(planned_option("pools")["planned"]["options"]) == {"pools"}
    assert set(planned_option()["planned"]["options"]) == set(KINDS)


def test_what_the_option_takes_is_what_its_documentation_says() -> None:
    """The filter makes its entries of the same words."""
    source = planned_option()["planned"]["options"]["pools"]["options"]["source"]
    assert source == {"type": "dict", "options": {"name": {"type": "str"}}}
    documented = planned_documentation()["planned"]["suboptions"]["pools"]["suboptions"]["source"]
    assert documented["suboptions"]["name"] == {"description": "Name of its volume group.", "type": "str"}


def test_a_planned_pool_is_empty_and_has_room(host: Hypervisor) -> None:
    around = Surroundings(host)
    around.check_pool("fast")
    assert around.pool_path("fast") == "/srv/fast"
    assert around.disk_kind("fast") == "file"
    assert around.pool_free("fast") > 2**60
    assert not around.volume_exists("fast", "web01-root.qcow2")
    assert around.volume("fast", "web01-root.qcow2") is None


@pytest.mark.parametrize(
    ("pool", "path", "kind", "disk"),
    [
        ("fast", "/srv/fast", "dir", "file"),
        ("lvm", "/dev/lvm", "logical", "block"),
        ("group", "/dev/vg", "logical", "block"),
        ("san", "/dev/disk/by-path", "iscsi", "block"),
        ("ceph", "", "rbd", "file"),
    ],
)
def test_a_planned_pool_is_of_its_type(host: Hypervisor, pool: str, path: str, kind: str, disk: str) -> None:
    around, found = Surroundings(host), Surroundings(host).pool_type(pool)
    assert found is not None
    assert (around.pool_path(pool), found.name, around.disk_kind(pool)) == (path, kind, disk)


def test_a_pool_that_is_there_is_asked_although_it_is_planned_too(host: Hypervisor) -> None:
    around = Surroundings(host)
    assert around.pool_path("default-pool") == "/default-pool"
    assert around.pool_free("default-pool") < 2**60


def test_an_inactive_pool_counts_as_started_where_it_is(host: Hypervisor) -> None:
    host.connection.storagePoolLookupByName("default-pool").destroy()
    around = Surroundings(host)
    around.check_pool("default-pool")
    assert around.pool_path("default-pool") == "/default-pool"


def test_a_planned_network_is_there(host: Hypervisor) -> None:
    Surroundings(host).check_network("lan")


def test_a_planned_template_is_found_by_name_and_version(host: Hypervisor) -> None:
    around = Surroundings(host)
    template = around.template("tiny")
    assert around.template("tiny:2") == template
    assert (template.path, template.capacity) == ("/srv/fast/tiny+2.template.qcow2", 1024)
    assert template.defaults == {"memory": "96MiB"}


@pytest.mark.parametrize("ask", [("check_pool", "slow"), ("check_network", "wan"), ("template", "tiny:1")])
def test_what_is_neither_there_nor_planned_is_refused(host: Hypervisor, ask: tuple[str, str]) -> None:
    question, name = ask
    with pytest.raises(NotFound, match=name):
        getattr(Surroundings(host), question)(name)
