# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images as qemu-img sees them. qemu-img is a stand-in: what matters here is what is done with its answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._image import qemu_img
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.qemu_img import ImageFile, convert, inspect
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.room import Room

from tests.unit.plugins.module_utils.image.images import SECTOR, WHAT, qcow2, raw, vdi, vhd, vmdk

MIB = 1024**2


class Program:
    """Stands in for a host on which qemu-img answers as told."""

    def __init__(self, **answers: tuple[int, str, str]) -> None:
        self.answers = answers
        self.commands: list[list[str]] = []

    def attempt(self, command: list[str]) -> tuple[int, str, str]:
        self.commands.append(command)
        return self.answers[command[command.index("qemu-img") + 1]]


INFO = (0, '{"virtual-size": 4096}', "")


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qemu_img.shutil, "which", lambda program: f"/usr/bin/{program}")


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "image").write_bytes(qcow2())
    return str(tmp_path / "image")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(str(tmp_path), 10 * MIB)


def test_a_whole_image_is_described(path: str) -> None:
    host: Any = Program(info=INFO, check=(0, "{}", ""))
    found = inspect(host, WHAT, path, 60)
    assert (found.format, found.size, found.capacity) == ("qcow2", 512, 4096)


RAW = raw(510, b"\x55\xaa", SECTOR)
DISKS = [
    (qcow2(), "qcow2"),
    (vmdk(), "vmdk"),
    (vhd(), "vpc"),
    (vdi(), "vdi"),
    (RAW, "raw"),
    # One of fixed size is a raw disk and the footer.
    (RAW + vhd(kind=2)[:SECTOR], "vpc"),
    (RAW + vhd(kind=4)[:SECTOR], "raw"),
]


@pytest.mark.parametrize(("content", "kind"), DISKS)
def test_qemu_img_never_guesses_the_format(path: str, room: Room, content: bytes, kind: str) -> None:
    host: Any = Program(info=INFO, check=(0, "{}", ""), convert=(0, "", ""))
    Path(path).write_bytes(content)
    convert(host, WHAT, inspect(host, WHAT, path, 60), "/target", room, 60)
    read = ["timeout", "60", "qemu-img"]
    expected = [
        [*read, "info", "--output=json", "-f", kind, path],
        [*read, "check", "--output=json", "-f", kind, path],
        ["prlimit", f"--fsize={10 * MIB}", *read, "convert", "-f", kind, "-O", "qcow2", path, "/target"],
    ]
    assert host.commands == ([expected[0], expected[2]] if kind == "raw" else expected)


@pytest.mark.parametrize(
    ("info", "check", "error", "word"),
    [
        ((1, "", "qemu-img: broken\nmore"), (0, "", ""), Refused, r"\(qemu-img: broken\)"),
        ((0, "{}", ""), (2, "", "ERROR: end\nERROR: end"), Refused, "cut off"),
        ((0, "{}", ""), (1, "", "lock"), Refused, "in use"),
        ((124, "", ""), (0, "", ""), TimedOut, "60 s"),
    ],
)
def test_a_broken_image_is_refused(path: str, info: Any, check: Any, error: type[KvmError], word: str) -> None:
    host: Any = Program(info=info, check=check)
    with pytest.raises(error, match=word) as caught:
        inspect(host, WHAT, path, 60)
    assert "\n" not in str(caught.value)


def test_an_image_whose_end_is_missing_is_not_opened(path: str) -> None:
    host: Any = Program()
    Path(path).write_bytes(vhd()[:-512])
    with pytest.raises(Refused, match="last sector"):
        inspect(host, WHAT, path, 60)


@pytest.mark.parametrize(("code", "said"), [(3, "Leaked cluster 5"), (63, "This image format does not support checks")])
def test_what_does_no_harm_is_no_reason(path: str, code: int, said: str) -> None:
    host: Any = Program(info=INFO, check=(code, "{}", said))
    assert inspect(host, WHAT, path, 60).capacity == 4096


@pytest.mark.parametrize(
    ("answer", "error", "word"),
    [
        ((-25, "", ""), Refused, "takes more than the 10 MiB"),
        ((153, "", ""), Refused, "takes more than the 10 MiB"),
        ((1, "", "qemu-img: error while writing: File too large"), Refused, "takes more than the 10 MiB"),
        ((1, "", "qemu-img: No space left\nmore"), KvmError, "No space left"),
        ((124, "", ""), TimedOut, "convert did not end within 60 s"),
    ],
)
def test_what_cannot_be_converted_is_told(
    room: Room, answer: tuple[int, str, str], error: type[KvmError], word: str
) -> None:
    host: Any = Program(convert=answer)
    image = ImageFile("/x", "vmdk", 1, 1, 1)
    with pytest.raises(error, match=word) as caught:
        convert(host, WHAT, image, "/target", room, 60)
    assert "\n" not in str(caught.value)


def test_a_host_without_qemu_img_is_told_what_to_install(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qemu_img.shutil, "which", lambda _program: None)
    host: Any = Program()
    with pytest.raises(KvmError, match="install qemu-utils"):
        inspect(host, WHAT, path, 60)
