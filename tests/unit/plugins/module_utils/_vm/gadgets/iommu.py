# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IOMMU."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import Edited, Live, Made, Unfit, at_next_boot

MADE: list[Made] = [
    (
        "iommu",
        {"model": "intel", "caching_mode": True, "extended_interrupts": False, "iotlb": True, "aw_bits": 48},
        "",
        "<iommu model='intel'><driver caching_mode='on' eim='off' iotlb='on' aw_bits='48'/></iommu>",
    ),
    ("iommu", {"enabled": False}, "<iommu model='intel'/>", ""),
    ("iommu", {"model": "virtio"}, "", "<iommu model='virtio'/>"),
]

EDITED: list[Edited] = [
    (
        "iommu",
        {"interrupt_remapping": True, "aw_bits": 0},
        "<iommu model='intel'><driver eim='on' aw_bits='39'/></iommu>",
        ["set IOMMU interrupt_remapping none -> True", "set IOMMU aw_bits 39 -> none"],
        "<iommu model='intel'><driver eim='on' intremap='on'/></iommu>",
    ),
]

REFUSED: list[Unfit] = [
    ("iommu", {"model": "virtio", "iotlb": True}, "", "iotlb means nothing for iommu of model virtio"),
]

LIVE: list[Live] = [
    at_next_boot("iommu", {}, "IOMMU (model intel)"),
]
