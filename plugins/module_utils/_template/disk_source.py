# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks of this host as what templates are made of: what a user may say, and what is known of one (`capture`)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import field
from typing import TYPE_CHECKING, Any, Union

from .._errors import Refused
from .._hypervisor import Hypervisor
from .._image.origin import Origin
from .._image.source import Source, Staged
from .._later import later
from .._values import dataclass

if TYPE_CHECKING:
    from . import capture
else:
    # Most templates are made of files.
    (capture,) = later(__package__, ".capture")


@dataclass(frozen=True)
class CaptureSpec:
    """A VM (`pool` is None) or a volume that a template is to be made of, and whether the copy is sealed."""

    name: str
    pool: str | None = None
    seal: bool = False

    @property
    def kind(self) -> str:
        """Return the option that names it."""
        return "volume" if self.pool else "vm"

    @property
    def place(self) -> str:
        """Return what a descriptor keeps of it."""
        return f"{self.pool}/{self.name}" if self.pool else self.name

    @property
    def what(self) -> str:
        """Return how sentences name it."""
        return f"The volume '{self.place}'" if self.pool else f"The disk of VM '{self.name}'"

    @property
    def shown(self) -> str:
        """Return how plans name it."""
        whole = f"volume {self.place}" if self.pool else f"VM {self.name}"
        return f"{whole}, sealed," if self.seal else whole

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> CaptureSpec | None:
        """Return what the options say, None where they name neither; Refused where they make no sense."""
        volume, vm, sealed = params.get("volume"), params.get("vm"), params.get("seal")
        given = [kind for kind in ("src", "path", "url", "volume", "vm", "iso") if params.get(kind)]
        if len(given) > 1 and (volume or vm or params.get("iso")):
            raise Refused(f"{' and '.join(given)} exclude each other; give exactly one source.")
        if (volume or vm) and params.get("checksum"):
            raise Refused(f"checksum goes with src, path or url, not with {given[0]}; leave it out.")
        if vm:
            return cls(vm, seal=sealed is not False)
        if volume:
            return cls(volume["name"], volume["pool"], bool(sealed))
        if sealed:
            raise Refused("seal is for the copy of a vm or a volume; give one of these, or leave it out.")
        return None


@dataclass(frozen=True)
class Captured:
    """A disk of this host, as far as it was looked at; `format` is the one of the first image at `path`.

    It says the same of itself as a `Source`: of how many bytes a VM sees, how many a copy needs, and no digests, for
    nobody has read it.
    """

    origin: Origin
    wanted: CaptureSpec
    path: str = ""
    format: str = ""
    capacity: int = 0
    need: int = 0
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def kept(self) -> Mapping[str, str]:
        """Return what a template keeps of where it comes from, as far as that is known before the disk is read."""
        return self.digests

    def staged(self, host: Hypervisor, workdir: str, _free: int, timeout: int) -> AbstractContextManager[Staged]:
        """Have a copy of the disk ready while the block runs."""
        return capture.captured(host, self, workdir, timeout)


AnySource = Union[Source, Captured]
