# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""libosinfo's database on this host: loaded once, and only when something is asked of it."""

from __future__ import annotations

from functools import cache
from typing import Any

from .._errors import KvmError
from .._libs import library

_PACKAGES = "python3-gi (with gir1.2-libosinfo-1.0)"


@cache
def known_systems() -> dict[str, Any]:
    """Return every OS by its short id and by its URI."""
    systems = items(database().get_os_list())
    # One short id is the rule, but codenames are short ids too (ubuntu22.04, ubuntujammy).
    return {word: system for system in systems for word in (system.get_id(), *system.get_param_value_list("short-id"))}


@cache
def database() -> Any:
    """Return all that libosinfo knows on this host (OsinfoLoader, OsinfoDb); KvmError where that is nothing."""
    loader = libosinfo().Loader()
    loader.process_default_path()
    known = loader.get_db()
    if not items(known.get_os_list()):
        raise KvmError("libosinfo has no operating systems on this host; install the package osinfo-db.")
    return known


def libosinfo() -> Any:
    """Return the library (Libosinfo 1.0 by GObject introspection); KvmError that says what to install without it."""
    gi = library("gi", _PACKAGES)
    try:
        gi.require_version("Libosinfo", "1.0")
    except ValueError as error:
        raise KvmError("libosinfo is missing on this host; install the package gir1.2-libosinfo-1.0.") from error
    return library("gi.repository.Libosinfo", _PACKAGES)


def glib() -> Any:
    """Return the library that libosinfo raises its errors by (GLib.Error)."""
    return library("gi.repository.GLib", _PACKAGES)


def items(found: Any) -> list[Any]:
    """Return what is in one of libosinfo's lists (OsinfoList)."""
    return [found.get_nth(place) for place in range(found.get_length())]
