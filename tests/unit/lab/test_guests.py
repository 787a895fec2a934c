# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a guest image is built and when not, and what its parts are made of."""

from __future__ import annotations

import io
import os
import struct
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lab"))

from kvmlab import guests, guests_debootstrap, guests_disk, guests_tiny, vmtier, vmtier_image, vmtier_machine
from kvmlab.errors import LabError


@dataclass
class Workshop:
    """A guest that is built by writing down what it was built from."""

    cache: Path
    sources: Path
    heard: list[str] = field(default_factory=list)
    broken: bool = False

    def build(self, sources: Path, _scratch: Path, into: Path) -> list[Path]:
        (into / "toy.img").write_text((sources / "recipe").read_text())
        if self.broken:
            raise LabError("Cannot build the toy: its wheels are missing.")
        return [into / "toy.img"]

    def ensure(self) -> int:
        """Ask for the guest; the number of builds that this took."""
        self.heard.clear()
        guests.ensure(self.cache, ["toy"], self.heard.append)
        return sum("building" in line for line in self.heard)

    @property
    def image(self) -> Path:
        return self.cache / "guests" / "toy.img"


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    made = Workshop(tmp_path / "cache", tmp_path / "sources")
    made.sources.mkdir()
    (made.sources / "recipe").write_text("wood")
    code = tmp_path / "builder.py"
    code.write_text("# builds")
    module = ModuleType("builder")
    module.__file__ = str(code)
    toy = guests.Guest(made.build, made.sources, ("toy.img",), "a moment", (module,))
    monkeypatch.setattr(guests, "GUESTS", {"toy": toy})
    return made


def test_a_guest_is_built_once(workshop: Workshop) -> None:
    assert [workshop.ensure(), workshop.ensure()] == [1, 0]
    assert workshop.image.read_text() == "wood"


@pytest.mark.parametrize("changed", ["sources/recipe", "sources/new-file", "builder.py"])
def test_a_changed_recipe_builds_it_again(workshop: Workshop, changed: str) -> None:
    workshop.ensure()
    (workshop.sources.parent / changed).write_text("steel")
    assert [workshop.ensure(), workshop.ensure()] == [1, 0]


def test_a_missing_file_builds_it_again(workshop: Workshop) -> None:
    workshop.ensure()
    workshop.image.unlink()
    assert workshop.ensure() == 1


def test_a_failed_build_leaves_the_image_as_it_was_and_no_rubbish(workshop: Workshop) -> None:
    workshop.ensure()
    (workshop.sources / "recipe").write_text("steel")
    workshop.broken = True
    with pytest.raises(LabError, match="wheels"):
        workshop.ensure()
    assert workshop.image.read_text() == "wood"
    assert not list((workshop.cache / "guests").glob(".building-*"))
    workshop.broken = False
    assert workshop.ensure() == 1
    assert workshop.image.read_text() == "steel"


def test_what_an_interrupted_build_left_is_cleared(workshop: Workshop) -> None:
    left = workshop.cache / "guests" / ".building-toy-x"
    left.mkdir(parents=True)
    (left / "half").write_text("")
    workshop.ensure()
    assert not left.exists()


def test_an_unknown_guest_is_named(workshop: Workshop) -> None:
    with pytest.raises(LabError, match="There is no guest 'toi'; the guests are toy"):
        guests.ensure(workshop.cache, ["toi"], workshop.heard.append)


@pytest.mark.parametrize("name", guests.GUESTS)
def test_every_guest_has_its_sources(name: str) -> None:
    assert len(guests.GUESTS[name].recipe()) == 64
    assert guests.GUESTS[name].sources.is_dir()


