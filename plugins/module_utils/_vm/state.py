# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM as it is: its configuration, its running self, its power."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .._hypervisor import NO_SUPPORT
from .._later import later
from .._libs import libvirt
from .census import Glance

if TYPE_CHECKING:
    from .. import _metadata as metadata
    from .. import _xml as xml
else:
    metadata, xml = later(__package__, ".._metadata", ".._xml")

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
    # Whether the guest has stopped it itself.
    ended: bool = False

    @property
    def active(self) -> bool:
        """Return whether a QEMU process exists."""
        return self.power in ("running", "paused")

    @cached_property
    def record(self) -> dict[str, Any]:
        """Return what the collection remembers of the VM."""
        return metadata.read_record(self.config)


def read_domain(glance: Glance) -> VmState:
    """Return a domain as it is. A transient domain has no configuration: the running one stands for it."""
    domain = glance.domain
    live = xml.parse_xml(domain.XMLDesc(_SECURE)) if glance.active else _saved(glance)
    config = xml.parse_xml(domain.XMLDesc(_SECURE | _INACTIVE)) if glance.persistent else live
    return VmState(domain.name(), config, live, glance.power, glance.autostart, glance.persistent, glance.ended)


def _saved(glance: Glance) -> Any | None:
    """Return the description with which a saved VM will go on, or None for one that is not saved."""
    if glance.power != "saved":
        return None
    try:
        return xml.parse_xml(glance.domain.managedSaveGetXMLDesc(_SECURE))
    except libvirt.libvirtError as error:
        # Drivers that save VMs without being able to tell how they were.
        if error.get_error_code() != NO_SUPPORT:
            raise
        return None
