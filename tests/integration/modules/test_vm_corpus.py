# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs that others have made, on real libvirt: read without a crash, left alone, given back, changed in one place.

The code of the module runs in the test's process on a connection to a host of the lab, since this is about hundreds of
VMs. Their types are made `qemu`, because the lab has no KVM; what QEMU here has no machine for is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libvirt
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import Outcome
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.arguments import vm_arguments
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import converge_vms, facts_now
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.spec import VmSpec
from lxml import etree

from tests.integration.support.cleaning import remove_domain
from tests.integration.support.lab import Lab
from tests.unit.plugins.module_utils._vm.corpus.builder import Case
from tests.unit.plugins.module_utils._vm.corpus.cases import corpus

NAME = "t-corpus"
CASES = [case for case in corpus() if case.name.partition("/")[0] in ("guest", "peer", "cloud")]
OPTIONS = ArgumentSpecValidator(vm_arguments())
SECURE_INACTIVE = libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_INACTIVE


def fitted(case: Case) -> str:
    """Return a case's XML with a name of ours, for the emulation of a plain machine."""
    tree = etree.fromstring(case.xml)
    tree.set("type", "qemu")
    tree.find("name").text = NAME
    for emulator in tree.findall("devices/emulator"):
        emulator.getparent().remove(emulator)
    for kind in tree.iterfind("os/type"):
        for family, version in (("pc", "pc-i440fx-"), ("q35", "pc-q35-")):
            if kind.get("machine", "").startswith(version):
                kind.set("machine", family)
    for cpu in tree.iterfind("cpu[@mode='host-passthrough']"):
        cpu.set("mode", "maximum")
    return etree.tostring(tree, encoding="unicode")


@pytest.fixture(scope="module")
def connection(lab: Lab, ready: str) -> Any:
    """A connection to a host of the lab."""
    return lab.libvirt(ready)


@pytest.fixture(scope="module")
def taken(connection: Any) -> dict[str, str]:
    """The cases that this libvirt takes, by name."""

    def takes(xml: str) -> bool:
        try:
            connection.defineXML(xml).undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_NVRAM)
        except libvirt.libvirtError:
            return False
        return True

    return {case.name: xml for case in CASES for xml in [fitted(case)] if takes(xml)}


@pytest.fixture
def domain(request: pytest.FixtureRequest, connection: Any, taken: dict[str, str]) -> Iterator[Any]:
    """One of them, defined twice: libvirt puts devices in order when it is given back what it told."""
    xml = taken.get(request.param)
    if xml is None:
        yield None
        return
    made = connection.defineXML(xml)
    made = connection.defineXML(made.XMLDesc(SECURE_INACTIVE))
    yield made
    remove_domain(made)


def wanted(connection: Any, dry_run: bool, **options: Any) -> Outcome:
    """Converge the VM, in a run of its own."""
    host = Hypervisor(connection, "lab")
    checked = OPTIONS.validate({"name": NAME, **options})
    assert checked.error_messages == []
    (outcome,) = converge_vms(host, [VmSpec.from_params(checked.validated_parameters)], dry_run)
    assert outcome.error is None
    return outcome


def summaries(outcome: Outcome) -> list[str]:
    """Return the lines of a plan."""
    return [line["summary"] for line in outcome.plan.lines()]


def test_most_are_taken(taken: dict[str, str]) -> None:
    assert len(taken) >= 0.9 * len(CASES)


@pytest.mark.parametrize("domain", [case.name for case in CASES], indirect=True)
def test_it_is_left_alone_given_back_and_changed_in_one_place(connection: Any, domain: Any) -> None:
    if domain is None:
        return
    before = domain.XMLDesc(SECURE_INACTIVE)
    assert summaries(wanted(connection, dry_run=False)) == []
    facts = facts_now(Hypervisor(connection, "lab"), NAME)
    del facts["observed"]
    assert summaries(wanted(connection, dry_run=True, **facts)) == []
    assert domain.XMLDesc(SECURE_INACTIVE) == before
    wanted(connection, dry_run=False, title="another title")
    after = etree.fromstring(domain.XMLDesc(SECURE_INACTIVE))
    assert after.findtext("title") == "another title"
    original = etree.fromstring(before).find("title")
    if original is None:
        after.remove(after.find("title"))
    else:
        after.find("title").text = original.text
    assert etree.canonicalize(after, strip_text=True) == etree.canonicalize(before, strip_text=True)
