# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Floppy drives, for guests that know nothing newer."""

from __future__ import annotations

from ..._field_kinds import Count, Matching, Presence
from .cdrom import Medium, Removable


class Floppy(Removable):
    """A floppy drive. Source: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms."""

    option = "floppies"
    noun = "floppy drive"
    kind = "floppy"
    doc = "The floppy drives, two at most - one that is not listed is taken away, of a running VM at its next boot."
    name_doc = (
        "What the drive is recognised by on the next run. The first may do without and is V(floppy).",
        "Drives of VMs made by something else go by their target (V(fda)).",
    )
    usual_bus = "fdc"
    target = Matching("target/@dev", "Name that orders the drives; the next free one if left out.", r"fd[ab]", "fda")
    boot_order = Count(
        "boot/@order",
        "Its place among all devices that the VM tries to boot from, beginning with V(1); V(0) removes it.",
        most=1024,
        untold=True,
    )
    readonly = Presence("readonly", "Whether the guest can only read.")
    medium = Medium("What is in the drive.")
