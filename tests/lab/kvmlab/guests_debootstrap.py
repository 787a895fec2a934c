# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Debian system in a folder, installed from the same package sources that this machine uses."""

from __future__ import annotations

import shutil
from pathlib import Path

from kvmlab import apt
from kvmlab.errors import LabError
from kvmlab.guests_packages import install_tools
from kvmlab.run import run
from kvmlab.trees import OWN_MOUNTS

_UNREAD = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*", "/usr/share/lintian/*")


def package_list(path: Path) -> list[str]:
    """The packages in a list file: words, with comments from # to the line's end."""
    return [word for line in path.read_text().splitlines() for word in line.split("#")[0].split()]


def install_system(tree: Path, packages: list[str], early: Path) -> None:
    """Install a minimal system with the packages into a folder that does not exist yet.

    The files below `early` are there before the first package is configured.
    """
    install_tools({"mmdebstrap": "mmdebstrap"})
    sources, suite = apt.sources(), apt.machine_release()[1]
    settings = apt.settings(run(["apt-config", "dump", "Acquire"], "read apt's settings"))
    argv = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory", f"--include={','.join(packages)}"]
    options = [f"--aptopt={line}" for line in settings]
    options += [f"--dpkgopt=path-exclude={path}" for path in _UNREAD]
    options += [f"--essential-hook=copy-in {path} /" for path in sorted(early.iterdir())]
    run([*OWN_MOUNTS, *argv, *options, suite, tree, *sources], f"install Debian into {tree.name}")


def in_system(tree: Path, *argv: str) -> None:
    """Run a command inside the system."""
    run(["chroot", tree, *argv], f"set up the Debian system ({' '.join(argv[:2])})")


def add_files(tree: Path, files: Path) -> None:
    """Copy a folder of files over the system; what is below a bin or sbin folder becomes executable."""
    for source in sorted(path for path in files.rglob("*") if path.is_file()):
        target = tree / source.relative_to(files)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o755 if source.parent.name in {"bin", "sbin"} else 0o644)


def forget_identity(tree: Path) -> None:
    """Leave what every machine has of its own to the first boot."""
    for key in tree.glob("etc/ssh/ssh_host_*"):
        key.unlink()
    (tree / "etc/machine-id").write_text("")
    (tree / "var/lib/dbus/machine-id").unlink(missing_ok=True)


def kernel_files(tree: Path) -> tuple[Path, Path]:
    """The newest kernel of the system and its initramfs."""
    kernels = sorted(tree.glob("boot/vmlinuz-*"))
    if not kernels:
        raise LabError("Cannot find a kernel: the Debian system has no kernel in /boot.")
    return kernels[-1], kernels[-1].with_name(kernels[-1].name.replace("vmlinuz-", "initrd.img-"))
