# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Classes of values: frozen dataclasses to the type checker, which lets nobody assign to one, and cheaper to make.

Ansible compiles a module anew at every call, and `dataclasses` writes and compiles six methods for a frozen class.
Here it writes the first one, and the others are shared by all classes: a fifth of the time.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(frozen):
        """Return the decorator for a class of values; all are frozen, and it says so for the type checker."""
        return _made


def _made(cls: type) -> type:
    for name, method in _SHARED.items():
        if name not in vars(cls):
            setattr(cls, name, method)
    return dataclasses.dataclass(eq=False, repr=False)(cls)


def _equal(self: Any, other: object) -> bool:
    return type(self) is type(other) and _compared(self) == _compared(other)


def _hash(self: Any) -> int:
    return hash(_compared(self))


def _compared(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, part.name) for part in dataclasses.fields(self) if part.compare)


def _shown(self: Any) -> str:
    told = ", ".join(f"{part.name}={getattr(self, part.name)!r}" for part in dataclasses.fields(self) if part.repr)
    return f"{type(self).__qualname__}({told})"


_SHARED: dict[str, Any] = {"__eq__": _equal, "__hash__": _hash, "__repr__": _shown}

__all__ = ["dataclass"]
