# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter spread, as a playbook calls it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.kvmops.datacenter.plugins.filter.spread import FilterModule, spread_filter


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"spread": spread_filter}


def test_only_hosts_are_needed() -> None:
    assert spread_filter([{"name": "a"}], ["h1"]) == {"h1": [{"name": "a"}]}


@pytest.mark.parametrize(
    ("vms", "hosts", "more", "words"),
    [
        ("web01", ["h1"], {}, "its input must be a list of dictionaries"),
        ([{"name": "a"}], "h1", {}, "'hosts' must be a list of names"),
        ([{"name": "a"}], ["h1"], {"existing": ["a"]}, "'existing' must give a list of names for each host"),
        ([{"name": "a"}], ["h1"], {"existing": {"h1": "a"}}, "'existing' must give a list of names for each host"),
        ([{"name": "a"}], ["h1"], {"unreachable": "h1"}, "'unreachable' must be a list of names"),
        ([{"name": "a"}], ["h1"], {"unreachable": ["h1"]}, "does not answer"),
    ],
)
def test_bad_input_is_a_sentence(vms: Any, hosts: Any, more: dict[str, Any], words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        spread_filter(vms, hosts, **more)
