# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The socket between a guest and its host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._errors import Refused
from ..._field_kinds import Matching, Text
from .device import Device

_AUTO = "auto"

# 0 to 2 are the hypervisor, the machine itself and the host. Source: vsock(7).
_LEAST, _MOST = 3, 2**32 - 2


class Cid(Matching):
    """The guest's number among those of the host: one of its own, or the first that is free at each start."""

    def read(self, node: Any) -> Any:
        """Return the number as text, V(auto), or None where nothing is said."""
        place = node.find("cid")
        if place is None:
            return None
        return _AUTO if place.get("auto") == "yes" else place.get("address")

    def write(self, node: Any, value: Any) -> None:
        """Write the one or the other."""
        place = self.path.make(node)
        place.attrib.clear()
        place.set("auto", "yes" if value == _AUTO else "no")
        if value != _AUTO:
            place.set("address", value)

    def normal(self, value: Any) -> Any:
        """Refuse a number that no guest can have."""
        cid = super().normal(value)
        if cid != _AUTO and not _LEAST <= int(cid or 0) <= _MOST:
            raise Refused(f"cid {value} is out of range; choose {_LEAST} to {_MOST}, or {_AUTO}.")
        return _AUTO if cid == _AUTO else str(int(cid))

    def fact(self, value: Any) -> Any:
        """Return it, or None where the option would refuse it."""
        usable = value == _AUTO or (value and value.isdigit() and _LEAST <= int(value) <= _MOST)
        return value if usable else None


class Vsock(Device):
    """Source: https://libvirt.org/formatdomain.html#vsock."""

    tag = "vsock"
    option = "vsock"
    noun = "vsock"
    doc = "A socket over which the guest and its host talk without a network; the host needs the module vhost_vsock."
    many = False
    hotplug = True
    defaults: ClassVar[Mapping[str, Any]] = {"cid": _AUTO}
    cid = Cid(
        "cid",
        "Number by which the host addresses the guest, from 3 up; V(auto), taken if left out, finds a free one at each "
        "start.",
        rf"{_AUTO}|\d{{1,10}}",
        "3",
    )
    model = Text(
        "./@model",
        "Which virtio the guest sees; V(virtio) if left out.",
        choices=("virtio", "virtio-transitional", "virtio-non-transitional"),
    )
