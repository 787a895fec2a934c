# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates of what is on the host already: the disk of a VM that is stopped, or a volume of a pool.

The image is copied with all images below it into one, and the copy sealed if that is wanted; the VM's own disk is only
read. A disk that a guest has written may pretend to be anything, so its format is the one with which QEMU opened it for
the VM, and what it stands on has to be volumes of active pools.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .._claim import claimed
from .._domains import domain_trees
from .._errors import NotFound, Refused
from .._hypervisor import Hypervisor
from .._image.image import digests_of
from .._image.origin import Origin
from .._image.qemu_img import flatten
from .._image.room import require_room
from .._image.source import Staged
from .._later import later
from .._storage.measuring import qemu_img
from .._storage.state import VolumeState, look_again, volume_state
from .._storage.users import writer_of
from .disk_source import Captured, CaptureSpec
from .sealing import require_engine, seal

if TYPE_CHECKING:
    from .._vm import arguments, census, fleet, state, template_defaults
    from .._vm.devices import disk
    from .._vm.install import noted
else:
    arguments, census, fleet, state, template_defaults, disk, noted = later(
        __package__,
        ".._vm.arguments",
        ".._vm.census",
        ".._vm.fleet",
        ".._vm.state",
        ".._vm.template_defaults",
        ".._vm.devices.disk",
        ".._vm.install.noted",
    )

# A chain of images that is longer has most likely no end.
_LONGEST = 200

# What of a VM its template says of others, where nothing else is said; its disks are what was made into the image.
_OF_MACHINE = (
    "vcpus",
    "memory",
    "cpu",
    "firmware",
    "secure_boot",
    "features",
    "clock",
    "nics",
    "graphics",
    "videos",
    "serials",
    "consoles",
    "tpm",
    "watchdog",
)


def look_at_capture(host: Hypervisor, wanted: CaptureSpec, kept: Mapping[str, str] | None) -> Captured:
    """Return what has to be known of a disk to plan; nothing is looked at where a template is there (`kept`).

    Refused where the disk is not there, is written to, or is none that can be copied.
    """
    origin = Origin(wanted.kind, wanted.shown)
    if kept is not None:
        return Captured(origin, wanted)
    if wanted.seal:
        require_engine(wanted.what)
    path, kind = _of_volume(host, wanted) if wanted.pool else _of_vm(host, wanted)
    capacity = _check_chain(host, wanted.what, path, kind)
    need = int(qemu_img(host, "measure", kind, path, "-O", "qcow2")["required"])
    return Captured(origin, wanted, path, kind, capacity, need)


def _of_vm(host: Hypervisor, wanted: CaptureSpec) -> tuple[str, str]:
    """Return where the disk is that a VM boots from, and its format; Refused unless the VM is stopped."""
    domain = host.domain(wanted.name)
    if domain is None:
        raise NotFound(f"VM '{wanted.name}' does not exist on {host.uri}; correct vm.")
    power = census.glance_at(domain).power
    if power != "stopped":
        raise Refused(
            f"VM '{wanted.name}' is {power}, and its disk is not whole while it is; shut it down first (kvm_vm with "
            "state: stopped)."
        )
    now = state.read_domain(census.glance_at(domain))
    if noted.stage_of(now) in (noted.DUE, noted.CUT_OFF):
        raise Refused(f"VM '{wanted.name}' is not installed yet; let its installation end first (kvm_vm).")
    tree = now.config
    node = disk.boot_disk(disk.Disk.nodes(tree))
    if node is not None and node.find(".//encryption") is not None:
        raise Refused(f"{wanted.what} is encrypted; an image has to be readable, copy it decrypted first.")
    place = disk.place_of(node) if node is not None else {}
    if "volume" in place:
        return _volume(host, place["pool"], place["volume"]).path, disk.format_of(node) or "raw"
    if "path" not in place:
        raise Refused(f"VM '{wanted.name}' has no disk on this host that it boots from; give the volume instead.")
    return place["path"], disk.format_of(node) or "raw"


def _of_volume(host: Hypervisor, wanted: CaptureSpec) -> tuple[str, str]:
    """Return where a volume is, and its format: the one that a VM of this host says, if any has it as a disk."""
    there = _volume(host, str(wanted.pool), wanted.name)
    if there.encrypted:
        raise Refused(f"{wanted.what} is encrypted; an image has to be readable, copy it decrypted first.")
    writer = writer_of(host, there.path)
    if writer:
        raise Refused(f"{wanted.what} is written by VM '{writer}', which runs; shut it down first.")
    return there.path, _format_said(host, there.path) or there.format


