# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever was wished for first: the second wish is reached, is reached the same way as directly, and is then at rest.

What libvirt refuses is no wish; what it takes is looked at as libvirt tells it, as in a real run.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.registry import BY_OPTION
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.domain import Platform, blank_domain
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.machine import Machine
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.wish import Wish
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.unit.plugins.module_utils._vm.corpus.driver import connection
from tests.unit.plugins.module_utils._vm.shelf import UNKNOWN
from tests.unit.plugins.module_utils._vm.strategies import devices_of, value_of

OPTIONS = [*Machine.fields, *(option for option in BY_OPTION if option not in UNKNOWN)]
# Found by other means than a random word: the image of a disk is resolved by the planner.
IMAGE = {"path": "/p/image", "format": "qcow2", "kind": "file"}
# What libvirt wants to be named with an option.
BESIDE: dict[str, dict[str, Any]] = {
    "secure_boot": {"firmware": "efi"},
    "initrd": {"kernel": "/boot/vmlinuz"},
    "cmdline": {"kernel": "/boot/vmlinuz"},
    "dtb": {"kernel": "/boot/vmlinuz"},
    "memory_slots": {"memory_hotplug_max": "4GiB"},
}
FLAGS = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE


def values_of(option: str) -> st.SearchStrategy[Any]:
    """Return what a user may write for an option."""
    return devices_of(BY_OPTION[option]) if option in BY_OPTION else value_of(Machine.fields[option])


def blank() -> Any:
    """Return a new VM as libvirt tells it."""
    tree = blank_domain("web01", Platform("qemu", "x86_64", "q35"), "c7a5fdbd-cdaf-9455-926a-d65c16db1809")
    Machine.edit(tree, {"vcpus": 2, "memory": 2**30})
    return told(tree)


def told(tree: Any) -> Any:
    """Return a tree as libvirt tells it; libvirtError where it refuses it."""
    domain = connection().defineXML(to_xml(tree))
    try:
        return parse_xml(domain.XMLDesc(FLAGS))
    finally:
        domain.undefine()


def wish_of(option: str, value: Any) -> Wish:
    """Return a wish for one option; a value that is refused is none."""
    try:
        if option in BY_OPTION:
            wanted = BY_OPTION[option].wanted(value)
            return Wish({}, {option: [replace(device, extra={**IMAGE, **device.extra}) for device in wanted]})
        return Wish(Machine.normal({**BESIDE.get(option, {}), option: value}))
    except Refused:
        assume(False)
        raise


def reached(wish: Wish, tree: Any) -> Any:
    """Return a tree as it is wished for, as libvirt tells it; what is refused is no wish."""
    try:
        return told(wish.edited(tree)[0])
    except (Refused, libvirt.libvirtError):
        assume(False)
        raise


def managed(option: str, wish: Wish, tree: Any) -> Any:
    """Return of a tree what a wish is about, read."""
    if option in BY_OPTION:
        device = BY_OPTION[option]
        known = device.recognise(device.nodes(tree), wish.devices[option])
        return {
            item.name: {
                name: _named(device.read(known[item.name]).get(name), value) for name, value in item.fields.items()
            }
            for item in wish.devices[option]
        }
    return {name: _named(Machine.read(tree).get(name), value) for name, value in wish.machine.items()}


def _named(found: Any, wanted: Any) -> Any:
    if isinstance(wanted, dict):
        return {key: _named((found or {}).get(key), value) for key, value in wanted.items()}
    if isinstance(wanted, list) and wanted and isinstance(wanted[0], dict) and len(found or []) == len(wanted):
        # The same things may stand in another order.
        return [_named(entry, next((one for one in wanted if _same_thing(one, entry)), {})) for entry in found]
    return found


def _same_thing(wanted: dict[str, Any], found: dict[str, Any]) -> bool:
    first = next(iter(wanted), "")
    return wanted.get(first) == found.get(first)


@pytest.mark.parametrize("option", OPTIONS)
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_wish_is_reached_from_any_other(option: str, data: st.DataObject) -> None:
    first, second = (wish_of(option, data.draw(values_of(option))) for _wish in range(2))
    start = blank()
    after = reached(second, reached(first, start))
    assert [edit.summary for edit in second.edited(after)[1]] == []
    directly = reached(second, deepcopy(start))
    assert managed(option, second, after) == managed(option, second, directly)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_wishes_for_several_things_do_not_disturb_each_other(data: st.DataObject) -> None:
    options = data.draw(st.lists(st.sampled_from(OPTIONS), min_size=2, max_size=4, unique=True))
    first, second = (_together(options, data) for _wish in range(2))
    after = reached(second, reached(first, blank()))
    assert [edit.summary for edit in second.edited(after)[1]] == []


def _together(options: list[str], data: st.DataObject) -> Wish:
    """Return a random wish for several options."""
    wishes = [wish_of(option, data.draw(values_of(option))) for option in options]
    machine = {name: value for wish in wishes for name, value in wish.machine.items()}
    try:
        Machine.check(machine)
    except Refused:
        assume(False)
    return Wish(machine, {name: value for wish in wishes for name, value in wish.devices.items()})
