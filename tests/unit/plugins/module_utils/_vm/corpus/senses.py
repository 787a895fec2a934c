# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people look at and listen to: graphics, video, input, sound, and consoles."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.corpus.builder import Fragment, each, fragments

_VIDEO = ["vga", "cirrus", "vmvga", "xen", "vbox", "qxl", "virtio", "gop", "bochs", "ramfb", "none"]
_SOUND = ["sb16", "es1370", "pcspk", "ac97", "ich6", "ich9", "usb", "ich7"]
_AUDIO = {
    "none": "<audio id='1' type='none'/>",
    "alsa": "<audio id='1' type='alsa'><input dev='default'/><output dev='default'/></audio>",
    "oss": "<audio id='1' type='oss' tryMMap='yes' exclusive='no' dspPolicy='3'>"
    "<input dev='/dev/dsp0' tryPoll='no'/></audio>",
    "pulse": """<audio id='1' type='pulseaudio' serverName='acme.example.org'><input name='fish' streamName='food'
        latency='100'/></audio>""",
    "jack": "<audio id='1' type='jack'>"
    "<input serverName='fish' clientName='food' connectPorts='yum' exactName='yes'/></audio>",
    "sdl": "<audio id='1' type='sdl' driver='pulseaudio'><output bufferCount='40'/></audio>",
    "spice": "<graphics type='spice'/><audio id='1' type='spice'/>",
    "file": "<audio id='1' type='file' path='audio.wav'/>",
    "dbus": "<audio id='1' type='dbus'/>",
    "coreaudio": "<audio id='1' type='coreaudio'><input bufferCount='50'/></audio>",
    "settings": """<audio id='1' type='pulseaudio' timerPeriod='50'>
    <input mixingEngine='yes' fixedSettings='yes' voices='1'
        bufferLength='100'><settings frequency='44100' channels='2' format='s16'/></input></audio>""",
}
GRAPHICS = fragments(
    "graphics",
    """
## vnc
<graphics type='vnc'/>
## vnc-auto
<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'><listen type='address' address='127.0.0.1'/></graphics>
## vnc-port
<graphics type='vnc' port='5904' autoport='no' sharePolicy='allow-exclusive' keymap='de'/>
## vnc-websocket
<graphics type='vnc' port='5904' websocket='5700' listen='0.0.0.0'/>
## vnc-websocket-auto
<graphics type='vnc' autoport='yes' websocket='-1'/>
## vnc-passwd
<graphics type='vnc' port='-1' passwd='se&lt;cr&amp;t' passwdValidTo='2030-12-31T23:59:59' connected='keep'/>
## vnc-network
<graphics type='vnc' autoport='yes'><listen type='network' network='default'/></graphics>
## vnc-socket
<graphics type='vnc'><listen type='socket' socket='/var/run/vnc.sock'/></graphics>
## vnc-socket-old
<graphics type='vnc' socket='/tmp/foo.socket'/>
## vnc-none
<graphics type='vnc'><listen type='none'/></graphics>
## vnc-ipv6
<graphics type='vnc' port='5900'><listen type='address' address='::1'/></graphics>
## vnc-power
<graphics type='vnc' powerControl='yes'/>
## vnc-policy
<graphics type='vnc' sharePolicy='force-shared'/>
## spice
<graphics type='spice' autoport='yes'/>
## spice-tls
<graphics type='spice' tlsPort='5901' autoport='no' defaultMode='secure'><channel name='main' mode='secure'/></graphics>
## spice-all
<graphics type='spice' port='5900' autoport='no' defaultMode='any' passwd='x' keymap='en-us'
passwdValidTo='2031-01-01T00:00:00' connected='disconnect'><listen type='address' address='0.0.0.0'/>
<channel name='main' mode='any'/><channel name='display' mode='any'/><channel name='inputs' mode='insecure'/>
<channel name='cursor' mode='any'/><channel name='playback' mode='any'/><channel name='record' mode='insecure'/>
<channel name='smartcard' mode='any'/><channel name='usbredir' mode='any'/><image compression='auto_glz'/>
<jpeg compression='auto'/><zlib compression='auto'/><playback compression='on'/><streaming mode='filter'/>
<clipboard copypaste='no'/><mouse mode='client'/><filetransfer enable='no'/></graphics>
## spice-gl
<graphics type='spice'><listen type='none'/><gl enable='yes' rendernode='/dev/dri/renderD128'/></graphics>
## spice-socket
<graphics type='spice'><listen type='socket' socket='/tmp/spice.sock'/></graphics>
## sdl
<graphics type='sdl' display=':0.0' xauth='/root/.Xauthority' fullscreen='yes'><gl enable='yes'/></graphics>
## rdp
<graphics type='rdp' autoport='yes' multiUser='yes' replaceUser='no'/>
## desktop
<graphics type='desktop' display=':0.0' fullscreen='no'/>
## egl
<graphics type='egl-headless'><gl rendernode='/dev/dri/renderD128'/></graphics>
## dbus
<graphics type='dbus' p2p='yes'/>
## dbus-address
<graphics type='dbus' address='unix:path=/tmp/dbus'><gl enable='no'/></graphics>
## two
<graphics type='vnc' port='-1'/><graphics type='spice' port='-1'/>
""",
)
SIGHT = [
    *each("video", _VIDEO, "<video><model type='@@'/></video>"),
    *each("sound", _SOUND, "<sound model='@@'/>"),
    *each("sound/codec", ("duplex", "micro", "output"), "<sound model='ich9'><codec type='@@'/></sound>"),
    *(Fragment(f"audio/{name}", xml + "<sound model='ich9'><audio id='1'/></sound>") for name, xml in _AUDIO.items()),
    *fragments(
        "video",
        """
## qxl-heads
<video><driver name='qemu'/>
<model type='qxl' ram='65536' vram='65536' vgamem='16384' vram64='65536' heads='4' primary='yes'/></video>
## accel
<video><model type='virtio' heads='1' primary='yes'><acceleration accel3d='yes' accel2d='no'/>
<resolution x='1920' y='1080'/></model></video>
## driver
<video><driver iommu='on' ats='on'/><model type='virtio'/></video>
## vhostuser
<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking><video><driver name='vhostuser'/>
<model type='virtio'/></video>
## two
<video><model type='qxl' primary='yes'/></video><video><model type='qxl'/></video>
## vgaconf
<video><driver vgaconf='io'/><model type='vga' vram='16384'/></video>
## empty
<video/>
""",
    ),
    *fragments(
        "input",
        """
## tablet
<input type='tablet' bus='usb'/>
## all
<input type='mouse' bus='ps2'/><input type='keyboard' bus='ps2'/><input type='tablet' bus='usb'>
<address type='usb' bus='0' port='1'/>
</input><input type='keyboard' bus='virtio' model='virtio'/><input type='mouse' bus='virtio'/>
<input type='tablet' bus='virtio'/>
## passthrough
<input type='passthrough' bus='virtio'><source evdev='/dev/input/event1'/></input>
## evdev
<input type='evdev'><source dev='/dev/input/event1234' grab='all' grabToggle='ctrl-ctrl' repeat='on'/></input>
## virtio-transitional
<input type='keyboard' bus='virtio' model='virtio-transitional'/>
""",
    ),
]

