# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms that are entered when something in them is asked for."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._later import later

NAME = "xml.dom.domreg"


def test_a_module_is_imported_at_its_first_use() -> None:
    sys.modules.pop(NAME, None)
    (room,) = later("xml.dom", ".domreg")
    assert NAME not in sys.modules
    assert room.getDOMImplementation is sys.modules[NAME].getDOMImplementation


@pytest.mark.parametrize(("package", "name", "whole"), [("xml.dom", ".domreg", NAME), ("xml.dom", "..sax", "xml.sax")])
def test_modules_are_named_as_an_import_names_them(package: str, name: str, whole: str) -> None:
    (room,) = later(package, name)
    assert room.__name__ == whole


def test_what_a_module_lacks_is_missing() -> None:
    (room,) = later("xml.dom", ".domreg")
    with pytest.raises(AttributeError, match="nothing_of_it"):
        room.nothing_of_it()
