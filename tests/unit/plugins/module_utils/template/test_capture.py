# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates of VMs and volumes: real images, read by the real qemu-img; libvirt is a stand-in that knows the files."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils import _claim
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, NotFound, Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._image import room
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.origin import Origin
from ansible_collections.kvmops.datacenter.plugins.module_utils._template import capture, converge
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.capture import (
    captured,
    look_at_capture,
    machine_of,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.disk_source import Captured, CaptureSpec
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import Template
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.plan import plan
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.spec import TemplateSpec, template_options
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.state import Current

MIB = 1024**2
RUNNING, PAUSED, OFF = 1, 3, 5


def spec(**params: Any) -> TemplateSpec:
    blank = {name: option.get("default") for name, option in template_options().items()}
    return TemplateSpec.from_params({**blank, "name": "gold", "timeout": 30, **params}, "/work")


VOLUME = {"pool": "images", "name": "a.qcow2"}


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ({}, None),
        ({"seal": False}, None),
        ({"vm": "web01"}, CaptureSpec("web01", None, True)),
        ({"vm": "web01", "seal": False}, CaptureSpec("web01", None, False)),
        ({"volume": VOLUME}, CaptureSpec("a.qcow2", "images", False)),
        ({"volume": VOLUME, "seal": True}, CaptureSpec("a.qcow2", "images", True)),
        ({"vm": "web01", "state": "absent"}, None),
    ],
)
def test_a_vm_is_sealed_and_a_volume_is_not_unless_it_is_said(params: dict[str, Any], wanted: Any) -> None:
    assert spec(**params).capture == wanted


@pytest.mark.parametrize(
    ("params", "word"),
    [
        ({"vm": "web01", "volume": VOLUME}, "volume and vm exclude each other"),
        ({"vm": "web01", "path": "/a"}, "path and vm exclude each other"),
        ({"vm": "web01", "checksum": f"sha256:{'0' * 64}"}, "checksum goes with src, path or url, not with vm"),
        ({"path": "/a", "seal": True}, "seal is for the copy of a vm or a volume"),
    ],
)
def test_what_makes_no_sense_is_refused(params: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused, match=rf"^Template 'gold': {word}.*\.$"):
        spec(**params)


class Domain:
    """A VM with one disk."""

    def __init__(self, name: str, disk: str, state: int) -> None:
        self._name, self._disk, self._state = name, disk, state

    def name(self) -> str:
        return self._name

    def state(self) -> list[int]:
        return [self._state, 0]

    def isPersistent(self) -> bool:
        return True

    def isActive(self) -> bool:
        return self._state != OFF

    def hasManagedSaveImage(self) -> bool:
        return False

    def autostart(self) -> bool:
        return False

    def XMLDesc(self, _flags: int = 0) -> str:
        return f"<domain type='qemu'><name>{self._name}</name><devices>{self._disk}</devices></domain>"


class Volume:
    def __init__(self, path: Path, kind: str) -> None:
        self._path, self._kind = path, kind

    def path(self) -> str:
        return str(self._path)

    def name(self) -> str:
        return self._path.name

    def info(self) -> list[int]:
        return [0, 0, 0]

    def XMLDesc(self) -> str:
        name, sizes = self._path.name, "<capacity>0</capacity><allocation>0</allocation>"
        target = f"<target><path>{self._path}</path><format type='{self._kind}'/></target>"
        return f"<volume><name>{name}</name>{sizes}{target}</volume>"


