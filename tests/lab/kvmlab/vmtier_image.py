# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VM tier's image: a Debian host installed once, booted once, and kept as disk and saved state."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kvmlab import qmp, vmtier_machine
from kvmlab.guests import SOURCES, digest, locked
from kvmlab.guests_debootstrap import add_files, forget_identity, in_system, install_system, kernel_files, package_list
from kvmlab.guests_disk import copy_file
from kvmlab.guests_packages import install_tools
from kvmlab.run import Say, run
from kvmlab.settings import Lab
from kvmlab.vmtier_machine import Machine

REVISION = 1  # raise it when the code below makes something else of the same words
ENABLED_UNITS = ("systemd-networkd", "libvirtd", "ssh")
MASKED_UNITS = ("systemd-networkd-wait-online", "systemd-timesyncd")
IDLE_UNITS = (
    *("pacemaker", "corosync", "pcsd", "sbd", "iscsid", "open-iscsi", "libvirt-guests"),
    *("apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_all.timer", "e2scrub_reap", "man-db.timer"),
    *("fstrim.timer", "logrotate.timer", "dpkg-db-backup.timer"),
)
TOOLS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "mke2fs": "e2fsprogs",
    "nsenter": "util-linux",
}
ROOT_GIB = 8
SPARE_GIB = 2
BOOT_SECONDS = 600.0  # booting and saving takes some 40 s on an idle machine, and took 167 s on one with a load of 4


@dataclass(frozen=True)
class Image:
    """The files of one built image; all are read only once they are there."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.qcow2"

    @property
    def kernel(self) -> Path:
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        return self.folder / "initrd.img"

    @property
    def state(self) -> Path:
        return self.folder / "state"


def recipe() -> str:
    """A hash of what decides the image; a saved state fits only the hardware and the QEMU that it was made with."""
    qemu = run(["qemu-system-x86_64", "--version"], "ask QEMU for its version")
    hardware = vmtier_machine.command_line(Machine("v0", Path("run"), Path("disks"), "none"), Path("k"), Path("i"))
    folders = (SOURCES / "vmtier/files", SOURCES / "debian/early")
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    words = repr((REVISION, qemu, hardware, ROOT_GIB, SPARE_GIB, ENABLED_UNITS, MASKED_UNITS, IDLE_UNITS))
    return digest([SOURCES / "vmtier/packages", *files], words)[:16]


def ensure(lab: Lab, say: Say) -> Image:
    """The image in the cache, built when there is none of the present recipe (3 minutes)."""
    install_tools(TOOLS)
    store = lab.cache / "vmtier"
    store.mkdir(parents=True, exist_ok=True)
    with locked(store, "host"):
        image = Image(store / recipe())
        if not image.folder.exists():
            _build(store, image.folder, f"{lab.name}-vmbuild", say)
            _remove_others(store, image.folder)
    return image


def _remove_others(store: Path, keep: Path) -> None:
    for folder in store.iterdir():
        if folder.is_dir() and folder != keep:
            run(["rm", "-rf", folder], f"remove the outdated image {folder}")


def _build(store: Path, folder: Path, namespace: str, say: Say) -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=".building-host-", dir=store) as work:
        scratch, done = Path(work), Path(work, "done")
        done.mkdir()
        say("installing the VM host's system (some 2 minutes)")
        image = _install(scratch, Image(done))
        say("booting the VM host once and saving its state (some 40 s)")
        with _namespace(namespace):
            _boot_and_save(Machine("build", scratch / "run", scratch / "run", namespace), image)
        os.replace(done, folder)
    say(f"built the VM host's image in {time.monotonic() - started:.0f} s")


def _install(scratch: Path, image: Image) -> Image:
    tree, raw = scratch / "system", scratch / "root.raw"
    install_system(tree, package_list(SOURCES / "vmtier/packages"), SOURCES / "debian/early")
    set_up(tree)
    kernel, initrd = kernel_files(tree)
    copy_file(kernel, image.kernel)
    copy_file(initrd, image.initrd)
    run(
        ["mke2fs", "-q", "-F", "-t", "ext4", "-L", "root", "-d", tree, raw, f"{ROOT_GIB}G"],
        "make the VM host's disk",
    )
    run(["qemu-img", "convert", "-O", "qcow2", raw, image.root], "convert the VM host's disk")
    raw.unlink()
    return image


def set_up(tree: Path) -> None:
    """Make a lab host of the system: networkd, libvirtd and sshd on, cluster software off until somebody wants it."""
    add_files(tree, SOURCES / "vmtier/files")
    in_system(tree, "systemctl", "mask", "-q", *MASKED_UNITS)
    in_system(tree, "systemctl", "disable", "-q", *IDLE_UNITS)
    in_system(tree, "systemctl", "enable", "-q", *ENABLED_UNITS)
    forget_identity(tree)
    in_system(tree, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/etc/ssh/ssh_host_ed25519_key")


def _boot_and_save(machine: Machine, image: Image) -> None:
    """Boot the image, wait until it is up, and save it."""
    machine.run.mkdir()
    make_spare_disks(machine.disks)
    (machine.disks / "root.qcow2").symlink_to(image.root)
    vmtier_machine.make_taps(machine, {})
    vmtier_machine.start(machine, image.kernel, image.initrd)
    try:
        _settle(machine)
        vmtier_machine.save(machine, image.state)
    finally:
        vmtier_machine.stop(machine)


def _settle(machine: Machine) -> None:
    """Wait until the system has booted; drop what it cached, so that the saved state is small."""
    with qmp.agent(machine.agent, BOOT_SECONDS) as agent:
        qmp.run_in_guest(
            agent, ["/bin/sh", "-c", "systemctl is-system-running --wait || systemctl --failed"], BOOT_SECONDS
        )
        qmp.run_in_guest(agent, ["/bin/sh", "-c", "sync; echo 3 > /proc/sys/vm/drop_caches"])


def make_spare_disks(folder: Path) -> None:
    """Two empty disks for LVM, sbd and the like."""
    for name in ("a", "b"):
        run(
            ["qemu-img", "create", "-q", "-f", "qcow2", folder / f"{name}.qcow2", f"{SPARE_GIB}G"],
            "make a spare disk",
        )


@contextmanager
def _namespace(name: str) -> Iterator[None]:
    """A network namespace for the time being; one left by an interrupted build is replaced."""
    if Path("/run/netns", name).exists():
        run(["ip", "netns", "delete", name], f"remove the network namespace {name}")
    run(["ip", "netns", "add", name], f"make the network namespace {name}")
    try:
        yield
    finally:
        run(["ip", "netns", "delete", name], f"remove the network namespace {name}")
