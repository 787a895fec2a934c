# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random number generators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._composite import Group
from ..._field_kinds import Count, Text
from ..._fields import Element
from .chardev import Source
from .device import Device
from .kinds import VIRTIO_MODELS, Kinds, Model, VirtioDriver, fits


class Backend(Text):
    """Where randomness comes from; another place forgets what the one before was told."""

    def write(self, node: Any, value: Any) -> None:
        """Write the backend."""
        before, place = self.read(node), node.find("backend")
        if before is not None and before != value:
            place.text = None
            place.attrib.clear()
            del place[:]
        super().write(node, value)


class Entropy(Text):
    """The device of the host that is read, where that is what is done."""

    def read(self, node: Any) -> Any:
        """Return its path."""
        path = super().read(node)
        return path.strip() or None if path else None


class Rate(Element):
    """Source: https://libvirt.org/formatdomain.html#random-number-generator-device."""

    bytes = Count("./@bytes", "How many bytes it gets in each period; V(0), with the period, for any number.")
    period = Count("./@period", "The period in milliseconds; V(1000) if left out.")


class Rng(Kinds, Device):
    """Source: https://libvirt.org/formatdomain.html#random-number-generator-device."""

    tag = "rng"
    option = "rngs"
    noun = "random number generator"
    doc = (
        "The random number generators, all of them.",
        "A new VM for which nothing is said has one that reads C(/dev/urandom) of the host.",
        "They can be plugged into and out of a running VM.",
    )
    hotplug = True
    usual = True
    keys = ("backend",)
    defaults: ClassVar[Mapping[str, Any]] = {"model": "virtio", "backend": "random"}
    kind = "backend"
    only: ClassVar[Mapping[str, tuple[str, ...]]] = {"device": ("random",), "egd": ("egd",)}
    model = Model("./@model", "Which generation; V(virtio) if left out for a new one.", choices=VIRTIO_MODELS)
    backend = Backend(
        "backend/@model",
        "Where randomness comes from - V(random) a device of the host, V(builtin) QEMU, V(egd) a service. V(random) if "
        "left out for a new one.",
        choices=("random", "builtin", "egd"),
    )
    device = Entropy("backend", "V(random) - the device, V(/dev/urandom) if left out for a new one.")
    egd = Group("backend", Source, "V(egd) - where the service is.")
    rate = Group("rate", Rate, "The most that the guest gets.")
    virtio = Group("driver", VirtioDriver, "How it works as a virtio device.")

    @classmethod
    def attachable(cls, live: Any, node: Any) -> bool:
        """Return whether the running VM has a slot for it."""
        return fits(live, node.get("model", ""))
