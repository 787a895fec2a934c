# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images on their way to a pool: looked at, fetched from a web server, converted, never used in part."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils import _claim
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._image import cache, qemu_img, room
from ansible_collections.kvmops.datacenter.plugins.module_utils._image import source as source_module
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.fetch import Part
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.origin import Checksum, ChecksumList, Origin
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.room import require_room
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.source import Source, look_at, staged

from tests.unit.plugins.module_utils.image.images import vmdk
from tests.unit.plugins.module_utils.image.test_ova import FILES, manifest, ova

RAW = bytes(510) + b"\x55\xaa" + b"system" * 100_000 + bytes(512 - 600_000 % 512)
QCOW2 = b"QFI\xfb" + (3).to_bytes(4, "big") + bytes(16) + (4096).to_bytes(8, "big") + bytes(72 + 408)
CONVERTED = b"the qcow2 of the raw image"
SHA, OTHER = hashlib.sha256(RAW).hexdigest(), "0" * 64
KEPT = {"sha256": SHA}


class Host:
    """Stands in for a host with qemu-img, which converts as told."""

    def attempt(self, command: list[str]) -> tuple[int, str, str]:
        if "convert" in command:
            Path(command[-1]).write_bytes(CONVERTED)
        return 0, '{"virtual-size": 8192}', ""


HOST: Any = Host()
ROOM = 2**30


