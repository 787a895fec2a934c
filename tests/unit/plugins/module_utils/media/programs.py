# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host whose programs are those of this machine, and images made by them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor


def here() -> Hypervisor:
    """A host without libvirt, whose programs are this machine's."""
    return Hypervisor(None, "fake:///", _run)


def _run(command: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def burnt(tree: Path, image: Path) -> str:
    """Write a tree into an ISO 9660 image with the names and kinds that its files have, and return its path."""
    command = ["xorriso", "-as", "mkisofs", "-quiet", "-R", "-V", "WONDER", "-o", str(image), str(tree)]
    subprocess.run(command, check=True, capture_output=True)
    return str(image)
