# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The boot ROM of a PCI device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._errors import Refused
from ..._field_kinds import Matching, Switch
from ..._fields import Element


class Rom(Element):
    """Source: https://libvirt.org/formatdomain.html#host-device-assignment (rom)."""

    enabled = Switch("./@enabled", "Whether the device has a boot ROM at all.")
    bar_ = Switch("./@bar", "Whether the guest sees the ROM in its memory.", words=("on", "off"))
    file = Matching(
        "./@file", "Path of an image on the host that is the ROM; an empty one removes it.", "/.+", "/usr/share/rom.bin"
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse a ROM that is switched off and described."""
        if values.get("enabled") is False and (values.get("bar") is not None or values.get("file")):
            raise Refused("enabled is false, so the device has no ROM; leave out its 'bar' and 'file'.")
