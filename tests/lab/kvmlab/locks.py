# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks: files that one process at a time may hold, and that fall free when it ends, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kvmlab.run import Say


@contextmanager
def locked(path: Path, say: Say, holder: str) -> Iterator[int]:
    """Hold a lock; when it is held elsewhere, say whose end is waited for. Yields its file descriptor."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for {holder} to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()
