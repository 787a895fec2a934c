# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to pools. Nothing here ever deletes a volume or a file."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any

from .._defined import SetProperty, definition_of
from .._fields import Edit, Element
from .._hypervisor import SYSTEM_ERROR, Hypervisor
from .._libs import etree, libvirt
from .._plan import Change
from .._values import dataclass
from .._xml import parse_xml, to_xml
from .pool_spec import PoolSource, PoolTarget
from .pool_state import POOLS


@dataclass(frozen=True)
class DefinePool(Change):
    """Make a pool known to libvirt."""

    name: str
    kind: str
    target: Mapping[str, Any]
    source: Mapping[str, Any]

    @property
    def summary(self) -> str:
        """Return what is defined."""
        where = f" at {self.target['target']}" if "target" in self.target else ""
        return f"define pool {self.name} ({self.kind}{where})"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the new pool in the words of the options."""
        source = {"source": PoolSource.show(self.source)} if self.source else {}
        return f"pool {self.name}", None, {"type": self.kind, **PoolTarget.show(self.target), **source}

    def carry_out(self, host: Hypervisor) -> None:
        """Define it (virStoragePoolDefineXML)."""
        tree = etree.Element("pool", type=self.kind)
        etree.SubElement(tree, "name").text = self.name
        PoolSource.edit(tree, self.source)
        PoolTarget.edit(tree, self.target)
        host.connection.storagePoolDefineXML(to_xml(tree), 0)


@dataclass(frozen=True)
class EditPool(SetProperty):
    """Set one property of a pool's definition; everything else in it stays."""

    name: str
    element: type[Element]
    edit: Edit
    value: Any

    def carry_out(self, host: Hypervisor) -> None:
        """Define the pool again with its own description, changed in this one place (virStoragePoolDefineXML)."""
        tree = parse_xml(definition_of(POOLS.require(host, self.name)))
        self.element.edit(tree, {self.edit.field: self.value})
        host.connection.storagePoolDefineXML(to_xml(tree), 0)


@dataclass(frozen=True)
class BuildPool(Change):
    """Make what a pool stands on: for directories the directory, where it is missing, with its owner and mode."""

    name: str
    flags: int = 0

    @property
    def summary(self) -> str:
        """Return what is made."""
        return f"build pool {self.name} (make its directory where it is missing)"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return that it is built."""
        return f"pool {self.name} built", None, True

    def carry_out(self, host: Hypervisor) -> None:
        """Build it (virStoragePoolBuild)."""
        pool = POOLS.require(host, self.name)
        try:
            pool.build(self.flags)
        except libvirt.libvirtError as error:
            # On shared storage another host may make the directory after libvirt has looked and before it makes it.
            # Then libvirt finds it at the second look, and sees to owner and mode.
            if not _made_by_another(error):
                raise
            pool.build(self.flags)


def _made_by_another(error: Any) -> bool:
    """Return whether making a directory failed because it is there: libvirt puts errno into int1 of such an error."""
    return bool(error.get_error_code() == SYSTEM_ERROR and error.get_int1() == errno.EEXIST)
