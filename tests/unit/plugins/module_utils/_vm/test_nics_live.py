# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a network card that runs takes over, and how libvirt tells of it and is told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.card_live import as_configured
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.interface import Interface
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.nics.parts import BRIDGED, MAC, OVS_PORT, card, on
from tests.unit.plugins.module_utils._vm.nics.registry import LIVE
from tests.unit.plugins.module_utils._vm.rows import called, options_in
from tests.unit.plugins.module_utils._vm.shapes import blank, same
from tests.unit.plugins.module_utils._vm.table import planned, state, summaries


@pytest.mark.parametrize(("current", "params", "lines"), called(LIVE, options_in))
def test_what_a_running_card_takes_over(current: Any, params: dict[str, Any], lines: list[str]) -> None:
    plan = planned(current, nics=[{"name": "c", **params}])
    assert sorted(summaries(plan)) == sorted(f"set NIC c {line}" for line in lines)
    waiting = any(line.endswith("[next_boot]") for line in lines)
    assert bool(plan.restart_required) == waiting


# How libvirt tells of a running card that its network has put on a bridge, on Open vSwitch, on a device of the host.
GIVEN = "portid='f4e86ec9-8696-4502-b467-b94884bdf68a'"
NAT = card(source=f"network='lan' {GIVEN} bridge='virbr0'").replace("<model", "<target dev='vnet0'/><model")
BRIDGE = card(source=f"network='lan' {GIVEN} bridge='br0'", kind="bridge")
DEVICE = card(source=f"network='lan' {GIVEN} dev='eth0' mode='bridge'", kind="direct")
TAGGED = "<vlan><tag id='10'/></vlan><bandwidth><inbound average='77'/></bandwidth>"
SWITCH = card(OVS_PORT + TAGGED, source=f"network='lan' portgroup='p10' {GIVEN} bridge='ovs0'", kind="bridge")


@pytest.mark.parametrize("live", [NAT, BRIDGE, DEVICE])
def test_a_card_stays_on_its_network_whatever_that_has_made_of_it(live: str) -> None:
    there = state(card(), live=live, power="running")
    assert summaries(planned(there, nics=on())) == []
    assert Interface.facts(parse_xml(live)) == {"network": "lan", "model": "virtio", "mac": MAC}


# What a port group gives is told like the card's own; a card that names it none has nothing to say against it.
@pytest.mark.parametrize("said", [{"vlan": {"tags": []}}, {"bandwidth": {"inbound": {"average": 0}}}])
def test_what_a_port_group_gives_is_not_taken_away(said: dict[str, Any]) -> None:
    there = state(card(OVS_PORT, source="network='lan' portgroup='p10'"), live=SWITCH, power="running")
    assert summaries(planned(there, nics=on(portgroup="p10", **said))) == []


# A running card, the card in the configuration, and how libvirt is told of it.
TOLD: list[tuple[str, str, str]] = [
    (NAT, card(), card().replace("<model", "<target dev='vnet0'/><model")),
    (BRIDGE, card(), card()),
    (DEVICE, card(), card()),
    (SWITCH, card(), card(OVS_PORT, source="network='lan' portgroup='p10'")),
    (SWITCH, card(TAGGED), card(OVS_PORT + TAGGED, source="network='lan' portgroup='p10'")),
    (card(TAGGED, **BRIDGED), card(**BRIDGED), card(TAGGED, **BRIDGED)),
    (SWITCH, "", card(OVS_PORT + TAGGED, source="network='lan' portgroup='p10'")),
]


@pytest.mark.parametrize(("live", "config", "described"), TOLD)
def test_libvirt_is_told_of_a_running_card_as_its_configuration_does(live: str, config: str, described: str) -> None:
    node = parse_xml(live)
    as_configured(node, blank(config))
    assert same(node, described)
