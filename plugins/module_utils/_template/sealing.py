# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sealing a copy of a disk: what makes one installed system that one, and no other, is taken out of it.

Two engines do it, the first that the host has. virt-sysprep knows every file system and many systems; it boots a small
VM for it, so that nothing on the disk can harm the host. debugfs, which is on every Debian and RHEL, edits ext2, ext3
and ext4 without mounting them; a disk that it does not understand as a whole is refused.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .._errors import KvmError, Refused, TimedOut
from .._hypervisor import Hypervisor

# Emptied: systemd makes a new one at the next boot.
_MACHINE_ID = "etc/machine-id"
# What goes, from the root of the system: a folder with all in it, or what of a folder has such a name.
_TREES = ("var/lib/cloud/instances", "var/lib/cloud/data", "var/lib/cloud/sem")
_FILES = (
    ("etc/ssh", r"ssh_host_.*_key(\.pub)?"),
    ("etc/dropbear", r"dropbear_.*_host_key"),
    ("var/lib/dhcp", r".*\.leases?"),
    ("var/lib/dhclient", r".*\.leases?"),
    ("var/lib/dhcpcd", r".*\.lease6?"),
    ("var/lib/NetworkManager", r".*\.lease|secret_key|seen-bssids|timestamps"),
    ("var/lib/systemd", r"random-seed|credential\.secret"),
    ("var/lib/dbus", r"machine-id"),
    ("var/lib/cloud", r"instance"),
    # With the MAC address of the VM in them; cloud-init writes them anew.
    ("etc/netplan", r"50-cloud-init\.yaml"),
    ("etc/network/interfaces.d", r"50-cloud-init.*"),
    ("etc/udev/rules.d", r"70-persistent-net\.rules"),
)
# Those of them that virt-sysprep does not know, in its words.
_ALONE = (
    "etc/dropbear/dropbear_*_host_key",
    "var/lib/cloud/instance",
    "var/lib/systemd/random-seed",
    "var/lib/systemd/credential.secret",
    "etc/netplan/50-cloud-init.yaml",
    "etc/network/interfaces.d/50-cloud-init*",
)
_SYSPREP = "machine-id,ssh-hostkeys,dhcp-client-state,dhcp-server-state,udev-persistent-net,customize"

# Marks of what may hold a system, or a part of one, and that debugfs cannot read.
_STRANGE = (
    (0, b"XFSB", "XFS"),
    (0x10040, b"_BHRfS_M", "Btrfs"),
    (512, b"LABELONE", "LVM"),
    (0, b"LUKS\xba\xbe", "LUKS"),
    (3, b"NTFS", "NTFS"),
)
_HEAD = 0x10048
_EXT = (1080, b"\x53\xef")
# A name that debugfs can be told in quotes.
_PLAIN = re.compile(r"[A-Za-z0-9._@:+,=~-]+")
_DEEPEST = 16
_OUT_OF_TIME = 124
# What e2fsck exits with where there is nothing to complain about, or no more.
_SOUND = (0, 1)


def sealing_engine() -> str | None:
    """Return the program of this host that seals a disk, or None."""
    needed = {"virt-sysprep": ("virt-sysprep",), "debugfs": ("debugfs", "e2fsck", "partx")}
    return next((name for name, programs in needed.items() if all(map(shutil.which, programs))), None)


def require_engine(what: str) -> str:
    """Return the program that seals a disk; Refused, naming the disk as `what`, where the host has none."""
    engine = sealing_engine()
    if engine is None:
        raise Refused(
            f"{what} cannot be sealed, as the host has neither virt-sysprep nor debugfs; install guestfs-tools (or "
            "libguestfs-tools), or say seal: false."
        )
    return engine


def seal(host: Hypervisor, what: str, path: str, timeout: int) -> None:
    """Seal the raw disk at `path`, which nobody else knows; `timeout` in seconds for each program.

    Refused, naming it as `what`, where there is no system on it that the engine of this host understands.
    """
    if require_engine(what) == "virt-sysprep":
        _sysprep(host, what, path, timeout)
    else:
        _Editor(host, what, path, timeout).seal()