class Host(Hypervisor):
    """A host whose pool `images` has the files of a folder, and runs programs where the test runs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(self, "fake:///", self._program)
        self.folder = folder
        self.domains: list[Domain] = []
        self.known: Callable[[Path], bool] = lambda _path: True
        self.formats: dict[str, str] = {}

    def _program(self, command: list[str]) -> tuple[int, str, str]:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def listAllStoragePools(self, _flags: int = 0) -> list[Any]:
        return []

    def listAllDomains(self, flags: int = 0) -> list[Domain]:
        return [domain for domain in self.domains if not flags or domain.isActive()]

    def domain(self, name: str) -> Any:
        return next((domain for domain in self.domains if domain.name() == name), None)

    def require_active_pool(self, name: str) -> Any:
        return name

    def volume(self, _pool: Any, name: str) -> Any:
        path = self.folder / name
        return Volume(path, self.formats.get(name, "qcow2")) if path.exists() else None

    def volume_at(self, path: str) -> Any:
        there = Path(path).parent == self.folder and self.known(Path(path))
        return self.volume(None, Path(path).name) if there else None

    def vm(self, path: str, kind: str = "qcow2", state: int = OFF, name: str = "web01") -> None:
        source = f"<driver name='qemu' type='{kind}'/><source file='{path}'/><target dev='vda' bus='virtio'/>"
        self.domains.append(Domain(name, f"<disk type='file' device='disk'>{source}</disk>", state))


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(_claim, "lock_file", lambda: str(tmp_path / "lock"))
    monkeypatch.setattr(capture, "require_engine", lambda _what: "debugfs")
    folder = tmp_path / "pool"
    folder.mkdir()
    (folder / "base.raw").write_bytes(b"below" * MIB + bytes(3 * MIB))
    image(folder / "middle.qcow2", "-b", "base.raw", "-F", "raw")
    image(folder / "top.qcow2", "-b", "middle.qcow2", "-F", "qcow2", "16M")
    return Host(folder)


def image(path: Path, *arguments: str) -> None:
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(path), *arguments], check=True, cwd=path.parent)


VM, TOP = CaptureSpec("web01"), CaptureSpec("top.qcow2", "images")


@pytest.mark.parametrize("wanted", [VM, TOP])
def test_a_disk_is_copied_with_all_below_it(host: Host, tmp_path: Path, wanted: CaptureSpec) -> None:
    host.vm(str(host.folder / "top.qcow2"))
    before = {path.name: path.read_bytes() for path in host.folder.iterdir()}
    source = look_at_capture(host, wanted, None)
    assert (source.capacity, 5 * MIB <= source.need <= 16 * MIB) == (16 * MIB, True)
    with captured(host, source, str(tmp_path), 30) as staged:
        info = subprocess.run(["qemu-img", "info", staged.path], check=True, capture_output=True, text=True).stdout
        assert ("qcow2" in info, "backing file" in info) == (True, False)
        same = ["qemu-img", "compare", "-f", "qcow2", "-F", "qcow2", staged.path, str(host.folder / "top.qcow2")]
        subprocess.run(same, check=True)
        assert (staged.size, staged.capacity) == (Path(staged.path).stat().st_size, 16 * MIB)
        assert staged.source == {wanted.kind: wanted.place}
    assert {path.name: path.read_bytes() for path in host.folder.iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "pool"]


def test_a_copy_is_sealed_and_the_disk_is_not(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed: list[str] = []

    def seal(_host: Any, what: str, path: str, _timeout: int) -> None:
        """Stand in for what test_sealing.py tests."""
        sealed.append(what)
        with open(path, "r+b") as opened:
            opened.write(b"SEALED")

    monkeypatch.setattr(capture, "seal", seal)
    host.vm(str(host.folder / "base.raw"), "raw")
    before = (host.folder / "base.raw").read_bytes()
    source = look_at_capture(host, CaptureSpec("web01", seal=True), None)
    with captured(host, source, str(tmp_path), 30) as staged:
        raw = tmp_path / "copy.raw"
        subprocess.run(["qemu-img", "convert", "-f", "qcow2", "-O", "raw", staged.path, str(raw)], check=True)
        assert raw.read_bytes() == b"SEALED" + before[6:]
    assert (host.folder / "base.raw").read_bytes() == before
    assert sealed == ["The disk of VM 'web01'"]


def test_a_disk_that_only_pretends_to_be_an_image_is_copied_as_the_vm_sees_it(host: Host, tmp_path: Path) -> None:
    """A guest has written the head of a qcow2 image, whose backing file is one of the host, onto its raw disk."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"of the host" + bytes(512 - 11))
    image(host.folder / "disk.raw", "-b", str(secret), "-F", "raw", "1M")
    with open(host.folder / "disk.raw", "r+b") as opened:
        opened.truncate(MIB)
    host.vm(str(host.folder / "disk.raw"), "raw")
    for wanted in (VM, CaptureSpec("disk.raw", "images")):
        with captured(host, look_at_capture(host, wanted, None), str(tmp_path), 30) as staged:
            assert b"of the host" not in Path(staged.path).read_bytes()
            assert staged.capacity == MIB


