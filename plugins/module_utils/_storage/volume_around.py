# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan needs to know beside the volume itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._errors import NotFound
from .._hypervisor import NO_SECRET, Hypervisor, found
from .._image.origin import Origin
from .._later import later
from .._libs import libvirt
from .._values import dataclass
from .changes import secret_key
from .download import Destination
from .pool_types import PoolType
from .pool_volumes import type_of_pool
from .sparsify import leftovers
from .state import VolumeState, find_volume, pool_free, read_volume
from .streams import sha256_of_volume
from .unfinished import is_unfinished
from .users import disk_of_running, owner_of, volume_users, writer_of
from .volume_spec import FORMATS, VolumeSpec

if TYPE_CHECKING:
    from .._template import library
    from . import measuring
    from .measuring import Measure
else:
    library, measuring = later(__package__, ".._template.library", ".measuring")

# What the volumes of templates are called, said here because few volumes are one.
_OF_TEMPLATES = ".template."

# What libvirt calls an ISO 9660 image.
_MEDIUM = "iso"


@dataclass(frozen=True)
class Surroundings:
    """What a plan needs to know beside the volume itself: sizes in bytes."""

    origin: VolumeState | None = None  # the backing or source volume that is named
    unfinished: bool = False  # an earlier run was cut off while it made the volume
    same_content: bool = True  # the volume holds what the image does, or the file at the destination
    users: Sequence[str] = ()
    of_template: bool = False  # it is a part of a template, which never changes
    running: str | None = None  # the running VM whose disk it is
    held: Sequence[str] = ()  # the running VMs that need it in any way
    free: int = 0
    kind: PoolType | None = None  # the type of the pool, where it is known
    physical: int = 0  # how long the volume itself is, whatever its user sees
    writer: str | None = None  # the running VM that may write to it
    measure: Measure | None = None  # what it takes and needs, where it may be sparsified
    leftovers: Sequence[str] = ()  # copies that were to take the volume's place, of runs that were cut off
    secret_known: bool = True  # libvirt has the secret that encrypts a new volume
    spoiler: str | None = None  # the VM that may write to the backing, or that runs and may write to the source


def holds_image(host: Hypervisor, spec: VolumeSpec, image: Origin) -> bool:
    """Return whether a volume holds what an image does; reads as much of the volume as the image is long."""
    volume = find_volume(host, spec.place.pool, spec.place.name)
    if volume is None:
        return False
    physical = _physical(volume)
    if physical != image.size and (spec.capacity is None or physical < image.size):
        return False
    return sha256_of_volume(host, volume, image.size) == image.sha256


def surroundings(host: Hypervisor, spec: VolumeSpec, current: VolumeState | None) -> Surroundings:
    """Return what the plan of a volume needs to know, asking only for what the plan can depend on."""
    if spec.download:
        return _around_download(host, spec, spec.download)
    place = spec.place
    unfinished = is_unfinished(host, place.pool, place.name)
    users = _users(host, current) if current and (unfinished or _touches(spec, current)) else []
    origin = None if spec.state == "absent" else _origin(host, spec, current)
    made = current is None or unfinished
    return Surroundings(
        origin=origin,
        spoiler=_spoiler(host, spec, origin) if origin and made else None,
        unfinished=unfinished,
        same_content=spec.image is None or spec.state == "absent" or holds_image(host, spec, spec.image),
        users=users,
        of_template=bool(users and current and _templates(host, current)),
        running=disk_of_running(host, current.path) if current and users else None,
        held=[user for user in users if _is_running(host, user)],
        kind=type_of_pool(host, place.pool),
        free=pool_free(host, place.pool) + (current.allocation if current and spec.image else 0),
        measure=_measured(host, spec, current) if current and not users and not unfinished else None,
        leftovers=leftovers(host, place.pool, place.name),
        secret_known=not spec.secret or (current is not None and not unfinished) or _knows_secret(host, spec.secret),
    )


def _around_download(host: Hypervisor, spec: VolumeSpec, to: Destination) -> Surroundings:
    place = spec.place
    volume = find_volume(host, place.pool, place.name)
    if volume is None:
        return Surroundings()
    writer, size = writer_of(host, volume.path()), _physical(volume)
    return Surroundings(
        unfinished=is_unfinished(host, place.pool, place.name),
        same_content=not writer and size == to.size and sha256_of_volume(host, volume, size) == to.sha256,
        physical=size,
        writer=writer,
    )


def _measured(host: Hypervisor, spec: VolumeSpec, current: VolumeState) -> Measure | None:
    """Return what a volume takes and needs; nothing where that is not asked for, or is refused anyway."""
    if not spec.sparsify or current.backing or current.format not in FORMATS:
        return None
    return measuring.measure(host, f"Volume '{spec.place}'", current.path, current.format)


def _physical(volume: Any) -> int:
    return int(volume.infoFlags(libvirt.VIR_STORAGE_VOL_GET_PHYSICAL)[2])


def _users(host: Hypervisor, current: VolumeState) -> list[str]:
    """Return who needs a volume; the templates too that it is a part or the medium of."""
    return [*volume_users(host, current.path), *_templates(host, current)]


def _templates(host: Hypervisor, current: VolumeState) -> list[str]:
    """Return the templates that a volume is the image, the descriptor or the medium of."""
    if current.format == _MEDIUM:
        medium = {"pool": current.pool, "volume": current.name}
        return [f"template {one.label}" for one in library.all_templates(host) if one.medium == medium]
    if _OF_TEMPLATES not in current.name:
        return []
    templates = library.templates_of(host, host.require_active_pool(current.pool))
    return [f"template {one.label}" for one in templates if current.name in (one.image, one.descriptor)]


def _touches(spec: VolumeSpec, current: VolumeState) -> bool:
    """Return whether the plan could harm who uses the volume; only then they are looked for."""
    made_anew = spec.source or spec.image
    resized = spec.capacity not in (None, current.capacity)
    return bool(spec.state == "absent" or spec.sparsify or made_anew or resized)


def _origin(host: Hypervisor, spec: VolumeSpec, current: VolumeState | None) -> VolumeState | None:
    """Return the volume to copy, or to stand below; a source that is gone matters only before the copy is made."""
    named = spec.backing or spec.source
    origin = read_volume(host, named.pool, named.name) if named else None
    if named and origin is None and (spec.backing or current is None):
        raise NotFound(f"Volume '{named}', of which '{spec.place}' is to be made, does not exist; correct the name.")
    return origin


def _spoiler(host: Hypervisor, spec: VolumeSpec, origin: VolumeState) -> str | None:
    return (owner_of if spec.backing else writer_of)(host, origin.path)


def _is_running(host: Hypervisor, name: str) -> bool:
    domain = host.domain(name)
    return domain is not None and bool(domain.isActive())


def _knows_secret(host: Hypervisor, secret: str) -> bool:
    """Return whether libvirt has a secret, by its UUID or usage (virSecretLookupByUUID, virSecretLookupByUsage)."""

    def by_usage(usage: str) -> Any:
        return host.connection.secretLookupByUsage(libvirt.VIR_SECRET_USAGE_TYPE_VOLUME, usage)

    lookup = host.connection.secretLookupByUUIDString if secret_key(secret) == "uuid" else by_usage
    return found(lookup, secret, NO_SECRET) is not None
