# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of pools: what is, what is wanted, what is done."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_plan import plan_pool
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_spec import PoolSpec, pool_options
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_state import PoolState, pool_facts
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

IMAGES = """
<pool type='dir'><name>images</name><uuid>35bb2ad9-388a-cdfe-461a-b8907f6e53fe</uuid><source/>
<target><path>/srv/images</path><permissions><mode>0711</mode><owner>0</owner><group>0</group></permissions></target>
</pool>"""
NAS = """
<pool type='netfs'><name>nas</name><source><host name='nas.test'/><dir path='/export'/><format type='nfs'/></source>
<target><path>/srv/nas</path></target></pool>"""


def state(xml: str = IMAGES, **more: Any) -> PoolState:
    tree = parse_xml(xml)
    return PoolState(**{"name": tree.findtext("name"), "tree": tree, "active": True, **more})


def lines(plan: Any) -> list[str]:
    return [change.summary for change in plan.changes]


def planned(params: dict[str, Any], current: PoolState | None, **more: Any) -> list[str]:
    return lines(plan_pool(PoolSpec.from_params({"name": "images", **params}), current, **more))


DEFINE = "define pool images (dir at /srv/images)"
BUILD = "build pool images (make its directory where it is missing)"
START, STOP = "start pool images", "stop pool images"
FORGET = "undefine pool images (its volumes stay)"
AUTOSTART = "set autostart False -> True"

PLANS = [
    ({"target": "/srv/images/"}, None, [DEFINE, BUILD, START, AUTOSTART]),
    ({"target": "/srv/images", "build": False, "autostart": False}, None, [DEFINE, START]),
    ({"target": "/srv/images", "state": "present"}, None, [DEFINE]),
    ({"target": "/srv/images", "state": "inactive", "autostart": True}, None, [DEFINE, AUTOSTART]),
    ({"state": "absent"}, None, []),
    ({}, state(), []),
    ({"target": "//srv/./images/", "mode": "0711", "owner": 0, "type": "dir"}, state(), []),
    ({}, state(active=False), [BUILD, START]),
    ({"build": False}, state(active=False), [START]),
    ({"state": "present"}, state(active=False), []),
    ({"state": "inactive"}, state(), [STOP]),
    ({"autostart": True}, state(), [AUTOSTART]),
    ({"autostart": False}, state(autostart=True), ["set autostart True -> False"]),
    ({"mode": "0755"}, state(), [STOP, "set mode 0711 -> 0755", BUILD, START]),
    ({"mode": "0755", "state": "present"}, state(active=False), ["set mode 0711 -> 0755"]),
    ({"target": "/srv/b"}, state(active=False), ["set target /srv/images -> /srv/b", BUILD, START]),
    ({"target": "/srv/b", "state": "inactive"}, state(), [STOP, "set target /srv/images -> /srv/b"]),
    ({"state": "absent"}, state(), [STOP, FORGET]),
    ({"state": "absent"}, state(active=False), [FORGET]),
    ({"state": "absent"}, state(persistent=False), [STOP]),
    ({}, state(persistent=False), ["define transient pool images as a lasting one"]),
    ({}, state(IMAGES.replace("'dir'", "'zfs'"), active=False), [START]),
]


@pytest.mark.parametrize(("params", "current", "expected"), PLANS)
def test_plan(params: dict[str, Any], current: PoolState | None, expected: list[str]) -> None:
    assert planned(params, current) == expected


REFUSED = [
    ({}, None, {}, "does not exist yet; give the 'target'"),
    ({"target": "srv"}, None, {}, "not an absolute path"),
    ({"target": "/s", "mode": "711"}, None, {}, "is no file mode"),
    ({"target": "/s", "owner": -1}, None, {}, "owner -1 is out of range"),
    ({"target": "/s", "type": "netfs", "source": {"host": "h"}}, None, {}, "needs dir in its 'source'"),
    ({"target": "/s", "source": {"host": "h"}}, None, {}, "of type dir, which has no host"),
    ({"source": {"dir": "/x"}}, state(), {}, "of type dir, which has no dir"),
    ({"type": "netfs"}, state(), {}, "is of type dir and cannot become netfs"),
    ({"target": "/srv/nas"}, None, {"others": [state(NAS)]}, "wants the directory of pool 'nas'"),
    ({"target": "/srv/nas"}, state(), {"others": [state(NAS)]}, "wants the directory of pool 'nas'"),
    (
        {"target": "/srv/b"},
        state(),
        {"users": ["web01"]},
        "another target while VMs have disks in it (web01)",
    ),
    ({"state": "absent"}, state(), {"users": ["a", "b"]}, "VMs name it as the place of their disks (a, b)"),
    ({"name": "a/b"}, None, {}, "Pool name 'a/b' cannot be used"),
]


@pytest.mark.parametrize(("params", "current", "more", "words"), REFUSED)
def test_refused(params: dict[str, Any], current: PoolState | None, more: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as caught:
        planned(params, current, **more)
    assert words in str(caught.value)


def test_of_a_pool_that_goes_nothing_is_shown_afterwards() -> None:
    diff = plan_pool(PoolSpec.from_params({"name": "images", "state": "absent"}), state()).diff()
    assert (diff["before"], diff["after"]) == ({"pool images state": "active", "pool images": "present"}, {})


def test_owners_change_although_vms_have_disks_there() -> None:
    assert "set mode 0711 -> 0755" in planned({"mode": "0755"}, state(), users=["web01"])


@pytest.mark.parametrize("xml", [IMAGES, NAS])
def test_facts_as_options_change_nothing(xml: str) -> None:
    current = state(xml)
    facts = pool_facts(current, current.name)
    options = {name: value for name, value in facts.items() if name in pool_options()}
    assert planned(options, current) == []


def test_facts_of_a_netfs_pool() -> None:
    facts = pool_facts(state(NAS, capacity=10), "nas")
    assert facts["source"] == {"host": "nas.test", "dir": "/export", "format": "nfs"}
    assert (facts["type"], facts["target"], facts["capacity"]) == ("netfs", "/srv/nas", 10)


def test_the_plan_of_a_new_pool_shows_it_in_the_words_of_the_options() -> None:
    params = {"name": "nas", "type": "netfs", "target": "/srv/nas", "source": {"host": "nas.test", "dir": "/export"}}
    diff = plan_pool(PoolSpec.from_params(params), None).diff()
    assert diff["after"]["pool nas"] == {key: value for key, value in params.items() if key != "name"}
