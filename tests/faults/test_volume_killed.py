# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_volume killed at random moments: the next run ends with the volume that was wanted, and nothing beside it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.lab import SSH, Lab

HOST = "h1"
POOL = "t-killed"
FOLDER = f"/var/lib/libvirt/{POOL}"
MODULE = "ansible_collections.kvmops.datacenter.plugins.modules.kvm_volume"
COLLECTIONS = Path(__file__).parents[2] / ".cache/collections"
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


def start(tmp_path: Path, **options: Any) -> subprocess.Popen[str]:
    """Start the module here, for the host's libvirt, so that it can be killed at once and for sure."""
    arguments = {"uri": f"qemu+ssh://root@{HOST}/system?command={SSH}", "pool": POOL, **options}
    file = tmp_path / "arguments.json"
    file.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
    command = [sys.executable, "-m", MODULE, str(file)]
    environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    null, pipe = subprocess.DEVNULL, subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=null, stdout=pipe, stderr=pipe, text=True)


def finish(tmp_path: Path, **options: Any) -> dict[str, Any]:
    """Run the module to its end and return its result."""
    process = start(tmp_path, **options)
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, output + errors
    return dict(json.loads(output))


def kill_at_random(tmp_path: Path, longest: float, **options: Any) -> float:
    """Start the module, kill it after at most `longest` seconds, and return after how many."""
    process = start(tmp_path, **options)
    moment = random.uniform(0.2, longest)
    time.sleep(moment)
    process.kill()
    process.communicate()
    return moment


def content(lab: Lab, name: str) -> str:
    return lab.exec(HOST, "sha256sum", f"{FOLDER}/{name}").split()[0]


def check_recovery(lab: Lab, tmp_path: Path, digest: str, name: str, others: list[str], **options: Any) -> None:
    """Kill the making of a volume at random moments, and check after each that the next run makes it whole."""
    started = time.monotonic()
    finish(tmp_path, name=name, **options)
    longest = 1.1 * (time.monotonic() - started)
    moments = []
    for _attempt in range(MOMENTS):
        finish(tmp_path, name=name, state="absent")
        moments.append(kill_at_random(tmp_path, longest, name=name, **options))
        finish(tmp_path, name=name, **options)
        assert content(lab, name) == digest, f"killed after {moments}"
        assert not finish(tmp_path, name=name, **options)["changed"], f"killed after {moments}"
        assert sorted(lab.libvirt(HOST).storagePoolLookupByName(POOL).listVolumes()) == sorted([*others, name])


def test_an_upload(lab: Lab, pool: str, image: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(image.read_bytes()).hexdigest()
    check_recovery(lab, tmp_path, digest, "uploaded", [], src=str(image), remote_src=True)
    finish(tmp_path, name="uploaded", state="absent")


def test_a_copy(lab: Lab, pool: str, image: Path, tmp_path: Path) -> None:
    finish(tmp_path, name="source", src=str(image), remote_src=True)
    options = {"source": {"name": "source"}, "format": "raw"}
    check_recovery(lab, tmp_path, content(lab, "source"), "copied", ["source"], **options)
