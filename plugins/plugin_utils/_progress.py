# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a file is on its way from or to a host, told while a connection moves it: connections tell nothing."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Callable

from ..module_utils._units import MIB

# Seconds between two words about it.
_INTERVAL = 5.0

_PROC = Path("/proc")
_PARENT = re.compile(r"^PPid:\s*(\d+)$", re.MULTILINE)
_POSITION = re.compile(r"^pos:\s*(\d+)$", re.MULTILINE)


@contextmanager
def watched(
    moved: Callable[[], int | None], size: int, tell: Callable[[str], None], interval: float = _INTERVAL
) -> Iterator[None]:
    """Tell, every `interval` seconds while the body runs, how many of `size` bytes have moved, where that is known."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(interval):
            now = moved()
            if now is not None:
                tell(share(now, size))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def share(moved: int, size: int) -> str:
    """Return how many of `size` bytes have moved, as people read it."""
    return f"{moved // MIB} of {-(-size // MIB)} MiB ({min(100, 100 * moved // max(size, 1))} %)"


def size_now(path: str) -> int | None:
    """Return how many bytes a file has, None where it is not there."""
    return os.path.getsize(path) if os.path.exists(path) else None


def read_so_far(path: str) -> int | None:
    """Return how far this process, or one that it has started, has read a file; None where none of them has it open.

    Source: proc(5), status and fdinfo. On a control node without them nothing is known.
    """
    try:
        places = [place for process in _family() for place in _places(process, os.path.realpath(path))]
    except OSError:
        return None
    return max(places, default=None)


def _family() -> Iterator[Path]:
    """Go through the processes that are this one, or come from it."""
    parents = {found.name: _parent(found) for found in _PROC.iterdir() if found.name.isdigit()}
    own = {str(os.getpid())}
    while True:
        children = {process for process, parent in parents.items() if parent in own} - own
        if not children:
            break
        own |= children
    yield from (_PROC / process for process in own)


def _parent(process: Path) -> str:
    match = _PARENT.search(_read(process / "status"))
    return match.group(1) if match else ""


def _places(process: Path, path: str) -> Iterator[int]:
    """Go through how far a process is in the files that it has open at that path."""
    try:
        opened = [found.name for found in (process / "fd").iterdir() if os.path.realpath(found) == path]
    except OSError:
        return
    for number in opened:
        match = _POSITION.search(_read(process / "fdinfo" / number))
        if match:
            yield int(match.group(1))


def _read(file: Path) -> str:
    """Return the text of a file, nothing where its process has ended or is another user's."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
