# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove what tests made, by libvirt's own calls: what is tested is not what cleans up after it."""

from __future__ import annotations

from typing import Any

import libvirt

from tests.integration.support.lab import each

_EVERYTHING = (
    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
    | libvirt.VIR_DOMAIN_UNDEFINE_TPM
)


def remove_all(connection: Any, prefix: str) -> None:
    """Remove domains, volumes, networks and pools whose names begin with `prefix`."""
    for domain in connection.listAllDomains():
        if domain.name().startswith(prefix):
            remove_domain(domain)
    each(lambda pool: remove_volumes(pool, prefix), connection.listAllStoragePools())
    for thing in [*connection.listAllNetworks(), *connection.listAllStoragePools()]:
        if thing.name().startswith(prefix):
            if thing.isActive():
                thing.destroy()
            if thing.isPersistent():
                thing.undefine()


def remove_domain(domain: Any) -> None:
    """Switch a domain off and make libvirt forget it."""
    persistent = domain.isPersistent()
    if domain.isActive():
        domain.destroy()
    if persistent:
        domain.undefineFlags(_EVERYTHING)


def remove_volumes(pool: Any, prefix: str) -> None:
    """Delete the volumes of a pool whose names begin with `prefix`, also those that libvirt has not seen yet."""
    if not pool.isActive():
        return
    pool.refresh()
    for volume in pool.listAllVolumes():
        if volume.name().startswith(prefix):
            volume.delete()
