# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk images made without loop devices or mounts: MBR, a FAT boot partition with syslinux, an ext4 root."""

from __future__ import annotations

import gzip
import re
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

from kvmlab.run import run

SECTOR = 512
MIB = 1024 * 1024
MBR_CODE = Path("/usr/lib/syslinux/mbr/mbr.bin")
TOOLS = {
    "mcopy": "mtools",
    "mkfs.vfat": "dosfstools",
    "syslinux": "syslinux",
    str(MBR_CODE): "syslinux-common",
    "mke2fs": "e2fsprogs",
    "qemu-img": "qemu-utils",
    "objcopy": "binutils",
}
MTOOLS = ("env", "MTOOLS_SKIP_CHECK=1")  # a disk of this size has no geometry to check
EFI_STUB = {"/usr/lib/systemd/boot/efi/linuxx64.efi.stub": "systemd-boot-efi"}


@dataclass(frozen=True)
class Layout:
    """Sizes in MiB: the boot partition starts at 1 MiB, the root partition has the rest."""

    boot: int
    root: int

    @property
    def root_start(self) -> int:
        return 1 + self.boot

    @property
    def total(self) -> int:
        return self.root_start + self.root


def write_partition_table(image: Path, layout: Layout) -> None:
    """Write an MBR with a bootable FAT partition (type EF, so that UEFI firmware takes it) and a Linux partition."""
    entries = [(0x80, 0xEF, 1, layout.boot), (0, 0x83, layout.root_start, layout.root)]
    table = b"".join(
        struct.pack(
            "<B3sB3sII", flag, b"\xfe\xff\xff", kind, b"\xfe\xff\xff", start * MIB // SECTOR, size * MIB // SECTOR
        )
        for flag, kind, start, size in entries
    )
    code = MBR_CODE.read_bytes()[:440].ljust(440, b"\0")
    with image.open("wb") as disk:
        disk.write(code + b"KVMO\0\0" + table.ljust(64, b"\0") + b"\x55\xaa")
        disk.truncate(layout.total * MIB)


def make_boot_partition(image: Path, layout: Layout, files: dict[str, Path]) -> None:
    """Format the boot partition, copy the files (path in the partition -> file) and make it boot with syslinux."""
    what = f"make the boot partition of {image.name}"
    run(
        [
            "mkfs.vfat",
            "-F",
            "16" if layout.boot < 512 else "32",
            "-n",
            "BOOT",
            "--offset",
            str(MIB // SECTOR),
            image,
            str(layout.boot * 1024),
        ],
        what,
    )
    drive = f"{image}@@1M"
    for folder in sorted({str(parent) for name in files for parent in Path(name).parents} - {"."}, key=len):
        run([*MTOOLS, "mmd", "-i", drive, f"::/{folder}"], what)
    for name, source in files.items():
        run([*MTOOLS, "mcopy", "-i", drive, source, f"::/{name}"], what)
    run(["syslinux", "--install", "--offset", str(MIB), image], what)


def make_root_partition(image: Path, layout: Layout, label: str, tree: Path) -> None:
    """Make the ext4 root partition from a folder, which keeps owners and modes."""
    what = f"make the root partition of {image.name}"
    offset = f"offset={layout.root_start * MIB}"
    run(["mke2fs", "-q", "-F", "-t", "ext4", "-L", label, "-E", offset, "-d", tree, image, f"{layout.root}M"], what)


def make_uki(kernel: Path, initrd: Path, cmdline: str, os_release: Path, into: Path) -> None:
    """Join kernel, initramfs and command line into one UEFI program, by the stub of systemd-boot."""
    (stub,) = map(Path, EFI_STUB)
    words = into.with_suffix(".cmdline")
    words.write_text(cmdline)
    address = _end_of(stub)
    options: list[str | Path] = []
    for name, source in ((".osrel", os_release), (".cmdline", words), (".linux", kernel), (".initrd", initrd)):
        options += ["--add-section", f"{name}={source}", "--change-section-vma", f"{name}={address:#x}"]
        address = _aligned(address + source.stat().st_size)
    run(["objcopy", *options, stub, into], f"make {into.name}")


def _end_of(stub: Path) -> int:
    """The first free address after the stub's sections."""
    listing = run(["objdump", "-h", stub], f"read {stub.name}")
    sections = re.findall(r"^ +\d+ \S+ +([0-9a-f]{8}) +([0-9a-f]{16})", listing, re.MULTILINE)
    return _aligned(max(int(size, 16) + int(start, 16) for size, start in sections))


def _aligned(address: int) -> int:
    return -(-address // MIB) * MIB


def compress(image: Path, into: Path) -> None:
    """Convert a raw image to a compressed qcow2."""
    run(
        ["qemu-img", "convert", "-c", "-O", "qcow2", "-o", "compression_type=zstd", image, into],
        f"convert {image.name}",
    )


def write_initramfs(tree: Path, busybox: Path, into: Path) -> None:
    """Pack a folder as a gzip-compressed cpio archive."""
    names = [".", *sorted(str(path.relative_to(tree)) for path in tree.rglob("*"))]
    archive = into.with_suffix(".cpio")
    pack = ["env", "-C", tree, busybox.resolve(), "cpio", "-o", "-H", "newc", "-F", archive.resolve()]
    run(pack, "pack the initramfs", stdin="\n".join(names) + "\n")
    into.write_bytes(gzip.compress(archive.read_bytes(), mtime=0))
    archive.unlink()


def copy_file(source: Path, target: Path, mode: int = 0o644) -> None:
    """Copy a file's content to a path whose folders are made, with the given mode."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)
