# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new VM gets because of the operating system that is going to run on it, where nothing else is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._osinfo.recommended import Recommendation
from .devices.device import Wanted
from .devices.lookup import kind_of

# Devices for which every system of the last twenty years has a driver.
_OLD_BUS, _OLD_CARD = "sata", "e1000e"


def os_sizes(system: Recommendation | None) -> dict[str, Any]:
    """Return the sizes that a system wants, as far as it is known."""
    sizes = {"vcpus": system.vcpus, "memory": system.memory} if system else {}
    return {name: size for name, size in sizes.items() if size}


def os_machine(system: Recommendation | None) -> dict[str, Any]:
    """Return what a system wants of a machine on which it is going to be installed."""
    return {**os_sizes(system), **({"firmware": "efi"} if system and system.tpm else {})}


def os_devices(system: Recommendation | None, devices: Mapping[str, Sequence[Wanted]]) -> dict[str, Sequence[Wanted]]:
    """Return the devices with what a system has drivers for, where their entries do not say otherwise."""
    if system is None:
        return dict(devices)
    changed = dict(devices)
    if not system.virtio_disk:
        changed["disks"] = _with(devices.get("disks", ()), "bus", _OLD_BUS)
    if not system.virtio_net:
        changed["nics"] = _with(devices.get("nics", ()), "model", _OLD_CARD)
    if system.tpm and "tpm" not in devices:
        changed["tpm"] = kind_of("tpm").wanted({})
    return changed


def _with(devices: Sequence[Wanted], field: str, value: str) -> tuple[Wanted, ...]:
    return tuple(replace(device, fields={field: value, **device.fields}) for device in devices)
