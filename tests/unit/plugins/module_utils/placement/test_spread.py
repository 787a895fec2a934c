# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VM goes to which host."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._placement.spread import spread
from hypothesis import given
from hypothesis import strategies as st

HOSTS = ["h1", "h2", "h3"]


def vms(*names: str) -> list[dict[str, Any]]:
    """Return VMs; "a@h2" is pinned to h2, "-a" shall be absent."""
    found = []
    for written in names:
        name, _at, pin = written.lstrip("-").partition("@")
        found.append(
            {"name": name, **({"host": pin} if pin else {}), **({"state": "absent"} if written[0] == "-" else {})}
        )
    return found


def names(placed: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Return the names of each host's VMs as one text."""
    return {host: " ".join(vm["name"] for vm in found) for host, found in placed.items()}


PLACED = {
    "nothing": ([], {}, [], {"h1": "", "h2": "", "h3": ""}),
    "one after the other": (vms("a", "b", "c", "d"), {}, [], {"h1": "a d", "h2": "b", "h3": "c"}),
    "to the emptiest": (vms("a", "b"), {"h1": ["x", "y"], "h2": ["z"]}, [], {"h1": "", "h2": "b", "h3": "a"}),
    "where it is": (vms("a", "b"), {"h3": ["a", "b"]}, [], {"h1": "", "h2": "", "h3": "a b"}),
    "pinned": (vms("a@h3", "b", "c", "d"), {}, [], {"h1": "b d", "h2": "c", "h3": "a"}),
    "pins count before others": (vms("a", "b", "c@h1"), {}, [], {"h1": "c", "h2": "a", "h3": "b"}),
    "pinned where it is": (vms("a@h2"), {"h2": ["a"]}, [], {"h1": "", "h2": "a", "h3": ""}),
    "absent takes no room": (vms("-a", "b"), {}, [], {"h1": "a b", "h2": "", "h3": ""}),
    "absent where it is": (vms("-a"), {"h2": ["a"]}, [], {"h1": "", "h2": "a", "h3": ""}),
    "silent host, all known": (vms("a", "b@h2"), {"h1": ["a"]}, ["h3"], {"h1": "a", "h2": "b"}),
    "an empty pin is none": ([{"name": "a", "host": None}], {}, [], {"h1": "a", "h2": "", "h3": ""}),
    "a VM named twice counts once": (
        vms("a"),
        {"h1": ["x", "x"], "h2": ["y"], "h3": ["z"]},
        [],
        {"h1": "a", "h2": "", "h3": ""},
    ),
}


@pytest.mark.parametrize(("wanted", "existing", "silent", "expected"), PLACED.values(), ids=list(PLACED))
def test_place(wanted: Any, existing: Any, silent: Any, expected: Any) -> None:
    assert names(spread(wanted, HOSTS, existing, silent)) == expected


REFUSED = {
    "on two hosts": (vms("a"), {"h1": ["a"], "h3": ["a"]}, [], ["'a' exists on h1 and on h3"]),
    "may be on a silent host": (vms("a", "b"), {"h1": ["b"]}, ["h3"], ["'a' may exist on h3"]),
    "absent may be there too": (vms("-a"), {}, ["h3"], ["'a' may exist on h3"]),
    "pinned to a silent host": (vms("a@h3"), {}, ["h3"], ["'a' belongs on h3, which does not answer"]),
    "known on a silent host": (vms("a"), {"h3": ["a"]}, ["h3"], ["'a' belongs on h3, which does not answer"]),
    "pinned to a stranger": (vms("a@h9"), {}, [], ["'a' belongs on h9", "h1, h2, h3"]),
    "lives on a stranger": (vms("a"), {"h9": ["a"]}, [], ["'a' belongs on h9"]),
    "pinned elsewhere": (vms("a@h1"), {"h2": ["a"]}, [], ["'a' is pinned to h1 and exists on h2"]),
    "twice in the list": (vms("a", "a"), {}, [], ["'a' is in the list more than once"]),
    "without a name": ([{"state": "running"}], {}, [], ["number 1"]),
    "no host at all": (vms("a"), {}, HOSTS, ["No host answers"]),
    "every problem is told": (vms("a@h9", "b@h8"), {}, [], ["'a'", "'b'"]),
}


@pytest.mark.parametrize(("wanted", "existing", "silent", "words"), REFUSED.values(), ids=list(REFUSED))
def test_refuse(wanted: Any, existing: Any, silent: Any, words: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        spread(wanted, HOSTS, existing, silent)
    assert [word for word in words if word not in str(caught.value)] == []


def test_what_else_a_vm_has_is_handed_on_without_its_host() -> None:
    placed = spread([{"name": "a", "host": "h2", "memory": "1GiB", "tags": ["x"]}], HOSTS, {}, [])
    assert placed["h2"] == [{"name": "a", "memory": "1GiB", "tags": ["x"]}]


def test_the_second_run_moves_nothing() -> None:
    wanted = vms("a", "b", "c@h1", "d", "e")
    first = names(spread(wanted, HOSTS, {"h2": ["x", "y"]}, []))
    existing = {host: [*found.split(), *(["x", "y"] if host == "h2" else [])] for host, found in first.items()}
    assert names(spread(wanted, HOSTS, existing, [])) == first


VM_NAMES = st.lists(st.text("abcdef", min_size=1, max_size=3), unique=True, max_size=25)


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[str], list[str], dict[str, list[str]]]:
    """Return VMs, hosts, and where some of the VMs and some others are."""
    wanted = draw(VM_NAMES)
    hosts = [f"h{number}" for number in range(draw(st.integers(1, 5)))]
    homes = {name: draw(st.sampled_from(["", *hosts])) for name in [*wanted, *draw(VM_NAMES)]}
    return wanted, hosts, {host: [name for name, home in homes.items() if home == host] for host in hosts}


@given(situations())
def test_every_vm_has_one_place_and_none_that_exists_moves(situation: Any) -> None:
    wanted, hosts, existing = situation
    placed = spread(vms(*wanted), hosts, existing, [])
    assert sorted(vm["name"] for found in placed.values() for vm in found) == sorted(wanted)
    homes = {vm["name"]: host for host, found in placed.items() for vm in found}
    moved = [name for host, found in existing.items() for name in found if homes.get(name, host) != host]
    assert moved == []


@given(VM_NAMES, st.integers(1, 6))
def test_an_empty_datacenter_is_filled_evenly(wanted: list[str], count: int) -> None:
    placed = spread(vms(*wanted), [f"h{number}" for number in range(count)], {}, [])
    sizes = [len(found) for found in placed.values()]
    assert max(sizes) - min(sizes) <= 1


@given(situations())
def test_new_vms_never_go_to_a_host_that_is_fuller_than_another(situation: Any) -> None:
    wanted, hosts, existing = situation
    placed = spread(vms(*wanted), hosts, existing, [])
    known = {name for found in existing.values() for name in found}
    new = {host: [vm["name"] for vm in found if vm["name"] not in known] for host, found in placed.items()}
    total = {host: len(existing[host]) + len(new[host]) for host in hosts}
    assert all(total[host] - 1 <= min(total.values()) for host in hosts if new[host])
