# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared memory: a piece of the host's memory that several guests see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._errors import Refused
from ..._field_kinds import Count, Matching, Size, Switch, Text
from ..._units import MIB
from ..._xml import without
from .single import SingleDevice

_PLAIN, _DOORBELL = "ivshmem-plain", "ivshmem-doorbell"


class Piece(Size):
    """An amount that a PCI device can map."""

    def normal(self, value: Any) -> Any:
        """Refuse an amount that QEMU could not start with."""
        size = super().normal(value)
        if size < MIB or size & (size - 1):
            raise Refused(f"{self.name} '{value}' cannot be mapped; choose a power of two from 1MiB up, such as 4MiB.")
        return size

    def fact(self, value: Any) -> Any:
        """Return it as people write it, or None where the option would refuse it."""
        return super().fact(value) if value and value >= MIB and not value & (value - 1) else None


class Model(Text):
    """What the guest sees; what only the model before has goes with it."""

    def write(self, node: Any, value: Any) -> None:
        """Write it, and drop what the other model has."""
        super().write(node, value)
        for tag in ("server", "msi") if value == _PLAIN else ("size",):
            for child in node.findall(tag):
                without(child)


class Shmem(SingleDevice):
    """Source: https://libvirt.org/formatdomain.html#shared-memory-device."""

    tag = "shmem"
    option = "shmems"
    noun = "shared memory"
    doc = (
        "Pieces of shared memory that the guest sees as PCI devices, all of them.",
        "A running VM is given one at once if it has a free slot for a PCI (not PCI Express) card.",
    )
    nameable = False
    hotplug = True
    keys = ("name",)
    defaults: ClassVar[Mapping[str, Any]] = {"model": _PLAIN}
    name = Matching(
        "./@name",
        "Name of the piece on the host, which is that of a file in C(/dev/shm) for V(ivshmem-plain).",
        r"[A-Za-z0-9_.-]{1,200}",
        "frames",
        required=True,
    )
    role = Text(
        "./@role",
        "Whether the memory moves along (V(master)) or is found (V(peer)) when the VM migrates.",
        choices=("master", "peer"),
    )
    model = Model(
        "model/@type",
        "V(ivshmem-plain) only shares, and is taken if left out; V(ivshmem-doorbell) also interrupts, by a server that "
        "has to run.",
        choices=(_PLAIN, _DOORBELL),
    )
    size = Piece(
        "size",
        "How much, a power of two such as V(4MiB), which is taken if left out; a plain number counts MiB. With a "
        "server that says it.",
        plain_unit=MIB,
    )
    server = Matching("server/@path", "Path of the server's socket.", "/.+", "/run/ivshmem.sock")
    vectors = Count("msi/@vectors", "Number of interrupts of V(ivshmem-doorbell).", most=1024)
    ioeventfd = Switch("msi/@ioeventfd", "Whether interrupts bypass QEMU.", words=("on", "off"))

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse what goes with the other model only."""
        model = values.get("model")
        interrupts = [name for name in ("server", "vectors", "ioeventfd") if values.get(name) is not None]
        if model == _PLAIN and interrupts:
            raise Refused(f"{interrupts[0]} goes with {_DOORBELL}; leave it out, or choose that model.")
        if model == _DOORBELL and values.get("size"):
            raise Refused(f"size goes with {_PLAIN}; with {_DOORBELL} the server says it.")

    @classmethod
    def attachable(cls, live: Any, _node: Any) -> bool:
        """Return whether the running VM has a bus for PCI cards; PCI Express ports do not take one."""
        models = {controller.get("model", "") for controller in live.iterfind("devices/controller[@type='pci']")}
        return not models or bool(models & {"pci-root", "pci-bridge", "pcie-to-pci-bridge", "dmi-to-pci-bridge"})
