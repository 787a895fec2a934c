# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people see, hear and type, and small devices: from options to XML, through libvirt, to facts and back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.chardev import Source
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.registry import BY_OPTION
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.domain import Platform, blank_domain
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.machine import Machine
from lxml import etree

from tests.unit.plugins.module_utils._vm.gadgets.graphics import SECRET
from tests.unit.plugins.module_utils._vm.gadgets.parts import AGENT, MIRROR, SERIAL
from tests.unit.plugins.module_utils._vm.gadgets.registry import EDITED, LIVE, MADE, REFUSED
from tests.unit.plugins.module_utils._vm.host_devices import registry as host_devices
from tests.unit.plugins.module_utils._vm.rows import called, option_of, options_in
from tests.unit.plugins.module_utils._vm.shapes import told
from tests.unit.plugins.module_utils._vm.shelf import (
    UNKNOWN,
    again,
    converge,
    inside,
    made,
    named_in,
    names_of,
    written,
)
from tests.unit.plugins.module_utils._vm.table import domain, planned, state, summaries

SCHEMA = Path("/usr/share/libvirt/schemas/domain.rng")
rows = pytest.mark.parametrize(("option", "params", "before", "after"), called(MADE, option_of))
known_rows = pytest.mark.parametrize(
    ("option", "params", "before", "after"), called([row for row in MADE if row[0] not in UNKNOWN], option_of)
)


@rows
def test_what_is_made(option: str, params: Any, before: str, after: str) -> None:
    assert inside(made(option, params, before)) == written(after)


@rows
def test_facts_of_what_was_made_change_nothing(option: str, params: Any, before: str, after: str) -> None:
    tree = domain(after)
    assert again(option, tree) == []
    assert inside(tree) == written(after)


@known_rows
def test_it_is_at_rest_as_libvirt_tells_it(option: str, params: Any, before: str, after: str) -> None:
    tree = told(domain(after))
    assert converge(option, tree, params) == []
    assert again(option, tree) == []


@pytest.fixture(scope="module")
def schema() -> Any:
    assert SCHEMA.exists(), f"{SCHEMA} is missing; install libvirt-dev, whose libvirt0 brings it (see bindep.txt)."
    return etree.RelaxNG(etree.parse(str(SCHEMA)))


@known_rows
def test_the_schema_knows_it(schema: Any, option: str, params: Any, before: str, after: str) -> None:
    schema.assertValid(domain(after))


@pytest.mark.parametrize(("option", "params", "before", "edits", "after"), called(EDITED, option_of))
def test_what_is_changed(option: str, params: Any, before: str, edits: list[str], after: str) -> None:
    tree = domain(before)
    assert sorted(converge(option, tree, params)) == sorted(edits)
    assert inside(tree) == written(after if edits else before)
    assert converge(option, tree, params) == []


# What others have too, and is tried with them.
SHARED = {"smartcards": set(Source.fields)}
# What has rows elsewhere, and a test like this one beside them.
ELSEWHERE = {"cdroms", "controllers", "disks", "floppies", "nics", *host_devices.OPTIONS}


@pytest.mark.parametrize("option", sorted(BY_OPTION.keys() - ELSEWHERE))
def test_every_option_is_made_or_changed(option: str) -> None:
    device = BY_OPTION[option]
    tried = [case[1] for case in (*MADE, *EDITED) if case[0] == option]
    entries = [entry for params in tried for entry in (params if device.many else [params])]
    named = {name for entry in entries for name in named_in(entry, device)}
    assert set(device.sub_options()) | names_of(device) == named | SHARED.get(option, set())


@pytest.mark.parametrize(("option", "params", "devices", "sentence"), called(REFUSED, option_of))
def test_what_can_never_be_is_refused(option: str, params: Any, devices: str, sentence: str) -> None:
    with pytest.raises(Refused, match=re.escape(sentence)):
        converge(option, domain(devices), params)


@pytest.mark.parametrize(("params", "devices", "lines", "waiting"), called(LIVE, options_in))
def test_what_a_running_vm_takes_over(
    params: dict[str, Any], devices: str, lines: list[str], waiting: list[str]
) -> None:
    plan = planned(state(devices, power="running"), **params)
    assert sorted(summaries(plan)) == lines
    assert sorted(plan.restart_required) == sorted(waiting)


