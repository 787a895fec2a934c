# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian guest: a whole system with systemd and the real cloud-init, for the tests that are worth the wait."""

from __future__ import annotations

from pathlib import Path

from kvmlab import guests_disk as disk
from kvmlab.guests_debootstrap import add_files, forget_identity, in_system, install_system, kernel_files, package_list
from kvmlab.guests_packages import install_tools

CMDLINE = "root=LABEL=root ro console=tty0 console=ttyS0,115200 quiet systemd.show_status=0"
LAYOUT = disk.Layout(boot=62, root=1985)
ENABLED_UNITS = ("systemd-networkd", "systemd-resolved", "ssh", "qemu-guest-agent")
IDLE_UNITS = ("apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_all.timer", "e2scrub_reap.service", "fstrim.timer")
REVISION = 1  # raise it when the code below makes something else of the same words
WORDS = repr((REVISION, CMDLINE, LAYOUT, ENABLED_UNITS, IDLE_UNITS))


def build(sources: Path, scratch: Path, into: Path) -> list[Path]:
    """Install the system, set it up and write it to a disk that boots by BIOS; return the disk."""
    install_tools(disk.TOOLS)
    tree = scratch / "system"
    install_system(tree, package_list(sources / "packages"), sources / "early")
    set_up(tree, sources)
    return [write_disk(tree, sources, scratch, into / "debian.qcow2")]


def set_up(tree: Path, sources: Path) -> None:
    """Make a cloud image of the system: seed from NoCloud, network by netplan, nothing in the background."""
    add_files(tree, sources / "files")
    in_system(tree, "systemctl", "mask", "-q", *IDLE_UNITS)
    in_system(tree, "systemctl", "enable", "-q", *ENABLED_UNITS)
    forget_identity(tree)


def write_disk(tree: Path, sources: Path, scratch: Path, image: Path) -> Path:
    """Write the system to a compressed qcow2; the boot loader reads copies of its kernel and initramfs."""
    raw, config = scratch / "disk.raw", scratch / "syslinux.cfg"
    config.write_text((sources / "syslinux.cfg").read_text().replace("@CMDLINE@", CMDLINE))
    kernel, initrd = kernel_files(tree)
    disk.write_partition_table(raw, LAYOUT)
    disk.make_boot_partition(raw, LAYOUT, {"vmlinuz": kernel, "initrd.img": initrd, "syslinux.cfg": config})
    disk.make_root_partition(raw, LAYOUT, "root", tree)
    disk.compress(raw, image)
    raw.unlink()
    return image
