# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Smartcards."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import SPICE, USB, VGA, Edited, Live, Made, Unfit, at_next_boot

MADE: list[Made] = [
    ("smartcards", [{}], USB + SPICE + VGA, USB + SPICE + VGA + "<smartcard mode='passthrough' type='spicevmc'/>"),
    (
        "smartcards",
        [{"card": "host-certificates", "certificates": ["c", "b", "a"], "database": "/etc/pki/nssdb"}],
        USB,
        USB + "<smartcard mode='host-certificates'><certificate>c</certificate><certificate>b</certificate>"
        "<certificate>a</certificate><database>/etc/pki/nssdb</database></smartcard>",
    ),
    ("smartcards", [{"card": "host"}], USB, USB + "<smartcard mode='host'/>"),
    (
        "smartcards",
        [
            {
                "type": "tcp",
                "mode": "bind",
                "host": "127.0.0.1",
                "service": 2001,
                "protocol": "raw",
                "tls": True,
                "log_file": "/l",
                "log_append": False,
            }
        ],
        USB,
        USB + "<smartcard mode='passthrough' type='tcp'><source mode='bind' host='127.0.0.1' service='2001' tls='yes'/>"
        "<protocol type='raw'/><log file='/l' append='off'/></smartcard>",
    ),
]

EDITED: list[Edited] = [
    (
        "smartcards",
        [{"card": "host"}],
        "<smartcard mode='passthrough' type='spicevmc'><address type='ccid' slot='0'/></smartcard>",
        ["attach smartcard host (card host)", "detach smartcard passthrough"],
        "<smartcard mode='host'/>",
    ),
]

REFUSED: list[Unfit] = [
    ("smartcards", [{"card": "host", "type": "pty"}], "", "type means nothing for a smartcard of the mode host"),
    (
        "smartcards",
        [{"card": "passthrough", "database": "/a"}],
        "",
        "database means nothing for a smartcard of the mode",
    ),
    ("smartcards", [{"card": "host-certificates", "certificates": ["a"]}], "", "certificates has 1 names; give 3."),
]

LIVE: list[Live] = [
    at_next_boot("smartcards", [{}], "smartcard (type spicevmc, card passthrough)"),
]
