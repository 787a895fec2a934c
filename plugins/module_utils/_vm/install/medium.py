# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM that is installed from the medium of its template: the medium is in a drive, the disk is empty."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..devices.lookup import kind_of
from ..machine.machine import Machine
from ..spec import VmSpec

if TYPE_CHECKING:
    from ..._template.library import Template

# Nothing boots from an empty disk, so the medium does; what it has installed boots from then on.
ORDER = ("hd", "cdrom")


def with_medium(spec: VmSpec, template: Template) -> VmSpec:
    """Return a new VM's spec with the medium of its template in a drive, unless the VM says what its drives hold."""
    if not template.iso:
        return spec
    devices = dict(spec.devices)
    if "cdroms" not in devices:
        devices["cdroms"] = kind_of("cdroms").wanted([dict(template.medium)])
    return replace(spec, devices=devices, machine={**spec.machine, **_boot(spec)})


def _boot(spec: VmSpec) -> dict[str, Any]:
    """Return from what the VM boots, unless that is said; devices that say it themselves bear no order beside."""
    said = spec.machine.get("boot") or {}
    named = any(item.fields.get("boot_order") for listed in spec.devices.values() for item in listed)
    if named or "order" in said:
        return {}
    return {"boot": {**said, **Machine.normal({"boot": {"order": list(ORDER)}})["boot"]}}
