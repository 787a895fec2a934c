# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile values for every option of a VM, made from the declarations: one sentence each, and the host as before.

The code of the module runs in the test's process, on a connection to a host of the lab: three hundred tasks would take
minutes. What Ansible does around it is tested in test_bad_input.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.arguments import vm_arguments
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import converge_vms
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.spec import VmSpec

from tests.integration.support.cleaning import remove_all
from tests.integration.support.lab import Lab

NAME = "t-hostile-vm"
BASE: dict[str, Any] = {"name": NAME, "memory": "32MiB", "nics": [], "disks": []}
SPEC = vm_arguments()
# Options in words of other systems, which they check themselves: they never reach XML or libvirt as they are.
FOREIGN = {"user_data", "network_config", "ignition", "write_files", "xml_transform"}

WRONG: dict[str, list[Any]] = {
    "int": [-(2**70), 2**70, "four", [1, 2], {"a": 1}, "0x"],
    "bool": ["perhaps", 7, ["yes", "no"], {}],
    "str": ["nul\x00", "bell\x07", "half\ud800", "\uffff"],
    "list": ["\x00", {"a": 1}],
    # Others, such as a number, end the check that Ansible itself makes of them in a traceback of its own.
    "dict": ["\x00", "words"],
}


class Attack(NamedTuple):
    """A value for an option that may be deep inside others."""

    path: tuple[str, ...]
    value: Any


def attacks(options: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[Attack]:
    """Go through all options, with values that none of them can mean."""
    for name, option in options.items():
        kind = option.get("type", "str")
        here = (*path, name)
        if name in FOREIGN:
            continue
        for value in ["sideways"] if option.get("choices") and kind == "str" else WRONG[kind]:
            if not (kind == "list" and isinstance(value, str) and option.get("elements") != "str"):
                yield Attack(here, value)
        if "options" in option:
            yield from attacks(option["options"], here)


def spoiled(attack: Attack) -> dict[str, Any]:
    """Return options with the value in its place; what lists and dictionaries need around it is kept plain."""
    value = attack.value
    known: Any = SPEC
    kinds = []
    for name in attack.path:
        kinds.append(known[name].get("type", "str"))
        known = known[name].get("options", {})
    for name, kind in reversed(list(zip(attack.path[1:], kinds[:-1]))):
        value = {name: value}
        value = [value] if kind == "list" else value
    return {**BASE, attack.path[0]: value}


ATTACKS = list(attacks(SPEC))


def refused_by_ansible(options: dict[str, Any]) -> bool:
    """Return whether a value is of a type that never reaches the module."""
    return bool(ArgumentSpecValidator(SPEC).validate(options).error_messages)


def refusal(host: Hypervisor, options: dict[str, Any]) -> str:
    """Return the sentence with which options are refused, or "" where they are carried out."""
    params = ArgumentSpecValidator(SPEC).validate(options).validated_parameters
    try:
        (outcome,) = converge_vms(host, [VmSpec.from_params(params)], dry_run=False)
    except KvmError as error:
        return str(error)
    return str(outcome.error or "")


@pytest.fixture(scope="module")
def host(lab: Lab, ready: str) -> Iterator[Hypervisor]:
    """A host, which must be at the end as it was at the beginning."""
    remove_all(lab.libvirt(ready), NAME)
    before = lab.dump(ready)
    yield Hypervisor(lab.libvirt(ready), "lab")
    after = lab.dump(ready)
    remove_all(lab.libvirt(ready), NAME)
    assert after == before


def test_there_are_enough() -> None:
    assert len(ATTACKS) >= 300


@pytest.mark.parametrize("attack", [pytest.param(one, id=f"{'.'.join(one.path)}={one.value!r:.30}") for one in ATTACKS])
def test_it_is_refused_in_a_sentence(host: Hypervisor, attack: Attack) -> None:
    options = spoiled(attack)
    if refused_by_ansible(options):
        return
    said = refusal(host, options)
    assert said, f"{attack} was carried out"
    assert said.isprintable()
    assert said.endswith(".")
    assert any(word in said for word in (attack.path[-1], attack.path[0], attack.path[0].rstrip("s"), "VM name"))
