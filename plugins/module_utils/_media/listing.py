# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installation media of a host, for people to read: what each is, and whether a VM can be installed from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from .._errors import KvmError
from .._hypervisor import NO_STORAGE_VOL, NO_SUPPORT, Hypervisor, found
from .._image.origin import public_url
from .._libs import libvirt
from .._osinfo.media import Identified, identified
from .._storage.state import VolumeState, active_pools, parse_volume, refresh, unless_stopped
from .._values import dataclass
from .._xml import parse_xml
from .iso9660 import Disc
from .places import Medium, at_path, at_url, in_volume

# What libvirt calls what it finds no other format in.
_FORMATS = ("raw", "iso")
# The volume id of what cloud-init reads, which no system is installed from.
_SEED = "cidata"
_AT_ONCE = 8


@dataclass(frozen=True)
class Wanted:
    """Which media are asked for: those of pools (of all active ones if None), and single ones. `timeout` in seconds."""

    pools: Sequence[str] | None
    paths: Sequence[str] = ()
    urls: Sequence[str] = ()
    timeout: int = 30

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Wanted:
        """Return what options ask for: where they name nothing, all pools."""
        paths, urls, pools = params["paths"] or (), params["urls"] or (), params["pools"]
        return cls([] if pools is None and (paths or urls) else pools, paths, urls, params["timeout"])


def read_media(host: Hypervisor, wanted: Wanted) -> tuple[list[dict[str, Any]], list[str]]:
    """Return media in words, those of pools first, sorted by pool and volume; and what could not be looked at.

    Every pool is looked through anew. NotFound or Refused where a pool cannot be asked. A single medium that cannot be
    read is returned as invalid.
    """
    warnings: list[str] = []
    media = [*_of_pools(host, wanted.pools, warnings), *_of_paths(host, wanted.paths), *_of_urls(wanted)]
    systems = _systems(media, warnings)
    return [facts_of(medium, systems.get(place)) for place, medium in enumerate(media)], list(dict.fromkeys(warnings))


def _of_pools(host: Hypervisor, names: Sequence[str] | None, warnings: list[str]) -> list[Medium]:
    pools = active_pools(host) if names is None else [host.require_active_pool(name) for name in dict.fromkeys(names)]
    media = [medium for pool in pools for medium in _of_pool(host, pool, warnings)]
    return sorted(media, key=lambda medium: (medium.place["pool"], medium.place["volume"]))


def _of_pool(host: Hypervisor, pool: Any, warnings: list[str]) -> Iterator[Medium]:
    unless_stopped(partial(refresh, pool), None)
    volumes: list[Any] = unless_stopped(pool.listAllVolumes, [])
    for volume in volumes:
        medium = _tried(host, pool.name(), volume, warnings)
        if medium:
            yield medium


def _tried(host: Hypervisor, pool: str, volume: Any, warnings: list[str]) -> Medium | None:
    """Return the medium that a volume is, or None; a warning where it cannot be read."""
    try:
        return _of_volume(host, pool, volume)
    except KvmError as error:
        cause = error.__cause__
        unable = isinstance(cause, libvirt.libvirtError) and cause.get_error_code() == NO_SUPPORT
        why = f"Pool '{pool}': libvirt does not read its volumes, so media in it are not seen."
        warnings.append(why if unable else str(error))
        return None


def _of_volume(host: Hypervisor, pool: str, volume: Any) -> Medium | None:
    """Return the medium that a volume is, or None for what is none, or is gone meanwhile."""
    state = _state(pool, volume)
    if state is None or state.format not in _FORMATS:
        return None
    medium = in_volume(host, pool, volume, state.path, state.capacity)
    seed = medium.disc is not None and medium.disc.volume_id.lower() == _SEED
    return None if medium.disc is None or seed else medium


def _state(pool: str, volume: Any) -> VolumeState | None:
    description = found(lambda _name: str(volume.XMLDesc()), volume.name(), NO_STORAGE_VOL)
    return parse_volume(pool, parse_xml(description)) if description else None


def _of_paths(host: Hypervisor, paths: Sequence[str]) -> list[Medium]:
    return [_said({"path": path}, partial(at_path, host, path)) for path in dict.fromkeys(paths)]


def _of_urls(wanted: Wanted) -> list[Medium]:
    """Look at URLs side by side: one that stalls holds up no other."""

    def look(url: str) -> Medium:
        return _said({"url": public_url(url)}, lambda: at_url(url, wanted.timeout))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(look, dict.fromkeys(wanted.urls)))


def _said(place: dict[str, str], look: Any) -> Medium:
    try:
        medium: Medium = look()
    except KvmError as error:
        return Medium(place, invalid=str(error))
    return medium


def _systems(media: Sequence[Medium], warnings: list[str]) -> dict[int, Identified]:
    """Return what libosinfo knows of media, by their places in the list; a warning where it is missing."""
    try:
        told = {place: identify(medium.disc) for place, medium in enumerate(media) if medium.disc}
    except KvmError as error:
        warnings.append(f"Operating systems are not told: {error}")
        return {}
    return {place: system for place, system in told.items() if system}


def identify(disc: Disc) -> Identified | None:
    """Return what libosinfo knows of a medium, or None; KvmError where libosinfo is missing."""
    return identified(disc.ids, disc.size)


def facts_of(medium: Medium, system: Identified | None) -> dict[str, Any]:
    """Return a medium in words."""
    disc = medium.disc or Disc()
    return {
        **medium.place,
        "size": medium.size,
        "volume_id": disc.volume_id,
        "system_id": disc.system_id,
        "publisher_id": disc.publisher_id,
        "application_id": disc.application_id,
        "boot": list(disc.boot),
        "bootable": bool(disc.boot),
        **_system_facts(system),
        **({"invalid": medium.invalid} if medium.invalid else {}),
    }


def _system_facts(system: Identified | None) -> dict[str, Any]:
    if system is None:
        return {"os": "", "live": False, "installer": False, "script": []}
    paths = {"arch": system.arch, "kernel": system.kernel, "initrd": system.initrd}
    return {
        "os": system.os,
        "live": system.live,
        "installer": system.installer,
        "script": list(system.scripts),
        **{name: path for name, path in paths.items() if path},
    }
