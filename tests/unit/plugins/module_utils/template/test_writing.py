# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing templates while others write, and after others have died: what is kept, what is deleted, what is refused."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Overtaken, Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._image import source
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.origin import Origin
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.source import Source, Staged
from ansible_collections.kvmops.datacenter.plugins.module_utils._template import changes, state, writing
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.changes import (
    DescribeTemplate,
    ImportTemplate,
    RemoveTemplate,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import Template, read_descriptor
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.state import trace
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

IMAGE, DESCRIPTOR = "web+1.template.qcow2", "web+1.template.json"
NEW, OLD = b"the wanted image", b"a part of some image"


def libvirt_error(code: int) -> libvirt.libvirtError:
    """Return an error with a code, as libvirt raises them."""
    error = libvirt.libvirtError(f"error {code}")
    error.err = (code, 0, f"error {code}", 2, "", "", "", 0, 0)
    return error


class Volume:
    """A volume of the pool below; every write gives it another time."""

    def __init__(self, pool: Pool, name: str, content: bytes) -> None:
        self.pool = pool
        self._name = name
        self.content = content
        self.mode = "0600"
        self.written = 0

    def name(self) -> str:
        return self._name

    def path(self) -> str:
        return f"/images/{self._name}"

    def info(self) -> list[int]:
        return [0, len(self.content), len(self.content)]

    def infoFlags(self, _flags: int) -> list[int]:
        return self.info()

    def delete(self, _flags: int) -> None:
        del self.pool.volumes[self._name]

    def write(self, content: bytes) -> None:
        self.content = content + self.content[len(content) :]
        self.written += 1

    def XMLDesc(self) -> str:
        size = len(self.content)
        times = f"<target><timestamps><mtime>{self.written}</mtime></timestamps></target>"
        return f"<volume><capacity>{size}</capacity><allocation>{size}</allocation>{times}</volume>"


class Pool:
    """As much of a pool of files, and of the connection to its host, as templates are written through."""

    def __init__(self) -> None:
        self.volumes: dict[str, Volume] = {}
        # What happens outside while libvirt looks through the pool.
        self.meanwhile: Callable[[], Any] = lambda: None
        # What another host puts there just before this one creates it.
        self.rival = b""

    def storagePoolLookupByName(self, _name: str) -> Pool:
        return self

    def listAllDomains(self, _which: int) -> list[Any]:
        return []

    def name(self) -> str:
        return "images"

    def isActive(self) -> bool:
        return True

    def refresh(self) -> None:
        self.meanwhile()

    def info(self) -> list[int]:
        return [0, 0, 0, 10**9]

    def XMLDesc(self) -> str:
        return "<pool type='dir'/>"

    def storageVolLookupByName(self, name: str) -> Volume:
        if name not in self.volumes:
            raise libvirt_error(50)
        return self.volumes[name]

    def createXML(self, xml: str, _flags: int) -> Volume:
        tree = parse_xml(xml)
        name = tree.findtext("name")
        if self.rival:
            self.meanwhile = lambda: self.put(name, self.rival)
            raise libvirt_error(38)
        if name in self.volumes:
            raise libvirt_error(90)
        made = self.put(name, bytes(int(tree.findtext("capacity"))))
        made.mode = tree.findtext("target/permissions/mode")
        return made

    def put(self, name: str, content: bytes) -> Volume:
        self.volumes[name] = Volume(self, name, content)
        return self.volumes[name]


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    def upload_file(_host: Any, volume: Volume, path: str, _size: int) -> None:
        volume.write(Path(path).read_bytes())

    monkeypatch.setattr(writing, "upload_file", upload_file)
    monkeypatch.setattr(writing, "upload_bytes", lambda _host, volume, content: volume.write(content))
    monkeypatch.setattr(
        writing, "sha256_of_volume", lambda _host, volume, size: hashlib.sha256(volume.content[:size]).hexdigest()
    )
    monkeypatch.setattr(state, "download_bytes", lambda _host, volume: volume.content)
    monkeypatch.setattr(writing, "image_users", lambda _host, _path: [])
    monkeypatch.setattr(writing, "STILL", 0.15)
    monkeypatch.setattr(writing, "POLL", 0.01)
    return Pool()


@pytest.fixture
def host(pool: Pool) -> Hypervisor:
    return Hypervisor(pool, "fake")


@pytest.fixture
def staged(tmp_path: Path) -> Staged:
    (tmp_path / "image").write_bytes(NEW)
    return Staged(str(tmp_path / "image"), len(NEW), 4096, hashlib.sha256(NEW).hexdigest(), {})


def put(host: Hypervisor, staged: Staged, leftover: Any = None) -> str:
    return writing.put_image(host, "images", "web", "1", staged, leftover)


def test_an_image_is_written_and_read_only(pool: Pool, host: Hypervisor, staged: Staged) -> None:
    assert put(host, staged) == f"/images/{IMAGE}"
    assert (pool.volumes[IMAGE].content, pool.volumes[IMAGE].mode) == (NEW, "0444")


def test_an_image_that_came_since_is_left_to_who_made_it(pool: Pool, host: Hypervisor, staged: Staged) -> None:
    other = pool.put(IMAGE, OLD)
    with pytest.raises(Overtaken):
        put(host, staged)
    assert pool.volumes[IMAGE] is other


def test_an_unfinished_image_that_somebody_goes_on_with_is_left(pool: Pool, host: Hypervisor, staged: Staged) -> None:
    other = pool.put(IMAGE, OLD)
    before = trace(other)
    other.write(b"more")
    with pytest.raises(Overtaken):
        put(host, staged, before)
    assert pool.volumes[IMAGE] is other


def test_a_whole_image_without_a_descriptor_is_kept(pool: Pool, host: Hypervisor, staged: Staged) -> None:
    there = pool.put(IMAGE, NEW)
    assert put(host, staged, trace(there)) == there.path()
    assert (pool.volumes[IMAGE], there.written) == (there, 0)


def test_an_unfinished_image_is_replaced(pool: Pool, host: Hypervisor, staged: Staged) -> None:
    there = pool.put(IMAGE, OLD)
    put(host, staged, trace(there))
    assert pool.volumes[IMAGE].content == NEW
    assert pool.volumes[IMAGE] is not there


def test_an_image_that_something_stands_on_is_never_replaced(
    pool: Pool, host: Hypervisor, staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "image_users", lambda _host, _path: ["images/a.qcow2", "web01"])
    there = pool.put(IMAGE, OLD)
    with pytest.raises(Refused, match=r"images/a\.qcow2, web01"):
        put(host, staged, trace(there))
    assert pool.volumes[IMAGE] is there


def test_a_whole_image_is_kept_also_where_something_stands_on_it(
    pool: Pool, host: Hypervisor, staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "image_users", lambda _host, _path: ["web01"])
    there = pool.put(IMAGE, NEW)
    assert put(host, staged, trace(there)) == there.path()


def test_a_writer_that_was_taken_for_dead_starts_over(
    pool: Pool, host: Hypervisor, staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it hung, another host has deleted its file and begun one of its own."""
    monkeypatch.setattr(writing, "upload_file", lambda *_arguments: pool.put(IMAGE, OLD[: len(NEW)]))
    with pytest.raises(Overtaken):
        put(host, staged)


def test_a_part_of_an_image_does_not_take_room(
    pool: Pool, host: Hypervisor, staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any) -> None:
        raise libvirt_error(38)

    monkeypatch.setattr(writing, "upload_file", full)
    with pytest.raises(libvirt.libvirtError):
        put(host, staged)
    assert pool.volumes == {}


def test_of_two_hosts_the_loser_learns_it(pool: Pool, host: Hypervisor, staged: Staged) -> None:
    """This host's libvirt does not know the file yet: its error is that of the file system."""
    pool.rival = OLD
    with pytest.raises(Overtaken):
        put(host, staged)
    assert pool.volumes[IMAGE].content == OLD


def test_an_error_of_the_pool_is_not_taken_for_a_rival(
    pool: Pool, host: Hypervisor, staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_xml: str, _flags: int) -> None:
        raise libvirt_error(38)

    monkeypatch.setattr(pool, "createXML", full)
    with pytest.raises(libvirt.libvirtError, match="error 38"):
        put(host, staged)


TEMPLATE = Template("web", "1", "images", f"/images/{IMAGE}", 4096, 16, "a" * 64, description="a long description")


def test_a_descriptor_is_written_read_only(pool: Pool, host: Hypervisor) -> None:
    writing.write_descriptor(host, TEMPLATE)
    assert pool.volumes[DESCRIPTOR].content == TEMPLATE.written()
    assert pool.volumes[DESCRIPTOR].mode == "0444"


@pytest.mark.parametrize("description", ["", "x" * 500])
def test_a_descriptor_is_written_over_itself(pool: Pool, host: Hypervisor, description: str) -> None:
    writing.write_descriptor(host, TEMPLATE)
    there = pool.volumes[DESCRIPTOR]
    after = replace(TEMPLATE, description=description)
    writing.write_descriptor(host, after)
    assert pool.volumes[DESCRIPTOR] is there
    assert read_descriptor("images", TEMPLATE.path, there.content) == after


def test_a_template_that_is_described_anew_says_so(pool: Pool, host: Hypervisor) -> None:
    writing.write_descriptor(host, TEMPLATE)
    after = replace(TEMPLATE, os="debian12")
    DescribeTemplate(TEMPLATE, after).carry_out(host)
    assert read_descriptor("images", TEMPLATE.path, pool.volumes[DESCRIPTOR].content) == after


SOURCE = Source(Origin("path", "/web.qcow2", None, "/web.qcow2"))


@pytest.mark.parametrize(("spare", "left", "room"), [(0, 0, True), (-1, 0, False), (-1, 1, True), (-2, 1, False)])
def test_an_image_is_taken_in_only_where_there_is_room_for_it(
    spare: int, left: int, room: bool, pool: Pool, host: Hypervisor, staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an unfinished import has left is room again. The image is there already: where it comes from is tested with
    what fetches it.
    """
    monkeypatch.setattr(source, "staged", lambda *_arguments: nullcontext(staged))
    monkeypatch.setattr(Pool, "info", lambda _pool: [0, 0, 0, len(NEW) + spare])
    leftover = trace(pool.put(IMAGE, bytes(left))) if left else None
    change = ImportTemplate("images", "web", "1", SOURCE, leftover, os="debian12")
    with nullcontext() if room else pytest.raises(Refused, match="Pool 'images' has 0 MiB free and 1 MiB are needed"):
        change.carry_out(host)
    assert [*pool.volumes] == ([IMAGE, DESCRIPTOR] if room else [IMAGE] * left)
    if room:
        made = read_descriptor("images", TEMPLATE.path, pool.volumes[DESCRIPTOR].content)
        assert made == Template("web", "1", "images", TEMPLATE.path, 4096, len(NEW), staged.sha256, os="debian12")


def test_a_descriptor_that_has_lost_its_image_goes_before_the_new_one_comes(
    pool: Pool, host: Hypervisor, staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off in between, no part of an image lies beside a descriptor."""
    monkeypatch.setattr(source, "staged", lambda *_arguments: nullcontext(staged))
    pool.put(DESCRIPTOR, TEMPLATE.written())
    seen: list[list[str]] = []

    def put_image(*_arguments: Any) -> str:
        seen.append([*pool.volumes])
        return TEMPLATE.path

    monkeypatch.setattr(changes, "put_image", put_image)
    ImportTemplate("images", "web", "1", SOURCE, lost=True).carry_out(host)
    assert (seen, [*pool.volumes]) == ([[]], [DESCRIPTOR])


def wait(host: Hypervisor, timeout: float = 5) -> float:
    """Return for how many seconds was waited."""
    start = time.monotonic()
    writing.await_writer(host, "images", "web", "1", timeout)
    return time.monotonic() - start


def test_what_tells_of_a_template_goes_before_its_image(
    pool: Pool, host: Hypervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off in between, a removal leaves no template that VMs could be made from."""
    gone: list[str] = []
    monkeypatch.setattr(Volume, "delete", lambda volume, _flags: gone.append(volume.name()))
    for name in (IMAGE, DESCRIPTOR):
        pool.put(name, NEW)
    RemoveTemplate("images", "web", "1").carry_out(host)
    assert gone == [DESCRIPTOR, IMAGE]


def test_a_template_that_is_removed_is_not_told_of(pool: Pool, host: Hypervisor) -> None:
    """What the run has learnt of templates is older."""
    looked: list[str] = []
    pool.meanwhile = lambda: looked.append("once more")
    for name in (IMAGE, DESCRIPTOR):
        pool.put(name, NEW)
    learnt = [host.once("templates", lambda: "both")]
    RemoveTemplate("images", "web", "1").carry_out(host)
    learnt.append(host.once("templates", lambda: "none"))
    assert (pool.volumes, learnt, looked) == ({}, ["both", "none"], ["once more"])


def test_nothing_is_waited_for_where_nothing_is(host: Hypervisor) -> None:
    assert wait(host) < writing.STILL


def test_a_finished_template_is_not_waited_for(pool: Pool, host: Hypervisor) -> None:
    pool.put(IMAGE, NEW)
    writing.write_descriptor(host, TEMPLATE)
    assert wait(host) < writing.STILL


@pytest.mark.parametrize("descriptor", [None, b"", bytes(300), TEMPLATE.written()[:100]])
def test_an_image_that_stands_still_was_given_up(pool: Pool, host: Hypervisor, descriptor: bytes | None) -> None:
    pool.put(IMAGE, OLD)
    if descriptor is not None:
        pool.put(DESCRIPTOR, descriptor)
    assert wait(host) >= writing.STILL


def test_a_writer_is_waited_for_until_its_descriptor_is_there(pool: Pool, host: Hypervisor) -> None:
    image = pool.put(IMAGE, OLD)
    rounds = iter(range(40))

    def written() -> None:
        if next(rounds) < 30:
            image.write(b"x")
        else:
            pool.put(DESCRIPTOR, TEMPLATE.written())

    pool.meanwhile = written
    assert wait(host) >= 28 * writing.POLL
    assert image.written == 30


def test_a_writer_that_never_ends_is_not_waited_for_for_ever(pool: Pool, host: Hypervisor) -> None:
    image = pool.put(IMAGE, OLD)
    pool.meanwhile = lambda: image.write(b"x")
    with pytest.raises(TimedOut, match="web:1"):
        wait(host, 0.3)
