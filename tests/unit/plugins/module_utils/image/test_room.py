# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The room for an image: the smaller one of the pool's and the temporary directory's, which is named."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._image import room
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.room import Room

MIB = 1024**2


@pytest.mark.parametrize(
    ("free", "pool", "most", "where"),
    [
        (100 * MIB, 10 * MIB, 10 * MIB, "10 MiB that are left for it in the pool;"),
        (100 * MIB, 50 * MIB, 36 * MIB, "36 MiB that are left for it in the temporary directory "),
        (10 * MIB, 50 * MIB, 0, "0 MiB that are left for it in the temporary directory "),
    ],
)
def test_the_smaller_room_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, pool: int, most: int, where: str
) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    found = Room(str(tmp_path), pool)
    assert found.most() == most
    assert where in str(found.too_small("The image x", most))
