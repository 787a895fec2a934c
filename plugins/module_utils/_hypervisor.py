# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ground floor: one connection to one hypervisor, lookups by name, libvirt's errors as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable

from ._errors import KvmError, NotFound, Refused, TimedOut
from ._libs import libvirt
from ._planned import Planned

# virErrorNumber, https://libvirt.org/html/libvirt-virterror.html: numbers, because this table is read without the
# library too.
NO_SUPPORT = 3
SYSTEM_ERROR = 38
NO_DOMAIN = 42
NO_NETWORK = 43
NO_STORAGE_POOL = 49
NO_STORAGE_VOL = 50
OPERATION_INVALID = 55
NO_INTERFACE = 57
NO_NWFILTER = 62
NO_SECRET = 66

_KINDS: dict[int, tuple[type[KvmError], str]] = {
    8: (Refused, "libvirt refuses a value"),
    27: (Refused, "libvirt refuses the description"),
    SYSTEM_ERROR: (KvmError, "the host's operating system refused it"),
    NO_DOMAIN: (NotFound, "the VM does not exist (any more)"),
    NO_NETWORK: (NotFound, "the network does not exist"),
    45: (KvmError, "the hypervisor rejects the credentials; check user and keys"),
    NO_STORAGE_POOL: (NotFound, "the pool does not exist"),
    NO_STORAGE_VOL: (NotFound, "the volume does not exist"),
    OPERATION_INVALID: (KvmError, "it cannot be done in the present state"),
    67: (Refused, "this libvirt or QEMU does not support it"),
    68: (TimedOut, "another operation on the object did not end in time; run it again"),
    84: (Refused, "this hypervisor does not support it"),
    86: (KvmError, "the guest agent does not answer; is qemu-guest-agent running in the guest?"),
    88: (KvmError, "access is denied; check the user's rights on this hypervisor"),
}


def sentence(error: Any, doing: str) -> KvmError:
    """Return a libvirt error as ours: `doing` names object and step ("web01: start"), libvirt's words follow."""
    kind, meaning = _KINDS.get(error.get_error_code(), (KvmError, "it failed"))
    words = " ".join(str(error.get_error_message() or error).split())
    return kind(f"{doing}: {meaning} (libvirt: {words}).")


@contextmanager
def speaking_of(doing: str) -> Iterator[None]:
    """Turn any libvirt error inside the block into a KvmError about `doing`."""
    try:
        yield
    except libvirt.libvirtError as error:
        raise sentence(error, doing) from error


def found(lookup: Callable[[str], Any], name: str, absent: int, attempts: int = 3) -> Any | None:
    """Return what `lookup` finds, or None where libvirt answers with the code `absent`.

    An error without a code is asked for again: libvirt forgets why a call failed when another of its objects is freed
    before libvirt-python asks, and Python's garbage collector may do that at any moment.
    """
    try:
        return lookup(name)
    except libvirt.libvirtError as error:
        code = error.get_error_code()
        if code == absent:
            return None
        if code is not None or attempts == 1:
            raise
    return found(lookup, name, absent, attempts - 1)


# AnsibleModule.run_command, or what stands in for it: a command as a list in; exit code, output and errors out.
Run = Callable[[list[str]], tuple[int, str, str]]


class Hypervisor:
    """One open libvirt connection, and what the run has learnt through it. Thread-safe as libvirt's connections are."""

    def __init__(self, connection: Any, uri: str, run: Run | None = None) -> None:
        self.connection = connection
        self.uri = uri
        self._run = run
        # What counts as there in check mode, because an earlier task would have made it.
        self.planned = Planned()
        # Pools that libvirt has looked through again in this run, because a volume was missing.
        self.refreshed: set[str] = set()
        self._learnt: dict[str, Any] = {}

    def run(self, command: list[str]) -> str:
        """Run a program of the host this code runs on, and return what it prints; KvmError where it fails or is
        missing.
        """
        code, out, err = self.attempt(command)
        if code:
            raise KvmError(
                f"{command[0]} failed with code {code}: {' '.join((err or out).split()) or 'it printed nothing'}."
            )
        return out

    def attempt(self, command: list[str]) -> tuple[int, str, str]:
        """Run a program of the host this code runs on, and return its exit code, what it prints, and its errors."""
        if self._run is None:
            raise AssertionError("this run was opened without a way to run programs")
        return self._run(command)

    def once(self, what: str, learn: Callable[[], Any]) -> Any:
        """Return what is the same for the whole run, learnt at the first question."""
        if what not in self._learnt:
            self._learnt[what] = learn()
        return self._learnt[what]

    def forget(self, what: str) -> None:
        """Ask again at the next question."""
        self._learnt.pop(what, None)

    def domain(self, name: str) -> Any | None:
        """Return the virDomain of that name, or None."""
        return found(self.connection.lookupByName, name, NO_DOMAIN)

    def pool(self, name: str) -> Any | None:
        """Return the virStoragePool of that name, or None."""
        return found(self.connection.storagePoolLookupByName, name, NO_STORAGE_POOL)

    def network(self, name: str) -> Any | None:
        """Return the virNetwork of that name, or None."""
        return found(self.connection.networkLookupByName, name, NO_NETWORK)

    def volume(self, pool: Any, name: str) -> Any | None:
        """Return the virStorageVol of that name in an active pool, or None."""
        return found(pool.storageVolLookupByName, name, NO_STORAGE_VOL)

    def volume_at(self, path: str) -> Any | None:
        """Return the virStorageVol behind a path, or None when no active pool knows it."""
        return found(self.connection.storageVolLookupByPath, path, NO_STORAGE_VOL)

    def require_active_pool(self, name: str) -> Any:
        """Return an active pool; NotFound or Refused, with what to do, where it is not there or not active."""
        pool = self.pool(name)
        if pool is None:
            raise NotFound(f"Pool '{name}' does not exist on {self.uri}; {self._choose(self.pool_names())}.")
        if not pool.isActive():
            raise Refused(f"Pool '{name}' is not active on {self.uri}; set it to state active first.")
        return pool

    def require_network(self, name: str) -> Any:
        """Return a network; NotFound, with the names that exist, where it is not there."""
        network = self.network(name)
        if network is None:
            raise NotFound(f"Network '{name}' does not exist on {self.uri}; {self._choose(self.network_names())}.")
        return network

    def pool_names(self) -> list[str]:
        """Return the names of all pools, sorted."""
        return sorted(pool.name() for pool in self.connection.listAllStoragePools())

    def network_names(self) -> list[str]:
        """Return the names of all networks, sorted."""
        return sorted(network.name() for network in self.connection.listAllNetworks())

    @staticmethod
    def _choose(names: list[str]) -> str:
        return f"create it, or choose one of: {', '.join(names)}" if names else "create it first (there is none yet)"


@contextmanager
def hypervisor(uri: str, run: Run | None = None) -> Iterator[Hypervisor]:
    """Open the one connection of a run, and close it whatever happens. KvmError where the URI does not answer."""
    # libvirt prints every error to stderr unless told otherwise, which would break the JSON that Ansible reads.
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    try:
        connection = libvirt.open(uri)
    except libvirt.libvirtError as error:
        words = " ".join(str(error).split())
        raise KvmError(
            f"The hypervisor '{uri}' does not answer; check the URI, that libvirtd (or virtqemud) runs, and your "
            f"rights (libvirt: {words})."
        ) from error
    try:
        yield Hypervisor(connection, uri, run)
    finally:
        connection.close()
