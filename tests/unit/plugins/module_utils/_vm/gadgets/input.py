# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mice, keyboards, tablets, and what of the host is given away as one."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import USB, Edited, Live, Made, Unfit

MADE: list[Made] = [
    (
        "inputs",
        [
            {"type": "tablet"},
            {"name": "b", "type": "mouse", "bus": "virtio", "model": "virtio", "virtio": {"packed": True}},
            {"type": "keyboard"},
        ],
        "<input type='keyboard' bus='ps2'/>",
        (
            "<input type='keyboard' bus='ps2'/><input type='tablet' bus='usb'/>"
            "<input type='mouse' bus='virtio' model='virtio'><driver packed='on'/><alias name='ua-b'/></input>"
        ),
    ),
    (
        "inputs",
        [
            {"type": "passthrough", "device": "/dev/input/event1", "virtio": {"iommu": True, "ats": False}},
            {
                "type": "evdev",
                "device": "/dev/input/event2",
                "grab": "all",
                "grab_toggle": "scrolllock",
                "repeat": True,
            },
            {"type": "keyboard", "bus": "virtio", "virtio": {"page_per_vq": True}},
        ],
        "",
        (
            "<input type='passthrough' bus='virtio'><source evdev='/dev/input/event1'/><driver iommu='on' "
            "ats='off'/></input><input type='evdev'><source dev='/dev/input/event2' grab='all' "
            "grabToggle='scrolllock' repeat='on'/></input><input type='keyboard' bus='virtio'><driver "
            "page_per_vq='on'/></input>"
        ),
    ),
]

EDITED: list[Edited] = [
    (
        "inputs",
        [],
        "<input type='mouse' bus='ps2'/><input type='keyboard' bus='ps2'/><input type='tablet' bus='usb'/>",
        ["detach input device tablet usb"],
        "<input type='mouse' bus='ps2'/><input type='keyboard' bus='ps2'/>",
    ),
    (
        "inputs",
        [{"name": "a", "type": "evdev", "device": "/e"}],
        (
            "<input type='passthrough' bus='virtio'><source evdev='/p'/><alias name='ua-a'/>"
            "<address type='pci' slot='0x01'/></input>"
        ),
        ["set input device a type passthrough -> evdev", "set input device a device /p -> /e"],
        "<input type='evdev'><alias name='ua-a'/><source dev='/e'/></input>",
    ),
    (
        "inputs",
        [{"name": "a", "type": "mouse", "bus": "virtio"}],
        "<input type='mouse' bus='usb'><alias name='ua-a'/><address type='usb' bus='0' port='1'/></input>",
        ["set input device a bus usb -> virtio"],
        "<input type='mouse' bus='virtio'><alias name='ua-a'/></input>",
    ),
]

REFUSED: list[Unfit] = [
    ("inputs", [{"type": "evdev", "bus": "usb", "device": "/a"}], "", "bus means nothing for input of type evdev"),
    ("inputs", [{"type": "tablet", "grab": "all"}], "", "grab means nothing for input of type tablet"),
]

LIVE: list[Live] = [
    (
        {"inputs": [{"type": "tablet"}, {"type": "mouse", "bus": "virtio"}, {"type": "keyboard", "bus": "ps2"}]},
        USB + "<input type='keyboard' bus='usb'><alias name='input0'/></input>",
        [
            "attach input device keyboard ps2 (type keyboard, bus ps2) [next_boot]",
            "attach input device mouse virtio (type mouse, bus virtio)",
            "attach input device tablet (type tablet, bus usb)",
            "detach input device keyboard usb",
        ],
        ["input device keyboard ps2 is not attached yet"],
    ),
]
