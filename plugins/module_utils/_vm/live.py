# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a running VM takes a change over: a field that names a way here changes live, one that names none waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Callable

from .._fields import Field
from .._values import dataclass
from .._xml import to_xml

# virDomainModificationImpact
LIVE, CONFIG = 1, 2


def _always(_element: Any, _value: Any) -> bool:
    return True


@dataclass(frozen=True)
class Live:
    """A way by which a running VM takes properties over.

    `apply` is given the virDomain, the element as it shall be, and the values by the words of libvirt's call: all
    fields of one element that go the same way are set in one call. `possible` is asked with the element as it is and
    one value; ways that differ in it alone are the same way.
    """

    apply: Callable[[Any, Any, Mapping[str, Any]], None]
    # A second call would be given the element without what the first has changed.
    possible: Callable[[Any, Any], bool] = field(default=_always, compare=False)
    # What libvirt's call names the property, where that is not the option's name.
    word: str = field(default="", compare=False)


def one_of(values: Mapping[str, Any]) -> Any:
    """Return the value where a way serves one field only."""
    return next(iter(values.values()))


# virDomainUpdateDeviceFlags with the device as it shall be; libvirt refuses what it cannot change.
UPDATE = Live(lambda domain, element, _values: domain.updateDeviceFlags(to_xml(element), LIVE))

# Stands for what no field describes, and a running VM takes over only when its QEMU is started anew.
NEXT_START = Field(".", untold=True)
