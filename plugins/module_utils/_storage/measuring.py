# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of the space that an image takes holds nothing but zeros. Nothing is written; all that is stored is read."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._errors import KvmError, Refused
from .._hypervisor import Hypervisor
from .._units import MIB
from .._values import dataclass

# Zeros are looked for in pieces of this size, or of a cluster where that is larger.
_PIECE = 64 * 1024
# qemu-img's exit code for clusters that leaked, which do no harm.
_LEAKS = 3


@dataclass(frozen=True)
class Measure:
    """What an image takes, and what a copy without its zeros takes at most; in bytes."""

    allocation: int
    needed: int

    @property
    def wasteful(self) -> bool:
        """Return whether a copy is worth it. It takes a little more than is stored, so it never seems wasteful."""
        return self.allocation - self.needed > MIB + self.needed // 50


def measure(host: Hypervisor, what: str, path: str, kind: str) -> Measure:
    """Return how much space an image takes and needs; Refused, naming it as `what`, where a copy would lose something.

    Rests on `qemu-img` info, check and map, and on the blocks of the file (stat(2)).
    """
    allocation = _allocation(what, path)
    info = qemu_img(host, "info", kind, path)
    details = info.get("format-specific", {}).get("data", {})
    _check_copied(what, info, details)
    if kind == "qcow2" and qemu_img(host, "check", kind, path).get("compressed-clusters"):
        raise Refused(f"{what} is compressed, so a copy would take more space; leave sparsify out.")
    piece = max(_PIECE, int(info.get("cluster-size") or 0))
    filled = filled_bytes(path, _stored(qemu_img(host, "map", kind, path)), piece)
    tables = 0 if kind == "raw" else _tables(int(info["virtual-size"]), filled, int(info["cluster-size"]))
    return Measure(allocation, filled + tables)


def _allocation(what: str, path: str) -> int:
    """Return the bytes that a file takes; Refused where it is none that another can take the place of."""
    try:
        found = os.lstat(path)
    except OSError as error:
        raise Refused(f"{what} is no file here ({error.strerror}); run this on its host.") from error
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        raise Refused(f"{what} is no file with one name, so a copy cannot take its place; leave sparsify out.")
    return found.st_blocks * 512


def _check_copied(what: str, info: Mapping[str, Any], details: Mapping[str, Any]) -> None:
    """Refuse an image of which a copy would not be the same."""
    reasons = {
        "has snapshots in it": info.get("snapshots"),
        "has bitmaps of backups in it": details.get("bitmaps"),
        "is encrypted": info.get("encrypted") or info.get("format") == "luks",
        "keeps its data in another file": details.get("data-file"),
        "was not closed in good order, or is damaged": info.get("dirty-flag") or details.get("corrupt"),
    }
    for reason, true in reasons.items():
        if true:
            raise Refused(f"{what} {reason}, which a copy would lose or not stand; leave sparsify out.")


def qemu_img(host: Hypervisor, command: str, kind: str, path: str, *more: str) -> Any:
    """Return what a command of qemu-img that only reads tells of an image; KvmError where it cannot."""
    code, told, errors = host.attempt(["qemu-img", command, "--output=json", "-f", kind, *more, path])
    if code not in (0, _LEAKS):
        words = " ".join((errors or told).split()) or "it tells no reason"
        raise KvmError(f"The image {path} cannot be measured (qemu-img {command}: {words}); is it in use, or damaged?")
    return json.loads(told)


def _stored(extents: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int, int]]:
    """Go through what is stored: place in the disk, length, and place in the file, in bytes."""
    for extent in extents:
        if extent["data"] and not extent["zero"] and "offset" in extent:
            yield extent["start"], extent["length"], extent["offset"]


def filled_bytes(path: str, stored: Iterable[tuple[int, int, int]], piece: int) -> int:
    """Return the bytes of all pieces of a disk that hold anything but zeros."""
    filled: set[int] = set()
    with open(path, "rb", buffering=0) as opened:
        for start, length, offset in stored:
            opened.seek(offset)
            for place, size in pieces_of(start, length, piece):
                data = opened.read(size)
                if data != bytes(len(data)):
                    filled.add(place // piece)
    return len(filled) * piece


def pieces_of(start: int, length: int, piece: int) -> Iterator[tuple[int, int]]:
    """Go through a part of a disk by pieces that begin at multiples of their size."""
    end = start + length
    while start < end:
        size = min(piece - start % piece, end - start)
        yield start, size
        start += size


def _tables(capacity: int, filled: int, cluster: int) -> int:
    """Return the bytes that a qcow2 image needs at most to tell where its data is.

    Source: https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.rst, with the larger of both kinds of
    entries.
    """
    second = _parts(capacity, cluster * (cluster // 16))
    first = _parts(second * 8, cluster)
    counts = _parts((filled // cluster + second + first) * 8, cluster) + 1
    return (2 + first + second + counts) * cluster


def _parts(size: int, part: int) -> int:
    return -(-size // part)
