# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Features of the machine and its firmware: what a guest finds switched on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._composite import Group
from ..._errors import Refused
from ..._field_kinds import Count, Integer, Matching, Size, Switch, Text
from ..._fields import Element, Field
from ..._units import MIB
from .section import Section
from .values import Plain, State

_LEAST_RETRIES, _RETRIES = 4095, 8191
# What only goes with another feature that is on.
_PARTS = {"spinlocks": "spinlock_retries", "stimer": "stimer_direct"}


class Spinlocks(State):
    """A spinlock that tells the hypervisor after some retries."""

    def write(self, node: Any, value: Any) -> None:
        """Write the state; libvirt wants a number of retries exactly where it is on."""
        super().write(node, value)
        place = self.path.make(node)
        if not value:
            place.attrib.pop("retries", None)
        elif "retries" not in place.attrib:
            place.set("retries", str(_RETRIES))


class SyntheticTimers(State):
    """Synthetic timers; direct ones are part of them."""

    def write(self, node: Any, value: Any) -> None:
        """Write the state; what is off has no parts."""
        super().write(node, value)
        if not value:
            place = self.path.make(node)
            for part in list(place):
                place.remove(part)


class Direct(Switch):
    """A part of the synthetic timers that libvirt does not keep where it is off."""

    def parse(self, text: str, node: Any) -> Any:
        """Return True, or None."""
        return super().parse(text, node) or None

    def normal(self, value: Any) -> Any:
        """Return True, or None."""
        return bool(value) or None


class BesideState(Field):
    """A value that stands beside a state, and is there while that is on."""

    def read(self, node: Any) -> Any:
        """Return the value, or None where the state is off."""
        place = self.path.find(node)
        return None if place is None or place.get("state") == "off" else super().read(node)

    def write(self, node: Any, value: Any) -> None:
        """Write the value and the state, or remove the element."""
        _write_stated(self, node, value is not None)
        super().write(node, value)


class Stated(BesideState, Matching):
    """Words beside a state that is on."""


class Ring(BesideState, Count):
    """The size of the dirty ring beside its state."""

    def normal(self, value: Any) -> Any:
        """Refuse what QEMU cannot take."""
        size = super().normal(value)
        if size and size & (size - 1):
            raise Refused(f"{self.name} {value} is no power of two; choose 1024, 2048 … 65536.")
        return size


def _write_stated(field: Any, node: Any, on: bool) -> None:
    if on:
        field.path.make(node).set("state", "on")
    elif field.path.find(node) is not None:
        field.path.find(node).attrib.pop("state", None)


class Hyperv(Element):
    """Source: https://libvirt.org/formatdomain.html#hypervisor-features (hyperv)."""

    mode = Text(
        "./@mode",
        "V(custom) has what is named; V(passthrough) has all that the host can do.",
        choices=("custom", "passthrough"),
    )
    relaxed = State("relaxed", "Whether the guest does without some of its own watchdogs.")
    vapic = State("vapic", "Whether the guest has a virtual APIC.")
    spinlocks = Spinlocks("spinlocks", "Whether the guest tells when it has waited for a lock for long.")
    spinlock_retries = Integer(
        "spinlocks/@retries",
        f"How often the guest tries before it tells; V({_RETRIES}) if never said.",
        least=_LEAST_RETRIES,
        most=2**32 - 1,
    )
    vpindex = State("vpindex", "Whether virtual processors have an index.")
    runtime = State("runtime", "Whether the guest can ask how long its processors ran.")
    synic = State("synic", "Whether the guest has a synthetic interrupt controller.")
    stimer = SyntheticTimers("stimer", "Whether the guest has synthetic timers.")
    stimer_direct = Direct(
        "stimer/direct/@state", "Whether synthetic timers come by direct interrupts.", words=("on", "off")
    )
    reset = State("reset", "Whether the guest can reset itself by the hypervisor.")
    vendor_id = Stated(
        "vendor_id/@value",
        "What the hypervisor calls itself, at most 12 letters; an empty one removes it.",
        r"[^,]{1,12}",
        "KVM Hv",
    )
    frequencies = State("frequencies", "Whether the guest can ask for frequencies.")
    reenlightenment = State("reenlightenment", "Whether the guest hears of a migration.")
    tlbflush = State("tlbflush", "Whether the guest flushes the TLB by the hypervisor.")
    ipi = State("ipi", "Whether the guest sends interrupts between processors by the hypervisor.")
    evmcs = State("evmcs", "Whether a nested Hyper-V has an enlightened VMCS.")
    avic = State("avic", "Whether the APIC of the processor can be used beside synthetic interrupts.")

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with what they are a part of."""
        values = super().normal(wanted)
        whole = {name: True for name, part in _PARTS.items() if values.get(part) is not None}
        return {**whole, **values}

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse a part of what is off."""
        for name, part in _PARTS.items():
            if values.get(name) is False and values.get(part) is not None:
                raise Refused(f"{part} does not go without {name}; leave it out, or turn {name} on.")


