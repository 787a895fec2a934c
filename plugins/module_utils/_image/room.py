# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The room for temporary files of an import: what is unpacked into it may claim to be small, and is bounded."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator

from .._errors import KvmError, Refused
from .._units import MIB
from .._values import dataclass

# Others need the file system too.
_SPARE = 64 * MIB


@dataclass(frozen=True)
class Room:
    """A directory for temporary files, and how many bytes are free in the pool where the image goes."""

    path: str
    pool: int

    def most(self) -> int:
        """Return how many bytes an image may take now, in the directory and in the pool."""
        return max(0, min(shutil.disk_usage(self.path).free - _SPARE, self.pool))

    def too_small(self, what: str, most: int) -> Refused:
        """Return the error for an image that takes more than `most` bytes."""
        where = "the pool" if most >= self.pool else f"the temporary directory {self.path}"
        return Refused(
            f"{what} takes more than the {most // MIB} MiB that are left for it in {where}; free space there, if the "
            "image is what it should be."
        )

    def fill(self, what: str, target: str, blocks: Iterable[bytes]) -> None:
        """Write blocks into a new file, in which zeros take no space; Refused where they take more than there is."""
        most, written = self.most(), 0
        try:
            with open(target, "xb") as opened:
                for block in _small(blocks):
                    if block.count(0) == len(block):
                        opened.seek(len(block), 1)
                        continue
                    written += len(block)
                    if written > most:
                        raise self.too_small(what, most)
                    opened.write(block)
                opened.truncate()
        except OSError as error:
            raise KvmError(f"{what} cannot be written to {self.path} ({error.strerror}); make room there.") from error


def _small(blocks: Iterable[bytes], size: int = 64 * 1024) -> Iterator[bytes]:
    for block in blocks:
        for start in range(0, len(block), size):
            yield block[start : start + size]


def require_room(directory: str, need: int, option: str = "ansible_remote_tmp") -> None:
    """Refuse what the file system of a directory for temporary files has no room for; `need` in bytes.

    `option` is what the user sets to have another directory.
    """
    free = shutil.disk_usage(directory).free
    if free < need:
        raise Refused(
            f"The temporary directory {directory} has {free // MIB} MiB free and {-(-need // MIB)} MiB are needed; "
            f"free space there, or set {option} to a larger one."
        )
