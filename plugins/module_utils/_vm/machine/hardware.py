# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VM runs on."""

from __future__ import annotations

from ..._fields import Element, Text


class Hardware(Element):
    """Source: https://libvirt.org/formatdomain.html#element-and-attribute-overview."""

    domain_type = Text("./@type", choices=("kvm", "qemu"))
