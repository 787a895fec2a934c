# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices of which each is there once: no two of a list may say the same with their keys."""

from __future__ import annotations

from typing import Any

from ..._errors import Refused
from .device import Device, Wanted


class SingleDevice(Device):
    """A kind of device that two entries of a list cannot share."""

    @classmethod
    def wanted(cls, params: Any) -> tuple[Wanted, ...]:
        """Return what the option wants; Refused where two entries mean one device."""
        devices = super().wanted(params)
        labels = [cls.label(device.fields) for device in devices]
        twice = next((label for label in labels if labels.count(label) > 1), None)
        if twice is not None:
            raise Refused(f"{cls.option} has two entries for {twice}; give one.")
        return devices
