# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to move a disk: a note, a copy, the VM on the copy, the old volume gone, the note gone.

The note is in the VM's record. Whoever finds it knows which of its two volumes is the copy: the one that the VM is not
on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import KvmError, TimedOut
from .._hypervisor import Hypervisor, sentence
from .._libs import libvirt
from .._metadata import read_record
from .._plan import Change
from .._storage.changes import CloneVolume, CreateVolume, DeleteVolume, delete_volume, require_volume
from .._storage.state import Backing, find_volume
from .._storage.users import volume_users
from .._values import dataclass
from .._vm.changes import SetRecord, require_domain
from .._vm.devices.disk import Disk
from .._xml import parse_xml, to_xml
from . import copying

_INACTIVE_SECURE = 3  # VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE
_VOLUME_EXISTS = 90  # virErrorNumber


@dataclass(frozen=True)
class Move:
    """A disk of a VM on its way from one volume ("pool/name") to another; sizes in bytes."""

    vm: str
    disk: str
    target: str
    source: str
    pool: str
    name: str
    format: str
    # How disks on volumes of the new pool are attached: file or block.
    kind: str = "file"
    capacity: int = 0
    # What stays below the disk: only what the disk's own image holds is copied.
    backing: Backing | None = None
    keep: bool = False

    @property
    def destination(self) -> str:
        """Return the new volume as "pool/name"."""
        return f"{self.pool}/{self.name}"

    @property
    def note(self) -> dict[str, Any]:
        """Return what is remembered of it while it is not done."""
        return {"source": self.source, "destination": self.destination, "keep": self.keep}


def configuration(host: Hypervisor, vm: str) -> Any:
    """Return the tree of a VM's configuration, as it can be given back."""
    return parse_xml(require_domain(host, vm).XMLDesc(_INACTIVE_SECURE))


def _note(host: Hypervisor, vm: str, gone: Mapping[str, Any], new: Mapping[str, Any] | None = None) -> None:
    """Take a move out of a VM's record, or put it there in place of another to the same volume."""
    noted = read_record(configuration(host, vm)).get("moving") or ()
    others = [note for note in noted if note["destination"] != gone["destination"]]
    SetRecord(vm, "moving", noted, [*others, *([new] if new else [])] or None).carry_out(host)


