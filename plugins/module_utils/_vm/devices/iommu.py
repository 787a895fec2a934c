# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IOMMU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._field_kinds import Count, Switch
from .device import Device
from .kinds import Kinds, Model

_INTEL = ("interrupt_remapping", "caching_mode", "extended_interrupts", "iotlb", "aw_bits")


class Iommu(Kinds, Device):
    """Source: https://libvirt.org/formatdomain.html#iommu-devices."""

    tag = "iommu"
    option = "iommu"
    noun = "IOMMU"
    doc = (
        "An IOMMU, which the guest needs to give devices to VMs of its own.",
        "A running VM takes changes over at its next boot.",
    )
    many = False
    defaults: ClassVar[Mapping[str, Any]] = {"model": "intel"}
    kind = "model"
    only: ClassVar[Mapping[str, tuple[str, ...]]] = dict.fromkeys(
        ("interrupt_remapping", "caching_mode", "extended_interrupts", "iotlb", "aw_bits"), ("intel",)
    )
    model = Model(
        "./@model",
        "What the guest sees; V(intel) if left out for a new one. V(smmuv3) is for ARM.",
        choices=("intel", "virtio", "smmuv3"),
    )
    interrupt_remapping = Switch(
        "driver/@intremap", "V(intel) - whether it remaps interrupts; needs a split I/O APIC.", words=("on", "off")
    )
    caching_mode = Switch(
        "driver/@caching_mode", "V(intel) - what giving devices to VMs of the guest needs.", words=("on", "off")
    )
    extended_interrupts = Switch(
        "driver/@eim", "V(intel) - extended interrupt mode, for more than 255 CPUs.", words=("on", "off")
    )
    iotlb = Switch("driver/@iotlb", "V(intel) - whether devices may remember addresses (ATS).", words=("on", "off"))
    aw_bits = Count("driver/@aw_bits", "V(intel) - how wide addresses are, such as 48; V(0) for the usual width.")