# What was left to libvirt, its configuration does not say, and the running VM says what was chosen.
CHOSEN: list[tuple[dict[str, Any], str, str]] = [
    (
        {"channels": [{"target_name": "org.a", "path": ""}]},
        "<channel type='unix'><target type='virtio' name='org.a'/></channel>",
        "<channel type='unix'><source mode='bind' path='/chosen'/><target type='virtio' name='org.a'/></channel>",
    ),
    (
        {"graphics": [{"port": -1, "listen": {"address": ""}}]},
        "<graphics type='vnc' port='-1' autoport='yes'><listen type='address'/></graphics>",
        (
            "<graphics type='vnc' port='5903' autoport='yes' listen='127.0.0.1'>"
            "<listen type='address' address='127.0.0.1'/></graphics>"
        ),
    ),
    (
        {"graphics": [{"websocket": -1, "port": 5903, "listen": {"network": "lan"}}]},
        (
            "<graphics type='vnc' port='5903' autoport='no' websocket='-1'>"
            "<listen type='network' network='lan'/></graphics>"
        ),
        (
            "<graphics type='vnc' port='5903' autoport='no' websocket='5700' listen='192.0.2.1'>"
            "<listen type='network' address='192.0.2.1' network='lan'/></graphics>"
        ),
    ),
    (
        {"graphics": [{"type": "spice", "listen": {"socket": ""}}]},
        "<graphics type='spice'><listen type='socket'/></graphics>",
        "<graphics type='spice'><listen type='socket' socket='/chosen'/></graphics>",
    ),
]


@pytest.mark.parametrize(("params", "config", "live"), called(CHOSEN, options_in))
def test_what_libvirt_chose_is_no_difference(params: dict[str, Any], config: str, live: str) -> None:
    plan = planned(state(config, power="running", live=live), **params)
    assert (summaries(plan), plan.restart_required) == ([], [])


@pytest.mark.parametrize("telling", [lambda tree: tree, told], ids=["as it is made", "as libvirt tells it"])
def test_a_new_vm_is_told_so_that_it_can_be_given_back(telling: Any) -> None:
    blank = blank_domain("web01", Platform("qemu", "x86_64", "q35"))
    Machine.edit(blank, {"vcpus": 1, "memory": GIB})
    tree = telling(blank)
    told_of = {option: device.device_facts(tree) for option, device in BY_OPTION.items()}
    assert {option: converge(option, tree, facts) for option, facts in told_of.items() if facts} == {
        option: [] for option, facts in told_of.items() if facts
    }
    assert told_of["graphics"] == [{"type": "vnc", "port": -1, "listen": {"type": "address", "address": "127.0.0.1"}}]
    assert told_of["guest_agent"] == {"enabled": True}
    assert told_of["balloon"] == {"enabled": True, "model": "virtio", "stats_period": 10}
    assert told_of["rngs"] == [{"model": "virtio", "backend": "random", "device": "/dev/urandom"}]
    assert told_of["serials"] == [{"type": "pty", "port": 0}]
    assert [video["model"] for video in told_of["videos"]] == ["vga"]
    for option in ("channels", "consoles", "inputs", "sounds", "panics", "redirdevs", "smartcards"):
        assert told_of[option] == []


def test_what_every_pc_has_is_no_fact() -> None:
    own = "<input type='tablet' bus='usb'/><input type='mouse' bus='ps2'/><input type='keyboard' bus='ps2'/>"
    assert BY_OPTION["inputs"].device_facts(domain(own)) == [{"type": "tablet", "bus": "usb"}]
    assert BY_OPTION["consoles"].device_facts(domain(SERIAL + MIRROR)) == []
    assert BY_OPTION["channels"].device_facts(domain(AGENT)) == []
    assert BY_OPTION["watchdog"].device_facts(domain("<watchdog model='itco' action='reset'/>")) == {"enabled": False}
    assert BY_OPTION["videos"].device_facts(domain("<video><model type='none'/></video>")) == []
    assert BY_OPTION["balloon"].device_facts(domain("<memballoon model='none'/>")) == {"enabled": False}


def test_the_password_is_no_fact_and_in_no_repr() -> None:
    device = BY_OPTION["graphics"]
    assert device.device_facts(domain(SECRET)) == [
        {"type": "vnc", "port": -1, "password_valid_until": "2030-01-01T00:00:00"}
    ]
    assert "top-secret" not in repr(device.wanted([{"type": "spice", "password": "top-secret"}]))
