# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was fetched and not imported is gone on with, where it still belongs to what the server has."""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils import _claim
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._image import cache, fetch
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.cache import fetched
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.origin import Checksum, Origin

FILE = os.urandom(3 * 1024 * 1024 + 7)
BROKEN_OFF = 2_000_000
SUM = Checksum("sha512", hashlib.sha512(FILE).hexdigest())
OLD = os.urandom(len(FILE))
DATE = "Sat, 03 Jan 2026 00:00:00 GMT"


class Server(BaseHTTPRequestHandler):
    """Gives a file, in ways that the test says; keeps from which byte on it was asked for."""

    ways: ClassVar[dict[str, Any]] = {}
    asked: ClassVar[list[int]] = []

    def log_message(self, *_words: Any) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        ways = {"content": FILE, "etag": '"one"', "ranges": True, "most": None, "if_range": True, **self.ways}
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        start = int(match[1]) if match else 0
        self.asked.append(start)
        size = len(ways["content"])
        named = {"ETag": ways["etag"], "Last-Modified": ways.get("date")}
        same = self.headers.get("If-Range") in named.values() or not ways["if_range"]
        code, told = 200, ""
        if start and ways["ranges"] and same:
            code, told = (206, f"bytes {start}-{size - 1}/{size}") if start < size else (416, f"bytes */{size}")
        body = ways["content"][start if code == 206 else 0 :] if code != 416 else b""
        self.send_response(code)
        for name, value in {**named, "Content-Range": told, "Content-Length": str(len(body))}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: ways["most"]])


