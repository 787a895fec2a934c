# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole documents that may hold secrets, such as a cloud-config: kept out of results and logs, their words not.

Ansible blanks every word of a value marked no_log out of all of a result. That is right for a password; of a document
it would blank out "default", "root" and "1", wherever they are. Documents are options marked no_log that are no text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ._words import HIDDEN

_DOCUMENTS = ("dict", "list", "raw", "json", "jsonarg")

Spec = Mapping[str, Mapping[str, Any]]


def documents(spec: Spec, params: Mapping[str, Any]) -> bool:
    """Return whether there is a document among parameters that may hold secrets."""
    return any(_is_document(option) and value is not None for option, value in _walk(spec, params))


def secrets(spec: Spec, params: Mapping[str, Any]) -> set[str]:
    """Return the values that are to be blanked out wherever they are: those that are texts."""
    marked = ((option, value) for option, value in _walk(spec, params) if option.get("no_log"))
    return {str(value) for option, value in marked if value and not _is_document(option)}


def shown(spec: Spec, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as they may be shown."""
    return {name: _shown(spec.get(name, {}), value) for name, value in params.items()}


def _shown(option: Mapping[str, Any], value: Any) -> Any:
    if value is None or ("options" not in option and not option.get("no_log")):
        return value
    if option.get("no_log"):
        return HIDDEN
    inner = option["options"]
    return [shown(inner, entry) for entry in value] if isinstance(value, list) else shown(inner, value)


def _is_document(option: Mapping[str, Any]) -> bool:
    return bool(option.get("no_log")) and option.get("type", "str") in _DOCUMENTS


def _walk(spec: Spec, params: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """Go through the options and their values, those inside others after these."""
    for name, option in spec.items():
        value = params.get(name)
        yield option, value
        if "options" in option and value and not option.get("no_log"):
            for entry in value if isinstance(value, list) else [value]:
                yield from _walk(option["options"], entry)
