# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier tasks of a run in check mode would have made.

Nothing was made, so a later task would refuse what stands on it. Told what was planned, it plans as the real run will.
`KINDS` is the table of what can be told: the option, its documentation and the filter that makes its
value of the results of the earlier tasks follow from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Callable

from ._options import argument, documented
from ._values import dataclass

_DESCRIPTION = [
    (
        "What earlier tasks of the same run would have made. In check mode they have made nothing, and this task would "
        "refuse what stands on it. With this it plans what the real run will do."
    ),
    "Outside check mode it changes nothing, because then the earlier tasks have done what they planned.",
    "The filter P(kvmops.datacenter.planned#filter) makes it of the results of the earlier tasks.",
]

_NOT_ACTIVE = ("absent", "inactive", "present")


@dataclass(frozen=True)
class Kind:
    """One kind of object that can be planned.

    `option` is the sub-option that tells of it; `result` is where the result of its module has the object.
    `entry` is given what an item of a loop says and the object in its result, and returns the sub-option's entry, or
    None where nothing would have been made. `kept` makes of all entries what a task asks.
    """

    option: Mapping[str, Any]
    result: str
    entry: Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
    kept: Callable[[Sequence[Any]], Any]

    def entries(self, items: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
        """Go through the entries that the results of the items of loops make."""
        made = (self.entry(_said(item), item[self.result]) for item in items if self.result in item)
        return (entry for entry in made if entry is not None)


def _said(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an item of a loop says; the options of the module are in it under their own names."""
    said = item.get("item")
    return said if isinstance(said, Mapping) else {}


def _active(said: Mapping[str, Any]) -> bool:
    return said.get("state", "active") not in _NOT_ACTIVE


def _network(said: Mapping[str, Any], network: Mapping[str, Any]) -> str | None:
    return network["name"] if _active(said) else None


def _pool(said: Mapping[str, Any], pool: Mapping[str, Any]) -> dict[str, Any] | None:
    source = said.get("source")
    named = {"name": source["name"]} if isinstance(source, Mapping) and source.get("name") else None
    told = {"type": said.get("type"), "target": said.get("target"), "source": named}
    return {"name": pool["name"], **{key: value for key, value in told.items() if value}} if _active(said) else None


def _by_name(pools: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {pool["name"]: pool for pool in pools}


_TEMPLATE: dict[str, Any] = {
    "name": {"description": "Name of the template.", "type": "str", "required": True},
    "version": {"description": "Its version.", "type": "str", "required": True},
    "pool": {"description": "Pool that it will be in.", "type": "str", "required": True},
    "capacity": {"description": "Size in bytes of the disk that a VM sees.", "type": "int"},
    "iso": {"description": "The medium that VMs are installed from.", "type": "str"},
    "defaults": {"description": "What VMs made from it get, in the words of their options.", "type": "dict"},
}


def _template(_said_of_it: Mapping[str, Any], template: Mapping[str, Any]) -> dict[str, Any] | None:
    there = template.get("state") == "present"
    return {key: template[key] for key in _TEMPLATE if key in template} if there else None


KINDS: Mapping[str, Kind] = {
    "networks": Kind(
        option={"description": "Names of networks that count as there.", "type": "list", "elements": "str"},
        result="network",
        entry=_network,
        kept=frozenset,
    ),
    "pools": Kind(
        option={
            "description": "Pools that count as active and empty.",
            "type": "list",
            "elements": "dict",
            "options": {
                "name": {"description": "Name of the pool.", "type": "str", "required": True},
                "type": {"description": "Its type; V(dir) for a new pool if left out.", "type": "str"},
                "target": {"description": "Its directory; that of the pool as it is if left out.", "type": "str"},
                "source": {
                    "description": "Where its content comes from.",
                    "type": "dict",
                    "options": {"name": {"description": "Name of its volume group.", "type": "str"}},
                },
            },
        },
        result="pool",
        entry=_pool,
        kept=_by_name,
    ),
    "templates": Kind(
        option={
            "description": "Templates that count as there, in the words of M(kvmops.datacenter.kvm_template).",
            "type": "list",
            "elements": "dict",
            "options": _TEMPLATE,
        },
        result="template",
        entry=_template,
        kept=tuple,
    ),
}


@dataclass(frozen=True)
class Planned:
    """Objects that are not there yet, and count as if they were: of each kind, what it keeps."""

    networks: frozenset[str] = frozenset()
    pools: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    templates: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def from_params(cls, params: Mapping[str, Any], check_mode: bool) -> Planned:
        """Return what a task was told; nothing outside check mode, where earlier tasks have done what they planned."""
        told = (params.get("planned") or {}) if check_mode else {}
        return cls(**{name: kind.kept(told.get(name) or ()) for name, kind in KINDS.items()})


def planned_option(*kinds: str) -> dict[str, Any]:
    """Return the option by which a task is told of what is planned of these kinds; of all where none is named."""
    return {"planned": argument(_option(kinds))}


def planned_documentation(*kinds: str) -> dict[str, Any]:
    """Return the documentation of that option."""
    return {"planned": documented(_option(kinds))}


def _option(kinds: Sequence[str]) -> dict[str, Any]:
    options = {kind: KINDS[kind].option for kind in kinds or KINDS}
    return {"description": _DESCRIPTION, "type": "dict", "options": options}


def planned_of(results: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the value of that option, from the registered results of loops."""
    items = [item for result in results for item in result.get("results", ())]
    return {name: list(kind.entries(items)) for name, kind in KINDS.items()}
