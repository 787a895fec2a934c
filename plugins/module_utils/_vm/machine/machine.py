# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VM is apart from its devices: one line for each group of properties."""

from __future__ import annotations

from .compute import Compute
from .hardware import Hardware
from .identity import Identity


class Machine(Compute, Identity, Hardware):
    """All properties of a VM that are not devices."""

    tag = "domain"
