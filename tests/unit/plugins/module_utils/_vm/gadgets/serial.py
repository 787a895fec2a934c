# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serial lines, and consoles beside them."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import (
    MIRROR,
    SERIAL,
    USB,
    VIRTIO_SERIAL,
    Edited,
    Live,
    Made,
    Unfit,
)

MADE: list[Made] = [
    (
        "serials",
        [
            {},
            {"name": "s", "type": "file", "path": "/s.log", "append": True, "log_file": "/l.log", "log_append": False},
            {"port": 2, "type": "unix", "mode": "connect", "path": "/s", "reconnect": 5},
            {
                "port": 3,
                "type": "tcp",
                "mode": "bind",
                "host": "127.0.0.1",
                "service": 4000,
                "protocol": "telnet",
                "tls": False,
            },
            {
                "port": 4,
                "type": "udp",
                "host": "h",
                "service": "syslog",
                "bind_host": "127.0.0.1",
                "bind_service": "99",
            },
            {"port": 5, "type": "dbus", "channel": "org.example.c"},
            {"port": 6, "type": "qemu-vdagent", "clipboard": True, "mouse": "server"},
            {"port": 7, "type": "null", "target_type": "isa-debug", "target_model": "isa-debugcon", "iobase": "0x0402"},
        ],
        "",
        (
            "<serial type='pty'><target port='0'/></serial><serial type='file'><source path='/s.log' "
            "append='on'/><log file='/l.log' append='off'/><alias name='ua-s'/></serial><serial type='unix'><source "
            "mode='connect' path='/s'><reconnect enabled='yes' timeout='5'/></source><target "
            "port='2'/></serial><serial type='tcp'><source mode='bind' host='127.0.0.1' service='4000' "
            "tls='no'/><protocol type='telnet'/><target port='3'/></serial><serial type='udp'><source "
            "mode='connect' host='h' service='syslog'/><source mode='bind' host='127.0.0.1' service='99'/><target "
            "port='4'/></serial><serial type='dbus'><source channel='org.example.c'/><target "
            "port='5'/></serial><serial type='qemu-vdagent'><source><clipboard copypaste='yes'/><mouse "
            "mode='server'/></source><target port='6'/></serial><serial type='null'><target port='7' "
            "type='isa-debug'><model name='isa-debugcon'/></target><address type='isa' iobase='0x402'/></serial>"
        ),
    ),
    (
        "consoles",
        [
            {},
            {
                "name": "c",
                "type": "file",
                "path": "/c",
                "append": False,
                "log_file": "/l",
                "log_append": True,
                "target_type": "virtio",
            },
            {
                "type": "tcp",
                "host": "h",
                "service": "1",
                "tls": True,
                "protocol": "raw",
                "reconnect": 2,
                "mode": "connect",
            },
            {"type": "udp", "service": "1", "bind_host": "a", "bind_service": "2"},
            {"type": "dbus", "channel": "org.x"},
            {"type": "qemu-vdagent", "clipboard": False, "mouse": "client"},
        ],
        "",
        (
            "<console type='pty'><target type='virtio'/></console><console type='file'><source path='/c' "
            "append='off'/><log file='/l' append='on'/><target type='virtio'/><alias "
            "name='ua-c'/></console><console type='tcp'><source mode='connect' host='h' service='1' "
            "tls='yes'><reconnect enabled='yes' timeout='2'/></source><protocol type='raw'/><target "
            "type='virtio'/></console><console type='udp'><source mode='connect' service='1'/><source mode='bind' "
            "host='a' service='2'/><target type='virtio'/></console><console type='dbus'><source "
            "channel='org.x'/><target type='virtio'/></console><console type='qemu-vdagent'><source><clipboard "
            "copypaste='no'/><mouse mode='client'/></source><target type='virtio'/></console>"
        ),
    ),
]

