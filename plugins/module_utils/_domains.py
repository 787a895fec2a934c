# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all VMs of a host say, for whoever asks which of them use a thing."""

from __future__ import annotations

from typing import Any

from ._hypervisor import NO_DOMAIN, Hypervisor, found
from ._libs import libvirt
from ._xml import parse_xml


def domain_trees(host: Hypervisor) -> list[Any]:
    """Return the trees of all domains of this host: as they run, and as they will after their next start.

    A domain that goes meanwhile is left out. Rests on virConnectListAllDomains and virDomainGetXMLDesc.
    """
    return _trees(host) + _trees(host, libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE, libvirt.VIR_DOMAIN_XML_INACTIVE)


def running_trees(host: Hypervisor) -> list[Any]:
    """Return the trees of the domains that run, as they run."""
    return _trees(host, libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)


def _trees(host: Hypervisor, which: int = 0, description: int = 0) -> list[Any]:
    texts = [_description(domain, description) for domain in host.connection.listAllDomains(which)]
    return [parse_xml(text) for text in texts if text]


def _description(domain: Any, flags: int) -> str | None:
    return found(lambda _name: domain.XMLDesc(flags), domain.name(), NO_DOMAIN)
