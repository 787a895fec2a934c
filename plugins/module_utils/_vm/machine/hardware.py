# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VM runs on: the kind of machine that its guest sees."""

from __future__ import annotations

import re
from typing import Any

from ..._errors import Refused
from ..._field_kinds import Matching, Text
from .section import Section, refer
from .values import Absolute

_VERSIONED = re.compile(r"(.+?)-(?:\d+(?:\.\d+)+|rhel[\d.]+|[a-z]+(?:-hpb)?)")
# The machines whose versions are not called by their alias. Source: `virsh capabilities`.
_ALIASES = {"pc-i440fx": "pc", "pc-q35": "q35", "pc": "pc"}
# Names with a dash that are no version of anything.
_WHOLE = ("s390-ccw-virtio", "xenfv", "isapc")


def family_of(machine: str) -> str:
    """Return the machine of which a name is a version: "pc-q35-7.2" is a "q35", "pc-i440fx-rhel7.6.0" a "pc"."""
    if machine in _WHOLE:
        return machine
    found = _VERSIONED.fullmatch(machine)
    name = found[1] if found else machine
    return _ALIASES.get(name, name)


class MachineType(Matching):
    """The kind of machine; its alias stands for each of its versions."""

    def matches(self, current: Any, wanted: Any) -> bool:
        """Return whether it is that machine, or a version of it where none was named."""
        return current == wanted or (current is not None and family_of(current) == wanted)

    def write(self, node: Any, value: Any) -> None:
        """Write another version; Refused where it would be another machine."""
        there = self.read(node)
        if there is not None and (value is None or family_of(there) != family_of(value)):
            raise Refused(
                f"{refer(node)} is a machine of type {there}, not {value}: its guest would find all devices elsewhere; "
                "make a new VM for another type."
            )
        super().write(node, value)


class Architecture(Matching):
    """The architecture of the processor, which never changes."""

    def write(self, node: Any, value: Any) -> None:
        """Write it where there is none; Refused where it is another."""
        there = self.read(node)
        if there is not None:
            raise Refused(
                f"{refer(node)} has a processor of type {there}, not {value}; make a new VM for another architecture."
            )
        super().write(node, value)


class Emulator(Absolute):
    """The program that runs the VM: libvirt always knows one."""

    def normal(self, value: Any) -> Any:
        """Refuse none."""
        if not value:
            raise Refused("emulator names no program; leave it out to keep the one that the VM has.")
        return super().normal(value)


class Hardware(Section):
    """Source: https://libvirt.org/formatdomain.html#operating-system-booting."""

    domain_type = Text("./@type", choices=("kvm", "qemu"))
    arch = Architecture(
        "os/type/@arch",
        (
            "Architecture of the processor, such as V(x86_64) or V(aarch64). A new VM gets that of its host.",
            "It cannot be changed.",
        ),
        r"[a-z0-9_]+",
        "x86_64",
    )
    machine = MachineType(
        "os/type/@machine",
        (
            (
                "Kind of machine, such as V(q35), V(pc) or V(virt), or a version of one, such as V(pc-q35-7.2). "
                "A new VM gets V(q35) where its host has it."
            ),
            "A VM keeps its version where only the kind is named. Its kind cannot be changed.",
        ),
        r"[A-Za-z0-9._-]+",
        "q35",
    )
    emulator = Emulator(
        "devices/emulator",
        "Path of the program that runs the VM; libvirt chooses if left out.",
        "/usr/bin/qemu-system-x86_64",
    )
