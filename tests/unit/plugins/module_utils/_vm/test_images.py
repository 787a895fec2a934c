# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images below disks: how new ones are made, which are shared, and that none is exchanged under a name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.changes import (
    CloneVolume,
    CreateVolume,
    ResizeVolume,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.state import Backing, VolumeState
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB, MIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import Configure, DefineVm
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml
from lxml import etree

from tests.unit.plugins.module_utils._vm.shapes import same
from tests.unit.plugins.module_utils._vm.table import Table, planned, state, summaries, volume

SECRET = "c90bd1dc-2f0b-4a2c-8d54-5e1a3f6f5a11"
ALONE: dict[str, Any] = {"nics": [], "cloud_init": {"enabled": False}}
LINK = "create volume web01-root.qcow2 in pool default (96MiB qcow2 on /pool/tiny+1.template.qcow2{})"
COPY = "copy volume default/tiny+1.template.qcow2 to web01-root.qcow2 in pool default (96MiB qcow2{})"
MADE: list[tuple[dict[str, Any], str]] = [
    (
        {"disks": [{"size": "1GiB", "preallocation": "none"}]},
        "create volume web01-root.qcow2 in pool default (1GiB qcow2)",
    ),
    (
        {"disks": [{"size": "1GiB", "preallocation": "metadata"}]},
        "create volume web01-root.qcow2 in pool default (1GiB qcow2, preallocation metadata)",
    ),
    (
        {"disks": [{"size": "1GiB", "format": "raw", "preallocation": "full"}]},
        "create volume web01-root.raw in pool default (1GiB raw, preallocation full)",
    ),
    (
        {"disks": [{"size": "1GiB", "encryption": {"secret": SECRET}}]},
        "create volume web01-root.qcow2 in pool default (1GiB qcow2, encrypted)",
    ),
    (
        {"disks": [{"size": "1GiB", "encryption": {"secret": "k"}, "preallocation": "falloc"}]},
        "create volume web01-root.qcow2 in pool default (1GiB qcow2, encrypted, preallocation falloc)",
    ),
    ({"template": "tiny", "disks": [{"encryption": {"secret": "k"}}]}, LINK.format(", encrypted")),
    ({"template": "tiny", "clone": "full", "disks": [{"encryption": {"secret": "k"}}]}, COPY.format(", encrypted")),
    ({"template": "tiny", "disks": [{"preallocation": "none"}]}, LINK.format("")),
]


@pytest.mark.parametrize(("params", "line"), MADE)
def test_how_a_new_volume_is_made(params: dict[str, Any], line: str) -> None:
    assert summaries(planned(None, Table(), **ALONE, **params))[1] == line


def test_a_disk_on_a_server_needs_no_volume() -> None:
    source, other = ({"protocol": "rbd", "name": name, "hosts": [{"name": "m", "port": 1}]} for name in ("p/i", "p/j"))
    plan = planned(
        None, Table(), **ALONE, disks=[{"source": source}, {"name": "b", "source": other, "format": "qcow2"}]
    )
    (define,) = [change for change in plan.changes if isinstance(change, DefineVm)]
    assert len(plan.changes) == 1
    nodes = parse_xml(define.xml).findall("devices/disk")
    for node, kind, target, name, image in zip(nodes, ("raw", "qcow2"), ("vda", "vdb"), ("root", "b"), ("p/i", "p/j")):
        assert same(
            node,
            f"<disk type='network' device='disk'><driver name='qemu' type='{kind}'/><target dev='{target}' "
            f"bus='virtio'/><alias name='ua-{name}'/>"
            f"<source protocol='rbd' name='{image}'><host name='m' port='1'/></source></disk>",
        )


class Pool:
    """A pool that keeps what it is told to make: which description and flags reach libvirt is what is looked at."""

    def __init__(self, kind: str = "dir") -> None:
        self.kind = kind
        self.made: list[tuple[Any, ...]] = []

    def XMLDesc(self) -> str:
        return f"<pool type='{self.kind}'/>"

    def isActive(self) -> bool:
        return True

    def storagePoolLookupByName(self, _name: str) -> Pool:
        return self

    def storageVolLookupByName(self, _name: str) -> Pool:
        return self

    def createXML(self, xml: str, flags: int) -> Pool:
        self.made.append((etree.fromstring(xml), flags))
        return self

    def createXMLFrom(self, xml: str, _source: Any, flags: int) -> Pool:
        return self.createXML(xml, flags)

    def info(self) -> tuple[int, int, int]:
        return (0, GIB, 0)

    def wipe(self, algorithm: int) -> None:
        self.made.append(("wipe", algorithm))

    def resize(self, capacity: int, flags: int) -> None:
        self.made.append(("resize", capacity, flags))


