# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libvirt is told when changes to networks are carried out, and what stops them.

A stand-in listens: libvirt's test driver does not tell what it was told of entries, and is on no host with bridges.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._network import changes
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.changes import (
    ADD,
    CHANGE,
    REMOVE,
    DefineNetwork,
    EditNetwork,
    UpdateEntry,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.definition import Definition
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.entries import Entry
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.spec import NetworkSpec
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils.stand_in import StandIn

DEFINED = (
    "<network><name>n</name><ip address='198.51.100.1' prefix='24'/><ip address='192.0.2.1' prefix='24'><dhcp>"
    "<host mac='52:54:00:00:00:01' ip='192.0.2.8'><lease expiry='5'/></host></dhcp></ip></network>"
)
# What runs on as it was before an address came.
RUNNING = DEFINED.replace("<ip address='198.51.100.1' prefix='24'/>", "").replace("'5'", "'9'")
ADDRESS = "192.0.2.1/24"


def entries(**options: Any) -> dict[str, Entry]:
    """Return entries as the options make them, by their kinds."""
    said = {"ip": [{"address": ADDRESS, "dhcp": options}], "dns": {"hosts": [{"ip": "192.0.2.1", "names": ["gw"]}]}}
    return {entry.kind: entry for entry in NetworkSpec.from_params({"name": "n", **said}).entries}


MADE = entries(
    hosts=[{"mac": "52:54:00:00:00:01", "ip": "192.0.2.9"}], ranges=[{"start": "192.0.2.100", "end": "192.0.2.200"}]
)
HOST, RANGE, NAME = MADE[changes.HOST], MADE[changes.RANGE], MADE[changes.NAME]

LIVE, CONFIG = libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE, libvirt.VIR_NETWORK_UPDATE_AFFECT_CONFIG
ADDED, DELETED = libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, libvirt.VIR_NETWORK_UPDATE_COMMAND_DELETE
MODIFIED = libvirt.VIR_NETWORK_UPDATE_COMMAND_MODIFY
HOSTS, RANGES = libvirt.VIR_NETWORK_SECTION_IP_DHCP_HOST, libvirt.VIR_NETWORK_SECTION_IP_DHCP_RANGE
NAMES = libvirt.VIR_NETWORK_SECTION_DNS_HOST


def updated(change: UpdateEntry, active: bool = True) -> list[tuple[Any, ...]]:
    """Return what libvirt is told: command, section, place among the addresses, flag, and what is beside our values."""
    network = StandIn(
        isActive=int(active), isPersistent=1, XMLDesc=lambda flags: DEFINED if flags == 1 or not active else RUNNING
    )
    change.carry_out(Hypervisor(StandIn(networkLookupByName=network), "fake:///"))
    return [
        (command, section, position, flag, [lease.get("expiry") for lease in parse_xml(xml).iter("lease")])
        for _call, command, section, position, xml, flag in network.told
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (UpdateEntry("n", ADD, HOST), [(ADDED, HOSTS, 1, CONFIG, [])]),
        (UpdateEntry("n", REMOVE, RANGE), [(DELETED, RANGES, 1, CONFIG, [])]),
        (UpdateEntry("n", ADD, NAME), [(ADDED, NAMES, -1, CONFIG, [])]),
        (UpdateEntry("n", CHANGE, HOST), [(MODIFIED, HOSTS, 1, CONFIG, ["5"])]),
        # The definition comes first, and an address may have another place in what runs.
        (UpdateEntry("n", ADD, HOST, live=True), [(ADDED, HOSTS, 1, CONFIG, []), (ADDED, HOSTS, 0, LIVE, [])]),
        (
            UpdateEntry("n", CHANGE, HOST, live=True),
            [(MODIFIED, HOSTS, 1, CONFIG, ["5"]), (MODIFIED, HOSTS, 0, LIVE, ["9"])],
        ),
        (UpdateEntry("n", ADD, HOST, live=True, config=False), [(ADDED, HOSTS, 0, LIVE, [])]),
    ],
)
def test_an_entry_is_told_once_to_each_side_that_lacks_it(change: UpdateEntry, told: list[tuple[Any, ...]]) -> None:
    assert updated(change) == told


def test_what_an_entry_does_not_say_any_more_goes() -> None:
    named = DEFINED.replace(" ip='192.0.2.8'", " name='old' ip='192.0.2.8'")
    network = StandIn(isActive=0, XMLDesc=named)
    UpdateEntry("n", CHANGE, HOST).carry_out(Hypervisor(StandIn(networkLookupByName=network), "fake:///"))
    ((_call, _command, _section, _position, xml, _flag),) = network.told
    assert dict(parse_xml(xml).attrib) == {"mac": "52:54:00:00:00:01", "ip": "192.0.2.9"}


def test_a_network_that_was_stopped_meanwhile_needs_its_definition_only() -> None:
    assert updated(UpdateEntry("n", ADD, HOST, live=True), active=False) == [(ADDED, HOSTS, 1, CONFIG, [])]


@pytest.mark.parametrize(("bridge", "missing"), [("br0", True), ("br0", False), (None, True)])
def test_no_network_hands_out_a_bridge_that_is_not_there(
    bridge: str | None, missing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "bridge_missing", lambda _host, _bridge: missing)
    network = StandIn(XMLDesc=DEFINED)
    (edit,) = Definition.edit(parse_xml(DEFINED), {"mtu": 1400})
    for change in (
        DefineNetwork("n", DEFINED, {}, bridge),
        EditNetwork("n", edit, {"mtu": 1400}, bridge=bridge),
    ):
        connection = StandIn(networkLookupByName=network)
        stops = bool(bridge and missing)
        with pytest.raises(KvmError, match="Network 'n' needs the bridge br0") if stops else nullcontext():
            change.carry_out(Hypervisor(connection, "fake:///"))
        assert [call for call, *_arguments in connection.told] == ([] if stops else ["networkDefineXML"])
