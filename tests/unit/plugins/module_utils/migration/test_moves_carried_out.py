# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which a disk is moved, and what is left where that fails.

A stand-in for libvirt with one VM and two pools: its test driver copies no disks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import NAMESPACE, read_record
from ansible_collections.kvmops.datacenter.plugins.module_utils._migration.changes import (
    DropOld,
    ForgetMove,
    Move,
    MoveDisk,
    MoveRunning,
    MoveStopped,
    Rewrite,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._migration.moving import MIGRATION
from ansible_collections.kvmops.datacenter.plugins.module_utils._migration.spec import DiskMove, MigrateSpec
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.state import Backing
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml

from tests.unit.plugins.module_utils._vm.table import domain
from tests.unit.plugins.module_utils.stand_in import failure

PIVOT = libvirt.VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT
REUSE = libvirt.VIR_DOMAIN_BLOCK_COPY_REUSE_EXT | libvirt.VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB
BROKEN = failure(libvirt.VIR_ERR_INTERNAL_ERROR)
TAKEN = failure(libvirt.VIR_ERR_STORAGE_VOL_EXIST)
ROOT = (
    "<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/><source pool='a' volume='root.qcow2' "
    "startupPolicy='optional'><seclabel model='dac' relabel='no'/></source><backingStore/>"
    "<target dev='vda' bus='virtio'/><serial>7</serial><alias name='ua-root'/></disk>"
)


class Volume:
    """A volume; what is done to it is noted."""

    def __init__(self, pool: Pool, name: str) -> None:
        self.pool, self._name, self.written = pool, name, "1.0"

    def name(self) -> str:
        return self._name

    def path(self) -> str:
        return f"/{self.pool.name()}/{self._name}"

    def info(self) -> list[int]:
        return [0, GIB, 0]

    def XMLDesc(self) -> str:
        times = f"<timestamps><mtime>{self.written}</mtime></timestamps>"
        target = f"<target><path>{self.path()}</path><format type='qcow2'/>{times}</target>"
        return f"<volume><name>{self._name}</name><capacity>{GIB}</capacity>{target}</volume>"

    def storagePoolLookupByVolume(self) -> Pool:
        return self.pool

    def delete(self, flags: int) -> None:
        self.pool.host.happens(f"delete {self.path()}")
        del self.pool.volumes[self._name]


class Pool:
    """A pool in which volumes are made."""

    def __init__(self, host: Libvirt, name: str, *volumes: str) -> None:
        self.host, self._name, self.refreshed = host, name, 0
        self.volumes = {volume: Volume(self, volume) for volume in volumes}

    def name(self) -> str:
        return self._name

    def isActive(self) -> int:
        return 1

    def refresh(self) -> None:
        self.refreshed += 1

    def info(self) -> list[int]:
        return [2, GIB, GIB, 4096]

    def XMLDesc(self) -> str:
        return f"<pool type='dir'><name>{self._name}</name><target><path>/{self._name}</path></target></pool>"

    def listAllVolumes(self) -> list[Volume]:
        return list(self.volumes.values())

    def storageVolLookupByName(self, name: str) -> Volume:
        if name not in self.volumes:
            raise failure(libvirt.VIR_ERR_NO_STORAGE_VOL)
        return self.volumes[name]

    def createXML(self, xml: str, flags: int) -> Volume:
        return self._made("create", xml)

    def createXMLFrom(self, xml: str, source: Volume, flags: int) -> Volume:
        return self._made(f"clone {source.path()} to", xml)

    def _made(self, how: str, xml: str) -> Volume:
        tree = parse_xml(xml)
        name = tree.findtext("name")
        self.host.happens(f"{how} /{self._name}/{name}")
        self.volumes[name] = Volume(self, name)
        return self.volumes[name]


class Libvirt:
    """A connection, and the one VM of its host.

    `events` happen before a step is done, `copied` when a copy has begun; an error stops the step.
    """

    def __init__(self, active: bool = True, **events: Any) -> None:
        self.steps: list[str] = []
        self.active = active
        self.config, self.live = domain(ROOT), domain(ROOT)
        disk = self.live.find("devices/disk")
        disk.replace(disk.find("source"), parse_xml("<source file='/a/root.qcow2'/>"))
        self.pools = {"a": Pool(self, "a", "root.qcow2"), "b": Pool(self, "b")}
        self.events, self.copied = events, events.pop("copied", None)
        self.rewrites = True

    def happens(self, step: str) -> None:
        self.steps.append(step)
        event = self.events.get(step.split(maxsplit=1)[0])
        if isinstance(event, BaseException):
            raise event
        if event:
            event(self)

    # The connection.

    def lookupByName(self, name: str) -> Libvirt:
        return self

    def storagePoolLookupByName(self, name: str) -> Pool:
        return self.pools[name]

    def storageVolLookupByPath(self, path: str) -> Volume:
        pool, name = path.strip("/").split("/")
        return self.pools[pool].storageVolLookupByName(name)

    def listAllStoragePools(self, _which: int = 0) -> list[Pool]:
        return list(self.pools.values())

    def listAllDomains(self, which: int = 0) -> list[Libvirt]:
        return [self]

    def defineXML(self, xml: str) -> None:
        self.happens("define")
        self.config = parse_xml(xml)

    # The VM.

    def name(self) -> str:
        return "web01"

    def isActive(self) -> bool:
        return self.active

    def isPersistent(self) -> bool:
        return True

    def state(self) -> list[int]:
        return [libvirt.VIR_DOMAIN_RUNNING if self.active else libvirt.VIR_DOMAIN_SHUTOFF, 0]

    def autostart(self) -> int:
        return 0

    def hasManagedSaveImage(self) -> int:
        return 0

    def snapshotNum(self) -> int:
        return 0

    def listAllCheckpoints(self) -> list[Any]:
        return []

    def blockJobInfo(self, target: str) -> dict[str, int]:
        return {} if self.live.find("devices/disk/mirror") is None else {"type": 2}

    def XMLDesc(self, flags: int) -> str:
        return to_xml(self.config if flags & libvirt.VIR_DOMAIN_XML_INACTIVE or not self.active else self.live)

    def setMetadata(self, _kind: int, xml: str | None, _key: str, uri: str, _flags: int) -> None:
        self.happens("forget" if xml is None else "note")
        for known in self.config.findall("metadata"):
            self.config.remove(known)
        if xml:
            inside = xml.replace("<vm>", f"<vm xmlns='{uri}'>")
            self.config.append(parse_xml(f"<metadata>{inside}</metadata>"))

    @property
    def noted(self) -> Any:
        return read_record(self.config).get("moving")

    def blockCopy(self, target: str, xml: str, limits: dict[str, int], flags: int) -> None:
        path = parse_xml(xml).find("source").get("file")
        self.happens(f"copy {target} to {path} by {flags} within {limits}")
        mirror = f"<mirror job='copy' ready='yes'><format type='qcow2'/><source file='{path}'/></mirror>"
        self.live.find("devices/disk").append(parse_xml(mirror))
        if self.copied:
            self.copied(self)

    def blockJobSetSpeed(self, target: str, speed: int, flags: int) -> None:
        self.happens(f"speed {speed} {flags}")

    def blockJobAbort(self, target: str, flags: int) -> None:
        self.happens("pivot" if flags == PIVOT else "abort")
        mirror = self.live.find("devices/disk/mirror")
        if flags == PIVOT:
            for tree in [self.live, self.config] if self.rewrites else [self.live]:
                disk = tree.find("devices/disk")
                disk.replace(disk.find("source"), parse_xml(to_xml(mirror.find("source"))))
        mirror.getparent().remove(mirror)


def drop_mirror(host: Libvirt) -> None:
    mirror = host.live.find("devices/disk/mirror")
    mirror.getparent().remove(mirror)


def stop(host: Libvirt) -> None:
    host.active = False


MOVE = Move("web01", "root", "vda", "a/root.qcow2", "b", "root.qcow2", "qcow2", "file", GIB)
LINKED = replace(MOVE, backing=Backing("/a/base", "raw"))
RUNNING = MoveRunning(MOVE, 0, 5)
CREATE, COPY = "create /b/root.qcow2", f"copy vda to /b/root.qcow2 by {REUSE} within {{}}"
NOTE = {"source": "a/root.qcow2", "destination": "b/root.qcow2", "keep": False}


def hypervisor(host: Libvirt, run: Any = None) -> Hypervisor:
    return Hypervisor(host, "fake:///", run)


def on(tree: Any) -> str:
    return str(tree.find("devices/disk/source").get("file"))


def test_a_disk_of_a_running_vm_is_moved_in_this_order() -> None:
    host = Libvirt()
    RUNNING.carry_out(hypervisor(host))
    assert host.steps == ["note", CREATE, COPY, "pivot"]
    assert (on(host.live), on(host.config)) == ("/b/root.qcow2", "/b/root.qcow2")
    assert host.noted == [NOTE], "until the old volume is gone"
    DropOld("web01", "a/root.qcow2", "b/root.qcow2").carry_out(hypervisor(host))
    assert host.steps[4:] == ["delete /a/root.qcow2", "forget"]
    assert host.noted is None


def test_a_move_that_keeps_the_old_volume_is_forgotten_at_once() -> None:
    host = Libvirt()
    MoveRunning(replace(MOVE, keep=True), 0, 5).carry_out(hypervisor(host))
    assert host.steps == ["note", CREATE, COPY, "pivot", "forget"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (MoveRunning(MOVE, 7, 5), f"by {REUSE} within {{'bandwidth': 7}}"),
        (MoveRunning(LINKED, 0, 5), f"by {REUSE | libvirt.VIR_DOMAIN_BLOCK_COPY_SHALLOW} within {{}}"),
    ],
)
def test_how_qemu_is_told_to_copy(change: MoveRunning, told: str) -> None:
    host = Libvirt()
    change.carry_out(hypervisor(host))
    assert host.steps[2] == f"copy vda to /b/root.qcow2 {told}"


