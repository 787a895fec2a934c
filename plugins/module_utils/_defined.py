# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that libvirt defines, starts with their host, starts, stops and forgets, all by the same calls.

Pools and networks are such objects: a kind says its noun and how one is looked up and defined, and these changes are
its own. What a kind can do beyond them is in its own room.
"""

from __future__ import annotations

from typing import Any, Callable

from ._errors import NotFound
from ._fields import Edit
from ._hypervisor import Hypervisor
from ._libs import libvirt
from ._plan import Change
from ._values import dataclass

_INVALID_ARGUMENT = 8  # VIR_ERR_INVALID_ARG
_INACTIVE = 1  # VIR_STORAGE_XML_INACTIVE and VIR_NETWORK_XML_INACTIVE


def definition_of(thing: Any) -> str:
    """Return the description that the next start of an object will use."""
    try:
        return str(thing.XMLDesc(_INACTIVE))
    except libvirt.libvirtError as error:
        # Drivers that keep one description of an object, such as libvirt's test driver, do not know the flag.
        if error.get_error_code() != _INVALID_ARGUMENT:
            raise
        return str(thing.XMLDesc(0))


@dataclass(frozen=True)
class Kind:
    """A kind of such objects: what it is called, how one is found by its name (or None) and defined from XML.

    `kept` is what stays when libvirt forgets one.
    """

    noun: str
    find: Callable[[Hypervisor, str], Any | None]
    define: Callable[[Hypervisor, str], Any]
    kept: str = ""

    def require(self, host: Hypervisor, name: str) -> Any:
        """Return the object of that name; NotFound where it has gone since it was looked for."""
        thing = self.find(host, name)
        if thing is None:
            what = f"{self.noun.capitalize()} '{name}'"
            raise NotFound(f"{what} does not exist on {host.uri} any more; run it again to make it anew.")
        return thing


@dataclass(frozen=True)
class Keep(Change):
    """Make an object that would vanish with its next stop a lasting one."""

    kind: Kind
    name: str

    @property
    def summary(self) -> str:
        """Return what becomes of it."""
        return f"define transient {self.kind.noun} {self.name} as a lasting one"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return before and after."""
        return "persistent", False, True

    def carry_out(self, host: Hypervisor) -> None:
        """Define it as it is (virNetworkDefineXML, virStoragePoolDefineXML)."""
        self.kind.define(host, definition_of(self.kind.require(host, self.name)))


@dataclass(frozen=True)
class Start(Change):
    """Make an object active."""

    kind: Kind
    name: str

    @property
    def summary(self) -> str:
        """Return which."""
        return f"start {self.kind.noun} {self.name}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return its state before and after."""
        return f"{self.kind.noun} {self.name} state", "inactive", "active"

    def carry_out(self, host: Hypervisor) -> None:
        """Start it, if it is not active by now (virNetworkCreate, virStoragePoolCreate)."""
        thing = self.kind.require(host, self.name)
        if not thing.isActive():
            thing.create()


@dataclass(frozen=True)
class Stop(Change):
    """Make an object inactive; `gone` tells that it is forgotten next, so that no state follows."""

    kind: Kind
    name: str
    gone: bool = False

    @property
    def summary(self) -> str:
        """Return which."""
        return f"stop {self.kind.noun} {self.name}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return its state before and after."""
        return f"{self.kind.noun} {self.name} state", "active", None if self.gone else "inactive"

    def carry_out(self, host: Hypervisor) -> None:
        """Stop it, if it is active still (virNetworkDestroy, virStoragePoolDestroy, which delete nothing)."""
        thing = self.kind.find(host, self.name)
        if thing is not None and thing.isActive():
            thing.destroy()


@dataclass(frozen=True)
class Undefine(Change):
    """Make libvirt forget an object."""

    kind: Kind
    name: str

    @property
    def summary(self) -> str:
        """Return which, and what stays."""
        return f"undefine {self.kind.noun} {self.name}{self.kind.kept}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the object that goes."""
        return f"{self.kind.noun} {self.name}", "present", None

    def carry_out(self, host: Hypervisor) -> None:
        """Undefine it, if it is there still (virNetworkUndefine, virStoragePoolUndefine)."""
        thing = self.kind.find(host, self.name)
        if thing is not None:
            thing.undefine()


@dataclass(frozen=True)
class SetAutostart(Change):
    """Choose whether an object becomes active when the host boots."""

    kind: Kind
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
        """Set it (virNetworkSetAutostart, virStoragePoolSetAutostart)."""
        self.kind.require(host, self.name).setAutostart(int(self.wanted))


class SetProperty(Change):
    """Set one property of a definition; `edit` tells which. Subclasses say how."""

    edit: Edit

    @property
    def summary(self) -> str:
        """Return the property, before and after."""
        return self.edit.summary

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the property, before and after."""
        return self.edit.field, self.edit.before, self.edit.after
