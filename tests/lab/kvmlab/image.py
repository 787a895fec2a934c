# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root image that all hosts share: built once from the distribution's packages, named after its recipe."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from kvmlab import apt
from kvmlab.errors import LabError
from kvmlab.locks import locked
from kvmlab.run import Say, Words, environment, last_words, run
from kvmlab.settings import Lab
from kvmlab.trees import OWN_MOUNTS, remove_tree

TREE = Path(__file__).resolve().parent.parent / "root"
PACKAGES = TREE / "packages.txt"
OPTIONAL = "?"
VERSION = 1  # of the code below: count it up when it makes another image from the same files
APT_OPTIONS = ('APT::Install-Recommends "false"', 'Acquire::Languages "none"')
DPKG_OPTIONS = ("force-unsafe-io", "path-exclude=/usr/share/man/*", "path-exclude=/usr/share/doc/*",
                "path-exclude=/usr/share/locale/*", "path-include=/usr/share/doc/*/copyright")  # fmt: skip
# A container has neither udev nor consoles; time, names and the kernel are the machine's.
MASKED = (
    "systemd-udevd.service", "systemd-udevd-kernel.socket", "systemd-udevd-control.socket",
    "systemd-udev-trigger.service", "systemd-modules-load.service", "systemd-networkd-wait-online.service",
    "systemd-resolved.service", "systemd-timesyncd.service", "console-getty.service", "dev-hugepages.mount",
    "sys-kernel-debug.mount", "sys-kernel-tracing.mount",
)  # fmt: skip


def packages(text: str) -> tuple[list[str], list[str]]:
    """The packages that have to be there, and those that may be left out, from the list of packages."""
    words = [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]
    wanted = [word for word in words if not word.endswith(OPTIONAL)]
    return wanted, [word.removesuffix(OPTIONAL) for word in words if word.endswith(OPTIONAL)]


def recipe() -> str:
    """A hash of everything that decides what the image becomes, but for the age of the packages."""
    decisions = (VERSION, apt.machine_release(), APT_OPTIONS, DPKG_OPTIONS, MASKED)
    digest = hashlib.sha256(repr(decisions).encode())
    for path in sorted(path for path in TREE.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def path(lab: Lab) -> Path:
    """Where the image of the current recipe is, or would be."""
    return lab.cache / f"root-{recipe()}"


def ensure(lab: Lab, say: Say) -> Path:
    """Have the image of the current recipe; it gets its name only when it is complete."""
    image = path(lab)
    with locked(lab.cache / ".root.lock", say, "another build of the root image") as lock:
        clear_interrupted(lab)
        if not image.exists():
            say("building the hosts' root image from packages; this is done once and takes about two minutes")
            started = time.monotonic()
            folder = Path(tempfile.mkdtemp(prefix=".building-root-", dir=lab.cache))
            _build(folder, Build(lock, lab.state / "log" / "image.log", say))
            os.rename(folder / "root", image)
            say(f"built the root image in {time.monotonic() - started:.0f} s")
            clear_interrupted(lab)
            remove_unused(lab)
    return image


@dataclass(frozen=True)
class Build:
    """What a build needs besides its folder; its programs hold the lock as well, so that none outlives it."""

    lock: int
    log: Path
    say: Say


def remove_unused(lab: Lab, current: bool = True) -> None:
    """Remove images that no host of any lab on this machine has its disk on; the current recipe's may stay."""
    used = {Path(mark.read_text().strip()) for mark in Path("/var/lib").glob("*-lab/hosts/h*/image")}
    for old in set(lab.cache.glob("root-*")) - used - ({path(lab)} if current else set()):
        remove_tree(old)


def clear_interrupted(lab: Lab) -> None:
    """Throw away what builds that were cut off have left."""
    for folder in lab.cache.glob(".building-root-*"):
        remove_tree(folder)


def _build(folder: Path, build: Build) -> None:
    root, listing = folder / "root", folder / "sources.list"
    codename = apt.machine_release()[1]
    listing.write_text("\n".join([*apt.sources(), ""]))
    watched([*OWN_MOUNTS, *bootstrap_command(root, listing, codename)], "build the root image", build)
    build.say("setting up the root image")
    shutil.copytree(TREE, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(PACKAGES.name, "__pycache__"))
    run(["systemctl", f"--root={root}", "preset-all", "-q"], "choose the services of the root image")
    run(["systemctl", f"--root={root}", "mask", "-q", *MASKED], "mask services of the root image")
    _make_neutral(root)


def bootstrap_command(root: Path, listing: Path, codename: str) -> list[str]:
    """The command that installs all packages into a new root."""
    wanted, optional = packages(PACKAGES.read_text())
    chosen = sorted({*wanted, *(apt.known(optional))})
    dump = run(["apt-config", "dump", "Acquire"], "read apt's settings")
    options = [f"--aptopt={line}" for line in (*APT_OPTIONS, *apt.settings(dump))]
    options += [f"--dpkgopt={line}" for line in DPKG_OPTIONS]
    return ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory", *options,
            f"--include={','.join(chosen)}", codename, str(root), str(listing)]  # fmt: skip


def _make_neutral(root: Path) -> None:
    """Take out what belongs to one host: keys, names and ids; each host brings its own."""
    for key in root.glob("etc/ssh/ssh_host_*"):
        key.unlink()
    for file in ("etc/hostname", "var/lib/dbus/machine-id", "var/lib/glusterd/glusterd.info", "etc/resolv.conf"):
        (root / file).unlink(missing_ok=True)
    (root / "etc/machine-id").write_text("")
    for network in root.glob("etc/libvirt/qemu/networks/autostart/*"):
        network.unlink()
    (root / "etc/libvirt/qemu/networks/default.xml").unlink(missing_ok=True)
    (root / "srv/shared").mkdir(exist_ok=True)


def watched(argv: Words, what: str, build: Build) -> None:
    """Run a long program with its words in a log file, and tell every ten seconds how far it is."""
    build.log.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in argv]
    with (
        build.log.open("w") as out,
        subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment(), pass_fds=(build.lock,)
        ) as process,
    ):
        while True:
            try:
                process.wait(timeout=10)
                break
            except subprocess.TimeoutExpired:
                build.say(f"  {last_words(build.log.read_text(errors='replace')).removeprefix('I: ') or 'starting'}")
    if process.returncode != 0:
        said = last_words(build.log.read_text(errors="replace"))
        raise LabError(f"Cannot {what}: {said}; the whole story is in {build.log}.")
