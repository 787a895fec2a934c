# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories of the host that a guest can mount."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from ..._composite import Group
from ..._errors import Refused
from ..._field_kinds import Count, Matching, Presence, Switch, Text
from ..._fields import Edit, Element
from ..._xml import without
from .device import Wanted
from .single import SingleDevice

VIRTIOFS, NINE_P = "virtiofs", "9p"
_PATH = r"/[^\x00]*"
_TAG = re.compile(r"[^\x00-\x1f/]{1,36}")

# Options that libvirt keeps for one of the two only.
_OF_VIRTIOFS = ("queue_size", "socket", "daemon")
_OF_9P = ("access_mode", "file_mode", "directory_mode", "multidevs", "readonly")


class Driver(Text):
    """What shares the directory; libvirt calls QEMU's own server for 9p "path"."""

    def read(self, node: Any) -> Any:
        """Return which; 9p where nothing is said."""
        return VIRTIOFS if super().read(node) == VIRTIOFS else NINE_P

    def write(self, node: Any, value: Any) -> None:
        """Write it, and drop what only the other one takes."""
        self.path.set(node, "virtiofs" if value == VIRTIOFS else "path")
        if value == VIRTIOFS:
            node.set("accessmode", "passthrough")
        for name in ("fmode", "dmode", "multidevs") if value == VIRTIOFS else ():
            node.attrib.pop(name, None)
        for daemon in node.findall("binary") if value == NINE_P else ():
            without(daemon)
        if value == NINE_P:
            node.find("driver").attrib.pop("queue", None)


class Origin(Matching):
    """Where the files come from: a directory, or the socket of a daemon that has one."""

    def write(self, node: Any, value: Any) -> None:
        """Write it in place of the other."""
        self.path.make(node).attrib.clear()
        super().write(node, value)


class Mode(Matching):
    """Rights in octal digits, compared as libvirt tells them."""

    def __init__(self, path: str, doc: str) -> None:
        super().__init__(path, doc, "[0-7]{3,4}", "0644")

    def normal(self, value: Any) -> Any:
        """Return four digits; refuse what are no rights."""
        text = super().normal(value)
        return text and text.zfill(4)

    def parse(self, text: str, _node: Any) -> Any:
        """Return four digits."""
        return text.zfill(4) if text else None

    def fact(self, value: Any) -> Any:
        """Return it, or None where the option would refuse it."""
        return value if value and self.form.fullmatch(value) else None


class Daemon(Element):
    """Source: https://libvirt.org/kbase/virtiofs.html#other-options-for-vhost-user-memory-setup."""

    path = Matching(
        "./@path", "Path of virtiofsd on the host; libvirt finds it if left out.", _PATH, "/usr/bin/virtiofsd"
    )
    cache = Text("cache/@mode", "How much the guest remembers of the directory.", choices=("none", "always"))
    xattr = Switch("./@xattr", "Whether extended attributes go through.", words=("on", "off"))
    posix_lock = Switch("lock/@posix", "Whether POSIX locks reach the host.", words=("on", "off"))
    flock = Switch("lock/@flock", "Whether BSD locks reach the host.", words=("on", "off"))
    sandbox = Text("sandbox/@mode", "What the daemon is locked into.", choices=("namespace", "chroot"))
    threads = Count("thread_pool/@size", "Most requests that are served at once; 0 is the daemon's own default.")


