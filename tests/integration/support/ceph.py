# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The smallest Ceph cluster, on a host of the lab: a monitor, and an OSD that keeps everything in a file."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.integration.support.lab import Lab

USER = "libvirt"
_FOLDER = "/var/tmp/it-ceph"
_CONFIG = f"{_FOLDER}/ceph.conf"

# One copy of everything suffices. Who asks has to show a key.
_SETTINGS = f"""
[global]
fsid = 6b1f0c52-2f4e-4c55-9d0a-3a8a3c1f7f11
mon_host = {{address}}:6789
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
keyring = {_FOLDER}/keyring
admin_socket =
log_file = /dev/null
mon_cluster_log_file = /dev/null
pid_file = {_FOLDER}/$name.pid
osd_pool_default_size = 1
osd_pool_default_min_size = 1
mon_allow_pool_size_one = true
osd_crush_chooseleaf_type = 0
[mon.a]
mon_data = {_FOLDER}/mon
[osd.0]
osd_data = {_FOLDER}/osd
keyring = {_FOLDER}/osd/keyring
bluestore_block_size = {2**30}
bluestore_cache_autotune = false
bluestore_cache_size = {2**26}
"""

# No manager: it would only count what is there, and takes 300 MiB.
_START = f"""
export CEPH_CONF={_CONFIG}
mkdir -p {_FOLDER}/mon {_FOLDER}/osd
cat > {_CONFIG}
ring={_FOLDER}/keyring
ceph-authtool -C $ring -n mon. --gen-key --cap mon 'allow *'
ceph-authtool $ring -n client.admin --gen-key --cap mon 'allow *' --cap osd 'allow *'
ceph-authtool $ring -n client.{USER} --gen-key --cap mon 'profile rbd' --cap osd 'profile rbd'
ceph-authtool -C {_FOLDER}/osd/keyring -n osd.0 --gen-key

monmaptool --create --add a $(sed -n 's/^mon_host = //p' {_CONFIG}) {_FOLDER}/monmap
ceph-mon --mkfs -i a --monmap {_FOLDER}/monmap --keyring $ring
ceph-mon -i a
ceph auth import -i $ring

uuid=$(cat /proc/sys/kernel/random/uuid)
key=$(ceph-authtool -p -n osd.0 {_FOLDER}/osd/keyring)
echo '{{"cephx_secret": "'$key'"}}' | ceph osd new $uuid -i -
ceph-osd -i 0 --mkfs --osd-uuid $uuid
ceph-osd -i 0
until ceph osd stat | grep -q '1 up'; do sleep 0.1; done
"""
_STOP = f"""
for name in osd.0 mon.a; do
    if pid=$(cat {_FOLDER}/$name.pid); then kill $pid && while kill -0 $pid; do sleep 0.1; done; fi
done 2>&-
rm -rf {_FOLDER}
"""


@dataclass(frozen=True)
class Ceph:
    """A cluster that runs: where its monitor is, its pool, and the key of USER."""

    host: str
    pool: str
    key: str

    @property
    def secret(self) -> bytes:
        """The value of the secret of libvirt by which USER is let in."""
        return base64.b64decode(self.key)

    def url(self, image: str) -> str:
        """Return what qemu-img calls an image of the pool."""
        return f"rbd:{self.pool}/{image}:id={USER}:key={self.key}:mon_host={self.host}\\:6789"


@contextmanager
def ceph_cluster(lab: Lab, host: str, pool: str) -> Iterator[Ceph]:
    """Run a cluster with an empty pool for images."""
    lab.exec(host, "sh", "-c", _STOP)
    try:
        address = lab.exec(host, "getent", "ahostsv4", host).split()[0]
        lab.exec(host, "timeout", "60", "sh", "-ec", _START, feed=_SETTINGS.format(address=address))
        ceph = ("env", f"CEPH_CONF={_CONFIG}", "timeout", "30", "ceph")
        lab.exec(host, *ceph, "osd", "pool", "create", pool, "8")
        lab.exec(host, *ceph, "osd", "pool", "application", "enable", pool, "rbd")
        key = lab.exec(host, "ceph-authtool", "-p", "-n", f"client.{USER}", f"{_FOLDER}/keyring").strip()
        yield Ceph(host, pool, key)
    finally:
        lab.exec(host, "sh", "-c", _STOP)
