# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM in the words of the options, and what can only be observed of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._later import later
from .census import Glance
from .state import VmState

if TYPE_CHECKING:
    from . import addresses
    from .devices import disk, interface, lookup
    from .machine import machine
else:
    addresses, disk, interface, lookup, machine = later(
        __package__, ".addresses", ".devices.disk", ".devices.interface", ".devices.lookup", ".machine.machine"
    )

# What plays choose and decide by.
BRIEF = ("domain_type", "title", "description", "vcpus", "memory")


def read_facts(
    glance: Glance | None, state: VmState | None, name: str, reached: bool = True, brief: bool = False
) -> dict[str, Any]:
    """Return a VM that was read in the words of the options, and what only can be observed under `observed`; its
    addresses only if it runs and they are asked for.
    """
    if glance is None or state is None:
        return {"name": name, "state": "absent", "observed": {}}
    wanted = glance.active and reached
    return (brief_facts if brief else vm_facts)(state, addresses.guest_addresses(glance.domain) if wanted else {})


def vm_facts(state: VmState, found: addresses.Addresses) -> dict[str, Any]:
    """Return a VM in the words of kvm_vm's options, and what only can be observed under `observed`."""
    config = state.config
    return {
        "name": state.name,
        "state": state.power,
        "uuid": config.findtext("uuid"),
        "autostart": state.autostart,
        **machine.Machine.facts(config),
        **_record_facts(state.record),
        **_device_facts(config),
        "observed": observed(state, found),
    }


def brief_facts(state: VmState, found: addresses.Addresses) -> dict[str, Any]:
    """Return of a VM what plays choose and decide by: a call for hundreds of VMs pays for every word that it tells."""
    config = state.config
    fields = machine.Machine.fields
    said = {name: fields[name].fact(fields[name].read(config)) for name in BRIEF}
    return {
        "name": state.name,
        "state": state.power,
        "uuid": config.findtext("uuid"),
        "autostart": state.autostart,
        **{name: value for name, value in said.items() if value is not None},
        **_record_facts(state.record),
        "disks": disk.Disk.device_facts(config),
        "nics": interface.Interface.device_facts(config),
        "observed": observed(state, found),
    }


def _device_facts(config: Any) -> dict[str, Any]:
    """Return the devices in the words of the options."""
    told = {device.option: device.worth_telling(config) for device in lookup.kinds_in(config)}
    return {option: facts for option, facts in told.items() if facts is not None}


def observed(state: VmState, found: addresses.Addresses) -> dict[str, Any]:
    """Return what can only be observed: addresses of the guest, images of the disks, an unfinished making."""
    known = {mac: list(ips) for mac, ips in found.items()}
    card = interface.Interface
    nics = card.nodes(state.config)
    running = state.live if state.active else None
    return {
        "domain_type": state.config.get("type"),
        "ip": next((ip for ips in known.values() for ip in ips), None),
        "addresses": {name: known.get(interface.mac_of(nic), []) for name, nic in zip(card.names(nics), nics)},
        "disks": {disk.Disk.name_at(node): disk.source_of(node) for node in disk.Disk.nodes(state.config)},
        "graphics": graphics_of(running) if running is not None else [],
        "consoles": [node.get("path") for node in _terminals(running)] if running is not None else [],
        "unfinished": bool(state.record.get("unfinished")),
        "installing": bool(state.record.get("installation")),
    }


_GRAPHICS = {"port": "port", "tls_port": "tlsPort", "websocket": "websocket", "socket": "socket"}


def graphics_of(live: Any) -> list[dict[str, Any]]:
    """Return where the graphics of a running VM are reached: a port that libvirt chose is in no configuration."""
    found = []
    for node in live.iterfind("devices/graphics"):
        places = {name: node.get(attribute) for name, attribute in _GRAPHICS.items()}
        known = {name: place for name, place in places.items() if place and place != "-1"}
        listen = node.find("listen[@address]")
        address = node.get("listen") or (listen.get("address") if listen is not None else None)
        found.append({"type": node.get("type"), **({"address": address} if address else {}), **known})
    return found


def _terminals(live: Any) -> list[Any]:
    """Return the sources of serial ports, else of consoles, that are terminals of the host."""
    sources = live.findall("devices/serial[@type='pty']/source") or live.findall("devices/console[@type='pty']/source")
    return [source for source in sources if source.get("path")]


def _record_facts(record: dict[str, Any]) -> dict[str, Any]:
    template, version = record.get("template"), record.get("template_version")
    return {
        "template": f"{template}:{version}" if template and version else template,
        "fleet": record.get("fleet"),
        "project": record.get("project"),
        "owner": record.get("owner"),
        "tags": record.get("tags", []),
        "metadata": record.get("metadata", {}),
    }