@pytest.mark.parametrize("bandwidth", [0, 9])
def test_a_copy_that_goes_on_is_taken_over_at_the_speed_that_is_wanted_now(bandwidth: int) -> None:
    host = interrupted()
    MoveRunning(MOVE, bandwidth, 5, goes_on=True).carry_out(hypervisor(host))
    assert host.steps == [f"speed {bandwidth} {libvirt.VIR_DOMAIN_BLOCK_JOB_SPEED_BANDWIDTH_BYTES}", "pivot"]
    assert on(host.live) == "/b/root.qcow2"


def interrupted() -> Libvirt:
    """Return a host on which a run was killed while QEMU copied."""
    host = Libvirt(pivot=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        RUNNING.carry_out(hypervisor(host))
    host.steps, host.events = [], {}
    return host


def test_a_vm_that_somebody_else_has_told_to_go_over_is_not_told_again() -> None:
    host = interrupted()
    host.blockJobAbort("vda", PIVOT)
    host.steps.clear()
    MoveRunning(MOVE, 9, 5, goes_on=True).carry_out(hypervisor(host))
    assert host.steps == []


def test_a_configuration_that_libvirt_does_not_write_is_written() -> None:
    host = Libvirt()
    host.rewrites = False
    RUNNING.carry_out(hypervisor(host))
    assert host.steps == ["note", CREATE, COPY, "pivot", "define"]
    disk = host.config.find("devices/disk")
    assert [disk.get("type"), on(host.config), disk.findtext("serial")] == ["file", "/b/root.qcow2", "7"]
    assert disk.find("backingStore") is None
    source = disk.find("source")
    assert dict(source.attrib) == {"file": "/b/root.qcow2", "startupPolicy": "optional"}
    assert source.find("seclabel").get("relabel") == "no", "what is no place stays"
    assert host.noted == [NOTE]
    Rewrite(MOVE).carry_out(hypervisor(host))
    assert host.steps[5:] == [], "it is written already"


FAILURES: dict[str, tuple[Callable[[], Libvirt], list[str], str]] = {
    "the copy is lost": (
        lambda: Libvirt(copied=drop_mirror),
        ["delete /b/root.qcow2", "forget"],
        r"QEMU gave the copy up, .*; it stays on a/root.qcow2, and the copy was removed \(pool 'b' has 4KiB free\)",
    ),
    "the copy is refused": (
        lambda: Libvirt(copy=BROKEN),
        ["delete /b/root.qcow2", "forget"],
        "libvirt did not copy it: it failed",
    ),
    "the volume is refused": (lambda: Libvirt(create=BROKEN), ["forget"], "and the copy was removed"),
    "the volume is somebody's": (lambda: Libvirt(create=TAKEN), ["forget"], "libvirt did not copy it: it failed"),
    "the VM does not go over": (
        lambda: Libvirt(pivot=BROKEN),
        ["pivot", "abort", "delete /b/root.qcow2", "forget"],
        "libvirt did not copy it: it failed",
    ),
    "the VM stops": (
        lambda: Libvirt(copied=stop),
        ["delete /b/root.qcow2", "forget"],
        "the VM stopped, or lost the disk, while it was copied",
    ),
}


@pytest.mark.parametrize(("made", "steps", "words"), FAILURES.values(), ids=FAILURES)
def test_a_move_that_fails_leaves_the_vm_as_it_was(made: Callable[[], Libvirt], steps: list[str], words: str) -> None:
    host = made()
    with pytest.raises(KvmError, match=f"VM 'web01': disk root was not moved to b/root.qcow2: .*{words}"):
        RUNNING.carry_out(hypervisor(host))
    assert [step for step in host.steps if not step.startswith(("note", "create", "copy"))] == steps
    assert host.noted is None
    assert host.config.find("devices/disk/source").get("volume") == "root.qcow2"


def test_a_copy_that_the_vm_has_gone_over_to_is_not_removed() -> None:
    """libvirt says that it failed, and it did not."""

    def pivoted(host: Libvirt) -> None:
        host.events = {}
        host.blockJobAbort("vda", PIVOT)
        raise BROKEN

    host = Libvirt(pivot=pivoted)
    with pytest.raises(KvmError, match="the copy is used by web01, so run it again"):
        RUNNING.carry_out(hypervisor(host))
    assert on(host.live) == "/b/root.qcow2"
    assert host.noted == [NOTE]
    assert "root.qcow2" in host.pools["b"].volumes


def test_a_copy_that_takes_too_long_goes_on() -> None:
    def not_ready(host: Libvirt) -> None:
        host.live.find("devices/disk/mirror").attrib.pop("ready", None)

    host = Libvirt(copied=not_ready)
    with pytest.raises(TimedOut, match="disk root was not copied within 0 s; run it again to go on waiting"):
        MoveRunning(MOVE, 0, 0).carry_out(hypervisor(host))
    assert host.steps == ["note", CREATE, COPY]
    assert host.noted == [NOTE]


@pytest.mark.parametrize("change", [RUNNING, MoveStopped(MOVE)])
def test_a_volume_that_has_appeared_since_is_left_alone(change: MoveDisk) -> None:
    host = Libvirt()
    host.pools["b"] = Pool(host, "b", "root.qcow2")
    with pytest.raises(KvmError, match=r"volume b/root\.qcow2 has appeared meanwhile"):
        change.carry_out(hypervisor(host))
    assert host.steps == []


def test_a_disk_of_a_stopped_vm_is_moved_in_this_order() -> None:
    host = Libvirt(active=False)
    MoveStopped(MOVE).carry_out(hypervisor(host))
    assert host.steps == ["note", "clone /a/root.qcow2 to /b/root.qcow2", "define"]
    assert on(host.config) == "/b/root.qcow2"
    assert host.noted == [NOTE]


def test_of_a_linked_clone_only_its_own_image_is_copied() -> None:
    ran: list[list[str]] = []

    def run(command: list[str]) -> tuple[int, str, str]:
        ran.append(command)
        return 0, "", ""

    host = Libvirt(active=False)
    MoveStopped(LINKED).carry_out(hypervisor(host, run))
    assert host.steps == ["note", CREATE, "define"]
    below = ["-B", "/a/base", "-F", "raw"]
    formats = ["-f", "qcow2", "-O", "qcow2"]
    assert ran == [["qemu-img", "convert", "-n", *formats, *below, "/a/root.qcow2", "/b/root.qcow2"]]


def start(host: Libvirt) -> None:
    host.active = True


def write(host: Libvirt) -> None:
    host.pools["a"].volumes["root.qcow2"].written = "2.0"


@pytest.mark.parametrize("event", [start, write])
def test_a_copy_of_what_was_written_to_meanwhile_is_removed(event: Callable[[Libvirt], None]) -> None:
    host = Libvirt(active=False, clone=event)
    with pytest.raises(KvmError, match="the VM was started, or the volume written to, while it was copied; it stays"):
        MoveStopped(MOVE).carry_out(hypervisor(host))
    assert host.steps[2:] == ["delete /b/root.qcow2", "forget"]


def test_a_disk_that_has_gone_from_the_configuration_stops_the_move() -> None:
    host = Libvirt(active=False, clone=lambda host: host.config.find("devices").clear())
    with pytest.raises(KvmError, match="has lost disk root in its configuration"):
        MoveStopped(MOVE).carry_out(hypervisor(host))
    assert "root.qcow2" in host.pools["a"].volumes


def test_an_old_volume_that_is_used_by_now_is_kept() -> None:
    host = Libvirt()
    with pytest.raises(KvmError, match=r"volume a/root\.qcow2 that it came from is kept, as it is used by web01"):
        DropOld("web01", "a/root.qcow2", "b/root.qcow2").carry_out(hypervisor(host))
    assert host.steps == []


def test_who_uses_the_old_volume_is_asked_after_the_copy() -> None:
    """What libvirt saw when the move was planned may be hours old."""
    host = Libvirt()
    RUNNING.carry_out(hypervisor(host))
    again = hypervisor(host)
    again.refreshed = {"a", "b"}
    for pool in host.pools.values():
        pool.refreshed = 0
    DropOld("web01", "a/root.qcow2", "b/root.qcow2").carry_out(again)
    assert [pool.refreshed for pool in host.pools.values()] == [1, 1]


def test_only_the_move_that_is_done_is_forgotten() -> None:
    host = interrupted()
    other = replace(MOVE, name="data.raw", source="a/data.raw")
    with pytest.raises(KvmError):
        MoveStopped(replace(other, source="a/none")).carry_out(hypervisor(host))
    assert host.noted == [NOTE], "one that failed is forgotten"
    ForgetMove("web01", "b/data.raw").carry_out(hypervisor(host))
    assert host.noted == [NOTE]
    ForgetMove("web01", "b/root.qcow2").carry_out(hypervisor(host))
    assert host.noted is None
    assert NAMESPACE not in host.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)