EDITED: list[Edited] = [
    ("serials", [{}], SERIAL + MIRROR, [], SERIAL + MIRROR),
    ("serials", [], SERIAL + MIRROR, ["detach serial port 0"], ""),
    (
        "serials",
        [{"type": "file", "path": "/x"}],
        SERIAL + MIRROR,
        ["set serial port 0 type pty -> file", "set serial port 0 path none -> /x"],
        (
            "<serial type='file'><target port='0' type='isa-serial'><model name='isa-serial'/></target>"
            "<source path='/x'/></serial>"
        ),
    ),
    (
        "serials",
        [{"target_type": "usb-serial"}],
        (
            "<serial type='pty'><target port='0' type='isa-serial'><model name='isa-serial'/></target>"
            "<address type='isa' iobase='0x3f8'/></serial>"
        ),
        ["set serial port 0 target_type isa-serial -> usb-serial"],
        "<serial type='pty'><target port='0' type='usb-serial'/></serial>",
    ),
    (
        "serials",
        [{"type": "unix", "path": "/b", "mode": "bind", "log_file": "", "iobase": ""}],
        (
            "<serial type='unix'><source mode='connect' path='/a'><reconnect enabled='yes' timeout='5'/></source>"
            "<log file='/l'/><target port='0'/><address type='isa' iobase='0x3f8'/></serial>"
        ),
        [
            "set serial port 0 path /a -> /b",
            "set serial port 0 mode connect -> bind",
            "set serial port 0 log_file /l -> none",
            "set serial port 0 iobase 0x3f8 -> none",
        ],
        "<serial type='unix'><source mode='bind' path='/b'/><target port='0'/></serial>",
    ),
    (
        "serials",
        [{"reconnect": 0, "append": False}],
        "<serial type='file'><source path='/a' append='on'/><target port='0'/></serial>",
        ["set serial port 0 append True -> False"],
        "<serial type='file'><source path='/a' append='off'/><target port='0'/></serial>",
    ),
    (
        "serials",
        [{"reconnect": 0}],
        (
            "<serial type='unix'><source mode='connect' path='/a'><reconnect enabled='yes' timeout='5'/></source>"
            "<target port='0'/></serial>"
        ),
        ["set serial port 0 reconnect 5 -> none"],
        "<serial type='unix'><source mode='connect' path='/a'/><target port='0'/></serial>",
    ),
    ("consoles", [], SERIAL + MIRROR, [], SERIAL + MIRROR),
    (
        "consoles",
        [{"type": "null"}],
        MIRROR + "<console type='pty'><target type='virtio' port='1'/></console>",
        ["set console type pty -> null"],
        MIRROR + "<console type='null'><target type='virtio' port='1'/></console>",
    ),
]

REFUSED: list[Unfit] = [
    ("serials", [{"path": "/a"}], "", "path means nothing for serial of type pty"),
    ("serials", [{"type": "file", "path": "/a", "mode": "bind"}], "", "mode means nothing for serial of type file"),
    ("serials", [{"log_append": True}], "", "log_append says how a log is kept, and there is none"),
    ("serials", [{"port": 1}, {}], "", "serials has two entries of port 1; give each a port of its own."),
    ("serials", [{"target_type": "usb-serial", "iobase": "0x3f8"}], "", "iobase means nothing for a usb-serial"),
    ("serials", [{"iobase": "1016"}], "", "iobase '1016' is not understood; write it like 0x402."),
]

LIVE: list[Live] = [
    ({"consoles": [{}]}, VIRTIO_SERIAL, ["attach console (type pty, target_type virtio)"], []),
    (
        {"serials": [{}, {"target_type": "usb-serial"}, {"target_type": "pci-serial"}]},
        USB + SERIAL,
        [
            "attach serial port 1 (type pty, port 1, target_type usb-serial)",
            "attach serial port 2 (type pty, port 2, target_type pci-serial) [next_boot]",
        ],
        ["serial port 2 is not attached yet"],
    ),
    (
        {"serials": [{"port": 3, "target_type": "usb-serial"}]},
        SERIAL,
        [
            "attach serial port 3 (type pty, port 3, target_type usb-serial) [next_boot]",
            "detach serial port 0 [next_boot]",
        ],
        ["serial port 3 is not attached yet", "serial port 0 stays attached"],
    ),
]
