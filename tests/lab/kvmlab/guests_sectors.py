# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests of one boot sector: 512 bytes that do one thing to the virtual hardware."""

from __future__ import annotations

from pathlib import Path

from kvmlab.errors import LabError
from kvmlab.guests_packages import install_tools
from kvmlab.run import run

HELLO = b"KVMOPS-HELLO"


def build(source: Path, scratch: Path, image: Path) -> Path:
    """Assemble and link a boot sector; it has to be exactly 512 bytes."""
    install_tools({"as": "binutils", "ld": "binutils"})
    what = f"assemble {source.name}"
    compiled = scratch / f"{source.stem}.o"
    run(["as", "--32", "-o", compiled, source], what)
    run(["ld", "-m", "elf_i386", "--oformat", "binary", "-Ttext", "0x0", "-o", image, compiled], what)
    if image.stat().st_size != 512:
        raise LabError(f"Cannot {what}: it is {image.stat().st_size} bytes, not 512.")
    return image
