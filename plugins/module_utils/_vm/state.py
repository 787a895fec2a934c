# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM as it is: its configuration, its running self, its power; and the same in the words of the options."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .._hypervisor import NO_SUPPORT
from .._libs import libvirt
from .._metadata import read_record
from .._xml import parse_xml
from .addresses import Addresses, guest_addresses
from .census import Glance
from .devices.disk import Disk, source_of
from .devices.interface import Interface, mac_of
from .devices.registry import DEVICES
from .machine.machine import Machine

_INACTIVE = 2  # VIR_DOMAIN_XML_INACTIVE
_SECURE = 1  # VIR_DOMAIN_XML_SECURE: a definition written back without its passwords would lose them


@dataclass
class VmState:
    """What is: `config` is the tree for the next boot, `live` the running (or saved) one; power is one of the states'
    words.
    """

    name: str
    config: Any
    live: Any | None = None
    power: str = "stopped"
    autostart: bool = False
    persistent: bool = True

    @property
    def active(self) -> bool:
        """Return whether a QEMU process exists."""
        return self.power in ("running", "paused")

    @cached_property
    def record(self) -> dict[str, Any]:
        """Return what the collection remembers of the VM."""
        return read_record(self.config)


def read_domain(glance: Glance) -> VmState:
    """Return a domain as it is. A transient domain has no configuration: the running one stands for it."""
    domain = glance.domain
    live = parse_xml(domain.XMLDesc(_SECURE)) if glance.active else _saved(glance)
    config = parse_xml(domain.XMLDesc(_SECURE | _INACTIVE)) if glance.persistent else live
    return VmState(domain.name(), config, live, glance.power, glance.autostart, glance.persistent)


def _saved(glance: Glance) -> Any | None:
    """Return the description with which a saved VM will go on, or None for one that is not saved."""
    if glance.power != "saved":
        return None
    try:
        return parse_xml(glance.domain.managedSaveGetXMLDesc(_SECURE))
    except libvirt.libvirtError as error:
        # Drivers that save VMs without being able to tell how they were.
        if error.get_error_code() != NO_SUPPORT:
            raise
        return None


def read_facts(
    glance: Glance | None, state: VmState | None, name: str, addresses: bool = True, brief: bool = False
) -> dict[str, Any]:
    """Return a VM that was read in the words of the options, and what only can be observed under `observed`; its
    addresses only if it runs and they are asked for.
    """
    if glance is None or state is None:
        return {"name": name, "state": "absent", "observed": {}}
    wanted = glance.active and addresses
    return (brief_facts if brief else vm_facts)(state, guest_addresses(glance.domain) if wanted else {})


def vm_facts(state: VmState, addresses: Addresses) -> dict[str, Any]:
    """Return a VM in the words of kvm_vm's options, and what only can be observed under `observed`."""
    config = state.config
    return {
        "name": state.name,
        "state": state.power,
        "uuid": config.findtext("uuid"),
        "autostart": state.autostart,
        **Machine.facts(config),
        **_record_facts(state.record),
        **_device_facts(config),
        "observed": observed(state, addresses),
    }


# What plays choose and decide by.
BRIEF = ("domain_type", "title", "description", "vcpus", "memory")


def brief_facts(state: VmState, addresses: Addresses) -> dict[str, Any]:
    """Return of a VM what plays choose and decide by: a call for hundreds of VMs pays for every word that it tells."""
    config = state.config
    said = {name: Machine.fields[name].fact(Machine.fields[name].read(config)) for name in BRIEF}
    return {
        "name": state.name,
        "state": state.power,
        "uuid": config.findtext("uuid"),
        "autostart": state.autostart,
        **{name: value for name, value in said.items() if value is not None},
        **_record_facts(state.record),
        "disks": Disk.device_facts(config),
        "nics": Interface.device_facts(config),
        "observed": observed(state, addresses),
    }


def _device_facts(config: Any) -> dict[str, Any]:
    """Return the devices in the words of the options."""
    told = {device.option: device.worth_telling(config) for device in DEVICES}
    return {option: facts for option, facts in told.items() if facts is not None}


def observed(state: VmState, addresses: Addresses) -> dict[str, Any]:
    """Return what can only be observed: addresses of the guest, images of the disks, an unfinished making."""
    found = {mac: list(ips) for mac, ips in addresses.items()}
    nics = Interface.nodes(state.config)
    running = state.live if state.active else None
    return {
        "domain_type": state.config.get("type"),
        "ip": next((ip for ips in found.values() for ip in ips), None),
        "addresses": {name: found.get(mac_of(nic), []) for name, nic in zip(Interface.names(nics), nics)},
        "disks": {Disk.name_at(node): source_of(node) for node in Disk.nodes(state.config)},
        "graphics": graphics_of(running) if running is not None else [],
        "consoles": [node.get("path") for node in _terminals(running)] if running is not None else [],
        "unfinished": bool(state.record.get("unfinished")),
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
