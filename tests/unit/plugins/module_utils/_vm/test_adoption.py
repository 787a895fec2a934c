# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs that anything else has made: nothing is touched that nobody named, and what is told can be given back."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.arguments import vm_arguments
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.facts import vm_facts
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.spec import VmSpec
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.wish import Wish
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml

from tests.unit.plugins.module_utils._vm.corpus.builder import Case
from tests.unit.plugins.module_utils._vm.corpus.cases import corpus
from tests.unit.plugins.module_utils._vm.corpus.driver import canonical, told

# Each VM as somebody wrote it, and as libvirt tells it.
CASES = [shape for case in corpus() for shape in (case, told(case))]
OPTIONS = ArgumentSpecValidator(vm_arguments())

every_vm = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])


def facts_of(tree: Any) -> dict[str, Any]:
    """Return a VM in the words of the options."""
    facts = vm_facts(VmState(tree.findtext("name"), tree), {})
    del facts["observed"]
    return facts


def wish_of(options: dict[str, Any]) -> Wish:
    """Return what options want, checked as Ansible checks them."""
    checked = OPTIONS.validate(options)
    assert checked.error_messages == []
    spec = VmSpec.from_params(checked.validated_parameters)
    return Wish(spec.machine, spec.devices)


@every_vm
def test_nothing_wanted_is_nothing_done(case: Case) -> None:
    tree, edits = Wish().edited(parse_xml(case.xml))
    assert edits == []
    assert canonical(to_xml(tree)) == canonical(case.xml)


@every_vm
def test_what_is_told_and_given_back_changes_nothing(case: Case) -> None:
    tree = parse_xml(case.xml)
    facts = facts_of(tree)
    edited, edits = wish_of({**facts, "name": "adopted"}).edited(tree)
    assert [edit.summary for edit in edits] == []
    assert canonical(to_xml(edited)) == canonical(case.xml)


@every_vm
def test_one_change_changes_that_and_nothing_else(case: Case) -> None:
    tree = parse_xml(case.xml)
    edited, edits = wish_of({"name": "adopted", "title": "another title"}).edited(tree)
    assert [edit.field for edit in edits] == ["title"]
    for one in (tree, edited):
        for title in one.findall("title"):
            one.remove(title)
    assert canonical(to_xml(edited)) == canonical(to_xml(tree))
