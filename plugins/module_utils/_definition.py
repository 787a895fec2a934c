# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How libvirt describes an object that may differ between now and its next start."""

from __future__ import annotations

from typing import Any

from ._libs import libvirt

_INVALID_ARGUMENT = 8  # VIR_ERR_INVALID_ARG
_INACTIVE = 1  # VIR_STORAGE_XML_INACTIVE and VIR_NETWORK_XML_INACTIVE


def definition_of(thing: Any) -> str:
    """Return the description that the next start of a pool or network will use."""
    try:
        return str(thing.XMLDesc(_INACTIVE))
    except libvirt.libvirtError as error:
        # Drivers that keep one description of an object, such as libvirt's test driver, do not know the flag.
        if error.get_error_code() != _INVALID_ARGUMENT:
            raise
        return str(thing.XMLDesc(0))
