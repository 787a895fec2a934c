# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installation media as what templates are made of: what a user may say, and what is known of one (`installer`)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._errors import Refused
from .._hypervisor import Hypervisor
from .._image.origin import public_url
from .._image.source import Staged
from .._later import later
from .._values import dataclass
from .disk_source import Captured, CaptureSpec
from .library import is_url

if TYPE_CHECKING:
    from . import installer
else:
    (installer,) = later(__package__, ".installer")


@dataclass(frozen=True)
class IsoSpec(CaptureSpec):
    """A medium that a template is to be made of: `name` is as the user wrote it."""

    @property
    def kind(self) -> str:
        """Return the option that names it."""
        return "iso"

    @property
    def place(self) -> str:
        """Return where it is, as far as that is said."""
        return self.name

    @property
    def shown(self) -> str:
        """Return how plans name it."""
        return f"medium {public_url(self.name) if is_url(self.name) else self.name}"


@dataclass(frozen=True)
class Installer(Captured):
    """A medium as it was looked at: `place` is what the descriptor keeps of it.

    `os` and `defaults` are what it tells of itself and of its VMs; `capacity` the size of their root disks in bytes.
    """

    place: str = ""
    os: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kept(self) -> Mapping[str, str]:
        """Return where the medium is: it stays there."""
        return {"iso": self.place}

    def staged(self, host: Hypervisor, workdir: str, _free: int, _timeout: int) -> AbstractContextManager[Staged]:
        """Have an empty disk ready while the block runs."""
        return installer.blank(host, self, workdir)


def iso_of(params: Mapping[str, Any]) -> IsoSpec | None:
    """Return the medium that options name, None where they name none; Refused where it cannot be one."""
    said = params.get("iso")
    if not said:
        return None
    if params.get("checksum"):
        raise Refused("checksum goes with src, path or url, not with iso; leave it out.")
    if is_url(said) and (urlsplit(said).username or not said.lower().startswith(("http://", "https://"))):
        raise Refused(f"iso '{public_url(said)}' cannot be read; write it with http:// or https://, and no password.")
    return IsoSpec(said)
