# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a guest is told at its first boot: small volumes made for one VM alone, written anew when their content changes
and never otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import field, replace
from typing import Any, Callable

from .._errors import Refused
from .._metadata import edit_record
from .._plan import Change
from .._storage.changes import DeleteVolume, WriteVolume
from .._values import dataclass
from .changes import SetRecord, WriteSeed
from .devices.device import SEED, Wanted
from .devices.disk import seed_disk, source_of
from .disks import check_free_name, home_of, seed_volume
from .guest_network import guest_network, says_addresses
from .ignition import IGNITION, TITLE, ignition_path, ignition_volume
from .preparation import Preparation
from .seed import CloudInit, fingerprint, seed_files
from .spec import VmSpec
from .state import VmState
from .surroundings import Surroundings
from .ways.way import NewDisk, new_place


@dataclass(frozen=True)
class Payload:
    """What a guest is told: the field of the record that keeps its fingerprint, the volume that a new one is in, and
    the change that writes it to a pool and volume.
    """

    kind: str
    title: str
    volume: str
    mark: str
    write: Callable[[str, str], Change] = field(repr=False)


def wanted_seed(spec: VmSpec, otherwise: bool) -> CloudInit | None:
    """Return what cloud-init is to do, None where nothing is said of it; `otherwise` tells that a seed is made even
    so. Refused where the cards say what no seed can tell the guest.
    """
    addresses = says_addresses(spec.devices.get("nics", ()))
    if spec.cloud_init is None:
        return CloudInit() if addresses or otherwise else None
    if addresses and not spec.cloud_init.enabled:
        raise Refused(
            f"VM '{spec.name}': nics say addresses that only cloud-init can give to the guest, and it is not enabled; "
            "leave out the addresses, or cloud_init.enabled."
        )
    if addresses and spec.cloud_init.network_config is not None:
        raise Refused(
            f"VM '{spec.name}': nics say addresses, and cloud_init.network_config says them too; leave one of them out."
        )
    return spec.cloud_init


def seed_payload(spec: VmSpec, wanted: CloudInit, domain: Any) -> Payload:
    """Return the cloud-init seed of a domain."""
    network = guest_network(domain, spec.devices.get("nics", ()))
    files = seed_files(wanted, spec.name, domain.findtext("uuid"), network)

    def write(pool: str, volume: str) -> Change:
        return WriteSeed(spec.name, pool, volume, files)

    return Payload(SEED, SEED, seed_volume(spec.name), fingerprint(files), write)


def ignition_payload(spec: VmSpec, domain: Any) -> Payload:
    """Return the Ignition configuration of a domain."""
    content = spec.ignition or ""
    mark = fingerprint({"uuid": domain.findtext("uuid"), TITLE: content})

    def write(pool: str, volume: str) -> Change:
        return WriteVolume(pool, volume, content.encode(), TITLE, mode="0600")

    return Payload(IGNITION, TITLE, ignition_volume(spec.name), mark, write)


def new_payload(
    spec: VmSpec, payload: Payload, pool: str, around: Surroundings, on_their_way_out: Collection[str] = ()
) -> NewDisk:
    """Return the volume to be made; Refused where it cannot be."""
    folder = new_place(f"VM '{spec.name}': its {payload.title}", pool, "raw", around)
    check_free_name(spec.name, pool, payload.volume, around, on_their_way_out)
    kind, path = around.disk_kind(pool), f"{folder}/{payload.volume}"
    if payload.kind == IGNITION and kind != "file":
        raise Refused(
            f"VM '{spec.name}': pool '{pool}' is one of block devices, from which QEMU reads no {TITLE}; choose a pool "
            "of files as 'pool', and say the pool of each disk."
        )
    change = payload.write(pool, payload.volume)
    return NewDisk(Wanted(payload.kind), path, "raw", kind, change, f"{pool}/{payload.volume}")


