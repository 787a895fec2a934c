# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Giving back the space that a volume takes for zeros: by a copy that takes its place, if it is the same."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from typing import Any

from .._errors import KvmError
from .._hypervisor import Hypervisor
from .._plan import Change
from .._units import MIB, format_size
from .._values import dataclass
from .changes import delete_volume, require_volume, volume_xml
from .measuring import Measure, qemu_img
from .state import read_volume, refresh, volume_state
from .users import volume_users

_PLACEHOLDER_BYTES = 512


def copy_of(name: str) -> str:
    """Return a new name for a copy that is to take the place of the volume of that name.

    Hosts of a shared pool may do so at the same moment, and none of them may take the copy of another for its own.
    """
    return f"{name}.sparse-{os.urandom(4).hex()}.unfinished"


def leftovers(host: Hypervisor, pool: str, name: str) -> list[str]:
    """Return the names of copies that were left by runs that were cut off, or are being made elsewhere.

    What anybody needs is none, whatever it is called.
    """
    active = host.require_active_pool(pool)
    pattern = re.compile(re.escape(name) + r"\.sparse-[0-9a-f]{8}\.unfinished")
    named = sorted(found for found in active.listVolumes() if pattern.fullmatch(found))
    there = [state for state in (read_volume(host, pool, found) for found in named) if state is not None]
    return [state.name for state in there if not volume_users(host, state.path)]


@dataclass(frozen=True)
class SparsifyVolume(Change):
    """Put a copy without stored zeros in the place of a volume that nobody uses."""

    pool: str
    name: str
    measure: Measure

    @property
    def summary(self) -> str:
        """Return how much it takes now, and about how much it will take."""
        before, after = self._sizes()
        return f"sparsify volume {self.name} of pool {self.pool} ({before} -> about {after})"

    def _sizes(self) -> tuple[str, str]:
        return _whole(self.measure.allocation), _whole(self.measure.needed)

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return how much it takes, before and after."""
        before, after = self._sizes()
        return f"volume {self.pool}/{self.name} allocation", before, f"about {after}"

    def carry_out(self, host: Hypervisor) -> None:
        """Copy it (qemu-img convert), compare (qemu-img compare), and let the copy take its place (rename(2)).

        libvirt is told of the copy first, so that whoever finds it knows what it is by its name.
        """
        pool = host.require_active_pool(self.pool)
        state = volume_state(self.pool, require_volume(host, self.pool, self.name))
        if state is None:
            raise KvmError(f"Volume '{self.pool}/{self.name}' has gone meanwhile; run it again.")
        name = copy_of(self.name)
        placeholder = volume_xml(name, _PLACEHOLDER_BYTES, "raw", allocation=0, mode="0600")
        copy = pool.createXML(placeholder, 0).path()
        try:
            self._replace(host, state.path, copy, state.format)
        finally:
            if os.path.lexists(copy):
                delete_volume(host, self.pool, name)
            refresh(pool)

    def _replace(self, host: Hypervisor, path: str, copy: str, kind: str) -> None:
        before = os.stat(path)
        how = [part for option in _options(host, path, kind) for part in ("-o", option)]
        host.run(["qemu-img", "convert", "-f", kind, "-O", kind, *how, path, copy])
        host.run(["qemu-img", "compare", "-f", kind, "-F", kind, path, copy])
        _dress(path, copy)
        users = volume_users(host, path)
        if users or _trace(os.stat(path)) != _trace(before):
            by = f" by {', '.join(users)}" if users else ""
            raise KvmError(
                f"Volume '{self.pool}/{self.name}' was changed or taken into use{by} meanwhile, and is left as it is; "
                "run it again when nobody uses it."
            )
        os.replace(copy, path)


def _whole(size: int) -> str:
    return format_size(-(-size // MIB) * MIB)


def _trace(found: os.stat_result) -> tuple[int, ...]:
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _options(host: Hypervisor, path: str, kind: str) -> list[str]:
    """Return the properties of an image that a copy has to have too, in the words of qemu-img."""
    if kind == "raw":
        return []
    info: Mapping[str, Any] = qemu_img(host, "info", kind, path)
    details = info["format-specific"]["data"]
    options = [f"cluster_size={info['cluster-size']}", f"compat={details['compat']}"]
    options += [f"refcount_bits={details['refcount-bits']}"] if "refcount-bits" in details else []
    named = {"lazy-refcounts": "lazy_refcounts", "extended-l2": "extended_l2"}
    return options + [f"{word}=on" for name, word in named.items() if details.get(name)]


def _dress(path: str, copy: str) -> None:
    """Give a copy the owner, mode and labels of an image, and see that it is on the disk."""
    found = os.stat(path)
    os.chown(copy, found.st_uid, found.st_gid)
    shutil.copystat(path, copy)
    with open(copy, "rb") as opened:
        os.fsync(opened.fileno())
