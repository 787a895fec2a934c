# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphics: how people see a VM's screen from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, ClassVar

from ..._composite import Group
from ..._errors import Refused
from ..._field_kinds import Count, Integer, Matching, Secret, Switch, Text
from ..._fields import Edit, Element
from ..._libs import etree
from ..._xml import insert_beside, parse_xml, without
from ..live import UPDATE, Live
from .device import Device, Wanted
from .kinds import Flag, Kinds

# The port that the host chooses.
AUTO = -1
_REMOTE = ("vnc", "spice")
_LEAST_VNC_PORT = 5900
# DES, with which VNC checks passwords, takes no more.
_LONGEST_VNC_PASSWORD = 8


class Port(Integer):
    """The port, AUTO where the host chooses it: of SPICE both, the plain one and that for TLS."""

    def read(self, node: Any) -> Any:
        """Return the port, or None where there is none."""
        return AUTO if node.get("autoport") == "yes" else _positive(super().read(node))

    def write(self, node: Any, value: Any) -> None:
        """Write the port, or that the host chooses."""
        if value == AUTO:
            node.attrib.pop("tlsPort", None)
        node.set("autoport", "yes" if value == AUTO else "no")
        super().write(node, value)

    def normal(self, value: Any) -> Any:
        """Refuse what is no port."""
        if int(value) == 0:
            raise Refused(f"{self.name} 0 is no port; choose 1 to 65535, or -1 for one that the host chooses.")
        return super().normal(value)


class TlsPort(Integer):
    """The port for TLS; 0 is none."""

    def read(self, node: Any) -> Any:
        """Return the port, or None where there is none, or the host chooses both."""
        return None if node.get("autoport") == "yes" else _positive(super().read(node))

    def write(self, node: Any, value: Any) -> None:
        """Write the port."""
        super().write(node, value)
        if value is not None and node.get("autoport") == "yes":
            node.set("autoport", "no")
            node.attrib.pop("port", None)

    def normal(self, value: Any) -> Any:
        """Return the port, or None for 0."""
        return super().normal(value) or None


class WebSocket(Integer):
    """The port for browsers, AUTO where the host chooses it; 0 is none."""

    def normal(self, value: Any) -> Any:
        """Return the port, or None for 0."""
        return super().normal(value) or None


def _positive(port: Any) -> Any:
    return port if port is not None and port > 0 else None