def plan_payloads(
    spec: VmSpec, tree: Any, pool: str, from_template: bool, around: Surroundings, on_their_way_out: Collection[str]
) -> tuple[NewDisk | None, NewDisk | None]:
    """Return the images of a new VM's seed and Ignition configuration, remembered in its tree; None for what it does
    not get.

    A VM from a template gets a seed even where nothing is said: its name is the least that a guest has to learn.
    """
    wanted = wanted_seed(spec, otherwise=from_template and not spec.ignition)
    payloads = (
        seed_payload(spec, wanted, tree) if wanted and wanted.enabled else None,
        ignition_payload(spec, tree) if spec.ignition else None,
    )
    edit_record(tree, {payload.kind: payload.mark for payload in payloads if payload})
    seed, ignition = (
        new_payload(spec, payload, pool, around, on_their_way_out) if payload else None for payload in payloads
    )
    return seed, ignition


def seed_there(spec: VmSpec, state: VmState, around: Surroundings, ready: Preparation) -> str | None:
    """Return the path of the seed that is wanted of a VM that is there, "" for none, None where nothing is said."""
    wanted = wanted_seed(_as_made(spec, state), otherwise=False)
    drive = seed_disk(state.config)
    path = source_of(drive) if drive is not None else ""
    if wanted is None or (not wanted.enabled and not path):
        return None
    if wanted.enabled:
        return _written(spec, state, seed_payload(spec, wanted, state.config), path, around, ready)
    if state.active:
        raise Refused(f"VM '{spec.name}' runs with its cloud-init seed; stop it before the seed is taken away.")
    return _forgotten(spec.name, SEED, SEED, path, around, ready)


def _as_made(spec: VmSpec, state: VmState) -> VmSpec:
    """Return a spec that says addresses with what else the seed was made of: what the template said at that time."""
    kept = state.record.get("cloud_init")
    if not kept or spec.cloud_init is not None or not says_addresses(spec.devices.get("nics", ())):
        return spec
    return replace(spec, cloud_init=CloudInit.from_params(json.loads(kept)))


def ignition_there(spec: VmSpec, state: VmState, around: Surroundings, ready: Preparation) -> str | None:
    """Return the path of the Ignition configuration that is wanted of a VM that is there, "" for none, None where
    nothing is said.
    """
    path = ignition_path(state.config)
    if spec.ignition is None or not (spec.ignition or path):
        return None
    if not spec.ignition:
        return _forgotten(spec.name, IGNITION, TITLE, path, around, ready)
    payload = ignition_payload(spec, state.config)
    if path and state.live is not None and payload.mark != state.record.get(IGNITION):
        ready.reasons.append(f"{TITLE} is read when QEMU starts")
    return _written(spec, state, payload, path, around, ready)


def _written(
    spec: VmSpec, state: VmState, payload: Payload, path: str, around: Surroundings, ready: Preparation
) -> str:
    """Return the path; the image is written anew when its content differs from what was last written."""
    if path and payload.mark == state.record.get(payload.kind):
        return path
    if path:
        ready.changes.append(_rewritten(spec.name, payload, path, around))
    else:
        pool = home_of(spec, state.config, around)
        new = new_payload(spec, payload, pool, around, state.record.get("pending", ()))
        path = new.path
        ready.make(new.place, new.path, payload.write(pool, payload.volume))
    note = f"note the content of the {payload.title}"
    ready.changes.append(SetRecord(spec.name, payload.kind, None, payload.mark, note))
    return path


def _rewritten(vm: str, payload: Payload, path: str, around: Surroundings) -> Change:
    volume = around.volume_at(path)
    if volume is None:
        raise Refused(f"VM '{vm}': no active pool knows {path} of its {payload.title}; make its pool active.")
    return payload.write(volume.pool, volume.name)


def _forgotten(vm: str, kind: str, title: str, path: str, around: Surroundings, ready: Preparation) -> str:
    volume = around.volume_at(path)
    ready.changes.append(SetRecord(vm, kind, None, None, f"forget the content of the {title}"))
    if volume:
        ready.later.append(DeleteVolume(volume.pool, volume.name))
    return ""


def payload_paths(domain: Any) -> Sequence[str]:
    """Return the paths of the images from which the guest of a domain is told."""
    drive = seed_disk(domain)
    return [path for path in (source_of(drive) if drive is not None else "", ignition_path(domain)) if path]
