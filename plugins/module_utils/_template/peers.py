# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates that another host has already: its image comes from there, as live migrations go, instead of from far away.

A peer is a help and no condition: one that does not answer, or has something else, is passed over with a warning.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Callable

from .._deadline import within
from .._errors import KvmError
from .._hypervisor import hypervisor
from .._image.origin import Origin, public_url
from .._image.room import require_room
from .._image.source import Staged
from .._storage.streams import download_file
from .from_peer import FromPeer
from .library import Template, all_templates

# Seconds in which a peer has to tell what it has.
_PATIENCE = 30


def look_at_peers(
    label: str, uris: Sequence[str], fits: Callable[[Template], bool]
) -> tuple[FromPeer | None, list[str]]:
    """Return the template of that label of the first peer that has one that fits, and why others were passed over."""
    passed = []
    for uri in uris:
        shown = public_url(uri)
        try:
            template = within(_PATIENCE, partial(_found, uri, label), f"it does not answer within {_PATIENCE} s.")
        except KvmError as error:
            passed.append(f"the peer {shown} was passed over: {error}")
            continue
        if template is not None and fits(template):
            origin = Origin("peer", shown)
            found = replace(FromPeer(origin), uri=uri, template=template)
            return replace(found, digests=template.source, need=template.size, capacity=template.capacity), passed
        why = "has another image as" if template else "does not have"
        passed.append(f"the peer {shown} was passed over: it {why} template {label}.")
    return None, passed


def _found(uri: str, label: str) -> Template | None:
    with hypervisor(uri) as peer:
        return next((template for template in all_templates(peer) if template.label == label), None)


@contextmanager
def brought(source: FromPeer, workdir: str, timeout: int) -> Iterator[Staged]:
    """Have the image of a peer as a file while the block runs; it goes afterwards. `timeout` in seconds for all of it.

    KvmError where what comes is not what the peer's template is.
    """
    template = source.template
    with tempfile.TemporaryDirectory(prefix="image-", dir=workdir) as room:
        require_room(room, template.size)
        target = os.path.join(room, "image.qcow2")
        late = f"The image of {source.origin.shown} did not come within {timeout} s; raise 'timeout'."
        digest = within(timeout, partial(_fetched, source.uri, template, target), late)
        if digest != template.sha256:
            raise KvmError(
                f"The image of template {template.label} on {source.origin.shown} is not the one that its descriptor "
                "tells of; import it there anew, or leave that peer out."
            )
        yield Staged(target, template.size, template.capacity, digest, template.source)


def _fetched(uri: str, template: Template, target: str) -> str:
    """Fetch the image into a new file, and return its SHA-256 (virStorageVolDownload)."""
    with hypervisor(uri) as peer:
        volume: Any = peer.volume(peer.require_active_pool(template.pool), template.image)
        if volume is None:
            raise KvmError(f"Template {template.label} has gone from {public_url(uri)} meanwhile; run it again.")
        return download_file(peer, volume, target, template.size)
