# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libosinfo says of media that it knows."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.media import (
    Identified,
    identification,
    identified,
)

from tests.unit.plugins.module_utils.osinfo.library import GIB, Host, Medium, Script

JEOS, DESKTOP = Script("jeos"), Script("desktop")


@pytest.mark.parametrize(
    ("medium", "scripts"),
    [
        (Medium(), ()),
        (Medium(of_system=(JEOS, DESKTOP, DESKTOP)), ("desktop", "jeos")),
        (Medium(JEOS, of_system=(DESKTOP,)), ("jeos",)),
        (Medium(JEOS, of_system=(DESKTOP,), takes=False), ()),
        (Medium(JEOS, installer=False), ()),
    ],
)
def test_what_a_medium_can_be_installed_by(medium: Medium, scripts: tuple[str, ...]) -> None:
    told = identification(medium)
    assert told == Identified("wonder1", "", True, told.installer, "", "boot/initrd", scripts)


def test_a_medium_is_known_by_its_ids_and_its_size(host: Host) -> None:
    assert identified({"volume-id": "WONDER", "system-id": "LINUX"}, GIB) == identification(host.medium)
    assert host.medium.ids == {"volume-id": "WONDER", "system-id": "LINUX", "volume-size": GIB}
    assert identified({"volume-id": "PLAIN"}, GIB) is None
