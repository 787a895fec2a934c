# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Channels between host and guest, and that of the guest agent."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import (
    AGENT,
    SPICE,
    VGA,
    VIRTIO_SERIAL,
    Edited,
    Live,
    Made,
    Unfit,
)

MADE: list[Made] = [
    (
        "channels",
        [
            {"target_name": "org.a"},
            {
                "name": "b",
                "type": "unix",
                "mode": "bind",
                "path": "/b",
                "target_name": "org.b",
                "target_type": "virtio",
            },
            {"type": "pty", "target_type": "guestfwd", "address": "10.0.2.1", "port": 4600},
            {"type": "qemu-vdagent", "clipboard": True, "mouse": "client"},
            {"type": "spiceport", "channel": "org.w", "target_name": "org.w", "log_file": "/l", "log_append": True},
        ],
        AGENT + SPICE + VGA,
        AGENT + "<channel type='unix'><target type='virtio' name='org.a'/></channel><channel type='unix'><source "
        "mode='bind' path='/b'/><target type='virtio' name='org.b'/><alias name='ua-b'/></channel><channel "
        "type='pty'><target type='guestfwd' address='10.0.2.1' port='4600'/></channel><channel "
        "type='qemu-vdagent'><source><clipboard copypaste='yes'/><mouse mode='client'/></source><target "
        "type='virtio' name='com.redhat.spice.0'/></channel><channel type='spiceport'><source channel='org.w'/><log "
        "file='/l' append='on'/><target type='virtio' name='org.w'/></channel>" + SPICE + VGA,
    ),
    (
        "channels",
        [
            {
                "type": "tcp",
                "mode": "connect",
                "host": "h",
                "service": "1",
                "protocol": "tls",
                "tls": True,
                "reconnect": 9,
                "target_name": "t",
            },
            {"type": "udp", "host": "h", "service": "1", "bind_host": "a", "bind_service": "2", "target_name": "u"},
            {"type": "file", "path": "/f", "append": True, "target_name": "f"},
        ],
        "",
        (
            "<channel type='tcp'><source mode='connect' host='h' service='1' tls='yes'><reconnect enabled='yes' "
            "timeout='9'/></source><protocol type='tls'/><target type='virtio' name='t'/></channel><channel "
            "type='udp'><source mode='connect' host='h' service='1'/><source mode='bind' host='a' "
            "service='2'/><target type='virtio' name='u'/></channel><channel type='file'><source path='/f' "
            "append='on'/><target type='virtio' name='f'/></channel>"
        ),
    ),
    ("guest_agent", {}, "", AGENT),
    ("guest_agent", {"enabled": False}, AGENT, ""),
]

EDITED: list[Edited] = [
    ("channels", [], AGENT, [], AGENT),
    (
        "channels",
        [{"type": "unix", "mode": "bind", "target_name": "org.b"}],
        AGENT + "<channel type='unix'><target type='virtio' name='org.a'/></channel>",
        [
            "attach channel unix org.b (type unix, mode bind, target_type virtio, target_name org.b)",
            "detach channel unix org.a",
        ],
        AGENT + "<channel type='unix'><target type='virtio' name='org.b'/></channel>",
    ),
    (
        "channels",
        [{"type": "unix", "mode": "bind", "target_name": "org.a"}],
        "<channel type='unix'><target type='virtio' name='org.a'/></channel>",
        [],
        "<channel type='unix'><target type='virtio' name='org.a'/></channel>",
    ),
    ("guest_agent", {"enabled": True}, AGENT + AGENT, [], AGENT + AGENT),
]

REFUSED: list[Unfit] = [
    ("channels", [{"target_name": "org.qemu.guest_agent.0"}], "", "say guest_agent instead"),
    ("channels", [{"target_name": "a", "mode": "connect"}], "", "it has no socket to connect to; give its path"),
    ("channels", [{"target_name": "a", "reconnect": 1}], "", "it has no socket to connect to; give its path"),
    ("channels", [{"target_name": "a", "port": 1}], "", "port means nothing for a channel whose target_type is virtio"),
    (
        "channels",
        [{"target_type": "guestfwd", "target_name": "a"}],
        "",
        "target_name means nothing for a channel whose",
    ),
]

LIVE: list[Live] = [
    ({"guest_agent": {}}, VIRTIO_SERIAL, ["attach guest agent channel"], []),
    (
        {"guest_agent": {}},
        "",
        ["attach guest agent channel [next_boot]"],
        ["guest agent channel is not attached yet"],
    ),
    ({"guest_agent": {"enabled": False}}, AGENT, ["detach guest agent channel"], []),
]
