# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows when a guest ends."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.machine.parts import Changed, Fact, New, Unfit

NEW: list[New] = [
    (
        {"on_poweroff": "restart", "on_reboot": "restart", "on_crash": "coredump-destroy", "on_lockfailure": "pause"},
        (
            "<on_poweroff>restart</on_poweroff><on_reboot>restart</on_reboot><on_crash>coredump-destroy</on_crash><on_lockfailure>pause</on_lockfailure>"
        ),
    ),
]

CHANGED: list[Changed] = [
    (
        {"inside": "<on_lockfailure>pause</on_lockfailure><on_crash>destroy</on_crash>"},
        {"on_lockfailure": "default", "on_crash": "restart"},
        ["set on_crash destroy -> restart", "set on_lockfailure pause -> none"],
        "<on_crash>restart</on_crash>",
    ),
]

REFUSED: list[Unfit] = [
    ({"on_poweroff": "restart", "on_reboot": "destroy"}, "on_poweroff restart does not go with on_reboot destroy"),
]

FACTS: list[Fact] = [
    ({"inside": "<on_crash>explode</on_crash>"}, "on_crash", None),
]
