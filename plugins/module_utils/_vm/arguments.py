# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of VMs as modules give them to Ansible."""

from __future__ import annotations

from typing import Any

from .index import INDEX


def vm_arguments() -> dict[str, Any]:
    """Return the options of a module for one VM."""
    return {name: entry for name, entry in INDEX["options"].items() if name not in INDEX["among_others"]}


def member_arguments() -> dict[str, Any]:
    """Return the options of one VM of many, without defaults: those of the list come first."""
    return {
        name: {key: said for key, said in entry.items() if key != "default"} for name, entry in INDEX["options"].items()
    }
