# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the content of a pool comes from, and where that stands in XML.

Source: https://libvirt.org/formatstorage.html. The words are libvirt's, and for servers and credentials those that
disks have for them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from .._composite import Group, Items, Order
from .._errors import Refused
from .._field_kinds import Integer, Matching, Switch, Text
from .._fields import Element
from .pool_types import FORMATS
from .secret_reference import SecretReference


class Directory(Text):
    """An absolute path, compared without a slash at its end."""

    def normal(self, value: Any) -> Any:
        """Return the path in its shortest spelling; refuse a relative one."""
        text = str(super().normal(value) or "")
        if not text.startswith("/"):
            raise Refused(f"{self.name} '{text}' is not an absolute path; start it with a slash.")
        return "/" + posixpath.normpath(text).lstrip("/")


class Server(Element):
    """A server that content comes from."""

    tag = "host"
    name = Text("./@name", required=True)
    port = Integer("./@port", least=1, most=65535)

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse a server that is nowhere."""
        if not values.get("name"):
            raise Refused("an entry has no 'name'; give the name or address of the server.")


class Servers(Items):
    """The servers, each recognised by its name."""

    def fact(self, value: Any) -> Any:
        """Return the servers, or None where two have one name, which the option cannot say."""
        names = [server.get("name") for server in value or ()]
        return super().fact(value) if len(set(names)) == len(names) else None


class Wwn(Matching):
    """A world wide name, compared in lower case."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "", "[0-9a-f]{16}", "20000000c9831b4b")

    def parse(self, text: str, node: Any) -> Any:
        """Return it in lower case."""
        return super().parse(text.lower(), node)

    def normal(self, value: Any) -> Any:
        """Return it in lower case; refuse what is none."""
        return super().normal(str(value).lower())


class Adapter(Element):
    """The adapter of this host that a pool's LUNs are seen through."""

    tag = "adapter"
    type = Text("./@type", choices=("scsi_host", "fc_host"), required=True)
    name = Text("./@name")
    wwnn = Wwn("./@wwnn")
    wwpn = Wwn("./@wwpn")
    parent = Text("./@parent")
    parent_wwnn = Wwn("./@parent_wwnn")
    parent_wwpn = Wwn("./@parent_wwpn")
    parent_fabric_wwn = Wwn("./@parent_fabric_wwn")
    managed = Switch("./@managed")

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse an adapter that is not fully named, or has what the other type has."""
        needed = ("name",) if values.get("type") == "scsi_host" else ("wwnn", "wwpn")
        missing = [name for name in needed if not values.get(name)]
        if missing:
            raise Refused(f"type {values.get('type')} needs {' and '.join(missing)}.")
        others = set(values) - {"type", "name"} if needed == ("name",) else set(values) & {"name"}
        if others:
            raise Refused(f"type {values['type']} has no {' and '.join(sorted(others))}; leave it out.")


class Credential(SecretReference):
    """The secret that the servers ask for."""

    def write_type(self, node: Any, place: Any) -> None:
        """Say how it is asked for, which follows from the type of the pool and stands with the user's name."""
        place.getparent().set("type", "ceph" if node.get("type") == "rbd" else "chap")


class PoolSource(Element):
    """Where a pool's content comes from; paths are below the pool."""

    tag = "pool"
    hosts = Servers("source", Server, "", key=("name",))
    dir = Directory("source/dir/@path")
    devices = Order("source", "", tag="device", key="path")
    name = Text("source/name")
    format = Text("source/format/@type", choices=FORMATS)
    protocol_version = Matching("source/protocol/@ver", "", r"\d+(\.\d+)?", "'4.1'")
    adapter = Group("source/adapter", Adapter, "")
    initiator = Text("source/initiator/iqn/@name")
    username = Text("source/auth/@username")
    secret = Credential("source/auth/secret")

    @classmethod
    def options(cls) -> dict[str, Any]:
        """Return the fields as options; `host` is the short way to say `hosts` of one server."""
        return {"host": {"type": "str"}, **super().options()}

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the named values as they are compared."""
        host = wanted.get("host")
        if host is not None and wanted.get("hosts") is not None:
            raise Refused("source has both host and hosts; give one of them.")
        return super().normal(wanted if host is None else {**wanted, "hosts": [{"name": host}]})

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse values that do not go together."""
        if ("username" in values) != ("secret" in values):
            raise Refused("username and secret of the source go together; name both, or neither.")
        if "protocol_version" in values and values.get("format") in ("glusterfs", "cifs"):
            raise Refused(f"protocol_version is one of NFS, not of {values['format']}; leave it out.")

    @classmethod
    def show(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as plans show them."""
        return _short(super().show(values))

    @classmethod
    def facts(cls, node: Any) -> dict[str, Any]:
        """Return what a description says in the words of the options."""
        return _short(super().facts(node))


def _short(values: dict[str, Any]) -> dict[str, Any]:
    """Return values with the one server of which only the name is known as `host`."""
    hosts = values.get("hosts") or []
    if len(hosts) != 1 or set(hosts[0]) != {"name"}:
        return values
    return {"host": hosts[0]["name"], **{key: value for key, value in values.items() if key != "hosts"}}
