# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM as it is: its configuration, its running self, its power; and the same in the words of the options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._metadata import read_record
from .._xml import Path, parse_xml
from .addresses import Addresses, guest_addresses
from .census import Glance
from .devices.device import name_of
from .devices.disk import Disk, source_of
from .devices.interface import Interface
from .domain import Machine

_INACTIVE = 2  # VIR_DOMAIN_XML_INACTIVE
_SECURE = 1  # VIR_DOMAIN_XML_SECURE: a definition written back without its passwords would lose them


@dataclass
class VmState:
    """What is: `config` is the tree for the next boot, `live` the running one; power is one of the states' words."""

    name: str
    config: Any
    live: Any | None = None
    power: str = "stopped"
    autostart: bool = False
    persistent: bool = True

    @property
    def active(self) -> bool:
        """Return whether a QEMU process exists."""
        return self.live is not None

    @property
    def record(self) -> dict[str, Any]:
        """Return what the collection remembers of the VM."""
        return read_record(self.config)


def read_domain(glance: Glance) -> VmState:
    """Return a domain as it is. A transient domain has no configuration: the running one stands for it."""
    domain = glance.domain
    live = parse_xml(domain.XMLDesc(_SECURE)) if glance.active else None
    config = parse_xml(domain.XMLDesc(_SECURE | _INACTIVE)) if glance.persistent else live
    return VmState(domain.name(), config, live, glance.power, glance.autostart, glance.persistent)


def facts_of(glance: Glance | None, state: VmState | None, name: str, addresses: bool = True) -> dict[str, Any]:
    """Return a VM that was read in the words of the options, with its addresses if it runs and they are asked for."""
    wanted = glance is not None and glance.active and addresses
    return vm_facts(state, name, guest_addresses(glance.domain) if glance and wanted else {})


def vm_facts(state: VmState | None, name: str, addresses: Addresses) -> dict[str, Any]:
    """Return a VM in the words of kvm_vm's options, and what only can be read: power, addresses, paths."""
    if state is None:
        return {"name": name, "state": "absent"}
    config, record = state.config, state.record
    found = {mac: list(ips) for mac, ips in addresses.items()}
    return {
        "name": state.name,
        "state": state.power,
        "uuid": config.findtext("uuid"),
        "domain_type": config.get("type"),
        "autostart": state.autostart,
        **Machine.show(Machine.read(config)),
        **_record_facts(record),
        "disks": [_disk_facts(node) for node in Disk.nodes(config)],
        "nics": [_nic_facts(node, found) for node in Interface.nodes(config)],
        "ip": next((ip for ips in found.values() for ip in ips), None),
        "unfinished": bool(record.get("unfinished")),
    }


def _record_facts(record: dict[str, Any]) -> dict[str, Any]:
    template = record.get("template")
    version = record.get("template_version")
    return {
        "template": f"{template}:{version}" if template and version else template,
        "fleet": record.get("fleet"),
        "project": record.get("project"),
        "tags": record.get("tags", []),
    }


def _disk_facts(node: Any) -> dict[str, Any]:
    target = Path("target/@dev").get(node) or ""
    return {"name": name_of(node, target), "target": target, "path": source_of(node), **Disk.show(Disk.read(node))}


def _nic_facts(node: Any, addresses: dict[str, list[str]]) -> dict[str, Any]:
    facts = Interface.show(Interface.read(node))
    mac = facts.get("mac", "")
    return {
        "name": name_of(node, facts.get("network") or facts.get("bridge") or mac),
        **facts,
        "ips": addresses.get(mac, []),
    }
