# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all VMs of a host say, now and after their next start, and who has a card in a network by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._domains import domain_trees, running_trees
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import NO_DOMAIN, Hypervisor, hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.state import Guests, network_guests

CARD = "<interface type='network'><source network='lan'/></interface>"
OTHER = CARD.replace("lan", "default")
GUEST = """<domain type='test'><name>guest</name><uuid>9a05da11-e96b-47f3-8253-a3a482e445f5</uuid>
<memory>1024</memory><os><type>hvm</type></os><devices>{}</devices></domain>"""


@pytest.fixture
def host() -> Iterator[Hypervisor]:
    """Return libvirt's test driver, whose VM is the guest alone."""
    with hypervisor("test:///default") as opened:
        for domain in opened.connection.listAllDomains():
            domain.destroy()
            domain.undefine()
        yield opened


@pytest.mark.parametrize(
    ("live", "configured", "expected"),
    [
        (None, CARD, Guests(defined=("guest",))),
        (CARD, CARD, Guests(defined=("guest",), running=("guest",))),
        (CARD, "", Guests(defined=("guest",), running=("guest",))),
        (CARD, None, Guests(defined=("guest",), running=("guest",))),
        ("", CARD, Guests(defined=("guest",))),
        (OTHER, OTHER, Guests()),
        ("", "", Guests()),
    ],
)
def test_a_network_has_the_guests_that_need_it_now_or_later(
    host: Hypervisor, live: str | None, configured: str | None, expected: Guests
) -> None:
    if live is not None:
        host.connection.createXML(GUEST.format(live))
    if configured is not None:
        host.connection.defineXML(GUEST.format(configured))
    assert network_guests(host, "lan") == expected


def test_a_running_domain_is_told_of_twice(host: Hypervisor) -> None:
    host.connection.createXML(GUEST.format(CARD))
    host.connection.defineXML(GUEST.format(OTHER))
    networks = [[source.get("network") for source in tree.iter("source")] for tree in domain_trees(host)]
    assert networks == [["lan"], ["default"]]
    assert [tree.get("id") for tree in domain_trees(host)] == [running_trees(host)[0].get("id"), None]


class Gone:
    """A domain that is undefined between the list and the question; the test driver has no moment for it."""

    def name(self) -> str:
        return "gone"

    def XMLDesc(self, _flags: int) -> str:
        error = libvirt.libvirtError("no domain")
        error.err = (NO_DOMAIN, 10, "Domain not found", 2, "", None, None, -1, -1)
        raise error


def test_a_domain_that_goes_meanwhile_is_left_out(host: Hypervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    domains: list[Any] = [Gone()]
    monkeypatch.setattr(host.connection, "listAllDomains", lambda _which: domains)
    assert domain_trees(host) == running_trees(host) == []
