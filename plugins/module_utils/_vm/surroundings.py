# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan for a VM has to know of the rest of the host: asked only when needed, and remembered for the run.

The planner asks through this class alone, so that its tests can answer from a table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, Callable

from .._domains import domain_trees
from .._errors import KvmError, NotFound, Refused
from .._hypervisor import NO_INTERFACE, NO_NWFILTER, NO_SUPPORT, Hypervisor, sentence
from .._later import later
from .._libs import libvirt
from .._osinfo.recommended import Recommendation, recommended
from .._storage.pool_types import POOL_TYPES, PoolType
from .._storage.state import (
    VolumeState,
    active_volumes,
    find_volume,
    only_planned,
    pool_free,
    pool_path,
    pool_tree,
    read_volume,
    volume_state,
)
from .._storage.users import all_users, image_at, image_of
from .._template.health import check_template
from .._template.library import Template, find_template
from .._xml import parse_xml, to_xml, without
from .devices.interface import mac_of
from .domain import Platform, platform_of
from .evidence import kvm_works

if TYPE_CHECKING:
    from .._media import unattended
    from .._osinfo.scripts import Script
else:
    # Few VMs are installed.
    (unattended,) = later(__package__, ".._media.unattended")

# Pools whose volumes are block devices, not files. Source: https://libvirt.org/storage.html.
_BLOCK_POOLS = ("logical", "disk", "iscsi", "scsi", "mpath", "zfs")


_HARMLESS_CARDS = ("network", "bridge", "direct", "user", "ethernet")


