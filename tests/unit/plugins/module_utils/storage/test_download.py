# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's half of a download: the file that the control node fetches.

libvirt's test driver has no streams, so one stands in that gives what it is told.
"""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.download import (
    Destination,
    DownloadVolume,
    staged_file,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import MIB, TIB

CHUNK = 256 * 1024


class Pool:
    """A pool, its only volume, a connection and a stream, all in one."""

    def __init__(self, content: bytes, allocation: int = 0) -> None:
        self.content, self.allocation = content, allocation
        self.aborted = False

    def __getattr__(self, name: str) -> Any:
        answers = {"storagePoolLookupByName": self, "storageVolLookupByName": self, "newStream": self, "isActive": True}
        return lambda *_arguments: answers.get(name)

    def name(self) -> str:
        return "v"

    def info(self) -> list[int]:
        return [0, len(self.content), self.allocation]

    def recvAll(self, handler: Any, opaque: Any) -> None:
        for start in range(0, len(self.content), CHUNK):
            handler(self, self.content[start : start + CHUNK], opaque)

    def abort(self) -> None:
        self.aborted = True


def download(pool: Pool, staged: Path, size: int) -> tuple[Hypervisor, Destination]:
    host, to = Hypervisor(pool, "test:///default"), Destination("/d", str(staged))
    DownloadVolume("p", "v", size, to).carry_out(host)
    return host, to


CONTENTS = [b"", b"x", bytes(MIB) + b"x" * CHUNK + bytes(2 * MIB), bytes(3 * MIB), b"\0x" * MIB]


@pytest.mark.parametrize("content", CONTENTS)
def test_a_volume_is_staged(tmp_path: Path, content: bytes) -> None:
    staged = tmp_path / "volume"
    host, to = download(Pool(content), staged, len(content))
    assert staged.read_bytes() == content
    assert stat.S_IMODE(staged.stat().st_mode) == 0o600
    assert staged.stat().st_blocks * 512 <= len(content) - content.count(0) + len(content.strip(b"\0")) + CHUNK
    assert staged_file(host, to) == {"_staged": {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}}


def test_nothing_is_told_where_nothing_was_staged() -> None:
    host = Hypervisor(None, "test:///default")
    assert staged_file(host, None) == staged_file(host, Destination("/d", "/none")) == {}


@pytest.mark.parametrize(
    ("content", "size", "allocation", "there", "words"),
    [
        (b"short", 10, 0, False, "Volume 'v' ended after 5 of 10 bytes"),
        (b"x", 1, 0, True, r"cannot be written \(File exists\)"),
        (b"x", 2**20 * TIB, 2**20 * TIB, False, "set ansible_remote_tmp to another"),
    ],
)
def test_what_stops_it(tmp_path: Path, content: bytes, size: int, allocation: int, there: bool, words: str) -> None:
    staged = tmp_path / "volume"
    if there:
        staged.touch()
    with pytest.raises(KvmError, match=words):
        download(Pool(content, allocation), staged, size)
