# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphics: who sees the screen, by which port, with which password."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import SPICE, VGA, Edited, Live, Made, Unfit

SECRET = "<graphics type='vnc' autoport='yes' passwd='old' passwdValidTo='2030-01-01T00:00:00'/>"
LIVE_VNC = (
    "<graphics type='vnc' port='5900' autoport='yes' websocket='5700' listen='127.0.0.1' passwd='old'>"
    "<listen type='address' address='127.0.0.1'/></graphics>"
)
LIVE_SPICE = "<graphics type='spice' passwd='old'><listen type='socket' socket='/s'/></graphics>"

MADE: list[Made] = [
    ("graphics", [], "", ""),
    ("graphics", [{}], VGA, VGA + "<graphics type='vnc' autoport='yes' port='-1'/>"),
    (
        "graphics",
        [
            {
                "type": "vnc",
                "port": 5901,
                "websocket": 5700,
                "listen": {"address": "0.0.0.0"},
                "password": "secret",
                "password_valid_until": "2031-05-01T14:00:00+02:00",
                "connected": "keep",
                "keymap": "de",
                "share_policy": "force-shared",
                "power_control": True,
            }
        ],
        VGA,
        VGA + "<graphics type='vnc' autoport='no' port='5901' websocket='5700' passwd='secret' "
        "passwdValidTo='2031-05-01T12:00:00' connected='keep' keymap='de' sharePolicy='force-shared' "
        "powerControl='yes'><listen type='address' address='0.0.0.0'/></graphics>",
    ),
    (
        "graphics",
        [
            {
                "type": "spice",
                "port": 5902,
                "tls_port": 5903,
                "listen": {"type": "network", "network": "lan"},
                "default_mode": "secure",
                "channels": {
                    "main": "secure",
                    "display": "insecure",
                    "inputs": "any",
                    "cursor": "secure",
                    "playback": "insecure",
                    "record": "secure",
                    "smartcard": "secure",
                    "usbredir": "insecure",
                },
                "image_compression": "auto_glz",
                "jpeg_compression": "auto",
                "zlib_compression": "never",
                "playback_compression": False,
                "streaming": "filter",
                "mouse": "client",
                "clipboard": False,
                "file_transfer": False,
                "gl": True,
                "render_node": "/dev/dri/renderD128",
            }
        ],
        VGA,
        VGA + "<graphics type='spice' autoport='no' port='5902' tlsPort='5903' defaultMode='secure'>"
        "<listen type='network' network='lan'/><channel name='main' mode='secure'/>"
        "<channel name='display' mode='insecure'/><channel name='cursor' mode='secure'/>"
        "<channel name='playback' mode='insecure'/><channel name='record' mode='secure'/>"
        "<channel name='smartcard' mode='secure'/><channel name='usbredir' mode='insecure'/>"
        "<image compression='auto_glz'/><jpeg compression='auto'/><zlib compression='never'/>"
        "<playback compression='off'/><streaming mode='filter'/><mouse mode='client'/><clipboard copypaste='no'/>"
        "<filetransfer enable='no'/><gl enable='yes' rendernode='/dev/dri/renderD128'/></graphics>",
    ),
    (
        "graphics",
        [{"type": "spice", "listen": {"socket": "/run/a.sock"}}, {"type": "vnc", "websocket": -1}],
        VGA,
        VGA + "<graphics type='spice'><listen type='socket' socket='/run/a.sock'/></graphics>"
        "<graphics type='vnc' autoport='yes' port='-1' websocket='-1'/>",
    ),
    (
        "graphics",
        [
            {"type": "sdl", "display": ":0.0", "xauth": "/root/.Xauthority", "fullscreen": True, "gl": False},
            {"type": "egl-headless", "render_node": "/dev/dri/renderD128"},
            {"type": "dbus", "p2p": True, "gl": True, "audio": 1},
        ],
        VGA + "<audio id='1' type='dbus'/>",
        VGA + "<audio id='1' type='dbus'/><graphics type='sdl' display=':0.0' xauth='/root/.Xauthority' "
        "fullscreen='yes'><gl enable='no'/></graphics>"
        "<graphics type='egl-headless'><gl rendernode='/dev/dri/renderD128'/></graphics>"
        "<graphics type='dbus' p2p='yes'><audio id='1'/><gl enable='yes'/></graphics>",
    ),
    (
        "graphics",
        [{"type": "dbus", "address": "unix:path=/run/bus"}],
        VGA,
        VGA + "<graphics type='dbus' address='unix:path=/run/bus'/>",
    ),
    ("graphics", [{"type": "egl-headless"}], "", VGA + "<graphics type='egl-headless'/>"),
]