@pytest.fixture(autouse=True)
def shelf(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the cache of the host."""
    place = tmp_path_factory.mktemp("host")
    monkeypatch.setattr(cache, "_default", lambda: str(place / "cache"))
    monkeypatch.setattr(_claim, "lock_file", lambda: str(place / "lock"))
    return place / "cache"


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qemu_img.shutil, "which", lambda program: f"/usr/bin/{program}")


class Server(BaseHTTPRequestHandler):
    """Gives a raw image: whole, without saying how long it is, cut off, or drop by drop."""

    stop = threading.Event()

    def log_message(self, *_words: Any) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        if self.path == "/gone":
            self.send_error(404, "Not Found")
            return
        self.send_response(200)
        if self.path != "/endless":
            self.send_header("Content-Length", str(len(RAW)))
        self.end_headers()
        if self.path == "/drops":
            while not self.stop.wait(0.05):
                self.wfile.write(b"x")
            return
        self.wfile.write(RAW[: 300_000 if self.path == "/cut" else None])


class Servers(ThreadingHTTPServer):
    """One server for each request; a client that has seen enough may hang up."""

    def handle_error(self, *_arguments: Any) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = Servers(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    Server.stop.set()
    server.shutdown()
    thread.join()
    server.server_close()


def origin(place: str, checksum: str | None = None, kind: str = "url", **more: Any) -> Origin:
    return Origin(kind, place, Checksum.parse(f"sha256:{checksum}") if checksum else None, **more)


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "disk.raw").write_bytes(RAW)
    return str(tmp_path / "disk.raw")


def look(wanted: Origin, kept: dict[str, str] | None, workdir: Path) -> Source:
    return look_at(HOST, wanted, kept, 60, str(workdir))


@pytest.mark.parametrize("kind", ["path", "url", "src"])
def test_a_checksum_that_was_kept_answers_for_the_image(tmp_path: Path, kind: str) -> None:
    wanted = origin("/nowhere", SHA, kind, file="/nowhere" if kind == "path" else None)
    assert look(wanted, KEPT, tmp_path) == Source(wanted)


def test_a_file_is_looked_at_whole(tmp_path: Path, file: str) -> None:
    found = look(origin(file, kind="path", file=file), None, tmp_path)
    assert found.digests == {"sha256": SHA}
    assert found.image is not None
    assert (found.image.format, found.image.size, found.capacity, found.need) == ("raw", len(RAW), 8192, 0)


@pytest.mark.parametrize("kept", [None, {}])
def test_a_wrong_file_is_refused(tmp_path: Path, file: str, kept: dict[str, str] | None) -> None:
    wanted = origin(file, kind="path", file=file)
    wrong = Origin("path", file, Checksum("sha512", "0" * 128), file)
    assert look(wanted, kept, tmp_path).digests["sha256"] == SHA
    with pytest.raises(Refused, match=f"sha512:{'0' * 128}"):
        look(wrong, kept, tmp_path)


def test_a_file_that_changed_on_its_way_is_not_used(tmp_path: Path, file: str) -> None:
    with pytest.raises(KvmError, match="changed on its way"):
        look(origin("disk.raw", kind="src", file=file, sha256=OTHER), None, tmp_path)


@pytest.mark.parametrize(("kind", "need"), [("qcow2", 4096), ("raw", 0)])
def test_an_image_of_the_control_node_is_believed(tmp_path: Path, kind: str, need: int) -> None:
    wanted = origin("disk", kind="src", size=4096, format=kind, sha256=SHA, capacity=8192)
    found = look(wanted, None, tmp_path)
    assert (found.digests, found.need, found.capacity, found.image) == ({"sha256": SHA}, need, 8192, None)


def test_an_image_that_the_host_has_no_room_for_is_not_brought(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="MiB free"):
        look(origin("disk", kind="src", size=2**62, format="raw"), None, tmp_path)


def test_a_url_is_looked_at_before_it_is_fetched(tmp_path: Path, web: str) -> None:
    assert look(origin(f"{web}/disk.raw"), None, tmp_path).capacity == len(RAW)
    assert look(origin(f"{web}/endless"), None, tmp_path).image is None
    assert list(tmp_path.iterdir()) == []


def test_a_url_is_not_asked_where_something_was_made_of_it(tmp_path: Path) -> None:
    wanted = origin("http://127.0.0.1:9/x")
    assert look(wanted, {}, tmp_path) == Source(wanted)


@pytest.mark.parametrize("path", ["/disk.raw", "/endless"])
def test_a_url_is_fetched_and_converted_and_leaves_nothing(tmp_path: Path, web: str, path: str) -> None:
    with staged(HOST, Source(origin(f"{web}{path}", SHA)), str(tmp_path), ROOM, 60) as ready:
        assert Path(ready.path).read_bytes() == CONVERTED
        assert ready.sha256 == hashlib.sha256(CONVERTED).hexdigest()
        assert (ready.size, ready.capacity) == (len(CONVERTED), 8192)
        assert ready.source == {"sha256": SHA, "url": f"{web}{path}"}
    assert list(tmp_path.iterdir()) == []


def test_a_qcow2_of_this_host_is_used_where_it_lies(tmp_path: Path, file: str) -> None:
    Path(file).write_bytes(QCOW2)
    source = look(origin(file, kind="path", file=file), None, tmp_path)
    assert source.need == len(QCOW2)
    with staged(HOST, source, str(tmp_path), ROOM, 60) as ready:
        assert (ready.path, ready.size, ready.sha256) == (file, len(QCOW2), hashlib.sha256(QCOW2).hexdigest())


def test_a_list_that_tells_another_checksum_is_noticed(tmp_path: Path, file: str) -> None:
    sums = tmp_path / "SUMS"
    wanted = Origin("url", f"file://{file}", checksums=ChecksumList(f"file://{sums}"))
    for digest in (SHA, OTHER):
        sums.write_text(f"{digest}  disk.raw\n")
        found = look(wanted, KEPT, tmp_path)
        assert (str(found.origin.checksum), found.digests) == (f"sha256:{digest}", {})


PACKED = gzip.compress(RAW)
OVA = ova({**FILES, "vm.mf": manifest("sha256")})


@pytest.mark.parametrize(
    ("content", "capacity", "used"),
    [
        (PACKED, 0, CONVERTED),
        (gzip.compress(QCOW2), 4096, QCOW2),
        (OVA, 0, CONVERTED),
        (lzma.compress(OVA), 0, CONVERTED),
        (vmdk(), 8192, CONVERTED),
    ],
    ids=["gzip", "qcow2 in gzip", "OVA", "OVA in xz", "VMDK"],
)
def test_what_holds_a_disk_is_unpacked_and_converted(
    tmp_path: Path, file: str, content: bytes, capacity: int, used: bytes
) -> None:
    Path(file).write_bytes(content)
    source = look(origin(file, kind="path", file=file), None, tmp_path)
    assert source.capacity == capacity
    with staged(HOST, source, str(tmp_path), ROOM, 60) as ready:
        assert Path(ready.path).read_bytes() == used
        assert ready.sha256 == hashlib.sha256(used).hexdigest()
        # The checksum belongs to the file as it is given.
        assert ready.source == {"sha256": hashlib.sha256(content).hexdigest()}
    assert sorted(one.name for one in tmp_path.iterdir()) == ["disk.raw"]


@pytest.mark.parametrize("content", [gzip.compress(PACKED), gzip.compress(lzma.compress(RAW))], ids=["gzip", "xz"])
def test_what_is_packed_twice_is_refused_before_it_is_fetched(tmp_path: Path, file: str, content: bytes) -> None:
    Path(file).write_bytes(content)
    with pytest.raises(Refused, match="compressed once more"):
        look(origin(f"file://{file}"), None, tmp_path)


def test_what_cannot_be_looked_into_is_judged_when_it_is_unpacked(
    tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(file).write_bytes(gzip.compress(PACKED))
    monkeypatch.setattr(source_module, "peek", lambda _kind, _first: b"")
    source = look(origin(file, kind="path", file=file), None, tmp_path)
    with pytest.raises(Refused, match="once more"), staged(HOST, source, str(tmp_path), ROOM, 60):
        raise AssertionError("the image was used")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["disk.raw"]


@pytest.mark.parametrize(
    ("path", "checksum", "error", "word"),
    [
        ("/cut", None, KvmError, "broke off after 300000 of"),
        ("/disk.raw", OTHER, Refused, f"not sha256:{OTHER}"),
        ("/gone", None, Refused, "404 Not Found"),
    ],
)
def test_a_part_or_another_image_is_never_used(
    tmp_path: Path, web: str, path: str, checksum: str | None, error: type[KvmError], word: str
) -> None:
    with (
        pytest.raises(error, match=word) as caught,
        staged(HOST, Source(origin(f"{web}{path}", checksum)), str(tmp_path), ROOM, 60),
    ):
        raise AssertionError("the image was used")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_sends_drops_is_given_up(tmp_path: Path, web: str) -> None:
    with pytest.raises(TimedOut, match=r"within 0\.3 s"):
        Part(f"{web}/drops", str(tmp_path / "part"), ["sha256"]).complete(0.3)


@pytest.mark.parametrize(
    ("url", "word"),
    [("http://127.0.0.1:9/x", "refused"), ("file:///nowhere", "No such file")],
)
def test_a_url_that_gives_nothing_is_refused(tmp_path: Path, url: str, word: str) -> None:
    with pytest.raises(Refused, match=word):
        look(origin(url), None, tmp_path)


def test_a_full_disk_is_told_before_fetching(tmp_path: Path, web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _path: SimpleNamespace(free=1))
    with pytest.raises(Refused, match="set cache to a larger one"):
        Part(f"{web}/disk.raw", str(tmp_path / "part"), ["sha256"]).complete(60)
    with pytest.raises(Refused, match=r"1 MiB are needed; .* set ansible_remote_tmp"):
        require_room(str(tmp_path), 5)
