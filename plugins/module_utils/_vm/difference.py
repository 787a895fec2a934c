# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM that is there: what differs between it and what is wanted, property by property."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from .._errors import Refused
from .._metadata import edit_record
from .._plan import NEXT_BOOT, NOW, Change
from .._storage.changes import DeleteVolume, ResizeVolume
from .._units import format_size
from .._xml import to_xml
from .changes import SetField, SetRecord, WriteSeed
from .creation import DEFAULT_POOL, check_free_name, check_nic, plan_disk, seed_volume
from .device_changes import AttachDevice, DetachDevice, SetDevice
from .devices.device import Device, Wanted, name_of
from .devices.disk import Disk, new_seed, seed_disk, source_of
from .devices.interface import Interface
from .devices.registry import BY_OPTION
from .domain import Machine
from .seed import fingerprint, seed_files
from .spec import VmSpec
from .state import VmState
from .surroundings import Surroundings

# Properties of the VM itself that a running VM takes over at once.
_LIVE_FIELDS = ("title", "description")


def plan_differences(spec: VmSpec, state: VmState, around: Surroundings) -> list[Change]:
    """Return what has to change in a VM that is there; [] where it is as wanted."""
    changes: list[Change] = [*_pending(spec, state)]
    changes += _fields(spec, state)
    changes += [SetRecord(spec.name, *edit) for edit in edit_record(deepcopy(state.config), spec.record)]
    for option, wanted in spec.devices.items():
        changes += _devices(BY_OPTION[option], wanted, spec, state, around)
    changes += _seed(spec, state, around)
    if changes and not state.persistent:
        raise Refused(
            f"VM '{spec.name}' is transient: something else, such as a cluster manager, started it without defining "
            "it; change its definition there."
        )
    return changes


def _later(state: VmState) -> str:
    return NEXT_BOOT if state.active else NOW


def _fields(spec: VmSpec, state: VmState) -> Iterator[Change]:
    for edit in Machine.edit(deepcopy(state.config), spec.machine):
        when = NOW if edit.field in _LIVE_FIELDS else _later(state)
        yield SetField(spec.name, *edit, spec.machine[edit.field], when)


def _devices(
    device: type[Device], wanted: Sequence[Wanted], spec: VmSpec, state: VmState, around: Surroundings
) -> list[Change]:
    nodes = device.nodes(state.config)
    known = device.recognise(nodes, wanted)
    changes: list[Change] = []
    for item in wanted:
        if item.name not in known:
            changes += _attach(device, item, spec, state, around)
            continue
        node = known[item.name]
        edits = device.edit(deepcopy(node), item.fields)
        if device is Interface:
            check_nic(spec.name, Wanted(item.name, {edit.field: item.fields[edit.field] for edit in edits}), around)
        for edit in edits:
            key, value = device.key(node), item.fields[edit.field]
            changes.append(SetDevice(spec.name, device.option, item.name, key, *edit, value, _later(state)))
        if device is Disk:
            changes += _disk_volume(item, node, spec, state, around)
    return changes + [_detach(device, node, spec, state) for node in _gone(device, nodes, known, wanted)]


def _gone(device: type[Device], nodes: list[Any], known: Mapping[str, Any], wanted: Sequence[Wanted]) -> list[Any]:
    """Return the elements that a list no longer wants. The disk a VM boots from goes only with all others: by `[]`."""
    spared = nodes[:1] if device is Disk and wanted else []
    return [node for node in nodes if node not in known.values() and node not in spared]


def _attach(device: type[Device], item: Wanted, spec: VmSpec, state: VmState, around: Surroundings) -> list[Change]:
    label = f"{device.noun} {item.name}"
    if device is Interface:
        check_nic(spec.name, item, around)
        return [AttachDevice(spec.name, label, to_xml(Interface.new(item)), Interface.describe(item.fields))]
    out = frozenset(place for place in state.record.get("pending", ()))
    disk = plan_disk(spec, item, None, around, out)
    node = Disk.new(state.config, item, disk.path, disk.format, disk.kind)
    attach = AttachDevice(spec.name, label, to_xml(node), disk.path)
    # The next new disk of this plan must not be given the same target.
    state.config.find("devices").append(node)
    return [attach] if disk.change is None else _noted(spec.name, disk.place, disk.change, attach)


def _disk_volume(item: Wanted, node: Any, spec: VmSpec, state: VmState, around: Surroundings) -> list[Change]:
    """Return what has to change in the volume below a disk: it may grow; Refused where it would shrink or move."""
    path = source_of(node)
    if not item.extra or (item.extra.keys() == {"size"} and around.capacity_at(path) == item.extra["size"]):
        return []
    volume = around.volume_at(path)
    if volume is None:
        raise Refused(
            f"VM '{spec.name}': no active pool knows {path} of disk {item.name}; make its pool active, or leave "
            "out what is said of it."
        )
    for option, there in (("pool", volume.pool), ("volume", volume.name), ("format", volume.format)):
        if item.extra.get(option, there) != there:
            raise Refused(
                f"VM '{spec.name}': disk {item.name} has {option} {there}, not {item.extra[option]}; a disk with "
                "data is not moved or "
                "converted by this module, so correct the option."
            )
    size = item.extra.get("size", volume.capacity)
    if size < volume.capacity:
        raise Refused(
            f"VM '{spec.name}': disk {item.name} is {format_size(volume.capacity)} and would shrink to "
            f"{format_size(size)}, which destroys "
            "what is at its end; write its size or a larger one."
        )
    running = spec.name if state.active else None
    return (
        [ResizeVolume(volume.pool, volume.name, volume.capacity, size, running=running)]
        if size > volume.capacity
        else []
    )


