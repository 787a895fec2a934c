# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory balloon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._composite import Group
from ..._field_kinds import Count, Switch
from ..live import LIVE, Live, one_of
from .kinds import Deniable, Model, VirtioDriver

_STATS = Live(lambda domain, _element, values: domain.setMemoryStatsPeriod(one_of(values) or 0, LIVE))


class Balloon(Deniable):
    """Sources: https://libvirt.org/formatdomain.html#memory-balloon-device, virDomainSetMemoryStatsPeriod."""

    tag = "memballoon"
    option = "balloon"
    noun = "memory balloon"
    doc = (
        "The memory balloon, by which a running guest is given and gives back memory, and tells how much it uses.",
        "libvirt gives one to every VM; without it O(memory) only changes at the next boot.",
    )
    many = False
    usual = True
    defaults: ClassVar[Mapping[str, Any]] = {"model": "virtio"}
    model = Model(
        "./@model",
        "What the guest sees; V(virtio) if left out for a new one.",
        choices=("virtio", "virtio-transitional", "virtio-non-transitional", "xen"),
    )
    stats_period = Count(
        "stats/@period",
        "After how many seconds the guest tells what memory it uses; V(0) - never. A running VM takes it over at once.",
        live=_STATS,
    )
    autodeflate = Switch(
        "./@autodeflate", "Whether the guest gets memory back before it has to kill a process.", words=("on", "off")
    )
    free_page_reporting = Switch(
        "./@freePageReporting", "Whether the host gets back what the guest does not use.", words=("on", "off")
    )
    virtio = Group("driver", VirtioDriver, "How it works as a virtio device.")
