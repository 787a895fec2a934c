# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes as people write them and as libvirt counts them."""

from __future__ import annotations

import re

from ._errors import Refused

KIB = 1024
MIB = 1024**2
GIB = 1024**3
TIB = 1024**4

_POWERS = {"": 0, "B": 0, "KIB": 1, "MIB": 2, "GIB": 3, "TIB": 4, "PIB": 5}
_LIBVIRT_UNITS = {
    "b": 1,
    "bytes": 1,
    "kb": 1000,
    "k": KIB,
    "kib": KIB,
    "mb": 1000**2,
    "m": MIB,
    "mib": MIB,
    "gb": 1000**3,
    "g": GIB,
    "gib": GIB,
    "tb": 1000**4,
    "t": 1024**4,
    "tib": 1024**4,
}
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)")
_LARGEST = 2**63 - 1


def parse_size(written: str | int, option: str, plain_unit: int) -> int:
    """Return a size in bytes.

    `written` is "2GiB", "500MiB" … or a plain number, which counts in `plain_unit` bytes. Decimal units (GB) are
    refused
    rather than guessed: half the world means GiB by them. Raises Refused, naming `option`.
    """
    text = str(written).strip()
    match = _WRITTEN.fullmatch(text)
    if not match:
        raise Refused(f"{option} '{text}' is not a size; write a number with a unit, such as 512MiB or 4GiB.")
    number, unit = match.groups()
    if unit.upper() not in _POWERS:
        raise Refused(f"{option} '{text}' has no binary unit; {_advice(number, unit)}.")
    factor = 1024 ** _POWERS[unit.upper()] if unit else plain_unit
    size = float(number) * factor if "." in number else int(number) * factor
    if not 0 < size <= _LARGEST:
        raise Refused(f"{option} '{text}' is out of range; write a size above 0 and below 8EiB, such as 4GiB.")
    if size != int(size):
        raise Refused(f"{option} '{text}' is not a whole number of bytes; use a smaller unit.")
    return int(size)


def _advice(number: str, unit: str) -> str:
    meant = {"K": "KiB", "KB": "KiB", "M": "MiB", "MB": "MiB", "G": "GiB", "GB": "GiB", "T": "TiB", "TB": "TiB"}
    suggestion = meant.get(unit.upper())
    return f"write {number}{suggestion} if you mean that" if suggestion else "use KiB, MiB, GiB or TiB"


def format_size(size: int) -> str:
    """Return bytes as the largest unit that holds them exactly: 2147483648 is "2GiB"; `parse_size` reads it back."""
    for unit, power in (("PiB", 5), ("TiB", 4), ("GiB", 3), ("MiB", 2), ("KiB", 1)):
        if size and size % 1024**power == 0:
            return f"{size // 1024**power}{unit}"
    return f"{size}B"


def libvirt_bytes(number: str, unit: str) -> int:
    """Return libvirt's scaled integer (`<memory unit='MiB'>4</memory>`) in bytes.

    Source: https://libvirt.org/formatdomain.html#memory-allocation (virScaleInteger).
    """
    return int(number) * _LIBVIRT_UNITS[unit.lower()]
