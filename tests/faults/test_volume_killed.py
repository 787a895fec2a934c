# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_volume killed at random moments: the next run ends with the volume that was wanted, and nothing beside it."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.support.direct import Direct
from tests.integration.support.lab import Lab

HOST = "h1"
POOL = "t-killed"
FOLDER = f"/var/lib/libvirt/{POOL}"
SIZE = 32 * 1024 * 1024
MOMENTS = 5

POOL_XML = f"<pool type='dir'><name>{POOL}</name><target><path>{FOLDER}</path></target></pool>"


@pytest.fixture(scope="module")
def pool(lab: Lab) -> Iterator[str]:
    """A pool of its own on a host."""
    made = lab.libvirt(HOST).storagePoolDefineXML(POOL_XML)
    made.build()
    made.create()
    yield POOL
    made.destroy()
    made.undefine()
    lab.exec(HOST, "rm", "-rf", FOLDER)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes a while to send."""
    file = tmp_path_factory.mktemp("killed") / "image"
    file.write_bytes(random.randbytes(SIZE))
    return file


def content(lab: Lab, name: str) -> str:
    return lab.exec(HOST, "sha256sum", f"{FOLDER}/{name}").split()[0]


def module(tmp_path: Path) -> Direct:
    return Direct(tmp_path, HOST, "kvm_volume")


def check_recovery(lab: Lab, tmp_path: Path, digest: str, name: str, others: list[str], **options: Any) -> None:
    """Kill the making of a volume at random moments, and check after each that the next run makes it whole."""
    volume, options = module(tmp_path), {"pool": POOL, **options}
    started = time.monotonic()
    volume.finish(name=name, **options)
    longest = 1.1 * (time.monotonic() - started)
    moments = []
    for _attempt in range(MOMENTS):
        volume.finish(name=name, pool=POOL, state="absent")
        moments.append(volume.kill_at_random(longest, name=name, **options))
        volume.finish(name=name, **options)
        assert content(lab, name) == digest, f"killed after {moments}"
        assert not volume.finish(name=name, **options)["changed"], f"killed after {moments}"
        assert sorted(lab.libvirt(HOST).storagePoolLookupByName(POOL).listVolumes()) == sorted([*others, name])


def test_an_upload(lab: Lab, pool: str, image: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(image.read_bytes()).hexdigest()
    check_recovery(lab, tmp_path, digest, "uploaded", [], src=str(image), remote_src=True)
    module(tmp_path).finish(name="uploaded", pool=POOL, state="absent")


def test_a_copy(lab: Lab, pool: str, image: Path, tmp_path: Path) -> None:
    module(tmp_path).finish(name="source", pool=POOL, src=str(image), remote_src=True)
    options = {"source": {"name": "source"}, "format": "raw"}
    check_recovery(lab, tmp_path, content(lab, "source"), "copied", ["source"], **options)
