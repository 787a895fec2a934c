# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains as other tools make them by default: imitations, after what the tools' documentation describes."""

from __future__ import annotations

DOMAINS: dict[str, str] = {}
