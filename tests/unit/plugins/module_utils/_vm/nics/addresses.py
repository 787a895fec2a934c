# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that a guest is told to use."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.nics.parts import Edited, Live, New, Unfit

NEW: list[New] = []

EDITED: list[Edited] = []

REFUSED: list[Unfit] = [
    ({"ip": ["192.0.2.5"]}, "no address with a prefix; write 192.0.2.5/24"),
    ({"ip": ["192.0.2.300/24"]}, "no address with a prefix"),
    ({"ip": ["192.0.2.0/24"]}, "which no card can have"),
    ({"ip": ["192.0.2.255/24"]}, "which no card can have"),
    ({"ip": ["224.0.0.1/24"]}, "which no card can have"),
    ({"ip": ["192.0.2.5/24", "192.0.2.5/24"]}, "'192.0.2.5/24' twice in 'ip'"),
    ({"gateway": ["192.0.2.1"]}, "in the network of none of its addresses"),
    ({"ip": ["192.0.2.5/24"], "gateway": ["198.51.100.1"]}, "in the network of none of its addresses"),
    ({"ip": ["192.0.2.5/24"], "gateway": ["fe80::1"]}, "in the network of none of its addresses"),
    ({"ip": ["192.0.2.5/24"], "gateway": ["192.0.2.5"]}, "has the address 192.0.2.5 itself"),
    ({"ip": ["192.0.2.5/24"], "gateway": ["192.0.2.1", "192.0.2.2"]}, "two gateways for IPv4"),
    ({"ip": ["192.0.2.5/24"], "gateway": ["router"]}, "the gateway 'router', which is no IP address"),
    ({"dns": ["ns.example.org"]}, "the dns 'ns.example.org', which is no IP address"),
]

LIVE: list[Live] = []
