# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options inside options by one name each, so that a test can tell which of them nobody has tried."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.kvmops.datacenter.plugins.module_utils._composite import Group, Items
from ansible_collections.kvmops.datacenter.plugins.module_utils._fields import Element, Field


def fields_of(element: type[Element], outer: str = "") -> dict[str, Field]:
    """Return the fields of an element and of those inside it, such as "cpu.topology.cores"."""
    found = {f"{outer}{name}": field for name, field in element.fields.items()}
    for name, field in element.fields.items():
        if isinstance(field, (Group, Items)):
            found |= fields_of(field.element, f"{outer}{name}.")
    return found


def said_in(params: Iterable[Any]) -> set[str]:
    """Return the names of what these values of options say."""
    return {name for value in params for name in _said(value, "")}


def _said(value: Any, outer: str) -> set[str]:
    if isinstance(value, list):
        return {name for inner in value for name in _said(inner, outer)}
    if not isinstance(value, dict):
        return set()
    return {f"{outer}{key}" for key in value} | {
        name for key, inner in value.items() for name in _said(inner, f"{outer}{key}.")
    }
