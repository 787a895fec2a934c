# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a VM when its guest powers off, reboots or crashes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._errors import Refused
from ..._field_kinds import Text
from ..live import LIVE, Live
from .section import Section

# virDomainLifecycle and virDomainLifecycleAction, in their order.
_EVENTS = ("on_poweroff", "on_reboot", "on_crash")
_ACTIONS = ("destroy", "restart", "rename-restart", "preserve", "coredump-destroy", "coredump-restart")
_AT_ONCE = "A running VM takes it over at once."


def _set_actions(domain: Any, _element: Any, values: Mapping[str, Any]) -> None:
    """Set them (virDomainSetLifecycleAction), a restart on reboot first: QEMU refuses its absence beside a restart on
    poweroff, even for a moment.
    """
    order = sorted(values, key=lambda event: (values[event] != "restart") == (event == "on_reboot"))
    for event in order:
        domain.setLifecycleAction(_EVENTS.index(event), _ACTIONS.index(values[event]), LIVE)


_LIVE = Live(_set_actions)


class Events(Section):
    """Source: https://libvirt.org/formatdomain.html#events-configuration."""

    on_poweroff = Text(
        "on_poweroff",
        ("What is done when the guest powers off; V(destroy) stops the VM, and is what a new one does.", _AT_ONCE),
        choices=_ACTIONS[:4],
        live=_LIVE,
    )
    on_reboot = Text(
        "on_reboot",
        (
            (
                "What is done when the guest reboots; V(restart) if never said. V(destroy) stops the VM, as installers "
                "want it."
            ),
            _AT_ONCE,
        ),
        choices=_ACTIONS[:4],
        live=_LIVE,
    )
    on_crash = Text(
        "on_crash",
        (
            (
                "What is done when the guest crashes; V(destroy) if never said. V(preserve) keeps the VM as it is to "
                "be looked at, the V(coredump-) words write its memory to a file of the host first."
            ),
            _AT_ONCE,
        ),
        choices=_ACTIONS,
        live=_LIVE,
    )
    on_lockfailure = Text(
        "on_lockfailure",
        "What is done when the VM loses the locks of its disks; V(default) leaves it to the lock manager.",
        choices=("default", "poweroff", "restart", "pause", "ignore"),
        unset="default",
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse what QEMU cannot do."""
        if (values.get("on_poweroff"), values.get("on_reboot")) == ("restart", "destroy"):
            raise Refused("on_poweroff restart does not go with on_reboot destroy; change the one or the other.")
        super().check(values)
