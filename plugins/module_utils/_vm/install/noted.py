# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the installation of a VM is, by what the VM remembers of it and what it does now.

The configuration of the VM knows nothing of the installer: what is booted for it stands in the running description
alone, so that whoever starts the VM by other means boots what is on its disks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._later import later

# This is asked of every VM, and few are being installed.
if TYPE_CHECKING:
    from ... import _metadata as metadata
    from ..state import VmState
else:
    (metadata,) = later(__package__, "..._metadata")

# Nothing was started yet; the installer runs; the guest has ended it; something else has; the VM was started from what
# is on its disks.
DUE, GOING_ON, ENDED, CUT_OFF, PASSED = "due", "going on", "ended", "cut off", "passed"


def noted_of(state: VmState) -> Mapping[str, Any]:
    """Return what a VM remembers of its installation; nothing where it is not being installed."""
    noted: Mapping[str, Any] = state.record.get("installation") or {}
    return noted


def volumes_of(noted: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the volumes ("pool/name") that were made for an installation alone."""
    return tuple(noted[word] for word in metadata.INSTALLED_FROM if noted.get(word))


def stage_of(state: VmState) -> str:
    """Return how far the installation of a VM is, "" for a VM that is not being installed."""
    noted = noted_of(state)
    if not noted:
        return ""
    if state.live is not None:
        return GOING_ON if _boots_installer(state.live, noted) else PASSED
    if not noted.get("begun"):
        return DUE
    return ENDED if state.ended else CUT_OFF


def _boots_installer(live: Any, noted: Mapping[str, Any]) -> bool:
    """Return whether a running description has a volume that the VM is installed from; their names are its own."""
    sources = [source.get("file") for source in live.iterfind("devices/disk/source")]
    files = [path.rpartition("/")[2] for path in (live.findtext("os/kernel"), *sources) if path]
    return any(place.partition("/")[2] in files for place in volumes_of(noted))
