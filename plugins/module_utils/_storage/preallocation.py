# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of a new volume is taken from its pool at once, and which volumes can be made so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._errors import Refused

# libvirt writes zeros to raw volumes only.
PREALLOCATIONS: Mapping[str, Sequence[str]] = {
    "none": ("qcow2", "raw"),
    "metadata": ("qcow2",),
    "falloc": ("qcow2", "raw"),
    "full": ("raw",),
}

# Those that take the whole capacity.
WHOLE = ("falloc", "full")


def check_preallocation(what: str, how: str, kind: str, encrypted: bool) -> None:
    """Refuse, naming the volume as `what`, a preallocation that libvirt has not for its format.

    QEMU makes an encrypted raw volume, and is not told there; zeros would be written over the header with its keys.
    """
    fitting = [name for name, kinds in PREALLOCATIONS.items() if kind in kinds]
    if encrypted and kind == "raw":
        fitting = ["none"]
    if how not in fitting:
        name = f"{'encrypted ' if encrypted else ''}{kind}"
        raise Refused(
            f"{what} is {name}, which has no preallocation '{how}'; choose {', '.join(fitting)}, or another format."
        )
