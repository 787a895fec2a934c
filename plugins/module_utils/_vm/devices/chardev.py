# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a character device ends in the host: what serial ports, consoles, channels and redirections have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._errors import Refused
from ..._field_kinds import Count, Switch, Text
from ..._xml import Path
from .kinds import Kinds, forget

_TYPES = (
    "pty",
    "unix",
    "tcp",
    "udp",
    "file",
    "dev",
    "pipe",
    "null",
    "stdio",
    "vc",
    "spicevmc",
    "spiceport",
    "qemu-vdagent",
    "dbus",
)


_PATH = Path("source/@path")
_LOG = Path("log/@file")


class Type(Text):
    """What is at the end; another one forgets what the one before was told."""

    def write(self, node: Any, value: Any) -> None:
        """Write the type."""
        before = self.read(node)
        super().write(node, value)
        if before is not None and before != value:
            forget(node, "source", "protocol")


class Mode(Text):
    """Who waits for whom. A channel whose socket libvirt chooses is bound to it, and that is not written down."""

    def read(self, node: Any) -> Any:
        """Return bind, connect or None."""
        chosen = node.tag == "channel" and node.get("type") == "unix" and not _PATH.get(node)
        return super().read(node) or ("bind" if chosen else None)

    def write(self, node: Any, value: Any) -> None:
        """Write the mode; who is bound does not connect again."""
        super().write(node, value)
        source = node.find("source")
        if value == "bind" and source is not None:
            forget(source, "reconnect")


class Peer(Text):
    """Part of the address that a device connects to, or where it listens; a UDP device does both."""

    def __init__(self, attribute: str, doc: str) -> None:
        super().__init__(f"source/@{attribute}", doc)
        self.udp = Text(f"source[@mode='connect']/@{attribute}")

    def read(self, node: Any) -> Any:
        """Return it."""
        return self.udp.read(node) if node.get("type") == "udp" else super().read(node)

    def write(self, node: Any, value: Any) -> None:
        """Write it."""
        if node.get("type") == "udp":
            self.udp.write(node, value)
        else:
            super().write(node, value)


class Reconnect(Count):
    """After how many seconds it connects again; None where it does not."""

    _ENABLED = Path("source/reconnect/@enabled")

    def read(self, node: Any) -> Any:
        """Return the seconds."""
        return super().read(node) if self._ENABLED.get(node) == "yes" else None

    def write(self, node: Any, value: Any) -> None:
        """Write the seconds."""
        source = node.find("source")
        if value is not None:
            self._ENABLED.set(node, "yes")
            super().write(node, value)
        elif source is not None:
            forget(source, "reconnect")


class Source(Kinds):
    """Source: https://libvirt.org/formatdomain.html#host-interface."""

    only: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "mode": ("unix", "tcp"),
        "path": ("unix", "file", "dev", "pipe"),
        "host": ("tcp", "udp"),
        "service": ("tcp", "udp"),
        "bind_host": ("udp",),
        "bind_service": ("udp",),
        "protocol": ("tcp",),
        "tls": ("tcp",),
        "reconnect": ("unix", "tcp"),
        "append": ("file",),
        "channel": ("spiceport", "dbus"),
        "clipboard": ("qemu-vdagent",),
        "mouse": ("qemu-vdagent",),
    }
    type = Type(
        "./@type",
        (
            "What is at its end in the host, such as a terminal (V(pty)), a socket (V(unix)), nothing (V(null)).",
            "V(spicevmc), V(spiceport) - who is connected by SPICE; V(qemu-vdagent) - QEMU's own clipboard.",
            "V(dbus) - who is connected by D-Bus; give it no name, because QEMU 7.2 does not start with one.",
        ),
        choices=_TYPES,
    )
    # Before the mode, which is told from it where it is not said.
    path = Text(_PATH, "V(unix), V(file), V(dev), V(pipe) - path on the host.")
    mode = Mode(
        "source/@mode",
        "V(unix), V(tcp) - whether it waits for somebody, or connects itself; V(connect) if left out.",
        choices=("bind", "connect"),
    )
    host = Peer("host", "V(tcp), V(udp) - address that it connects to, or listens on.")
    service = Peer("service", "V(tcp), V(udp) - port number, or the name of a service.")
    bind_host = Text("source[@mode='bind']/@host", "V(udp) - address of the host that it sends from.")
    bind_service = Text("source[@mode='bind']/@service", "V(udp) - port that it sends from.")
    protocol = Text(
        "protocol/@type", "V(tcp) - what is spoken, V(raw) if left out.", choices=("raw", "telnet", "telnets", "tls")
    )
    tls = Switch("source/@tls", "V(tcp) - whether it is encrypted, with the certificates of the host's I(qemu.conf).")
    reconnect = Reconnect(
        "source/reconnect/@timeout",
        "V(unix), V(tcp) - after how many seconds it connects again; V(0) - never.",
    )
    append = Switch("source/@append", "V(file) - whether what is in it is kept.", words=("on", "off"))
    channel = Text("source/@channel", "V(spiceport), V(dbus) - its name there.")
    clipboard = Switch("source/clipboard/@copypaste", "V(qemu-vdagent) - whether text can be copied.")
    mouse = Text("source/mouse/@mode", "V(qemu-vdagent) - whose the mouse pointer is.", choices=("client", "server"))
    log_file = Text(_LOG, "File of the host in which all that is sent is kept; empty - none.")
    log_append = Switch("log/@append", "Whether the log is kept when the VM starts.", words=("on", "off"))

    @classmethod
    def agree(cls, node: Any, named: Mapping[str, Any]) -> None:
        """Refuse what libvirt would drop."""
        super().agree(node, named)
        if "log_append" in named and not _LOG.get(node):
            raise Refused("log_append says how a log is kept, and there is none; give a log_file, or leave it out.")
        connects = named.get("mode") == "connect" or "reconnect" in named
        if connects and node.get("type") == "unix" and not _PATH.get(node):
            raise Refused("it has no socket to connect to; give its path, or leave out 'mode' and 'reconnect'.")

    @classmethod
    def live_fields(cls, _node: Any, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the fields without the path of a socket that libvirt chose."""
        return {name: value for name, value in fields.items() if name != "path" or value is not None}
