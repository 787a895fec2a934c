# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk images of operating systems that their vendors publish, as libosinfo knows them."""

from __future__ import annotations

from typing import Any

from .._values import dataclass
from .database import items, known_systems

# The first is taken where an OS has several.
_FORMATS = ("qcow2", "raw")


@dataclass(frozen=True)
class OsImage:
    """A disk image of an OS that its vendor publishes: the OS's short id, what it is called, and where it is."""

    os: str
    title: str
    url: str
    format: str
    cloud_init: bool


def os_images(arch: str) -> list[OsImage]:
    """Return an image for each OS of which libosinfo knows one for an architecture, sorted by the OS's short id.

    One for clouds comes before others. KvmError where the library is not there.
    """
    systems = {system.get_id(): system for system in known_systems().values()}
    best = (_best_image(system, arch) for system in systems.values())
    return sorted((image for image in best if image), key=lambda image: image.os)


def _best_image(system: Any, arch: str) -> OsImage | None:
    """Return the image of an OS that templates can best be made of (OsinfoImage), or None."""
    fitting = [
        OsImage(system.get_short_id(), system.get_name(), image.get_url(), image.get_format(), image.get_cloud_init())
        for image in items(system.get_image_list())
        if image.get_architecture() == arch and image.get_format() in _FORMATS and image.get_url()
    ]
    return min(fitting, key=_suitability, default=None)


def _suitability(image: OsImage) -> tuple[bool, int, str]:
    return not image.cloud_init, _FORMATS.index(image.format), image.url
