# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks that a host leaves in pools for a moment, so that others can tell whether they see the same storage.

A mark is a small volume whose name is made anew each time, and whose content follows from its name: who sees it whole
sees what its host has written. It is written as QEMU's user where that can be, because what VMs write, QEMU writes.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from typing import Any

from .._errors import KvmError, TimedOut
from .._hypervisor import Hypervisor, speaking_of
from .._libs import etree, libvirt
from .._values import dataclass
from .._wait import wait_for
from .._xml import parse_xml, to_xml
from .changes import delete_volume, volume_xml
from .pool_volumes import nothing_yet, type_of_pool
from .state import refresh
from .streams import sha256_of_volume, upload_bytes

_BYTES = 512
_NAME = re.compile(r"kvmops-check\.(?P<since>\d{1,12})\.[0-9a-f]{16}")
# Seconds after which a mark is taken for one that an interrupted run has left.
_FORGOTTEN = 600
_READABLE = "0644"
# Without cutting the file off: it stays as long as libvirt has made it.
_WRITE = 'printf %s "$1" 1<>"$2"'


@dataclass(frozen=True)
class User:
    """A user of the operating system, and his group, by their numbers."""

    uid: str
    gid: str


def new_mark() -> str:
    """Return a name that no other mark has; it tells when it was made."""
    return f"kvmops-check.{int(time.time())}.{secrets.token_hex(8)}"


def content_of(mark: str) -> str:
    """Return the content of the mark of that name."""
    return mark.ljust(_BYTES - 1, ".") + "\n"


def takes_marks(host: Hypervisor, pool: str) -> bool:
    """Return whether volumes are made in an active pool; a type that the collection does not know is left alone."""
    kind = type_of_pool(host, pool)
    return kind is not None and not kind.volumes_from


def write_mark(host: Hypervisor, pool: str, mark: str) -> None:
    """Make a mark in an active pool; KvmError, and nothing left of it, where that fails."""
    user = qemu_user(host) if _holds_files(host, pool) else None
    xml = _mark_xml(mark, nothing_yet(host, pool), user)
    with speaking_of("a volume cannot be made in it"):
        volume = host.require_active_pool(pool).createXML(xml, 0)
    try:
        with speaking_of("a volume of it cannot be written"):
            _write(host, volume, content_of(mark), user)
    except KvmError:
        delete_volume(host, pool, mark)
        raise


def _holds_files(host: Hypervisor, pool: str) -> bool:
    kind = type_of_pool(host, pool)
    return kind is not None and kind.directory


def _mark_xml(mark: str, allocation: int | None, user: User | None) -> str:
    tree = parse_xml(volume_xml(mark, _BYTES, "raw", allocation=allocation, mode=_READABLE))
    if user:
        permissions = tree.find("target/permissions")
        etree.SubElement(permissions, "owner").text = user.uid
        etree.SubElement(permissions, "group").text = user.gid
    return to_xml(tree)


def _write(host: Hypervisor, volume: Any, content: str, user: User | None) -> None:
    if user is None:
        upload_bytes(host, volume, content.encode())
        return
    identity = [f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups"]
    code, out, err = host.attempt(["setpriv", *identity, "sh", "-c", _WRITE, "sh", content, volume.path()])
    if code:
        words = " ".join((err or out).split())
        raise KvmError(f"QEMU, which runs as user {user.uid} and group {user.gid}, cannot write into it ({words}).")


def qemu_user(host: Hypervisor) -> User | None:
    """Return as whom this machine's libvirt runs QEMU; None where it does not tell, or this process may not be him.

    Source: https://libvirt.org/formatcaps.html, the base label of the security model "dac".
    """
    if os.geteuid() != 0 or not host.uri.startswith("qemu:///system"):
        return None
    root = parse_xml(host.connection.getCapabilities())
    labels = [
        label.text
        for model in root.iterfind("host/secmodel")
        if model.findtext("model") == "dac"
        for label in model.iterfind("baselabel")
    ]
    match = re.fullmatch(r"\+(\d+):\+(\d+)", labels[0] or "") if labels else None
    return User(*match.groups()) if match else None


def missing_marks(host: Hypervisor, pool: str, marks: Iterable[str], timeout: float) -> list[str]:
    """Return those marks that an active pool does not show whole within `timeout` seconds, in their order.

    Network file systems may show late what another host has written: NFS within a minute by its own defaults.
    """
    left = list(marks)

    def ask() -> bool:
        if not left:
            return True
        active = host.require_active_pool(pool)
        refresh(active)
        left[:] = [mark for mark in left if not _is_whole(host, active, mark)]
        return not left

    try:
        wait_for(ask, timeout, f"Pool '{pool}' did not show all marks", interval=1)
    except TimedOut:
        return left
    return []


def _is_whole(host: Hypervisor, pool: Any, mark: str) -> bool:
    volume = host.volume(pool, mark)
    if volume is None:
        return False
    try:
        return sha256_of_volume(host, volume, _BYTES) == hashlib.sha256(content_of(mark).encode()).hexdigest()
    except libvirt.libvirtError:
        # It is listed, and cannot be read (yet).
        return False


def remove_marks(host: Hypervisor, pool: str, marks: Sequence[str]) -> None:
    """Delete these marks from an active pool, and those that runs of long ago have left.

    Those of other hosts too, which libvirt here has come to know: else it would go on listing files that are gone.
    Deleting what is gone makes it forget (virStorageVolDelete).
    """
    for name in host.require_active_pool(pool).listVolumes():
        if name in marks or is_forgotten(name, time.time()):
            _remove_mark(host, pool, name)


def _remove_mark(host: Hypervisor, pool: str, name: str) -> None:
    """Delete a mark that other hosts delete at the same moment: network file systems answer that in many ways."""
    try:
        delete_volume(host, pool, name)
    except libvirt.libvirtError:
        active = host.require_active_pool(pool)
        refresh(active)
        if host.volume(active, name) is not None:
            raise


def is_forgotten(name: str, now: float) -> bool:
    """Return whether a volume of that name is a mark that an interrupted run has left; `now` in seconds since 1970."""
    match = _NAME.fullmatch(name)
    return match is not None and int(match["since"]) + _FORGOTTEN < now


def volumes_of(host: Hypervisor, pool: str) -> list[str]:
    """Return the names of all volumes of an active pool but marks, looked through anew, sorted."""
    active = host.require_active_pool(pool)
    refresh(active)
    return sorted(name for name in active.listVolumes() if not _NAME.fullmatch(name))
