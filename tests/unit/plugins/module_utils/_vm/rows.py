# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of cases that lie in small files: collected in one place, each row called by what it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

import pytest


def collected(package: str, files: Iterable[str], table: str) -> list[Any]:
    """Return the rows of a table of all files of a package; AttributeError where a file has no such table."""
    modules = [import_module(f"{package}.{file}") for file in files]
    return [row for module in modules for row in getattr(module, table)]


def called(rows: Iterable[tuple[Any, ...]], name: Callable[[tuple[Any, ...]], str]) -> list[Any]:
    """Return rows as the parameters of a test, called by their name and their number among those of that name."""
    numbers: Counter[str] = Counter()
    parameters = []
    for row in rows:
        parameters.append(pytest.param(*row, id=f"{name(row)}-{numbers[name(row)]}"))
        numbers[name(row)] += 1
    return parameters


def option_of(row: tuple[Any, ...]) -> str:
    """Return the option that stands first in a row."""
    return str(row[0])


def options_in(row: tuple[Any, ...]) -> str:
    """Return the names of the options that a row wants, which is the first of its dicts."""
    wanted = next(part for part in row if isinstance(part, dict))
    return "+".join(wanted) or "none"
