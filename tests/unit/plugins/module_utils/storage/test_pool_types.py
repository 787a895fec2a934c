# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools of every type: made, changed, refused, fed back; held against libvirt's schema and its test driver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor, hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import Plan
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_changes import DefinePool, EditPool
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_plan import plan_pool
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_spec import PoolSpec, pool_options
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_state import (
    PoolState,
    fullness,
    pool_facts,
    read_pool,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_types import POOL_TYPES
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

SCHEMA = "/usr/share/libvirt/schemas/storagepool.rng"
UUID = "2ec115d7-3a88-3ceb-bc12-0ac909a6fd87"
WWN = {"wwnn": "20000000c9831b4b", "wwpn": "10000000c9831b4b"}
FC = {"type": "fc_host", **WWN}
CHAP = {"username": "kvm", "secret": "san"}
TARGET = {"host": "san", "devices": ["iqn.2026-01.org.example:vms"]}
DIRECT = {**TARGET, "initiator": "iqn.2026-01.org.example:h1"}
CEPH = {"hosts": [{"name": "a"}, {"name": "b", "port": 6789}], "name": "x", "username": "u", "secret": UUID}
DIRECTORY = "make its directory where it is missing"

# A pool of the type as it is asked for, what it is like once it is made, and what else is done for it.
MADE: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({"target": "/srv/p"}, {"target": "/srv/p"}, [f"build pool p ({DIRECTORY})"]),
    (
        {"type": "fs", "source": {"devices": ["/dev/vdb1"]}, "target": "/srv/p"},
        {"source": {"devices": ["/dev/vdb1"]}},
        [f"build pool p ({DIRECTORY})"],
    ),
    (
        {"type": "fs", "source": {"devices": ["/dev/vdb1"], "format": "xfs"}, "target": "/srv/p", "build": True},
        {"source": {"devices": ["/dev/vdb1"], "format": "xfs"}},
        ["build pool p (make its directory, and the file system xfs on /dev/vdb1 where that is empty)"],
    ),
    (
        {"type": "netfs", "source": {"host": "nas", "dir": "/export", "protocol_version": "4.1"}, "target": "/srv/p"},
        {"source": {"host": "nas", "dir": "/export", "protocol_version": "4.1"}},
        [f"build pool p ({DIRECTORY})"],
    ),
    ({"type": "logical"}, {"source": {"name": "p", "format": "lvm2"}, "target": "/dev/p"}, []),
    (
        {"type": "logical", "source": {"name": "vg", "devices": ["/dev/vdc", "/dev/vdb"]}, "build": True},
        {"source": {"name": "vg", "devices": ["/dev/vdc", "/dev/vdb"], "format": "lvm2"}, "target": "/dev/vg"},
        ["build pool p (make the volume group on /dev/vdc, /dev/vdb where that is empty)"],
    ),
    (
        {"type": "disk", "source": {"devices": ["/dev/vdb"], "format": "gpt"}, "build": True},
        {"source": {"devices": ["/dev/vdb"], "format": "gpt"}, "target": "/dev"},
        ["build pool p (make a partition table gpt on /dev/vdb where that is empty)"],
    ),
    ({"type": "disk", "source": {"devices": ["/dev/vdb"]}}, {"target": "/dev"}, []),
    (
        {"type": "iscsi", "source": {**DIRECT, **CHAP}},
        {"source": {**DIRECT, **CHAP}, "target": "/dev/disk/by-path"},
        [],
    ),
    (
        {"type": "iscsi", "source": {"hosts": [{"name": "san", "port": 3261}], "devices": TARGET["devices"]}},
        {"source": {"hosts": [{"name": "san", "port": 3261}], "devices": TARGET["devices"]}},
        [],
    ),
    ({"type": "iscsi-direct", "source": {**DIRECT, **CHAP}}, {"source": {**DIRECT, **CHAP}}, []),
    (
        {"type": "scsi", "source": {"adapter": {"type": "scsi_host", "name": "scsi_host1"}}},
        {"source": {"adapter": {"type": "scsi_host", "name": "scsi_host1"}}, "target": "/dev/disk/by-path"},
        [],
    ),
    (
        {"type": "scsi", "source": {"adapter": {**FC, "parent": "scsi_host5", "managed": True}}, "target": "/dev"},
        {"source": {"adapter": {**FC, "parent": "scsi_host5", "managed": True}}, "target": "/dev"},
        [],
    ),
    (
        {
            "type": "rbd",
            "source": CEPH,
        },
        {
            "source": CEPH,
        },
        [],
    ),
    (
        {"type": "gluster", "source": {"host": "h1", "name": "shared"}},
        {"source": {"host": "h1", "name": "shared"}},
        [],
    ),
    (
        {"type": "gluster", "source": {"host": "h1", "name": "shared", "dir": "/vms"}},
        {"source": {"host": "h1", "name": "shared", "dir": "/vms"}},
        [],
    ),
    ({"type": "zfs", "source": {"name": "tank/vms"}}, {"source": {"name": "tank/vms"}}, []),
    ({"type": "zfs"}, {"source": {"name": "p"}, "target": "/dev/zvol/p"}, []),
]


