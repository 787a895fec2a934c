# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The register of devices: one line a kind."""

from __future__ import annotations

from .device import Device
from .disk import Disk
from .interface import Interface

DEVICES: tuple[type[Device], ...] = (Disk, Interface)
BY_OPTION = {device.option: device for device in DEVICES}
