# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a wanted image before it is put into a pool, and the image itself, ready to be put there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field, replace

from .._errors import KvmError
from .._hypervisor import Hypervisor
from .._values import dataclass
from .fetch import download, look_at_url, require_room
from .image import HEADER_BYTES, ImageFile, capacity_of, convert, digests_of, image_format, inspect
from .origin import Origin

_SECTOR = 512


@dataclass(frozen=True)
class Source:
    """A wanted image, as far as it was looked at.

    `digests` by algorithm; `need` is how many bytes it takes in a pool at least; `image` is known of local files.
    `capacity` is how many bytes a VM sees, 0 where that is not known yet.
    """

    origin: Origin
    digests: Mapping[str, str] = field(default_factory=dict)
    need: int = 0
    image: ImageFile | None = None
    capacity: int = 0


@dataclass(frozen=True)
class Staged:
    """A whole, checked qcow2 image in a file of this host, with its own digest, and what it was made of."""

    path: str
    size: int
    capacity: int
    sha256: str
    source: Mapping[str, str]


def look_at(host: Hypervisor, origin: Origin, kept: Mapping[str, str] | None, timeout: int, workdir: str) -> Source:
    """Return what has to be known of an image to plan; nothing is fetched, nor read if `kept` answers it already.

    `kept` are the digests, by algorithm, of what was made of an image before, and None where nothing was. Refused where
    the image is missing, is none, or is not the one that its checksum tells; `timeout` in seconds.
    """
    if _settled(origin, kept):
        return Source(origin)
    if origin.file is not None:
        return _look_at_file(host, origin, origin.file, kept, timeout)
    if origin.kind == "src":
        if kept is None:
            require_room(workdir, origin.size)
        need = origin.size if origin.format == "qcow2" else 0
        return Source(origin, {"sha256": origin.sha256} if origin.sha256 else {}, need, capacity=origin.capacity)
    return Source(origin) if kept is not None else _look_at_url(origin)


def _look_at_file(host: Hypervisor, origin: Origin, path: str, kept: Mapping[str, str] | None, timeout: int) -> Source:
    digests = origin.digests()
    if origin.sha256 not in (None, digests["sha256"]):
        raise KvmError(f"{origin.what} has changed on its way to the host; run it again.")
    if kept is not None:
        return Source(origin, digests)
    image = inspect(host, origin.what, path, timeout)
    return Source(origin, digests, image.size if image.format == "qcow2" else 0, image, image.capacity)


def _settled(origin: Origin, kept: Mapping[str, str] | None) -> bool:
    """Return whether the checksum alone tells if what is there was made of this image."""
    if kept is None or origin.checksum is None:
        return False
    return origin.checksum.algorithm in ("sha256", *kept)


def _look_at_url(origin: Origin) -> Source:
    first, size = look_at_url(origin.place, HEADER_BYTES)
    # A server that does not tell the size cannot be held to whole sectors before the image is here.
    kind = image_format(origin.what, first, _SECTOR if size is None and first else size or 0)
    return Source(origin, need=(size or 0) if kind == "qcow2" else 0, capacity=capacity_of(kind, first, size or 0))


@contextmanager
def staged(host: Hypervisor, source: Source, workdir: str, timeout: int) -> Iterator[Staged]:
    """Have the image as a whole, checked qcow2 file while the block runs.

    What is temporary lies in `workdir` and goes afterwards; `timeout` in seconds for each step.
    """
    with tempfile.TemporaryDirectory(prefix="image-", dir=workdir) as room:
        source, image = _local(host, source, room, timeout)
        made_of = {**source.digests, **({"url": source.origin.shown} if source.origin.kind == "url" else {})}
        if image.format == "qcow2":
            yield Staged(image.path, image.size, image.capacity, source.digests["sha256"], made_of)
            return
        require_room(room, image.allocated)
        target = os.path.join(room, "image.qcow2")
        convert(host, source.origin.what, image.path, target, timeout)
        sha256 = digests_of("The converted image", target, {"sha256"})["sha256"]
        yield Staged(target, os.path.getsize(target), image.capacity, sha256, made_of)


def _local(host: Hypervisor, source: Source, room: str, timeout: int) -> tuple[Source, ImageFile]:
    """Return the source with its digests, and its image in a file of this host; fetched into `room` if need be."""
    if source.image is not None:
        return source, source.image
    target = os.path.join(room, "download")
    digests = download(source.origin.place, target, source.origin.algorithms, timeout)
    source.origin.check(digests)
    image = inspect(host, source.origin.what, target, timeout)
    return replace(source, digests=digests), image
