# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Smartcard readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from ..._errors import Refused
from ..._field_kinds import Text, Words
from ..._words import legible
from .chardev import Source
from .device import Device, Wanted
from .kinds import forget

_CERTIFICATES = 3


class Certificates(Words):
    """Three names in their order, each in an element of its own."""

    def read(self, node: Any) -> Any:
        """Return the names, or None where there are none."""
        return [child.text or "" for child in node.iterchildren(self.tag)] or None

    def normal(self, value: Sequence[Any]) -> Any:
        """Return the names; Refused where they are not three."""
        if len(value) not in (0, _CERTIFICATES):
            raise Refused(f"{self.name} has {len(value)} names; give {_CERTIFICATES}.")
        return [legible(self.name, word) for word in value] or None


class Card(Text):
    """Whose card it is; another mode forgets what the one before was told."""

    def write(self, node: Any, value: Any) -> None:
        """Write the mode."""
        before = self.read(node)
        super().write(node, value)
        if before is not None and before != value:
            node.attrib.pop("type", None)
            forget(node, "source", "protocol", "certificate", "database", "log")


class Smartcard(Source, Device):
    """Source: https://libvirt.org/formatdomain.html#smartcard-devices."""

    tag = "smartcard"
    option = "smartcards"
    noun = "smartcard"
    doc = "Smartcard readers, all of them; QEMU takes one. A running VM takes changes over at its next boot."
    keys = ("card",)
    # libvirt keeps an alias of a smartcard, and its schema knows none.
    nameable = False
    card = Card(
        "./@mode",
        "Whose card it is - V(passthrough) who is connected, V(host) the host, V(host-certificates) one made of the "
        "host's certificates. V(passthrough) if left out for a new one.",
        choices=("passthrough", "host", "host-certificates"),
    )
    certificates = Certificates(".", "certificate", "V(host-certificates) - the names of three certificates.")
    database = Text("database", "V(host-certificates) - the directory of the certificates; empty - the usual one.")
    defaults: ClassVar[Mapping[str, Any]] = {"card": "passthrough"}

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new reader; a card that is passed through comes by SPICE unless it is said how."""
        passed = device.fields.get("card", "passthrough") == "passthrough"
        fields = {**({"type": "spicevmc"} if passed else {}), **device.fields}
        return super().new(domain, replace(device, fields=fields))

    @classmethod
    def agree(cls, node: Any, named: Mapping[str, Any]) -> None:
        """Refuse what means nothing for the mode."""
        mode = node.get("mode")
        allowed = {
            "host": (),
            "host-certificates": ("certificates", "database"),
            "passthrough": tuple(Source.fields),
        }.get(mode, ())
        for name in named:
            if name not in ("card", *allowed):
                raise Refused(f"{name} means nothing for a smartcard of the mode {mode}; leave it out.")
        super().agree(node, named)