@dataclass(frozen=True)
class MoveDisk(Change):
    """Move a disk to a new volume. The old one stays, noted; unless it is to be kept, another change deletes it."""

    move: Move

    @property
    def summary(self) -> str:
        """Return from where to where, and how."""
        move = self.move
        kind = f"{move.format} on {move.backing.path}" if move.backing else move.format
        return f"move disk {move.disk} {move.source} -> {move.destination} ({kind}, {self.how})"

    @property
    def how(self) -> str:
        """Return whether the VM runs meanwhile."""
        raise NotImplementedError

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return both volumes."""
        return f"disk {self.move.disk}", self.move.source, self.move.destination

    @property
    def resumed(self) -> bool:
        """Return whether an earlier run has noted the move and made the volume."""
        return False

    def carry_out(self, host: Hypervisor) -> None:
        """Note it, copy the disk, and see that the VM is on the copy.

        Where the copy fails, it is removed. Where it only takes too long, it goes on, and the next run goes on with it.
        """
        move = self.move
        if not self.resumed:
            self._begin(host)
        try:
            self.copy(host)
        except TimedOut:
            raise
        except (KvmError, libvirt.libvirtError) as error:
            raise self._undone(host, error) from error
        rewrite(host, move)
        if move.keep:
            _note(host, move.vm, move.note)

    def _begin(self, host: Hypervisor) -> None:
        """Note the move; KvmError where a volume of the new name has appeared since it was planned."""
        move = self.move
        if find_volume(host, move.pool, move.name) is not None:
            raise KvmError(f"VM '{move.vm}': volume {move.destination} has appeared meanwhile; run it again.")
        _note(host, move.vm, move.note, move.note)

    def copy(self, host: Hypervisor) -> None:
        """Make the copy; a running VM goes over to it."""
        raise NotImplementedError

    def stop(self, host: Hypervisor) -> None:
        """End what may still write to a copy that failed."""

    def _undone(self, host: Hypervisor, error: KvmError | libvirt.libvirtError) -> KvmError:
        """Remove a copy that failed, unless anybody uses it, and return the error to be told."""
        move = self.move
        why = str(error if isinstance(error, KvmError) else sentence(error, "libvirt did not copy it")).rstrip(".")
        said = f"VM '{move.vm}': disk {move.disk} was not moved to {move.destination}: {why}"
        if isinstance(error, libvirt.libvirtError) and error.get_error_code() == _VOLUME_EXISTS:
            _note(host, move.vm, move.note)
            return KvmError(f"{said}.")
        self.stop(host)
        free = copying.free_words(host.require_active_pool(move.pool))
        volume = find_volume(host, move.pool, move.name)
        users = volume_users(host, volume.path()) if volume is not None else []
        if users:
            return KvmError(f"{said}; the copy is used by {', '.join(users)}, so run it again.")
        delete_volume(host, move.pool, move.name)
        _note(host, move.vm, move.note)
        return KvmError(f"{said}; it stays on {move.source}, and the copy was removed ({free}).")


@dataclass(frozen=True)
class MoveRunning(MoveDisk):
    """Move a disk of a running VM, whose guest does not notice. `bandwidth` in bytes a second, `timeout` in seconds."""

    bandwidth: int
    timeout: int
    # An earlier run has begun the copy, and QEMU has gone on with it.
    goes_on: bool = False

    @property
    def resumed(self) -> bool:
        """Return whether the copy has begun."""
        return self.goes_on

    @property
    def how(self) -> str:
        """Return that it is done live."""
        return "while it runs, as begun by an interrupted run" if self.goes_on else "while it runs"

    def copy(self, host: Hypervisor) -> None:
        """Copy the disk, and let the running VM go over to the copy."""
        move = self.move
        if not self.goes_on:
            CreateVolume(move.pool, move.name, move.capacity, move.format, move.backing).carry_out(host)
        domain, copy = require_domain(host, move.vm), self._copy(host)
        (copying.go_on if self.goes_on else copying.begin)(domain, copy)
        copying.finish(domain, copy)

    def _copy(self, host: Hypervisor) -> copying.Copy:
        move = self.move
        path = str(require_volume(host, move.pool, move.name).path())
        image = (path, move.format, move.kind, move.backing is not None)
        return copying.Copy(move.vm, move.disk, move.target, *image, self.bandwidth, self.timeout)

    def stop(self, host: Hypervisor) -> None:
        """Cancel the copy."""
        if find_volume(host, self.move.pool, self.move.name) is not None:
            copying.cancel(require_domain(host, self.move.vm), self._copy(host))


@dataclass(frozen=True)
class MoveStopped(MoveDisk):
    """Move a disk of a VM that is stopped."""

    @property
    def how(self) -> str:
        """Return that nothing runs on it."""
        return "while it is stopped"

    def copy(self, host: Hypervisor) -> None:
        """Copy the disk; KvmError where anybody has written to it meanwhile."""
        move = self.move
        pool, _slash, name = move.source.partition("/")
        before = _written(host, pool, name)
        if move.backing:
            self._copy_own(host, str(require_volume(host, pool, name).path()), move.backing)
        else:
            CloneVolume(move.pool, move.name, pool, name, move.capacity, move.format).carry_out(host)
        if require_domain(host, move.vm).isActive() or _written(host, pool, name) != before:
            raise KvmError("the VM was started, or the volume written to, while it was copied")

    def _copy_own(self, host: Hypervisor, source: str, backing: Backing) -> None:
        """Copy what an image itself holds (qemu-img convert): libvirt copies all that is below it, too."""
        move = self.move
        CreateVolume(move.pool, move.name, move.capacity, move.format, backing).carry_out(host)
        path = str(require_volume(host, move.pool, move.name).path())
        below = ["-B", backing.path, "-F", backing.format]
        host.run(["qemu-img", "convert", "-n", "-f", "qcow2", "-O", "qcow2", *below, source, path])


def _written(host: Hypervisor, pool: str, name: str) -> str:
    """Return when a volume was last written to; virStorageVolGetInfo makes libvirt look again."""
    volume = require_volume(host, pool, name)
    volume.info()
    return str(parse_xml(volume.XMLDesc()).findtext("target/timestamps/mtime"))


def rewrite(host: Hypervisor, move: Move) -> None:
    """See that a VM's configuration has the disk on its new volume. libvirt writes it when a running VM goes over."""
    path = str(require_volume(host, move.pool, move.name).path())
    tree = configuration(host, move.vm)
    node = next((node for node in Disk.nodes(tree) if Disk.name_at(node) == move.disk), None)
    if node is None:
        raise KvmError(f"VM '{move.vm}' has lost disk {move.disk} in its configuration meanwhile; run it again.")
    if copying.put_on(node, path, move.format, move.kind):
        host.connection.defineXML(to_xml(tree))


@dataclass(frozen=True)
class Rewrite(Change):
    """Write into a VM's configuration where the disk is that its running self is on already."""

    move: Move

    @property
    def summary(self) -> str:
        """Return the volume."""
        return f"write into the configuration that disk {self.move.disk} is on {self.move.destination}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return both volumes."""
        return f"disk {self.move.disk}", self.move.source, self.move.destination

    def carry_out(self, host: Hypervisor) -> None:
        """Define it."""
        rewrite(host, self.move)


@dataclass(frozen=True)
class DropOld(Change):
    """Delete the volume that a disk came from, and forget the move."""

    vm: str
    source: str
    destination: str

    @property
    def summary(self) -> str:
        """Return the volume."""
        return DeleteVolume.at(self.source).summary

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the volume that goes."""
        return DeleteVolume.at(self.source).difference

    def carry_out(self, host: Hypervisor) -> None:
        """Delete it; KvmError where it is used, as it may be by now: the copy may have taken hours."""
        host.refreshed.clear()
        change = DeleteVolume.at(self.source)
        volume = find_volume(host, change.pool, change.name)
        users = volume_users(host, volume.path()) if volume is not None else []
        if users:
            raise KvmError(
                f"VM '{self.vm}' is on {self.destination} now, and the volume {self.source} that it came from is kept, "
                f"as it is used by {', '.join(users)}; run it again to forget it."
            )
        change.carry_out(host)
        _note(host, self.vm, {"destination": self.destination})


@dataclass(frozen=True)
class ForgetMove(Change):
    """Forget a move of which nothing is left to be done."""

    vm: str
    destination: str

    @property
    def summary(self) -> str:
        """Return what was noted."""
        return f"forget that a disk was being moved to {self.destination}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return no difference: it is nothing of the VM."""
        return (self.summary, None, None)

    def carry_out(self, host: Hypervisor) -> None:
        """Take it out of the record."""
        _note(host, self.vm, {"destination": self.destination})