class Surroundings:
    """The host around a VM, as a planner sees it."""

    def __init__(self, host: Hypervisor) -> None:
        self._host = host

    def platform(self, domain_type: str, arch: str = "", machine: str = "") -> Platform:
        """Return what new VMs run on; where it is to be found out, KVM only if a guest really runs under it."""
        capabilities = self._host.once("capabilities", self._host.connection.getCapabilities)
        best = platform_of(capabilities, domain_type, arch, machine)
        listed = domain_type == "auto" and best.domain_type == "kvm"
        works = not listed or self._host.once("kvm", lambda: kvm_works(self._host, best.emulator))
        return best if works else platform_of(capabilities, "qemu", arch, machine)

    def libvirt_version(self) -> tuple[int, int]:
        """Return the version of the host's libvirt (virConnectGetLibVersion)."""
        number = self._host.once("libvirt version", self._host.connection.getLibVersion)
        return number // 1_000_000, number // 1000 % 1000

    def system(self, os_id: str) -> Recommendation:
        """Return what an operating system wants; NotFound where libosinfo does not know it."""
        return recommended(os_id)

    def known_system(self, os_id: str) -> Recommendation | None:
        """Return what an operating system wants, or None where libosinfo does not know it, or is not there."""
        try:
            return recommended(os_id)
        except KvmError:
            return None

    def script(self, asked: unattended.Question) -> Script:
        """Return what answers the questions of an installer; Refused where nothing does, or its medium is not read."""
        return unattended.script_of(self._host, asked)

    def template(self, wanted: str) -> Template:
        """Return a template by name or name:version; NotFound where there is none."""
        return self._host.once(f"template {wanted}", lambda: find_template(self._host, wanted))

    def check_template(self, template: Template, own: Collection[str]) -> None:
        """Refuse a template that cannot be cloned; what it says of options that are the VM's own does not count."""
        question = f"health of {template.label} but for {sorted(own)}"
        self._host.once(question, lambda: check_template(self._host, template, own))

    def check_pool(self, pool: str) -> None:
        """Raise NotFound or Refused unless the pool is there and active."""
        if not self._only_planned(pool):
            self._host.once(f"pool {pool}", lambda: self._host.require_active_pool(pool))

    def pool_path(self, pool: str) -> str:
        """Return where the volumes of a pool are."""
        return pool_path(self._host, pool)

    def pool_type(self, pool: str) -> PoolType | None:
        """Return the type of a pool; None where it is not known."""
        return POOL_TYPES.get(self._pool_tree(pool).get("type"))

    def disk_kind(self, pool: str) -> str:
        """Return how a disk on a volume of this pool is attached: file or block."""
        return "block" if self._pool_tree(pool).get("type") in _BLOCK_POOLS else "file"

    def pool_free(self, pool: str) -> int:
        """Return the free bytes of a pool."""
        return self._host.once(f"free {pool}", lambda: pool_free(self._host, pool))

    def volume(self, pool: str, name: str) -> VolumeState | None:
        """Return a volume, or None."""
        return None if self._only_planned(pool) else read_volume(self._host, pool, name)

    def volume_exists(self, pool: str, name: str) -> bool:
        """Return whether a pool has a volume of that name."""
        return not self._only_planned(pool) and find_volume(self._host, pool, name) is not None

    def volume_at(self, path: str) -> VolumeState | None:
        """Return the volume behind a path, or None where no active pool knows it."""
        volume = self._host.volume_at(path)
        return None if volume is None else volume_state(volume.storagePoolLookupByVolume().name(), volume)

    def capacity_at(self, path: str) -> int | None:
        """Return how large the volume behind a path is, in bytes, or None where no active pool knows it."""
        volume = self._host.volume_at(path)
        return None if volume is None else int(volume.info()[1])

    def all_volumes(self) -> list[VolumeState]:
        """Return the volumes of all active pools, those included that something else than libvirt has made."""
        return self._host.once("volumes", lambda: list(active_volumes(self._host)))

    def users(self, image: str) -> list[str]:
        """Return the VMs and volumes that need an image (a path, or what `image_of` tells), sorted; with the VMs of
        this run that are going to write it.
        """
        there = self._host.once("users", lambda: all_users(self.all_volumes(), self._domains()))
        return sorted({*there.get(image_at(image), ()), *self._claims().get(image_at(image), ())})

    def image_of(self, source: Any) -> str:
        """Return which image a disk's source means, whatever it is called there; "" where that cannot be told."""
        return image_of(source, self.all_volumes() if source.get("volume") else ())

    def claim(self, vm: str, images: Iterable[str]) -> None:
        """Count a VM among the users of images from now on."""
        for image in images:
            self._claims().setdefault(image_at(image), set()).add(vm)

    def _claims(self) -> dict[str, set[str]]:
        claims: dict[str, set[str]] = self._host.once("claims", dict)
        return claims

    def check_network(self, name: str) -> None:
        """Raise NotFound unless the network is there."""
        if name not in self._host.planned.networks:
            self._host.once(f"network {name}", lambda: self._host.require_network(name))

    def check_interface(self, name: str) -> None:
        """Raise NotFound unless the host has this bridge or device; nothing where libvirt cannot tell.

        Source: virInterfaceLookupByName. A network that is only planned may bring the bridge.
        """
        if not self._host.planned.networks:
            self._check_there("interface", name, self._host.connection.interfaceLookupByName, NO_INTERFACE)

    def check_filter(self, name: str) -> None:
        """Raise NotFound unless the network filter is there; nothing where libvirt cannot tell.

        Source: virNWFilterLookupByName.
        """
        self._check_there("network filter", name, self._host.connection.nwfilterLookupByName, NO_NWFILTER)

    def _check_there(self, what: str, name: str, lookup: Callable[[str], Any], absent: int) -> None:
        if self._host.once(f"{what} {name}", lambda: _is_missing(lookup, name, absent)):
            raise NotFound(f"The {what} '{name}' does not exist on {self._host.uri}; create it, or correct the name.")

    def mac_owner(self, mac: str) -> str | None:
        """Return the name of the VM on this host that has a card with this address, or None."""
        return self._host.once("macs", self._all_macs).get(mac)

    def check_definition(self, vm: str, xml: str, present: str = "") -> None:
        """Refuse a definition that libvirt would not take, before anything is touched for its sake.

        Source: virConnectDomainXMLToNative parses and checks it as defining does, and keeps nothing. Drivers without it
        check when they are given the definition. It asks for more than defining does, so where it would not take the
        `present` definition either, its answer says nothing about the new one. Devices of the host are left out of the
        question: they would have to be there, though only a start needs them.
        """
        error = self._refusal(xml)
        if error is not None and not (present and self._refusal(present)):
            raise Refused(str(sentence(error, f"VM '{vm}'"))) from error

    def _refusal(self, xml: str) -> Any | None:
        """Return libvirt's error about a definition, or None."""
        try:
            self._host.connection.domainXMLToNative("qemu-argv", _without_host_devices(xml), 0)
        except libvirt.libvirtError as error:
            return None if error.get_error_code() == NO_SUPPORT else error
        return None

    def _pool_tree(self, pool: str) -> Any:
        return self._host.once(f"tree {pool}", lambda: pool_tree(self._host, pool))

    def _only_planned(self, pool: str) -> bool:
        return self._host.once(f"planned {pool}", lambda: only_planned(self._host, pool))

    def _domains(self) -> list[Any]:
        return self._host.once("domains", lambda: domain_trees(self._host))

    def _all_macs(self) -> dict[str, str]:
        cards = (
            (card, tree.findtext("name")) for tree in self._domains() for card in tree.iterfind("devices/interface")
        )
        return {mac_of(card): name for card, name in cards}


def _is_missing(lookup: Callable[[str], Any], name: str, absent: int) -> bool:
    """Return whether libvirt says that there is no such thing; a driver that cannot say it does not."""
    try:
        lookup(name)
    except libvirt.libvirtError as error:
        return bool(error.get_error_code() == absent)
    return False


def _without_host_devices(xml: str) -> str:
    """Return a definition without devices of the host.

    Cards that are one must not be asked about: libvirt 9.0 frees them twice in this call and dies of it (seen), and
    what other kinds of card take from the host was not tried.
    """
    tree = parse_xml(xml)
    cards = [node for node in tree.findall("devices/interface") if node.get("type") not in _HARMLESS_CARDS]
    for node in [*tree.findall("devices/hostdev"), *cards]:
        without(node)
    return to_xml(tree)
