# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of templates share: images on the host, a pool of one host, a pool of two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.support.lab import Lab

Run = Callable[..., dict[str, Any]]
POOL, PATH = "it-templates", "/var/lib/libvirt/it-templates"
SHARED, SHARED_PATH = "it-templates-shared", "/srv/shared/it-templates"
IMAGES = "/var/lib/libvirt/it-images"
MIB = 1024**2

# Made on the host: a raw disk with a boot sector, a qcow2 of it, and images that no template can be made of.
MAKE_IMAGES = f"""
set -e
mkdir -p {IMAGES} && cd {IMAGES}
head -c 3M /dev/urandom > disk.raw && truncate -s 8M disk.raw
printf '\\125\\252' | dd of=disk.raw bs=1 seek=510 conv=notrunc status=none
qemu-img convert -q -O qcow2 disk.raw disk.qcow2
cp disk.raw other.raw && printf x | dd of=other.raw bs=1 seek=5000000 conv=notrunc status=none
qemu-img create -q -f qcow2 -b disk.qcow2 -F qcow2 overlay.qcow2
qemu-img create -q -f qcow2 -o data_file=data.raw external.qcow2 1M
head -c 1000000 disk.qcow2 > cut.qcow2
gzip -k disk.raw
"""

# The same disk in every other form that it may come in.
MAKE_FORMS = f"""
set -e
cd {IMAGES}
zstd -q disk.raw
qemu-img convert -O vmdk disk.raw disk.vmdk
qemu-img convert -O vhdx disk.raw disk.vhdx
qemu-img convert -O vdi disk.raw disk.vdi
qemu-img convert -O vpc -o force_size=on disk.raw disk.vhd
qemu-img convert -O vmdk -o subformat=streamOptimized disk.raw stream.vmdk
echo '<Envelope><References><File id="f" href="stream.vmdk"/></References><Disk fileRef="f"/></Envelope>' > vm.ovf
sha256sum --tag vm.ovf stream.vmdk | sed 's/ (/(/; s/ = /= /' > vm.mf
tar -cf disk.ova vm.ovf vm.mf stream.vmdk
"""
FORMS = ("raw.gz", "raw.zst", "vmdk", "vhdx", "vdi", "vhd", "ova")


def plan(result: dict[str, Any]) -> list[str]:
    assert not result["failed"], result
    return [line["summary"] for line in result["plan"]]


def sha256(lab: Lab, path: str, host: str = "h1") -> str:
    return lab.exec(host, "sha256sum", path).split()[0]


def files(lab: Lab, host: str = "h1", pool: str = PATH) -> list[str]:
    return sorted(lab.exec(host, "ls", pool).split())


@pytest.fixture(scope="module")
def images(lab: Lab) -> Iterator[None]:
    lab.exec("h1", "sh", "-c", MAKE_IMAGES)
    yield
    lab.exec("h1", "rm", "-rf", IMAGES)


def forget(lab: Lab, host: str, pool: str) -> None:
    lab.exec(host, "virsh", "pool-destroy", pool, check=False)
    lab.exec(host, "virsh", "pool-undefine", pool, check=False)


@pytest.fixture
def template(lab: Lab, lab_module: Run, images: None) -> Iterator[Run]:
    """Return a function that calls kvm_template on h1 for the template `web`, in a new pool of its own."""
    forget(lab, "h1", POOL)
    lab.exec("h1", "rm", "-rf", PATH)
    assert lab_module("h1", "kvm_pool", name=POOL, target=PATH)["pool"]["state"] == "active"
    yield lambda **options: lab_module("h1", "kvm_template", **{"name": "web", "pool": POOL, **options})
    forget(lab, "h1", POOL)
    lab.exec("h1", "rm", "-rf", PATH)


@pytest.fixture
def shared(lab: Lab, lab_module: Run, images: None) -> Iterator[Run]:
    """Return a function that calls kvm_template on a host for the template `web`, in a pool that h1 and h2 share."""
    hosts = ("h1", "h2")
    for host in hosts:
        forget(lab, host, SHARED)
    lab.exec("h1", "rm", "-rf", SHARED_PATH)
    for host in hosts:
        assert lab_module(host, "kvm_pool", name=SHARED, target=SHARED_PATH)["pool"]["state"] == "active"
    lab.exec("h1", "cp", f"{IMAGES}/disk.raw", f"{IMAGES}/disk.qcow2", SHARED_PATH)
    yield lambda host, **options: lab_module(host, "kvm_template", **{"name": "web", "pool": SHARED, **options})
    for host in hosts:
        forget(lab, host, SHARED)
    lab.exec("h1", "rm", "-rf", SHARED_PATH)
