# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound cards."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import Edited, Live, Made, Unfit, at_next_boot

MADE: list[Made] = [
    ("sounds", [{}], "", "<sound model='ich9'/>"),
    (
        "sounds",
        [{"model": "ich6", "codecs": ["micro", "duplex", "micro"], "audio": 2}, {"name": "b", "model": "ac97"}],
        "<audio id='2' type='none'/>",
        (
            "<audio id='2' type='none'/><sound model='ich6'><codec type='micro'/><codec type='duplex'/>"
            "<codec type='micro'/><audio id='2'/></sound><sound model='ac97'><alias name='ua-b'/></sound>"
        ),
    ),
]

EDITED: list[Edited] = [
    (
        "sounds",
        [{"name": "a", "model": "ac97"}],
        "<sound model='ich9'><alias name='ua-a'/><address type='pci' slot='0x01'/></sound>",
        ["set sound card a model ich9 -> ac97"],
        "<sound model='ac97'><alias name='ua-a'/></sound>",
    ),
    (
        "sounds",
        [{"codecs": []}],
        "<sound model='ich9'><codec type='micro'/><audio id='1'/></sound>",
        ["set sound card codecs micro -> none"],
        "<sound model='ich9'><audio id='1'/></sound>",
    ),
]

REFUSED: list[Unfit] = [
    ("sounds", [{"model": "usb", "codecs": ["duplex"]}], "", "codecs means nothing for sound of model usb"),
]

LIVE: list[Live] = [
    at_next_boot("sounds", [{}], "sound card (model ich9)"),
]
