# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The default host of libvirt's test driver, as it is at first.

All connections of a process share it, and it lasts as long as one of them, or an object that came of one: what a test
before has left in a cycle of Python's would be there for the next.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import libvirt

URI = "test:///default"


@contextmanager
def default_host() -> Iterator[Any]:
    """Give a connection to the host, and close it; an AssertionError where somebody still has the host before."""
    gc.collect()
    connection = libvirt.open(URI)
    try:
        pools = {pool.name(): pool.listVolumes() for pool in connection.listAllStoragePools() if pool.isActive()}
        assert pools == {"default-pool": []}, pools
        assert [domain.name() for domain in connection.listAllDomains()] == ["test"]
        yield connection
    finally:
        connection.close()