WANTED = MigrateSpec("web01", (DiskMove("b", "root"),))
# What a run does with a VM that is active, and whether libvirt writes the configuration: killed before each of them.
KILLED = [
    *((True, True, step) for step in ("note", "create", "copy", "pivot", "delete", "forget")),
    *((True, False, step) for step in ("pivot", "define", "delete", "forget")),
    *((False, True, step) for step in ("note", "clone", "define", "delete", "forget")),
]


def converge(host: Libvirt) -> list[str]:
    """Plan what a new run would, carry it out, and return what was planned."""
    plan = MIGRATION.plan(hypervisor(host), WANTED)
    plan.carry_out(hypervisor(host))
    return [line["summary"] for line in plan.lines()]


@pytest.mark.parametrize(("active", "rewrites", "step"), KILLED)
def test_a_run_that_is_killed_before_any_step_is_finished_by_the_next(active: bool, rewrites: bool, step: str) -> None:
    host = Libvirt(active, **{step: KeyboardInterrupt()})
    host.rewrites = rewrites
    with pytest.raises(KeyboardInterrupt):
        converge(host)
    host.events = {}
    converge(host)
    assert (on(host.live) if active else on(host.config)) == on(host.config) == "/b/root.qcow2"
    assert [list(pool.volumes) for pool in host.pools.values()] == [[], ["root.qcow2"]]
    assert host.noted is None
    assert converge(host) == []


def test_a_vm_that_was_switched_off_after_its_run_was_killed_is_moved_while_it_is_stopped() -> None:
    host = interrupted()
    drop_mirror(host)
    stop(host)
    assert "while it is stopped" in converge(host)[2]
    assert (on(host.config), host.noted, converge(host)) == ("/b/root.qcow2", None, [])
