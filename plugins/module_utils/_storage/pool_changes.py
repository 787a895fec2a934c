# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to pools. Nothing here ever deletes a volume or a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._definition import definition_of
from .._fields import Edit, Element
from .._hypervisor import Hypervisor
from .._libs import etree
from .._plan import Change
from .._values import dataclass
from .._xml import parse_xml, to_xml
from .pool_spec import PoolSource, PoolTarget
from .pool_state import require_pool


def _show(value: Any) -> str:
    return "none" if value is None else str(value)


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
class EditPool(Change):
    """Set one property of a pool's definition; everything else in it stays."""

    name: str
    element: type[Element]
    edit: Edit
    value: Any

    @property
    def summary(self) -> str:
        """Return the property, before and after."""
        return f"set {self.edit.field} {_show(self.edit.before)} -> {_show(self.edit.after)}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the property, before and after."""
        return self.edit.field, self.edit.before, self.edit.after

    def carry_out(self, host: Hypervisor) -> None:
        """Define the pool again with its own description, changed in this one place (virStoragePoolDefineXML)."""
        tree = parse_xml(definition_of(require_pool(host, self.name)))
        self.element.edit(tree, {self.edit.field: self.value})
        host.connection.storagePoolDefineXML(to_xml(tree), 0)


@dataclass(frozen=True)
class KeepPool(Change):
    """Make a pool that would vanish with its next stop a lasting one."""

    name: str

    @property
    def summary(self) -> str:
        """Return what becomes of it."""
        return f"define transient pool {self.name} as a lasting one"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return before and after."""
        return "persistent", False, True

    def carry_out(self, host: Hypervisor) -> None:
        """Define it as it is (virStoragePoolDefineXML)."""
        host.connection.storagePoolDefineXML(definition_of(require_pool(host, self.name)), 0)


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
        require_pool(host, self.name).build(self.flags)


@dataclass(frozen=True)
class StartPool(Change):
    """Make a pool active."""

    name: str

    @property
    def summary(self) -> str:
        """Return which pool."""
        return f"start pool {self.name}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return its state before and after."""
        return f"pool {self.name} state", "inactive", "active"

    def carry_out(self, host: Hypervisor) -> None:
        """Start it, if it is not active by now (virStoragePoolCreate)."""
        pool = require_pool(host, self.name)
        if not pool.isActive():
            pool.create(0)


@dataclass(frozen=True)
class StopPool(Change):
    """Make a pool inactive; its volumes stay where they are."""

    name: str

    @property
    def summary(self) -> str:
        """Return which pool."""
        return f"stop pool {self.name}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return its state before and after."""
        return f"pool {self.name} state", "active", "inactive"

    def carry_out(self, host: Hypervisor) -> None:
        """Stop it, if it is active still (virStoragePoolDestroy, which despite its name deletes nothing)."""
        pool = host.pool(self.name)
        if pool is not None and pool.isActive():
            pool.destroy()


@dataclass(frozen=True)
class UndefinePool(Change):
    """Make libvirt forget a pool; its volumes stay where they are."""

    name: str

    @property
    def summary(self) -> str:
        """Return which pool."""
        return f"undefine pool {self.name} (its volumes stay)"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the pool that goes."""
        return f"pool {self.name}", "present", None

    def carry_out(self, host: Hypervisor) -> None:
        """Undefine it, if it is there still (virStoragePoolUndefine)."""
        pool = host.pool(self.name)
        if pool is not None:
            pool.undefine()


@dataclass(frozen=True)
class SetPoolAutostart(Change):
    """Choose whether a pool becomes active when the host boots."""

    name: str
    wanted: bool

    @property
    def summary(self) -> str:
        """Return the choice."""
        return f"set autostart {not self.wanted} -> {self.wanted}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the choice, before and after."""
        return "autostart", not self.wanted, self.wanted

    def carry_out(self, host: Hypervisor) -> None:
        """Set it (virStoragePoolSetAutostart)."""
        require_pool(host, self.name).setAutostart(int(self.wanted))