EDITED: list[Edited] = [
    (
        "graphics",
        [{"password": "new", "password_valid_until": ""}],
        SECRET,
        ["set graphics password_valid_until 2030-01-01T00:00:00 -> none", "set graphics password (hidden) -> (hidden)"],
        "<graphics type='vnc' autoport='yes' passwd='new'/>",
    ),
    (
        "graphics",
        [{"type": "vnc", "password": ""}],
        SECRET,
        ["set graphics vnc password (hidden) -> none"],
        "<graphics type='vnc' autoport='yes' passwdValidTo='2030-01-01T00:00:00'/>",
    ),
    (
        "graphics",
        [{"port": 5999, "websocket": 0}],
        "<graphics type='vnc' autoport='yes' port='-1' websocket='-1' keymap='de' x='1'/>",
        ["set graphics port -1 -> 5999", "set graphics websocket -1 -> none"],
        "<graphics type='vnc' autoport='no' port='5999' keymap='de' x='1'/>",
    ),
    (
        "graphics",
        [{"type": "spice", "port": -1}],
        "<graphics type='spice' autoport='no' port='5901' tlsPort='5902'/>",
        ["set graphics spice port 5901 -> -1"],
        "<graphics type='spice' autoport='yes' port='-1'/>",
    ),
    (
        "graphics",
        [{"type": "spice", "tls_port": 5902}],
        "<graphics type='spice' autoport='yes' port='-1'/>",
        ["set graphics spice tls_port none -> 5902"],
        "<graphics type='spice' autoport='no' tlsPort='5902'/>",
    ),
    (
        "graphics",
        [{"type": "spice", "tls_port": 0, "default_mode": "any", "channels": {"main": "any"}}],
        (
            "<graphics type='spice' autoport='no' port='5901' tlsPort='5902' defaultMode='secure'>"
            "<channel name='main' mode='secure'/><channel name='cursor' mode='secure'/></graphics>"
        ),
        [
            "set graphics spice tls_port 5902 -> none",
            "set graphics spice default_mode secure -> none",
            "set graphics spice channels.main secure -> none",
        ],
        "<graphics type='spice' autoport='no' port='5901'><channel name='cursor' mode='secure'/></graphics>",
    ),
    (
        "graphics",
        [{"listen": {"address": "::1"}}],
        "<graphics type='vnc' autoport='yes' listen='127.0.0.1'/>",
        ["set graphics listen.address 127.0.0.1 -> ::1"],
        "<graphics type='vnc' autoport='yes'><listen type='address' address='::1'/></graphics>",
    ),
    (
        "graphics",
        [{"listen": {"address": ""}}],
        (
            "<graphics type='vnc' port='5901' autoport='no' listen='127.0.0.1'>"
            "<listen type='address' address='127.0.0.1'/><listen type='address' address='192.0.2.1'/></graphics>"
        ),
        ["set graphics listen.address 127.0.0.1 -> none"],
        (
            "<graphics type='vnc' port='5901' autoport='no'>"
            "<listen type='address'/><listen type='address' address='192.0.2.1'/></graphics>"
        ),
    ),
    (
        "graphics",
        [{"listen": {"network": "lan"}}],
        "<graphics type='vnc' socket='/a'/>",
        ["set graphics listen.type socket -> network", "set graphics listen.network none -> lan"],
        "<graphics type='vnc' autoport='yes'><listen type='network' network='lan'/></graphics>",
    ),
    (
        "graphics",
        [{"type": "vnc"}],
        SPICE + "<audio id='1' type='spice'/><audio id='2' type='spice'/>",
        ["attach graphics vnc (type vnc, port -1)", "detach graphics spice"],
        "<graphics type='vnc' autoport='yes' port='-1'/><audio id='1' type='none'/><audio id='2' type='spice'/>" + VGA,
    ),
    (
        "graphics",
        [{"type": "spice"}],
        VGA + "<graphics type='vnc'/><audio id='1' type='none'/>",
        ["attach graphics spice (type spice, port -1)", "detach graphics vnc"],
        VGA + "<graphics type='spice' autoport='yes' port='-1'/><audio id='1' type='spice'/>",
    ),
    (
        "graphics",
        [{"type": "spice"}],
        VGA + "<audio id='1' type='none'><input mixingEngine='no'/></audio>",
        ["attach graphics spice (type spice, port -1)"],
        VGA + "<audio id='1' type='none'><input mixingEngine='no'/></audio>"
        "<graphics type='spice' autoport='yes' port='-1'/>",
    ),
]

