# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libvirt is told when changes to volumes are carried out, and what stops them.

A stand-in listens: libvirt's test driver builds every volume at once, takes no uploads, and resizes nothing of a VM
that runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, NotFound, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage import changes
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.changes import (
    CloneVolume,
    DeleteVolume,
    RefreshPool,
    ResizeVolume,
    UploadNeeded,
    UploadVolume,
    WriteVolume,
    volume_xml,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.state import Backing
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils.stand_in import StandIn, failure

NO_VOLUME, BUILDING = failure(libvirt.VIR_ERR_NO_STORAGE_VOL), failure(libvirt.VIR_ERR_OPERATION_INVALID)


def pool_of(volume: StandIn | None, **answers: Any) -> StandIn:
    """Return an active pool with that one volume, or with none."""
    found = NO_VOLUME if volume is None else volume
    described = {"isActive": 1, "XMLDesc": "<pool type='dir'><name>p</name></pool>", "refresh": None}
    return StandIn(**{**described, "storageVolLookupByName": found, **answers})


def host_of(pool: StandIn, **answers: Any) -> Hypervisor:
    return Hypervisor(StandIn(storagePoolLookupByName=pool, **answers), "fake:///")


RESIZED, BYTES = ("resize", GIB, 0), libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES
ONLINE = ("blockResize", "/p/v", GIB, BYTES)


@pytest.mark.parametrize(
    ("running", "domain", "of_volume", "of_vm"),
    [
        (None, StandIn(isActive=1), [RESIZED], []),
        ("web01", StandIn(isActive=1), [], [ONLINE]),
        # It was switched off, or has gone, since this was planned.
        ("web01", StandIn(isActive=0), [RESIZED], []),
        ("web01", failure(libvirt.VIR_ERR_NO_DOMAIN), [RESIZED], []),
    ],
)
def test_the_image_of_a_running_vm_is_resized_by_its_qemu(
    running: str | None, domain: Any, of_volume: list[Any], of_vm: list[Any]
) -> None:
    volume = StandIn(path="/p/v")
    ResizeVolume("p", "v", 1, GIB, running=running).carry_out(host_of(pool_of(volume), lookupByName=domain))
    assert volume.told == of_volume
    assert getattr(domain, "told", []) == of_vm


def test_a_volume_that_has_gone_is_not_resized() -> None:
    with pytest.raises(NotFound, match="Volume 'v' does not exist in pool 'p'"):
        ResizeVolume("p", "v", 1, GIB).carry_out(host_of(pool_of(None)))


@pytest.mark.parametrize(("size", "told"), [(GIB - 1, [RESIZED]), (GIB, []), (2 * GIB, [])])
def test_a_copy_grows_and_never_shrinks(size: int, told: list[Any]) -> None:
    copy, source = StandIn(info=[0, size, 0]), StandIn()
    CloneVolume("p", "v", "p", "source", GIB).carry_out(host_of(pool_of(source, createXMLFrom=copy)))
    assert copy.told == told


@pytest.mark.parametrize(("kind", "allocation"), [("dir", "0"), ("logical", None)])
def test_a_copy_takes_no_more_than_it_has_to(kind: str, allocation: str | None) -> None:
    """LVM has to be given all at once."""
    made: list[Any] = []

    def make(xml: str, _source: Any, _flags: int) -> StandIn:
        made.append(parse_xml(xml).findtext("allocation"))
        return StandIn(info=[0, GIB, 0])

    described = f"<pool type='{kind}'><name>p</name></pool>"
    pool = pool_of(StandIn(), createXMLFrom=make, XMLDesc=described)
    CloneVolume("p", "v", "p", "source", GIB, "raw").carry_out(host_of(pool))
    assert made == [allocation]


def in_turn(*answers: Any) -> Any:
    """Return a call that answers, or fails, differently each time."""
    left: Iterator[Any] = iter(answers)

    def call(*_arguments: Any) -> Any:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return call


@pytest.mark.parametrize(
    ("deleting", "stopped_by"),
    [
        ([0], None),
        # libvirt builds it still, and then not any more.
        ([BUILDING, BUILDING, 0], None),
        ([BUILDING, NO_VOLUME], None),
        ([NO_VOLUME], None),
        ([failure(libvirt.VIR_ERR_INTERNAL_ERROR)], libvirt.libvirtError),
    ],
)
def test_a_volume_is_deleted_as_soon_as_libvirt_lets_go_of_it(
    deleting: list[Any], stopped_by: type[Exception] | None
) -> None:
    asked: list[int] = []
    answer = in_turn(*deleting)

    def delete(flags: int) -> Any:
        asked.append(flags)
        return answer()

    with pytest.raises(stopped_by) if stopped_by else nullcontext():
        DeleteVolume("p", "v").carry_out(host_of(pool_of(StandIn(delete=delete))))
    assert asked == [0] * len(deleting)


def test_a_volume_that_is_built_for_ever_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_BUILD_SECONDS", 0)
    with pytest.raises(TimedOut, match="Volume 'v' of pool 'p' was not released by libvirt"):
        DeleteVolume("p", "v").carry_out(host_of(pool_of(StandIn(delete=BUILDING))))


def test_what_is_gone_is_deleted_already() -> None:
    DeleteVolume("p", "v").carry_out(host_of(pool_of(None)))


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the list of what is done: volumes deleted and made, their content sent, pools refreshed."""
    steps: list[Any] = []
    monkeypatch.setattr(changes, "upload_bytes", lambda *sent: steps.append(("sent", *sent[1:])))
    monkeypatch.setattr(changes, "upload_file", lambda *sent: steps.append(("sent", *sent[1:])))
    return steps


def noting(steps: list[Any], new: StandIn) -> StandIn:
    """Return a pool with a volume, all of whose changes are noted in order."""

    def make(xml: str, flags: int) -> StandIn:
        tree = parse_xml(xml)
        kind = tree.find("target/format").get("type")
        sizes = [tree.findtext(size) for size in ("capacity", "allocation")]
        steps.append(("made", kind, *sizes, tree.findtext("target/permissions/mode"), flags))
        return new

    old = StandIn(delete=lambda _flags: steps.append("deleted"))
    return pool_of(old, createXML=make, refresh=lambda: steps.append("refreshed"))


def test_a_small_volume_takes_the_place_of_the_one_before(done: list[Any]) -> None:
    new = StandIn()
    WriteVolume("p", "v", b"secret", "seed", mode="0600").carry_out(host_of(noting(done, new)))
    assert done == ["deleted", ("made", "raw", "6", "0", "0600", 0), ("sent", new, b"secret")]


def test_a_file_takes_the_place_of_the_volume_before(done: list[Any]) -> None:
    new = StandIn()
    UploadVolume("p", "v", "/file", 7).carry_out(host_of(noting(done, new)))
    assert done == ["deleted", ("made", "raw", "7", "0", None, 0), ("sent", new, "/file", 7), "refreshed"]


def test_nothing_is_deleted_for_a_file_that_is_not_there_yet(done: list[Any]) -> None:
    with pytest.raises(UploadNeeded):
        UploadVolume("p", "v", "", 7).carry_out(host_of(noting(done, StandIn())))
    assert done == []


def test_a_pool_is_looked_through_again(done: list[Any]) -> None:
    RefreshPool("p").carry_out(host_of(noting(done, StandIn())))
    assert done == ["refreshed"]


def test_nothing_is_done_in_a_pool_that_was_stopped(done: list[Any]) -> None:
    pool = noting(done, StandIn())
    pool.answers["isActive"] = 0
    for change in (WriteVolume("p", "v", b"", "seed"), DeleteVolume("p", "v"), RefreshPool("p")):
        with pytest.raises(KvmError, match="Pool 'p' is not active"):
            change.carry_out(host_of(pool))
    assert done == []


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ({}, []),
        ({"allocation": 0}, ["allocation"]),
        ({"mode": "0600"}, ["permissions", "mode"]),
        ({"secret": "s"}, ["encryption", "secret"]),
        ({"backing": Backing("/p/b", "raw")}, ["backingStore", "path", "format"]),
    ],
)
def test_a_new_volume_is_only_what_was_said_of_it(said: dict[str, Any], more: list[str]) -> None:
    tags = [node.tag for node in parse_xml(volume_xml("v", GIB, "raw", **said)).iter()]
    assert sorted(tags) == sorted(["volume", "name", "capacity", "target", "format", *more])
