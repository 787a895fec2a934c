# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version of which template each VM of a host was made from, as its metadata tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .._domains import domain_trees
from .._hypervisor import Hypervisor
from .._later import later
from .library import Template, version_key

if TYPE_CHECKING:
    from .. import _metadata as metadata
    from .._vm import spec
else:
    # Few calls ask for it.
    metadata, spec = later(__package__, ".._metadata", ".._vm.spec")


def origins(host: Hypervisor) -> dict[str, tuple[str, str]]:
    """Return of each VM that was made from a template the template's name and version.

    Notes of interrupted removals are no VMs.
    """
    records = {tree.findtext("name"): metadata.read_record(tree) for tree in domain_trees(host)}
    return {
        name: (record["template"], record["template_version"])
        for name, record in records.items()
        if not name.endswith(spec.NOTE_SUFFIX) and record.get("template") and record.get("template_version")
    }


def made_before(template: Template, made: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return the VMs that were made from an earlier version of a template, also of one that is gone; sorted."""
    now = version_key(template.version)
    return sorted(vm for vm, (name, version) in made.items() if name == template.name and version_key(version) < now)
