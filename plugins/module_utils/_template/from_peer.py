# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hypervisors from which a template may come: what a user may say, and what is known of one (`peers` asks them)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .._errors import Refused
from .._hypervisor import Hypervisor
from .._image.origin import public_url
from .._image.source import Source, Staged
from .._later import later
from .._values import dataclass
from .library import Template

if TYPE_CHECKING:
    from . import peers
else:
    (peers,) = later(__package__, ".peers")

_PLAIN = ("tcp", "ext")
_BY_SSH = ("ssh", "libssh", "libssh2")


@dataclass(frozen=True)
class FromPeer(Source):
    """The image of a template that another hypervisor has."""

    uri: str = ""
    template: Template = Template("", "", "", "", 0, 0, "")

    def staged(self, _host: Hypervisor, workdir: str, _free: int, timeout: int) -> AbstractContextManager[Staged]:
        """Have the peer's image ready while the block runs."""
        return peers.brought(self, workdir, timeout)


def peer_uris(said: Sequence[str]) -> tuple[str, ...]:
    """Return URIs of peers as they are opened; Refused where one is none, or nothing would encrypt what comes."""
    return tuple(map(_peer_uri, said))


def _peer_uri(said: str) -> str:
    parts = urlsplit(said)
    if not parts.scheme or "://" not in said:
        raise Refused(f"peers names '{said}', which is no URI of libvirt; write it as qemu+ssh://HOST/system.")
    transport = parts.scheme.partition("+")[2]
    if transport in _PLAIN:
        raise Refused(f"peers names '{public_url(said)}', which nothing encrypts; write qemu+ssh:// or qemu+tls://.")
    if transport not in _BY_SSH:
        return said
    # Nobody is there who could be asked for a password.
    query = urlencode({**dict(parse_qsl(parts.query)), "no_tty": "1"}, safe="/")
    return urlunsplit(parts._replace(query=query))
