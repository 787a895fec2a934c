# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the sound of a VM is heard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._field_kinds import Count, Integer, Text
from .device import Device
from .kinds import Kinds


class Type(Text):
    """Where it is heard; another place forgets what the one before was told."""

    def write(self, node: Any, value: Any) -> None:
        """Write the type."""
        if self.read(node) not in (None, value):
            for attribute in set(node.keys()) - {"id"}:
                del node.attrib[attribute]
            del node[:]
        super().write(node, value)


class Audio(Kinds, Device):
    """Source: https://libvirt.org/formatdomain.html#audio-backends."""

    tag = "audio"
    option = "audios"
    noun = "audio"
    doc = (
        "Where sound is heard, all of it.",
        "libvirt adds one that leads to SPICE, or nowhere without such graphics; it stays though no list names it.",
        "A running VM takes changes over at its next boot.",
    )
    # The element is known from 6.7 on, to QEMU's driver from 7.2 on.
    since = (7, 2)
    keys = ("id",)
    # libvirt keeps no alias of audio.
    nameable = False
    defaults: ClassVar[Mapping[str, Any]] = {"id": 1, "type": "none"}
    only: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "path": ("file",),
        "server_name": ("pulseaudio",),
        "driver": ("sdl",),
    }
    id = Integer("./@id", "What O(sounds[].audio) and O(graphics[].audio) call it; V(1) if left out.", least=1)
    type = Type(
        "./@type",
        "Where it is heard; V(none) if left out for a new one.",
        choices=("none", "spice", "file", "alsa", "oss", "pulseaudio", "jack", "sdl", "dbus", "coreaudio"),
    )
    path = Text("./@path", "V(file) - the file in the host.")
    server_name = Text("./@serverName", "V(pulseaudio) - the server.")
    driver = Text("./@driver", "V(sdl) - what SDL plays through.", choices=("esd", "alsa", "arts", "pulseaudio"))
    timer_period = Count("./@timerPeriod", "After how many microseconds sound is passed on; V(0) for the usual time.")

    @classmethod
    def implied(cls, node: Any) -> bool:
        """Return whether it is the one that libvirt adds."""
        return node.get("id") == "1" and node.get("type") in ("none", "spice")
