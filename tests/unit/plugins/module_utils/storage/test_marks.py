# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks in pools, on libvirt's test driver.

It neither uploads nor downloads: what reads and writes the content of volumes is a stand-in here, and so is the host's
way to run a program.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage import marks
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.marks import (
    User,
    content_of,
    is_forgotten,
    new_mark,
    qemu_user,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_check import check_options, check_pools

from tests.unit.default_host import default_host
from tests.unit.plugins.module_utils.stand_in import StandIn, failure

POOL = "default-pool"
QEMU = User("64055", "105")
LUNS = """<pool type='iscsi'><name>luns</name><source><host name='san'/><device path='iqn.2026-01.o:t'/></source>
<target><path>/dev/disk/by-path</path></target></pool>"""


class Programs:
    """A host's programs: what was run, and what they answer."""

    def __init__(self) -> None:
        self.ran: list[list[str]] = []
        self.answer = (0, "", "")

    def __call__(self, command: list[str]) -> tuple[int, str, str]:
        self.ran.append(command)
        return self.answer


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> Programs:
    """The host's programs, on a host on which QEMU's user is known."""
    monkeypatch.setattr(marks, "qemu_user", lambda _host: QEMU)
    return Programs()


@pytest.fixture
def host(programs: Programs) -> Iterator[Hypervisor]:
    with default_host() as connection:
        yield Hypervisor(connection, "test:///default", programs)


def volumes(host: Hypervisor) -> list[str]:
    return sorted(host.require_active_pool(POOL).listVolumes())


def put(host: Hypervisor, *names: str) -> None:
    for name in names:
        xml = f"<volume><name>{name}</name><capacity>512</capacity></volume>"
        host.require_active_pool(POOL).createXML(xml, 0)


def ask(host: Hypervisor, step: str, dry_run: bool = False, **options: Any) -> dict[str, Any]:
    """Take a step as the module does."""
    pools = [{"name": name, "read_only": name in options.get("read_only", ())} for name in options.pop("pools", [POOL])]
    return check_pools(host, {"step": step, "pools": pools, "marks": (), "timeout": 0, **options}, dry_run)


def mark_of(result: dict[str, Any]) -> str:
    (mark,) = result["marks"]
    assert mark["pool"] == POOL
    return str(mark["name"])


def test_a_mark_is_written_as_qemu(host: Hypervisor, programs: Programs) -> None:
    written = ask(host, "write")
    mark = mark_of(written)
    assert (written["errors"], volumes(host)) == ({}, [mark])
    (command,) = programs.ran
    assert command[:4] == ["setpriv", "--reuid=64055", "--regid=105", "--clear-groups"]
    assert command[-2:] == [content_of(mark), f"/default-pool/{mark}"]
    assert written["pools"] == [{"name": POOL, "state": "active", "type": "dir", "target": "/default-pool"}]


def test_a_mark_belongs_to_qemu_and_is_readable_for_all() -> None:
    xml = marks._mark_xml("m", 0, QEMU)
    assert all(part in xml for part in ("<mode>0644</mode>", "<owner>64055</owner>", "<group>105</group>"))
    assert "<owner>" not in marks._mark_xml("m", 0, None)


def test_nothing_stays_of_a_mark_that_cannot_be_written(host: Hypervisor, programs: Programs) -> None:
    programs.answer = (2, "", "sh: Permission denied\n")
    written = ask(host, "write")
    assert (written["marks"], volumes(host)) == ([], [])
    assert written["errors"] == {
        POOL: "QEMU, which runs as user 64055 and group 105, cannot write into it (sh: Permission denied)"
    }


def test_a_mark_is_uploaded_where_qemus_user_is_not_known(host: Hypervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "qemu_user", lambda _host: None)
    written = ask(host, "write")
    assert (written["marks"], volumes(host)) == ([], [])
    assert "not supported by the connection driver: virStorageVolUpload" in written["errors"][POOL]
    sent: list[bytes] = []
    monkeypatch.setattr(marks, "upload_bytes", lambda _host, _volume, content: sent.append(content))
    assert sent == []
    assert [content_of(mark_of(ask(host, "write"))).encode()] == sent


@pytest.mark.parametrize(("dry_run", "read_only"), [(True, ()), (False, (POOL,))])
def test_nothing_is_written_in_check_mode_or_where_pools_are_only_read(
    host: Hypervisor, dry_run: bool, read_only: tuple[str, ...]
) -> None:
    written = ask(host, "write", dry_run, read_only=read_only)
    assert (written["marks"], written["errors"], volumes(host)) == ([], {}, [])


def test_what_is_not_active_is_told_and_left_alone(host: Hypervisor) -> None:
    host.require_active_pool(POOL).destroy()
    for step in ("write", "read", "remove"):
        told = ask(host, step, pools=[POOL, "none", POOL])
        assert [(pool["name"], pool["state"]) for pool in told["pools"]] == [(POOL, "inactive"), ("none", "absent")]
        assert not any(value for key, value in told.items() if key != "pools")
    host.connection.storagePoolLookupByName(POOL).create(0)


def test_pools_that_take_no_volumes_are_compared_by_their_volumes(host: Hypervisor) -> None:
    put(host, "b", "a", new_mark())
    luns = host.connection.storagePoolDefineXML(LUNS, 0)
    luns.create(0)
    assert ask(host, "write", pools=["luns"])["marks"] == []
    read = ask(host, "read", pools=["luns", POOL], read_only=[POOL])
    assert (read["volumes"], read["missing"]) == ({"luns": sorted(luns.listVolumes()), POOL: ["a", "b"]}, [])


def test_marks_count_when_they_are_whole(host: Hypervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, torn, gone = new_mark(), new_mark(), new_mark()
    put(host, whole, torn)
    contents = {whole: content_of(whole), torn: content_of(torn).replace("kvmops", "kvm...")}

    def digest(_host: Hypervisor, volume: Any, size: int) -> str:
        assert size == len(contents[volume.name()]) == 512
        return hashlib.sha256(contents[volume.name()].encode()).hexdigest()

    monkeypatch.setattr(marks, "sha256_of_volume", digest)
    wanted = [{"pool": POOL, "name": name} for name in (gone, whole, torn)]
    elsewhere = {"pool": "other", "name": gone}
    read = ask(host, "read", marks=[*wanted, elsewhere])
    assert read["missing"] == [wanted[0], wanted[2]]
    assert (read["volumes"], read["errors"]) == ({}, {})
    assert ask(host, "read", marks=[wanted[1]])["missing"] == []


def test_a_mark_that_comes_late_is_waited_for(host: Hypervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    late = new_mark()
    digests = iter(["", hashlib.sha256(content_of(late).encode()).hexdigest()])
    monkeypatch.setattr(marks, "sha256_of_volume", lambda *_arguments: next(digests))
    put(host, late)
    assert ask(host, "read", marks=[{"pool": POOL, "name": late}], timeout=30)["missing"] == []
    assert list(digests) == []


def test_a_mark_that_cannot_be_read_is_not_there(host: Hypervisor) -> None:
    mark = new_mark()
    put(host, mark)
    assert ask(host, "read", marks=[{"pool": POOL, "name": mark}])["missing"] == [{"pool": POOL, "name": mark}]


def test_marks_go_and_so_do_those_of_long_ago(host: Hypervisor) -> None:
    own, others = new_mark(), new_mark()
    forgotten = f"kvmops-check.{int(time.time()) - 700}.0123456789abcdef"
    put(host, own, others, forgotten, "disk")
    asked: dict[str, Any] = {"marks": [{"pool": POOL, "name": own}, {"pool": "other", "name": others}]}
    ask(host, "remove", dry_run=True, **asked)
    assert len(volumes(host)) == 4
    removed = ask(host, "remove", **asked)
    assert (removed["errors"], removed["warnings"]) == ({}, [])
    assert volumes(host) == sorted([others, "disk"])
    assert ask(host, "remove", **asked)["errors"] == {}


@pytest.mark.parametrize(("gone", "failed"), [(True, []), (False, [POOL])])
def test_marks_that_several_hosts_delete_at_the_same_moment(
    host: Hypervisor, monkeypatch: pytest.MonkeyPatch, gone: bool, failed: list[str]
) -> None:
    def stale(asked: Hypervisor, pool: str, name: str) -> None:
        if gone:
            asked.require_active_pool(pool).storageVolLookupByName(name).delete()
        raise failure(38)

    monkeypatch.setattr(marks, "delete_volume", stale)
    put(host, "kvmops-check.1.0123456789abcdef")
    assert list(ask(host, "remove")["errors"]) == failed


def test_a_mark_that_stays_is_warned_about(host: Hypervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(_host: Hypervisor, _pool: str, name: str) -> None:
        raise KvmError(f"Volume '{name}' is stuck.")

    monkeypatch.setattr(marks, "delete_volume", stuck)
    put(host, "kvmops-check.1.0123456789abcdef")
    words = "Volume 'kvmops-check.1.0123456789abcdef' is stuck"
    removed = ask(host, "remove")
    assert removed["errors"] == {POOL: words}
    assert removed["warnings"] == [f"A mark stays in pool '{POOL}': {words}; the next run removes it."]


@pytest.mark.parametrize(
    ("name", "forgotten"),
    [
        ("kvmops-check.1000.0123456789abcdef", True),
        ("kvmops-check.1500.0123456789abcdef", False),
        ("kvmops-check.1000.0123456789abcde", False),
        ("kvmops-check.1000.0123456789abcdef.qcow2", False),
        ("my-kvmops-check.1000.0123456789abcdef", False),
        ("kvmops-check.1000", False),
    ],
)
def test_what_a_run_of_long_ago_has_left(name: str, forgotten: bool) -> None:
    assert is_forgotten(name, 2000) is forgotten


def test_no_two_marks_are_the_same() -> None:
    first, second = new_mark(), new_mark()
    assert first != second
    assert not is_forgotten(first, time.time())
    assert is_forgotten(first, time.time() + 700)
    assert len(content_of(first)) == 512
    assert content_of(first) != content_of(second)


def capabilities(model: str = "dac", label: str = "+64055:+105") -> str:
    none = "<secmodel><model>none</model></secmodel>"
    model = f"<secmodel><model>{model}</model><baselabel type='kvm'>{label}</baselabel></secmodel>"
    return f"<capabilities><host>{none}{model}</host></capabilities>"


@pytest.mark.parametrize(
    ("uri", "process", "told", "user"),
    [
        ("qemu:///system", 0, capabilities(), QEMU),
        ("qemu:///system", 1000, capabilities(), None),
        ("qemu:///session", 0, capabilities(), None),
        ("qemu+ssh://root@h2/system", 0, capabilities(), None),
        ("qemu:///system", 0, capabilities(model="selinux"), None),
        ("qemu:///system", 0, capabilities(label="system_u:system_r:svirt_t:s0"), None),
        ("qemu:///system", 0, "<capabilities><host/></capabilities>", None),
    ],
)
def test_as_whom_qemu_runs(
    monkeypatch: pytest.MonkeyPatch, uri: str, process: int, told: str, user: User | None
) -> None:
    monkeypatch.setattr(marks.os, "geteuid", lambda: process)
    assert qemu_user(Hypervisor(StandIn(getCapabilities=told), uri)) == user


def test_the_steps_are_the_documented_ones() -> None:
    assert check_options()["step"]["choices"] == ["write", "read", "remove"]
