# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where running guests are reached."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.addresses import find_addresses

MAC, OTHER = "52:54:00:00:00:01", "52:54:00:00:00:02"
ALL = ("lease", "agent", "arp")
NUMBERS = {0: "lease", 1: "agent", 2: "arp"}


def cards(*known: tuple[str, str]) -> dict[str, Any]:
    """Return what virDomainInterfaceAddresses answers."""
    return {f"eth{number}": {"hwaddr": mac, "addrs": [{"addr": ip}]} for number, (mac, ip) in enumerate(known)}


@dataclass
class Guest:
    """A running domain: what each source knows of it; its agent may hang until it is released."""

    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    agent: str = "connected"
    hangs: bool = False
    release: threading.Event = field(default_factory=threading.Event)

    def XMLDesc(self, _flags: int) -> str:
        end = f"<target name='org.qemu.guest_agent.0' state='{self.agent}'/>"
        return f"<domain><devices><channel>{end}</channel></devices></domain>"

    def interfaceAddresses(self, number: int) -> dict[str, Any]:
        source = NUMBERS[number]
        if source == "agent" and self.hangs:
            self.release.wait(20)
        if source not in self.sources:
            raise libvirt.libvirtError("not known")
        return self.sources[source]


@dataclass
class Connection:
    """A connection whose networks have these leases; None where the driver cannot list them."""

    leases: Sequence[tuple[str, str]] | None = ()

    def listAllNetworks(self, _flags: int) -> list[Connection]:
        return [self]

    def DHCPLeases(self) -> list[dict[str, str]]:
        if self.leases is None:
            raise libvirt.libvirtError("not supported")
        return [{"mac": mac, "ipaddr": ip} for mac, ip in self.leases]


def find(connection: Connection, guest: Guest, sources: Sequence[str] = ALL, seconds: float = 20) -> Any:
    found, silent = find_addresses(connection, {"a": guest}, {"a": [MAC, OTHER]}, sources, time.monotonic() + seconds)
    return found.get("a"), silent


EVERYWHERE = {source: cards((MAC, f"10.0.{number}.1")) for number, source in NUMBERS.items()}
FOUND = {
    "the lease of its card": (Connection([(MAC.upper(), "10.9.9.9")]), Guest(EVERYWHERE), ALL, {MAC: ["10.9.9.9"]}),
    "IPv4 first": (
        Connection([(MAC, "2001:db8::1"), (MAC, "10.0.0.1"), (MAC, "fe80::1")]),
        Guest(),
        ALL,
        {MAC: ["10.0.0.1", "2001:db8::1"]},
    ),
    "another's lease": (Connection([("52:54:00:00:00:99", "10.0.0.1")]), Guest(), ALL, None),
    "no list of leases": (Connection(None), Guest(EVERYWHERE), ALL, {MAC: ["10.0.0.1"]}),
    "the agent": (Connection(), Guest(EVERYWHERE), ALL, {MAC: ["10.0.1.1"]}),
    "an agent that is not there": (Connection(), Guest(EVERYWHERE, agent="disconnected"), ALL, {MAC: ["10.0.2.1"]}),
    "another order": (Connection([(MAC, "10.9.9.9")]), Guest(EVERYWHERE), ("arp", "lease"), {MAC: ["10.0.2.1"]}),
    "nothing asked": (Connection([(MAC, "10.9.9.9")]), Guest(EVERYWHERE), (), None),
    "no bridge for containers": (
        Connection(),
        Guest({"agent": cards(("02:42:00:00:00:01", "172.17.0.1"), (OTHER, "10.0.0.2"))}),
        ALL,
        {OTHER: ["10.0.0.2"]},
    ),
    "cards in their order": (
        Connection(),
        Guest({"agent": cards((OTHER, "10.0.0.2"), (MAC, "10.0.0.1"))}),
        ALL,
        {MAC: ["10.0.0.1"], OTHER: ["10.0.0.2"]},
    ),
    "what is no address": (
        Connection(),
        Guest({"agent": cards((MAC, "{{ evil }}"), (OTHER, "10.0.0.2"))}),
        ALL,
        {OTHER: ["10.0.0.2"]},
    ),
    "a VLAN on its card": (
        Connection(),
        Guest({"agent": cards((MAC, "10.0.0.1"), (MAC, "10.1.0.1"))}),
        ALL,
        {MAC: ["10.0.0.1", "10.1.0.1"]},
    ),
}


@pytest.mark.parametrize(("connection", "guest", "sources", "expected"), FOUND.values(), ids=list(FOUND))
def test_find(connection: Connection, guest: Guest, sources: Sequence[str], expected: Any) -> None:
    found, silent = find(connection, guest, sources)
    assert found == expected
    assert silent == []
    assert found is None or list(found) == list(expected)


@pytest.fixture
def hanging() -> Iterator[Guest]:
    guest = Guest({}, hangs=True)
    yield guest
    guest.release.set()


def test_an_agent_that_hangs_is_not_waited_for(hanging: Guest) -> None:
    began = time.monotonic()
    assert find(Connection(), hanging, seconds=1) == (None, ["a"])
    assert time.monotonic() - began < 3


def test_the_arp_table_is_asked_after_an_agent_that_hangs(hanging: Guest) -> None:
    hanging.sources["arp"] = cards((MAC, "10.0.2.1"))
    assert find(Connection(), hanging, seconds=1) == ({MAC: ["10.0.2.1"]}, [])
