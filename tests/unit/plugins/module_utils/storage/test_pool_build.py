# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building a pool while another host builds it too, and of what is built already.

The pool is a stand-in: libvirt's test driver never fails to build, and the lab's storage, replicated by its own hosts,
loses a directory that they make at the same moment.
"""

from __future__ import annotations

import errno
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import SYSTEM_ERROR, Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_changes import BuildPool
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_plan import plan_pool
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_spec import PoolSpec
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_types import NO_OVERWRITE

from tests.unit.plugins.module_utils.storage.test_pool_types import MADE

NO_SUPPORT = libvirt.VIR_ERR_NO_SUPPORT


class Pool:
    """A pool, and the connection that finds it: its builds fail in turn with pairs of libvirt's code and errno."""

    def __init__(self, *failures: tuple[int, int]) -> None:
        self.failures = list(failures)
        self.builds = 0
        self.flags = -1

    def storagePoolLookupByName(self, _name: str) -> Pool:
        return self

    def build(self, flags: int) -> None:
        self.builds += 1
        self.flags = flags
        if self.failures:
            code, number = self.failures.pop(0)
            error = libvirt.libvirtError("it failed")
            error.err = (code, 0, "it failed", 2, None, None, None, number, -1)
            raise error


def build(pool: Any, flags: int = 0) -> None:
    BuildPool("images", flags).carry_out(Hypervisor(pool, "test:///default"))


@pytest.mark.parametrize(("failures", "builds"), [([], 1), ([(SYSTEM_ERROR, errno.EEXIST)], 2)])
def test_a_directory_that_another_host_has_made_is_taken(failures: list[tuple[int, int]], builds: int) -> None:
    pool = Pool(*failures)
    build(pool)
    assert pool.builds == builds


@pytest.mark.parametrize(
    ("failures", "builds"),
    [
        ([(SYSTEM_ERROR, errno.EACCES)], 1),
        ([(NO_SUPPORT, errno.EEXIST)], 1),
        ([(SYSTEM_ERROR, errno.EEXIST), (SYSTEM_ERROR, errno.EEXIST)], 2),
    ],
)
def test_any_other_failure_is_told(failures: list[tuple[int, int]], builds: int) -> None:
    pool = Pool(*failures)
    with pytest.raises(libvirt.libvirtError):
        build(pool)
    assert pool.builds == builds


@pytest.mark.parametrize("flags", [0, NO_OVERWRITE])
def test_a_device_that_holds_something_is_left_as_it_is(flags: int) -> None:
    pool = Pool((libvirt.VIR_ERR_STORAGE_POOL_BUILT, 0))
    build(pool, flags)
    assert (pool.builds, pool.flags) == (1, flags)


def test_a_device_that_cannot_be_looked_at_is_told() -> None:
    with pytest.raises(libvirt.libvirtError):
        build(Pool((libvirt.VIR_ERR_STORAGE_PROBE_FAILED, 0)), NO_OVERWRITE)


def test_nothing_is_ever_overwritten() -> None:
    assert NO_OVERWRITE == libvirt.VIR_STORAGE_POOL_BUILD_NO_OVERWRITE
    made = [params for params, _like, _more in MADE if params.get("build")]
    builds = [change for params in made for change in built(params)]
    assert [change.flags for change in builds] == [NO_OVERWRITE] * len(made) != []
    assert {change.flags for params, _like, _more in MADE if not params.get("build") for change in built(params)} == {0}


def built(params: dict[str, Any]) -> list[BuildPool]:
    plan = plan_pool(PoolSpec.from_params({"name": "p", **params}), None)
    return [change for change in plan.changes if isinstance(change, BuildPool)]