@pytest.mark.parametrize(
    ("state", "word"), [(RUNNING, "is running, and its disk is not whole"), (PAUSED, "is paused, and its disk")]
)
def test_a_vm_that_is_not_stopped_is_refused(host: Host, state: int, word: str) -> None:
    host.vm(str(host.folder / "top.qcow2"), state=state)
    with pytest.raises(Refused, match=rf"^VM 'web01' {word}.*state: stopped\)\.$"):
        look_at_capture(host, VM, None)
    with pytest.raises(Refused, match="written by VM 'web01', which runs"):
        look_at_capture(host, TOP, None)


def test_a_volume_below_the_disk_of_a_running_vm_may_be_copied(host: Host) -> None:
    host.vm(str(host.folder / "top.qcow2"), state=RUNNING)
    assert look_at_capture(host, CaptureSpec("middle.qcow2", "images"), None).format == "qcow2"


def test_a_vm_that_was_started_since_is_refused_when_it_is_copied(host: Host, tmp_path: Path) -> None:
    host.vm(str(host.folder / "top.qcow2"))
    source = look_at_capture(host, VM, None)
    host.domains[0]._state = RUNNING
    with pytest.raises(Refused, match="is running"), captured(host, source, str(tmp_path), 30):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "pool"]


@pytest.mark.parametrize(
    ("wanted", "error", "word"),
    [
        (CaptureSpec("web09"), NotFound, "VM 'web09' does not exist"),
        (CaptureSpec("nix", "images"), NotFound, "Volume 'nix' does not exist in pool 'images'"),
    ],
)
def test_what_is_not_there_is_named(host: Host, wanted: CaptureSpec, error: type[KvmError], word: str) -> None:
    with pytest.raises(error, match=word):
        look_at_capture(host, wanted, None)


def test_a_vm_without_a_disk_of_this_host_is_refused(host: Host) -> None:
    remote = "<disk type='network' device='disk'><source protocol='rbd' name='p/i'/><target dev='vda'/></disk>"
    host.domains.append(Domain("web01", remote, OFF))
    with pytest.raises(Refused, match="has no disk on this host that it boots from"):
        look_at_capture(host, VM, None)


def test_an_encrypted_disk_is_refused(host: Host) -> None:
    secret = "<encryption format='luks'><secret type='passphrase' usage='key'/></encryption>"
    source = f"<driver type='raw'/><source file='{host.folder}/base.raw'>{secret}</source><target dev='vda'/>"
    host.domains.append(Domain("web01", f"<disk type='file' device='disk'>{source}</disk>", OFF))
    with pytest.raises(Refused, match="The disk of VM 'web01' is encrypted"):
        look_at_capture(host, VM, None)


def test_a_disk_that_does_not_fit_into_the_temporary_directory_is_refused(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = look_at_capture(host, TOP, None)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _path: SimpleNamespace(free=source.need))
    sealed = captured(host, replace(source, wanted=replace(TOP, seal=True)), str(tmp_path), 30)
    with pytest.raises(Refused, match=r"has \d+ MiB free and \d+ MiB are needed; free space"), sealed:
        pass
    with captured(host, source, str(tmp_path), 30) as staged:
        assert staged.size <= source.need


def test_an_image_below_that_is_no_volume_is_refused(host: Host) -> None:
    host.known = lambda path: path.name != "base.raw"
    with pytest.raises(Refused, match=r"stands on .*base\.raw, which is no volume of an active pool"):
        look_at_capture(host, TOP, None)


def test_data_in_another_file_is_refused(host: Host) -> None:
    image(host.folder / "split.qcow2", "-o", "data_file=data.raw", "1M")
    with pytest.raises(Refused, match="keeps its data in another file"):
        look_at_capture(host, CaptureSpec("split.qcow2", "images"), None)