class Servers(ThreadingHTTPServer):
    def handle_error(self, *_arguments: Any) -> None:
        """Keep quiet where a client hangs up."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = Servers(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/image"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_claim, "lock_file", lambda: str(tmp_path / "lock"))
    monkeypatch.setattr(Server, "ways", {})
    monkeypatch.setattr(Server, "asked", [])


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def fetch_all(web: str, shelf: Path, checksum: Checksum | None = None) -> bytes:
    """Return what is fetched, with nothing of it left."""
    with fetched(Origin("url", web, checksum, cache=str(shelf)), 60) as (path, digests):
        content = Path(path).read_bytes()
        assert digests["sha256"] == hashlib.sha256(content).hexdigest()
    assert list(shelf.iterdir()) == []
    return content


def break_off(web: str, shelf: Path, monkeypatch: pytest.MonkeyPatch, checksum: Checksum | None, **ways: Any) -> None:
    """Leave the beginning of a file in the cache, as a run does that is cut off."""
    monkeypatch.setattr(Server, "ways", {"most": BROKEN_OFF, **ways})
    with pytest.raises(KvmError, match="broke off after"), fetched(Origin("url", web, checksum, cache=str(shelf)), 60):
        raise AssertionError("a part was taken for the whole")
    monkeypatch.setattr(Server, "ways", {})
    Server.asked.clear()


Ways = dict[str, Any]
RESUMED: list[tuple[str, Ways, Ways, list[int]]] = [
    ("the same file", {}, {}, [BROKEN_OFF]),
    ("the same date", {"etag": None, "date": DATE}, {"etag": None, "date": DATE}, [BROKEN_OFF]),
    (
        "a name that counts beside a weak one",
        {"etag": 'W/"1"', "date": DATE},
        {"etag": None, "date": DATE},
        [BROKEN_OFF],
    ),
    ("another file", {"content": OLD}, {"etag": '"two"'}, [BROKEN_OFF]),
    ("another date", {"content": OLD, "etag": None, "date": DATE}, {"etag": None, "date": DATE[::-1]}, [BROKEN_OFF]),
    (
        "another file, and a server that does not look",
        {"content": OLD},
        {"etag": '"2"', "if_range": False},
        [BROKEN_OFF, 0],
    ),
    ("a shorter file, and a server that does not look", {}, {"content": b"x", "if_range": False}, [BROKEN_OFF, 0]),
    ("no name", {"content": OLD, "etag": None}, {}, [0]),
    ("only a weak name", {"content": OLD, "etag": 'W/"one"'}, {"etag": 'W/"one"'}, [0]),
    ("a server that gives no parts", {}, {"ranges": False}, [BROKEN_OFF]),
]


@pytest.mark.parametrize(("before", "after", "asked"), [row[1:] for row in RESUMED], ids=[row[0] for row in RESUMED])
def test_a_download_is_gone_on_with(
    web: str, shelf: Path, monkeypatch: pytest.MonkeyPatch, before: Ways, after: Ways, asked: list[int]
) -> None:
    break_off(web, shelf, monkeypatch, None, **before)
    monkeypatch.setattr(Server, "ways", after)
    assert fetch_all(web, shelf) == after.get("content", FILE)
    assert Server.asked == asked


def test_what_was_written_before_a_crash_of_the_host_is_not_trusted(
    web: str, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_off(web, shelf, monkeypatch, None)
    monkeypatch.setattr(fetch, "_boot_id", lambda: "another boot")
    assert fetch_all(web, shelf) == FILE
    assert Server.asked == [0]


@pytest.mark.parametrize("note", ["", "{", '{"boot": 1}'])
def test_a_broken_note_counts_for_nothing(web: str, shelf: Path, monkeypatch: pytest.MonkeyPatch, note: str) -> None:
    break_off(web, shelf, monkeypatch, None)
    (found,) = shelf.glob("*.json")
    found.write_text(note)
    assert fetch_all(web, shelf) == FILE
    assert Server.asked == [0]


def test_parts_that_do_not_fit_are_fetched_anew(web: str, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    break_off(web, shelf, monkeypatch, SUM, content=OLD)
    assert fetch_all(web, shelf, SUM) == FILE
    assert Server.asked == [BROKEN_OFF, 0]


def test_a_whole_file_is_taken_from_the_cache(web: str, shelf: Path) -> None:
    for checksum, asked in ((SUM, [0]), (None, [0, len(FILE)])):
        Server.asked.clear()
        with (
            pytest.raises(TimedOut, match="the time is up"),
            fetched(Origin("url", web, checksum, cache=str(shelf)), 60),
        ):
            raise TimedOut("the time is up")
        assert fetch_all(web, shelf, checksum) == FILE
        assert Server.asked == asked


@pytest.mark.parametrize("error", [Refused, KvmError, OSError])
def test_nothing_is_kept_that_nobody_will_go_on_with(web: str, shelf: Path, error: type[Exception]) -> None:
    with pytest.raises(error), fetched(Origin("url", web, cache=str(shelf)), 60):
        raise error("no disk image")
    assert list(shelf.iterdir()) == []


def test_a_wrong_file_is_not_kept(web: str, shelf: Path) -> None:
    wrong = Checksum("sha256", "0" * 64)
    with pytest.raises(Refused, match=f"not {wrong}"):
        fetch_all(web, shelf, wrong)
    assert list(shelf.iterdir()) == []
    assert Server.asked == [0]


def test_a_server_that_is_away_takes_nothing(web: str, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    break_off(web, shelf, monkeypatch, None)
    before = sorted(shelf.iterdir())
    monkeypatch.setattr(fetch, "open_url", _refusing)
    with pytest.raises(KvmError, match="could not be fetched"):
        fetch_all(web, shelf)
    assert sorted(shelf.iterdir()) == before


def _refusing(*_arguments: Any, **_options: Any) -> Any:
    raise ConnectionResetError("gone")


def test_what_was_begun_long_ago_goes(web: str, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    break_off(web, shelf, monkeypatch, None)
    (shelf / "notes of the administrator").write_text("")
    for file in shelf.iterdir():
        os.utime(file, (0, 0))
    Server.asked.clear()
    with fetched(Origin("url", web, cache=str(shelf)), 60):
        assert Server.asked == [0]
    assert [file.name for file in shelf.iterdir()] == ["notes of the administrator"]


def test_only_the_owner_can_look_into_the_cache(web: str, shelf: Path) -> None:
    fetch_all(f"{web}?token=secret", shelf)
    assert shelf.stat().st_mode & 0o777 == 0o700


def test_a_secret_of_a_url_is_not_written(web: str, shelf: Path) -> None:
    with fetched(Origin("url", f"{web}?token=secret", cache=str(shelf)), 60):
        (note,) = shelf.glob("*.json")
        assert json.loads(note.read_text()).keys() == {"validator", "boot"}
        assert not list(shelf.glob("*secret*"))


@pytest.mark.parametrize("kind", ["others may write", "a link", "a file"])
def test_a_directory_in_which_others_could_put_something_is_refused(web: str, shelf: Path, kind: str) -> None:
    if kind == "a link":
        shelf.symlink_to(shelf.parent)
    elif kind == "a file":
        shelf.write_text("")
    else:
        shelf.mkdir()
        shelf.chmod(0o777)
    with pytest.raises(Refused, match=f"cache {shelf} .*; name another"):
        fetch_all(web, shelf)
    assert Server.asked == []


def test_one_run_at_a_time_fetches_a_file(web: str, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[tuple[str, list[str], float]] = []

    @contextmanager
    def claimed(uri: str, names: list[str], timeout: float) -> Iterator[None]:
        held.append((uri, names, timeout))
        yield

    monkeypatch.setattr(cache, "claimed", claimed)
    fetch_all(web, shelf)
    ((uri, (name,), timeout),) = held
    assert (uri, os.path.dirname(name), timeout) == ("cache", str(shelf), 60)


@pytest.mark.parametrize(
    ("user", "directory"), [(0, "/var/cache/kvmops-datacenter"), (1000, "/home/me/.cache/kvmops-datacenter")]
)
def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, user: int, directory: str) -> None:
    monkeypatch.setattr(cache.os, "geteuid", lambda: user)
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache._default() == directory
