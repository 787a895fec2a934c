# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan for moving disks has to know of the host, beside what plans for VMs ask."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._vm import surroundings
from .._vm.changes import require_domain

if TYPE_CHECKING:
    from .._hypervisor import Hypervisor


class Surroundings(surroundings.Surroundings):
    """The host around a VM whose disks are to be moved."""

    def __init__(self, host: Hypervisor) -> None:
        super().__init__(host)
        self._promised: dict[str, int] = host.once("promised", dict)

    def promise(self, pool: str, size: int) -> int:
        """Return how many bytes of a pool all moves of this run need, these included."""
        self._promised[pool] = self._promised.get(pool, 0) + size
        return self._promised[pool]

    def has_snapshots(self, vm: str) -> bool:
        """Return whether a VM has snapshots or checkpoints (virDomainSnapshotNum, virDomainListAllCheckpoints)."""
        domain = require_domain(self._host, vm)
        return bool(domain.snapshotNum() or domain.listAllCheckpoints())

    def is_saved(self, vm: str) -> bool:
        """Return whether the memory of a VM is saved (virDomainHasManagedSaveImage)."""
        return bool(require_domain(self._host, vm).hasManagedSaveImage())

    def has_job(self, vm: str, target: str) -> bool:
        """Return whether QEMU copies or merges images of a disk of a running VM (virDomainGetBlockJobInfo)."""
        return bool(require_domain(self._host, vm).blockJobInfo(target))

    def is_here(self, path: str) -> bool:
        """Return whether programs that this run starts see the image at a path of the hypervisor."""
        uri: Any = urlsplit(self._host.connection.getURI())
        return not uri.netloc and os.path.exists(path)