def test_the_partition_table_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = tmp_path / "mbr.bin"
    code.write_bytes(b"\xfa" * 440)
    monkeypatch.setattr(guests_disk, "MBR_CODE", code)
    image, layout = tmp_path / "disk.raw", guests_disk.Layout(boot=40, root=55)
    guests_disk.write_partition_table(image, layout)
    sector = image.read_bytes()[:512]
    entries = [struct.unpack("<B3xB3xII", sector[at : at + 16]) for at in (446, 462)]
    assert entries == [(0x80, 0xEF, 2048, 40 * 2048), (0, 0x83, 41 * 2048, 55 * 2048)]
    assert (sector[:440], sector[510:], image.stat().st_size) == (b"\xfa" * 440, b"\x55\xaa", 96 * 2**20)


def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> guests_tiny.Modules:
    base = tmp_path / "lib/modules/6.1"
    base.mkdir(parents=True)
    (base / "modules.dep").write_text("a/virtio_net.ko: b/failover.ko b/virtio.ko\nb/failover.ko:\nb/virtio.ko:\n")
    for name in ("a/virtio_net.ko", "b/failover.ko", "b/virtio.ko"):
        (base / name).parent.mkdir(exist_ok=True)
        (base / name).write_text(name)
    monkeypatch.setattr(guests_tiny, "run", lambda *_words: "")
    return guests_tiny.Modules(tmp_path)


def test_a_module_is_loaded_after_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = modules(tmp_path, monkeypatch)
    order = found.copy(("virtio", "virtio-net", "not_in_this_kernel"), tmp_path / "into")
    assert order == ["virtio.ko", "failover.ko", "virtio_net.ko"]
    assert sorted(path.name for path in (tmp_path / "into").iterdir()) == sorted(order)


def test_a_package_list_has_words_and_comments(tmp_path: Path) -> None:
    (tmp_path / "packages").write_text("# system\nudev dbus # both\n\nsudo\n")
    assert guests_debootstrap.package_list(tmp_path / "packages") == ["udev", "dbus", "sudo"]


def test_what_a_host_gets_is_private_where_it_has_to_be() -> None:
    files = {"etc/ssh/ssh_host_ed25519_key": b"k", "etc/hosts": b"h", "root/.ssh/id": b"i", "usr/local/sbin/x": b"x"}
    with tarfile.open(fileobj=io.BytesIO(vmtier._archive(files))) as archive:
        modes = {entry.name: (entry.mode, entry.uid) for entry in archive}
    assert modes == {
        "etc/ssh/ssh_host_ed25519_key": (0o600, 0),
        "etc/hosts": (0o644, 0),
        "root/.ssh/id": (0o600, 0),
        "usr/local/sbin/x": (0o755, 0),
    }


@pytest.mark.parametrize("pid", [None, "", "what", pytest.param(str(os.getpid()), id="own"), "999999999"])
def test_a_pid_that_is_not_the_vm_is_not_taken_for_it(tmp_path: Path, pid: str | None) -> None:
    machine = vmtier_machine.Machine("v1", tmp_path, tmp_path, "kvmops-ctl")
    if pid is not None:
        (tmp_path / "pid").write_text(pid)
    assert machine.pid() is None


def test_all_vm_hosts_have_the_hardware_of_the_saved_state(tmp_path: Path) -> None:
    def hardware(name: str) -> list[str]:
        machine = vmtier_machine.Machine(name, tmp_path / name, tmp_path / name, "kvmops-ctl")
        return [word.replace(name, "X") for word in vmtier_machine.command_line(machine, Path("k"), Path("i"))]

    assert hardware("v1") == hardware("build")


def test_the_vm_tier_says_how_many_hosts_it_can_have(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LabError, match="1 to 3 hosts, not 4"):
        vmtier.up(4, print)


def test_a_changed_machine_gives_another_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vmtier_image, "run", lambda *_words: "QEMU emulator version 7.2.22")
    before = vmtier_image.recipe()
    monkeypatch.setattr(vmtier_image, "run", lambda *_words: "QEMU emulator version 7.2.23")
    assert vmtier_image.recipe() != before