@pytest.mark.parametrize(
    ("kind", "how", "allocation", "flags", "wiped"),
    [
        ("raw", "none", 0, 0, False),
        ("raw", "falloc", GIB, 0, False),
        ("raw", "full", GIB, 0, True),
        ("qcow2", "none", 0, 0, False),
        ("qcow2", "metadata", 0, 1, False),
        ("qcow2", "falloc", GIB, 1, False),
    ],
)
def test_what_is_taken_from_the_pool_at_once(kind: str, how: str, allocation: int, flags: int, wiped: bool) -> None:
    pool = Pool()
    CreateVolume("p", "v", GIB, kind, preallocation=how).carry_out(Hypervisor(pool, "fake:///"))
    (tree, used), *rest = pool.made
    assert (int(tree.findtext("allocation")), used, rest == [("wipe", 0)]) == (allocation, flags, wiped)


@pytest.mark.parametrize(
    ("kind", "allocation"), [("dir", "0"), ("zfs", "0"), ("rbd", "0"), ("logical", None), ("sheepdog", "0")]
)
def test_of_lvm_all_is_taken_at_once(kind: str, allocation: str | None) -> None:
    """Where less is, libvirt makes a snapshot, which breaks when as much is written."""
    pool = Pool(kind)
    CreateVolume("p", "v", GIB, "raw").carry_out(Hypervisor(pool, "fake:///"))
    ((tree, _flags),) = pool.made
    assert tree.findtext("allocation") == allocation


@pytest.mark.parametrize(("shrink", "flags"), [(False, 0), (True, 4)])
def test_libvirt_is_let_shrink_a_volume_only_where_that_is_wanted(shrink: bool, flags: int) -> None:
    """It refuses to shrink one that has grown since the plan was made."""
    pool = Pool()
    ResizeVolume("p", "v", MIB, GIB, shrink).carry_out(Hypervisor(pool, "fake:///"))
    assert pool.made == [("resize", GIB, flags)]


@pytest.mark.parametrize(("secret", "said"), [(SECRET, f"uuid='{SECRET}'"), ("web/disk", "usage='web/disk'")])
def test_a_new_volume_names_the_secret_that_it_is_encrypted_by(secret: str, said: str) -> None:
    pool = Pool()
    host = Hypervisor(pool, "fake:///")
    CreateVolume("p", "v", GIB, secret=secret).carry_out(host)
    CloneVolume("p", "v", "p", "s", GIB, secret=secret).carry_out(host)
    for tree, _flags in pool.made:
        encryption = f"<encryption format='luks'><secret type='passphrase' {said}/></encryption>"
        assert same(tree.find("target/encryption"), encryption)
        etree.RelaxNG(file="/usr/share/libvirt/schemas/storagevol.rng").assertValid(tree)


def disk(source: str = "file='/pool/root'", kind: str = "file", form: str = "qcow2", inside: str = "") -> str:
    """Return the XML of the root disk."""
    return (
        f"<disk type='{kind}' device='disk'><driver name='qemu' type='{form}'/><source {source}>{inside}</source>"
        "<target dev='vda' bus='virtio'/><alias name='ua-root'/></disk>"
    )


LUKS = "<encryption format='luks'><secret type='passphrase' usage='k'/></encryption>"
# Two snapshots on a raw image, and a linked clone of a template.
CHAIN = (
    volume("root", kind="raw"),
    replace(volume("root.s1"), backing=Backing("/pool/root", "raw")),
    replace(volume("root.s2"), backing=Backing("/pool/root.s1", "qcow2")),
    volume("tiny+1.template.qcow2"),
    replace(volume("clone"), backing=Backing("/pool/tiny+1.template.qcow2", "qcow2")),
    replace(volume("loop"), backing=Backing("/pool/loop", "qcow2")),
)
SNAPPED, CLONE, LOOP = (state(disk(f"file='/pool/{name}'")) for name in ("root.s2", "clone", "loop"))
NAMED = state(disk("pool='default' volume='root'", "volume", "raw"))
REMOTE = state(disk("protocol='rbd' name='p/i'", "network", "raw", "<host name='m' port='1'/>"))
KEPT: list[tuple[VmState, dict[str, Any], list[str]]] = [
    (SNAPPED, {"path": "/pool/root"}, []),
    (SNAPPED, {"path": "/pool/root.s1"}, []),
    (SNAPPED, {"path": "/pool/root.s2"}, []),
    (SNAPPED, {"volume": "root", "pool": "default"}, []),
    (SNAPPED, {"format": "raw"}, []),
    (SNAPPED, {"pool": "default", "size": "2GiB"}, ["resize volume root.s2 1GiB -> 2GiB"]),
    (SNAPPED, {"pool": "default", "size": "1GiB", "preallocation": "metadata"}, []),
    (CLONE, {"path": "/pool/clone", "format": "qcow2"}, []),
    (LOOP, {"volume": "loop", "pool": "default"}, []),
    (NAMED, {"pool": "default", "volume": "root"}, []),
    (NAMED, {"path": "/pool/root", "format": "raw"}, []),
    (NAMED, {"pool": "default", "size": "2GiB"}, ["resize volume root 1GiB -> 2GiB"]),
    (REMOTE, {"source": {"protocol": "rbd", "name": "p/i"}}, []),
    (
        REMOTE,
        {"source": {"protocol": "rbd", "hosts": [{"name": "n", "port": 1}]}},
        ["set disk root source.hosts name m, port 1 -> name n, port 1"],
    ),
    (
        state(disk(inside=LUKS)),
        {"encryption": {"secret": "new"}},
        ["set disk root encryption.secret k -> new"],
    ),
]


