# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operating system wants of its machine, as libosinfo knows it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any, Callable

from .._errors import NotFound
from .._values import dataclass
from .database import items, known_systems

# In the order in which what libosinfo says for an architecture counts.
_ARCHES = ("x86_64", "all")
# Devices in the form of before virtio 1.0 and in that of since. Source: osinfo-db, device/pcisig.com.
_VIRTIO = "http://pcisig.com/pci/1af4/"
_DISKS = {f"{_VIRTIO}1001", f"{_VIRTIO}1042"}
_OLD_NET, _NEW_NET = f"{_VIRTIO}1000", f"{_VIRTIO}1041"
_RNGS = {f"{_VIRTIO}1005", f"{_VIRTIO}1044"}
_Q35 = "http://qemu.org/chipset/x86/q35"


@dataclass(frozen=True)
class Recommendation:
    """What a machine for an OS should have; sizes in bytes; None or False where libosinfo does not say."""

    name: str
    vcpus: int | None
    memory: int | None
    storage: int | None
    virtio_disk: bool
    virtio_net: bool
    virtio_rng: bool
    q35: bool
    efi: bool
    tpm: bool


def recommended(os_id: str) -> Recommendation:
    """Return what libosinfo recommends for an OS, by its short id (debian12) or its URI.

    NotFound, with ids that look like it, where libosinfo does not know it; KvmError where the library is not there.
    The first question of a process loads the database, which takes some tenths of a second.
    """
    known = known_systems()
    if os_id not in known:
        raise NotFound(_unknown(os_id, list(known)))
    return recommendation(known[os_id])


def _unknown(os_id: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(os_id.lower(), known, n=3)
    advice = f"choose one like it ({', '.join(near)})" if near else "list those that it knows by 'osinfo-query os'"
    what = f"The operating system '{os_id}' is not known to libosinfo on this host"
    return f"{what}; {advice}, or update the package osinfo-db."


def recommendation(system: Any) -> Recommendation:
    """Return what an OsinfoOs says of itself."""
    devices = {device.get_id() for device in items(system.get_all_devices(None))}
    firmware = _firmware(system)
    return Recommendation(
        name=system.get_name(),
        vcpus=_amount(system, lambda resources: resources.get_n_cpus()),
        memory=_amount(system, lambda resources: resources.get_ram()),
        storage=_amount(system, lambda resources: resources.get_storage()),
        virtio_disk=bool(devices & _DISKS),
        virtio_net=bool(devices & {_OLD_NET, _NEW_NET}),
        virtio_rng=bool(devices & _RNGS),
        # On PCI Express, virtio devices show only their new form.
        q35=_Q35 in devices and (_NEW_NET in devices or _OLD_NET not in devices),
        efi=firmware.get("efi", False),
        # libosinfo has no word for a TPM. What cannot start from a BIOS wants one: the rule of virt-install.
        tpm=firmware.get("efi", False) and not firmware.get("bios", True),
    )


def _amount(system: Any, read: Callable[[Any], int]) -> int | None:
    """Return an amount as recommended, else the least (OsinfoResources: -1 where it is not said)."""
    lists = [items(system.get_recommended_resources()), items(system.get_minimum_resources())]
    said = (read(item) for sizes in lists for arch in _ARCHES for item in sizes if item.get_architecture() == arch)
    return next((amount for amount in said if amount > 0), None)


def _firmware(system: Any) -> dict[str, bool]:
    """Return whether an OS starts from bios and efi, as far as libosinfo says (OsinfoFirmware)."""
    kinds = [kind for kind in items(system.get_complete_firmware_list(None)) if kind.get_architecture() in _ARCHES]
    return {kind.get_firmware_type(): kind.is_supported() for kind in kinds}