REFUSED: list[Unfit] = [
    (
        "graphics",
        [{"type": "vnc", "tls_port": 5}],
        "",
        "tls_port means nothing for graphics of type vnc; leave it out.",
    ),
    ("graphics", [{"type": "egl-headless", "port": -1}], "", "port means nothing for graphics of type egl-headless"),
    ("graphics", [{"port": 0}], "", "port 0 is no port; choose 1 to 65535, or -1"),
    ("graphics", [{"port": 22}], "", "Graphics vnc cannot have the port 22; choose 5900 to 65535, or -1"),
    ("graphics", [{"port": 70000}], "", "port 70000 is out of range"),
    (
        "graphics",
        [{"type": "spice", "port": -1, "tls_port": 5901}],
        "",
        "cannot have a tls_port where the host chooses",
    ),
    ("graphics", [{"port": 5901, "listen": {"socket": ""}}], "", "has no port where it listens on socket"),
    ("graphics", [{"websocket": -1}], "<graphics type='vnc' socket='/a'/>", "has no port where it listens on socket"),
    (
        "graphics",
        [{"listen": {"address": "a", "network": "b"}}],
        "",
        "listen.it can be an address, a network or a socket",
    ),
    ("graphics", [{"listen": {"type": "none", "socket": "b"}}], "", "it can be an address, a network or a socket"),
    ("graphics", [{"password": "123456789"}], "", "has a password of 9 characters, and VNC takes 8; shorten it."),
    ("graphics", [{"password": "a\x00b"}], "", "password contains the character U+0000"),
    ("graphics", [{"password_valid_until": "soon"}], "", "password_valid_until 'soon' is not understood"),
    ("graphics", [{"password_valid_until": "2031-13-01T00:00:00"}], "", "is no moment; write it like 2031-05-01T12"),
    (
        "graphics",
        [{"password_valid_until": "2031-01-01T00:00:00", "connected": "keep"}],
        "",
        "Graphics vnc has no password; give one, or leave out password_valid_until and connected.",
    ),
    ("graphics", [{"password": "x", "connected": "fail"}], "", "can only keep those who are connected; choose 'keep'"),
]

LIVE: list[Live] = [
    (
        {"graphics": [{"password": "new", "password_valid_until": "2031-01-01T00:00:00", "keymap": "de"}]},
        LIVE_VNC,
        [
            "set graphics keymap none -> de [next_boot]",
            "set graphics password (hidden) -> (hidden)",
            "set graphics password_valid_until none -> 2031-01-01T00:00:00",
        ],
        ["graphics keymap is none and will be de"],
    ),
    (
        {"graphics": [{"password": ""}]},
        LIVE_VNC,
        ["set graphics password (hidden) -> none [next_boot]"],
        ["graphics password is (hidden) and will be none"],
    ),
    (
        {"graphics": [{"password": "new"}]},
        "<graphics type='vnc' port='5900' autoport='yes'/>",
        ["set graphics password none -> (hidden) [next_boot]"],
        ["graphics password is none and will be (hidden)"],
    ),
    (
        {"graphics": [{"type": "spice", "password": "new"}]},
        LIVE_SPICE,
        ["set graphics spice password (hidden) -> (hidden) [next_boot]"],
        ["graphics spice password is (hidden) and will be (hidden)"],
    ),
    (
        {"graphics": [{"type": "vnc"}, {"type": "spice", "listen": {"socket": ""}}], "videos": []},
        "<video><model type='vga'/><alias name='video0'/></video>" + LIVE_VNC,
        [
            "attach graphics spice (type spice, listen type socket) [next_boot]",
            "detach video card vga [next_boot]",
        ],
        ["graphics spice is not attached yet", "video card vga stays attached"],
    ),
]
