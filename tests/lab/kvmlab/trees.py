# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders that hold whole systems: removing one must never reach through a mount into the machine."""

from __future__ import annotations

import shutil
from pathlib import Path

from kvmlab.run import run

# For programs that mount: their mounts are seen by nobody else, and go with them however they end.
OWN_MOUNTS = ("unshare", "--mount", "--propagation", "private", "--")


def mounts_below(folder: Path, mounts: str) -> list[Path]:
    """What is mounted at or below a folder, the deepest first, from the text of /proc/self/mounts."""
    points = [Path(line.split()[1].replace("\\040", " ")) for line in mounts.splitlines()]
    return sorted({point for point in points if point.is_relative_to(folder)}, reverse=True)


def remove_tree(folder: Path) -> None:
    """Remove a folder with all that is in it, after unmounting what is mounted there; it may be gone already."""
    for point in mounts_below(folder, Path("/proc/self/mounts").read_text()):
        run(["umount", "--recursive", "--lazy", point], f"unmount {point}")
    if folder.exists():
        shutil.rmtree(folder)
