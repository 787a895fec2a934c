# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to a VM's definition. Power is in power.py, volumes are in _storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from .._errors import KvmError
from .._fields import Edit, spoken
from .._hypervisor import Hypervisor
from .._libs import libvirt
from .._metadata import NAMESPACE, edit_record, read_record, record_xml
from .._plan import NOW, Change, Line
from .._storage.changes import DeleteVolume, WriteVolume
from .._values import dataclass
from .._wait import wait_for
from .._xml import parse_xml, to_xml
from .live import CONFIG, LIVE, Live
from .seed import seed_image
from .wish import Wish

_INACTIVE_SECURE = 3  # VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE
_METADATA_ELEMENT = 2  # VIR_DOMAIN_METADATA_ELEMENT
_OPERATION_FAILED, _DEVICE_MISSING = 9, 99  # virErrorNumber


def require_domain(host: Hypervisor, vm: str) -> Any:
    """Return the domain; KvmError where it went away while it was worked on."""
    domain = host.domain(vm)
    if domain is None:
        raise KvmError(f"VM '{vm}' has gone while it was worked on; run the play again.")
    return domain


def reach(domain: Any) -> int:
    """Return the flags by which a change reaches the configuration, and the running VM if there is one."""
    return (CONFIG if domain.isPersistent() else 0) | (LIVE if domain.isActive() else 0)


@dataclass(frozen=True)
class DefineVm(Change):
    """Give libvirt a definition: of a new VM, of one whose disks are all there, or of a note of what is to be
    deleted.
    """

    vm: str
    xml: str = field(repr=False)
    what: str
    description: str

    @property
    def summary(self) -> str:
        """Return what is defined."""
        return f"{self.what} ({self.description})"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return what is defined."""
        return (self.what, None, self.description)

    def carry_out(self, host: Hypervisor) -> None:
        """Define it."""
        host.connection.defineXML(self.xml)


@dataclass(frozen=True)
class SetRecord(Change):
    """Remember something about a VM in its metadata, in the configuration and in the running VM alike."""

    vm: str
    name: str
    before: Any
    value: Any
    note: str = ""

    @property
    def summary(self) -> str:
        """Return what is remembered."""
        return self.note or f"set {self.name} {spoken(self.before)} -> {spoken(self.value)}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return it; what is noted for a later run is nothing of the VM, and is told in the plan alone."""
        return (self.note, None, None) if self.note else (self.name, self.before, self.value)

    def carry_out(self, host: Hypervisor) -> None:
        """Write it (virDomainSetMetadata)."""
        domain = require_domain(host, self.vm)
        tree = parse_xml(domain.XMLDesc(_INACTIVE_SECURE if domain.isPersistent() else 1))
        edit_record(tree, {self.name: self.value})
        domain.setMetadata(_METADATA_ELEMENT, record_xml(tree), "kvmops", NAMESPACE, reach(domain))


@dataclass(frozen=True)
class Configure(Change):
    """Write a VM's configuration: all that is wanted of it, in one definition."""

    vm: str
    wish: Wish = field(repr=False)
    told: tuple[Line, ...]
    expected: tuple[str, ...]

    @property
    def summary(self) -> str:
        """Return what is written."""
        return "; ".join(line.summary for line in self.told) or "write the configuration"

    def lines(self) -> Sequence[Line]:
        """Return a line for each property and device."""
        return self.told

    def carry_out(self, host: Hypervisor) -> None:
        """Edit the configuration as it is now and define it; KvmError where that is no longer what was planned."""
        tree = parse_xml(require_domain(host, self.vm).XMLDesc(_INACTIVE_SECURE))
        if tuple(edit.what for edit in self.wish.edit(tree)) != self.expected:
            raise KvmError(
                f"VM '{self.vm}' was changed by something else while it was worked on; nothing of it was written, "
                "run the play again."
            )
        host.connection.defineXML(to_xml(tree))


@dataclass(frozen=True)
class TakeOver(Change):
    """Let a running VM take properties over."""

    vm: str
    edits: tuple[Edit, ...]
    way: Live = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)
    element: str = field(repr=False)

    @property
    def summary(self) -> str:
        """Return the properties."""
        return "; ".join(edit.summary for edit in self.edits)

    def lines(self) -> Sequence[Line]:
        """Return a line for each property."""
        return [line_of(edit) for edit in self.edits]

    def carry_out(self, host: Hypervisor) -> None:
        """Set them in the running VM."""
        self.way.apply(require_domain(host, self.vm), parse_xml(self.element), self.values)


@dataclass(frozen=True)
class AttachLive(Change):
    """Plug a device into a running VM."""

    vm: str
    what: str
    xml: str = field(repr=False)
    description: str

    @property
    def summary(self) -> str:
        """Return the device."""
        return f"attach {self.what} ({self.description})" if self.description else f"attach {self.what}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the device."""
        return (self.what, None, self.description or "attached")

    def carry_out(self, host: Hypervisor) -> None:
        """Attach it (virDomainAttachDeviceFlags)."""
        require_domain(host, self.vm).attachDeviceFlags(self.xml, LIVE)


