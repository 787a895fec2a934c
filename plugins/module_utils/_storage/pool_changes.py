# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to pools. Nothing here ever deletes a volume or a file."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any

from .._defined import definition_of
from .._fields import Edit
from .._hypervisor import SYSTEM_ERROR, Hypervisor
from .._libs import etree, libvirt
from .._plan import Change, Line
from .._values import dataclass
from .._xml import parse_xml, to_xml
from .pool_source import PoolSource
from .pool_spec import PoolTarget
from .pool_state import POOLS

_ALREADY_BUILT = 76  # VIR_ERR_STORAGE_POOL_BUILT


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

    def xml(self) -> str:
        """Return its description."""
        tree = etree.Element("pool", type=self.kind)
        etree.SubElement(tree, "name").text = self.name
        PoolSource.edit(tree, self.source)
        PoolTarget.edit(tree, self.target)
        return to_xml(tree)

    def carry_out(self, host: Hypervisor) -> None:
        """Define it (virStoragePoolDefineXML)."""
        host.connection.storagePoolDefineXML(self.xml(), 0)


@dataclass(frozen=True)
class EditPool(Change):
    """Set properties of a pool's definition; everything else in it stays."""

    name: str
    edits: tuple[Edit, ...]
    source: Mapping[str, Any]
    target: Mapping[str, Any]

    @property
    def summary(self) -> str:
        """Return the properties, before and after."""
        return ", ".join(edit.summary for edit in self.edits)

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the properties, before and after."""
        before, after = ({edit.field: getattr(edit, side) for edit in self.edits} for side in ("before", "after"))
        return f"pool {self.name}", before, after

    def lines(self) -> list[Line]:
        """Return a line for each property."""
        return [Line(edit.summary, edit.field, edit.before, edit.after, self.when) for edit in self.edits]

    def xml(self, definition: str) -> str:
        """Return a description of the pool, changed in these places."""
        tree = parse_xml(definition)
        PoolSource.edit(tree, self.source)
        PoolTarget.edit(tree, self.target)
        return to_xml(tree)

    def carry_out(self, host: Hypervisor) -> None:
        """Define the pool again with its own description, changed (virStoragePoolDefineXML).

        At once, because libvirt takes no half of what belongs together, such as a user's name without a secret.
        """
        definition = definition_of(POOLS.require(host, self.name))
        host.connection.storagePoolDefineXML(self.xml(definition), 0)


@dataclass(frozen=True)
class BuildPool(Change):
    """Make what a pool stands on: a directory, where it is missing, with its owner and mode.

    With NO_OVERWRITE as flags also what is to be on its devices, where they hold nothing that libvirt knows.
    """

    name: str
    flags: int = 0
    what: str = "make its directory where it is missing"

    @property
    def summary(self) -> str:
        """Return what is made."""
        return f"build pool {self.name} ({self.what})"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return that it is built."""
        return f"pool {self.name} built", None, True

    def carry_out(self, host: Hypervisor) -> None:
        """Build it (virStoragePoolBuild); what is there is left as it is, and the start tells whether it fits."""
        pool = POOLS.require(host, self.name)
        try:
            pool.build(self.flags)
        except libvirt.libvirtError as error:
            if error.get_error_code() == _ALREADY_BUILT:
                return
            # On shared storage another host may make the directory after libvirt has looked and before it makes it.
            # Then libvirt finds it at the second look, and sees to owner and mode.
            if not _made_by_another(error):
                raise
            pool.build(self.flags)


def _made_by_another(error: Any) -> bool:
    """Return whether making a directory failed because it is there: libvirt puts errno into int1 of such an error."""
    return bool(error.get_error_code() == SYSTEM_ERROR and error.get_int1() == errno.EEXIST)
