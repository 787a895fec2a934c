# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written over a file that is wiped."""

from __future__ import annotations

from pathlib import Path

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.wiping import WIPES, overwrite
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import MIB

PIECES: list[tuple[int, list[tuple[int, int]]]] = [
    (0, []),
    (8 * MIB, []),
    (8 * MIB, [(0, 5 * MIB)]),
    (8 * MIB, [(0, 10), (3 * MIB, MIB), (8 * MIB - 1, 1)]),
    (12345, [(0, 12345)]),
]


@pytest.mark.parametrize(("size", "pieces"), PIECES)
def test_data_goes_and_holes_stay(tmp_path: Path, size: int, pieces: list[tuple[int, int]]) -> None:
    file = tmp_path / "file"
    with file.open("wb") as opened:
        opened.truncate(size)
        for start, length in pieces:
            opened.seek(start)
            opened.write(b"x" * length)
    before = file.stat()
    overwrite(str(file))
    after = file.stat()
    assert file.read_bytes() == bytes(size)
    assert (after.st_size, after.st_blocks, after.st_ino) == (size, before.st_blocks, before.st_ino)


@pytest.mark.parametrize("name", ["none", "."])
def test_a_file_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(KvmError, match="cannot be overwritten here"):
        overwrite(str(tmp_path / name))


def test_the_numbers_are_those_of_libvirt() -> None:
    assert {name: getattr(libvirt, f"VIR_STORAGE_VOL_WIPE_ALG_{name.upper()}") for name in WIPES} == WIPES
