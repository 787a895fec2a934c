# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VM is given of its host: devices, directories, shared memory, leases, a socket, and modules of memory."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.filesystem import Daemon
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.registry import BY_OPTION
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.rom import Rom
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import to_xml

from tests.unit.plugins.module_utils._vm.host_devices.parts import ROOM, SHARED
from tests.unit.plugins.module_utils._vm.host_devices.registry import EDITED, LIVE, NEW, OPTIONS, OTHERS, REFUSED
from tests.unit.plugins.module_utils._vm.host_devices.vsock import vsock
from tests.unit.plugins.module_utils._vm.rows import called, option_of, options_in
from tests.unit.plugins.module_utils._vm.shapes import assert_valid, blank, converge, only, ordered, same, told
from tests.unit.plugins.module_utils._vm.table import planned, state, summaries

EVERY_NEW = pytest.mark.parametrize(("option", "params", "xml"), called(NEW, option_of))
# Of the others libvirt keeps no alias, or they are recognised without one.
NAMED = ("filesystems", "hostdevs", "memory_modules")


def entry(option: str, params: dict[str, Any]) -> Any:
    """Return what a user writes for an option with one entry."""
    return [params] if BY_OPTION[option].many else params


def made(option: str, params: dict[str, Any]) -> Any:
    """Return a VM with the device, which shares its memory and has room for more."""
    tree = blank(inside=SHARED + ROOM)
    (edit,) = converge(option, tree, BY_OPTION[option].wanted(entry(option, params)))
    assert edit.verb == "attach"
    return tree


@EVERY_NEW
def test_a_new_device(option: str, params: dict[str, Any], xml: str) -> None:
    tree = made(option, params)
    wanted = only(blank(xml), option)
    assert same(ordered(only(tree, option)), to_xml(ordered(wanted)))
    assert_valid(tree)


@EVERY_NEW
def test_libvirt_takes_it_and_its_facts_are_what_was_wanted(option: str, params: dict[str, Any], xml: str) -> None:
    device = BY_OPTION[option]
    tree = told(made(option, params))
    facts = device.device_facts(tree)
    (wanted,) = device.wanted(entry(option, params))
    given = device.normal(facts[0] if device.many else facts)
    assert [
        name for name, value in wanted.fields.items() if not device.fields[name].matches(given.get(name), value)
    ] == []
    assert converge(option, tree, [wanted]) == []
    assert converge(option, tree, device.wanted(facts)) == []


@pytest.mark.parametrize("option", NAMED)
def test_libvirt_keeps_the_name_of_a_device(option: str) -> None:
    params = next(params for other, params, _xml in NEW if other == option)
    tree = told(made(option, {**params, "name": "mine"}))
    (facts,) = BY_OPTION[option].device_facts(tree)
    assert facts["name"] == "mine"


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_is_among_them(option: str) -> None:
    every = [params for other, params, _xml in NEW if other == option]
    assert {name for params in every for name in params} == set(BY_OPTION[option].fields)
    groups: list[tuple[str, str, Any]] = [("filesystems", "daemon", Daemon), ("hostdevs", "rom", Rom)]
    for _option, group, element in [entry for entry in groups if entry[0] == option]:
        assert {name for params in every for name in params.get(group, {})} == set(element.fields)


@pytest.mark.parametrize(("option", "before", "params", "lines", "after"), called(EDITED, option_of))
def test_a_device_is_changed(option: str, before: str, params: dict[str, Any], lines: list[str], after: str) -> None:
    tree = blank(before, inside=SHARED + ROOM)
    wanted = BY_OPTION[option].wanted(entry(option, params))
    assert sorted(edit.summary for edit in converge(option, tree, wanted)) == sorted(lines)
    assert same(ordered(only(tree, option)), to_xml(ordered(only(blank(after), option))))
    assert converge(option, tree, wanted) == []


@pytest.mark.parametrize("option", [option for option in OPTIONS if BY_OPTION[option].many])
def test_a_list_is_all_of_it(option: str) -> None:
    xml = next(xml for other, _params, xml in NEW if other == option)
    tree = blank(xml, inside=SHARED + ROOM)
    (edit,) = converge(option, tree, BY_OPTION[option].wanted([]))
    assert (edit.verb, BY_OPTION[option].nodes(tree)) == ("detach", [])


def test_a_vsock_goes_where_it_is_not_wanted() -> None:
    tree = blank(vsock("auto='yes'"))
    (edit,) = converge("vsock", tree, BY_OPTION["vsock"].wanted({"enabled": False}))
    assert (edit.verb, tree.find("devices/vsock")) == ("detach", None)


@pytest.mark.parametrize(("option", "xml"), called(OTHERS, option_of))
def test_devices_of_other_kinds_are_left_alone(option: str, xml: str) -> None:
    tree = blank(xml)
    assert BY_OPTION[option].device_facts(tree) == []
    assert converge(option, tree, BY_OPTION[option].wanted([])) == []


@pytest.mark.parametrize(("option", "params", "why"), called(REFUSED, option_of))
def test_what_can_never_be_is_refused(option: str, params: Any, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        converge(option, blank(inside=SHARED + ROOM), BY_OPTION[option].wanted(params))
    assert why in str(refusal.value)


@pytest.mark.parametrize(("devices", "params", "lines"), called(LIVE, options_in))
def test_what_a_running_vm_takes_over(devices: str, params: dict[str, Any], lines: list[str]) -> None:
    plan = planned(state(devices, SHARED + ROOM, power="running"), **params)
    assert sorted(summaries(plan)) == sorted(lines)
    assert bool(plan.restart_required) == any(line.endswith("[next_boot]") for line in lines)
