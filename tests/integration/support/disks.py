# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of disks on the lab make, and what they read of results."""

from __future__ import annotations

from typing import Any

from tests.integration.support.vms import Vm

IMAGES = "/var/lib/libvirt/images"
BARE: dict[str, Any] = {"memory": "32MiB", "nics": [], "timeout": 3}
MIB = 1024**2


def volume(vm: Vm, name: str, size: int = MIB, kind: str = "raw") -> str:
    """Make a volume that goes with the test, and return its path."""
    xml = f"<volume><name>{vm.name}-{name}</name><capacity>{size}</capacity><target><format type='{kind}'/></target>"
    return str(vm.lab.libvirt(vm.host).storagePoolLookupByName("default").createXML(f"{xml}</volume>").path())


def named(result: dict[str, Any], option: str = "disks") -> dict[str, dict[str, Any]]:
    """Return the devices of a result by their names."""
    return {device["name"]: device for device in result["vm"][option]}


def told(facts: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return of facts what was wanted, with sizes as they are told."""
    return {
        key: told(facts[key], value) if isinstance(value, dict) else facts.get(key) for key, value in wanted.items()
    }
