# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong between hosts, from what each of them has told of its pools."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.kvmops.datacenter.plugins.filter.storage_faults import FilterModule

FAULTS = FilterModule().filters()["storage_faults"]
HOSTS = ["h1", "h2", "h3"]


def written(host: str, clock: tuple[float, float] | None = None, **pool: Any) -> dict[str, Any]:
    """Return what a host tells of the step `write` for its one pool."""
    errors = {"s": pool.pop("error")} if "error" in pool else {}
    facts = {"name": "s", "state": "active", "type": "dir", "target": "/srv/s", **pool}
    marks = [{"pool": "s", "name": f"mark-{host}"}] if facts["state"] == "active" and not errors else []
    told = {"clock": dict(zip(("offset", "uncertainty"), clock))} if clock else {}
    return {"pools": [facts], "marks": marks, "errors": errors, **told}


def unseen(*hosts: str) -> dict[str, Any]:
    """Return what a host tells of the step `read` that does not see the marks of these hosts."""
    return {"missing": [{"pool": "s", "name": f"mark-{host}"} for host in hosts], "volumes": {}, "errors": {}}


def listed(*volumes: str) -> dict[str, Any]:
    """Return what a host tells of a pool that is only read."""
    return {"missing": [], "volumes": {"s": list(volumes)}, "errors": {}}


APART = "is said to be shared, but is one storage on"
MEND = "make it the same storage on all of them, or do not say shared."
FULL = "a volume cannot be made in it: it failed (libvirt: disk full)"
CLOCK = "The clocks of hosts that share storage may be 1 s apart, but"
SAW = [unseen(), unseen(), unseen()]

