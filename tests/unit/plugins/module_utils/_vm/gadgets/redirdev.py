# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""USB devices of those who look at the screen."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import SPICE, USB, VGA, Edited, Live, Made, Unfit

MADE: list[Made] = [
    (
        "redirdevs",
        [
            {},
            {
                "name": "b",
                "bus": "usb",
                "type": "tcp",
                "mode": "connect",
                "host": "h",
                "service": "4000",
                "protocol": "raw",
                "tls": False,
                "reconnect": 1,
                "boot_order": 1,
            },
            {"type": "unix", "path": "/r", "log_file": "/l", "log_append": True},
            {"type": "udp", "service": "1", "bind_host": "a", "bind_service": "2"},
            {"type": "file", "path": "/f", "append": True},
            {"type": "spiceport", "channel": "c"},
            {"type": "qemu-vdagent", "clipboard": True, "mouse": "client"},
        ],
        USB + SPICE + VGA,
        USB + SPICE + VGA + "<redirdev bus='usb' type='spicevmc'/><redirdev bus='usb' type='tcp'><source "
        "mode='connect' host='h' service='4000' tls='no'><reconnect enabled='yes' timeout='1'/></source><protocol "
        "type='raw'/><boot order='1'/><alias name='ua-b'/></redirdev><redirdev bus='usb' type='unix'><source "
        "path='/r'/><log file='/l' append='on'/></redirdev><redirdev bus='usb' type='udp'><source mode='connect' "
        "service='1'/><source mode='bind' host='a' service='2'/></redirdev><redirdev bus='usb' type='file'><source "
        "path='/f' append='on'/></redirdev><redirdev bus='usb' type='spiceport'><source "
        "channel='c'/></redirdev><redirdev bus='usb' type='qemu-vdagent'><source><clipboard copypaste='yes'/><mouse "
        "mode='client'/></source></redirdev>",
    ),
]

EDITED: list[Edited] = [
    (
        "redirdevs",
        [{"type": "spicevmc"}, {"type": "spicevmc"}],
        "<redirdev bus='usb' type='spicevmc'><address type='usb' port='1'/></redirdev><redirdev bus='usb' type='pty'/>",
        ["attach USB redirection spicevmc 2 (type spicevmc, bus usb)", "detach USB redirection pty"],
        (
            "<redirdev bus='usb' type='spicevmc'><address type='usb' port='1'/></redirdev>"
            "<redirdev bus='usb' type='spicevmc'/>"
        ),
    ),
]

REFUSED: list[Unfit] = []

LIVE: list[Live] = [
    ({"redirdevs": [{}]}, USB, ["attach USB redirection (type spicevmc, bus usb)"], []),
    (
        {"redirdevs": [{}]},
        "<controller type='usb' model='none'/>",
        ["attach USB redirection (type spicevmc, bus usb) [next_boot]"],
        ["USB redirection is not attached yet"],
    ),
]
