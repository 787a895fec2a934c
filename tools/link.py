# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make this checkout visible to Ansible as kvmops.datacenter, whatever its folder is called."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMESPACE = ("ansible_collections", "kvmops", "datacenter")


def link_collection(root: Path = ROOT) -> Path:
    """Return a folder for ANSIBLE_COLLECTIONS_PATH in which the checkout at root is found; a link is made when needed.

    A checkout that already lies in .../ansible_collections/kvmops/datacenter needs no link.
    """
    if root.parts[-3:] == NAMESPACE:
        return root.parents[2]
    base = root / ".cache" / "collections"
    link = base.joinpath(*NAMESPACE)
    target = os.path.relpath(root, link.parent)
    if not link.is_symlink() or os.readlink(link) != target:
        replace_link(link, target)
    return base


def replace_link(link: Path, target: str) -> None:
    """Point link at target in one step, so that two processes at once do not see it missing."""
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.symlink_to(target, target_is_directory=True)
    fresh.replace(link)


if __name__ == "__main__":
    sys.stdout.write(f"{link_collection()}\n")