@pytest.fixture(scope="module")
def schema() -> Any:
    return etree.RelaxNG(file=SCHEMA)


@pytest.fixture
def driver() -> Iterator[Hypervisor]:
    """Return libvirt's test driver; its pools live as long as the connection."""
    with hypervisor("test:///default") as host:
        yield host


def spec(**params: Any) -> PoolSpec:
    return PoolSpec.from_params({"name": "p", **params})


def lines(plan: Plan) -> list[str]:
    return [line["summary"] for line in plan.lines()]


def plan_of(driver: Hypervisor, **params: Any) -> Plan:
    return plan_pool(spec(**params), read_pool(driver, "p"))


def define(driver: Hypervisor, **params: Any) -> PoolState:
    """Make a pool without building or starting it: the test driver builds nothing on devices."""
    plan_of(driver, **{**params, "state": "present"}).carry_out(driver)
    state = read_pool(driver, "p")
    assert state is not None
    return state


def options_of(state: PoolState) -> dict[str, Any]:
    return {name: value for name, value in pool_facts(state, "p").items() if name in pool_options()}


@pytest.mark.parametrize(("params", "like", "more"), MADE)
def test_made(schema: Any, driver: Hypervisor, params: dict[str, Any], like: dict[str, Any], more: list[str]) -> None:
    plan = plan_of(driver, **params)
    made = plan.changes[0]
    assert isinstance(made, DefinePool)
    schema.assertValid(parse_xml(made.xml()))
    assert [line for line in lines(plan)[1:] if line.startswith("build")] == more
    assert lines(plan)[1 + len(more) :] == ["start pool p", "set autostart False -> True"]

    state = define(driver, **params)
    facts = options_of(state)
    assert facts["type"] == params.get("type", "dir")
    for option, value in like.items():
        told = facts[option]
        assert (told if option == "target" else {name: told.get(name) for name in value}) == value
    schema.assertValid(state.tree)


@pytest.mark.parametrize(("params", "_like", "_more"), MADE)
def test_what_is_made_is_at_rest_and_what_is_told_is_no_change(
    driver: Hypervisor, params: dict[str, Any], _like: dict[str, Any], _more: list[str]
) -> None:
    state = define(driver, **params)
    assert lines(plan_of(driver, **{**params, "state": "present"})) == []
    assert lines(plan_of(driver, **options_of(state))) == []


@pytest.mark.parametrize(("params", "_like", "_more"), MADE)
def test_a_pool_can_be_made_of_what_another_tells(
    driver: Hypervisor, params: dict[str, Any], _like: dict[str, Any], _more: list[str]
) -> None:
    facts = options_of(define(driver, **params))
    driver.connection.storagePoolLookupByName("p").undefine()
    assert options_of(define(driver, **facts)) == facts


