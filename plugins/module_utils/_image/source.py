# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a wanted image before it is put into a pool, and the image itself, ready to be put there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import field, replace

from .._errors import KvmError
from .._hypervisor import Hypervisor
from .._values import dataclass
from .cache import fetched
from .fetch import look_at_url
from .image import HEADER_BYTES, capacity_of, digests_of, read_header
from .kinds import HOLDERS, OVA, PACKED, SECTOR, image_format
from .listed import resolved
from .origin import Origin
from .ova import extract_disk
from .packed import check_inside, peek, unpack
from .qemu_img import ImageFile, convert, inspect
from .room import Room, require_room


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

    @property
    def kept(self) -> Mapping[str, str]:
        """Return what a template keeps of where it comes from, as far as that is known before the image is read."""
        return self.digests

    def staged(self, host: Hypervisor, workdir: str, free: int, timeout: int) -> AbstractContextManager[Staged]:
        """Have the image ready while the block runs, as `staged` tells."""
        return staged(host, self, workdir, free, timeout)


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
    origin = resolved(host, origin, workdir)
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
    first, found = read_header(origin.what, path)
    if image_format(origin.what, first, found.st_size) in HOLDERS:
        return replace(_glimpse(origin, first, found.st_size), digests=digests)
    image = inspect(host, origin.what, path, timeout)
    return Source(origin, digests, image.size if image.format == "qcow2" else 0, image, image.capacity)


def _settled(origin: Origin, kept: Mapping[str, str] | None) -> bool:
    """Return whether the checksum alone tells if what is there was made of this image."""
    if kept is None or origin.checksum is None:
        return False
    return origin.checksum.algorithm in ("sha256", *kept)


def _look_at_url(origin: Origin) -> Source:
    return _glimpse(origin, *look_at_url(origin.place, HEADER_BYTES))


def _glimpse(origin: Origin, first: bytes, size: int | None) -> Source:
    """Return what the first bytes of an image, or of what holds it, tell; refuse what they show to be none.

    `size` in bytes, None where nobody tells: what is not known cannot be held to whole sectors before it is here.
    """
    kind = image_format(origin.what, first, SECTOR if size is None and first else size or 0)
    if kind in PACKED:
        inside = peek(kind, first)
        kind = check_inside(origin.what, inside) if inside else kind
        return Source(origin, capacity=capacity_of(kind, inside, 0))
    return Source(origin, need=(size or 0) if kind == "qcow2" else 0, capacity=capacity_of(kind, first, size or 0))


@contextmanager
def staged(host: Hypervisor, source: Source, workdir: str, free: int, timeout: int) -> Iterator[Staged]:
    """Have the image as a whole, checked qcow2 file while the block runs.

    What is temporary lies in `workdir` and goes afterwards; `free` is how many bytes the pool has room for, `timeout`
    in seconds for each step.
    """
    with tempfile.TemporaryDirectory(prefix="image-", dir=workdir) as path, _given(source, timeout) as given:
        room = Room(path, free)
        image = given.image or _unwrapped(host, given.origin, room, timeout)
        made_of = {**given.digests, **({"url": source.origin.shown} if source.origin.kind == "url" else {})}
        if image.format == "qcow2":
            sha256 = given.digests["sha256"] if image.path == given.origin.file else _sha256(image.path)
            yield Staged(image.path, image.size, image.capacity, sha256, made_of)
            return
        target = os.path.join(path, "image.qcow2")
        convert(host, source.origin.what, image, target, room, timeout)
        yield Staged(target, os.path.getsize(target), image.capacity, _sha256(target), made_of)


def _given(source: Source, timeout: int) -> AbstractContextManager[Source]:
    """Have the file as it is given on this host, with its digests: what a URL gives is fetched."""
    return _arrived(source, timeout) if source.origin.file is None else nullcontext(source)


@contextmanager
def _arrived(source: Source, timeout: int) -> Iterator[Source]:
    with fetched(source.origin, timeout) as (file, digests):
        yield replace(source, origin=replace(source.origin, file=file), digests=digests)


def _sha256(path: str) -> str:
    return digests_of("The image in the temporary directory", path, {"sha256"})["sha256"]


def _unwrapped(host: Hypervisor, origin: Origin, room: Room, timeout: int) -> ImageFile:
    """Return the disk that a file is, or that is unpacked from it."""
    path, what = str(origin.file), origin.what
    kind = _kind(what, path)
    if kind in PACKED:
        path = os.path.join(room.path, "unpacked")
        unpack(host, what, kind, str(origin.file), path, room, timeout)
        kind = _kind(f"What is packed in {what}", path)
    if kind == OVA:
        packed, path = path, os.path.join(room.path, "disk")
        extract_disk(what, packed, path, room, timeout)
    return inspect(host, what, path, timeout)


def _kind(what: str, path: str) -> str:
    first, found = read_header(what, path)
    return image_format(what, first, found.st_size)