class Moment(Matching):
    """A moment in UTC as libvirt writes it: 2031-05-01T12:00:00. Other zones are converted; "" is none."""

    def normal(self, value: Any) -> Any:
        """Return the moment; Refused where it is none."""
        text = super().normal(value)
        if not text:
            return ""
        try:
            moment = datetime.fromisoformat(text.replace(" ", "T").replace("Z", "+00:00"))
        except ValueError as error:
            raise Refused(f"{self.name} '{text[:60]}' is no moment; write it like {self.example}.") from error
        if moment.tzinfo is not None:
            moment = moment.astimezone(timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%S")

    def matches(self, current: Any, wanted: Any) -> bool:
        """Return whether it is the same moment."""
        return (current or "") == wanted

    def write(self, node: Any, value: Any) -> None:
        """Write it; "" removes it."""
        super().write(node, value or None)

    def show(self, value: Any) -> Any:
        """Return it, or None."""
        return value or None


class Listen(Kinds):
    """Source: https://libvirt.org/formatdomain.html#graphical-framebuffers (listen)."""

    tag = "listen"
    only: ClassVar[Mapping[str, tuple[str, ...]]] = {name: (name,) for name in ("address", "network", "socket")}
    type = Text(
        "./@type",
        "V(address), V(network) or V(socket); told by the others if left out. V(none) - only through libvirt itself.",
        choices=("address", "network", "socket", "none"),
    )
    address = Text(
        "./@address",
        "Address of the host, such as V(127.0.0.1), or V(0.0.0.0) for all. Empty - what the host's I(qemu.conf) says, "
        "which is V(127.0.0.1) unless it was changed.",
    )
    network = Text("./@network", "libvirt network, on whose address of the host it listens.")
    socket = Text("./@socket", "Path of a UNIX socket on the host; empty - one that libvirt chooses.")

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with their type; Refused where there would be two."""
        values = super().normal(wanted)
        kinds = {*(name for name in cls.only if name in values), *([values["type"]] if "type" in values else [])}
        if len(kinds) > 1:
            raise Refused("it can be an address, a network or a socket, and not several; leave the others out.")
        return {"type": next(iter(kinds)), **values} if kinds else values


class Listening(Group):
    """Where graphics listen: an element, of which libvirt repeats the most in attributes of <graphics>."""

    def read(self, node: Any) -> Any:
        """Return where, also where only the attributes tell."""
        if node.find("listen") is not None:
            return super().read(node)
        told = (("socket", "socket", node.get("socket")), ("address", "address", node.get("listen")))
        return next(({"type": kind, name: value} for kind, name, value in told if value), None)

    def write(self, node: Any, value: Any) -> None:
        """Write where; whoever listens on a port again gets one that the host chooses, unless it is named."""
        there = self.read(node) or {}
        for attribute in ("listen", "socket"):
            node.attrib.pop(attribute, None)
        moved = value.get("type", there.get("type")) != there.get("type")
        if moved or node.find("listen") is None:
            _replace_listen(node, {} if moved else there)
        super().write(node, value)
        if value.get("type") in ("address", "network") and not {"port", "tlsPort"} & set(node.keys()):
            node.set("autoport", "yes")


def _replace_listen(node: Any, values: Mapping[str, Any]) -> None:
    for child in node.findall("listen")[:1]:
        without(child)
    node.insert(0, etree.Element("listen", {name: value for name, value in values.items() if value}))


_CARRIAGES = ("any", "secure", "insecure")


class Channel(Text):
    """How one of SPICE's channels is carried; any is how it is where nothing is said."""

    def __init__(self, channel: str) -> None:
        path, doc = f"channel[@name='{channel}']/@mode", f"How the channel I({channel}) is carried."
        super().__init__(path, doc, choices=_CARRIAGES, unset="any")
        self.channel = channel

    def write(self, node: Any, value: Any) -> None:
        """Write it; libvirt refuses a channel of which nothing is said."""
        for child in [child for child in node.iterchildren("channel") if child.get("name") == self.channel]:
            without(child)
        if value is not None:
            super().write(node, value)


class Channels(Element):
    """The channels of SPICE."""

    main = Channel("main")
    display = Channel("display")
    inputs = Channel("inputs")
    cursor = Channel("cursor")
    playback = Channel("playback")
    record = Channel("record")
    smartcard = Channel("smartcard")
    usbredir = Channel("usbredir")


def _has_password(node: Any, value: Any) -> bool:
    """Return whether QEMU takes a new password, or a time until which it holds: not where it was started without.

    libvirt claims to remove one, and does nothing; and it takes graphics of SPICE on a socket for changed ones.
    """
    listen = node.find("listen")
    on_socket = listen is not None and listen.get("type") == "socket"
    return value is not None and bool(node.get("passwd")) and not (on_socket and node.get("type") == "spice")


_LIVE = Live(UPDATE.apply, _has_password)


class Graphics(Kinds, Device):
    """Sources: https://libvirt.org/formatdomain.html#graphical-framebuffers, virDomainUpdateDeviceFlags."""

    tag = "graphics"
    option = "graphics"
    noun = "graphics"
    doc = (
        "How people see the VM's screen, all of it - what is not listed is taken away, an empty list is none.",
        "A new VM for which nothing is said has VNC on a port of V(127.0.0.1) that the host chooses.",
        "QEMU takes one of each type; the type is what it is recognised by. Only passwords change while a VM runs.",
    )
    keys = ("type",)
    # libvirt keeps no alias of graphics.
    nameable = False
    usual = True
    only: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "listen": _REMOTE,
        "port": _REMOTE,
        "tls_port": ("spice",),
        "websocket": ("vnc",),
        "password": _REMOTE,
        "password_valid_until": _REMOTE,
        "connected": _REMOTE,
        "keymap": _REMOTE,
        "share_policy": ("vnc",),
        "power_control": ("vnc",),
        "audio": ("vnc", "dbus"),
        "default_mode": ("spice",),
        "channels": ("spice",),
        "image_compression": ("spice",),
        "jpeg_compression": ("spice",),
        "zlib_compression": ("spice",),
        "playback_compression": ("spice",),
        "streaming": ("spice",),
        "mouse": ("spice",),
        "clipboard": ("spice",),
        "file_transfer": ("spice",),
        "gl": ("spice", "sdl", "dbus"),
        "render_node": ("spice", "dbus", "egl-headless"),
        "display": ("sdl",),
        "xauth": ("sdl",),
        "fullscreen": ("sdl",),
        "p2p": ("dbus",),
        "address": ("dbus",),
    }
    type = Text(
        "./@type",
        "V(vnc) if left out for a new one. V(sdl) needs a screen of the host, V(egl-headless) and O(graphics[].gl) its "
        "GPU.",
        choices=("vnc", "spice", "sdl", "egl-headless", "dbus"),
    )
    port = Port(
        "./@port",
        "Port of the host, for VNC from V(5900) on. V(-1) - the host chooses, for SPICE both ports; that is what new "
        "graphics do for which nothing is said.",
        least=AUTO,
        most=65535,
    )
    tls_port = TlsPort(
        "./@tlsPort",
        "SPICE - port for TLS beside or instead of O(graphics[].port), which must not be V(-1) then; V(0) for none. "
        "The host's I(qemu.conf) has to say I(spice_tls).",
        most=65535,
    )
    websocket = WebSocket(
        "./@websocket",
        "VNC - port for browsers; V(-1) - the host chooses, V(0) for none.",
        least=AUTO,
        most=65535,
        untold=True,
    )
    listen = Listening("listen", Listen, "Where it listens; what the host's I(qemu.conf) says if left out.")
    password = Secret(
        "./@passwd",
        (
            "Password, of VNC at most 8 characters; empty - none. It is shown nowhere.",
            "A running VM that was started with one takes another over at once; one that was started without does not.",
        ),
        live=_LIVE,
    )
    password_valid_until = Moment(
        "./@passwdValidTo",
        "When the password stops to be taken, in UTC unless a zone is given, such as V(2031-05-01T12:00:00); empty - "
        "never. A running VM takes it over at once.",
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?",
        "2031-05-01T12:00:00",
        live=_LIVE,
        harmless=True,
    )
    connected = Text(
        "./@connected",
        "What happens to those who are connected when the password changes, if there is one; VNC knows V(keep) only.",
        choices=("keep", "disconnect", "fail"),
        live=_LIVE,
    )
    keymap = Text("./@keymap", "Layout of the keyboard of those who connect, such as V(de).", harmless=True)
    share_policy = Text(
        "./@sharePolicy",
        "VNC - whether several may be connected.",
        choices=("allow-exclusive", "force-shared", "ignore"),
    )
    power_control = Switch("./@powerControl", "VNC - whether clients may shut down and reset the VM.")
    audio = Count("audio/@id", "VNC and D-Bus - the O(audios[].id) that is heard through it; V(0) for none.")
    default_mode = Text(
        "./@defaultMode",
        "SPICE - how channels are carried for which O(graphics[].channels) says nothing.",
        choices=_CARRIAGES,
        unset="any",
    )
    channels = Group(".", Channels, "SPICE - how single channels are carried.")
    image_compression = Text(
        "image/@compression",
        "SPICE - how images are compressed.",
        choices=("auto_glz", "auto_lz", "quic", "glz", "lz", "off"),
    )
    jpeg_compression = Text(
        "jpeg/@compression",
        "SPICE - whether images are compressed with loss for slow lines.",
        choices=("auto", "never", "always"),
    )
    zlib_compression = Text(
        "zlib/@compression",
        "SPICE - whether images are compressed by zlib for slow lines.",
        choices=("auto", "never", "always"),
    )
    playback_compression = Switch("playback/@compression", "SPICE - whether sound is compressed.", words=("on", "off"))
    streaming = Text("streaming/@mode", "SPICE - what is sent as video.", choices=("filter", "all", "off"))
    mouse = Text("mouse/@mode", "SPICE - whose the mouse pointer is.", choices=("client", "server"))
    clipboard = Switch("clipboard/@copypaste", "SPICE - whether text can be copied to and from the guest.")
    file_transfer = Switch("filetransfer/@enable", "SPICE - whether files can be dropped into the guest.")
    gl = Switch("gl/@enable", "Whether OpenGL is done by the host's GPU.")
    render_node = Text("gl/@rendernode", "Which GPU does it, such as V(/dev/dri/renderD128).")
    display = Text("./@display", "SDL - the X display, such as V(:0.0).")
    xauth = Text("./@xauth", "SDL - the file that holds the rights on the display.")
    fullscreen = Flag("./@fullscreen", "SDL - whether it takes the whole screen.")
    p2p = Flag("./@p2p", "D-Bus - whether clients connect directly, and not through a bus.")
    address = Text("./@address", "D-Bus - address of the bus; libvirt starts one if left out.")

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of new graphics, on a port that the host chooses unless it is said otherwise.

        A VM without a screen gets one: libvirt would add an old one.
        """
        fields = {"type": "vnc", **device.fields}
        ported = "port" in fields or fields.get("tls_port")
        if fields["type"] in _REMOTE and not ported and fields.get("listen", {}).get("type") not in ("socket", "none"):
            fields = {**fields, "port": AUTO}
        if domain.find("devices/video") is None:
            insert_beside(domain.find("devices"), parse_xml("<video><model type='vga'/></video>"))
        return super().new(domain, replace(device, fields=fields))

    @classmethod
    def live_fields(cls, node: Any, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the fields without an address or socket that libvirt or its host chose."""
        if "listen" not in fields:
            return fields
        return {**fields, "listen": {name: value for name, value in fields["listen"].items() if value is not None}}

    @classmethod
    def agree(cls, node: Any, named: Mapping[str, Any]) -> None:
        """Refuse what libvirt would drop, or refuse with words that help nobody."""
        super().agree(node, named)
        what = f"Graphics {cls.fields['type'].read(node)}"
        for wrong, sentence in (*_ports(node, named), *_passwords(node, named)):
            if wrong:
                raise Refused(f"{what} {sentence}")

    @classmethod
    def converge(cls, domain: Any, wanted: Sequence[Wanted]) -> list[Edit]:
        """Bring graphics to what is wanted; sound follows SPICE as it comes or goes, if it is as libvirt chose it."""
        before = _has_spice(domain)
        edits = super().converge(domain, wanted)
        after = _has_spice(domain)
        for audio in domain.iterfind("devices/audio"):
            if before != after and len(audio) == 0 and dict(audio.attrib) == {"id": "1", "type": _heard(before)}:
                audio.set("type", _heard(after))
        return edits


