# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing a volume to the control node: the host's half, which puts its content into a file that is fetched then."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import Any

from .._errors import KvmError, Refused
from .._hypervisor import Hypervisor
from .._plan import Change
from .._units import MIB, format_size
from .._values import dataclass
from .changes import require_volume
from .streams import download_file


@dataclass(frozen=True)
class Destination:
    """A file of the control node. Its size in bytes and SHA-256 are those of what is there already, if anything is.

    `staged` is where on the host the content is put for it.
    """

    path: str
    staged: str
    size: int | None = None
    sha256: str | None = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Destination | None:
        """Return what O(dest) is, as the control node tells; Refused where nobody has told, or the volume is to go."""
        if not params.get("dest"):
            return None
        if params.get("state") == "absent":
            raise Refused("dest cannot be given with state absent; delete the volume in another task.")
        told = params.get("_local") or {}
        if not told.get("path"):
            raise Refused("dest is on the control node; call the module by its full name, kvmops.datacenter.….")
        return cls(params["dest"], told["path"], told.get("size"), told.get("sha256"))


@dataclass(frozen=True)
class DownloadVolume(Change):
    """Put the content of a volume into a file of the host, from where the control node fetches it."""

    pool: str
    name: str
    size: int
    to: Destination

    @property
    def summary(self) -> str:
        """Return what is brought to where."""
        return f"download {format_size(self.size)} of volume {self.name} of pool {self.pool} to {self.to.path}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the file, before and after."""
        before = None if self.to.sha256 is None else {"sha256": self.to.sha256}
        return f"file {self.to.path}", before, {"volume": f"{self.pool}/{self.name}", "size": format_size(self.size)}

    def carry_out(self, host: Hypervisor) -> None:
        """Download it (virStorageVolDownload), and remember its digest for the one who fetches it."""
        volume = require_volume(host, self.pool, self.name)
        self._check_space(int(volume.info()[2]))
        digest = download_file(host, volume, self.to.staged, self.size)
        host.once(_staging(self.to.staged), lambda: {"size": self.size, "sha256": digest})

    def _check_space(self, allocation: int) -> None:
        """Fail where the file will not fit; what is zero in the volume takes no space in it."""
        folder = os.path.dirname(self.to.staged)
        need, free = min(self.size, allocation), shutil.disk_usage(folder).free
        if need > free:
            raise KvmError(
                f"Volume '{self.pool}/{self.name}' needs {format_size(need)} on its way to the control node, but the "
                f"host's folder {folder} has {format_size(free // MIB * MIB)} free; set ansible_remote_tmp to another."
            )


def staged_file(host: Hypervisor, to: Destination | None) -> dict[str, Any]:
    """Return what the control node is told of a file that was staged in this run; nothing where none was."""
    told = host.once(_staging(to.staged), lambda: None) if to else None
    return {"_staged": told} if told else {}


def _staging(path: str) -> str:
    return f"staging of {path}"
