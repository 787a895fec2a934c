# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tiny guest: Debian's cloud kernel, busybox, dropbear and the guest agent on a disk of some 30 MiB."""

from __future__ import annotations

import lzma
import os
import re
from collections.abc import Iterable
from pathlib import Path

from kvmlab import apt
from kvmlab.errors import LabError
from kvmlab.guests_disk import (
    EFI_STUB,
    TOOLS,
    Layout,
    compress,
    copy_file,
    make_boot_partition,
    make_root_partition,
    make_uki,
    write_initramfs,
    write_partition_table,
)
from kvmlab.guests_packages import closure, install_tools, libraries, unpack
from kvmlab.run import run

KERNELS = ("linux-image-cloud-amd64", "linux-image-virtual")
PROGRAMS = ("busybox-static", "dropbear-bin", "qemu-guest-agent", "e2fsprogs")
# With room for memory to be plugged in, the kernel would set 64 MiB aside for bounce buffers: swiotlb makes it 4 MiB.
CMDLINE = "console=tty0 console=ttyS0,115200 quiet panic=5 memhp_default_state=online cryptomgr.notests swiotlb=2048"
LAYOUT = Layout(boot=40, root=55)
# What finds the root is loaded by the initramfs; the rest waits until the root is mounted.
STORAGE_MODULES = ("virtio_pci", "virtio_blk", "virtio_scsi", "sd_mod", "ata_piix", "ext4")
DEVICE_MODULES = (
    "virtio_net", "virtio_console", "virtio_rng", "virtio_balloon", "virtio_mem", "sr_mod", "isofs", "vfat",
    "nls_cp437", "nls_ascii", "button", "evdev", "ahci", "e1000", "e1000e", "8139cp", "qemu_fw_cfg", "pvpanic-pci",
)  # fmt: skip
SPARE_MODULES = ("i6300esb", "softdog", "8021q", "virtiofs", "overlay")
SBIN = {"shutdown", "chpasswd"}
LIBRARY = {
    "yaml.awk",
    "cloud-config.awk",
    "meta-data.awk",
    "network.awk",
    "seed.sh",
    "network.sh",
    "dhcp.sh",
    "later.sh",
    "hotplug.sh",
}
FOLDERS = ("bin", "sbin", "usr/bin", "usr/sbin", "proc", "sys", "dev", "run", "tmp", "root", "mnt", "seed", "home",
           "var/log", "var/lib/tiny", "etc/dropbear", "lib/modules", "lib64")  # fmt: skip


def build(sources: Path, scratch: Path, into: Path) -> list[Path]:
    """Build the tiny guest's files from its sources into a folder and return them (disk, kernel, initramfs)."""
    install_tools({**TOOLS, **EFI_STUB, "depmod": "kmod"})
    packages, kernel_tree = scratch / "packages", scratch / "kernel"
    unpack(closure(PROGRAMS, r"lib|zlib1g$"), packages)
    unpack(kernel_packages(KERNELS), kernel_tree)
    kernel = _only(kernel_tree.glob("boot/vmlinuz-*"), "kernel")
    modules = Modules(kernel_tree)
    busybox = _only(packages.glob("**/bin/busybox"), "busybox")
    initrd, disk = into / "tiny.initrd", scratch / "tiny.raw"
    write_initramfs(_initramfs_tree(sources, scratch / "initramfs", busybox, modules), busybox, initrd)
    tree = _root_tree(sources, scratch / "root", packages, busybox, modules)
    copy_file(kernel, into / "tiny.vmlinuz")
    _write_disk(disk, sources, scratch, kernel, initrd, tree)
    compress(disk, into / "tiny.qcow2")
    return [into / "tiny.vmlinuz", initrd, into / "tiny.qcow2"]


def kernel_packages(choices: tuple[str, ...]) -> list[str]:
    """The packages that hold the kernel and its modules behind the first kernel metapackage that apt knows."""
    known = apt.known(choices)
    for meta in choices:
        if meta in known:
            return [
                name
                for name in closure([meta], r"linux-(image|modules)-[0-9]")
                if name != meta and "unsigned" not in name
            ]
    raise LabError(f"Cannot find a kernel: apt knows none of {', '.join(choices)}; add the distribution's own source.")


class Modules:
    """The modules of an unpacked kernel package, with what each needs before it."""

    def __init__(self, tree: Path) -> None:
        (self.base,) = (
            path.resolve() for pattern in ("lib/modules/*", "usr/lib/modules/*") for path in tree.glob(pattern)
        )
        run(["depmod", "-b", self.base.parents[2], self.base.name], "index the kernel's modules")
        lines = (self.base / "modules.dep").read_text().splitlines()
        self.needs = {
            _module_name(path): [path, *below.split()] for path, below in (line.split(":", 1) for line in lines)
        }

    def load_order(self, names: tuple[str, ...]) -> list[Path]:
        """Module files in the order to load them; a name that this kernel has built in, or not at all, is left out."""
        wanted = [path for name in names for path in reversed(self.needs.get(_module_name(name), []))]
        return [self.base / path for path in dict.fromkeys(wanted)]

    def copy(self, names: tuple[str, ...], into: Path) -> list[str]:
        """Copy the modules, uncompressed, into a folder and return their file names in load order."""
        into.mkdir(parents=True, exist_ok=True)
        order = []
        for path in self.load_order(names):
            name = re.sub(r"\.(xz|zst|gz)$", "", path.name)
            (into / name).write_bytes(_uncompressed(path))
            order.append(name)
        return order


