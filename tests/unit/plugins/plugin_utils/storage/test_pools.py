# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from the description of a cluster's pools."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.kvmops.datacenter.plugins.filter.cluster_pools import FilterModule

POOLS = FilterModule().filters()["cluster_pools"]
NOTHING: dict[str, Any] = {"shared": [], "checked": [], "roles": {}}


def pool(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "target": f"/srv/{name}", **more}


def checked(name: str, read_only: bool = False) -> dict[str, Any]:
    return {"name": name, "read_only": read_only}


@pytest.mark.parametrize(
    ("pools", "told"),
    [
        ([], {}),
        ([pool("a"), pool("b", shared=False)], {}),
        ([pool("a", shared=True)], {"shared": [pool("a", shared=True)], "checked": [checked("a")]}),
        ([pool("a", shared="no")], {}),
        (
            [pool("a", shared=True, read_only="yes", state="active")],
            {
                "shared": [pool("a", shared=True, read_only="yes", state="active")],
                "checked": [checked("a", read_only=True)],
            },
        ),
        ([pool("a", shared=True, state="inactive")], {"shared": [pool("a", shared=True, state="inactive")]}),
        ([pool("a", shared=True, state="absent")], {"shared": [pool("a", shared=True, state="absent")]}),
        (
            [pool("a", role="iso"), pool("b", role="images"), pool("c", role="images"), pool("d")],
            {"roles": {"iso": "a", "images": "b"}},
        ),
        ([pool("a", role="templates", state="absent"), pool("b", role="templates")], {"roles": {"templates": "b"}}),
        ([pool("a", role="backup")], {"roles": {"backup": "a"}}),
    ],
)
def test_what_follows(pools: list[dict[str, Any]], told: dict[str, Any]) -> None:
    assert POOLS(pools) == {"pools": pools, **NOTHING, **told}


@pytest.mark.parametrize(
    ("pools", "sentence"),
    [
        ([pool("a", role="isos")], "Pool 'a' has the role 'isos'; choose images, templates, iso or backup."),
        ([pool("a"), pool("a")], "Pool 'a' is described twice; leave one of its entries."),
        ([pool("a", shard=True)], "Pool 'a' says 'shard', which is nothing of a pool; write shared."),
        ([pool("a", zzz=True)], "Pool 'a' says 'zzz', which is nothing of a pool; leave it out."),
        ([{"target": "/srv"}], "The entry \"{'target': '/srv'}\" of the pools has no name; give it one."),
        (["a"], "The entry 'a' of the pools has no name; give it one."),
    ],
)
def test_what_makes_no_sense(pools: list[Any], sentence: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        POOLS(pools)
    assert str(caught.value) == sentence
