# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a file is on its way, told while it moves."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import MIB
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._progress import read_so_far, share, size_now, watched

READER = "import sys; file = open(sys.argv[1], 'rb', buffering=0); file.read(3 << 20); print(flush=True); input()"


@pytest.mark.parametrize(
    ("moved", "size", "words"),
    [
        (0, 12 * MIB, "0 of 12 MiB (0 %)"),
        (3 * MIB, 12 * MIB, "3 of 12 MiB (25 %)"),
        (1, 1, "0 of 1 MiB (100 %)"),
        (0, 0, "0 of 0 MiB (0 %)"),
        (2 * MIB, MIB, "2 of 1 MiB (100 %)"),
    ],
)
def test_a_share(moved: int, size: int, words: str) -> None:
    assert share(moved, size) == words


def test_it_is_told_while_it_moves() -> None:
    told: list[str] = []
    steps = iter([None, MIB, 2 * MIB])
    with watched(lambda: next(steps, 3 * MIB), 4 * MIB, told.append, interval=0.001):
        while len(told) < 3:
            time.sleep(0.001)
    assert told[:3] == ["1 of 4 MiB (25 %)", "2 of 4 MiB (50 %)", "3 of 4 MiB (75 %)"]
    before = len(told)
    time.sleep(0.02)
    assert len(told) == before, "nothing is told afterwards"


def test_how_large_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(100))
    assert (size_now(str(tmp_path / "file")), size_now(str(tmp_path / "none"))) == (100, None)


def test_how_far_a_file_is_read(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(bytes(5 * MIB))
    link.symlink_to(file)
    assert read_so_far(str(file)) is None
    with file.open("rb", buffering=0) as opened:
        opened.read(MIB)
        assert read_so_far(str(link)) == MIB
    # A child of a child, as a program that moves files may be.
    command = ["sh", "-c", f'"{sys.executable}" -c "{READER}" "{file}"; true']
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        assert read_so_far(str(file)) == 3 * MIB
        child.stdin.close()
    assert read_so_far(str(file)) is None
