# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices as options make them, held against libvirt: its schema, its test driver, and what it tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import libvirt
from ansible_collections.kvmops.datacenter.plugins.module_utils._fields import Edit
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.device import Wanted
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.registry import BY_OPTION
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml
from lxml import etree

from tests.unit.plugins.module_utils._vm.corpus.builder import ORDER
from tests.unit.plugins.module_utils._vm.corpus.driver import canonical, connection

SCHEMA = Path("/usr/share/libvirt/schemas/domain.rng")
_FLAGS = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE


@cache
def schema() -> Any:
    """Return libvirt's schema of domains."""
    assert SCHEMA.exists(), f"{SCHEMA} is missing; install libvirt-dev, whose libvirt0 brings it (see bindep.txt)."
    return etree.RelaxNG(etree.parse(str(SCHEMA)))


def assert_valid(tree: Any) -> None:
    """Fail unless libvirt's schema knows a tree; libxml2 finds its way through it in libvirt's own order alone."""
    root = etree.fromstring(to_xml(tree))
    for node in (root, *root.iterfind("devices/*")):
        node[:] = sorted(node, key=lambda child: ORDER.index(child.tag) if child.tag in ORDER else len(ORDER))
    schema().assertValid(root)


def told(tree: Any) -> Any:
    """Return a tree as libvirt tells it; libvirtError where it refuses it."""
    defined = connection().defineXML(to_xml(tree))
    try:
        return parse_xml(defined.XMLDesc(_FLAGS))
    finally:
        defined.undefine()


def blank(devices: str = "", name: str = "web01", inside: str = "") -> Any:
    """Return the tree of a VM of libvirt's test driver with 4 I/O threads."""
    parts = f"<memory>1048576</memory><vcpu>4</vcpu><iothreads>4</iothreads>{inside}"
    system = "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
    return parse_xml(f"<domain type='test'><name>{name}</name>{parts}{system}<devices>{devices}</devices></domain>")


def converge(option: str, tree: Any, wanted: Sequence[Wanted]) -> list[Edit]:
    """Bring the devices of an option to what is wanted."""
    return BY_OPTION[option].converge(tree, wanted)


def same(node: Any, xml: str) -> bool:
    """Return whether an element is what a text says, blanks between elements apart."""
    return canonical(to_xml(node)) == canonical(xml)


def only(tree: Any, option: str) -> Any:
    """Return the one device of an option."""
    (node,) = BY_OPTION[option].nodes(tree)
    return node


def ordered(node: Any) -> Any:
    """Return a device with its children in the order of their names, which means nothing."""
    copy = deepcopy(node)
    for parent in (copy, *copy.iterdescendants()):
        parent[:] = sorted(parent, key=lambda child: str(child.tag))
    return copy
