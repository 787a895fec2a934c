# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One directory of shared storage becomes a pool of all hosts at the same moment, as a play on all of them does it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_changes import BuildPool, DefinePool

from tests.integration.support.lab import Lab

POOL = "it-at-once"
PATH = f"/srv/shared/{POOL}"


@pytest.fixture
def hypervisors(lab: Lab) -> Iterator[list[Hypervisor]]:
    """Return a hypervisor a host, each with the pool defined and nothing built; no trace of it stays."""
    found = [Hypervisor(lab.libvirt(host), host) for host in lab.hosts]
    lab.exec("h1", "rm", "-rf", PATH)
    for host in found:
        DefinePool(POOL, "dir", {"target": PATH, "mode": "0711"}, {}).carry_out(host)
    yield found
    for host in found:
        host.connection.storagePoolLookupByName(POOL).undefine()
    lab.exec("h1", "rmdir", PATH)


def test_hosts_that_build_at_once_all_succeed(lab: Lab, hypervisors: list[Hypervisor]) -> None:
    start = Barrier(len(hypervisors))

    def build(host: Hypervisor) -> None:
        start.wait()
        BuildPool(POOL).carry_out(host)

    with ThreadPoolExecutor(len(hypervisors)) as threads:
        list(threads.map(build, hypervisors))
    assert [lab.exec(host, "stat", "-c", "%F %a", PATH).strip() for host in lab.hosts] == ["directory 711"] * 3
