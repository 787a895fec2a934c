# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of domains at a glance, by libvirt's test driver."""

from __future__ import annotations

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.census import Glance, glance_at, take_census

from tests.unit.default_host import default_host


def both(connection: libvirt.virConnect) -> list[Glance]:
    return [take_census(connection)["test"], glance_at(connection.lookupByName("test"))]


@pytest.mark.parametrize(("stop", "ended"), [("shutdown", True), ("destroy", False), ("managedSave", False)])
def test_who_has_stopped_a_domain(stop: str, ended: bool) -> None:
    with default_host() as connection:
        assert [glance.ended for glance in both(connection)] == [False, False]
        getattr(connection.lookupByName("test"), stop)()
        assert [(glance.active, glance.ended) for glance in both(connection)] == [(False, ended)] * 2