@dataclass(frozen=True)
class DetachLive(Change):
    """Take a device out of a running VM, and see that the guest has let go of it."""

    vm: str
    what: str
    xml: str = field(repr=False)
    alias: str
    timeout: int

    @property
    def summary(self) -> str:
        """Return the device."""
        return f"detach {self.what}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the device."""
        return (self.what, "attached", None)

    def carry_out(self, host: Hypervisor) -> None:
        """Ask for it (virDomainDetachDeviceFlags), and wait until the device is gone: libvirt returns before that."""
        domain = require_domain(host, self.vm)
        try:
            domain.detachDeviceFlags(self.xml, LIVE)
        except libvirt.libvirtError as error:
            # An earlier run may have asked already, and the guest not answered yet.
            if error.get_error_code() not in (_OPERATION_FAILED, _DEVICE_MISSING):
                raise
        wait_for(
            lambda: self.alias not in live_aliases(domain),
            self.timeout,
            f"VM '{self.vm}': the guest did not let go of {self.what}",
        )


def live_aliases(domain: Any) -> set[str]:
    """Return the aliases of the devices that a running VM has; none for one that has stopped."""
    if not domain.isActive():
        return set()
    return {node.get("name") for node in parse_xml(domain.XMLDesc(0)).iterfind("devices/*/alias")}


def line_of(edit: Edit, when: str = NOW) -> Line:
    """Return an edit as plans tell of it."""
    return Line(edit.summary, edit.what, edit.before, edit.after, when)


@dataclass(frozen=True)
class SetAutostart(Change):
    """Start the VM with its host, or not."""

    vm: str
    value: bool

    @property
    def summary(self) -> str:
        """Return whether."""
        return f"set autostart {'on' if self.value else 'off'}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return whether."""
        return ("autostart", not self.value, self.value)

    def carry_out(self, host: Hypervisor) -> None:
        """Set it."""
        require_domain(host, self.vm).setAutostart(int(self.value))


@dataclass(frozen=True)
class Undefine(Change):
    """Make libvirt forget a VM, with its firmware variables, TPM state, saved memory and the records of its
    snapshots.
    """

    vm: str
    note: str = ""

    @property
    def summary(self) -> str:
        """Return what is forgotten."""
        return self.note or "undefine VM"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the VM that goes; a note that goes is told in the plan alone."""
        return (self.note, None, None) if self.note else ("VM", "defined", None)

    def carry_out(self, host: Hypervisor) -> None:
        """Undefine it, and see that it is gone: nothing that follows may run while it is not."""
        domain = host.domain(self.vm)
        if domain is None:
            return
        if domain.isPersistent():
            domain.undefineFlags(undefine_flags(domain))
        if host.domain(self.vm) is not None:
            raise KvmError(f"VM '{self.vm}' is still there after it was undefined; none of its disks was touched.")


@dataclass(frozen=True)
class WriteSeed(Change):
    """Write a VM's cloud-init seed. What it says may be secret: no plan, diff, error or repr shows it."""

    vm: str
    pool: str
    volume: str
    files: Mapping[str, str] = field(repr=False)

    @property
    def summary(self) -> str:
        """Return where it is written."""
        return f"write cloud-init seed to volume {self.volume} in pool {self.pool}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the volume."""
        return (f"volume {self.pool}/{self.volume}", None, "cloud-init seed")

    def carry_out(self, host: Hypervisor) -> None:
        """Make the image and write it in place of the one before."""
        WriteVolume(self.pool, self.volume, seed_image(host, self.files), "cloud-init seed").carry_out(host)


@dataclass(frozen=True)
class ClearUnfinished(Change):
    """Remove what an interrupted run left of a VM: first its volumes, which no guest has used, then the definition
    that lists them. KvmError, and nothing is done, where another run has gone on with it meanwhile.
    """

    vm: str
    volumes: tuple[str, ...]

    @property
    def summary(self) -> str:
        """Return what is removed."""
        return "remove what an interrupted run left: " + ", ".join(self.volumes or ("the definition",))

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return what is removed."""
        return ("unfinished", list(self.volumes), None)

    def carry_out(self, host: Hypervisor) -> None:
        """Delete the volumes, then undefine."""
        domain = require_domain(host, self.vm)
        listed = read_record(parse_xml(domain.XMLDesc(_INACTIVE_SECURE))).get("unfinished")
        if listed is None or not {*self.volumes} <= {*listed}:
            raise KvmError(f"VM '{self.vm}' is no longer unfinished as it was; run the play again.")
        for place in self.volumes:
            DeleteVolume.at(place).carry_out(host)
        domain.undefineFlags(undefine_flags(domain))


def undefine_flags(domain: Any) -> int:
    """Return the flags that undefining needs: only those, because a driver refuses flags that it has no use for.

    Source: virDomainUndefineFlagsValues.
    """
    tree = parse_xml(domain.XMLDesc(0))
    needs = {
        libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE: domain.hasManagedSaveImage(),
        libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA: domain.snapshotNum(),
        libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA: domain.listAllCheckpoints(),
        libvirt.VIR_DOMAIN_UNDEFINE_NVRAM: tree.find("os/nvram") is not None
        or tree.find("os[@firmware='efi']") is not None,
        libvirt.VIR_DOMAIN_UNDEFINE_TPM: tree.find("devices/tpm") is not None,
    }
    return sum(flag for flag, needed in needs.items() if needed)
