# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole host, on libvirt's test driver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._host import state
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor

DOMAIN = "<domain type='test'><name>{}</name><memory>1024</memory><os><type>hvm</type></os></domain>"
POOL = "<pool type='dir'><name>another</name><target><path>/another</path></target></pool>"


@pytest.fixture
def host() -> Iterator[Hypervisor]:
    connection = libvirt.open("test:///default")
    yield Hypervisor(connection, "test:///default")
    connection.close()


def test_vms_are_counted_by_state(host: Hypervisor) -> None:
    for name in ("off", "asleep", "held", "gone~removed"):
        host.connection.defineXML(DOMAIN.format(name))
    for name in ("asleep", "held"):
        host.connection.lookupByName(name).create()
    host.connection.lookupByName("asleep").managedSave(0)
    host.connection.lookupByName("held").suspend()
    facts, problems = state.read_host(host)
    assert facts["vms"] == {"running": 1, "paused": 1, "saved": 1, "stopped": 1}
    assert facts["vm_names"] == ["asleep", "held", "off", "test"]
    assert problems == []


def test_pools_and_networks_are_in_the_words_of_their_modules(host: Hypervisor) -> None:
    host.connection.storagePoolDefineXML(POOL)
    facts, _problems = state.read_host(host)
    shown = [(pool["name"], pool["type"], pool["state"], pool["target"]) for pool in facts["pools"]]
    assert shown == [("another", "dir", "inactive", "/another"), ("default-pool", "dir", "active", "/default-pool")]
    (network,) = facts["networks"]
    assert (network["name"], network["mode"], network["ip"][0]["address"]) == ("default", "nat", "192.168.122.1/24")


def test_the_machine(host: Hypervisor) -> None:
    facts, _problems = state.read_host(host)
    assert (facts["arch"], facts["cpus"], facts["memory"]) == ("i686", 16, 3 * 1024**3)
    assert facts["cpu_topology"] == {"numa_cells": 2, "sockets": 2, "cores": 2, "threads": 2}
    # The test driver does not tell what memory is free.
    assert (facts["memory_free"], facts["memory_available"]) == (None, None)


def test_memory_that_caches_use_is_available(host: Hypervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"total": 8000, "free": 1000, "buffers": 200, "cached": 3000}
    monkeypatch.setattr(state, "_memory_stats", lambda _connection: told)
    facts, _problems = state.read_host(host)
    sizes = [facts[name] for name in ("memory", "memory_free", "memory_available")]
    assert sizes == [8000 * 1024, 1000 * 1024, 4200 * 1024]


def test_one_that_cannot_be_read_does_not_hide_the_others(host: Hypervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(pool: Any) -> Any:
        if pool.name() == "another":
            raise libvirt.libvirtError("the disk is gone")
        return real(pool)

    real = state.pool_state
    monkeypatch.setattr(state, "pool_state", broken)
    host.connection.storagePoolDefineXML(POOL)
    facts, problems = state.read_host(host)
    assert [pool["name"] for pool in facts["pools"]] == ["default-pool"]
    assert problems == ["pool another: read it: it failed (libvirt: the disk is gone)."]
