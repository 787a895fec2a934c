# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No two disks write one image unless somebody says so: what a VM is going to have is held against all there is.

What a VM has already is left as it is: somebody else may know better.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from .._errors import Refused
from .devices.device import name_of
from .surroundings import Surroundings


class Use(NamedTuple):
    """How a disk has its image."""

    image: str
    disk: str
    written: bool
    shared: bool


def check_shared(vm: str, before: Any, after: Any, new: Collection[str], around: Surroundings) -> None:
    """Refuse the tree of a VM in which a disk writes what another VM, volume or disk needs.

    `before` is its tree as it is (None for a new VM); `new` are the paths of the volumes that are made for it alone.
    What passes is claimed for the VM until the run ends: other VMs of the run are held against it.
    """
    had = {_told(disk) for disk in _disks(before)} if before is not None else set()
    fresh = [disk for disk in _disks(after) if _told(disk) not in had and _path(disk) not in new]
    if not fresh:
        return
    uses = [_use(disk, around) for disk in _disks(after)]
    for use in [_use(disk, around) for disk in fresh]:
        _check_twice(vm, use, uses)
        _check_others(vm, use, around)
    around.claim(vm, [use.image for use in uses if use.written and use.image])


def _disks(tree: Any) -> list[Any]:
    return [disk for disk in tree.iterfind("devices/disk") if disk.find("source") is not None]


def _told(disk: Any) -> tuple[Any, ...]:
    """Return what tells whether a disk has its image as it had it."""
    source = disk.find("source")
    return (*sorted(source.attrib.items()), _written(disk), disk.find("shareable") is not None)


def _path(disk: Any) -> str:
    source = disk.find("source")
    return source.get("file") or source.get("dev") or ""


def _written(disk: Any) -> bool:
    return disk.find("readonly") is None and disk.get("device") != "cdrom"


def _use(disk: Any, around: Surroundings) -> Use:
    target = disk.find("target")
    name = name_of(disk, target.get("dev", "") if target is not None else "")
    return Use(around.image_of(disk.find("source")), name, _written(disk), disk.find("shareable") is not None)


def _check_twice(vm: str, use: Use, uses: Iterable[Use]) -> None:
    """Refuse one image in two disks of a VM, if any of them is written without being shared."""
    same = [other for other in uses if use.image and other.image == use.image]
    if len(same) > 1 and any(other.written and not other.shared for other in same):
        raise Refused(
            f"VM '{vm}': disks {' and '.join(other.disk for other in same)} are one image, {use.image}; leave one of "
            "them out."
        )


def _check_others(vm: str, use: Use, around: Surroundings) -> None:
    """Refuse an image that another VM or volume needs, unless nothing is written to it, or VMs are to share it."""
    if not use.written or not use.image:
        return
    users = [user for user in around.users(use.image) if user != vm]
    if use.shared:
        # What a volume stands on must not change, whoever writes. No VM has a slash in its name.
        users = [user for user in users if "/" in user]
    if users:
        advice = "" if use.shared else "; choose another image, or say 'shareable: true' if both are made for that"
        raise Refused(
            f"VM '{vm}': {use.image} of disk {use.disk} is used by {', '.join(users)}, and two must not write one "
            f"disk{advice}."
        )
