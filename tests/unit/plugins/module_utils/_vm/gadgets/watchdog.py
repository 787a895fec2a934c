# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The watchdog."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import BRIDGE, ROOT_PORT, Edited, Live, Made, Unfit

MADE: list[Made] = [
    ("watchdog", {}, "", "<watchdog model='i6300esb' action='reset'/>"),
    ("watchdog", {"model": "ib700", "action": "inject-nmi"}, "", "<watchdog model='ib700' action='inject-nmi'/>"),
]

EDITED: list[Edited] = [
    (
        "watchdog",
        {"model": "ib700", "action": "dump"},
        "<watchdog model='i6300esb' action='reset'><address type='pci' slot='1'/></watchdog>",
        ["set watchdog model i6300esb -> ib700", "set watchdog action reset -> dump"],
        "<watchdog model='ib700' action='dump'/>",
    ),
    (
        "watchdog",
        {"enabled": False},
        "<watchdog model='itco' action='reset'/><watchdog model='i6300esb' action='reset'/>",
        ["detach watchdog"],
        "<watchdog model='itco' action='reset'/>",
    ),
]

REFUSED: list[Unfit] = []

LIVE: list[Live] = [
    (
        {"watchdog": {}},
        ROOT_PORT,
        ["attach watchdog (model i6300esb, action reset) [next_boot]"],
        ["watchdog is not attached yet"],
    ),
    ({"watchdog": {}}, ROOT_PORT + BRIDGE, ["attach watchdog (model i6300esb, action reset)"], []),
    (
        {"watchdog": {"model": "ib700"}},
        ROOT_PORT + BRIDGE,
        ["attach watchdog (model ib700, action reset) [next_boot]"],
        ["watchdog is not attached yet"],
    ),
    (
        {"watchdog": {"action": "pause"}},
        "<watchdog model='i6300esb' action='reset'/>",
        ["set watchdog action reset -> pause [next_boot]"],
        ["watchdog action is reset and will be pause"],
    ),
    (
        {"watchdog": {"enabled": False}},
        "<watchdog model='i6300esb' action='reset'><alias name='watchdog0'/></watchdog>",
        ["detach watchdog"],
        [],
    ),
    (
        {"watchdog": {"enabled": False}},
        "<watchdog model='ib700' action='reset'/>",
        ["detach watchdog [next_boot]"],
        ["watchdog stays attached"],
    ),
]