@pytest.mark.parametrize(("current", "params", "lines"), KEPT)
def test_an_image_is_kept(current: VmState, params: dict[str, Any], lines: list[str]) -> None:
    assert summaries(planned(current, Table(volumes=CHAIN), disks=[params])) == lines


@pytest.mark.parametrize(
    ("current", "params"),
    [(NAMED, {"pool": "default", "volume": "root"}), (SNAPPED, {"path": "/pool/root.s2"})],
)
def test_what_the_definition_itself_tells_needs_no_pool(current: VmState, params: dict[str, Any]) -> None:
    assert summaries(planned(current, Table(pools={}), disks=[params])) == []


def test_an_image_that_a_snapshot_made_is_no_news() -> None:
    class Unseen(Table):
        """A host whose libvirt has not looked at the pool since the snapshot was made."""

        def volume_at(self, path: str) -> VolumeState | None:
            return None if path == "/pool/root.s2" else super().volume_at(path)

    lines = ["resize volume root.s2 1GiB -> 2GiB"]
    for params, expected in (({"path": "/pool/root"}, []), ({"pool": "default", "size": "2GiB"}, lines)):
        assert summaries(planned(SNAPPED, Unseen(volumes=CHAIN), disks=[params])) == expected


REFUSED: list[tuple[VmState | None, dict[str, Any], dict[str, Any], str]] = [
    (
        SNAPPED,
        {"path": "/pool/other"},
        {},
        "disk root has path /pool/root.s2, not /pool/other; a disk with data is not",
    ),
    (SNAPPED, {"volume": "clone", "pool": "default"}, {}, "disk root has volume root.s2, not clone"),
    (CLONE, {"path": "/pool/tiny+1.template.qcow2"}, {}, "disk root has path /pool/clone, not /pool/tiny+1"),
    (NAMED, {"volume": "clone", "pool": "default"}, {}, "disk root has volume root, not clone"),
    (REMOTE, {"path": "/pool/root"}, {}, "disk root has path none, not /pool/root"),
    (
        REMOTE,
        {"source": {"protocol": "rbd", "name": "p/j"}},
        {},
        "disk root is on rbd p/i, not on rbd p/j; a disk with",
    ),
    (REMOTE, {"source": {"protocol": "nbd"}}, {}, "disk root is on rbd p/i, not on nbd"),
    (SNAPPED, {"source": {"protocol": "nbd"}}, {}, "disk root is on /pool/root.s2, not on nbd"),
    (SNAPPED, {"encryption": {"secret": "k"}}, {}, "disk root is not encrypted; a disk with data is not encrypted"),
    (
        None,
        {"preallocation": "metadata"},
        {"template": "tiny"},
        "disk root is made from template tiny:1, and only empty volumes are preallocated",
    ),
    (None, {"format": "raw"}, {"template": "tiny"}, "disk root is made from template tiny:1 as qcow2; leave out its"),
    (None, {"size": "200GiB", "preallocation": "falloc"}, {}, f"102400 MiB free and {200 * GIB // MIB} MiB are needed"),
]


@pytest.mark.parametrize(("current", "params", "more", "why"), REFUSED)
def test_what_is_refused(current: VmState | None, params: dict[str, Any], more: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        planned(current, Table(volumes=CHAIN), disks=[params], **more)
    assert why in str(refusal.value)


def test_a_disk_that_is_attached_is_written_with_all_that_is_said_of_it() -> None:
    wanted = {
        "name": "d",
        "size": "1GiB",
        "encryption": {"secret": "k"},
        "cache": "none",
        "iotune": {"read_iops_sec": 3},
    }
    plan = planned(state(disk(form="raw")), Table(volumes=CHAIN), disks=[{}, wanted])
    (configure,) = [change for change in plan.changes if isinstance(change, Configure)]
    tree, _edits = configure.wish.edited(state(disk(form="raw")).config)
    assert same(
        tree.findall("devices/disk")[1],
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/>"
        f"<source file='/pool/web01-d.qcow2'>{LUKS}</source><target dev='vdb' bus='virtio'/><alias name='ua-d'/>"
        "<iotune><read_iops_sec>3</read_iops_sec></iotune></disk>",
    )
