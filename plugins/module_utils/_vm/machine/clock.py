# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock that a guest finds when it boots, and its timers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._composite import Group, Items
from ..._errors import Refused
from ..._field_kinds import Count, Integer, Matching, Switch, Text
from ..._fields import Element
from .section import Section
from .values import Leading

# What says more about an offset, and about which.
_PARTNERS = {"timezone": "timezone", "adjustment": "variable", "basis": "variable", "start": "absolute"}


def _offset(node: Any) -> str | None:
    """Return the offset as libvirt takes it: seconds beside utc or localtime make it variable."""
    said = node.get("offset")
    moved = node.get("adjustment", "reset") != "reset"
    return "variable" if moved and said in ("utc", "localtime") else said


class Offset(Leading):
    """What the clock is set by."""

    def read(self, node: Any) -> Any:
        """Return the offset as libvirt takes it."""
        return _offset(node)


class Zone(Matching):
    """A time zone, which only counts where the clock follows one."""

    def read(self, node: Any) -> Any:
        """Return it, or None where it does not count."""
        return super().read(node) if _offset(node) == _PARTNERS[self.name] else None


class Seconds(Integer):
    """Seconds, which only count with one offset."""

    def read(self, node: Any) -> Any:
        """Return them, or None where they do not count."""
        return super().read(node) if _offset(node) == _PARTNERS[self.name] else None


class Basis(Text):
    """What a variable clock is moved against."""

    def read(self, node: Any) -> Any:
        """Return it, or None where it does not count."""
        said = node.get("offset")
        if _offset(node) != "variable":
            return None
        return super().read(node) if said == "variable" else said


class Catchup(Element):
    """How a timer that lost ticks catches up."""

    threshold = Count("./@threshold", "How many nanoseconds have to be lost before it catches up; V(0) removes it.")
    slew = Count("./@slew", "How fast it catches up, as a frequency; V(0) removes it.")
    limit = Count("./@limit", "How many nanoseconds it catches up at most; it gives up on more. V(0) removes it.")


class Timer(Element):
    """One of the timers of a machine."""

    tag = "timer"
    name = Text(
        "./@name",
        "Which timer.",
        choices=("platform", "pit", "rtc", "hpet", "tsc", "kvmclock", "hypervclock", "armvtimer"),
        required=True,
    )
    present = Switch("./@present", "Whether the guest has it.")
    tickpolicy = Text(
        "./@tickpolicy",
        "What is done about ticks that the guest has missed.",
        choices=("delay", "catchup", "merge", "discard"),
    )
    track = Text("./@track", "What an V(rtc) timer follows.", choices=("boot", "guest", "wall", "realtime"))
    frequency = Count("./@frequency", "Frequency of a V(tsc) timer in Hz; V(0) removes it.", most=2**63 - 1)
    mode = Text(
        "./@mode",
        "How a V(tsc) timer is made.",
        choices=("auto", "native", "emulate", "paravirt", "smpsafe"),
    )
    catchup = Group("catchup", Catchup, "How it catches up, with the policy V(catchup).")


class Setting(Element):
    """What the clock is set by."""

    offset = Offset(
        "./@offset",
        (
            "What the guest's clock shows when it boots. V(utc) if never said; a Windows guest wants V(localtime).",
            (
                "V(timezone) follows O(clock.timezone), V(absolute) begins at O(clock.start), V(variable) is "
                "O(clock.adjustment) away from O(clock.basis) and remembers how the guest sets it."
            ),
        ),
        leads=("./@timezone", "./@adjustment", "./@basis", "./@start"),
        choices=("utc", "localtime", "timezone", "variable", "absolute"),
    )
    timezone = Zone(
        "./@timezone",
        "Time zone that the clock follows, such as V(Europe/Prague).",
        r"[A-Za-z0-9_+/-]+",
        "Europe/Prague",
    )
    adjustment = Seconds(
        "./@adjustment",
        "How many seconds the clock is ahead of its basis; the guest changes that in the running VM.",
        least=-(2**63),
        most=2**63 - 1,
        untold=True,
    )
    basis = Basis("./@basis", "What O(clock.adjustment) is counted from.", choices=("utc", "localtime"), untold=True)
    start = Seconds("./@start", "The second since 1970 that the clock begins with.", most=2**63 - 1)
    timers = Items(
        ".",
        Timer,
        "The timers that differ from what the machine has by itself, all of them; an empty list removes all.",
        key=("name",),
    )

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with the offset that they stand for."""
        values = super().normal(wanted)
        implied = {_PARTNERS[name] for name in values if name in _PARTNERS}
        return {"offset": implied.pop(), **values} if len(implied) == 1 and "offset" not in values else values

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse what says more about another offset."""
        named = [name for name in _PARTNERS if name in values]
        for name in named:
            offset = values.get("offset", _PARTNERS[named[0]])
            if offset != _PARTNERS[name]:
                raise Refused(f"{name} does not go with offset {offset}; it belongs to offset {_PARTNERS[name]}.")


class Clock(Section):
    """Source: https://libvirt.org/formatdomain.html#time-keeping."""

    clock = Group("clock", Setting, "The clock and the timers of the machine; the next boot takes a change over.")
