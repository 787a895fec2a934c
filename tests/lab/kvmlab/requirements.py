# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the machine can run the lab, and installing what it lacks."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from kvmlab import apt
from kvmlab.errors import LabError
from kvmlab.run import Say, attempt, installed, run
from kvmlab.settings import Lab

PROGRAMS = {
    "mmdebstrap": "mmdebstrap", "systemd-nspawn": "systemd-container", "ipmi_sim": "openipmi",
    "nc": "netcat-openbsd", "ip": "iproute2", "ssh": "openssh-client", "ssh-keygen": "openssh-client",
    "nsenter": "util-linux", "unshare": "util-linux", "qemu-img": "qemu-utils",
}  # fmt: skip
MODULES = ("overlay", "veth", "bridge", "tun", "fuse", "loop")
DEVICES = {"/dev/net/tun": "TUN/TAP", "/dev/fuse": "FUSE"}
IMAGE_SPACE = 4
RUN_SPACE = 1
GIB = 1 << 30


def check(lab: Lab, say: Say, image_missing: bool) -> None:
    """Have everything that the lab needs from the machine; raises LabError for what cannot be helped."""
    apt.machine_release()
    if installed("modprobe"):
        attempt(["modprobe", "-a", *MODULES])  # what is built into the kernel cannot be loaded, and need not
    check_kernel()
    for folder in (lab.cache, lab.state, lab.run):
        folder.mkdir(parents=True, exist_ok=True)
    check_file_system(lab.state)
    check_space(lab.cache, IMAGE_SPACE if image_missing else RUN_SPACE)
    check_space(lab.state, RUN_SPACE)
    install_missing(say)


def check_kernel() -> None:
    """The kernel has to know overlayfs, TUN/TAP and FUSE."""
    if "\toverlay\n" not in Path("/proc/filesystems").read_text():
        raise LabError("The kernel has no overlayfs, on which the hosts' disks rest: load the module 'overlay'.")
    for device, name in DEVICES.items():
        if not (os.path.exists(device) and stat.S_ISCHR(os.stat(device).st_mode)):
            raise LabError(f"{device} is missing: load the kernel's {name} module, or pass the device in.")


def check_file_system(folder: Path) -> None:
    """An overlay's disk cannot lie on another overlay, as the root of many containers is one."""
    if run(["stat", "--file-system", "--format=%T", folder], f"look at {folder}").strip() == "overlayfs":
        raise LabError(f"{folder} is on overlayfs, which cannot hold the hosts' disks: mount a volume there.")


def check_space(folder: Path, needed: int) -> None:
    """There have to be so many GiB free."""
    free = shutil.disk_usage(folder).free / GIB
    if free < needed:
        raise LabError(f"{folder} has {free:.1f} GiB free, and the lab needs {needed} GiB there: make room.")


def install_missing(say: Say) -> None:
    """Install the packages of the programs that this machine does not have."""
    missing = {package for program, package in PROGRAMS.items() if not installed(program)}
    if missing:
        say(f"installing {', '.join(sorted(missing))}")
        apt.install(missing)
