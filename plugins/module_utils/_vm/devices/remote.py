# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images on servers, and what opens images: libvirt's secrets, which are named here and never known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._composite import Group, Items
from ..._errors import Refused
from ..._field_kinds import Bytes, Count, Integer, Switch, Text
from ..._fields import Element
from ..._storage.secret_reference import SecretReference
from ..._units import KIB
from ..._xml import Path

# The port that libvirt takes where none is given; Ceph's monitors are found by others.
PORTS = {
    "nbd": 10809,
    "iscsi": 3260,
    "gluster": 24007,
    "http": 80,
    "https": 443,
    "ftp": 21,
    "ftps": 990,
    "tftp": 69,
}

# Protocols by which QEMU can only read.
READ_ONLY = ("http", "https", "ftp", "ftps", "tftp")

# Those of them that QEMU is told how long to wait for, and how much to read at once.
PATIENT = ("http", "https", "ftp", "ftps")

# What libvirt calls a secret that opens an image of a protocol.
_SECRETS = {"rbd": "ceph", "iscsi": "iscsi"}


# QEMU reads whole blocks of so many bytes.
_BLOCK = 512


class Either(Path):
    """A place that older descriptions have elsewhere; what is there is edited there."""

    def __init__(self, written: str, older: str) -> None:
        super().__init__(written)
        self.older = Path(older)

    def find(self, node: Any) -> Any | None:
        """Return the element at either place, or None."""
        place = super().find(node)
        return self.older.find(node) if place is None else place

    def make(self, node: Any) -> Any:
        """Return the element at either place, made at the newer."""
        place = self.older.find(node)
        return super().make(node) if place is None else place


class Credential(SecretReference):
    """The secret that a server asks for."""

    def write_type(self, node: Any, place: Any) -> None:
        """Say it by the word that goes with the protocol."""
        place.set("type", _SECRETS.get(Path("source/@protocol").get(node) or "", "iscsi"))


class Encryption(Element):
    """The LUKS layer of an image. Source: https://libvirt.org/formatstorageencryption.html."""

    secret = SecretReference(
        Either("source/encryption[@format='luks']/secret", "encryption[@format='luks']/secret"),
        "UUID or usage of the secret of libvirt that holds the passphrase; make it with C(virsh secret-define). The "
        "passphrase itself is never an option.",
        required=True,
    )