def test_every_type_is_made() -> None:
    assert {params.get("type", "dir") for params, _like, _more in MADE} == set(POOL_TYPES)


# What a pool was made of, what is changed, and what the plan says.
LOGICAL: dict[str, Any] = {"type": "logical", "source": {"name": "vg"}}
NFS: dict[str, Any] = {
    "type": "netfs",
    "source": {"host": "nas", "dir": "/export", "format": "nfs"},
    "target": "/srv/p",
}
EXT4: dict[str, Any] = {"type": "fs", "source": {"devices": ["/dev/vdb"], "format": "ext4"}, "target": "/srv/p"}
LABEL: dict[str, Any] = {"type": "disk", "source": {"devices": ["/dev/vdb"], "format": "gpt"}}
HBA: dict[str, Any] = {"type": "scsi", "source": {"adapter": {"type": "scsi_host", "name": "scsi_host1"}}}
NPIV: dict[str, Any] = {"type": "scsi", "source": {"adapter": FC}}
ISCSI: dict[str, Any] = {"type": "iscsi", "source": TARGET}
ISCSI_DIRECT: dict[str, Any] = {"type": "iscsi-direct", "source": DIRECT}
RBD: dict[str, Any] = {"type": "rbd", "source": {"hosts": [{"name": "a"}, {"name": "b"}], "name": "vms"}}
GLUSTER: dict[str, Any] = {"type": "gluster", "source": {"host": "h1", "name": "shared"}}
ZFS: dict[str, Any] = {"type": "zfs", "source": {"name": "tank"}}
CHANGED: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({"target": "/srv/p"}, {"target": "/srv/q"}, ["set target /srv/p -> /srv/q"]),
    (EXT4, {"source": {"devices": ["/dev/vdc"]}}, ["set devices /dev/vdb -> /dev/vdc"]),
    (
        EXT4,
        {"source": {"devices": ["/dev/vdc"], "format": "xfs"}},
        ["set devices /dev/vdb -> /dev/vdc", "set format ext4 -> xfs"],
    ),
    ({**EXT4, "source": {"devices": ["/dev/vdb"]}}, {"source": {"format": "xfs"}}, ["set format auto -> xfs"]),
    (NFS, {"source": {"host": "new"}}, ["set hosts name nas -> name new"]),
    (NFS, {"source": {"hosts": [{"name": "nas", "port": 2050}]}}, ["set hosts name nas -> name nas, port 2050"]),
    (NFS, {"source": {"protocol_version": 3}}, ["set protocol_version none -> 3"]),
    (NFS, {"source": {"format": "glusterfs"}}, ["set format nfs -> glusterfs"]),
    (LOGICAL, {"source": {"name": "other"}}, ["set name vg -> other"]),
    (LOGICAL, {"source": {"devices": ["/dev/vdb"]}}, ["set devices none -> /dev/vdb"]),
    (LABEL, {"target": "/dev/disk/by-id"}, ["set target /dev -> /dev/disk/by-id"]),
    ({**LABEL, "source": {"devices": ["/dev/vdb"]}}, {"source": {"format": "dos"}}, ["set format unknown -> dos"]),
    (ISCSI, {"source": CHAP}, ["set username none -> kvm", "set secret none -> san"]),
    (
        ISCSI,
        {"source": {"initiator": "iqn.2026-01.org.example:h2"}},
        ["set initiator none -> iqn.2026-01.org.example:h2"],
    ),
    (
        {**ISCSI, "source": {**TARGET, **CHAP}},
        {"source": {"username": "kvm", "secret": UUID.upper()}},
        [f"set secret san -> {UUID}"],
    ),
    ({**ISCSI, "source": DIRECT}, {"source": {"initiator": ""}}, [f"set initiator {DIRECT['initiator']} -> none"]),
    (
        ISCSI_DIRECT,
        {"source": {"devices": ["iqn.2026-01.org.example:b"]}},
        [f"set devices {TARGET['devices'][0]} -> iqn.2026-01.org.example:b"],
    ),
    (
        HBA,
        {"source": {"adapter": {"type": "scsi_host", "name": "scsi_host2"}}},
        ["set adapter.name scsi_host1 -> scsi_host2"],
    ),
    (
        NPIV,
        {"source": {"adapter": {**FC, "wwpn": "10000000C9831B4C", "parent": "scsi_host7"}}},
        ["set adapter.wwpn 10000000c9831b4b -> 10000000c9831b4c", "set adapter.parent none -> scsi_host7"],
    ),
    (RBD, {"source": {"hosts": [{"name": "b"}, {"name": "a"}]}}, []),
    (RBD, {"source": {"hosts": [{"name": "b"}, {"name": "c"}]}}, ["set hosts name a, name b -> name b, name c"]),
    (RBD, {"source": {"username": "u", "secret": UUID}}, ["set username none -> u", f"set secret none -> {UUID}"]),
    (GLUSTER, {"source": {"dir": "/vms"}}, ["set dir / -> /vms"]),
    (GLUSTER, {"source": {"name": "fast"}}, ["set name shared -> fast"]),
    (ZFS, {"source": {"name": "tank2"}}, ["set name tank -> tank2"]),
]


