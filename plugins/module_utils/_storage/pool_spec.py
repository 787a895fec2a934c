# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may say about a pool, and where it stands in XML. Source: https://libvirt.org/formatstorage.html."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from .._errors import Refused
from .._field_kinds import Integer, Text
from .._fields import Element
from .._names import check_name
from .._values import dataclass
from .pool_source import Directory, PoolSource
from .pool_types import POOL_TYPES, PoolType

STATES = ("present", "active", "inactive", "absent")


class FileMode(Text):
    """The permissions of a directory, in octal digits."""

    def normal(self, value: Any) -> Any:
        """Return four octal digits; refuse what YAML has already turned into another number."""
        text = str(value)
        if not re.fullmatch(r"0[0-7]{3}", text):
            raise Refused(f"{self.name} '{text}' is no file mode; write four octal digits in quotes, such as '0711'.")
        return text


class PoolTarget(Element):
    """Where a pool is on the host, and whom its directory belongs to."""

    tag = "pool"
    target = Directory("target/path")
    mode = FileMode("target/permissions/mode")
    owner = Integer("target/permissions/owner", most=2**32 - 2)
    group = Integer("target/permissions/group", most=2**32 - 2)


def pool_options() -> dict[str, Any]:
    """Return the options of a pool as an Ansible argument spec."""
    return {
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "choices": list(POOL_TYPES)},
        **PoolTarget.options(),
        "source": {"type": "dict", "options": PoolSource.options()},
        "state": {"type": "str", "choices": list(STATES), "default": "active"},
        "autostart": {"type": "bool"},
        "build": {"type": "bool"},
        "refresh": {"type": "bool", "default": False},
        "warn_above": {"type": "int"},
    }


@dataclass(frozen=True)
class PoolSpec:
    """One pool as it is wanted. What is None, or not in a mapping, is not managed."""

    name: str
    kind: str | None = None
    target: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    state: str = "active"
    autostart: bool | None = None
    # True makes on empty devices what the type makes there, too; False makes not even a directory.
    build: bool | None = None
    refresh: bool = False
    # Per cent.
    warn_above: int | None = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> PoolSpec:
        """Return the spec of a module's options; Refused, naming the pool, where they make no sense."""
        name = check_name("Pool", params["name"])
        try:
            return cls(
                name=name,
                kind=params.get("type"),
                target=PoolTarget.normal(params),
                source=PoolSource.normal(params.get("source") or {}),
                state=params.get("state") or "active",
                autostart=params.get("autostart"),
                build=params.get("build"),
                refresh=bool(params.get("refresh", False)),
                warn_above=_share(params.get("warn_above")),
            )
        except Refused as error:
            raise Refused(f"Pool '{name}': {error}") from error

    def said(self, options: str) -> set[str]:
        """Return which options of `source` or `target` have a value."""
        return {name for name, value in getattr(self, options).items() if value is not None}

    @property
    def new_kind(self) -> PoolType:
        """Return the type that a new pool gets."""
        return POOL_TYPES[self.kind or "dir"]


def _share(value: int | None) -> int | None:
    """Return a share in per cent; Refused where it is none."""
    if value is not None and not 0 <= value <= 100:
        raise Refused(f"warn_above {value} is no share; choose 0 to 100 per cent.")
    return value
