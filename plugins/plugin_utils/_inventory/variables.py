# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says about a guest: its variables and its groups."""

from __future__ import annotations

from typing import Any

from .jump import control_path
from .naming import Guest

EVERY_GUEST = "kvm_guests"
_PREFIX = "kvm_"

# What of a guest becomes its variables: what plays choose and decide by, not every device.
_KEPT = (
    "name",
    "state",
    "uuid",
    "title",
    "description",
    "vcpus",
    "memory",
    "autostart",
    "template",
    "fleet",
    "project",
    "owner",
    "tags",
    "metadata",
    "disks",
    "nics",
)


def host_variables(guest: Guest, jump: str | None) -> dict[str, Any]:
    """Return a guest's variables: all facts as kvm_*, and how Ansible reaches it where an address is known."""
    facts, observed = guest.facts, guest.facts["observed"]
    variables = {f"{_PREFIX}{key}": facts[key] for key in _KEPT if key in facts}
    variables[f"{_PREFIX}nics"] = [{**nic, "ips": observed["addresses"].get(nic["name"], [])} for nic in facts["nics"]]
    variables[f"{_PREFIX}host"] = guest.host
    variables[f"{_PREFIX}macs"] = [nic["mac"] for nic in facts["nics"] if nic.get("mac")]
    variables[f"{_PREFIX}ips"] = [ip for ips in observed["addresses"].values() for ip in ips]
    address = observed["ip"]
    if address:
        variables["ansible_host"] = address
    if address and jump:
        variables["ansible_ssh_common_args"] = jump
        variables["ansible_control_path"] = control_path(guest.host, str(facts["uuid"]), address)
    return variables


def group_names(guest: Guest) -> list[str]:
    """Return the names of a guest's groups, before Ansible makes them safe."""
    facts = guest.facts
    template = (facts.get("template") or "").partition(":")[0]
    named = {"template": template, **{kind: facts.get(kind) for kind in ("fleet", "project", "state")}}
    groups = [EVERY_GUEST, f"on_{guest.host}", *(f"tag_{tag}" for tag in facts["tags"] if tag)]
    return groups + [f"{kind}_{name}" for kind, name in named.items() if name]
