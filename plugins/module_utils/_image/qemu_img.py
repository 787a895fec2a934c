# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk images as qemu-img sees them: checked and converted, the format always said, never guessed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence

from .._errors import KvmError, Refused, TimedOut
from .._hypervisor import Hypervisor
from .._values import dataclass
from .image import read_header
from .kinds import SECTOR, check_end, disk_format, is_fixed_vhd
from .room import Room

# What the program timeout exits with.
_OUT_OF_TIME = 124
# What qemu-img check exits with: nothing found, broken, clusters that leaked, the format cannot be checked.
_BROKEN, _HARMLESS = 2, (0, 3, 63)
# The signal SIGXFSZ, as the system tells it and as a shell does.
_TOO_LONG = (-25, 128 + 25)


@dataclass(frozen=True)
class ImageFile:
    """A disk image in a file; in bytes: the file's size, what it takes on the disk, the size that a VM sees."""

    path: str
    format: str
    size: int
    allocated: int
    capacity: int


def inspect(host: Hypervisor, what: str, path: str, timeout: int) -> ImageFile:
    """Return what the image at `path` is; Refused where it is none, is damaged, or is not whole in itself.

    `timeout` in seconds, for each run of qemu-img.
    """
    first, found = read_header(what, path)
    kind = disk_format(what, first, found.st_size)
    last = _last_sector(path)
    check_end(what, kind, first, last, found.st_size)
    if kind == "raw" and is_fixed_vhd(last):
        kind = "vpc"
    code, told, errors = _qemu_img(host, ["info", "--output=json", "-f", kind, path], timeout)
    if code:
        raise Refused(f"{what} cannot be opened as {kind} (qemu-img: {_words(errors)}); get it again.")
    if kind != "raw":
        _check_structure(host, what, kind, path, timeout)
    return ImageFile(path, kind, found.st_size, found.st_blocks * 512, int(json.loads(told)["virtual-size"]))


def _last_sector(path: str) -> bytes:
    with open(path, "rb") as opened:
        opened.seek(max(0, os.path.getsize(path) - SECTOR))
        return opened.read(SECTOR)


def _check_structure(host: Hypervisor, what: str, kind: str, path: str, timeout: int) -> None:
    """Refuse an image whose tables are broken or that is cut off."""
    code, _told, errors = _qemu_img(host, ["check", "--output=json", "-f", kind, path], timeout)
    if code == _BROKEN:
        raise Refused(f"{what} is damaged or cut off (qemu-img: {_words(errors)}); get it again.")
    if code not in _HARMLESS:
        raise Refused(f"{what} cannot be checked (qemu-img: {_words(errors)}); is it in use, or cut off?")


def convert(host: Hypervisor, what: str, image: ImageFile, target: str, room: Room, timeout: int) -> None:
    """Write an image as qcow2 to `target` (qemu-img convert); Refused where that takes more than there is room for.

    A qcow2 file is as long as what it holds, so that its length can be bounded (prlimit(1), RLIMIT_FSIZE).
    """
    most = room.most()
    arguments = ["convert", "-f", image.format, "-O", "qcow2", image.path, target]
    code, _told, errors = _qemu_img(host, arguments, timeout, ["prlimit", f"--fsize={most}"])
    if code in _TOO_LONG or "File too large" in errors:
        raise room.too_small(what, most)
    _require_converted(what, "qcow2", code, errors)


def flatten(host: Hypervisor, what: str, image: tuple[str, str], target: tuple[str, str], timeout: int) -> None:
    """Write an image, with all that is below it, as another; each is a path and a format (qemu-img convert)."""
    (path, kind), (to, wanted) = image, target
    code, _told, errors = _qemu_img(host, ["convert", "-f", kind, "-O", wanted, path, to], timeout)
    _require_converted(what, wanted, code, errors)


def _require_converted(what: str, kind: str, code: int, errors: str) -> None:
    if code:
        raise KvmError(
            f"{what} could not be converted to {kind} (qemu-img: {_words(errors)}); nothing was put into a pool."
        )


def _qemu_img(
    host: Hypervisor, arguments: Sequence[str], timeout: int, bounds: Sequence[str] = ()
) -> tuple[int, str, str]:
    if shutil.which("qemu-img") is None:
        raise KvmError("qemu-img is missing on this host; install qemu-utils (Debian, Ubuntu) or qemu-img.")
    code, told, errors = host.attempt([*bounds, "timeout", str(timeout), "qemu-img", *arguments])
    if code == _OUT_OF_TIME:
        raise TimedOut(f"qemu-img {arguments[0]} did not end within {timeout} s; raise 'timeout'.")
    return code, told, errors


def _words(errors: str) -> str:
    """Return the first line that qemu-img wrote to people."""
    return next(iter(errors.strip().splitlines()), "it tells no reason").removeprefix("qemu-img: ")
