# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that are made to harm, or have come to harm: refused in a sentence by kvm_template, and nothing is left.

The tables of all of them are in tests/unit/plugins/module_utils/image; here are the real programs.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.support.lab import Lab
from tests.integration.support.templates import IMAGES, PATH, POOL, Run, files, images, template

__all__ = ["images", "template"]

CACHE = f"{IMAGES}/cache"

# Made on the host. The bomb is a boot sector, and then what is written, because it is not zero.
MAKE_ATTACKS = f"""
set -e
mkdir -p {IMAGES}/bad && cd {IMAGES}/bad
qemu-img create -q -f qcow2 -u -b /etc/shadow -F raw host.qcow2 1M
qemu-img create -q -f qcow2 -u -b 'json:{{"driver":"raw","file.filename":"/etc/shadow"}}' -F raw json.qcow2 1M
qemu-img convert -O qcow2 -o data_file=data,data_file_raw=on ../disk.raw data.qcow2
python3 - <<'PYTHON'
import re
content = open("data.qcow2", "rb").read()
open("data.qcow2", "wb").write(content.replace(b"data\\0", b"/etc\\0", 1))
open("shadow.vmdk", "w").write('''# Disk DescriptorFile
version=1
createType="monolithicFlat"
RW 8 FLAT "/etc/shadow" 0
''')
import gzip, io, tarfile
with gzip.open("bomb.raw.gz", "wb", 1) as packed:
    packed.write(bytes(510) + b"\\x55\\xaa")
    for _ in range(64):
        packed.write(b"boom" * 2**18)
with tarfile.open("slip.ova", "w") as slip:
    member = tarfile.TarInfo("../../../../../../../..{IMAGES}/slipped")
    member.size = 4
    slip.addfile(member, io.BytesIO(b"slip"))
PYTHON
head -c 2000000 ../disk.raw.gz > cut.raw.gz
qemu-img convert -O vmdk -o subformat=streamOptimized ../disk.raw whole.vmdk
size=$(stat -c %s whole.vmdk)
head -c $((size - 65536)) whole.vmdk > end.vmdk
head -c 3000320 ../disk.qcow2 > cut.qcow2
"""

ATTACKS: list[tuple[str, str]] = [
    ("host.qcow2", "has a backing file"),
    ("json.qcow2", "has a backing file"),
    ("data.qcow2", "data in another file"),
    ("shadow.vmdk", "of format VMDK"),
    ("slip.ova", "another directory"),
    ("cut.raw.gz", "cut off"),
    ("end.vmdk", "could not be converted"),
    ("cut.qcow2", "cut off"),
]


def refusal(lab: Lab, template: Run, **options: Any) -> str:
    """Return why an image is refused, having seen that nothing of it is anywhere."""
    refused = template(cache=CACHE, **options)
    assert refused["failed"], options
    assert "\n" not in refused["msg"]
    assert "exception" not in refused
    assert files(lab) == [], options
    found = lab.exec("h1", "find", "/root/.ansible/tmp", "-name", "image-*", "-o", "-name", "checksums-*")
    assert found == "", options
    assert lab.exec("h1", "sh", "-c", f"test ! -e {CACHE} || ls {CACHE}") == "", options
    return str(refused["msg"])


@pytest.fixture(scope="module")
def attacks(lab: Lab, images: None) -> None:
    lab.exec("h1", "sh", "-c", MAKE_ATTACKS)


def test_an_attack_or_an_accident_leaves_nothing(lab: Lab, attacks: None, template: Run) -> None:
    for name, word in ATTACKS:
        said = refusal(lab, template, path=f"{IMAGES}/bad/{name}")
        assert word in said, (name, said)
    said = refusal(lab, template, url=f"file://{IMAGES}/disk.raw.gz", checksum=f"sha256:{'0' * 64}")
    assert f"not sha256:{'0' * 64}" in said
    assert lab.exec("h1", "ls", "-d", f"{IMAGES}/slipped", check=False) == ""


def test_a_pool_that_takes_no_more_is_left_as_it_was(lab: Lab, attacks: None, template: Run) -> None:
    lab.exec("h1", "mount", "-t", "tmpfs", "-o", "size=10m", "none", PATH)
    try:
        said = refusal(lab, template, url=f"file://{IMAGES}/bad/bomb.raw.gz")
        assert "takes more than the 10 MiB that are left for it" in said
        lab.exec("h1", "mount", "-o", "remount,ro", PATH)
        assert f"Pool '{POOL}' is on a read-only file system" in refusal(
            lab, template, url=f"file://{IMAGES}/disk.raw.gz"
        )
    finally:
        lab.exec("h1", "umount", PATH)
