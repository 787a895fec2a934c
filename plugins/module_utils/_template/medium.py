# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the medium of a template is still where it was."""

from __future__ import annotations

import os

from .._hypervisor import Hypervisor
from .library import Template


def medium_trouble(host: Hypervisor, template: Template) -> str:
    """Return what is wrong with the medium of a template, a sentence, or "". A server is not asked."""
    medium = dict(template.medium)
    if not medium or "url" in medium:
        return ""
    there = _path_there(host, medium["path"]) if "path" in medium else _volume_there(host, **medium)
    lost = f"Template '{template.label}' has lost its medium {template.iso}"
    return "" if there else f"{lost}; bring it back, or remove the template."


def _path_there(host: Hypervisor, path: str) -> bool:
    return host.volume_at(path) is not None or os.path.exists(path)


def _volume_there(host: Hypervisor, pool: str, volume: str) -> bool:
    there = host.pool(pool)
    return there is not None and bool(there.isActive()) and host.volume(there, volume) is not None
