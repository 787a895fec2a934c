# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All domains of a hypervisor at a glance, in four calls however many there are."""

from __future__ import annotations

from typing import Any

from .._hypervisor import NO_DOMAIN, found
from .._values import dataclass

# virDomainState, by number: 4 (being shut down) still runs, 7 (suspended by the guest) keeps its memory as paused does.
_POWER = {1: "running", 2: "running", 3: "paused", 4: "running", 7: "paused"}
_SHUTOFF, _BY_GUEST = 5, 1  # VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_SHUTDOWN
_STATE = 1  # VIR_DOMAIN_STATS_STATE
_PERSISTENT, _SAVED, _AUTOSTART = 4, 256, 1024  # virConnectListAllDomainsFlags


@dataclass(frozen=True)
class Glance:
    """A domain, and what is known of it without its description; power is one of the words of the option state."""

    domain: Any
    power: str
    persistent: bool
    autostart: bool
    # Whether the guest has stopped it; unknown, so False, once libvirt was started anew.
    ended: bool = False

    @property
    def active(self) -> bool:
        """Return whether a QEMU process exists."""
        return self.power in ("running", "paused")


def take_census(connection: Any) -> dict[str, Glance]:
    """Return every domain by name (virConnectGetAllDomainStats, virConnectListAllDomains)."""
    persistent, saved, autostart = (_uuids(connection, flag) for flag in (_PERSISTENT, _SAVED, _AUTOSTART))
    glances = {}
    for domain, stats in connection.getAllDomainStats(_STATE, 0):
        uuid = domain.UUIDString()
        number, ended = stats.get("state.state", 0), _ended(stats.get("state.state"), stats.get("state.reason"))
        power = power_word(number, uuid in saved)
        glances[domain.name()] = Glance(domain, power, uuid in persistent, uuid in autostart, ended)
    return glances


def glance_at(domain: Any) -> Glance:
    """Return one domain at a glance."""
    (number, reason), persistent = domain.state(), bool(domain.isPersistent())
    saved = number not in _POWER and bool(domain.hasManagedSaveImage())
    autostart = bool(persistent and domain.autostart())
    return Glance(domain, power_word(number, saved), persistent, autostart, _ended(number, reason))


def _ended(number: int | None, reason: int | None) -> bool:
    return (number, reason) == (_SHUTOFF, _BY_GUEST)


def has_stopped(domain: Any) -> bool:
    """Return whether a domain no longer runs; one that was transient is gone then."""
    return not found(lambda _name: domain.isActive(), "", NO_DOMAIN)


def power_word(number: int, saved: bool) -> str:
    """Return the word for a virDomainState and whether the VM's memory is saved."""
    return _POWER.get(number, "saved" if saved else "stopped")


def _uuids(connection: Any, flag: int) -> set[str]:
    return {domain.UUIDString() for domain in connection.listAllDomains(flag)}
