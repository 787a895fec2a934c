# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tasks in check mode would have made, from their results."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.kvmops.datacenter.plugins.filter.planned import FilterModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._planned import KINDS

PLANNED = FilterModule().filters()["planned"]
NOTHING: dict[str, list[Any]] = {kind: [] for kind in KINDS}
TEMPLATE = {"name": "tiny", "version": "1", "pool": "p", "capacity": 1024, "defaults": {"vcpus": 2}}


def loop(*items: dict[str, Any]) -> dict[str, Any]:
    """Return a registered result of a loop."""
    return {"changed": True, "results": list(items)}


def pool(name: str, **wanted: Any) -> dict[str, Any]:
    """Return the result of kvm_pool for a pool that is not there yet."""
    return {"item": {"name": name, **wanted}, "pool": {"name": name, "state": "absent"}}


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], {}),
        ([{}], {}),
        ([loop()], {}),
        ([loop({"item": {"name": "p"}, "skipped": True})], {}),
        ([loop({"item": {"name": "n"}, "network": {"name": "n", "state": "absent"}})], {"networks": ["n"]}),
        ([loop({"item": {"name": "n", "state": "absent"}, "network": {"name": "n"}})], {}),
        ([loop(pool("p", target="/srv/p"))], {"pools": [{"name": "p", "target": "/srv/p"}]}),
        ([loop(pool("p"))], {"pools": [{"name": "p"}]}),
        ([loop(pool("p", state="active"))], {"pools": [{"name": "p"}]}),
        (
            [loop(pool("p", type="logical", source={"name": "vg", "devices": ["/dev/a"]}))],
            {"pools": [{"name": "p", "type": "logical", "source": {"name": "vg"}}]},
        ),
        ([loop(pool("p", type="rbd", source="of a playbook's own"))], {"pools": [{"name": "p", "type": "rbd"}]}),
        ([loop(pool("p", state="present"), pool("q", state="inactive"), pool("r", state="absent"))], {}),
        (
            [loop({"item": {"name": "tiny"}, "template": {**TEMPLATE, "state": "present", "path": "/p/t", "os": ""}})],
            {"templates": [TEMPLATE]},
        ),
        ([loop({"item": {"name": "tiny"}, "template": {"name": "tiny", "version": "1", "state": "absent"}})], {}),
        ([loop(pool("p")), loop(pool("q"))], {"pools": [{"name": "p"}, {"name": "q"}]}),
    ],
)
def test_planned(results: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    assert PLANNED(results) == {**NOTHING, **expected}


@pytest.mark.parametrize("wrong", [None, {}, "pools", ["pools"]])
def test_what_is_no_list_of_results_is_refused(wrong: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="list of registered results"):
        PLANNED(wrong)
