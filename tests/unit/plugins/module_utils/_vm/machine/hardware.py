# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind of machine that a VM is."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.machine.parts import Changed, Fact, New, Unfit

NEW: list[New] = []

CHANGED: list[Changed] = [
    ({"inside": ""}, {"machine": "q35", "arch": "x86_64"}, [], ""),
    (
        {"inside": ""},
        {"machine": "pc-q35-6.2"},
        ["set machine pc-q35-7.2 -> pc-q35-6.2"],
        '<os><type arch="x86_64" machine="pc-q35-6.2">hvm</type></os>',
    ),
    ({"inside": ""}, {"domain_type": "kvm"}, ["set domain_type qemu -> kvm"], '<domain type="kvm">'),
    # What stands among the devices is not told here.
    ({"inside": "", "devices": "<emulator>/a</emulator>"}, {"emulator": "/b"}, ["set emulator /a -> /b"], ""),
]

REFUSED: list[Unfit] = [
    ({"machine": "pc"}, "VM 'a' is a machine of type pc-q35-7.2, not pc"),
    ({"machine": "pc-i440fx-7.2"}, "is a machine of type pc-q35-7.2, not pc-i440fx-7.2"),
    ({"arch": "aarch64"}, "VM 'a' has a processor of type x86_64, not aarch64"),
    ({"emulator": ""}, "emulator names no program"),
]

FACTS: list[Fact] = []