class Host(Element):
    """A server. A port that goes without saying is said, as libvirt does."""

    tag = "host"
    name = Text("./@name", "Name or address of the server.")
    port = Integer("./@port", "Port; that of the protocol if left out. V(nfs) finds its own.", least=1, most=65535)
    transport = Text(
        "./@transport",
        "How it is spoken to; V(tcp) if left out.",
        choices=("tcp", "unix", "rdma"),
        unset="tcp",
    )
    socket = Text("./@socket", "Path of the socket on this host, for V(unix).")

    @classmethod
    def read(cls, node: Any) -> dict[str, Any]:
        """Return the server, its port included."""
        return _with_port(super().read(node), node.getparent().get("protocol"))

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse a server that is nowhere."""
        if not (values.get("name") or values.get("socket")):
            raise Refused("an entry has no 'name'; name the server, or the 'socket' on this host.")


def _with_port(host: Mapping[str, Any], protocol: str | None) -> dict[str, Any]:
    port = PORTS.get(protocol or "")
    silent = port is None or "port" in host or host.get("socket")
    return dict(host) if silent else {**host, "port": port}


class Place(Element):
    """Where on which server an image is; paths are below the device. Source: https://libvirt.org/formatdomain.html."""

    protocol = Text(
        "source/@protocol",
        "How the server is spoken to. What comes by V(http), V(https), V(ftp), V(ftps) and V(tftp) can only be read, "
        "so that its disk needs O(disks[].readonly=true). With V(nfs) QEMU reads the export itself, by libnfs, and the "
        "host mounts nothing; it needs libvirt 7.0 there.",
        choices=("nbd", "rbd", "iscsi", "gluster", "nfs", "http", "https", "ftp", "ftps", "tftp"),
        required=True,
    )
    name = Text(
        "source/@name",
        "What the server calls the image - an export, C(pool/image), C(iqn/lun), C(volume/path), a path; for V(nfs) "
        "the path of the export and of the file in it, beginning with C(/).",
    )
    query = Text("source/@query", "What stands behind the question mark of a URL.")
    hosts = Items(
        "source",
        Host,
        "The servers, all of them; Ceph has several monitors, and finds them by its configuration if none is given.",
        key=("name", "port", "socket"),
    )
    tls = Switch("source/@tls", "Whether the connection is encrypted.")
    snapshot = Text("source/snapshot/@name", "Snapshot of a Ceph image, which can only be read.")
    config = Text("source/config/@file", "Configuration of Ceph on this host.")
    username = Text(
        Either("source/auth/@username", "auth/@username"), "Whom the server knows the VM by, for V(rbd) and V(iscsi)."
    )
    secret = Credential(
        Either("source/auth/secret", "auth/secret"),
        "UUID or usage of the secret of libvirt by which the VM is let in, with O(disks[].source.username).",
    )
    initiator = Text("source/initiator/iqn/@name", "Name by which an iSCSI target knows this host.")
    user = Text(
        "source/identity/@user",
        "As whom the server sees the VM, for V(nfs) - a user of the host, or V(+64055) by number; the one that QEMU "
        "runs as if left out.",
    )
    group = Text("source/identity/@group", "Its group, for V(nfs), in the same way.")

    timeout = Count(
        "source/timeout/@seconds",
        "Seconds that QEMU waits for an answer by V(http), V(https), V(ftp) and V(ftps) before the guest is told of an "
        "error; V(0) leaves it to QEMU, which waits 5.",
    )
    readahead = Bytes(
        "source/readahead/@size",
        "How much QEMU reads at once by these protocols, such as V(1MiB), a multiple of 512 bytes. A plain number "
        "counts KiB.",
        plain_unit=KIB,
    )

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with the ports that go without saying."""
        values = super().normal(wanted)
        if values.get("hosts"):
            values["hosts"] = [_with_port(host, values.get("protocol")) for host in values["hosts"]]
        return values

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse credentials that the protocol has no use for, or that are half."""
        if ("username" in values) != ("secret" in values):
            raise Refused("username and secret go together; name both, or neither.")
        if "secret" in values and values.get("protocol") not in _SECRETS:
            raise Refused(f"{values.get('protocol')} takes no secret; leave out username and secret.")
        check_patience(values, values.get("protocol"))
        _check_nfs(values)

    @classmethod
    def read(cls, node: Any) -> dict[str, Any]:
        """Return where an image is; nothing for one that is on this host."""
        return super().read(node) if node.get("type") == "network" else {}


def check_patience(values: Mapping[str, Any], protocol: str | None) -> None:
    """Refuse to say how QEMU reads what it does not read in that way, and what it would not read."""
    said = [name for name in ("timeout", "readahead") if values.get(name)]
    if said and protocol not in PATIENT:
        raise Refused(f"{' and '.join(said)} cannot be said here; it is for {', '.join(PATIENT)}, so leave it out.")
    if (values.get("readahead") or 0) % _BLOCK:
        raise Refused(f"readahead {values['readahead']} is no multiple of {_BLOCK} bytes; write one, such as 1MiB.")


def _check_nfs(values: Mapping[str, Any]) -> None:
    protocol = values.get("protocol")
    said = " and ".join(key for key in ("user", "group") if values.get(key))
    if said and protocol != "nfs":
        raise Refused(f"{protocol} knows no {said}; leave out {said}, which are for nfs.")
    if protocol != "nfs":
        return
    name = values.get("name") or "/"
    if not name.startswith("/"):
        raise Refused(f"name '{name}' is no path on the server; write all of it, beginning with '/'.")
    if any("port" in host for host in values.get("hosts") or ()):
        raise Refused("hosts names a port, which nfs finds by itself; leave it out.")


class Remote(Group):
    """The place of an image on a server; writing it makes the device one of that kind."""

    def write(self, node: Any, value: Any) -> None:
        """Write the place, and drop what said where on this host the image was before."""
        source = node.find("source")
        if source is not None and node.get("type") != "network":
            source.attrib.clear()
        node.set("type", "network")
        super().write(node, value)

    def fact(self, value: Any) -> Any:
        """Return the place, or None where the option could not say it, as of a protocol that it does not know."""
        facts = super().fact(value) or {}
        try:
            return facts if "protocol" in facts and self.normal(facts) else None
        except Refused:
            return None
