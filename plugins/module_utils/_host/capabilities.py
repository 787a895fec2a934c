# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hypervisor says about its machine: CPU, UUID, and the types of VMs it lists."""

from __future__ import annotations

from typing import Any

from .._xml import parse_xml

_HARDWARE = "hvm"


def capabilities_facts(capabilities: str) -> dict[str, Any]:
    """Return the facts in libvirt's capabilities. Source: https://libvirt.org/formatcaps.html."""
    root = parse_xml(capabilities)
    iommu = root.find("host/iommu")
    return {
        "uuid": root.findtext("host/uuid"),
        "arch": root.findtext("host/cpu/arch"),
        "cpu_model": root.findtext("host/cpu/model"),
        "cpu_vendor": root.findtext("host/cpu/vendor"),
        "iommu": iommu is not None and iommu.get("support") == "yes",
        "domain_types": _domain_types(root),
    }


def _domain_types(root: Any) -> dict[str, list[str]]:
    """Return the domain types that are listed for guests of each architecture, sorted."""
    guests = [guest for guest in root.iterfind("guest") if guest.findtext("os_type") == _HARDWARE]
    types: dict[str, set[str]] = {}
    for arch in (arch for guest in guests for arch in guest.iterfind("arch")):
        types.setdefault(arch.get("name"), set()).update(domain.get("type") for domain in arch.iterfind("domain"))
    return {name: sorted(found) for name, found in sorted(types.items())}


def version_text(number: int) -> str:
    """Return a version as people write it: libvirt counts 9.2.1 as 9002001 (virConnectGetVersion)."""
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
