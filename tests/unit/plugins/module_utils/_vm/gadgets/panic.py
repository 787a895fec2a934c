# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices by which a guest tells that it is done for."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import Edited, Live, Made, Unfit, at_next_boot

MADE: list[Made] = [
    (
        "panics",
        [{"iobase": "0x0505"}, {"name": "b", "model": "hyperv"}],
        "",
        (
            "<panic model='isa'><address type='isa' iobase='0x505'/></panic>"
            "<panic model='hyperv'><alias name='ua-b'/></panic>"
        ),
    ),
]

EDITED: list[Edited] = [
    (
        "panics",
        [{"name": "a", "model": "hyperv"}],
        "<panic model='isa'><address type='isa' iobase='0x505'/><alias name='ua-a'/></panic>",
        ["set panic device a model isa -> hyperv"],
        "<panic model='hyperv'><alias name='ua-a'/></panic>",
    ),
    ("panics", [], "<panic model='pseries'/>", [], "<panic model='pseries'/>"),
]

REFUSED: list[Unfit] = [
    ("panics", [{"model": "hyperv", "iobase": "0x505"}], "", "iobase means nothing for panic of model hyperv"),
]

LIVE: list[Live] = [
    at_next_boot("panics", [{}], "panic device (model isa)"),
]
