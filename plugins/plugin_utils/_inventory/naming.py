# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One name in the inventory for each guest, also where two hypervisors have a VM of the same name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Facts = dict[str, Any]


@dataclass(frozen=True)
class Guest:
    """A guest under its name in the inventory."""

    name: str
    host: str
    facts: Facts


def settle(found: Mapping[str, Sequence[Facts]], reserved: Collection[str]) -> tuple[list[Guest], list[str]]:
    """Return the guests of all hypervisors under different names, and warnings about those that could not keep theirs.

    Of VMs with one name the one that runs keeps it, else the one whose hypervisor comes first: a VM that is being
    migrated keeps its name while both hosts know it. The others, and VMs with a `reserved` name, are called name@host.
    """
    everyone = [(host, facts) for host, guests in found.items() for facts in guests]
    everyone.sort(key=lambda entry: entry[1]["state"] != "running")
    taken: dict[str, str] = dict.fromkeys(reserved, "a hypervisor or this machine")
    guests, warnings = [], []
    for host, facts in everyone:
        name = str(facts["name"])
        while name in taken:
            name = f"{name}@{host}"
        if name != facts["name"]:
            warnings.append(_renamed(facts["name"], host, name, taken[facts["name"]]))
        taken[name] = f"the VM on {host}"
        guests.append(Guest(name, host, facts))
    return sorted(guests, key=lambda guest: guest.name), warnings


def _renamed(vm: str, host: str, name: str, other: str) -> str:
    return (
        f"The VM '{vm}' on {host} is called '{name}' in the inventory, because '{vm}' is {other}; "
        "rename it, or remove the definition that is not needed."
    )
