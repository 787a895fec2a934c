# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's guest images: what there is, whether it is current, and building what is not."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Callable

from kvmlab import guests_debian, guests_disk, guests_packages, guests_sectors, guests_tiny
from kvmlab.errors import LabError
from kvmlab.run import Say
from kvmlab.trees import remove_tree

SOURCES = Path(__file__).resolve().parent.parent / "guests"


@dataclass(frozen=True)
class Guest:
    """How one guest is built: build(sources, scratch, into) returns the files, of which the first names the guest."""

    build: Callable[[Path, Path, Path], list[Path]]
    sources: Path
    files: tuple[str, ...]
    hint: str
    code: tuple[ModuleType, ...] = ()
    words: str = ""

    def recipe(self) -> str:
        """A hash of everything that decides what the guest becomes: its sources, and the code that builds it.

        A guest that takes minutes to build gives words in place of its code, so that not every edit builds it anew.
        """
        files = sorted(path for path in self.sources.rglob("*") if path.is_file())
        return digest([*files, *(Path(str(module.__file__)) for module in self.code)], self.words)


def digest(files: Sequence[Path], words: str) -> str:
    """A hash of the files' names and content, and of the words."""
    made = hashlib.sha256(words.encode())
    for path in files:
        made.update(path.name.encode() + b"\0" + path.read_bytes())
    return made.hexdigest()


def _sector(name: str) -> Guest:
    return Guest(
        build=lambda sources, scratch, into: [
            guests_sectors.build(sources / f"{name}.s", scratch, into / f"{name}.img")
        ],
        sources=SOURCES / "boot",
        files=(f"{name}.img",),
        hint="a moment",
        code=(guests_sectors,),
    )


GUESTS = {
    "tiny": Guest(
        build=guests_tiny.build,
        sources=SOURCES / "tiny",
        files=("tiny.qcow2", "tiny.vmlinuz", "tiny.initrd"),
        hint="some 20 s",
        code=(guests_tiny, guests_disk, guests_packages),
    ),
    "watchdog": _sector("watchdog"),
    "dirty": _sector("dirty"),
    "hello": _sector("hello"),
    "debian": Guest(
        build=guests_debian.build,
        sources=SOURCES / "debian",
        files=("debian.qcow2",),
        hint="some 2 minutes",
        words=guests_debian.WORDS,
    ),
}


def ensure(cache: Path, names: Sequence[str], say: Say) -> None:
    """Build those of the named guests into cache/guests/ that are missing or whose recipe has changed.

    An image appears under its name only when it is complete. Raises LabError.
    """
    unknown = [name for name in names if name not in GUESTS]
    if unknown:
        raise LabError(f"There is no guest '{unknown[0]}'; the guests are {', '.join(GUESTS)}.")
    folder = cache / "guests"
    folder.mkdir(parents=True, exist_ok=True)
    for name in [name for name in names if not is_current(folder, name)]:
        with locked(folder, name):
            if not is_current(folder, name):  # another one may have built it meanwhile
                _build(folder, name, say)


def is_current(folder: Path, name: str) -> bool:
    """Whether all files of a guest are there and were built by the recipe as it is now."""
    guest, mark = GUESTS[name], folder / f"{name}.recipe"
    complete = all((folder / file).exists() for file in guest.files)
    return complete and mark.exists() and mark.read_text() == guest.recipe()


@contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """Be the only one who builds this image; what an interrupted builder left behind is cleared."""
    with (folder / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f".building-{name}-*"):
            remove_tree(left)
        yield


def _build(folder: Path, name: str, say: Say) -> None:
    guest = GUESTS[name]
    say(f"building the guest image '{name}' ({guest.hint})")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f".building-{name}-", dir=folder) as work:
        scratch, into = Path(work, "scratch"), Path(work, "done")
        scratch.mkdir()
        into.mkdir()
        (folder / f"{name}.recipe").unlink(missing_ok=True)
        for file in guest.build(guest.sources, scratch, into):
            file.chmod(0o644)
            os.replace(file, folder / file.name)
    (folder / f"{name}.recipe").write_text(guest.recipe())
    say(f"built the guest image '{name}' in {time.monotonic() - started:.0f} s")
