# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""libvirt's own opinion of a domain: its test driver has the parser of the real ones, and no hypervisor behind it.

What it tells back lacks the namespaces of other drivers (qemu:commandline …), which it does not know.
"""

from __future__ import annotations

import tempfile
from functools import cache
from typing import Any

import libvirt
from lxml import etree

from tests.unit.plugins.module_utils._vm.corpus.builder import Case

TOLD = "~told"
_FLAGS = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE


@cache
def connection() -> Any:
    """Return a connection to a host of its own of libvirt's test driver, which lives in this process alone.

    The driver's default host is shared by all connections of a process: it would keep for others what was done to it.
    """
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as node:
        node.write("<node/>")
        node.flush()
        return libvirt.open(f"test://{node.name}")


@cache
def told(case: Case) -> Case:
    """Return the case as libvirt tells it after it was defined; libvirtError where libvirt refuses it."""
    domain = connection().defineXML(case.xml)
    try:
        return Case(case.name + TOLD, domain.XMLDesc(_FLAGS))
    finally:
        domain.undefine()


def refusal(case: Case) -> str:
    """Return the sentence with which libvirt refuses a case, or "" where it takes it."""
    try:
        told(case)
    except libvirt.libvirtError as error:
        return str(error)
    return ""


def accepted(case: Case) -> bool:
    """Return whether libvirt takes a case."""
    return not refusal(case)


def canonical(xml: str) -> str:
    """Return XML in its canonical form, comments included, without layout: equal texts say the same."""
    # Written once first: blanks beside a CDATA section are part of its text, and no layout.
    plain = etree.tostring(etree.fromstring(xml))
    root = etree.fromstring(plain, etree.XMLParser(remove_blank_text=True))
    return etree.canonicalize(root, with_comments=True)