def _sysprep(host: Hypervisor, what: str, path: str, timeout: int) -> None:
    """Rests on virt-sysprep(1). It starts its VM without libvirt, which would start it as a user that may not read.

    Its operation machine-id empties that file, and its operation customize then writes the same new one for all: the
    file is emptied after that.
    """
    gone = [part for place in (*_TREES, *_ALONE) for part in ("--delete", f"/{place}")]
    last = ["--touch", f"/{_MACHINE_ID}", "--truncate", f"/{_MACHINE_ID}"]
    command = ["virt-sysprep", "--quiet", "--format", "raw", "--operations", _SYSPREP, *gone, *last, "-a", path]
    code, told, errors = host.attempt(["timeout", str(timeout), "env", "LIBGUESTFS_BACKEND=direct", *command])
    if code == _OUT_OF_TIME:
        raise TimedOut(f"{what} was not sealed within {timeout} s; raise 'timeout', or say seal: false.")
    if code:
        words = " ".join((errors or told).split()) or "it tells no reason"
        raise Refused(f"{what} cannot be sealed (virt-sysprep: {words}); say seal: false to take it as it is.")


class _File(NamedTuple):
    """A file on the disk: its kind is that of stat(2), in octal digits."""

    name: str
    mode: str

    @property
    def is_folder(self) -> bool:
        return self.mode.startswith("04")

    @property
    def is_regular(self) -> bool:
        return self.mode.startswith("10")