def _module_name(path: str) -> str:
    return Path(path).name.split(".ko")[0].replace("-", "_")


def _uncompressed(path: Path) -> bytes:
    if path.suffix == ".xz":
        return lzma.decompress(path.read_bytes())
    if path.suffix == ".zst":
        install_tools({"zstd": "zstd"})
        run(["zstd", "-q", "-d", "-k", path], f"unpack {path.name}")
        return path.with_suffix("").read_bytes()
    return path.read_bytes()


def _only(paths: Iterable[Path], what: str) -> Path:
    found = sorted(paths)
    if len(found) != 1:
        raise LabError(f"Cannot build the tiny guest: expected one {what} in its packages, found {len(found)}.")
    return found[0]


def _busybox_links(tree: Path, busybox: Path) -> None:
    copy_file(busybox, tree / "bin/busybox", 0o755)
    for applet in run([busybox, "--list"], "list busybox's programs").split():
        if applet != "busybox" and not (tree / "bin" / applet).exists():
            (tree / "bin" / applet).symlink_to("busybox")


def _initramfs_tree(sources: Path, tree: Path, busybox: Path, modules: Modules) -> Path:
    for folder in ("bin", "proc", "sys", "dev", "root"):
        (tree / folder).mkdir(parents=True)
    copy_file(busybox, tree / "bin/busybox", 0o755)
    for applet in (
        "sh",
        "mount",
        "insmod",
        "findfs",
        "sleep",
        "readlink",
        "cat",
        "dd",
        "printf",
        "blockdev",
        "switch_root",
    ):
        (tree / "bin" / applet).symlink_to("busybox")
    order = modules.copy(STORAGE_MODULES, tree / "lib/modules")
    (tree / "lib/modules/order").write_text("\n".join(order) + "\n")
    copy_file(sources / "init", tree / "init", 0o755)
    return tree


def _root_tree(sources: Path, tree: Path, packages: Path, busybox: Path, modules: Modules) -> Path:
    for folder in FOLDERS:
        (tree / folder).mkdir(parents=True)
    (tree / "root").chmod(0o700)
    _busybox_links(tree, busybox)
    (tree / "sbin/init").symlink_to("../bin/busybox")
    _copy_programs(tree, packages)
    loaded = set(modules.copy(STORAGE_MODULES, tree / "lib/modules"))
    order = [name for name in modules.copy(DEVICE_MODULES, tree / "lib/modules") if name not in loaded]
    modules.copy(SPARE_MODULES, tree / "lib/modules")
    (tree / "lib/modules/order").write_text("\n".join(order) + "\n")
    _copy_sources(sources, tree)
    _write_accounts(tree)
    return tree


def _copy_programs(tree: Path, packages: Path) -> None:
    names = ("dropbear", "dropbearkey", "dbclient", "qemu-ga", "resize2fs")
    found = {name: _only([p for p in packages.rglob(name) if p.parent.name in {"bin", "sbin"}], name) for name in names}
    for name, program in found.items():
        copy_file(program, tree / "usr/sbin" / name, 0o755)
    (tree / "usr/bin/ssh").symlink_to("../sbin/dbclient")
    for library in libraries(list(found.values()), packages):
        copy_file(library, tree / ("lib64" if library.name.startswith("ld-linux") else "lib") / library.name, 0o755)


def _copy_sources(sources: Path, tree: Path) -> None:
    for name in SBIN:
        copy_file(sources / name, tree / "usr/sbin" / name, 0o755)
    (tree / "sbin/shutdown").symlink_to("../usr/sbin/shutdown")
    for name in LIBRARY:
        copy_file(sources / name, tree / "usr/lib/tiny" / name, 0o755)
    copy_file(sources / "rc", tree / "etc/rc", 0o755)
    copy_file(sources / "inittab", tree / "etc/inittab")
    copy_file(sources / "os-release", tree / "etc/os-release")
    copy_file(sources / "power-button", tree / "etc/acpi/PWRF/00000080", 0o755)


def _write_accounts(tree: Path) -> None:
    (tree / "etc/hostname").write_text("tiny\n")
    (tree / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (tree / "etc/group").write_text("root:x:0:\ntty:x:5:\n")
    (tree / "etc/shells").write_text("/bin/sh\n")
    (tree / "etc/mtab").symlink_to("/proc/mounts")
    (tree / "etc/shadow").write_text("root:*:19000:0:99999:7:::\n")
    (tree / "etc/shadow").chmod(0o600)
    (tree / "etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n")


def _write_disk(disk: Path, sources: Path, scratch: Path, kernel: Path, initrd: Path, tree: Path) -> None:
    config, uki = scratch / "syslinux.cfg", scratch / "tiny.efi"
    config.write_text((sources / "syslinux.cfg").read_text().replace("@CMDLINE@", CMDLINE))
    make_uki(kernel, initrd, CMDLINE, sources / "os-release", uki)
    write_partition_table(disk, LAYOUT)
    boot = {"vmlinuz": kernel, "initrd.gz": initrd, "syslinux.cfg": config, "EFI/BOOT/BOOTX64.EFI": uki}
    make_boot_partition(disk, LAYOUT, boot)
    make_root_partition(disk, LAYOUT, "TINY", tree)
    os.sync()