def test_a_format_that_is_not_copied_is_refused(host: Host) -> None:
    host.formats["middle.qcow2"] = "vmdk"
    with pytest.raises(Refused, match="of format vmdk; only raw and qcow2"):
        look_at_capture(host, CaptureSpec("middle.qcow2", "images"), None)


def test_a_copy_that_takes_too_long_is_given_up(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = look_at_capture(host, TOP, None)
    program = host._program

    def slow(command: list[str]) -> tuple[int, str, str]:
        return (124, "", "") if command[0] == "timeout" else program(command)

    monkeypatch.setattr(host, "_run", slow)
    with pytest.raises(TimedOut, match="did not end within 30 s"), captured(host, source, str(tmp_path), 30):
        pass


def test_a_template_that_is_there_is_not_compared_with_the_vm(host: Host) -> None:
    """The VM may be gone, or run, by then."""
    assert look_at_capture(host, CaptureSpec("gone"), {}).path == ""


TEMPLATE = Template("gold", "1", "default", "/x", MIB, MIB, "a" * 64, source={"vm": "web01"})
THERE = Current(TEMPLATE, path="/x", free=1024 * MIB)


def source_of(wanted: CaptureSpec) -> Captured:
    return Captured(Origin(wanted.kind, wanted.shown), wanted)


def test_a_template_of_the_same_vm_is_there_already() -> None:
    assert plan(spec(vm="web01"), THERE, source_of(CaptureSpec("web01", seal=True))).changes == []
    with pytest.raises(Refused, match="'gold:1' exists, and was not made of VM web02, sealed; give the new"):
        plan(spec(vm="web02"), THERE, source_of(CaptureSpec("web02", seal=True)))


def test_a_plan_says_what_is_captured() -> None:
    made = plan(spec(vm="web01"), Current(free=MIB), source_of(CaptureSpec("web01", seal=True)))
    assert [change.summary for change in made.changes] == [
        "import VM web01, sealed, as template gold:1 into pool default"
    ]


FACTS = {
    "name": "web01",
    "uuid": "1",
    "vcpus": 2,
    "memory": "1GiB",
    "machine": "pc-q35-7.2",
    "firmware": "efi",
    "disks": [{"name": "root", "path": "/x"}],
    "nics": [{"name": "lan", "network": "lan", "mac": "52:54:00:00:00:01", "ip": ["192.0.2.1/24"]}],
    "graphics": [{"type": "vnc", "listen": {"type": "address", "address": "127.0.0.1"}, "password": "secret"}],
    "watchdog": {"model": "not one that there is"},
    "observed": {},
}


def test_what_a_vm_is_becomes_what_its_template_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """But no address, no secret, no disk, and nothing that no VM could be given."""
    monkeypatch.setattr(capture.fleet, "facts_now", lambda _host, _name: FACTS)
    said = machine_of(Hypervisor(None, "fake:///"), "web01")
    assert said == {
        "vcpus": 2,
        "memory": "1GiB",
        "firmware": "efi",
        "nics": [{"name": "lan", "network": "lan"}],
        "graphics": [{"type": "vnc", "listen": {"type": "address", "address": "127.0.0.1"}}],
    }


@pytest.mark.parametrize(
    ("params", "current", "asked"),
    [
        ({"vm": "web01"}, Current(), True),
        ({"vm": "web01", "defaults": {}}, Current(), False),
        ({"vm": "web01"}, THERE, False),
        ({"volume": VOLUME}, Current(), False),
    ],
)
def test_a_vm_is_asked_only_where_a_new_template_says_nothing_itself(
    monkeypatch: pytest.MonkeyPatch, params: dict[str, Any], current: Current, asked: bool
) -> None:
    monkeypatch.setattr(capture, "machine_of", lambda _host, _vm: {"vcpus": 7})
    told = converge._as_captured(Hypervisor(None, "fake:///"), spec(**params), current)
    assert (told.defaults == {"vcpus": 7}) == asked
