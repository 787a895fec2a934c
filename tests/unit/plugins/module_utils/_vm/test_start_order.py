# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the turn of each member of a fleet is, and how long the others wait for it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import fleet_specs, pause, rank

from tests.unit.plugins.module_utils._vm.table import planned, spec, state


def turns(*vms: dict[str, Any], **defaults: Any) -> list[str]:
    """Return the names of the members in the order of their turns."""
    params = {"vms": vms, "defaults": defaults, "fleet": None, "parallel": 1}
    return [member.name for member in sorted(fleet_specs(params), key=rank)]


ORDERS: list[tuple[list[dict[str, Any]], dict[str, Any], list[str]]] = [
    ([{"name": "a"}, {"name": "b"}], {"state": "running"}, ["a", "b"]),
    ([{"name": "a", "start_order": 2}, {"name": "b", "start_order": 1}], {"state": "running"}, ["b", "a"]),
    ([{"name": "a", "start_order": 2}, {"name": "b", "start_order": 1}], {"state": "stopped"}, ["a", "b"]),
    ([{"name": "a", "start_order": 2}, {"name": "b", "start_order": 1}], {"state": "absent"}, ["a", "b"]),
    ([{"name": "a", "start_order": 1}, {"name": "b", "start_order": 2}], {"state": "saved"}, ["b", "a"]),
    ([{"name": "a", "start_order": 1}, {"name": "b"}], {"start_order": 3, "state": "restarted"}, ["a", "b"]),
    ([{"name": "a", "start_order": 1}, {"name": "b", "start_order": -1}], {"state": "paused"}, ["b", "a"]),
    ([{"name": "a", "start_order": -3, "state": "running"}, {"name": "b", "state": "stopped"}], {}, ["b", "a"]),
    (
        [
            {"name": "a", "start_order": 1, "state": "running"},
            {"name": "b", "start_order": 1, "state": "stopped"},
            {"name": "c", "start_order": 2, "state": "absent"},
            {"name": "d"},
        ],
        {},
        ["c", "b", "d", "a"],
    ),
]


@pytest.mark.parametrize(("vms", "defaults", "names"), ORDERS)
def test_what_goes_down_goes_first_and_backwards(
    vms: list[dict[str, Any]], defaults: dict[str, Any], names: list[str]
) -> None:
    assert turns(*vms, **defaults) == names


PAUSES: list[tuple[str, dict[str, Any], float]] = [
    ("stopped", {"state": "running"}, 4),
    ("saved", {"state": "running"}, 4),
    ("running", {"state": "restarted"}, 4),
    ("running", {"state": "running"}, 0),
    ("running", {"state": "running", "vcpus": 2}, 0),
    ("running", {"state": "running", "vcpus": 2, "apply": "restart"}, 4),
    ("running", {"state": "stopped"}, 0),
    ("stopped", {"state": "present"}, 0),
    ("stopped", {"state": "paused"}, 0),
    ("stopped", {"state": "running", "boot_once": "cdrom"}, 4),
    ("stopped", {"state": "paused", "boot_once": "cdrom"}, 0),
    ("paused", {"state": "running"}, 0),
]


@pytest.mark.parametrize(("power", "params", "seconds"), PAUSES)
def test_others_wait_only_for_one_that_was_started(power: str, params: dict[str, Any], seconds: float) -> None:
    assert pause(spec(start_delay=4, **params), planned(state(power=power), **params)) == seconds
    assert pause(spec(**params), planned(state(power=power), **params)) == 0


@pytest.mark.parametrize("seconds", [-1, 10**9])
def test_nobody_waits_for_ever_or_backwards(seconds: int) -> None:
    with pytest.raises(Refused, match=r"VM 'web01': start_delay .* is out of range"):
        spec(start_delay=seconds)
