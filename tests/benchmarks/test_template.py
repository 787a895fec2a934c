# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a template of two GiB takes to come to three hosts, and its clones to be made, beside qemu-img alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.benchmarks.support import Table, ad_hoc, median_of, seconds_of
from tests.integration.support.lab import HOSTS, Lab

POOL, PATH = "bench-image", "/var/lib/libvirt/bench-image"
TEMPLATE, VM = "bench-image", "bench-clone"
SERVER, PORT, FOLDER = "h1", 8098, "/var/tmp/bench-web"
UNIT = "bench-web"
COPY = "/var/lib/libvirt/bench-copy.qcow2"
SIZE = 2 * 2**30
RUNS = 5

# All of it is data that nothing can compress, behind a boot sector.
MAKE = f"""
mkdir -p {FOLDER} && cd {FOLDER}
head -c {SIZE} /dev/urandom > disk.raw
printf '\\125\\252' | dd of=disk.raw bs=1 seek=510 conv=notrunc status=none
qemu-img convert -f raw -O qcow2 disk.raw disk.qcow2 && rm disk.raw
"""
LISTENING = f"until (</dev/tcp/{SERVER}/{PORT}) 2>/dev/null; do sleep 0.1; done"


def template(host: str, **options: Any) -> None:
    ad_hoc(host, "kvmops.datacenter.kvm_template", name=TEMPLATE, pool=POOL, **options)


def vms(*names: str, **options: Any) -> None:
    """Have these VMs, one after the other: their disks, and nothing started."""
    defaults = {"template": TEMPLATE, "pool": POOL, "memory": "32MiB", "cloud_init": {"enabled": False}, **options}
    ad_hoc(SERVER, "kvmops.datacenter.kvm_fleet", defaults=defaults, vms=[{"name": name} for name in names])


def copied(lab: Lab) -> float:
    """Return how long qemu-img alone takes to copy the template's image, in the file system that its pool is in."""
    image = lab.libvirt(SERVER).storagePoolLookupByName(POOL).storageVolLookupByName(f"{TEMPLATE}+1.template.qcow2")
    convert = ["qemu-img", "convert", "-f", "qcow2", "-O", "qcow2", image.path(), COPY]
    lab.exec(SERVER, "sync")
    taken = seconds_of(lambda: lab.exec(SERVER, *convert))
    lab.exec(SERVER, "rm", COPY)
    return taken


def cloned(lab: Lab) -> float:
    """Return how long a VM with a full clone takes."""
    lab.exec(SERVER, "sync")
    taken = seconds_of(lambda: vms(f"{VM}-full", clone="full"))
    vms(f"{VM}-full", state="absent", remove_disks=True)
    return taken


@pytest.fixture
def web(lab: Lab) -> Iterator[str]:
    """The URL of the image, on one of the hosts."""
    lab.exec(SERVER, "bash", "-ec", MAKE)
    serve = ["python3", "-m", "http.server", "-d", FOLDER, "-b", SERVER, str(PORT)]
    lab.exec(SERVER, "systemd-run", "-q", "--unit", UNIT, "--collect", *serve)
    lab.exec(SERVER, "timeout", "10", "bash", "-c", LISTENING)
    yield f"http://{SERVER}:{PORT}/disk.qcow2"
    lab.exec(SERVER, "systemctl", "stop", UNIT)
    lab.exec(SERVER, "rm", "-r", FOLDER)


@pytest.fixture
def pools(lab: Lab) -> Iterator[str]:
    """A pool of its own on each of the hosts."""
    hosts = ",".join(HOSTS)
    ad_hoc(hosts, "kvmops.datacenter.kvm_pool", name=POOL, target=PATH)
    yield hosts
    ad_hoc(hosts, "kvmops.datacenter.kvm_pool", name=POOL, state="absent")
    for host in HOSTS:
        lab.exec(host, "rm", "-rf", PATH)


def test_an_image_comes_to_three_hosts_and_is_cloned(lab: Lab, web: str, pools: str, table: Table) -> None:
    """A linked clone takes less than 0.2 s of the host, a full one is 0.9 times as fast as qemu-img, or faster."""
    checksum = f"sha256:{lab.exec(SERVER, 'sha256sum', f'{FOLDER}/disk.qcow2').split()[0]}"
    came = seconds_of(lambda: template(pools, url=web, checksum=checksum))
    table.add(f"kvm_template: {SIZE // 2**30} GiB from a URL on {len(HOSTS)} hosts, each into its own pool", came)

    nothing = median_of(RUNS, vms)
    names = iter(f"{VM}-{number}" for number in range(RUNS))
    linked = median_of(RUNS, lambda: vms(next(names)))
    table.add("kvm_fleet: one linked clone", linked, f"no VM + {linked - nothing:.2f} s (target 0.2)")

    alone, ours = (min(times) for times in zip(*((copied(lab), cloned(lab) - nothing) for _run in range(RUNS))))
    table.add("qemu-img convert: the same image", alone)
    table.add("kvm_fleet: one full clone, less what no VM takes", ours, f"{alone / ours:.2f} x its speed (target 0.9)")

    vms(*(f"{VM}-{number}" for number in range(RUNS)), state="absent", remove_disks=True)
    template(pools, state="absent")
