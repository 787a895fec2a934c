# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the tests on a host that is a whole VM, with a kernel that has what the other hosts' lacks."""

from __future__ import annotations

from tests.integration.support.fixtures import lab, lab_module

__all__ = ["lab", "lab_module"]