class _Editor:
    """Edits the file systems on a raw disk by debugfs(8), which takes their place in the file as "?offset="."""

    def __init__(self, host: Hypervisor, what: str, path: str, timeout: int) -> None:
        self._host = host
        self._what = what
        self._path = path
        self._timeout = timeout
        self._device = path

    def seal(self) -> None:
        """Seal every file system; Refused where none has a system, or one cannot be read."""
        sealed = [self._seal_at(offset) for offset in self._file_systems()]
        if not any(sealed):
            raise self._refused("has no ext4 file system with an installed system on it")

    def _refused(self, why: str) -> Refused:
        return Refused(
            f"{self._what} {why}, so debugfs cannot seal it; install guestfs-tools (virt-sysprep) on the host, or say "
            "seal: false."
        )

    def _file_systems(self) -> list[int]:
        """Return where the file systems are that can be edited, in bytes; Refused where there are others."""
        code, told, _errors = self._host.attempt(["partx", "-g", "-r", "-o", "START", self._path])
        starts = [int(line) * 512 for line in told.split()] if not code else []
        return [start for start in starts or [0] if self._is_ext(start)]

    def _is_ext(self, start: int) -> bool:
        with open(self._path, "rb") as opened:
            opened.seek(start)
            head = opened.read(_HEAD)
        for offset, mark, kind in _STRANGE:
            if head[offset:].startswith(mark):
                raise self._refused(f"has {kind} on it")
        return head[_EXT[0] :].startswith(_EXT[1])

    def _seal_at(self, start: int) -> bool:
        """Seal one file system, and return whether the root of a system is on it; /var may be on another one."""
        self._device = f"{self._path}?offset={start}" if start else self._path
        self._check()
        system = {file.name: file for file in self._list("etc") if file.name in ("passwd", "machine-id")}
        for prefix in ("", "var/"):
            self._clean(prefix)
        if "machine-id" in system:
            self._remove(_MACHINE_ID, system["machine-id"])
            with tempfile.NamedTemporaryFile() as nothing:
                os.chmod(nothing.name, 0o444)
                self._edit(f'write "{nothing.name}" "/{_MACHINE_ID}"')
        self._check()
        return bool(system)

    def _check(self) -> None:
        """Have the journal replayed, which would undo what is edited, and mend what a lost current has left."""
        code, told, errors = self._host.attempt(["timeout", str(self._timeout), "e2fsck", "-f", "-p", self._device])
        if code not in _SOUND:
            words = " ".join((told or errors).split()[:30])
            raise Refused(f"{self._what} has a damaged file system (e2fsck: {words}); mend it in the VM first.")

    def _clean(self, prefix: str) -> None:
        """Take out what goes; `prefix` is what the root of the file system is called in the system."""
        for tree in _TREES:
            if tree.startswith(prefix):
                self._remove_tree(tree[len(prefix) :])
        for folder, names in _FILES:
            if folder.startswith(prefix):
                self._remove_named(folder[len(prefix) :], names)

    def _remove_named(self, folder: str, names: str) -> None:
        for file in self._list(folder):
            if re.fullmatch(names, file.name) and not file.is_folder:
                self._remove(f"{folder}/{file.name}", file)

    def _remove_tree(self, folder: str, depth: int = 0) -> None:
        if depth > _DEEPEST:
            raise self._refused(f"has folders in /{folder} that have no end")
        for file in self._list(folder):
            if file.is_folder:
                self._remove_tree(f"{folder}/{file.name}", depth + 1)
            self._remove(f"{folder}/{file.name}", file)

    def _remove(self, path: str, file: _File) -> None:
        """Remove a file or an empty folder, and write over what was in it: whoever may read the template could."""
        if not _PLAIN.fullmatch(file.name):
            raise self._refused(f"has a file of a strange name beside /{path.rpartition('/')[0]}")
        if file.is_folder:
            self._edit(f'rmdir "/{path}"')
            return
        blocks = self._ask(f'blocks "/{path}"').split() if file.is_regular else []
        self._edit(f'rm "/{path}"')
        self._wipe([int(word) for word in blocks if word.isdigit()])

    def _wipe(self, blocks: Sequence[int]) -> None:
        if not blocks:
            return
        size = self._block_size()
        start = int(self._device.partition("?offset=")[2] or 0)
        with open(self._path, "r+b") as opened:
            for block in filter(None, blocks):
                opened.seek(start + block * size)
                opened.write(bytes(size))

    def _block_size(self) -> int:
        found = re.search(r"^Block size:\s+(\d+)$", self._ask("show_super_stats -h"), re.MULTILINE)
        if found is None:
            raise KvmError(f"{self._what} cannot be sealed, as debugfs does not tell its block size; say seal: false.")
        return int(found[1])

    def _list(self, folder: str) -> list[_File]:
        """Return what is in a folder; nothing where it is not there, or is a symbolic link."""
        return list(self._files(folder)) if self._is_folder(folder) else []

    def _is_folder(self, path: str) -> bool:
        parts = path.split("/")
        above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        return all("Type: directory" in self._ask(f'stat "/{each}"') for each in above)

    def _files(self, folder: str) -> Iterator[_File]:
        for line in self._ask(f'ls -p "/{folder}"').splitlines():
            match = re.fullmatch(r"/\d+/(?P<mode>[0-7]+)/\d*/\d*/(?P<name>.*)/\d*/", line)
            if match is not None and match["name"] not in ("", ".", ".."):
                yield _File(match["name"], match["mode"])

    def _edit(self, request: str) -> None:
        """Do what debugfs is asked; it tells failures in words only, after a line that names itself."""
        _told, errors = self._debugfs(["-w", "-R", request])
        words = [line for line in errors.splitlines() if not line.startswith("debugfs 1")]
        if words:
            raise self._failed(words[0])

    def _ask(self, request: str) -> str:
        return self._debugfs(["-R", request])[0]

    def _debugfs(self, arguments: Sequence[str]) -> tuple[str, str]:
        code, told, errors = self._host.attempt(["timeout", str(self._timeout), "debugfs", *arguments, self._device])
        if code:
            raise self._failed(" ".join((errors or told).split()))
        return told, errors

    def _failed(self, words: str) -> KvmError:
        return KvmError(f"{self._what} cannot be sealed (debugfs: {words}); say seal: false to take it as it is.")
