# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory balloon."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import Edited, Live, Made, Unfit

MADE: list[Made] = [
    ("balloon", {"enabled": False}, "<memballoon model='virtio'/>", "<memballoon model='none'/>"),
    ("balloon", {"enabled": False}, "", ""),
    (
        "balloon",
        {
            "stats_period": 5,
            "autodeflate": True,
            "free_page_reporting": False,
            "model": "virtio-non-transitional",
            "virtio": {"packed": True, "ats": False, "page_per_vq": False, "iommu": False},
        },
        "<memballoon model='none'/>",
        (
            "<memballoon model='virtio-non-transitional' autodeflate='on' freePageReporting='off'><stats period='5'/>"
            "<driver packed='on' ats='off' page_per_vq='off' iommu='off'/></memballoon>"
        ),
    ),
]

EDITED: list[Edited] = [
    (
        "balloon",
        {"stats_period": 0},
        "<memballoon model='virtio'><stats period='10'/><alias name='ua-b'/></memballoon>",
        ["set memory balloon stats_period 10 -> none"],
        "<memballoon model='virtio'><alias name='ua-b'/></memballoon>",
    ),
]

REFUSED: list[Unfit] = []

LIVE: list[Live] = [
    (
        {"balloon": {"stats_period": 0, "autodeflate": True}},
        "<memballoon model='virtio'><stats period='10'/></memballoon>",
        ["set memory balloon autodeflate none -> True [next_boot]", "set memory balloon stats_period 10 -> none"],
        ["memory balloon autodeflate is none and will be True"],
    ),
]