@pytest.mark.parametrize(("params", "change", "expected"), CHANGED)
def test_changed(
    schema: Any, driver: Hypervisor, params: dict[str, Any], change: dict[str, Any], expected: list[str]
) -> None:
    before = define(driver, **params)
    uuid = before.tree.findtext("uuid")
    plan = plan_of(driver, state="present", **change)
    assert lines(plan) == expected
    for made in plan.changes:
        assert isinstance(made, EditPool)
        schema.assertValid(parse_xml(made.xml(etree.tostring(before.tree, encoding="unicode"))))
    after = define(driver, **change)
    assert after.tree.findtext("uuid") == uuid
    assert lines(plan_of(driver, state="present", **change)) == []


def test_a_change_of_an_active_pool_is_one_definition_between_stop_and_start(driver: Hypervisor) -> None:
    plan_of(driver, **ISCSI).carry_out(driver)
    plan = plan_of(driver, source=CHAP)
    assert lines(plan) == ["stop pool p", "set username none -> kvm", "set secret none -> san", "start pool p"]
    assert plan.diff()["after"] == {"pool p state": "active", "username": "kvm", "secret": "san"}
    plan.carry_out(driver)
    assert lines(plan_of(driver, source=CHAP)) == []


def test_what_no_option_says_stays(driver: Hypervisor) -> None:
    driver.connection.storagePoolDefineXML(
        "<pool type='iscsi'><name>p</name><source><host name='a' port='3261'/><device path='iqn.2026-01.o:x'/>"
        "<vendor name='v'/><product name='w'/></source><target><path>/dev/disk/by-path</path></target></pool>",
        0,
    )
    assert lines(plan_of(driver, state="present", source={"host": "a"})) == []
    define(driver, source={"initiator": "iqn.2026-01.o:i"})
    xml = driver.connection.storagePoolLookupByName("p").XMLDesc(0)
    assert "<vendor name='v'/>" in xml
    assert "<host name='a' port='3261'/>" in xml


