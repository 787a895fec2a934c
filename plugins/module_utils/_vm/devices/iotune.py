# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a VM may do with a disk: bytes and operations a second, for ever and in bursts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..._errors import Refused
from ..._field_kinds import Bytes, Count, Text
from ..._fields import Element, Field
from ..._units import GIB
from ..._xml import Path
from ..live import LIVE, Live

# libvirt counts bytes and operations in 64 bits, and takes no more than this of either.
_MOST = 10**15

_BURST, _LENGTH = "_max", "_max_length"


def _tune(domain: Any, element: Any, _values: Mapping[str, Any]) -> None:
    """Set all limits of a disk in one call (virDomainSetBlockIoTune), because some exclude each other on the way.

    libvirt would keep a number that is left out, so what is not limited is said to be zero.
    """
    place = element.find("iotune")
    limits = IoTune.read(place) if place is not None else {}
    numbers: dict[str, Any] = {name: limits.get(name) or 0 for name in IoTune.fields if name != "group_name"}
    group = {"group_name": limits["group_name"]} if "group_name" in limits else {}
    domain.setBlockIoTune(Path("target/@dev").get(element), {**numbers, **group}, LIVE)


TUNE = Live(_tune)

# A disk cannot leave its group while it runs.
_JOIN = Live(_tune, lambda _element, value: value is not None)


class _Limit(Field):
    """A limit; one on the total takes those on reads and writes away, and the other way round, as libvirt demands."""

    def write(self, node: Any, value: Any) -> None:
        """Write the limit, and take away what cannot be beside it: its rivals, or what only adds to it."""
        super().write(node, value)
        for name in _rivals(self.name) if value else _additions(self.name):
            Path(name).clear(node)


def _rivals(name: str) -> Iterator[str]:
    """Go through the limits that cannot be beside this one, with what adds to them."""
    direction, rest = name.split("_", 1)
    for rival in ("read", "write") if direction == "total" else ("total",):
        yield f"{rival}_{rest}"
        yield from _additions(f"{rival}_{rest}")


def _additions(name: str) -> Iterator[str]:
    """Go through the limits that make no sense without this one."""
    if name.endswith("_sec"):
        yield name + _BURST
        yield name + _LENGTH
    elif name.endswith(_BURST):
        yield name + "_length"


class Throughput(_Limit, Bytes):
    """Bytes a second; 0 is no limit."""

    def __init__(self, name: str, doc: str) -> None:
        super().__init__(name, doc, plain_unit=1, live=TUNE)

    def normal(self, value: Any) -> Any:
        """Return bytes, or None for 0."""
        if str(value).strip() == "0":
            return None
        size = super().normal(value)
        if size > _MOST:
            raise Refused(f"{self.name} '{value}' is out of range; choose up to {_MOST // GIB}GiB, or 0 for no limit.")
        return size


class Operations(_Limit, Count):
    """Operations a second; 0 is no limit."""

    def __init__(self, name: str, doc: str) -> None:
        super().__init__(name, doc, most=_MOST, live=TUNE)


class Seconds(Count):
    """How long a burst may last."""

    def __init__(self, name: str, doc: str) -> None:
        super().__init__(name, doc, most=_MOST, live=TUNE)


class IoTune(Element):
    """Limits of a disk. Source: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms (iotune)."""

    tag = "iotune"
    total_bytes_sec = Throughput(
        "total_bytes_sec",
        "Bytes a second, read and written together, such as V(50MiB); a plain number counts bytes. It takes the place "
        "of limits on either alone.",
    )
    read_bytes_sec = Throughput("read_bytes_sec", "Bytes a second that are read.")
    write_bytes_sec = Throughput("write_bytes_sec", "Bytes a second that are written.")
    total_iops_sec = Operations(
        "total_iops_sec",
        "Operations a second, reads and writes together. It takes the place of limits on either alone.",
    )
    read_iops_sec = Operations("read_iops_sec", "Reads a second.")
    write_iops_sec = Operations("write_iops_sec", "Writes a second.")
    total_bytes_sec_max = Throughput("total_bytes_sec_max", "The same as O(disks[].iotune.total_bytes_sec) in a burst.")
    read_bytes_sec_max = Throughput("read_bytes_sec_max", "The same as O(disks[].iotune.read_bytes_sec) in a burst.")
    write_bytes_sec_max = Throughput("write_bytes_sec_max", "The same as O(disks[].iotune.write_bytes_sec) in a burst.")
    total_iops_sec_max = Operations("total_iops_sec_max", "The same as O(disks[].iotune.total_iops_sec) in a burst.")
    read_iops_sec_max = Operations("read_iops_sec_max", "The same as O(disks[].iotune.read_iops_sec) in a burst.")
    write_iops_sec_max = Operations("write_iops_sec_max", "The same as O(disks[].iotune.write_iops_sec) in a burst.")
    total_bytes_sec_max_length = Seconds(
        "total_bytes_sec_max_length", "How many seconds a burst of O(disks[].iotune.total_bytes_sec_max) may last."
    )
    read_bytes_sec_max_length = Seconds(
        "read_bytes_sec_max_length", "How many seconds a burst of O(disks[].iotune.read_bytes_sec_max) may last."
    )
    write_bytes_sec_max_length = Seconds(
        "write_bytes_sec_max_length", "How many seconds a burst of O(disks[].iotune.write_bytes_sec_max) may last."
    )
    total_iops_sec_max_length = Seconds(
        "total_iops_sec_max_length", "How many seconds a burst of O(disks[].iotune.total_iops_sec_max) may last."
    )
    read_iops_sec_max_length = Seconds(
        "read_iops_sec_max_length", "How many seconds a burst of O(disks[].iotune.read_iops_sec_max) may last."
    )
    write_iops_sec_max_length = Seconds(
        "write_iops_sec_max_length", "How many seconds a burst of O(disks[].iotune.write_iops_sec_max) may last."
    )
    size_iops_sec = Count(
        "size_iops_sec",
        "How many bytes count as one operation; a larger one counts as several.",
        most=_MOST,
        live=TUNE,
    )
    group_name = Text(
        "group_name",
        "Disks of one group have the limits in common. A running VM's disk can join a group, and leaves it at the next "
        "boot.",
        live=_JOIN,
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse limits that exclude each other, and bursts that are none."""
        for name in (name for name in values if name.startswith("total_") and values[name]):
            rival = next((rival for rival in _rivals(name) if values.get(rival)), None)
            if rival:
                raise Refused(f"{name} and {rival} exclude each other; limit the total, or reads and writes.")
        for name in (name for name in values if name.endswith(_BURST) and values[name]):
            if values.get(name.removesuffix(_BURST), name) is None:
                raise Refused(f"{name} is a burst above {name.removesuffix(_BURST)}, which is taken away; set it too.")
