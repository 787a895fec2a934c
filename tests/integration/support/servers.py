# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers of storage that are programs, on a host of the lab: an iSCSI target, an NFS export; and who may use them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.integration.support.lab import Lab

_FOLDER = "/var/tmp/it-servers"
_LUN, _EXPORT = f"{_FOLDER}/lun", f"{_FOLDER}/export"
_TARGET = "77"
USER, PASSWORD = "kvm", "it-servers-word"


@contextmanager
def iscsi_target(lab: Lab, host: str, iqn: str, size: int) -> Iterator[str]:
    """Serve LUN 1 of so many bytes to who knows USER and PASSWORD; return the path of what is in it on the host."""
    _no_target(lab, host)
    lab.exec(host, "sh", "-ec", f"mkdir -p {_FOLDER}; truncate -s {size} {_LUN}; systemctl start tgt")
    try:
        for step in (
            f"new --mode target --tid {_TARGET} -T {iqn}",
            f"new --mode logicalunit --tid {_TARGET} --lun 1 -b {_LUN}",
            f"bind --mode target --tid {_TARGET} -I ALL",
            f"new --mode account --user {USER} --password {PASSWORD}",
            f"bind --mode account --tid {_TARGET} --user {USER}",
        ):
            lab.exec(host, "tgtadm", "--lld", "iscsi", "--op", *step.split())
        yield _LUN
    finally:
        _no_target(lab, host)


def _no_target(lab: Lab, host: str) -> None:
    gone = f"tgtadm --lld iscsi --op delete --force --mode target --tid {_TARGET} 2>&-"
    lab.exec(host, "sh", "-c", f"systemctl -q is-active tgt && {gone}; systemctl stop tgt; rm -f {_LUN}")


@contextmanager
def chap_secret(lab: Lab, host: str, usage: str) -> Iterator[str]:
    """Give a host's libvirt the secret that iscsi_target asks for, until the test is over; return its usage."""
    with secret(lab, host, f"<usage type='iscsi'><target>{usage}</target></usage>", PASSWORD.encode()):
        yield usage


@contextmanager
def secret(lab: Lab, host: str, usage: str, value: bytes) -> Iterator[Any]:
    """Give a host's libvirt a secret of some usage."""
    defined = lab.libvirt(host).secretDefineXML(f"<secret ephemeral='yes' private='yes'>{usage}</secret>")
    try:
        defined.setValue(value)
        yield defined
    finally:
        defined.undefine()


# NFS of version 3 needs rpcbind. A new server would wait for clients of an earlier one.
_GANESHA = f"""
NFS_CORE_PARAM {{ Protocols = 3, 4; mount_path_pseudo = true; Enable_NLM = false; Enable_RQUOTA = false; }}
NFSV4 {{ Graceless = true; }}
EXPORT {{
    Export_Id = 1; Path = {_EXPORT}; Pseudo = /export;
    Access_Type = RW; Squash = No_Root_Squash; SecType = sys; FSAL {{ Name = VFS; }}
}}
"""
# What it serves must have handles for files, which the hosts' own file systems do not have.
_SERVE_NFS = f"""
mkdir -p {_EXPORT}
truncate -s 512M {_FOLDER}/disk
mkfs.ext4 -q {_FOLDER}/disk
mount -o loop {_FOLDER}/disk {_EXPORT}
chmod 777 {_EXPORT}
systemctl start rpcbind
cat > {_FOLDER}/ganesha.conf
ganesha.nfsd -f {_FOLDER}/ganesha.conf -L {_FOLDER}/ganesha.log -p {_FOLDER}/ganesha.pid
until showmount -e localhost 2>&- | grep -q export; do sleep 0.1; done
"""
_NO_NFS = f"""
if pid=$(cat {_FOLDER}/ganesha.pid 2>&-); then kill $pid && while kill -0 $pid; do sleep 0.1; done; fi 2>&-
! mountpoint -q {_EXPORT} || umount {_EXPORT}
systemctl -q stop rpcbind.socket rpcbind
rm -f {_FOLDER}/disk {_FOLDER}/ganesha.*
"""


@contextmanager
def nfs_export(lab: Lab, host: str) -> Iterator[str]:
    """Serve what everybody may write to as /export; return the path of it on the host."""
    lab.exec(host, "sh", "-c", _NO_NFS)
    try:
        lab.exec(host, "timeout", "30", "sh", "-ec", _SERVE_NFS, feed=_GANESHA)
        yield _EXPORT
    finally:
        lab.exec(host, "sh", "-c", _NO_NFS)