REFUSED_NEW: list[tuple[dict[str, Any], str]] = [
    ({"type": "fs", "target": "/s"}, "of type fs needs devices in its 'source'"),
    ({"type": "fs", "source": {"devices": ["/dev/a"]}}, "give the 'target' directory"),
    ({"type": "fs", "source": {"devices": []}, "target": "/s"}, "needs devices in its 'source'"),
    ({**EXT4, "source": {"devices": ["/dev/a", "/dev/b"]}}, "takes one of its devices; name one"),
    ({**EXT4, "source": {"devices": ["/dev/a"], "format": "nfs"}}, "has no format nfs; choose one of auto, ext2"),
    ({**EXT4, "source": {"devices": ["/dev/a"], "host": "h"}}, "of type fs, which has no host; leave it out"),
    ({**EXT4, "source": {"devices": ["/dev/a"]}, "build": True}, "needs format in its 'source' to be built"),
    ({**EXT4, "source": {"devices": ["/dev/a"], "format": "auto"}, "build": True}, "needs format in its 'source' to"),
    ({"type": "netfs", "target": "/s"}, "needs host and dir in its 'source'"),
    ({**NFS, "source": {"host": "h", "hosts": [{"name": "g"}], "dir": "/e"}}, "both host and hosts; give one"),
    ({**NFS, "source": {"hosts": [{"name": "g"}, {"name": "h"}], "dir": "/e"}}, "takes one of its hosts; name one"),
    ({**NFS, "source": {"hosts": [{"name": "g"}, {"name": "g"}], "dir": "/e"}}, "two entries for g"),
    ({**NFS, "source": {"hosts": [{"port": 1}], "dir": "/e"}}, "an entry has no 'name'"),
    ({**NFS, "source": {"hosts": [{"name": "g", "port": 0}], "dir": "/e"}}, "port 0 is out of range"),
    ({**NFS, "source": {"host": "h", "dir": "e"}}, "dir 'e' is not an absolute path"),
    (
        {**NFS, "source": {"host": "h", "dir": "/e", "format": "cifs", "protocol_version": "3"}},
        "one of NFS, not of cifs",
    ),
    ({**NFS, "source": {"host": "h", "dir": "/e", "protocol_version": "v4"}}, "write it like '4.1'"),
    ({**LOGICAL, "target": "/dev/elsewhere"}, "whose target libvirt takes from the name in its 'source'"),
    ({**LOGICAL, "target": "/dev/p"}, "whose target libvirt takes from the name in its 'source'"),
    ({**LOGICAL, "mode": "0700"}, "of type logical, which has no mode"),
    ({**LOGICAL, "build": True}, "needs devices in its 'source' to be built"),
    ({"type": "disk"}, "of type disk needs devices"),
    ({**LABEL, "source": {"devices": ["/dev/a"]}, "build": True}, "needs format in its 'source' to be built"),
    ({**LABEL, "owner": 0}, "of type disk, which has no owner"),
    ({"type": "iscsi"}, "needs host and devices in its 'source'"),
    ({**ISCSI, "source": {**TARGET, "username": "u"}}, "username and secret of the source go together"),
    ({**ISCSI, "source": {**TARGET, "secret": ""}}, "secret is empty; name one of libvirt's secrets"),
    ({**ISCSI, "source": {**TARGET, "name": "x"}}, "of type iscsi, which has no name"),
    ({**ISCSI, "build": True}, "of type iscsi, for which nothing is built; leave build out"),
    ({"type": "iscsi-direct", "source": TARGET}, "needs initiator in its 'source'"),
    ({**ISCSI_DIRECT, "target": "/dev"}, "of type iscsi-direct, which has no target"),
    ({"type": "scsi"}, "needs adapter in its 'source'"),
    ({"type": "scsi", "source": {"adapter": {"type": "scsi_host"}}}, "type scsi_host needs name"),
    ({"type": "scsi", "source": {"adapter": {"type": "fc_host", "wwnn": WWN["wwnn"]}}}, "type fc_host needs wwpn"),
    ({"type": "scsi", "source": {"adapter": {**FC, "name": "x"}}}, "type fc_host has no name"),
    ({"type": "scsi", "source": {"adapter": {**FC, "wwnn": "5"}}}, "adapter.wwnn '5' is not understood"),
    ({"type": "rbd", "source": {"name": "x"}}, "needs host in its 'source'"),
    ({**RBD, "target": "/s"}, "of type rbd, which has no target"),
    ({"type": "gluster", "source": {"host": "h"}}, "needs name in its 'source'"),
    ({**GLUSTER, "source": {"hosts": [{"name": "a"}, {"name": "b"}], "name": "v"}}, "takes one of its hosts"),
    ({**GLUSTER, "source": {**GLUSTER["source"], "format": "glusterfs"}}, "of type gluster, which has no format"),
    ({**ZFS, "source": {"devices": ["/dev/a"]}}, "of type zfs, which has no devices"),
    ({**ZFS, "build": True}, "of type zfs, for which nothing is built"),
    ({"target": "/s", "warn_above": 101}, "warn_above 101 is no share"),
]


