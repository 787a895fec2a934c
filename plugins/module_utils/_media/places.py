# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where media are: in volumes, in files of this host, at URLs; each is read in short parts."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from .._errors import KvmError, Refused
from .._hypervisor import Hypervisor, speaking_of
from .._image.origin import public_url
from .._storage.streams import download_part
from .._values import dataclass
from .iso9660 import HEAD, HEAD_BYTES, Disc, read_disc
from .web import part_of, require_web


@dataclass(frozen=True)
class Medium:
    """An image that is an ISO 9660 one, or was said to be one.

    `place` says where it is in words of the options, `size` how many bytes it has. `invalid` is what is wrong, a
    sentence; empty where nothing is.
    """

    place: Mapping[str, str]
    size: int = 0
    disc: Disc | None = None
    invalid: str = ""


def medium_at(what: str, place: Mapping[str, str], size: int, disc: Disc | None) -> Medium:
    """Return a medium, with what is wrong with it as a sentence about `what`."""
    if disc is None:
        return Medium(place, size, None, f"{what} is no ISO 9660 image; name an installation medium.")
    return Medium(place, size, disc, f"{what} {disc.wrong}." if disc.wrong else "")


def in_volume(host: Hypervisor, pool: str, volume: Any, path: str, size: int) -> Medium:
    """Return what is in a volume of `size` bytes; KvmError where it cannot be read."""
    name = volume.name()
    what = f"Volume '{name}' of pool '{pool}'"
    with speaking_of(f"{what}: read its beginning"):
        disc = read_disc(partial(download_part, host, volume), size)
    return medium_at(what, {"pool": pool, "volume": name, "path": path}, size, disc)


def at_path(host: Hypervisor, path: str) -> Medium:
    """Return what is at a path: in a volume that an active pool knows, else in a file of this host."""
    volume = host.volume_at(path)
    if volume is None:
        return in_file(path)
    pool = volume.storagePoolLookupByVolume().name()
    return in_volume(host, pool, volume, path, int(volume.info()[1]))


def in_file(path: str) -> Medium:
    """Return what is in a file or block device of this host; Refused or KvmError where it cannot be read."""
    with _opened(path) as file:
        size = os.lseek(file, 0, os.SEEK_END)
        disc = read_disc(lambda offset, count: os.pread(file, count, offset), size)
    return medium_at(f"The file {path}", {"path": path}, size, disc)


@contextmanager
def _opened(path: str) -> Iterator[int]:
    """Open a file for the block; one that is neither file nor block device is refused, and never waited for."""
    if not path.startswith("/"):
        raise Refused(f"path '{path}' is not absolute; write it from / on.")
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Refused(f"The file {path} cannot be read ({error.strerror}); correct the path.") from error
    try:
        if stat.S_IFMT(os.fstat(file).st_mode) not in (stat.S_IFREG, stat.S_IFBLK):
            raise Refused(f"{path} is neither a file nor a block device; correct the path.")
        yield file
    except OSError as error:
        raise KvmError(f"The file {path} cannot be read ({error.strerror}); is its disk damaged?") from error
    finally:
        os.close(file)


def at_url(url: str, timeout: float) -> Medium:
    """Return what is at a URL; `timeout` in seconds for each of two short reads, and the errors of `part_of`."""
    require_web(url)
    head = part_of(url, HEAD, HEAD_BYTES, timeout)

    def read(offset: int, count: int) -> bytes:
        return head.content[:count] if offset == HEAD else part_of(url, offset, count, timeout).content

    shown = public_url(url)
    return medium_at(f"The URL {shown}", {"url": shown}, head.total, read_disc(read, head.total))