# What the hosts have written and read, and the sentences: for each, the hosts that it is about.
TABLE: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]], dict[str, list[str]]]] = [
    ("all well", [written(host) for host in HOSTS], SAW, {}),
    (
        "all apart",
        [written(host) for host in HOSTS],
        [unseen("h2", "h3"), unseen("h1", "h3"), unseen("h1", "h2")],
        {f"Pool 's' {APART} h1, another on h2, another on h3; {MEND}": HOSTS},
    ),
    (
        "one apart",
        [written(host) for host in HOSTS],
        [unseen("h3"), unseen("h3"), unseen("h1", "h2")],
        {f"Pool 's' {APART} h1 and h2, another on h3; {MEND}": ["h3"]},
    ),
    (
        "the first apart",
        [written(host) for host in HOSTS],
        [unseen("h2", "h3"), unseen("h1"), unseen("h1")],
        {f"Pool 's' {APART} h1, another on h2 and h3; {MEND}": ["h1"]},
    ),
    (
        "seen by one side only",
        [written(host) for host in HOSTS],
        [unseen(), unseen(), unseen("h1", "h2")],
        {f"Pool 's' {APART} h1 and h2, another on h3; {MEND}": ["h3"]},
    ),
    (
        "its own mark is not there",
        [written("h1"), written("h2"), written("h3")],
        [unseen(), unseen(), unseen("h3")],
        {"Pool 's' on h3 does not show what h3 itself has written into it; look at the storage.": ["h3"]},
    ),
    ("nothing read, as in check mode", [written(host) for host in HOSTS], [], {}),
    ("skipped, as in check mode", [written(host) for host in HOSTS], [{"skipped": True}] * 3, {}),
    ("not there yet", [written(host, state="absent") for host in HOSTS], [], {}),
    ("inactive on one", [written("h1"), written("h2"), written("h3", state="inactive")], SAW, {}),
    (
        "not writable",
        [written("h1"), written("h2", error=FULL), written("h3")],
        SAW,
        {f"Pool 's' on h2: {FULL}; mend that, or say read_only if nothing is to be written there.": ["h2"]},
    ),
    (
        "not readable",
        [written(host) for host in HOSTS],
        [unseen(), {"missing": [], "volumes": {}, "errors": {"s": "libvirt cannot look at it"}}, unseen()],
        {"Pool 's' on h2: libvirt cannot look at it; mend that.": ["h2"]},
    ),
    (
        "elsewhere on one",
        [written("h1"), written("h2", target="/srv/t"), written("h3")],
        SAW,
        {
            "Pool 's' is of type dir at /srv/s on h1 and h3, of type dir at /srv/t on h2; "
            "give it the same type and target on all of them, or do not say shared.": ["h2"]
        },
    ),
    (
        "of another type on each",
        [written("h1", type="fs"), written("h2"), written("h3", type="rbd", target=None)],
        SAW,
        {
            "Pool 's' is of type fs at /srv/s on h1, of type dir at /srv/s on h2, of type rbd on h3; "
            "give it the same type and target on all of them, or do not say shared.": HOSTS
        },
    ),
    ("the same volumes", [written(host) for host in HOSTS], [listed("a", "b")] * 3, {}),
    (
        "a volume less",
        [written(host) for host in HOSTS],
        [listed("a", "b"), listed("a", "b"), listed("b")],
        {f"Pool 's' is said to be shared, but volume 'a' is on h1 and h2 and not on h3; {MEND}": ["h3"]},
    ),
    (
        "other volumes",
        [written(host) for host in HOSTS],
        [listed("a"), listed("b"), listed("c")],
        {
            "Pool 's' is said to be shared, but volume 'a' is on h1 and not on h2 and h3, and 2 more are not the same; "
            f"{MEND}": HOSTS
        },
    ),
    ("clocks that agree", [written("h1", (5.0, 0.1)), written("h2", (5.9, 0.1)), written("h3", (4.5, 0.1))], SAW, {}),
    ("a measure that may be wrong", [written("h1", (0, 0)), written("h2", (3.0, 2.0)), written("h3", (0, 0))], SAW, {}),
    (
        "a clock that is late",
        [written("h1", (0.1, 0.01)), written("h2", (0.0, 0.01)), written("h3", (-3.25, 0.01))],
        SAW,
        {f"{CLOCK} that of h3 is 3.2 s behind that of h2; let NTP keep the clocks of all hosts.": ["h3"]},
    ),
    (
        "three clocks",
        [written("h1", (20.0, 0.01)), written("h2", (0.0, 0.01)), written("h3", (9.0, 0.01))],
        SAW,
        {
            f"{CLOCK} that of h1 is 11.0 s ahead of that of h3, that of h2 is 9.0 s behind that of h3; "
            "let NTP keep the clocks of all hosts.": HOSTS
        },
    ),
]


@pytest.mark.parametrize(("write", "read", "told"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_who_is_told_what(write: list[dict[str, Any]], read: list[dict[str, Any]], told: dict[str, list[str]]) -> None:
    found = FAULTS(HOSTS, write, read, 1)
    assert found == {host: [sentence for sentence, hosts in told.items() if host in hosts] for host in HOSTS}


def test_of_two_hosts_that_differ_both_are_told() -> None:
    told = FAULTS(["h1", "h2"], [written("h1", (0, 0.1)), written("h2", (2, 0.1))], [unseen("h2"), unseen("h1")], 1.5)
    sentences = [
        f"Pool 's' {APART} h1, another on h2; {MEND}",
        (
            "The clocks of hosts that share storage may be 1.5 s apart, but that of h2 is 2.0 s ahead of that of h1; "
            "let NTP keep the clocks of all hosts."
        ),
    ]
    assert told == {"h1": sentences, "h2": sentences}


def test_one_host_agrees_with_itself() -> None:
    assert FAULTS(["h1"], [written("h1", (100, 0.1))], [unseen()]) == {"h1": []}
    assert FAULTS([], []) == {}


@pytest.mark.parametrize(("write", "read"), [([], []), ([written("h1")], [unseen(), unseen()])])
def test_there_must_be_a_result_for_each_host(write: list[Any], read: list[Any]) -> None:
    with pytest.raises(AnsibleFilterError, match="one result for each host"):
        FAULTS(["h1"], write, read)