def _detach(device: type[Device], node: Any, spec: VmSpec, state: VmState) -> Change:
    label = f"{device.noun} {name_of(node, device.key(node))}"
    return DetachDevice(spec.name, label, to_xml(node), _later(state))


def _pending(spec: VmSpec, state: VmState) -> list[Change]:
    """Return what to do about volumes that an interrupted run was making for new disks."""
    places = state.record.get("pending")
    if not places:
        return []
    attached = {source_of(node).rpartition("/")[2] for node in state.config.iterfind("devices/disk")}
    left = [place for place in places if place.partition("/")[2] not in attached]
    forget = SetRecord(spec.name, "pending", places, None, "forget what an interrupted run was making")
    return [*map(DeleteVolume.at, left), forget]


def _seed(spec: VmSpec, state: VmState, around: Surroundings) -> list[Change]:
    """Return what has to change in the seed: written anew when its content differs from what was last written, and
    never otherwise.
    """
    wanted = spec.cloud_init
    drive = seed_disk(state.config)
    if wanted is None or (not wanted.enabled and drive is None):
        return []
    if not wanted.enabled:
        return _without_seed(spec, state, drive, around)
    files = seed_files(wanted, spec.name, state.config.findtext("uuid"))
    mark = fingerprint(files)
    if drive is not None and mark == state.record.get("seed"):
        return []
    volume = around.volume_at(source_of(drive)) if drive is not None else None
    pool = volume.pool if volume else spec.pool or DEFAULT_POOL
    name = volume.name if volume else seed_volume(spec.name)
    write = WriteSeed(spec.name, pool, name, files)
    changes = [write] if drive is not None else _new_drive(spec, state, write, around)
    return [*changes, SetRecord(spec.name, "seed", None, mark, "note the content of the seed")]


def _new_drive(spec: VmSpec, state: VmState, write: WriteSeed, around: Surroundings) -> list[Change]:
    around.check_pool(write.pool)
    check_free_name(spec.name, write.pool, write.volume, around, state.record.get("pending", ()))
    node = new_seed(f"{around.pool_path(write.pool)}/{write.volume}")
    attach = AttachDevice(spec.name, "cloud-init seed", to_xml(node), write.volume, _later(state))
    return _noted(spec.name, f"{write.pool}/{write.volume}", write, attach)


def _noted(vm: str, place: str, make: Change, attach: Change) -> list[Change]:
    """Return how a new volume is made and attached so that a run that is cut off in between is healed by the next."""
    note = SetRecord(vm, "pending", None, [place], f"note that {place} is being made")
    return [note, make, attach, SetRecord(vm, "pending", None, None, f"note that {place} is there")]


def _without_seed(spec: VmSpec, state: VmState, drive: Any, around: Surroundings) -> list[Change]:
    if state.active:
        raise Refused(f"VM '{spec.name}' runs with its cloud-init seed; stop it before the seed is taken away.")
    volume = around.volume_at(source_of(drive))
    return [
        DetachDevice(spec.name, "cloud-init seed", to_xml(drive)),
        *([DeleteVolume(volume.pool, volume.name)] if volume else []),
        SetRecord(spec.name, "seed", None, None, "forget the content of the seed"),
    ]


def restart_reasons(spec: VmSpec, state: VmState) -> list[str]:
    """Return in what a running VM differs from what is wanted of it, and will until it is restarted."""
    if state.live is None:
        return []
    reasons = [f"{e.field} is {e.before} and will be {e.after}" for e in _live_edits(spec, state)]
    for option, wanted in spec.devices.items():
        reasons += _device_reasons(BY_OPTION[option], wanted, state.config, state.live)
    return reasons


def _live_edits(spec: VmSpec, state: VmState) -> list[Any]:
    return [edit for edit in Machine.edit(deepcopy(state.live), spec.machine) if edit.field not in _LIVE_FIELDS]


def _device_reasons(device: type[Device], wanted: Sequence[Wanted], config: Any, live: Any) -> Iterator[str]:
    nodes = device.nodes(live)
    known = device.recognise(nodes, wanted)
    configured = device.recognise(device.nodes(config), wanted)
    for item in wanted:
        if item.name in known:
            for edit in device.edit(deepcopy(known[item.name]), item.fields):
                yield f"{device.noun} {item.name} {edit.field} is {edit.before} and will be {edit.after}"
        elif item.name in configured:
            yield f"{device.noun} {item.name} is not attached yet"
    for node in _gone(device, nodes, known, wanted):
        yield f"{device.noun} {name_of(node, device.key(node))} stays attached"
