# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to make pools of: what libvirt is asked, and its answer in the words of `source`.

The connection is a stand-in that keeps the question: libvirt's test driver finds two types only, whatever it is asked.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor, hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_discovery import FINDABLE, find_sources
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_plan import plan_pool
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_spec import PoolSpec
from lxml import etree


class Connection:
    """A connection that answers what it was given, and keeps what it was asked."""

    def __init__(self, answer: str) -> None:
        self.answer = f"<sources>{answer}</sources>"
        self.asked: tuple[str, str | None] = ("", None)

    def findStoragePoolSources(self, kind: str, question: str | None, _flags: int) -> str:
        self.asked = (kind, question)
        return self.answer


NFS = "<source><host name='nas'/><dir path='/a'/><format type='nfs'/></source>"
IQN = "iqn.2026-01.org.example"
FOUND: list[tuple[dict[str, Any], str | None, str, list[dict[str, Any]]]] = [
    (
        {"type": "netfs", "host": "nas"},
        "<source><host name='nas'/></source>",
        NFS + NFS.replace("/a", "/b"),
        [{"host": "nas", "dir": "/a", "format": "nfs"}, {"host": "nas", "dir": "/b", "format": "nfs"}],
    ),
    (
        {"type": "iscsi", "host": "san", "port": 3261, "initiator": f"{IQN}:h"},
        f"<source><host name='san' port='3261'/><initiator><iqn name='{IQN}:h'/></initiator></source>",
        f"<source><host name='san' port='3261'/><device path='{IQN}:vms'/></source>",
        [{"hosts": [{"name": "san", "port": 3261}], "devices": [f"{IQN}:vms"]}],
    ),
    (
        {"type": "iscsi-direct", "host": "san", "initiator": f"{IQN}:h"},
        f"<source><host name='san'/><initiator><iqn name='{IQN}:h'/></initiator></source>",
        "",
        [],
    ),
    (
        {"type": "gluster", "host": "h1"},
        "<source><host name='h1'/></source>",
        "<source><host name='h1'/><dir path='/'/><name>shared</name></source>",
        [{"host": "h1", "name": "shared", "dir": "/"}],
    ),
    (
        {"type": "logical"},
        None,
        "<source><device path='/dev/a'/><device path='/dev/b'/><name>vg</name><format type='lvm2'/></source>",
        [{"name": "vg", "devices": ["/dev/a", "/dev/b"], "format": "lvm2"}],
    ),
]


def plain(xml: str | None) -> str | None:
    return (
        xml and etree.tostring(etree.fromstring(xml, etree.XMLParser(remove_blank_text=True)), method="c14n").decode()
    )


@pytest.mark.parametrize(("wanted", "question", "answer", "sources"), FOUND)
def test_found(wanted: dict[str, Any], question: str | None, answer: str, sources: list[dict[str, Any]]) -> None:
    connection = Connection(answer)
    assert find_sources(Hypervisor(connection, "qemu:///system"), {"host": None, "port": None, **wanted}) == sources
    kind, asked = connection.asked
    assert (kind, plain(asked)) == (wanted["type"], plain(question))


def test_every_type_is_looked_for() -> None:
    assert {wanted["type"] for wanted, *_rest in FOUND} == set(FINDABLE)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"type": "netfs"}, "on a server; name it as 'host'"),
        ({"type": "logical", "host": "h"}, "without host; leave it out"),
        ({"type": "gluster", "host": "h", "port": 1}, "without port; leave it out"),
        ({"type": "iscsi", "host": "h", "port": 0}, "port 0 is out of range"),
    ],
)
def test_refused(wanted: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as caught:
        find_sources(Hypervisor(Connection(""), "qemu:///system"), wanted)
    assert words in str(caught.value)


def test_what_the_driver_finds_makes_pools() -> None:
    with hypervisor("test:///default") as host:
        for wanted in ({"type": "logical"}, {"type": "netfs", "host": "nas"}):
            sources = find_sources(host, wanted)
            assert sources
            for source in sources:
                params = {"name": "p", "type": wanted["type"], "source": source}
                directory = {"target": "/srv/p"} if wanted["type"] == "netfs" else {}
                assert plan_pool(PoolSpec.from_params({**params, **directory}), None).changes


def test_what_the_driver_cannot_find_is_a_sentence() -> None:
    with hypervisor("test:///default") as host, pytest.raises(KvmError) as caught:
        find_sources(host, {"type": "iscsi", "host": "san"})
    assert "Look for sources of pools of type iscsi on san" in str(caught.value)
