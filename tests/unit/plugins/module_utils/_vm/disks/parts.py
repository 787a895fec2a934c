# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tables of disks are made of: the kinds of their rows, and the disk d."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.device import Wanted
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.disk import Disk

# What is wanted of a new disk, and how it is written.
New = tuple[dict[str, Any], str]
# A disk, what is wanted of it, what has to change, and the disk then.
Edited = tuple[str, dict[str, Any], list[str], str]
# What is wanted of a disk, and what is said.
Unfit = tuple[dict[str, Any], str]

SECRET = "c90bd1dc-2f0b-4a2c-8d54-5e1a3f6f5a11"


def resolved(params: dict[str, Any]) -> Wanted:
    """Return a disk as the planner gives it to a definition: on an image that is there."""
    (wanted,) = Disk.wanted([{"name": "d", **params}])
    kind = "network" if "source" in wanted.fields else "file"
    return replace(wanted, extra={"path": "/p/a", "format": "raw", "kind": kind})


def disk(inside: str = "", driver: str = "", target: str = "dev='vda' bus='virtio'", source: str = "") -> str:
    """Return the XML of the disk d on /p/a, or on another source."""
    kind = "network" if source else "file"
    place = source or "<source file='/p/a'/>"
    return (
        f"<disk type='{kind}' device='disk'><driver name='qemu' type='raw' {driver}/>{place}<target {target}/>"
        f"<alias name='ua-d'/>{inside}</disk>"
    )


def network(source: str, inside: str = "") -> str:
    """Return the XML of the disk d on a server."""
    return (
        "<disk type='network' device='disk'><driver name='qemu' type='raw'/><target dev='vda' bus='virtio'/>"
        f"<alias name='ua-d'/>{source}{inside}</disk>"
    )