class Filesystem(SingleDevice):
    """Source: https://libvirt.org/formatdomain.html#filesystems."""

    tag = "filesystem"
    option = "filesystems"
    noun = "file system"
    doc = (
        "Directories of the host that the guest can mount, all of them.",
        "A running VM is given one by V(virtiofs) at once, if its memory is shared.",
    )
    keys = ("target",)
    defaults: ClassVar[Mapping[str, Any]] = {"driver": VIRTIOFS}
    fixed: ClassVar[Mapping[str, str]] = {"./@type": "mount"}
    driver = Driver(
        "driver/@type",
        "How it is shared - V(virtiofs), which is fast and needs memory that is shared with the host, or V(9p); "
        "V(virtiofs) if left out.",
        choices=(VIRTIOFS, NINE_P),
    )
    source = Origin("source/@dir", "Directory of the host.", _PATH, "/srv/data")
    socket = Origin(
        "source/@socket",
        "Socket of a virtiofsd that something else has started, in place of O(filesystems[].source).",
        _PATH,
        "/run/virtiofsd.sock",
    )
    target = Matching(
        "target/@dir",
        "Tag by which the guest mounts it, up to 36 bytes.",
        _TAG.pattern,
        "data",
        required=True,
    )
    access_mode = Text(
        "./@accessmode",
        "How V(9p) keeps the guest's rights on the host - V(mapped) beside the files, V(passthrough) and V(squash) on "
        "them as far as QEMU's user may; V(passthrough) if left out.",
        choices=("passthrough", "mapped", "squash"),
    )
    readonly = Presence("readonly", "Whether the guest can only read; virtiofs cannot do it.")
    file_mode = Mode("./@fmode", "Rights of new files with V(9p) and V(mapped), such as V('0644').")
    directory_mode = Mode("./@dmode", "Rights of new directories with V(9p) and V(mapped), such as V('0755').")
    multidevs = Text(
        "./@multidevs",
        "What V(9p) does where several file systems are below the directory.",
        choices=("default", "remap", "forbid", "warn"),
        unset="default",
    )
    queue_size = Count("driver/@queue", "Requests in the queue of V(virtiofs), such as V(1024); 0 is the default.")
    daemon = Group("binary", Daemon, "The virtiofsd that libvirt starts.")
    model = Text(
        "./@model",
        "Which virtio the guest sees; V(virtio) if left out.",
        choices=("virtio", "virtio-transitional", "virtio-non-transitional"),
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse what goes with the other driver only."""
        if values.get("source") and values.get("socket"):
            raise Refused("a file system is either a source or the socket of a daemon that has one; leave one out.")
        driver = values.get("driver")
        foreign = next((name for name in _foreign(driver) if _said(values, name)), None)
        if foreign:
            raise Refused(f"{foreign} does not go with the driver {driver}; leave it out, or choose the other driver.")

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return what is shared by the two drivers of QEMU: other hypervisors have more kinds."""
        found = super().nodes(domain)
        return [node for node in found if _is_ours(node)]

    @classmethod
    def hotpluggable(cls, node: Any) -> bool:
        """Return whether its driver can be plugged: QEMU's own server for 9p cannot."""
        return cls.fields["driver"].read(node) == VIRTIOFS

    @classmethod
    def attachable(cls, live: Any, node: Any) -> bool:
        """Return whether the running VM shares its memory, which it cannot begin to do."""
        return cls.hotpluggable(node) and shares_memory(live)

    @classmethod
    def describe(cls, node: Any) -> str:
        """Return what is shared, and how."""
        values = cls.read(node)
        return f"{values['driver']} {values.get('source') or values.get('socket')}"

    @classmethod
    def facts(cls, node: Any) -> dict[str, Any]:
        """Return one in the words of the options, without what its driver has no use for."""
        facts = super().facts(node)
        return {name: value for name, value in facts.items() if name not in _foreign(facts["driver"])}

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new one; Refused where it could not work."""
        cls.check({**cls.defaults, **device.fields})
        if not (device.fields.get("source") or device.fields.get("socket")):
            raise Refused(f"File system {device.name} must have a 'source', the directory on the host.")
        node = super().new(domain, device)
        _check_memory(domain, node, device)
        return node

    @classmethod
    def change(cls, node: Any, device: Wanted) -> list[Edit]:
        """Bring one to what is wanted; Refused where it could not work."""
        cls.check({"driver": cls.fields["driver"].read(node), **device.fields})
        edits = cls.edit(node, device.fields)
        if edits:
            _check_memory(next(node.iterancestors("domain"), node), node, device)
        return edits


def _foreign(driver: str | None) -> tuple[str, ...]:
    """Return the options that do not go with a driver; none where no driver is named."""
    return {VIRTIOFS: _OF_9P, NINE_P: _OF_VIRTIOFS}.get(driver or "", ())


def _said(values: Mapping[str, Any], name: str) -> bool:
    """Return whether an option says more than libvirt tells of every file system."""
    return bool(values.get(name)) and (name, values[name]) != ("access_mode", "passthrough")


def _is_ours(node: Any) -> bool:
    target, source = node.find("target"), node.find("source")
    shared = source is not None and (source.get("dir") or source.get("socket"))
    driver = node.find("driver")
    kind = driver.get("type", "path") if driver is not None else "path"
    named = target is not None and _TAG.fullmatch(target.get("dir", ""))
    return node.get("type", "mount") == "mount" and kind in ("path", "virtiofs") and bool(shared and named)


def shares_memory(domain: Any) -> bool:
    """Return whether a domain's memory can be seen by other processes: by its NUMA nodes, or by its backing.

    Source: https://libvirt.org/kbase/virtiofs.html (host setup).
    """
    access = domain.find("memoryBacking/access")
    otherwise = access.get("mode") if access is not None else None
    cells = domain.findall("cpu/numa/cell")
    modes = [cell.get("memAccess", otherwise) for cell in cells] or [otherwise]
    return all(mode == "shared" for mode in modes)


def _check_memory(domain: Any, node: Any, device: Wanted) -> None:
    if Filesystem.fields["driver"].read(node) == VIRTIOFS and not shares_memory(domain):
        raise Refused(
            f"File system {device.name} is shared by virtiofs, which needs memory that is shared with the host; set "
            "source: memfd and access: shared in 'memory_backing', or choose the driver 9p."
        )
