# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of volumes: what is, what is wanted, what is done."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.origin import Origin
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.measuring import Measure
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_types import POOL_TYPES
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.state import Backing, VolumeState
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.volume_around import Surroundings
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.volume_facts import volume_facts
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.volume_plan import plan_volume
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.volume_spec import (
    Place,
    VolumeSpec,
    local_image,
    read_image,
    volume_options,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB, MIB

BASE = VolumeState("p", "base", "/p/base", "qcow2", 2 * GIB, 100 * MIB)
DATA = VolumeState("p", "v", "/p/v", "qcow2", GIB, 0)
LINKED = VolumeState("p", "v", "/p/v", "qcow2", 2 * GIB, 0, Backing("/p/base", "qcow2"))
RAW = VolumeState("p", "v", "/p/v", "raw", 5 * MIB, 5 * MIB)
ISO9660 = VolumeState("p", "v", "/p/v", "iso", 5 * MIB, 5 * MIB)
SECRET = VolumeState("p", "v", "/p/v", "qcow2", GIB, 0, encrypted=True, secret="keys")
LVM = POOL_TYPES["logical"]
ISO = Origin("src", "x", None, "/tmp/image", 5 * MIB, "raw", "a" * 64)
QCOW2 = Origin("src", "x", None, "/tmp/image", MIB, "qcow2", "b" * 64)
FREE = {"free": 10 * GIB}

GROW = "resize volume v 1GiB -> 3GiB"
LINK = "create volume v in pool p (2GiB qcow2 on /p/base)"
CREATE = "create volume v in pool p (1GiB qcow2)"
COPY = "copy volume p/base to v in pool p (2GiB qcow2)"
DEST = {"dest": "/d", "_local": {"path": "/staged", "size": None, "sha256": None}}
LUKS = {"encryption": {"secret": "keys"}}
RAW_GIB = {"capacity": "1GiB", "format": "raw"}
FULL = "create volume v in pool p (1GiB raw, preallocation full)"
UPLOAD = "upload 5MiB to volume v in pool p (raw)"
SPARSIFY = "sparsify volume v of pool p (8MiB -> about 1MiB)"
LEFT = {"leftovers": ["v.sparse-01234567.unfinished"]}
UNCOPY = "delete volume v.sparse-01234567.unfinished of pool p"
DELETE = "delete volume v of pool p"
WIPE = "wipe volume v of pool p (zero)"
UNMARK = "delete volume v.unfinished of pool p"


def planned(
    params: dict[str, Any], current: VolumeState | None, around: dict[str, Any], image: Origin | None = None
) -> list[str]:
    spec = VolumeSpec.from_params({"pool": "p", "name": "v", **params}, image)
    return [change.summary for change in plan_volume(spec, current, Surroundings(**{**FREE, **around})).changes]


PLANS = [
    ({"capacity": "1GiB"}, None, {}, None, [CREATE]),
    ({"capacity": "1"}, None, {}, None, [CREATE]),
    ({"capacity": "1GiB", "format": "raw"}, None, {}, None, ["create volume v in pool p (1GiB raw)"]),
    ({"capacity": "1GiB"}, None, {"kind": LVM}, None, ["create volume v in pool p (1GiB raw)"]),
    ({"capacity": "1GiB"}, None, {"kind": POOL_TYPES["rbd"]}, None, ["create volume v in pool p (1GiB raw)"]),
    ({}, RAW, {"kind": POOL_TYPES["iscsi"]}, None, []),
    ({"capacity": "5MiB"}, RAW, {"kind": LVM}, None, []),
    ({"capacity": "6MiB"}, RAW, {**FREE, "kind": POOL_TYPES["rbd"]}, None, ["resize volume v 5MiB -> 6MiB"]),
    ({"state": "absent"}, RAW, {"kind": POOL_TYPES["disk"]}, None, [DELETE]),
    (
        {"backing": {"name": "base"}},
        None,
        {"origin": BASE},
        None,
        [LINK],
    ),
    ({"source": {"name": "base"}}, None, {"origin": BASE}, None, [COPY]),
    ({"source": {"name": "base"}}, DATA, {}, None, []),
    ({"source": {"name": "base"}}, DATA, {"origin": BASE, "unfinished": True}, None, [DELETE, COPY]),
    ({"source": {"name": "base"}}, None, {"origin": BASE, "unfinished": True}, None, [COPY]),
    ({"capacity": "1GiB"}, DATA, {"unfinished": True}, None, [DELETE, CREATE, UNMARK]),
    (
        {"capacity": "1GiB", "preallocation": "metadata"},
        None,
        {"free": MIB},
        None,
        ["create volume v in pool p (1GiB qcow2, preallocation metadata)"],
    ),
    ({**RAW_GIB, "preallocation": "full"}, None, {}, None, [FULL]),
    ({**RAW_GIB, "preallocation": "full"}, None, {"unfinished": True}, None, [FULL]),
    ({**RAW_GIB, "preallocation": "full"}, RAW, {"unfinished": True}, None, [DELETE, FULL]),
    ({**RAW_GIB, "preallocation": "none"}, None, {}, None, ["create volume v in pool p (1GiB raw)"]),
    ({"preallocation": "falloc"}, DATA, {}, None, []),
    ({"capacity": "1GiB", **LUKS}, None, {}, None, ["create volume v in pool p (1GiB qcow2, encrypted)"]),
    ({"source": {"name": "base"}, **LUKS}, None, {"origin": BASE}, None, [f"{COPY[:-1]}, encrypted)"]),
    ({"capacity": "1GiB", **LUKS}, SECRET, {}, None, []),
    ({"capacity": "1GiB"}, SECRET, {}, None, []),
    ({}, DATA, {}, None, []),
    ({"capacity": "1GiB", "format": "qcow2"}, DATA, {}, None, []),
    ({"capacity": "3GiB"}, DATA, {}, None, ["resize volume v 1GiB -> 3GiB"]),
    (
        {"capacity": "3GiB"},
        DATA,
        {"users": ["a"], "held": ["a"], "running": "a"},
        None,
        ["resize volume v 1GiB -> 3GiB"],
    ),
    ({"capacity": "3GiB", "resize": False}, DATA, {}, None, []),
    ({"capacity": "512MiB", "shrink": True}, DATA, {}, None, ["resize volume v 1GiB -> 512MiB"]),
    ({"backing": {"name": "base"}}, LINKED, {"origin": BASE}, None, []),
    ({"src": "x"}, None, {"same_content": False}, ISO, [UPLOAD]),
    ({"src": "x"}, RAW, {}, ISO, []),
    ({"src": "x"}, RAW, {"same_content": False}, ISO, [UPLOAD]),
    ({"src": "x"}, RAW, {"same_content": False, "unfinished": True}, ISO, [UPLOAD, UNMARK]),
    ({"src": "x", "capacity": "1GiB"}, None, {"same_content": False}, ISO, [UPLOAD, "resize volume v 5MiB -> 1GiB"]),
    ({"src": "x", "capacity": "1GiB"}, RAW, {}, ISO, ["resize volume v 5MiB -> 1GiB"]),
    (DEST, DATA, {"same_content": False, "physical": 3 * MIB}, None, ["download 3MiB of volume v of pool p to /d"]),
    (DEST, DATA, {"physical": 3 * MIB}, None, []),
    ({"sparsify": True}, DATA, {"measure": Measure(8 * MIB, MIB)}, None, [SPARSIFY]),
    ({"sparsify": True}, DATA, {"measure": Measure(8 * MIB, MIB), **LEFT}, None, [UNCOPY, SPARSIFY]),
    ({"sparsify": True}, DATA, {"measure": Measure(2 * MIB, MIB)}, None, []),
    ({"sparsify": True}, DATA, {"measure": Measure(2 * MIB, MIB), **LEFT}, None, [UNCOPY]),
    ({"sparsify": True, "capacity": "3GiB"}, DATA, {"measure": Measure(8 * MIB, MIB)}, None, [GROW, SPARSIFY]),
    ({"sparsify": True, "capacity": "1GiB"}, None, {}, None, [CREATE]),
    ({}, DATA, LEFT, None, [UNCOPY]),
    ({"state": "absent"}, DATA, LEFT, None, [UNCOPY, DELETE]),
    ({"state": "absent"}, None, {}, None, []),
    ({"state": "absent"}, DATA, {}, None, [DELETE]),
    ({"state": "absent"}, DATA, {"unfinished": True}, None, [DELETE, UNMARK]),
    ({"state": "absent"}, None, {"unfinished": True}, None, [UNMARK]),
    ({"state": "absent", "wipe": "nnsa"}, DATA, {}, None, ["wipe volume v of pool p (nnsa)", DELETE]),
    ({"state": "absent", "wipe": "zero"}, DATA, {"unfinished": True}, None, [WIPE, DELETE, UNMARK]),
    ({"state": "absent", "wipe": "zero"}, None, {"unfinished": True}, None, [UNMARK]),
]


@pytest.mark.parametrize(("params", "current", "around", "image", "expected"), PLANS)
def test_plan(
    params: dict[str, Any],
    current: VolumeState | None,
    around: dict[str, Any],
    image: Origin | None,
    expected: list[str],
) -> None:
    assert planned(params, current, around, image) == expected


REFUSED = [
    ({}, None, {}, None, "give its capacity, a source, a backing or a src"),
    ({"capacity": "4GB"}, None, {}, None, "has no binary unit; write 4GiB"),
    ({"capacity": "four"}, None, {}, None, "is not a size"),
    ({"capacity": "1GiB", "name": "a/b"}, None, {}, None, "Volume name 'a/b' cannot be used"),
    ({"capacity": "1GiB", "format": "raw"}, None, {"free": MIB}, None, "needs 1GiB, but pool 'p' has 1MiB free"),
    ({"capacity": "1GiB", "format": "raw"}, DATA, {}, None, "is qcow2, not raw, and is not converted"),
    ({"capacity": "1GiB"}, LINKED, {}, None, "shrinking loses what is stored behind the new end"),
    ({"capacity": "1GiB", "shrink": True}, LINKED, {"users": ["a"]}, None, "is not shrunk: it is used by a"),
    ({"capacity": "3GiB"}, DATA, {"users": ["a"], "held": ["a"]}, None, "is not resized: it is used by a"),
    (
        {"capacity": "3GiB"},
        DATA,
        {"users": ["template a:1"], "of_template": True},
        None,
        "is not resized: it is used by template a:1",
    ),
    ({"state": "absent"}, DATA, {"users": ["a", "p/x"]}, None, "is not deleted: it is used by a, p/x"),
    ({"state": "absent", "wipe": "zero"}, DATA, {"users": ["a"]}, None, "is not deleted: it is used by a"),
    ({"wipe": "zero"}, DATA, {}, None, "wipe is how a volume goes; give state: absent too"),
    ({"backing": {"name": "base"}}, DATA, {"origin": BASE}, None, "is backed by no volume, not by p/base"),
    ({"backing": {"name": "v"}}, None, {}, None, "cannot be made of itself"),
    ({"backing": {"name": "base"}, "format": "raw"}, None, {}, None, "a raw volume cannot have a backing"),
    ({"backing": {"name": "base"}, "capacity": "1GiB"}, None, {"origin": BASE}, None, "smaller than its backing"),
    ({"source": {"name": "base"}, "capacity": "1GiB"}, None, {"origin": BASE}, None, "smaller than its source"),
    (
        {"backing": {"name": "base"}},
        None,
        {"origin": BASE, "spoiler": "web01"},
        None,
        "is not made on p/base, as it is a disk of VM 'web01': what the VM writes would spoil it; copy",
    ),
    (
        {"source": {"name": "base"}},
        None,
        {"origin": BASE, "spoiler": "web01"},
        None,
        "is not copied from p/base while VM 'web01' writes to it, as the copy would be torn; shut the VM down first",
    ),
    ({"source": {"name": "base"}}, None, {"origin": BASE, "free": MIB}, None, "needs 100MiB, but pool 'p'"),
    ({**RAW_GIB, "preallocation": "metadata"}, None, {}, None, "Volume 'p/v' is raw, which has no preallocation"),
    ({"capacity": "1GiB", "preallocation": "full"}, None, {}, None, "choose none, metadata, falloc, or another format"),
    ({"capacity": "1GiB", "preallocation": "falloc"}, None, {"free": MIB}, None, "needs 1GiB, but pool 'p' has 1MiB"),
    ({"sparsify": True}, DATA, {"users": ["a"]}, None, "is not sparsified: it is used by a"),
    ({"sparsify": True}, LINKED, {}, None, "has /p/base below it, and only whole qcow2 and raw volumes are sparsified"),
    ({"sparsify": True}, ISO9660, {}, None, "is iso, and only whole qcow2 and raw volumes"),
    ({"sparsify": True}, DATA, {"measure": Measure(8 * MIB, 2 * MIB), "free": MIB}, None, "needs 2MiB, but pool 'p'"),
    ({"sparsify": True, "state": "absent"}, DATA, {}, None, "sparsify cannot be given with state absent"),
    ({"sparsify": True, "src": "x"}, RAW, {}, ISO, "sparsify cannot be given with src"),
    ({"sparsify": True, **RAW_GIB, "preallocation": "full"}, None, {}, None, "cannot be given with preallocation"),
    ({"sparsify": True, "capacity": "1GiB", **LUKS}, None, {}, None, "sparsify cannot be given with encryption"),
    ({"sparsify": True, **DEST}, DATA, {}, None, "sparsify cannot be given with dest"),
    (DEST, None, {}, None, "does not exist, so there is nothing to download"),
    (DEST, DATA, {"unfinished": True}, None, "is not downloaded, because its making was cut off"),
    (DEST, LINKED, {}, None, "is not whole without /p/base below it; copy it (source), and download the copy"),
    (DEST, DATA, {"writer": "a"}, None, "is not downloaded while VM 'a' writes to it"),
    ({**DEST, "capacity": "1GiB"}, DATA, {}, None, "dest is for a volume that is there, as it is; leave out capacity"),
    ({**DEST, "src": "x"}, DATA, {}, ISO, "leave out src, or do it in another task"),
    ({**DEST, "state": "absent"}, DATA, {}, None, "dest cannot be given with state absent"),
    ({"dest": "/d"}, DATA, {}, None, "dest is on the control node; call the module by its full name"),
    ({**RAW_GIB, **LUKS, "preallocation": "full"}, None, {}, None, "is encrypted raw, which has no preallocation"),
    ({"capacity": "1GiB", **LUKS}, DATA, {}, None, "is not encrypted, and is not encrypted later"),
    ({"capacity": "1GiB", **LUKS}, None, {"secret_known": False}, None, "libvirt knows no secret 'keys'"),
    ({"source": {"name": "b"}, **LUKS}, None, {"secret_known": False}, None, "libvirt knows no secret 'keys'"),
    ({"capacity": "1GiB", "encryption": {"secret": " "}}, None, {}, None, "encryption.secret is empty"),
    ({"src": "x", **LUKS}, None, {}, ISO, "encryption cannot be given with src"),
    ({"preallocation": "falloc", "backing": {"name": "base"}}, None, {}, None, "not for one with backing"),
    ({"preallocation": "falloc", "source": {"name": "base"}}, None, {}, None, "not for one with source"),
    ({"preallocation": "falloc", "src": "x"}, None, {}, ISO, "not for one with src"),
    ({"source": {"name": "b"}, "backing": {"name": "c"}}, None, {}, None, "backing and source exclude each other"),
    ({"checksum": "a" * 64, "capacity": "1GiB"}, None, {}, None, "checksum is the checksum of 'src'"),
    ({"src": "x", "format": "qcow2"}, None, {}, ISO, "src is a raw image, not qcow2"),
    ({"src": "x", "capacity": "1GiB"}, None, {}, QCOW2, "capacity cannot be given with a qcow2 src"),
    ({"src": "x", "capacity": "1MiB"}, None, {}, ISO, "capacity is less than the size of src"),
    ({"src": "x"}, RAW, {"same_content": False, "users": ["a"]}, ISO, "although its content is not that of src"),
    ({"src": "x"}, None, {"same_content": False, "free": MIB}, ISO, "needs 5MiB, but pool 'p' has 1MiB free"),
    ({"source": {"name": "base"}}, DATA, {"unfinished": True, "users": ["a"]}, None, "its making was cut off"),
    ({"capacity": "1"}, None, {"kind": LVM, "free": MIB}, None, "needs 1GiB, but pool 'p' has 1MiB free"),
    ({"capacity": "1", "format": "qcow2"}, None, {"kind": LVM}, None, "Volume 'p/v' cannot be qcow2: the volumes of"),
    ({"source": {"name": "base"}, "format": "qcow2"}, None, {"kind": LVM, "origin": BASE}, None, "are raw; say"),
    ({"src": "x"}, None, {"kind": LVM, "same_content": False}, QCOW2, "'p/v' cannot be qcow2"),
    (
        {"capacity": "6MiB"},
        RAW,
        {**FREE, "kind": LVM},
        None,
        "Volume 'p/v' is not resized: libvirt does not do that in pool 'p', which is of type logical; grow it",
    ),
    ({"capacity": "6MiB"}, RAW, {**FREE, "kind": POOL_TYPES["iscsi"]}, None, "resize the LUN on the storage system"),
    ({"capacity": "1"}, None, {"kind": POOL_TYPES["iscsi"]}, None, "which is of type iscsi; make the LUN on the"),
    ({"capacity": "1"}, None, {"kind": POOL_TYPES["iscsi-direct"]}, None, "no volumes are made in pool 'p'"),
    ({"capacity": "1"}, None, {"kind": POOL_TYPES["scsi"]}, None, "make the LUN on the storage system"),
    ({"capacity": "1"}, None, {"kind": POOL_TYPES["disk"]}, None, "make the partition with the system's tools"),
    ({"capacity": "1"}, None, {"kind": POOL_TYPES["gluster"]}, None, "use a pool of type netfs or dir"),
    ({"src": "x"}, None, {"kind": POOL_TYPES["scsi"], "same_content": False}, ISO, "no volumes are made"),
]


@pytest.mark.parametrize(("params", "current", "around", "image", "words"), REFUSED)
def test_refused(
    params: dict[str, Any], current: VolumeState | None, around: dict[str, Any], image: Origin | None, words: str
) -> None:
    with pytest.raises(Refused) as caught:
        planned(params, current, around, image)
    assert words in str(caught.value)


@pytest.mark.parametrize("kind", ["src", "path"])
@pytest.mark.parametrize(("content", "form"), [(b"QFI\xfb\0\0\0\3" + bytes(504), "qcow2"), (b"anything", "raw")])
@pytest.mark.parametrize(
    "checksum", ["", "{sha256}", " {SHA256} ", "sha256:{sha256}", "SHA256:{SHA256}", "sha512:{sha512}"]
)
def test_what_a_file_is(tmp_path: Path, kind: str, content: bytes, form: str, checksum: str) -> None:
    file = tmp_path / "image"
    file.write_bytes(content)
    digests = {name: hashlib.new(name, content).hexdigest() for name in ("sha256", "sha512")}
    written = checksum.format(**digests, SHA256=digests["sha256"].upper())
    image = read_image({"src": "x", "checksum": written}, str(file), kind)
    assert (image.format, image.size, image.sha256) == (form, len(content), digests["sha256"])
    # What the control node tells, the host understands.
    told = local_image({"src": "x", "_local": image.told("/there")})
    assert told is not None
    assert (told.format, told.size, told.sha256, told.file) == (image.format, image.size, image.sha256, "/there")


UNFIT = [
    ("none", "", "cannot be read"),
    (".", "", "is a directory"),
    ("empty", "", "is empty"),
    ("above", "", "has a backing file"),
    ("text", "md5:1234", "'md5:1234' is none; write sha256: or sha512:"),
    ("text", "1234", "sha256 has 64 digits"),
    ("text", "b" * 64, f"not sha256:{'b' * 64}; get the right image"),
    ("text", "sha512:" + "b" * 128, f"not sha512:{'b' * 128}; get the right image"),
]


@pytest.mark.parametrize(("name", "checksum", "words"), UNFIT)
def test_a_file_that_no_volume_is_made_of(tmp_path: Path, name: str, checksum: str, words: str) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("any text")
    (tmp_path / "above").write_bytes(b"QFI\xfb\0\0\0\3" + (104).to_bytes(8, "big") + b"".ljust(500, b"/"))
    params = {"pool": "p", "name": "v", "src": name, "checksum": checksum}
    with pytest.raises(Refused) as caught:
        read_image(params, str(tmp_path / name), "src")
    assert str(caught.value).startswith("Volume 'p/v': ")
    assert words in str(caught.value)
    assert "emplate" not in str(caught.value)


@pytest.mark.parametrize("current", [DATA, LINKED, RAW, SECRET])
def test_facts_as_options_change_nothing(current: VolumeState) -> None:
    facts = volume_facts(current, Place("p", "v"), Place("p", "base") if current.backing else None)
    options = {name: value for name, value in facts.items() if name in volume_options()}
    assert planned(options, current, {"origin": BASE}) == []
