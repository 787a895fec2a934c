# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices on a VM of a table: made from options, changed by options, and told as facts."""

from __future__ import annotations

from typing import Any

import libvirt
from ansible_collections.kvmops.datacenter.plugins.module_utils._composite import Group
from ansible_collections.kvmops.datacenter.plugins.module_utils._fields import Element
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.chardev import Source
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.kinds import VirtioDriver
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.registry import BY_OPTION
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import to_xml

from tests.unit.plugins.module_utils._vm.corpus.driver import canonical
from tests.unit.plugins.module_utils._vm.table import domain

# Groups of options that several devices have, which are tried with one of them.
SHARED = (Source, VirtioDriver)
_VERSION = libvirt.getVersion() // 1_000_000, libvirt.getVersion() // 1000 % 1000
# What this libvirt reads over without a word: neither its schema nor what it tells says anything about these.
UNKNOWN = frozenset(option for option, device in BY_OPTION.items() if device.since > _VERSION)


def converge(option: str, tree: Any, params: Any) -> list[str]:
    """Bring a device option of a tree to what is wanted, and return the summaries of what had to change."""
    device = BY_OPTION[option]
    return [edit.summary for edit in device.converge(tree, device.wanted(params))]


def made(option: str, params: Any, devices: str = "") -> Any:
    """Return a VM with the wanted devices."""
    tree = domain(devices)
    converge(option, tree, params)
    return tree


def inside(tree: Any) -> str:
    """Return all devices of a VM, in canonical form."""
    return "".join(canonical(to_xml(node)) for node in tree.find("devices"))


def written(xml: str) -> str:
    """Return devices as a test writes them, in canonical form."""
    return inside(domain(xml))


def again(option: str, tree: Any) -> list[str]:
    """Return what has to change where the facts of a VM are given back."""
    return converge(option, tree, BY_OPTION[option].device_facts(tree))


def names_of(element: type[Element]) -> set[str]:
    """Return the names of an element's options, and of those inside them, dotted, if no other device has them."""
    groups = {name: field.element for name, field in element.fields.items() if isinstance(field, Group)}
    inner = {f"{name}.{option}" for name, group in groups.items() if group not in SHARED for option in group.fields}
    return set(element.fields) | inner


def named_in(params: Any, element: type[Element]) -> set[str]:
    """Return which of those names an entry of a test has."""
    dotted = {f"{name}.{option}" for name, value in params.items() if isinstance(value, dict) for option in value}
    return (set(params) | dotted) & (names_of(element) | {"name", "enabled"})
