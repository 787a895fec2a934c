# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Media in pools, in words; volumes are stand-ins, because libvirt's test driver does not give their content.

So is libosinfo, which is none of Python's packages: `tests/integration/modules/test_media.py` has the real ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, NotFound
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._media import listing
from ansible_collections.kvmops.datacenter.plugins.module_utils._media.listing import Wanted, read_media
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.media import Identified

from tests.unit.default_host import URI, default_host
from tests.unit.plugins.module_utils.media.discs import SIZE, descriptor, image, primary
from tests.unit.plugins.module_utils.media.shelf import Pool, Volume, host_with
from tests.unit.plugins.module_utils.stand_in import failure

WONDER = Identified("wonder1", "x86_64", True, True, "boot/vmlinuz", "", ("jeos",))
GOOD = {
    "size": SIZE,
    "volume_id": "Wonder 1 amd64",
    "system_id": "LINUX",
    "publisher_id": "WONDER",
    "application_id": "MAKER 1",
    "boot": ["bios", "efi"],
    "bootable": True,
    "os": "wonder1",
    "arch": "x86_64",
    "live": True,
    "installer": True,
    "kernel": "boot/vmlinuz",
    "script": ["jeos"],
}


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What libosinfo was asked; it knows one system."""
    told: list[Any] = []

    def identify(ids: Any, size: int) -> Identified | None:
        told.append((ids, size))
        return WONDER if ids["volume-id"].startswith("Wonder") else None

    monkeypatch.setattr(listing, "identified", identify)
    return told


def test_media_of_all_pools_in_words(asked: list[Any]) -> None:
    plain = image(primary(volume="Plain", system=""), descriptor(255))
    volumes = [
        Volume("z.iso", image()),
        Volume("a.iso", plain, "raw"),
        Volume("disk", bytes(SIZE), "raw"),
        Volume("seed.iso", image(primary(volume="CIDATA"), descriptor(255))),
        Volume("gone.iso", image(), "gone"),
    ]
    host = host_with(Pool("two", *volumes), Pool("one", Volume("b.iso", image())))
    media, warnings = read_media(host, Wanted(None))
    assert warnings == []
    assert [(medium["pool"], medium["volume"], medium["path"]) for medium in media] == [
        ("one", "b.iso", "/iso/b.iso"),
        ("two", "a.iso", "/iso/a.iso"),
        ("two", "z.iso", "/iso/z.iso"),
    ]
    assert {key: value for key, value in media[2].items() if key not in ("pool", "volume", "path")} == GOOD
    assert (media[1]["os"], media[1]["script"], media[1]["boot"], media[1]["bootable"]) == ("", [], [], False)
    assert media[1]["invalid"] == "Volume 'a.iso' of pool 'two' is not bootable: it has no boot record."
    ids = {"volume-id": "Plain", "publisher-id": "WONDER", "application-id": "MAKER 1"}
    assert asked[1] == (ids, SIZE)


def test_images_of_other_formats_are_not_even_opened() -> None:
    disk = Volume("disk.qcow2", image(), "qcow2")
    assert read_media(host_with(Pool("one", disk)), Wanted(["one", "one"])) == ([], [])
    assert disk.reads == []


READING = (
    "Volume 'broken.iso' of pool 'two': read its beginning: the host's operating system refused it (libvirt: error 38)."
)


def test_volumes_that_cannot_be_read_are_warned_of_once_a_pool() -> None:
    lun, other = (Volume(name, failure(3), "raw") for name in ("lun-1", "lun-2"))
    broken = Volume("broken.iso", failure(38))
    media, warnings = read_media(host_with(Pool("san", lun, other), Pool("two", broken)), Wanted(None))
    assert media == []
    assert warnings == [
        "Pool 'san': libvirt does not read its volumes, so media in it are not seen.",
        READING,
    ]


def test_media_are_listed_without_libosinfo(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_ids: Any, _size: int) -> None:
        raise KvmError("libosinfo is missing.")

    monkeypatch.setattr(listing, "identified", missing)
    media, warnings = read_media(host_with(Pool("one", Volume("b.iso", image()))), Wanted(None))
    assert [(medium["os"], medium["bootable"]) for medium in media] == [("", True)]
    assert warnings == ["Operating systems are not told: libosinfo is missing."]


@pytest.mark.parametrize(
    ("options", "pools"),
    [({}, None), ({"paths": ["/a"]}, []), ({"urls": ["http://a/"]}, []), ({"pools": ["x"], "paths": ["/a"]}, ["x"])],
)
def test_single_media_are_asked_for_instead_of_all_pools(options: dict[str, Any], pools: list[str] | None) -> None:
    params = {"pools": None, "paths": None, "urls": None, "timeout": 5, **options}
    wanted = Wanted.from_params(params)
    assert (wanted.pools, wanted.paths, wanted.urls, wanted.timeout) == (
        *(pools, params["paths"] or ()),
        *(params["urls"] or (), 5),
    )


def test_single_media_that_cannot_be_read_are_returned_as_invalid(tmp_path: Path) -> None:
    (tmp_path / "a.iso").write_bytes(image())
    paths = [str(tmp_path / "a.iso"), "/none.iso"]
    with default_host() as connection:
        media, warnings = read_media(Hypervisor(connection, URI), Wanted([], paths, ["ftp://example.org/a?key=1"]))
    assert warnings == []
    assert media[0] == {"path": paths[0], **GOOD}
    empty = {"size": 0, "bootable": False, "boot": [], "os": "", "volume_id": ""}
    assert {key: media[1][key] for key in empty} == empty
    assert [medium.get("invalid") for medium in media[1:]] == [
        "The file /none.iso cannot be read (No such file or directory); correct the path.",
        "url 'ftp://example.org/a' cannot be looked at; write it with http:// or https://.",
    ]
    assert media[2]["url"] == "ftp://example.org/a"


def test_a_pool_that_is_not_there() -> None:
    with default_host() as connection, pytest.raises(NotFound, match="Pool 'none' does not exist"):
        read_media(Hypervisor(connection, URI), Wanted(["none"]))
