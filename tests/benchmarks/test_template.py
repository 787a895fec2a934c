# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a template of two GiB takes to come to three hosts, and its clones to be made, beside qemu-img alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.benchmarks.support import Table, ad_hoc, seconds_of
from tests.benchmarks.test_compare import PLACE, packed, run
from tests.benchmarks.test_fleet import HERE
from tests.integration.support.lab import HOSTS, Lab

POOL, PATH = "bench-image", "/var/lib/libvirt/bench-image"
TEMPLATE = "bench-image"
SERVER, PORT, FOLDER = "h1", 8098, "/var/tmp/bench-web"
UNIT = "bench-web"
COPY = "/var/lib/libvirt/bench-copy.qcow2"
SIZE = 2 * 2**30
RUNS = 8

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

    told = cloned(lab)
    # The best of each: what the disk does besides is no matter of who writes.
    alone, full, linked = (min(told[what]) for what in ("alone", "full", "linked"))
    table.add("a VM with a linked clone of it, on its host", linked, f"{linked:.3f} s (target 0.2)")
    table.add("qemu-img convert: the same image", alone)
    table.add("a VM with a full clone of it, on its host", full, f"{alone / full:.2f} x the speed (target 0.9)")
    template(pools, state="absent")


def cloned(lab: Lab) -> dict[str, list[float]]:
    """Return how long clones and copies take on the host, in seconds; they take turns."""
    image = lab.libvirt(SERVER).storagePoolLookupByName(POOL).storageVolLookupByName(f"{TEMPLATE}+1.template.qcow2")
    defaults = {"template": TEMPLATE, "pool": POOL, "memory": "32MiB", "cloud_init": {"enabled": False}}
    said = {"defaults": defaults, "image": image.path(), "target": COPY, "turns": RUNS}
    run(lab, SERVER, "mkdir", "-p", PLACE)
    run(lab, SERVER, "tar", "-xzf", "-", "-C", PLACE, stdin=packed())
    # Ansible asks where it lies itself.
    run(lab, SERVER, "touch", f"{PLACE}/ansible/__init__.py")
    script = (HERE / "clone_work.py").read_text(encoding="utf-8")
    command = ("env", f"PYTHONPATH={PLACE}", "/usr/bin/python3", "-c", script)
    told: dict[str, list[float]] = json.loads(run(lab, SERVER, *command, stdin=json.dumps(said).encode()))
    run(lab, SERVER, "rm", "-rf", PLACE)
    return told
