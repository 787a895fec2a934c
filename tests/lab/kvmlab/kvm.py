# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether guests can use KVM: tried with a real guest, since /dev/kvm may exist and boot nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from kvmlab import guests, guests_sectors
from kvmlab.run import Say
from kvmlab.settings import Lab

KVM_DEVICE = os.makedev(10, 232)
SECONDS = 3
# $0: the root image, $1: the guest; the mounts are gone with the shell
TRY = """
set -e
mount --bind /dev "$0/dev"
mount --bind "$1" "$0/mnt"
exec chroot "$0" qemu-system-x86_64 -nodefaults -display none -m 16 -accel "$2" -serial stdio \\
    -drive file=/mnt/hello.img,format=raw,if=floppy,readonly=on
"""


def ensure(lab: Lab, image: Path, say: Say) -> None:
    """Have a /dev/kvm for the hosts when a guest boots under KVM, and none otherwise; asked once a machine boot."""
    answer, boot = lab.state / "kvm", Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    known = answer.read_text().split() if answer.exists() else []
    if known[:1] != [boot]:
        works = Path("/dev/kvm").exists() and boots(lab, image, say)
        known = [boot, "yes" if works else "no"]
        answer.write_text(" ".join(known))
        say("guests use KVM" if works else "guests are emulated: KVM boots none on this machine")
    _offer(lab.state / "dev" / "kvm", known[1] == "yes")


def _offer(node: Path, wanted: bool) -> None:
    """A node of its own, which QEMU's user may open: with one it may not, libvirt takes 4 s for each definition."""
    node.unlink(missing_ok=True)
    if wanted:
        node.parent.mkdir(exist_ok=True)
        os.mknod(node, 0o666 | 0o020000, KVM_DEVICE)
        node.chmod(0o666)


def boots(lab: Lab, image: Path, say: Say, accelerator: str = "kvm") -> bool:
    """Whether a boot sector run by the root image's QEMU is heard on its serial port."""
    guests.ensure(lab.cache, ["hello"], say)
    command = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
               "sh", "-c", TRY, image, lab.cache / "guests", accelerator]  # fmt: skip
    try:
        heard = subprocess.run(
            [str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        ).stdout
    except subprocess.TimeoutExpired as expired:
        heard = expired.stdout or b""
    return guests_sectors.HELLO in heard
