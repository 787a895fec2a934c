# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that a guest is told to use, which are no part of its network card."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.interface import Interface

from tests.unit.plugins.module_utils._vm.nics.parts import card, on
from tests.unit.plugins.module_utils._vm.rows import called, options_in
from tests.unit.plugins.module_utils._vm.shapes import blank, converge

STATIC: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"dhcp": False}, {"dhcp": False}),
    ({"ip": []}, {"ip": []}),
    (
        {"ip": ["192.0.2.5/255.255.255.0", " 2001:DB8:0::5/64"], "gateway": ["192.0.2.1", "FE80::1"], "dns": ["::1"]},
        {"ip": ["192.0.2.5/24", "2001:db8::5/64"], "gateway": ["192.0.2.1", "fe80::1"], "dns": ["::1"]},
    ),
    ({"ip": ["192.0.2.5/32"], "gateway": ["198.51.100.1"]}, {"ip": ["192.0.2.5/32"], "gateway": ["198.51.100.1"]}),
    ({"ip": ["192.0.2.4/31"], "dhcp": True}, {"ip": ["192.0.2.4/31"], "dhcp": True}),
]


@pytest.mark.parametrize(("said", "extra"), called(STATIC, options_in))
def test_addresses_are_kept_in_the_spelling_of_the_standards(said: dict[str, Any], extra: dict[str, Any]) -> None:
    (wanted,) = Interface.wanted(on(**said))
    assert dict(wanted.extra) == extra


def test_addresses_stand_in_no_xml() -> None:
    tree = blank(card())
    assert converge("nics", tree, Interface.wanted(on(ip=["192.0.2.5/24"], dhcp=True))) == []