def _has_spice(domain: Any) -> bool:
    return domain.find("devices/graphics[@type='spice']") is not None


def _heard(spice: bool) -> str:
    return "spice" if spice else "none"


def _ports(node: Any, named: Mapping[str, Any]) -> list[tuple[bool, str]]:
    """Return questions about ports, and what is said where the answer is yes."""
    kind = (Graphics.fields["listen"].read(node) or {}).get("type")
    port = named.get("port")
    return [
        (
            kind in ("socket", "none") and bool(named.keys() & {"port", "tls_port", "websocket"}),
            f"has no port where it listens on {kind}; leave out the ports, or 'listen'.",
        ),
        (
            node.get("type") == "vnc" and port not in (None, AUTO) and port < _LEAST_VNC_PORT,
            f"cannot have the port {port}; choose {_LEAST_VNC_PORT} to 65535, or -1 for one that the host chooses.",
        ),
        (
            port == AUTO and bool(named.get("tls_port")),
            "cannot have a tls_port where the host chooses the ports; name the port too, or leave out both.",
        ),
    ]


def _passwords(node: Any, named: Mapping[str, Any]) -> list[tuple[bool, str]]:
    """Return questions about the password, and what is said where the answer is yes: never the password."""
    vnc = node.get("type") == "vnc"
    length = len(named.get("password") or "")
    needs = [name for name in ("password_valid_until", "connected") if named.get(name) and not node.get("passwd")]
    return [
        (
            vnc and length > _LONGEST_VNC_PASSWORD,
            f"has a password of {length} characters, and VNC takes {_LONGEST_VNC_PASSWORD}; shorten it.",
        ),
        (bool(needs), f"has no password; give one, or leave out {' and '.join(needs)}."),
        (
            vnc and named.get("connected", "keep") != "keep",
            "can only keep those who are connected; choose 'keep' for 'connected', or leave it out.",
        ),
    ]
