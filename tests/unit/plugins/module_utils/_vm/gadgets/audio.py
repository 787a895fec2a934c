# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the sound of a VM goes."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import Edited, Live, Made, Unfit, at_next_boot

MADE: list[Made] = [
    (
        "audios",
        [
            {"type": "pulseaudio", "server_name": "h", "timer_period": 50},
            {"id": 2, "type": "file", "path": "/a.wav"},
            {"id": 3, "type": "sdl", "driver": "alsa"},
        ],
        "",
        (
            "<audio id='1' type='pulseaudio' serverName='h' timerPeriod='50'/><audio id='2' type='file' path='/a.wav'/>"
            "<audio id='3' type='sdl' driver='alsa'/>"
        ),
    ),
]

EDITED: list[Edited] = [
    (
        "audios",
        [{"id": 1, "type": "file", "path": "/a"}],
        "<audio id='1' type='alsa' timerPeriod='5'><input dev='d'/></audio><audio id='2' type='none'/>",
        ["set audio 1 type alsa -> file", "set audio 1 path none -> /a", "detach audio 2"],
        "<audio id='1' type='file' path='/a'/>",
    ),
    ("audios", [], "<audio id='1' type='none'/>", [], "<audio id='1' type='none'/>"),
]

REFUSED: list[Unfit] = [
    ("audios", [{"type": "spice", "path": "/a"}], "", "path means nothing for audio of type spice"),
]

LIVE: list[Live] = [
    at_next_boot("audios", [{}], "audio (id 1, type none)"),
]