@pytest.mark.parametrize(("params", "words"), REFUSED_NEW)
def test_a_new_pool_is_refused(params: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as caught:
        plan_pool(spec(**params), None)
    assert words in str(caught.value)
    assert "Pool 'p'" in str(caught.value)


REFUSED_CHANGES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (EXT4, {"source": {"format": "xfs"}}, "cannot get another format: what is on a device is not formatted anew"),
    (LABEL, {"source": {"format": "dos"}}, "cannot get another format"),
    (
        {**LOGICAL, "source": {"name": "vg", "devices": ["/dev/a"]}},
        {"source": {"devices": ["/dev/a", "/dev/b"]}},
        "cannot get another devices: libvirt neither adds devices",
    ),
    (LOGICAL, {"target": "/dev/elsewhere"}, "whose target libvirt takes from the name"),
    (LOGICAL, {"target": "/dev/p"}, "whose target libvirt takes from the name"),
    (HBA, {"source": {"adapter": FC}}, "cannot get another adapter.type"),
    (RBD, {"source": {"dir": "/x"}}, "of type rbd, which has no dir"),
    (RBD, {"target": "/x"}, "of type rbd, which has no target"),
    (EXT4, {"type": "dir"}, "of type fs and cannot become dir"),
    (ISCSI, {"source": {"devices": ["iqn.2026-01.o:a", "iqn.2026-01.o:b"]}}, "takes one of its devices"),
    ({**ISCSI, "source": {**TARGET, **CHAP}}, {"source": {"secret": UUID}}, "username and secret of the source go"),
]


@pytest.mark.parametrize(("params", "change", "words"), REFUSED_CHANGES)
def test_a_change_is_refused(driver: Hypervisor, params: dict[str, Any], change: dict[str, Any], words: str) -> None:
    define(driver, **params)
    with pytest.raises(Refused) as caught:
        plan_of(driver, **change)
    assert words in str(caught.value)


def test_vms_keep_their_disks_where_something_is_mounted() -> None:
    xml = (
        "<pool type='fs'><name>p</name><source><device path='/dev/a'/></source><target><path>/s</path></target></pool>"
    )
    state = PoolState("p", parse_xml(xml), active=True)
    with pytest.raises(Refused, match="cannot get another mode while VMs have disks in it"):
        plan_pool(spec(mode="0711"), state, users=["web01"])


def test_servers_that_the_option_cannot_say_are_not_told(driver: Hypervisor) -> None:
    driver.connection.storagePoolDefineXML(
        "<pool type='rbd'><name>p</name><source><host name='a' port='6789'/><host name='a' port='3300'/>"
        "<name>vms</name></source></pool>",
        0,
    )
    state = read_pool(driver, "p")
    assert state is not None
    assert options_of(state)["source"] == {"name": "vms"}
    assert lines(plan_of(driver, **options_of(state))) == []


def test_devices_of_many_pools_are_in_one_place(driver: Hypervisor) -> None:
    other = define(driver, **ISCSI)
    wanted = {"name": "q", **ISCSI, "target": "/dev/disk/by-path"}
    assert plan_pool(PoolSpec.from_params(wanted), None, others=[other]).changes
    with pytest.raises(Refused, match="wants the directory of pool 'p'"):
        plan_pool(PoolSpec.from_params({"name": "q", "target": "/s"}), None, others=[directory("/s")])


def directory(path: str) -> PoolState:
    xml = f"<pool type='dir'><name>p</name><target><path>{path}</path></target></pool>"
    return PoolState("p", parse_xml(xml), active=True)


