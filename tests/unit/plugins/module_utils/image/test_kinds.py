# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files judged by their first bytes: the kinds that an image comes as, and what is refused by one sentence."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.kinds import (
    check_end,
    disk_format,
    image_format,
)

from tests.unit.plugins.module_utils.image.images import DESCRIPTION, GIB, WHAT, qcow2, raw, vdi, vhd, vmdk

WHOLE = [
    (qcow2(), 1024, "qcow2"),
    (qcow2(version=2), 1024, "qcow2"),
    (qcow2(features=1), 1024, "qcow2"),
    (raw(510, b"\x55\xaa", 512), 512, "raw"),
    (raw(1080, b"\x53\xef"), GIB, "raw"),
    (raw(0, b"XFSB"), GIB, "raw"),
    (raw(0x10040, b"_BHRfS_M"), GIB, "raw"),
    (raw(512, b"LABELONE"), GIB, "raw"),
    (vmdk(), 1024, "vmdk"),
    (vmdk(DESCRIPTION.replace("monolithicSparse", "streamOptimized")), 1024, "vmdk"),
    (vhd(), 2048, "vpc"),
    (b"vhdxfile" + bytes(504), 512, "vhdx"),
    (vdi(), 1024, "vdi"),
    (vdi(kind=2), 1024, "vdi"),
]

HOLDING = [
    (b"\x1f\x8b\x08" + bytes(600), 603, "gzip"),
    (b"\xfd7zXZ\x00" + bytes(600), 606, "xz"),
    (b"BZh91AY" + bytes(600), 607, "bzip2"),
    (b"(\xb5/\xfd" + bytes(600), 604, "zstd"),
    (raw(257, b"ustar", 1024), 1024, "ova"),
]

# A description may name any file of the host, and be anywhere in the file.
NAMING = DESCRIPTION.replace("monolithicSparse", "monolithicFlat").replace("disk.vmdk", "/etc/shadow")

REFUSED = [
    (b"", 0, "empty"),
    (b"\x04\x22M\x18" + bytes(600), 604, "lz4"),
    (b"PK\x03\x04" + bytes(600), 604, "zip"),
    (b"7z\xbc\xaf\x27\x1c" + bytes(600), 606, "7z"),
    (b"KDMV" + bytes(508), 512, "VMDK"),
    (b"# Disk DescriptorFile\n" + bytes(490), 512, "VMDK"),
    (b"LUKS\xba\xbe" + bytes(506), 512, "LUKS"),
    (raw(510, b"\x55\xaa")[:0x8001] + b"CD001" + bytes(100), GIB, "ISO 9660"),
    (qcow2(version=1), 1000, "qcow version 1"),
    (qcow2(backing=104), 1000, "backing file"),
    (qcow2(features=4), 1000, "another file"),
    (qcow2(features=2), 1000, "corrupt"),
    (qcow2(encryption=2), 1000, "encrypted"),
    (qcow2()[:60], 60, "cut off"),
    (b"root:x:0:0:root:/root:/bin/bash\n" * 100, 3200, "no disk image"),
    (bytes(1024), 1024, "no disk image"),
    (raw(510, b"\x55\xaa", 512) + b"\0", 513, "no disk image"),
    (NAMING.encode(), 1024, "VMDK"),
    (vmdk(NAMING), 1024, "monolithicFlat, which has other files"),
    (vmdk(NAMING, capacity=0), 1024, "without its own description"),
    (vmdk(start=0), 1024, "without its own description"),
    (vmdk(start=9), 1024, "without its own description"),
    (vmdk(DESCRIPTION.replace("createType", "type")), 1024, "unknown"),
    (vmdk(DESCRIPTION + 'RW 1 FLAT "/etc/shadow" 0\n'), 1024, "other files"),
    (vmdk(DESCRIPTION + 'parentFileNameHint="/etc/shadow"\n'), 1024, "has a parent"),
    # QEMU looks behind the length that the header tells, too.
    (vmdk(DESCRIPTION + "\0" * 5000 + 'parentFileNameHint="/etc/shadow"\n'), 1024, "has a parent"),
    (vmdk(), 1025, "cut off"),
    (vhd(kind=4), 2048, "VHD that stands on another file"),
    (vhd(), 2047, "cut off"),
    (vhd()[:100], 100, "cut off"),
    (vdi(kind=4), 1024, "VDI that stands on another file"),
    (b"vhdxfile" + bytes(505), 513, "cut off"),
    (qcow2(), 1000, "cut off"),
    (b"COWD" + bytes(508), 512, "VMDK"),
    (b"QED\x00" + bytes(508), 512, "QED"),
]


@pytest.mark.parametrize(("first", "size", "kind"), [*WHOLE, *HOLDING])
def test_kinds_of_files(first: bytes, size: int, kind: str) -> None:
    assert image_format(WHAT, first, size) == kind


@pytest.mark.parametrize(("first", "size", "kind"), WHOLE)
def test_formats_of_disks(first: bytes, size: int, kind: str) -> None:
    assert disk_format(WHAT, first, size) == kind


@pytest.mark.parametrize(("first", "size", "kind"), HOLDING)
def test_what_holds_a_disk_is_none(first: bytes, size: int, kind: str) -> None:
    with pytest.raises(Refused, match=rf"holds one \({kind}\) once more"):
        disk_format(WHAT, first, size)


@pytest.mark.parametrize(("first", "size", "word"), REFUSED)
def test_every_other_file_is_refused_in_one_sentence(first: bytes, size: int, word: str) -> None:
    with pytest.raises(Refused) as caught:
        image_format(WHAT, first, size)
    sentence = str(caught.value)
    assert sentence.startswith(WHAT)
    assert word in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(("kind", "content"), [("vpc", vhd()), ("vdi", vdi(blocks=3))])
def test_what_is_cut_off_at_its_end_is_refused(kind: str, content: bytes) -> None:
    check_end(WHAT, kind, content, content[-512:], len(content))
    for size in range(512, len(content), 512):
        with pytest.raises(Refused, match="cut off"):
            check_end(WHAT, kind, content[:512], bytes(512), size)