class Kvm(Element):
    """Source: https://libvirt.org/formatdomain.html#hypervisor-features (kvm)."""

    hidden = State("hidden", "Whether the guest is not told that it runs on KVM.")
    hint_dedicated = State("hint-dedicated", "Whether the guest is told that its processors are its own.")
    poll_control = State("poll-control", "Whether the guest polls before it halts, instead of the host.")
    pv_ipi = State("pv-ipi", "Whether the guest sends interrupts between processors by the hypervisor.")
    dirty_ring = Ring(
        "dirty-ring/@size",
        "Entries of the ring by which KVM tells which memory was written, a power of two; V(0) removes it.",
        least=1024,
        most=65536,
    )


class Switches(Element):
    """Source: https://libvirt.org/formatdomain.html#hypervisor-features."""

    acpi = Plain("acpi", "Whether the guest is told of the machine by ACPI, which a clean shutdown needs.")
    apic = Plain("apic", "Whether the guest has programmable interrupts.")
    apic_eoi = Switch("apic/@eoi", "Whether the end of an interrupt is paravirtualized.", words=("on", "off"))
    pae = Plain("pae", "Whether 32-bit guests can address more than 4GiB.")
    hap = State("hap", "Whether paging is helped by the processor.")
    ioapic = Text("ioapic/@driver", "Who makes the I/O APIC.", choices=("kvm", "qemu"))
    pmu = State("pmu", "Whether the guest can count events of the processor.")
    pvspinlock = State("pvspinlock", "Whether spinlocks are paravirtualized.")
    smm = State("smm", "Whether the machine has a system management mode; O(secure_boot) turns it on by itself.")
    vmport = State("vmport", "Whether the guest has the I/O port of VMware.")
    vmcoreinfo = State("vmcoreinfo", "Whether the guest can say where its crash data are.")
    msrs = Text(
        "msrs/@unknown",
        "What happens when the guest uses a register that the processor has not.",
        choices=("ignore", "fault"),
    )
    gic = Text("gic/@version", "Version of the interrupt controller of an ARM machine.", choices=("2", "3", "host"))
    tcg_tb_cache = Size(
        "tcg/tb-cache",
        "Memory that emulation keeps translated code in, such as V(32MiB).",
        plain_unit=MIB,
    )
    hyperv = Group("hyperv", Hyperv, "What makes a Windows guest feel at home.")
    kvm = Group("kvm", Kvm, "How much the guest sees of KVM.")

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse a part of what is not there."""
        if "apic" in values and values["apic"] is None and values.get("apic_eoi") is not None:
            raise Refused("apic_eoi does not go without apic; leave it out, or turn apic on.")


class Sleep(Element):
    """Source: https://libvirt.org/formatdomain.html#power-management."""

    suspend_to_mem = Switch("suspend-to-mem/@enabled", "Whether the guest can sleep in memory (S3).")
    suspend_to_disk = Switch("suspend-to-disk/@enabled", "Whether the guest can sleep on disk (S4).")


class Features(Section):
    """Source: https://libvirt.org/formatdomain.html#hypervisor-features."""

    features = Group(
        "features",
        Switches,
        "What is switched on and off in the machine; what is not named is left alone. The next boot takes it over.",
    )
    pm = Group("pm", Sleep, "Which kinds of sleep the firmware offers; the next boot takes a change over.")