def _volume(host: Hypervisor, pool: str, name: str) -> VolumeState:
    volume = host.volume(host.require_active_pool(pool), name)
    there = volume_state(pool, volume) if volume is not None else None
    if there is None:
        raise NotFound(f"Volume '{name}' does not exist in pool '{pool}' on {host.uri}; correct volume.")
    return there


def _format_said(host: Hypervisor, path: str) -> str:
    nodes = (node for tree in domain_trees(host) for node in tree.iterfind("devices/disk"))
    said = (disk.format_of(node) for node in nodes if disk.source_of(node) == path)
    return next((kind for kind in said if kind), "")


def _check_chain(host: Hypervisor, what: str, path: str, kind: str) -> int:
    """Return how many bytes a VM sees of an image.

    Refused where it is encrypted, or would be read from anything but volumes of active pools.
    """
    capacity, seen = 0, 0
    look_again(host)
    while path:
        seen += 1
        if seen > 1 and (seen > _LONGEST or host.volume_at(path) is None):
            raise Refused(f"{what} stands on {path}, which is no volume of an active pool; make its pool active.")
        if kind not in ("raw", "qcow2"):
            raise Refused(
                f"{what} stands on {path}, which is {f'of format {kind}' if kind else 'of no format that is said'}; "
                "only raw and qcow2 are copied, convert it first."
            )
        info = qemu_img(host, "info", kind, path)
        _check_image(what, path, info)
        capacity = capacity or int(info["virtual-size"])
        path, kind = info.get("full-backing-filename") or "", info.get("backing-filename-format") or ""
    return capacity


def _check_image(what: str, path: str, info: Mapping[str, Any]) -> None:
    details = info.get("format-specific", {}).get("data", {})
    reasons = {
        "is encrypted": info.get("encrypted"),
        "keeps its data in another file": details.get("data-file"),
        "is marked as corrupt": details.get("corrupt"),
    }
    for reason, true in reasons.items():
        if true:
            raise Refused(f"{what} stands on {path}, which {reason}; an image has to be readable and whole.")


@contextmanager
def captured(host: Hypervisor, source: Captured, workdir: str, timeout: int) -> Iterator[Staged]:
    """Have the disk as one whole qcow2 file while the block runs, sealed if that is wanted.

    What is temporary lies in `workdir` and goes afterwards; `timeout` in seconds for each step. No other run may work
    on the VM while its disk is copied, and QEMU does not start on an image that qemu-img reads.
    """
    wanted = source.wanted
    with tempfile.TemporaryDirectory(prefix="image-", dir=workdir) as room:
        names = [] if wanted.pool else [wanted.name]
        target = os.path.join(room, "image.qcow2")
        with claimed(host.uri, names, timeout):
            now = look_at_capture(host, wanted, None)
            # A sealed copy is there twice.
            require_room(room, now.need * (2 if wanted.seal else 1))
            first = (os.path.join(room, "image.raw"), "raw") if wanted.seal else (target, "qcow2")
            flatten(host, wanted.what, (now.path, now.format), first, timeout)
        if wanted.seal:
            seal(host, wanted.what, first[0], timeout)
            flatten(host, wanted.what, first, (target, "qcow2"), timeout)
        digest = digests_of("The copy", target, {"sha256"})["sha256"]
        yield Staged(target, os.path.getsize(target), now.capacity, digest, {wanted.kind: wanted.place})


def machine_of(host: Hypervisor, vm: str) -> dict[str, Any]:
    """Return what a VM is, as defaults of its template; what a template cannot say of all VMs is left out."""
    facts = fleet.facts_now(host, vm)
    options = arguments.template_arguments()
    said = {name: _cut(facts[name], options[name]) for name in _OF_MACHINE if facts.get(name) not in (None, {})}
    return {name: value for name, value in said.items() if _is_understood({name: value})}


def _cut(said: Any, option: Mapping[str, Any]) -> Any:
    """Return what is said without the sub-options that templates do not have."""
    if isinstance(said, list):
        return [_cut(item, option) for item in said]
    if not isinstance(said, Mapping) or "options" not in option:
        return said
    options = option["options"]
    return {key: _cut(value, options[key]) for key, value in said.items() if key in options and value is not None}


def _is_understood(defaults: Mapping[str, Any]) -> bool:
    try:
        template_defaults.read_defaults(defaults)
    except Refused:
        return False
    return True