_SOURCES = {
    "pty": "<@@ type='pty'>%s</@@>",
    "pty-path": "<@@ type='pty'><source path='/dev/pts/3'/>%s</@@>",
    "null": "<@@ type='null'>%s</@@>",
    "stdio": "<@@ type='stdio'>%s</@@>",
    "vc": "<@@ type='vc'>%s</@@>",
    "file": "<@@ type='file'><source path='/tmp/s.log' append='on'/>%s</@@>",
    "dev": "<@@ type='dev'><source path='/dev/ttyS0'/>%s</@@>",
    "pipe": "<@@ type='pipe'><source path='/tmp/mypipe'/>%s</@@>",
    "unix-bind": "<@@ type='unix'><source mode='bind' path='/tmp/foo'/>%s</@@>",
    "unix-connect": "<@@ type='unix'><source mode='connect' path='/tmp/f'>"
    "<reconnect enabled='yes' timeout='5'/></source>%s</@@>",
    "tcp": "<@@ type='tcp'><source mode='connect' host='0.0.0.0' service='2445'/><protocol type='telnet'/>%s</@@>",
    "tcp-bind": "<@@ type='tcp'><source mode='bind' host='127.0.0.1' service='2445' tls='yes'/>"
    "<protocol type='raw'/>%s</@@>",
    "udp": "<@@ type='udp'><source mode='bind' host='0.0.0.0' service='1'/>"
    "<source mode='connect' host='h' service='2'/>%s</@@>",
    "spiceport": "<graphics type='spice'/><@@ type='spiceport'><source channel='org.qemu.console.serial.0'/>%s</@@>",
    "nmdm": "<@@ type='nmdm'><source master='/dev/nmdm0A' slave='/dev/nmdm0B'/>%s</@@>",
    "log": "<@@ type='pty'><log file='/var/log/guest.log' append='off'/>%s</@@>",
    "qemu-vdagent": "<@@ type='qemu-vdagent'><source><clipboard copypaste='yes'/><mouse mode='client'/>"
    "</source>%s</@@>",
    "dbus": "<@@ type='dbus'><source channel='org.qemu.console.0'/>%s</@@>",
}
_ENDS = {
    "serial": "<target port='0'/>",
    "console": "<target type='virtio' port='0'/>",
    "channel": "<target type='virtio' name='org.example.@@.0'/>",
    "parallel": "<target port='0'/>",
}
_TARGETS = ["isa-serial", "usb-serial", "pci-serial", "spapr-vio-serial", "system-serial", "sclp-serial", "isa-debug"]
CONSOLES = [
    *(
        Fragment(f"{tag}/{name}", xml.replace("@@", tag) % end.replace("@@", name))
        for tag, end in _ENDS.items()
        for name, xml in _SOURCES.items()
        if tag in ("serial", "channel") or name in ("pty", "file", "unix-bind", "tcp", "log", "null")
    ),
    *each(
        "serial/target",
        _TARGETS,
        "<os><type arch='x86_64'>hvm</type></os><serial type='pty'><target type='@@' port='0'/></serial>",
    ),
    *fragments(
        "console",
        """
## serial-and-console
<serial type='pty'><target type='isa-serial' port='0'><model name='isa-serial'/></target></serial>
<console type='pty'><target type='serial' port='0'/></console>
## several
<console type='pty'><target type='serial' port='0'/></console><console type='pty'><target type='virtio' port='1'/>
</console>
## tty
<console type='pty' tty='/dev/pts/2'><source path='/dev/pts/2'/><target port='0'/></console>
## agent
<channel type='unix'><source mode='bind' path='/var/lib/libvirt/qemu/f16x86_64.agent'/>
<target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>
## agent-plain
<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
## spicevmc
<graphics type='spice'/><channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/>
<address type='virtio-serial' controller='0' bus='0' port='3'/></channel>
## webdav
<graphics type='spice'/><channel type='spiceport'><source channel='org.spice-space.webdav.0'/>
<target type='virtio' name='org.spice-space.webdav.0'/></channel>
## guestfwd
<channel type='pty'><target type='guestfwd' address='10.0.2.1' port='4600'/></channel>
## xen-channel
<channel type='pty'><target type='xen' name='org.example.0'/></channel>
## seclabel
<seclabel type='dynamic' model='dac' relabel='yes'/>
<serial type='unix'><source mode='bind' path='/tmp/s'><seclabel model='dac' relabel='no'/></source><target port='1'/>
</serial>
## isa-debugcon
<os><type arch='x86_64' machine='q35'>hvm</type></os>
<serial type='file'><source path='/tmp/debug'/><target type='isa-debug' port='0'><model name='isa-debugcon'/></target>
<address type='isa' iobase='0x402'/></serial>
""",
    ),
]
