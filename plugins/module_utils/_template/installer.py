# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates of installation media, read and made: the medium stays where it is, and the descriptor names it.

The image of such a template is an empty disk as large as libosinfo recommends. It makes the template one like all
others to who lists, versions, shares and removes them; no VM stands on it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .._errors import KvmError, NotFound, Refused
from .._hypervisor import Hypervisor
from .._image.image import digests_of
from .._image.origin import Origin
from .._image.source import Staged
from .._later import later
from .._osinfo.recommended import Recommendation, recommended
from .._storage.state import active_pools, look_again
from .._units import GIB, format_size
from .library import is_url
from .medium_source import Installer, IsoSpec

if TYPE_CHECKING:
    from .._media import listing, places
else:
    # Most templates are of images.
    listing, places = later(__package__, ".._media.listing", ".._media.places")

# What a system gets of which nobody knows how much it wants, in bytes.
_DISK = 20 * GIB

# Seconds for each of two short reads from a server, at most.
_PATIENCE = 30


def look_at_iso(
    host: Hypervisor, wanted: IsoSpec, os_id: str | None, kept: Mapping[str, str] | None, timeout: int
) -> Installer:
    """Return what has to be known of a medium to plan; nothing is read where a template was made of it (`kept`).

    NotFound or Refused where it is not there, is none, is damaged, or nothing boots from it. `os_id` is the system that
    a user says it holds, None where that is up to libosinfo; `timeout` in seconds is for a server.
    """
    origin = Origin(wanted.kind, wanted.shown)
    if kept is not None:
        same = _names(wanted.name, kept.get("iso", ""))
        return Installer(origin, IsoSpec(kept["iso"]) if same else wanted)
    medium = _medium(host, wanted.name, min(timeout, _PATIENCE))
    if medium.invalid or medium.disc is None:
        raise Refused(medium.invalid)
    place = _kept(wanted.name, medium.place)
    system = _system(medium) if os_id is None else os_id
    known = _recommended(system)
    capacity = (known.storage if known else None) or _DISK
    defaults = _defaults(known, medium.disc.boot)
    found = Installer(origin, IsoSpec(place))
    return replace(found, capacity=capacity, place=place, os=system, defaults=defaults)


def _names(said: str, place: str) -> bool:
    """Return whether what a user wrote is the medium that a descriptor keeps: the pool of a volume may be left out."""
    return said == place or ("/" not in said and not place.startswith("/") and place.endswith(f"/{said}"))


def _medium(host: Hypervisor, said: str, timeout: int) -> places.Medium:
    if is_url(said):
        return places.at_url(said, timeout)
    if said.startswith("/"):
        return places.at_path(host, said)
    pool, _slash, name = said.rpartition("/")
    look_again(host)
    pools = [host.require_active_pool(pool)] if pool else active_pools(host)
    found = [(there, volume) for there in pools for volume in [host.volume(there, name)] if volume is not None]
    if not found:
        raise NotFound(f"Volume '{name}' of iso does not exist in {_where(pool)} on {host.uri}; correct the name.")
    if len(found) > 1:
        names = ", ".join(f"{there.name()}/{name}" for there, _volume in found)
        raise Refused(f"Volume '{name}' of iso is in several pools; write one of {names}.")
    there, volume = found[0]
    return places.in_volume(host, there.name(), volume, volume.path(), int(volume.info()[1]))


def _where(pool: str) -> str:
    return f"pool '{pool}'" if pool else "any active pool"


def _kept(said: str, place: Mapping[str, str]) -> str:
    """Return how a descriptor keeps the place of a medium: pool/volume, a path, or a URL."""
    if "volume" in place:
        return f"{place['pool']}/{place['volume']}"
    return place.get("path", said)


def _system(medium: places.Medium) -> str:
    """Return the short id of the system on a medium; "" where it is not known, or nobody can tell."""
    try:
        system = listing.identify(medium.disc) if medium.disc else None
    except KvmError:
        return ""
    return system.os if system else ""


def _recommended(os_id: str) -> Recommendation | None:
    try:
        return recommended(os_id) if os_id else None
    except KvmError:
        return None


def _defaults(known: Recommendation | None, boot: tuple[str, ...]) -> dict[str, Any]:
    """Return what VMs get that are installed from a medium: what their system wants, firmware that boots it."""
    sizes = {"vcpus": known.vcpus, "memory": format_size(known.memory) if known.memory else None} if known else {}
    firmware = {"firmware": "efi"} if boot == ("efi",) else {}
    return {**{name: size for name, size in sizes.items() if size}, **firmware}


@contextmanager
def blank(host: Hypervisor, source: Installer, workdir: str) -> Iterator[Staged]:
    """Have the empty image that stands for a medium, in a file in `workdir`, while the block runs."""
    with tempfile.TemporaryDirectory(prefix="image-", dir=workdir) as room:
        target = os.path.join(room, "image.qcow2")
        host.run(["qemu-img", "create", "-q", "-f", "qcow2", target, str(source.capacity)])
        digest = digests_of("The empty image", target, {"sha256"})["sha256"]
        yield Staged(target, os.path.getsize(target), source.capacity, digest, {"iso": source.place})
