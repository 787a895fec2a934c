# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes that are overwritten before they go, so that nobody reads later what they held."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from .._errors import KvmError
from .._hypervisor import Hypervisor
from .._libs import libvirt
from .._plan import Change
from .._values import dataclass
from .state import find_volume

# virStorageVolWipeAlgorithm, https://libvirt.org/html/libvirt-libvirt-storage.html: numbers, because this table is read
# without the library too. Trimming is not among them: it writes nothing.
WIPES: Mapping[str, int] = {
    "zero": 0,
    "nnsa": 1,
    "dod": 2,
    "bsi": 3,
    "gutmann": 4,
    "schneier": 5,
    "pfitzner7": 6,
    "pfitzner33": 7,
    "random": 8,
}
_CHUNK = 4 * 1024 * 1024


@dataclass(frozen=True)
class WipeVolume(Change):
    """Overwrite what a volume holds."""

    pool: str
    name: str
    algorithm: str = "zero"

    @property
    def summary(self) -> str:
        """Return what is wiped, and how."""
        return f"wipe volume {self.name} of pool {self.pool} ({self.algorithm})"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the content that goes."""
        return f"volume {self.pool}/{self.name} content", "kept", f"wiped ({self.algorithm})"

    def carry_out(self, host: Hypervisor) -> None:
        """Wipe it (virStorageVolWipePattern); it may be gone already.

        libvirt gives the space of a sparse file back instead of writing zeros over it, which leaves the data on the
        disk: that is written over before.
        """
        volume = find_volume(host, self.pool, self.name)
        if volume is None:
            return
        if self.algorithm == "zero" and _is_sparse_file(volume):
            overwrite(volume.path())
        volume.wipePattern(WIPES[self.algorithm], 0)


def _is_sparse_file(volume: Any) -> bool:
    kind, _capacity, allocation = volume.info()
    physical = volume.infoFlags(libvirt.VIR_STORAGE_VOL_GET_PHYSICAL)[2]
    return bool(kind == libvirt.VIR_STORAGE_VOL_FILE and allocation < physical)


def overwrite(path: str) -> None:
    """Write zeros over all data of a file, but not into its holes, and see them on the disk (fsync(2), lseek(2))."""
    try:
        with open(path, "r+b", buffering=0) as opened:
            for start, end in _data(opened):
                _write_zeros(opened, start, end)
            os.fsync(opened.fileno())
    except OSError as error:
        raise KvmError(
            f"The file {path} cannot be overwritten here ({error.strerror}); nothing was deleted: run this on the "
            "volume's host, as a user who may write the file."
        ) from error


def _data(opened: BinaryIO) -> Iterator[tuple[int, int]]:
    """Go through the parts of a file that hold data, as their first byte and the byte behind their last."""
    file, end = opened.fileno(), 0
    size = os.fstat(file).st_size
    while end < size:
        try:
            start = os.lseek(file, end, os.SEEK_DATA)
        except OSError:
            # ENXIO: there is no data any more.
            return
        end = os.lseek(file, start, os.SEEK_HOLE)
        yield start, end


def _write_zeros(opened: BinaryIO, start: int, end: int) -> None:
    opened.seek(start)
    while start < end:
        start += opened.write(bytes(min(_CHUNK, end - start)))
