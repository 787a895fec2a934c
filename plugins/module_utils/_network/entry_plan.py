# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a network's DHCP and DNS entries, in its definition and, where it runs, in the running network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from .._plan import NOW
from .changes import ADD, CHANGE, REMOVE, UpdateEntry
from .definition import address_position
from .entries import HOST, Entry, read_entries
from .spec import NetworkSpec

Identity = tuple[str, str, str]
Step = tuple[str, Entry, Optional[Entry]]


def plan_entries(spec: NetworkSpec, tree: Any, live: Any | None, when: str) -> list[UpdateEntry]:
    """Return the changes of all managed entries: `tree` is the definition as it will be, `live` what runs on, if any.

    What goes, goes first: libvirt refuses two entries with one address.
    """
    changes = [
        change for kind, address in sorted(spec.managed) for change in _of_kind(spec, kind, address, tree, live, when)
    ]
    order = (REMOVE, CHANGE, ADD)
    return sorted(changes, key=lambda change: order.index(change.command))


def _of_kind(spec: NetworkSpec, kind: str, address: str, tree: Any, live: Any | None, when: str) -> list[UpdateEntry]:
    wanted = _chosen({entry.identity: entry for entry in spec.entries}, kind, address)
    reachable = live is not None and (not address or address_position(live, address) >= 0)
    config_steps = _steps(_chosen(read_entries(tree), kind, address), wanted)
    live_steps = _steps(_chosen(read_entries(live), kind, address), wanted) if reachable else []
    steps = config_steps + [step for step in live_steps if step not in config_steps]
    return [
        UpdateEntry(
            spec.name,
            command,
            entry,
            before,
            live=(command, entry, before) in live_steps,
            config=(command, entry, before) in config_steps,
            when=NOW if reachable else when,
        )
        for command, entry, before in steps
    ]


def _chosen(entries: Mapping[Identity, Entry], kind: str, address: str) -> dict[Identity, Entry]:
    return {key: entry for key, entry in entries.items() if (entry.kind, entry.address) == (kind, address)}


def _steps(current: Mapping[Identity, Entry], wanted: Mapping[Identity, Entry]) -> list[Step]:
    steps: list[Step] = []
    for identity in sorted({**current, **wanted}):
        before, after = current.get(identity), wanted.get(identity)
        if before == after:
            continue
        if before and after and before.kind == HOST:
            steps.append((CHANGE, after, before))
            continue
        steps += [(REMOVE, before, before)] if before else []
        steps += [(ADD, after, None)] if after else []
    return steps
