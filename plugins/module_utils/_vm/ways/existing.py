# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks on an image that is there already: a file or device, a volume of a pool, an image on a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ..._errors import Refused
from ..._storage.state import VolumeState
from ..devices.device import Wanted
from .way import NewDisk, Order, Way

if TYPE_CHECKING:
    from ..surroundings import Surroundings


class OnServer(Way):
    """An image on a server; where that is stands in the VM's description."""

    option = "source"
    words = "is on the server that its source names"
    shared = ("format",)

    def made(self, order: Order) -> NewDisk:
        """Return the disk: nothing has to be made for it."""
        return NewDisk(order.wanted, "", order.wanted.extra.get("format", "raw"), "network")


class AtPath(Way):
    """An image file or a block device."""

    option = "path"
    words = "has the path '{}'"
    documentation: ClassVar[Mapping[str, Any]] = {
        "path": {
            "description": "Path of an image file or block device that is there, to be attached instead of making "
            "a new volume.",
            "type": "str",
        },
    }
    shared = ("format",)

    def check(self, wanted: Wanted) -> None:
        """Refuse half a path."""
        path = wanted.extra["path"]
        if not path.startswith("/"):
            raise Refused(f"Disk {wanted.name} has the path '{path}'; write a whole path, beginning with '/'.")

    def made(self, order: Order) -> NewDisk:
        """Return the disk; Refused where its format is not known."""
        path = order.wanted.extra["path"]
        volume = order.around.volume_at(path)
        image_format = order.wanted.extra.get("format") or (volume.format if volume else "")
        if not image_format:
            raise Refused(
                f"VM '{order.vm}': no active pool knows {path} of disk {order.wanted.name}; say its 'format', for QEMU "
                "is not to guess it."
            )
        return NewDisk(order.wanted, path, image_format, "block" if path.startswith("/dev/") else "file")


class InPool(Way):
    """A volume of a pool."""

    option = "volume"
    words = "names the existing volume '{}'"
    documentation: ClassVar[Mapping[str, Any]] = {
        "volume": {
            "description": "Name of a volume that is there, to be attached instead of making a new one; goes with "
            "O(disks[].pool).",
            "type": "str",
        },
    }
    shared = ("pool",)

    def check(self, wanted: Wanted) -> None:
        """Refuse a volume that may be in any pool."""
        if "pool" not in wanted.extra:
            raise Refused(f"Disk {wanted.name} {self.words.format(wanted.extra['volume'])}; say in which 'pool' it is.")

    def made(self, order: Order) -> NewDisk:
        """Return the disk."""
        pool, name = order.wanted.extra["pool"], order.wanted.extra["volume"]
        volume = found_volume(order.vm, pool, name, order.around)
        return NewDisk(order.wanted, volume.path, volume.format, order.around.disk_kind(pool))


def found_volume(vm: str, pool: str, name: str, around: Surroundings) -> VolumeState:
    """Return a volume that a VM is to have; Refused where it is not there."""
    volume = around.volume(pool, name)
    if volume is None:
        raise Refused(
            f"VM '{vm}': volume '{name}' does not exist in pool '{pool}'; create it with kvm_volume, or correct "
            "the name."
        )
    if not volume.path.startswith("/"):
        raise Refused(
            f"VM '{vm}': volume '{name}' of pool '{pool}' is at no path of this host ({volume.path}); say by 'source' "
            "on which servers it is."
        )
    return volume
