# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries that a host must have; a module that needs one it lacks says so in one sentence, not in a traceback."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from ._errors import KvmError


class MissingLibrary:
    """Stands in for a library that is not installed; any use of it raises the sentence to show."""

    def __init__(self, name: str, package: str) -> None:
        self._sentence = (
            f"The Python library {name} is missing for {sys.executable} on this host; "
            f"install the package {package}, or point ansible_python_interpreter to the Python that has it."
        )

    def __getattr__(self, attribute: str) -> Any:
        # Tools that inspect modules ask for dunder names: these must fail in the ordinary way.
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise KvmError(self._sentence)


def library(name: str, package: str) -> Any:
    """Import a library, or return a stand-in that explains what to install when it is used."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return MissingLibrary(name, package)


def is_missing(module: Any) -> bool:
    """Return whether a library is not installed."""
    return isinstance(module, MissingLibrary)


_LIBRARIES = {"libvirt": ("libvirt", "python3-libvirt"), "etree": ("lxml.etree", "python3-lxml")}
libvirt: Any
etree: Any


def __getattr__(name: str) -> Any:
    """Import a library when a room asks for it (PEP 562): not every call reads XML."""
    if name not in _LIBRARIES:
        raise AttributeError(name)
    globals()[name] = library(*_LIBRARIES[name])
    return globals()[name]