@pytest.mark.parametrize(
    ("params", "kind", "secret"),
    [
        ({**ISCSI, "source": {**TARGET, **CHAP}}, "chap", "<secret usage='san'/>"),
        ({**ISCSI_DIRECT, "source": {**DIRECT, **CHAP}}, "chap", "<secret usage='san'/>"),
        ({"type": "rbd", "source": CEPH}, "ceph", f"<secret uuid='{UUID}'/>"),
    ],
)
def test_how_a_secret_is_asked_for_follows_from_the_type(
    driver: Hypervisor, params: dict[str, Any], kind: str, secret: str
) -> None:
    define(driver, **params)
    xml = driver.connection.storagePoolLookupByName("p").XMLDesc(0)
    assert f"<auth type='{kind}' username=" in xml
    assert secret in xml


@pytest.mark.parametrize(
    ("facts", "share", "warnings"),
    [
        ({"type": "dir", "capacity": 100 * 2**20, "available": 20 * 2**20}, 80, []),
        (
            {"type": "dir", "capacity": 100 * 2**20, "available": 19 * 2**20},
            80,
            ["81 % of the pool are in use, more than 80 %; 19MiB are free."],
        ),
        ({"type": "dir", "capacity": 100, "available": 0}, None, []),
        ({"type": "dir", "capacity": 0, "available": 0}, 0, []),
        ({"type": "iscsi", "capacity": 100, "available": 0}, 80, []),
        (
            {"type": "vstorage", "capacity": 100, "available": 0},
            80,
            ["100 % of the pool are in use, more than 80 %; 0B are free."],
        ),
        ({"name": "p", "state": "absent"}, 80, []),
    ],
)
def test_fullness(facts: dict[str, Any], share: int | None, warnings: list[str]) -> None:
    assert fullness(facts, share) == warnings


# Values of each option of `source` that any type may be given; what a type needs is always among them.
VALUES: dict[str, list[Any]] = {
    "hosts": [[{"name": "a"}], [{"name": "b", "port": 24007}]],
    "dir": ["/", "/x", "/x/y/"],
    "devices": [["/dev/a"], ["/dev/b"]],
    "name": ["vg", "tank"],
    "protocol_version": ["3", 4.1],
    "adapter": [FC, {**FC, "managed": False}, {**FC, "parent": "scsi_host3"}],
    "initiator": ["iqn.2026-01.o:i", "iqn.2026-01.o:j"],
}


@st.composite
def sources(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Return the source of a pool of a type: all that it needs, and some of what it knows."""
    kind = POOL_TYPES[name]
    values = {**VALUES, "format": list(kind.formats)}
    if "iscsi" in name:
        values["devices"] = [["iqn.2026-01.o:a"], ["iqn.2026-01.o:b"]]
    chosen = [*kind.needed, *draw(st.sets(st.sampled_from([word for word in kind.optional if word in values] or [""])))]
    source = {word: draw(st.sampled_from(values[word])) for word in chosen if word}
    if source.get("format") in ("cifs", "glusterfs"):
        source.pop("protocol_version", None)
    if "secret" in kind.known and draw(st.booleans()):
        source.update(username=draw(st.sampled_from("uv")), secret=draw(st.sampled_from([UUID, "usage"])))
    return source


@pytest.mark.parametrize("name", list(POOL_TYPES))
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_wish_is_valid_and_reached_from_any_other(schema: Any, name: str, data: st.DataObject) -> None:
    with hypervisor("test:///default") as host:
        target = {"target": "/srv/p"} if POOL_TYPES[name].directory else {}
        first, second = (
            {"type": name, "source": data.draw(sources(name)), "state": "present", **target} for _wish in range(2)
        )
        schema.assertValid(define(host, **first).tree)
        assert lines(plan_of(host, **first)) == []
        try:
            after = define(host, **second)
        except Refused:
            return
        schema.assertValid(after.tree)
        assert lines(plan_of(host, **second)) == []
        assert lines(plan_of(host, **options_of(after))) == []
