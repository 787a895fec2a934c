# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory modules: memory that is plugged into a VM beside what it was started with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ..._errors import Refused
from ..._field_kinds import Integer, Matching, Size, Switch, Text
from ..._fields import Edit
from ..._units import MIB, format_size
from ..live import UPDATE
from ..machine.compute import same_memory
from .device import Device, Wanted

_DIMM, _VIRTIO = "dimm", "virtio-mem"
_NOTHING = re.compile(r"0+\s*[A-Za-z]*")

# Options that libvirt keeps for virtio-mem only.
_OF_VIRTIO = ("block", "requested")

# What the host backs guests with on x86; a block cannot be smaller.
_BLOCK = 2 * MIB


class Requested(Size):
    """An amount that may be nothing."""

    def normal(self, value: Any) -> Any:
        """Return bytes, in whole KiB."""
        return 0 if _NOTHING.fullmatch(str(value).strip()) else super().normal(value)

    def fact(self, value: Any) -> Any:
        """Return it as people write it."""
        return self.show(value)


class MemoryModule(Device):
    """Source: https://libvirt.org/formatdomain.html#memory-devices."""

    tag = "memory"
    option = "memory_modules"
    noun = "memory module"
    doc = (
        "Modules of memory beside O(memory), all of them; without a name they are told by model, size and node.",
        "The VM needs O(memory_slots) and a NUMA node for them; a running VM that has both is given one at once.",
        "A guest has to let go of V(dimm) before it is taken away; V(virtio-mem) stays until the next boot.",
        "Modules of other kinds, such as NVDIMM, are left alone.",
    )
    keys = ("model", "size", "node")
    defaults: ClassVar[Mapping[str, Any]] = {"model": _DIMM}
    model = Text(
        "./@model",
        "V(dimm), which is taken if left out, is there as a whole or not at all; of V(virtio-mem) the guest gets "
        "O(memory_modules[].requested).",
        choices=(_DIMM, _VIRTIO),
    )
    size = Size("target/size", "Size, such as V(512MiB); a plain number counts MiB.", plain_unit=MIB, required=True)
    node = Integer("target/node", "NUMA node of the guest that it belongs to; 0 if left out.", most=1023)
    block = Size(
        "target/block",
        "Smallest part of V(virtio-mem) that the guest gets or gives back, a power of two; V(2MiB) if left out.",
        plain_unit=MIB,
    )
    requested = Requested(
        "target/requested",
        "How much of V(virtio-mem) the guest shall have, V(0) to all; all if left out. A running guest with a driver "
        "follows at once.",
        plain_unit=MIB,
        live=UPDATE,
    )
    access = Text("./@access", "Whether other processes of the host see it.", choices=("shared", "private"))
    discard = Switch("./@discard", "Whether its content is dropped when it is taken away.")
    page_size = Size("source/pagesize", "Size of the host's pages that it is made of.", plain_unit=MIB)
    host_nodes = Matching(
        "source/nodemask", "NUMA nodes of the host that it is taken from, such as V(0-1).", r"\d+([,-]\^?\d+)*", "0"
    )

    @classmethod
    def label(cls, values: Mapping[str, Any]) -> str:
        """Return what a module is called in plans: model, size, and node unless that is the first."""
        amounts = {name: cls.fields[name].show(value) for name, value in values.items() if isinstance(value, int)}
        return super().label({**cls.defaults, **values, **amounts, "node": values.get("node") or None})

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse amounts that do not fit into each other."""
        model, size, requested = (values.get(name) for name in ("model", "size", "requested"))
        foreign = next((name for name in _OF_VIRTIO if values.get(name) is not None), None)
        if model == _DIMM and foreign:
            raise Refused(f"{foreign} goes with {_VIRTIO}; leave it out, or choose that model.")
        block = values.get("block", _BLOCK)
        if block & (block - 1):
            raise Refused(f"block {format_size(block)} is no power of two; choose one, such as 2MiB.")
        amounts = (size, requested) if model == _VIRTIO else ()
        if any(amount % block for amount in amounts if amount):
            raise Refused(f"size and requested of {_VIRTIO} must be whole blocks of {format_size(block)}.")
        if requested and size and requested > size:
            raise Refused(f"requested {format_size(requested)} is more than the size {format_size(size)}; lower it.")

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the modules of the two kinds that the option can name."""
        return [node for node in super().nodes(domain) if node.get("model") in (_DIMM, _VIRTIO)]

    @classmethod
    def converge(cls, domain: Any, wanted: Sequence[Wanted]) -> list[Edit]:
        """Bring the modules to what is wanted; what the VM has beside them stays."""
        with same_memory(domain):
            return super().converge(domain, wanted)

    @classmethod
    def hotpluggable(cls, node: Any) -> bool:
        """Return whether a running VM can lose it: QEMU 7.2 does not let virtio-mem go."""
        return node.get("model") == _DIMM

    @classmethod
    def attachable(cls, live: Any, node: Any) -> bool:
        """Return whether the running VM has a free slot for it, which it cannot be given."""
        most = live.find("maxMemory")
        slots = int(most.get("slots", "0")) if most is not None else 0
        taken = len(live.findall("devices/memory"))
        return taken < slots and live.find("cpu/numa/cell") is not None and node.get("model") in (_DIMM, _VIRTIO)

    @classmethod
    def slotted(cls, node: Any) -> bool:
        """Return whether it has a slot, which a running VM may have given to another."""
        return node.find("address") is not None

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new module; Refused where the VM has no place for one."""
        if domain.find("maxMemory") is None or domain.find("cpu/numa/cell") is None:
            raise Refused(
                f"Memory module {device.name} has no place in the VM; set memory_hotplug_max and a node in cpu.numa."
            )
        node = super().new(domain, device)
        missing: dict[str, Any] = {"node": 0}
        if node.get("model") == _VIRTIO:
            missing = {**missing, "block": _BLOCK, "requested": device.fields.get("size")}
        cls.edit(node, {name: value for name, value in missing.items() if name not in device.fields})
        return node
