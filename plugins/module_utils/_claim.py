# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time for an object: a module whose Ansible was killed works on, and the next run has to wait for it."""

from __future__ import annotations

import fcntl
import os
import tempfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial

from ._errors import KvmError
from ._wait import wait_for


def lock_file() -> str:
    """Return the file in which objects are claimed: one for every user of the machine that the module runs on."""
    if os.geteuid() == 0:
        return "/run/kvmops-datacenter.lock"
    return os.path.join(tempfile.gettempdir(), f"kvmops-datacenter-{os.geteuid()}.lock")


@contextmanager
def claimed(uri: str, names: Collection[str], timeout: float) -> Iterator[None]:
    """Keep other runs of this machine off the named objects of a hypervisor inside the block.

    Each object is one byte of a file, locked in order so that no two runs wait for each other. The locks end with the
    process, however it ends (fcntl(2), F_SETLK). TimedOut where another run does not finish within `timeout` seconds.
    """
    try:
        file = os.open(lock_file(), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise KvmError(f"The lock file {lock_file()} cannot be opened ({error.strerror}); remove it.") from error
    try:
        for place, name in sorted({zlib.crc32(f"{uri} {name}".encode()): name for name in names}.items()):
            wait_for(partial(_taken, file, place), timeout, f"Another run did not finish its work on '{name}'")
        yield
    finally:
        os.close(file)


def _taken(file: int, place: int) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
    except (BlockingIOError, PermissionError):
        return False
    return True
