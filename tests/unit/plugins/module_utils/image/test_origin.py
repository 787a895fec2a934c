# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an image comes from: its checksum, what is told of it, and who loads what for it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.kinds import image_format
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.origin import Checksum, Origin

SHA = "0123456789abcdef" * 4
DISK = bytes(510) + b"\x55\xaa"
MODULES = "ansible_collections.kvmops.datacenter.plugins.modules"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (f"sha256:{SHA.upper()}", f"sha256:{SHA}"),
        (f"SHA256:{SHA}", f"sha256:{SHA}"),
        (f" sha512:{SHA}{SHA} ", f"sha512:{SHA}{SHA}"),
    ],
)
def test_checksums(written: str, kept: str) -> None:
    assert str(Checksum.parse(written)) == kept


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "disk").write_bytes(DISK)
    return str(tmp_path / "disk")


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_an_image_is_seen_and_then_read(file: str, algorithm: str) -> None:
    checksum = Checksum(algorithm, hashlib.new(algorithm, DISK).hexdigest())
    seen = Origin("src", "disk", checksum).seen(file, image_format)
    assert (seen.file, seen.size, seen.capacity, seen.format, seen.sha256) == (file, 512, 512, "raw", None)
    assert seen.read().sha256 == hashlib.sha256(DISK).hexdigest()
    with pytest.raises(Refused, match=f"The image disk has the checksum {checksum}, not {algorithm}:0;"):
        Origin("src", "disk", Checksum(algorithm, "0"), file).read()


@pytest.mark.parametrize("path", [None, "/there"])
def test_what_is_told_is_understood(file: str, path: str | None) -> None:
    image = Origin("src", "disk").seen(file, image_format).read()
    understood = Origin.of_told("disk", None, image.told(path))
    assert understood == Origin("src", "disk", None, path, 512, "raw", hashlib.sha256(DISK).hexdigest(), 512)
    assert understood.elsewhere == (path is None)


@pytest.mark.parametrize(
    ("module", "loads"), [("kvm_vm", False), ("kvm_fleet", False), ("kvm_volume", False), ("kvm_template", True)]
)
def test_only_templates_load_what_fetches_from_a_url(module: str, loads: bool) -> None:
    """Each call of a module compiles all that it imports, and this is much: a new interpreter shows what it loads."""
    program = f"import sys, {MODULES}.{module}; print('ansible.module_utils.urls' in sys.modules)"
    path = {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]}
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, **path}, capture_output=True, check=True)
    assert done.stdout.split() == [str(loads).encode()]
