# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was fetched and not yet imported: it is gone on with, by one run at a time, and goes when it is not needed.

Ansible's own temporary directory goes with a run, also with one that was cut off. So this one is elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from .._claim import claimed
from .._errors import Refused, TimedOut
from .fetch import Part
from .origin import Checksum, Origin

_SYSTEM = "/var/cache/kvmops-datacenter"
# Seconds after which nobody will go on with what was begun.
_FORGOTTEN = 14 * 24 * 3600
_PART = ".part"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@contextmanager
def fetched(origin: Origin, timeout: float) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Have what a URL gives in a file, with its digests, while the block runs; other runs wait for it until then.

    Nothing is left when the block ends, unless time was up. What is left of a run that was cut off the next one takes.
    Refused where it is not what its checksum tells. `timeout` in seconds for each of waiting and fetching.
    """
    directory = _directory(origin.cache or _default())
    _forget_old(directory)
    path = os.path.join(directory, _name(origin))
    with claimed("cache", [path], timeout):
        part = Part(origin.place, path, origin.algorithms)
        _complete(part, origin, timeout)
        try:
            origin.check(part.digests)
            yield path, part.digests
        except TimedOut:
            raise
        except Exception:
            part.drop()
            raise
        part.drop()


def _complete(part: Part, origin: Origin, timeout: float) -> None:
    """Fetch what is missing; all, where what was put together of two does not fit."""
    begun = part.size
    if not _fits(part, origin.checksum):
        part.complete(timeout)
    if origin.checksum and begun and not _fits(part, origin.checksum):
        part.drop()
        part.complete(timeout)


def _fits(part: Part, checksum: Checksum | None) -> bool:
    return checksum is not None and part.digests[checksum.algorithm] == checksum.digest


def _default() -> str:
    if os.geteuid() == 0:
        return _SYSTEM
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "kvmops-datacenter")


def _directory(path: str) -> str:
    """Return the directory, made for its owner alone; Refused where others could put something into it."""
    try:
        os.makedirs(path, 0o700, exist_ok=True)
        found = os.lstat(path)
    except OSError as error:
        raise Refused(f"cache {path} cannot be used ({error.strerror}); name another directory of the host.") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & _OTHERS_WRITE:
        raise Refused(f"cache {path} is no directory that only its owner can write to; name another one of the host.")
    return path


def _name(origin: Origin) -> str:
    """Return a name for what a URL gives: the URL may hold secrets, and what is expected may change."""
    return hashlib.sha256(f"{origin.place}\n{origin.checksum or ''}".encode()).hexdigest()[:32] + _PART


def _forget_old(directory: str) -> None:
    for entry in os.scandir(directory):
        with suppress(FileNotFoundError):
            if _PART in entry.name and time.time() - entry.stat().st_mtime > _FORGOTTEN:
                os.unlink(entry.path)
