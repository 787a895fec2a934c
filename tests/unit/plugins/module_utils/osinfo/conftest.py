# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that has not asked libosinfo yet, and a host that has it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.plugins.module_utils.osinfo.library import Host

_DATABASE = "ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.database"


@pytest.fixture(autouse=True)
def database() -> Iterator[Any]:
    """The module that loads libosinfo's data, in a process that has not asked yet.

    It is imported by name, because this file is read before the collection can be imported.
    """
    found = importlib.import_module(_DATABASE)
    _forget(found)
    yield found
    _forget(found)


def _forget(database: Any) -> None:
    database.known_systems.cache_clear()
    database.database.cache_clear()


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, database: Any) -> Host:
    """A host whose libosinfo knows three systems."""
    known = Host("debian11", "debian12", "win11")
    monkeypatch.setattr(database, "library", known.library)
    return known
