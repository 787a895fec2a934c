# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VM is called beside its name."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.machine.parts import Changed, Fact, New, Unfit

NEW: list[New] = [
    ({"title": "t", "description": "d"}, "<title>t</title><description>d</description>"),
]

CHANGED: list[Changed] = [
    (
        {"inside": "<title>t</title><description>d</description>"},
        {"title": "", "description": "e"},
        ["set title t -> none", "set description d -> e"],
        "<description>e</description>",
    ),
]

REFUSED: list[Unfit] = []

FACTS: list[Fact] = []
