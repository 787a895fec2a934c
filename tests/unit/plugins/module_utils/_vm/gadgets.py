# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of what people see, hear and type, and of small devices: what is made, what is changed, what is refused."""

from __future__ import annotations

from typing import Any

VGA = "<video><model type='vga'/></video>"
USB = "<controller type='usb' index='0' model='qemu-xhci'/>"
SPICE = "<graphics type='spice' autoport='yes'/>"
AGENT = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
UUID = "6dd3e4a5-1d76-44ce-961f-f119f5aad935"

# An option, what is wanted of it in a VM that has the devices before, and the devices that it has then.
MADE: list[tuple[str, Any, str, str]] = [
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
    ("videos", [], "", ""),
    ("videos", [], VGA, "<video><model type='none'/></video>"),
    ("videos", [{}], "<video><model type='none'/></video>", "<video><model type='virtio'/></video>"),
    (
        "videos",
        [
            {"name": "main", "model": "qxl", "ram": 64, "vram": "16MiB", "vram64": "30MiB", "vgamem": "9000KiB"},
            {"model": "qxl", "heads": 4, "primary": True},
        ],
        "",
        (
            "<video><model type='qxl' vram='16384' ram='65536' vram64='32768' vgamem='16384'/><alias "
            "name='ua-main'/></video><video><model type='qxl' heads='4' primary='yes'/></video>"
        ),
    ),
    (
        "videos",
        [
            {
                "model": "virtio",
                "driver": "vhostuser",
                "accel2d": False,
                "accel3d": True,
                "render_node": "/dev/dri/renderD128",
                "resolution": {"x": 1920, "y": 1080},
                "virtio": {"iommu": True, "ats": True, "packed": False, "page_per_vq": True},
            }
        ],
        "",
        (
            "<video><model type='virtio'><acceleration accel2d='no' accel3d='yes' rendernode='/dev/dri/renderD128'/>"
            "<resolution x='1920' y='1080'/></model>"
            "<driver name='vhostuser' iommu='on' ats='on' packed='off' page_per_vq='on'/></video>"
        ),
    ),
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
    (
        "rngs",
        [
            {"device": "/dev/hwrng", "rate": {"bytes": 1024, "period": 500}},
            {"name": "b", "backend": "builtin", "model": "virtio-transitional", "virtio": {"iommu": True}},
            {"backend": "egd", "egd": {"type": "tcp", "mode": "connect", "host": "h", "service": "1"}},
        ],
        "",
        (
            "<rng model='virtio'><backend model='random'>/dev/hwrng</backend><rate bytes='1024' "
            "period='500'/></rng><rng model='virtio-transitional'><backend model='builtin'/><driver "
            "iommu='on'/><alias name='ua-b'/></rng><rng model='virtio'><backend model='egd' type='tcp'><source "
            "mode='connect' host='h' service='1'/></backend></rng>"
        ),
    ),
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
    ("tpm", {}, "", "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"),
    (
        "tpm",
        {
            "model": "tpm-tis",
            "backend": "emulator",
            "version": "2.0",
            "persistent_state": True,
            "pcr_banks": ["sha512", "sha1"],
            "encryption_secret": UUID,
        },
        "",
        (
            "<tpm model='tpm-tis'><backend type='emulator' version='2.0' persistent_state='yes'>"
            f"<active_pcr_banks><sha1/><sha512/></active_pcr_banks><encryption secret='{UUID}'/></backend></tpm>"
        ),
    ),
    (
        "tpm",
        {"model": "tpm-tis", "backend": "passthrough", "device": "/dev/tpm1"},
        "",
        "<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm1'/></backend></tpm>",
    ),
    (
        "tpm",
        {"backend": "external", "socket": "/s"},
        "",
        "<tpm model='tpm-crb'><backend type='external'><source type='unix' mode='connect' path='/s'/></backend></tpm>",
    ),
    ("watchdog", {}, "", "<watchdog model='i6300esb' action='reset'/>"),
    ("watchdog", {"model": "ib700", "action": "inject-nmi"}, "", "<watchdog model='ib700' action='inject-nmi'/>"),
    (
        "panics",
        [{"iobase": "0x0505"}, {"name": "b", "model": "hyperv"}],
        "",
        (
            "<panic model='isa'><address type='isa' iobase='0x505'/></panic>"
            "<panic model='hyperv'><alias name='ua-b'/></panic>"
        ),
    ),
    (
        "iommu",
        {"model": "intel", "caching_mode": True, "extended_interrupts": False, "iotlb": True, "aw_bits": 48},
        "",
        "<iommu model='intel'><driver caching_mode='on' eim='off' iotlb='on' aw_bits='48'/></iommu>",
    ),
    ("iommu", {"enabled": False}, "<iommu model='intel'/>", ""),
    ("iommu", {"model": "virtio"}, "", "<iommu model='virtio'/>"),
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

SECRET = "<graphics type='vnc' autoport='yes' passwd='old' passwdValidTo='2030-01-01T00:00:00'/>"
SERIAL = "<serial type='pty'><target port='0' type='isa-serial'><model name='isa-serial'/></target></serial>"
MIRROR = "<console type='pty'><target type='serial' port='0'/></console>"

# An option, what is wanted of it in a VM that has the devices before, what has to change, and the devices then.
EDITED: list[tuple[str, Any, str, list[str], str]] = [
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
    (
        "videos",
        [{"name": "a", "model": "virtio", "heads": 2}],
        (
            "<video><driver name='qemu'/><model type='qxl' ram='65536' vram='65536' heads='1' primary='yes'>"
            "<resolution x='1' y='1'/></model><alias name='ua-a'/><address type='pci' slot='0x01'/></video>"
        ),
        ["set video card a model qxl -> virtio", "set video card a heads 1 -> 2"],
        "<video><model type='virtio' primary='yes' heads='2'/><alias name='ua-a'/></video>",
    ),
    (
        "videos",
        [{"model": "vga", "vram": "16MiB", "heads": 1, "primary": True}],
        "<video><model type='vga' vram='16384' heads='1' primary='yes'/><address type='pci' slot='0x01'/></video>",
        [],
        "<video><model type='vga' vram='16384' heads='1' primary='yes'/><address type='pci' slot='0x01'/></video>",
    ),
    (
        "videos",
        [{"model": "qxl", "primary": True}, {"model": "vga"}],
        "<video><model type='vga' primary='yes'/></video><video><model type='qxl'/></video>",
        ["set video card qxl primary False -> True", "set video card vga primary True -> False"],
        "<video><model type='vga'/></video><video><model type='qxl' primary='yes'/></video>",
    ),
    (
        "videos",
        [{"model": "virtio", "resolution": {"x": 0, "y": 0}}],
        "<video><model type='virtio'><resolution x='8' y='6'/></model></video>",
        ["set video card virtio resolution.x 8 -> none", "set video card virtio resolution.y 6 -> none"],
        "<video><model type='virtio'/></video>",
    ),
    ("videos", [{"model": "vga", "primary": False}], "<video><model type='vga' primary='yes'/></video>", [], ""),
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
    (
        "audios",
        [{"id": 1, "type": "file", "path": "/a"}],
        "<audio id='1' type='alsa' timerPeriod='5'><input dev='d'/></audio><audio id='2' type='none'/>",
        ["set audio 1 type alsa -> file", "set audio 1 path none -> /a", "detach audio 2"],
        "<audio id='1' type='file' path='/a'/>",
    ),
    ("audios", [], "<audio id='1' type='none'/>", [], "<audio id='1' type='none'/>"),
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
    (
        "rngs",
        [{"name": "a", "backend": "egd", "egd": {"type": "unix", "path": "/s"}}],
        "<rng model='virtio'><backend model='random'>/dev/random</backend><alias name='ua-a'/></rng>",
        [
            "set random number generator a backend random -> egd",
            "set random number generator a egd.type none -> unix",
            "set random number generator a egd.path none -> /s",
        ],
        "<rng model='virtio'><backend model='egd' type='unix'><source path='/s'/></backend><alias name='ua-a'/></rng>",
    ),
    (
        "rngs",
        [{"rate": {"bytes": 0, "period": 0}, "model": "virtio-transitional"}],
        (
            "<rng model='virtio'><rate bytes='5' period='6'/><backend model='builtin'/>"
            "<address type='pci' slot='1'/></rng>"
        ),
        [
            "set random number generator model virtio -> virtio-transitional",
            "set random number generator rate.bytes 5 -> none",
            "set random number generator rate.period 6 -> none",
        ],
        "<rng model='virtio-transitional'><backend model='builtin'/></rng>",
    ),
    (
        "balloon",
        {"stats_period": 0},
        "<memballoon model='virtio'><stats period='10'/><alias name='ua-b'/></memballoon>",
        ["set memory balloon stats_period 10 -> none"],
        "<memballoon model='virtio'><alias name='ua-b'/></memballoon>",
    ),
    (
        "tpm",
        {"backend": "external", "socket": "/s"},
        (
            "<tpm model='tpm-crb'><backend type='emulator' version='2.0' persistent_state='yes'>"
            f"<encryption secret='{UUID}'/></backend></tpm>"
        ),
        ["set TPM backend emulator -> external", "set TPM socket none -> /s"],
        "<tpm model='tpm-crb'><backend type='external'><source type='unix' mode='connect' path='/s'/></backend></tpm>",
    ),
    (
        "tpm",
        {"backend": "passthrough", "device": "/dev/tpm0"},
        "<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm1'/></backend></tpm>",
        ["set TPM device /dev/tpm1 -> none"],
        "<tpm model='tpm-tis'><backend type='passthrough'/></tpm>",
    ),
    (
        "tpm",
        {"pcr_banks": [], "persistent_state": False},
        (
            "<tpm model='tpm-tis'><backend type='emulator' persistent_state='yes'><active_pcr_banks><sha1/>"
            "</active_pcr_banks></backend></tpm>"
        ),
        ["set TPM persistent_state True -> False", "set TPM pcr_banks sha1 -> none"],
        "<tpm model='tpm-tis'><backend type='emulator'/></tpm>",
    ),
    (
        "tpm",
        {"enabled": False},
        (
            "<tpm model='tpm-spapr'><backend type='emulator'/></tpm>"
            "<tpm model='spapr-tpm-proxy'><backend type='passthrough'/></tpm>"
        ),
        ["detach TPM"],
        "<tpm model='spapr-tpm-proxy'><backend type='passthrough'/></tpm>",
    ),
    (
        "watchdog",
        {"model": "ib700", "action": "dump"},
        "<watchdog model='i6300esb' action='reset'><address type='pci' slot='1'/></watchdog>",
        ["set watchdog model i6300esb -> ib700", "set watchdog action reset -> dump"],
        "<watchdog model='ib700' action='dump'/>",
    ),
    (
        "watchdog",
        {"enabled": False},
        "<watchdog model='itco' action='reset'/><watchdog model='i6300esb' action='reset'/>",
        ["detach watchdog"],
        "<watchdog model='itco' action='reset'/>",
    ),
    (
        "panics",
        [{"name": "a", "model": "hyperv"}],
        "<panic model='isa'><address type='isa' iobase='0x505'/><alias name='ua-a'/></panic>",
        ["set panic device a model isa -> hyperv"],
        "<panic model='hyperv'><alias name='ua-a'/></panic>",
    ),
    ("panics", [], "<panic model='pseries'/>", [], "<panic model='pseries'/>"),
    (
        "iommu",
        {"interrupt_remapping": True, "aw_bits": 0},
        "<iommu model='intel'><driver eim='on' aw_bits='39'/></iommu>",
        ["set IOMMU interrupt_remapping none -> True", "set IOMMU aw_bits 39 -> none"],
        "<iommu model='intel'><driver eim='on' intremap='on'/></iommu>",
    ),
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
    (
        "smartcards",
        [{"card": "host"}],
        "<smartcard mode='passthrough' type='spicevmc'><address type='ccid' slot='0'/></smartcard>",
        ["attach smartcard host (card host)", "detach smartcard passthrough"],
        "<smartcard mode='host'/>",
    ),
]

# An option, what is wanted of it, the devices of the VM, and what is said.
REFUSED: list[tuple[str, Any, str, str]] = [
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
    ("videos", [{"model": "vga", "vgamem": "16MiB"}], "", "vgamem means nothing for video of model vga; leave it out."),
    ("videos", [{"heads": 0}], "", "heads 0 is out of range; choose 1 to 16."),
    ("videos", [{"vram": "x"}], "", "vram 'x' is not a size"),
    ("sounds", [{"model": "usb", "codecs": ["duplex"]}], "", "codecs means nothing for sound of model usb"),
    ("audios", [{"type": "spice", "path": "/a"}], "", "path means nothing for audio of type spice"),
    ("inputs", [{"type": "evdev", "bus": "usb", "device": "/a"}], "", "bus means nothing for input of type evdev"),
    ("inputs", [{"type": "tablet", "grab": "all"}], "", "grab means nothing for input of type tablet"),
    ("serials", [{"path": "/a"}], "", "path means nothing for serial of type pty"),
    ("serials", [{"type": "file", "path": "/a", "mode": "bind"}], "", "mode means nothing for serial of type file"),
    ("serials", [{"log_append": True}], "", "log_append says how a log is kept, and there is none"),
    ("serials", [{"port": 1}, {}], "", "serials has two entries of port 1; give each a port of its own."),
    ("serials", [{"target_type": "usb-serial", "iobase": "0x3f8"}], "", "iobase means nothing for a usb-serial"),
    ("serials", [{"iobase": "1016"}], "", "iobase '1016' is not understood; write it like 0x402."),
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
    ("rngs", [{"backend": "builtin", "device": "/a"}], "", "device means nothing for rng of backend builtin"),
    ("rngs", [{"backend": "egd", "egd": {"type": "pty", "path": "/a"}}], "", "path means nothing for"),
    ("tpm", {"backend": "external", "socket": "/a", "version": "2.0"}, "", "version means nothing for tpm of backend"),
    ("tpm", {"encryption_secret": "x"}, "", "encryption_secret 'x' is not understood; write it like"),
    ("panics", [{"model": "hyperv", "iobase": "0x505"}], "", "iobase means nothing for panic of model hyperv"),
    ("iommu", {"model": "virtio", "iotlb": True}, "", "iotlb means nothing for iommu of model virtio"),
    ("smartcards", [{"card": "host", "type": "pty"}], "", "type means nothing for a smartcard of the mode host"),
    (
        "smartcards",
        [{"card": "passthrough", "database": "/a"}],
        "",
        "database means nothing for a smartcard of the mode",
    ),
    ("smartcards", [{"card": "host-certificates", "certificates": ["a"]}], "", "certificates has 1 names; give 3."),
]

ROOT_PORT = "<controller type='pci' index='0' model='pcie-root'/>"
BRIDGE = "<controller type='pci' index='1' model='pcie-to-pci-bridge'/>"
VIRTIO_SERIAL = "<controller type='virtio-serial' index='0'/>"
LIVE_VNC = (
    "<graphics type='vnc' port='5900' autoport='yes' websocket='5700' listen='127.0.0.1' passwd='old'>"
    "<listen type='address' address='127.0.0.1'/></graphics>"
)
LIVE_SPICE = "<graphics type='spice' passwd='old'><listen type='socket' socket='/s'/></graphics>"

# What no running VM can be given.
NEXT_BOOT: list[tuple[str, Any, str]] = [
    ("sounds", [{}], "sound card (model ich9)"),
    ("audios", [{}], "audio (id 1, type none)"),
    ("panics", [{}], "panic device (model isa)"),
    ("iommu", {}, "IOMMU (model intel)"),
    ("tpm", {}, "TPM (model tpm-crb, backend emulator, version 2.0)"),
    ("smartcards", [{}], "smartcard (type spicevmc, card passthrough)"),
]

# What is wanted of a running VM, the devices with which it runs, the lines of the plan, and what waits for a restart.
LIVE: list[tuple[dict[str, Any], str, list[str], list[str]]] = [
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
    (
        {"balloon": {"stats_period": 0, "autodeflate": True}},
        "<memballoon model='virtio'><stats period='10'/></memballoon>",
        ["set memory balloon autodeflate none -> True [next_boot]", "set memory balloon stats_period 10 -> none"],
        ["memory balloon autodeflate is none and will be True"],
    ),
    (
        {"watchdog": {}},
        ROOT_PORT,
        ["attach watchdog (model i6300esb, action reset) [next_boot]"],
        ["watchdog is not attached yet"],
    ),
    ({"watchdog": {}}, ROOT_PORT + BRIDGE, ["attach watchdog (model i6300esb, action reset)"], []),
    (
        {"watchdog": {"model": "ib700"}},
        ROOT_PORT + BRIDGE,
        ["attach watchdog (model ib700, action reset) [next_boot]"],
        ["watchdog is not attached yet"],
    ),
    (
        {"watchdog": {"action": "pause"}},
        "<watchdog model='i6300esb' action='reset'/>",
        ["set watchdog action reset -> pause [next_boot]"],
        ["watchdog action is reset and will be pause"],
    ),
    (
        {"watchdog": {"enabled": False}},
        "<watchdog model='i6300esb' action='reset'><alias name='watchdog0'/></watchdog>",
        ["detach watchdog"],
        [],
    ),
    (
        {"watchdog": {"enabled": False}},
        "<watchdog model='ib700' action='reset'/>",
        ["detach watchdog [next_boot]"],
        ["watchdog stays attached"],
    ),
    ({"guest_agent": {}}, VIRTIO_SERIAL, ["attach guest agent channel"], []),
    (
        {"guest_agent": {}},
        "",
        ["attach guest agent channel [next_boot]"],
        ["guest agent channel is not attached yet"],
    ),
    ({"guest_agent": {"enabled": False}}, AGENT, ["detach guest agent channel"], []),
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
    (
        {"rngs": [{"backend": "builtin"}, {"name": "b", "model": "virtio-transitional"}]},
        ROOT_PORT,
        [
            "attach random number generator b (model virtio-transitional, backend random) [next_boot]",
            "attach random number generator builtin (model virtio, backend builtin)",
        ],
        ["random number generator b is not attached yet"],
    ),
    ({"redirdevs": [{}]}, USB, ["attach USB redirection (type spicevmc, bus usb)"], []),
    (
        {"redirdevs": [{}]},
        "<controller type='usb' model='none'/>",
        ["attach USB redirection (type spicevmc, bus usb) [next_boot]"],
        ["USB redirection is not attached yet"],
    ),
    *(
        ({option: wanted}, "", [f"attach {title} [next_boot]"], [f"{title.partition(' (')[0]} is not attached yet"])
        for option, wanted, title in NEXT_BOOT
    ),
]
