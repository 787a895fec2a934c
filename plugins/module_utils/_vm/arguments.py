# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of VMs as modules give them to Ansible."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .index import INDEX

# What a template may say of the VMs that are made from it, in the order in which it is read best.
_IN_TEMPLATES = (
    "arch",
    "machine",
    "vcpus",
    "memory",
    "cpu",
    "firmware",
    "secure_boot",
    "features",
    "clock",
    "pool",
    "disks",
    "nics",
    "graphics",
    "videos",
    "serials",
    "consoles",
    "tpm",
    "watchdog",
    "cloud_init",
)
# What only one VM can have: addresses, names of devices on the host, and disks that are there already.
_OF_ONE_VM: Mapping[str, Collection[str]] = {
    "disks": ("path", "volume", "source", "wwn", "serial"),
    "nics": ("mac", "target", "ip", "gateway", "dns", "dhcp"),
    "cloud_init": ("hostname", "network_config"),
}


def vm_arguments() -> dict[str, Any]:
    """Return the options of a module for one VM."""
    return {name: entry for name, entry in INDEX["options"].items() if name not in INDEX["among_others"]}


def member_arguments() -> dict[str, Any]:
    """Return the options of one VM of many, without defaults: those of the list come first."""
    return {
        name: {key: said for key, said in entry.items() if key != "default"} for name, entry in INDEX["options"].items()
    }


def template_arguments() -> dict[str, Any]:
    """Return the options that a template may carry for its VMs: none that may be secret, as everybody can read it."""
    options = member_arguments()
    return {name: _for_all(options[name], _OF_ONE_VM.get(name, ())) for name in _IN_TEMPLATES}


def _for_all(entry: Mapping[str, Any], left_out: Collection[str]) -> dict[str, Any]:
    if "options" not in entry:
        return dict(entry)
    options = {
        name: _for_all(inner, ())
        for name, inner in entry["options"].items()
        if name not in left_out and not inner.get("no_log")
    }
    return {**entry, "options": options}
