# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JMESPath questions of the info modules."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils import _query
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._libs import MissingLibrary
from ansible_collections.kvmops.datacenter.plugins.module_utils._query import queried

VMS = [{"name": "a", "state": "running", "ip": "192.0.2.1"}, {"name": "b", "state": "stopped", "ip": None}]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("[0].ip", "192.0.2.1"),
        ("[?state=='stopped'].name", ["b"]),
        ("length(@)", 2),
        ("[9].ip", None),
        ("[].{vm: name}", [{"vm": "a"}, {"vm": "b"}]),
    ],
)
def test_what_a_query_finds(query: str, found: Any) -> None:
    assert queried("vms", VMS, query) == {"vms": VMS, "result": found}


def test_without_a_query_there_is_no_result() -> None:
    assert queried("vms", VMS, None) == {"vms": VMS}


@pytest.mark.parametrize("query", ["[", "", "length(", "[?name=='a'", "sum([0].name)"])
def test_what_is_no_query_is_refused(query: str) -> None:
    with pytest.raises(Refused, match=r"is not a JMESPath expression \(.*\); see jmespath.org\.$"):
        queried("vms", VMS, query)


def test_a_host_without_jmespath_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_query, "library", MissingLibrary)
    assert queried("vms", VMS, None) == {"vms": VMS}
    with pytest.raises(KvmError, match="install the package python3-jmespath"):
        queried("vms", VMS, "[0]")
