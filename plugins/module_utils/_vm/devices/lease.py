# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leases: locks on shared storage that a VM holds while it runs."""

from __future__ import annotations

from ..._field_kinds import Count, Matching
from .single import SingleDevice


class Lease(SingleDevice):
    """Source: https://libvirt.org/formatdomain.html#device-leases."""

    tag = "lease"
    option = "leases"
    noun = "lease"
    doc = (
        "Locks of the host's lock manager that the VM holds while it runs, all of them; a lease is recognised by its "
        "lockspace and its key. A running VM takes them over at once."
    )
    nameable = False
    hotplug = True
    keys = ("lockspace", "key")
    lockspace = Matching("lockspace", "Lockspace of the lock manager.", r"\S(.*\S)?", "cluster", required=True)
    key = Matching("key", "Name of the lease in the lockspace.", r"\S(.*\S)?", "web01", required=True, harmless=True)
    path = Matching(
        "target/@path", "Path of the file or device that holds the lease.", "/.+", "/srv/leases", required=True
    )
    offset = Count("target/@offset", "Byte at which the lease begins there.", most=2**63 - 1)
