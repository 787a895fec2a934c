# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all ways to make a disk of a VM have in common.

A way is a file or a class: a subclass of Way or of NewVolume, and one line in registry.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from ..._errors import Refused
from ..._plan import Change
from ..._storage.pool_volumes import check_makes
from ..._units import MIB
from ..._values import dataclass
from ..devices.device import Wanted

# For its name alone, as in the other files here: not every module that knows disks makes some, and each of them is
# compiled anew at every call.
if TYPE_CHECKING:
    from ..surroundings import Surroundings

# A linked clone or a thin volume needs little at first; below this, a pool counts as full.
BREATH = MIB


@dataclass(frozen=True)
class Order:
    """A disk that is wanted and not there: of which VM, and the pool that a new volume of it goes to."""

    vm: str
    wanted: Wanted
    pool: str
    around: Surroundings

    @property
    def disk(self) -> str:
        """Return what the disk is called where it is refused."""
        return f"VM '{self.vm}': disk {self.wanted.name}"

    @property
    def secret(self) -> str:
        """Return which of libvirt's secrets encrypts the disk, or ""."""
        return str(self.wanted.fields.get("encryption", {}).get("secret", ""))


@dataclass(frozen=True)
class NewDisk:
    """A disk of a VM to be made: the volume it is on, and the change that makes the volume (None for one that is
    there), which takes `need` bytes of its pool at once.
    """

    wanted: Wanted
    path: str
    format: str
    kind: str
    change: Change | None = None
    place: str = ""
    need: int = BREATH

    @property
    def resolved(self) -> Wanted:
        """Return the disk with its image known by its path."""
        return replace(self.wanted, extra={"path": self.path, "format": self.format, "kind": self.kind})


class Way:
    """A way to come by the image of a disk.

    A subclass says by which sub-option it is chosen, and what that means (`words` may quote its value); the sub-options
    that are its own, documented; which of those that ways share go with it; and which of its own count only when the
    disk is made (`once`), each with the value that asks for nothing, or None.
    """

    option: ClassVar[str] = ""
    words: ClassVar[str] = ""
    documentation: ClassVar[Mapping[str, Any]] = {}
    shared: ClassVar[Sequence[str]] = ()
    once: ClassVar[Mapping[str, Any]] = {}

    def check(self, wanted: Wanted) -> None:
        """Refuse what makes no sense whatever the host is like, beside sub-options that do not go with the way."""

    def made(self, order: Order) -> NewDisk:
        """Return how the disk is made; Refused where it cannot be."""
        raise NotImplementedError


class NewVolume(Way):
    """A volume that is made for the disk, and called after it."""

    shared = ("size", "pool", "format")

    def kind(self, _wanted: Wanted) -> str:
        """Return the format of the volume."""
        return "qcow2"

    def making(self, order: Order, name: str) -> tuple[Change, int]:
        """Return the change that makes the volume, and the bytes that it takes at once; Refused where it cannot be."""
        raise NotImplementedError

    def made(self, order: Order) -> NewDisk:
        """Return the disk on its volume."""
        pool, around, kind = order.pool, order.around, self.kind(order.wanted)
        folder = new_place(order.disk, pool, kind, around)
        name = f"{order.vm}-{order.wanted.name}.{kind}"
        change, need = self.making(order, name)
        taken = around.pool_type(pool)
        if taken is not None and taken.thick:
            need = max(need, int(order.wanted.extra.get("size", 0)))
        return NewDisk(order.wanted, f"{folder}/{name}", kind, around.disk_kind(pool), change, f"{pool}/{name}", need)


def new_place(what: str, pool: str, image_format: str, around: Surroundings) -> str:
    """Return where a new volume of a pool will be; Refused where none is made there, or none that a path leads to.

    `what` it is for, as a sentence begins.
    """
    around.check_pool(pool)
    check_makes(what, pool, around.pool_type(pool), image_format)
    folder = around.pool_path(pool)
    if not folder:
        raise Refused(f"{what}: pool '{pool}' has no path on this host; choose a pool of files or block devices.")
    return folder
