# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libosinfo knows: what an operating system wants of its machine, and which one an installation medium holds."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Callable

from ._errors import KvmError, NotFound
from ._libs import library
from ._values import dataclass

_PACKAGES = "python3-gi (with gir1.2-libosinfo-1.0)"
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
    known = _known()
    if os_id not in known:
        raise NotFound(_unknown(os_id, list(known)))
    return recommendation(known[os_id])


@dataclass(frozen=True)
class Identified:
    """What libosinfo knows of an installation medium: the short id of its OS, and what is on it.

    `kernel` and `initrd` are paths in the medium, empty where they are not known; `scripts` are the profiles of
    installations that libosinfo has a script for.
    """

    os: str
    arch: str
    live: bool
    installer: bool
    kernel: str
    initrd: str
    scripts: tuple[str, ...]


def identified(ids: Mapping[str, str], size: int) -> Identified | None:
    """Return what libosinfo says of a medium of `size` bytes by its ids, or None where it does not know it.

    `ids` by libosinfo's words: volume-id, system-id, publisher-id, application-id (osinfo_db_identify_media). KvmError
    where the library is not there.
    """
    known = _database()
    medium = _libosinfo().Media(id="medium")
    for word, said in ids.items():
        medium.set_param(word, said)
    medium.set_param_int64("volume-size", size)
    return identification(medium) if known.identify_media(medium) else None


def identification(medium: Any) -> Identified:
    """Return what an OsinfoMedia says of itself once libosinfo has identified it."""
    system = medium.get_os()
    return Identified(
        os=system.get_short_id(),
        arch=medium.get_architecture() or "",
        live=medium.get_live(),
        installer=medium.get_installer(),
        kernel=medium.get_kernel_path() or "",
        initrd=medium.get_initrd_path() or "",
        scripts=_scripts(medium, system),
    )


def _scripts(medium: Any, system: Any) -> tuple[str, ...]:
    """Return the profiles that a medium can be installed by: its own, else its OS's; none where it takes no script."""
    if not medium.get_installer() or not medium.get_param_value_boolean_with_default("installer-script", True):
        return ()
    scripts = _items(medium.get_install_script_list()) or _items(system.get_install_script_list())
    return tuple(sorted({script.get_profile() for script in scripts}))


@cache
def _known() -> dict[str, Any]:
    """Return every OS by its short id and by its URI."""
    systems = _items(_database().get_os_list())
    # One short id is the rule, but codenames are short ids too (ubuntu22.04, ubuntujammy).
    return {word: system for system in systems for word in (system.get_id(), *system.get_param_value_list("short-id"))}


@cache
def _database() -> Any:
    """Return all that libosinfo knows on this host (OsinfoLoader, OsinfoDb); KvmError where that is nothing."""
    loader = _libosinfo().Loader()
    loader.process_default_path()
    known = loader.get_db()
    if not _items(known.get_os_list()):
        raise KvmError("libosinfo has no operating systems on this host; install the package osinfo-db.")
    return known


def _libosinfo() -> Any:
    gi = library("gi", _PACKAGES)
    try:
        gi.require_version("Libosinfo", "1.0")
    except ValueError as error:
        raise KvmError("libosinfo is missing on this host; install the package gir1.2-libosinfo-1.0.") from error
    return library("gi.repository.Libosinfo", _PACKAGES)


def _unknown(os_id: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(os_id.lower(), known, n=3)
    advice = f"choose one like it ({', '.join(near)})" if near else "list those that it knows by 'osinfo-query os'"
    what = f"The operating system '{os_id}' is not known to libosinfo on this host"
    return f"{what}; {advice}, or update the package osinfo-db."


def recommendation(system: Any) -> Recommendation:
    """Return what an OsinfoOs says of itself."""
    devices = {device.get_id() for device in _items(system.get_all_devices(None))}
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
    lists = [_items(system.get_recommended_resources()), _items(system.get_minimum_resources())]
    said = (read(item) for items in lists for arch in _ARCHES for item in items if item.get_architecture() == arch)
    return next((amount for amount in said if amount > 0), None)


def _firmware(system: Any) -> dict[str, bool]:
    """Return whether an OS starts from bios and efi, as far as libosinfo says (OsinfoFirmware)."""
    items = [item for item in _items(system.get_complete_firmware_list(None)) if item.get_architecture() in _ARCHES]
    return {item.get_firmware_type(): item.is_supported() for item in items}


def _items(found: Any) -> list[Any]:
    return [found.get_nth(place) for place in range(found.get_length())]


@dataclass(frozen=True)
class OsImage:
    """A disk image of an OS that its vendor publishes: the OS's short id, what it is called, and where it is."""

    os: str
    title: str
    url: str
    format: str
    cloud_init: bool


# The first is taken where an OS has several.
_FORMATS = ("qcow2", "raw")


def os_images(arch: str) -> list[OsImage]:
    """Return an image for each OS of which libosinfo knows one for an architecture, sorted by the OS's short id.

    One for clouds comes before others. KvmError where the library is not there.
    """
    systems = {system.get_id(): system for system in _known().values()}
    best = (_best_image(system, arch) for system in systems.values())
    return sorted((image for image in best if image), key=lambda image: image.os)


def _best_image(system: Any, arch: str) -> OsImage | None:
    """Return the image of an OS that templates can best be made of (OsinfoImage), or None."""
    fitting = [
        OsImage(system.get_short_id(), system.get_name(), image.get_url(), image.get_format(), image.get_cloud_init())
        for image in _items(system.get_image_list())
        if image.get_architecture() == arch and image.get_format() in _FORMATS and image.get_url()
    ]
    return min(fitting, key=_suitability, default=None)


def _suitability(image: OsImage) -> tuple[bool, int, str]:
    return not image.cloud_init, _FORMATS.index(image.format), image.url
