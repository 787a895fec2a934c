# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hypervisor offers the guest beside the hardware, and its sleep."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.machine.parts import Changed, Fact, New, Unfit

NEW: list[New] = [
    (
        {
            "features": {
                "acpi": True,
                "apic": True,
                "apic_eoi": False,
                "pae": True,
                "hap": True,
                "ioapic": "qemu",
                "pmu": False,
                "pvspinlock": False,
                "smm": True,
                "vmport": False,
                "vmcoreinfo": True,
                "msrs": "ignore",
                "gic": "3",
                "tcg_tb_cache": "32MiB",
            }
        },
        (
            '<features><acpi/><apic eoi="off"/><pae/><hap state="on"/><ioapic driver="qemu"/>'
            '<pmu state="off"/><pvspinlock state="off"/><smm state="on"/><vmport state="off"/>'
            '<vmcoreinfo state="on"/><msrs unknown="ignore"/><gic version="3"/><tcg>'
            '<tb-cache unit="KiB">32768</tb-cache></tcg></features>'
        ),
    ),
    (
        {
            "features": {
                "hyperv": {
                    "mode": "custom",
                    "relaxed": True,
                    "vapic": True,
                    "spinlock_retries": 8000,
                    "vpindex": True,
                    "runtime": True,
                    "synic": True,
                    "stimer_direct": True,
                    "reset": True,
                    "vendor_id": "KVM Hv",
                    "frequencies": True,
                    "reenlightenment": True,
                    "tlbflush": True,
                    "ipi": True,
                    "evmcs": True,
                    "avic": False,
                }
            }
        },
        (
            '<features><hyperv mode="custom"><relaxed state="on"/><vapic state="on"/>'
            '<spinlocks state="on" retries="8000"/><vpindex state="on"/><runtime state="on"/>'
            '<synic state="on"/><stimer state="on"><direct state="on"/></stimer><reset state="on"/>'
            '<vendor_id state="on" value="KVM Hv"/><frequencies state="on"/><reenlightenment state="on"/>'
            '<tlbflush state="on"/><ipi state="on"/><evmcs state="on"/><avic state="off"/></hyperv>'
            "</features>"
        ),
    ),
    (
        {"features": {"hyperv": {"spinlocks": True, "stimer": True}}},
        '<features><hyperv><spinlocks state="on" retries="8191"/><stimer state="on"/></hyperv></features>',
    ),
    (
        {
            "features": {
                "kvm": {
                    "hidden": True,
                    "hint_dedicated": True,
                    "poll_control": True,
                    "pv_ipi": False,
                    "dirty_ring": 4096,
                }
            }
        },
        (
            '<features><kvm><hidden state="on"/><hint-dedicated state="on"/><poll-control state="on"/>'
            '<pv-ipi state="off"/><dirty-ring state="on" size="4096"/></kvm></features>'
        ),
    ),
    (
        {"pm": {"suspend_to_mem": True, "suspend_to_disk": False}},
        '<pm><suspend-to-mem enabled="yes"/><suspend-to-disk enabled="no"/></pm>',
    ),
]

CHANGED: list[Changed] = [
    (
        {"inside": "<features><acpi/><apic eoi='on'/><pae/><hap/></features>"},
        {"features": {"acpi": False, "apic": False, "pae": False, "hap": True}},
        [
            "set features.acpi True -> none",
            "set features.apic True -> none",
            "set features.pae True -> none",
        ],
        "<features><hap/></features>",
    ),
    (
        {"inside": "<features><acpi/></features>"},
        {"features": {"acpi": False, "apic": False, "hyperv": {"stimer_direct": False, "vendor_id": ""}}},
        ["set features.acpi True -> none"],
        "",
    ),
    (
        {
            "inside": "<features><hyperv mode='custom'><spinlocks state='on' retries='8191'/><stimer state='on'>"
            "<direct state='on'/></stimer><vendor_id state='on' value='x'/></hyperv>"
            "<kvm><dirty-ring state='on' size='4096'/></kvm></features>"
        },
        {
            "features": {
                "hyperv": {"spinlocks": False, "stimer": False, "vendor_id": "", "relaxed": True},
                "kvm": {"dirty_ring": 0},
            }
        },
        [
            "set features.hyperv.relaxed none -> True",
            "set features.hyperv.spinlocks True -> False",
            "set features.hyperv.stimer True -> False",
            "set features.hyperv.vendor_id x -> none",
            "set features.kvm.dirty_ring 4096 -> none",
        ],
        (
            '<features><hyperv mode="custom"><spinlocks state="off"/><stimer state="off"/><relaxed state="on"/>'
            "</hyperv></features>"
        ),
    ),
]

REFUSED: list[Unfit] = [
    ({"features": {"apic": False, "apic_eoi": True}}, "apic_eoi does not go without apic"),
    ({"features": {"hyperv": {"spinlocks": False, "spinlock_retries": 8191}}}, "spinlock_retries does not go without"),
    ({"features": {"hyperv": {"stimer": False, "stimer_direct": True}}}, "stimer_direct does not go without stimer"),
    ({"features": {"hyperv": {"vendor_id": "x" * 13}}}, "vendor_id 'xxxxxxxxxxxxx' is not understood"),
    ({"features": {"kvm": {"dirty_ring": 5000}}}, "dirty_ring 5000 is no power of two"),
]

FACTS: list[Fact] = [
    ({"inside": "<features/>"}, "features", None),
    ({"inside": "<features><pmu/><smm state='off'/></features>"}, "features", {"pmu": True, "smm": False}),
    ({"inside": "<features><kvm><dirty-ring state='off' size='4096'/></kvm></features>"}, "features", None),
]
