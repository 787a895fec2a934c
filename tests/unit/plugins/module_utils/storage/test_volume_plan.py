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
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_types import POOL_TYPES
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.state import Backing, VolumeState
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.volume_plan import (
    Surroundings,
    plan_volume,
    volume_facts,
)
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
LVM = POOL_TYPES["logical"]
ISO = Origin("src", "x", None, "/tmp/image", 5 * MIB, "raw", "a" * 64)
QCOW2 = Origin("src", "x", None, "/tmp/image", MIB, "qcow2", "b" * 64)
FREE = {"free": 10 * GIB}

GROW = "resize volume v 1GiB -> 3GiB"
LINK = "create volume v in pool p (2GiB qcow2 on /p/base)"
CREATE = "create volume v in pool p (1GiB qcow2)"
COPY = "copy volume p/base to v in pool p (2GiB qcow2)"
UPLOAD = "upload 5MiB to volume v in pool p (raw)"
DELETE = "delete volume v of pool p"
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
    ({"state": "absent"}, None, {}, None, []),
    ({"state": "absent"}, DATA, {}, None, [DELETE]),
    ({"state": "absent"}, DATA, {"unfinished": True}, None, [DELETE, UNMARK]),
    ({"state": "absent"}, None, {"unfinished": True}, None, [UNMARK]),
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
    ({"state": "absent"}, DATA, {"users": ["a", "p/x"]}, None, "is not deleted: it is used by a, p/x"),
    ({"backing": {"name": "base"}}, DATA, {"origin": BASE}, None, "is backed by no volume, not by p/base"),
    ({"backing": {"name": "v"}}, None, {}, None, "cannot be made of itself"),
    ({"backing": {"name": "base"}, "format": "raw"}, None, {}, None, "a raw volume cannot have a backing"),
    ({"backing": {"name": "base"}, "capacity": "1GiB"}, None, {"origin": BASE}, None, "smaller than its backing"),
    ({"source": {"name": "base"}, "capacity": "1GiB"}, None, {"origin": BASE}, None, "smaller than its source"),
    ({"source": {"name": "base"}}, None, {"origin": BASE, "free": MIB}, None, "needs 100MiB, but pool 'p'"),
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


@pytest.mark.parametrize("current", [DATA, LINKED, RAW])
def test_facts_as_options_change_nothing(current: VolumeState) -> None:
    facts = volume_facts(current, Place("p", "v"), Place("p", "base") if current.backing else None)
    options = {name: value for name, value in facts.items() if name in volume_options()}
    assert planned(options, current, {"origin": BASE}) == []
