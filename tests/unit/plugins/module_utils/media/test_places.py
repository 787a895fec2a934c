# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Media in files and at URLs: only parts of them are read, and whatever is wrong with them is a sentence."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._media.places import at_url, in_file
from ansible_collections.kvmops.datacenter.plugins.module_utils._media.web import within

from tests.unit.plugins.module_utils.media.discs import SIZE, image


class Server(BaseHTTPRequestHandler):
    """Gives parts of an image, and does wrong in many ways."""

    stop = threading.Event()
    asked: ClassVar[list[str]] = []

    def log_message(self, *_words: Any) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        self.asked.append(self.headers["Range"])
        content = {"/text": b"no image"}.get(self.path.partition("?")[0], image())
        first, last = map(int, re.findall(r"\d+", self.headers["Range"]))
        if self.path == "/silent":
            self.stop.wait(20)
        if self.path == "/gone":
            self.send_error(404, "Not Found")
        elif self.path == "/whole":
            self.answer(200, content, {})
        elif first >= len(content):
            self.send_error(416, "Range Not Satisfiable")
        else:
            shift = 2048 if self.path == "/other" else 0
            told = f"bytes {first + shift}-{min(last, len(content) - 1)}/{len(content)}"
            self.answer(206, content[first : last + 1], {"Content-Range": told})

    def answer(self, code: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.path == "/short":
            content = content[:100]
        while self.path == "/slow" and not self.stop.wait(0.1):
            self.wfile.write(b".")
            self.wfile.flush()
        self.wfile.write(content)


class Servers(ThreadingHTTPServer):
    """Says nothing of connections that its clients have given up."""

    def handle_error(self, *_request: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    """The URL of a server."""
    Server.stop.clear()
    Server.asked.clear()
    with Servers(("127.0.0.1", 0), Server) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_address[1]}"
        Server.stop.set()
        made.shutdown()
        thread.join()


def test_a_medium_at_a_url_is_read_in_two_parts(server: str) -> None:
    medium = at_url(f"{server}/a.iso?token=secret", 5)
    assert medium.disc is not None
    assert (medium.disc.volume_id, medium.disc.boot, medium.size) == ("Wonder 1 amd64", ("bios", "efi"), SIZE)
    assert (medium.invalid, medium.place) == ("", {"url": f"{server}/a.iso"})
    assert Server.asked == ["bytes=32768-65535", "bytes=40960-43007"]


def test_what_is_no_medium_at_a_url(server: str) -> None:
    assert at_url(f"{server}/text", 5).invalid == (
        f"The URL {server}/text is no ISO 9660 image; name an installation medium."
    )


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("/gone", Refused, "the server answers 404 Not Found"),
        ("/whole", Refused, "gives no parts of files"),
        ("/other", Refused, "gives no parts of files"),
        ("/short", KvmError, "broke off after 100 of 16384 bytes"),
        ("/silent", TimedOut, "stalls"),
        ("/slow", TimedOut, "stalls"),
    ],
)
def test_servers_that_do_wrong_are_given_up_in_time(server: str, path: str, kind: type[KvmError], words: str) -> None:
    started = time.monotonic()
    with pytest.raises(kind, match=words):
        at_url(server + path, 0.5)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a.iso", "http://none.invalid/a.iso"])
def test_servers_that_are_not_there(url: str) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        at_url(url, 5)


@pytest.mark.parametrize("url", ["ftp://example.org/a.iso", "/srv/a.iso", "file:///srv/a.iso"])
def test_what_is_no_url_of_parts(url: str) -> None:
    with pytest.raises(Refused, match="write it with http"):
        at_url(url, 5)


def test_a_defect_in_what_is_waited_for_does_not_look_like_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    # pytest would warn of the thread that the defect ends.
    monkeypatch.setattr(threading, "excepthook", lambda _error: None)
    with pytest.raises(CancelledError):
        within(30, lambda: 1 // 0, "late")


def test_media_in_files(tmp_path: Path) -> None:
    medium = tmp_path / "a.iso"
    medium.write_bytes(image())
    found = in_file(str(medium))
    assert found.disc is not None
    assert (found.disc.boot, found.size, found.invalid, found.place) == (
        *(("bios", "efi"), SIZE),
        *("", {"path": str(medium)}),
    )
    medium.write_bytes(image()[:-1])
    cut_off = f"The file {medium} is cut off: it has {SIZE - 1} of {SIZE} bytes; get it again."
    assert in_file(str(medium)).invalid == cut_off
    medium.write_bytes(b"no image")
    assert in_file(str(medium)).invalid == f"The file {medium} is no ISO 9660 image; name an installation medium."


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("a.iso", "is not absolute"),
        ("/none.iso", "No such file or directory"),
        ("/etc", "neither a file nor a block device"),
        ("/dev/zero", "neither a file nor a block device"),
    ],
)
def test_what_is_no_file(path: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        in_file(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(Refused, match="neither a file"):
        in_file(str(pipe))
