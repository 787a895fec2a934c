# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images from a URL: looked at before, fetched into a file, gone on with after a break, never used in part."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.error import HTTPError, URLError

from ansible.module_utils.urls import open_url

from .._errors import KvmError, Refused, TimedOut
from .origin import public_url
from .room import require_room

_CHUNK = 1024 * 1024
# Seconds without a byte after which a server is given up.
_SILENCE = 30
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
# HTTP: what is sent from a byte on, and that nothing is behind that byte (RFC 9110).
_PARTIAL, _NOTHING_BEHIND = 206, 416
_FROM = re.compile(r"bytes (?P<start>\d+)-\d+/(?P<size>\d+)")
_VALIDATORS = ("ETag", "Last-Modified")
_BEHIND = re.compile(r"bytes \*/(?P<size>\d+)")


@contextmanager
def _opened(url: str, headers: Mapping[str, str] | None = None) -> Iterator[Any]:
    """Open a URL; whatever goes wrong with it in the block becomes one sentence."""
    shown = public_url(url)
    try:
        with _answer(url, dict(headers or {})) as answer:
            yield answer
    except HTTPError as error:
        raise Refused(
            f"The URL {shown} cannot be fetched (the server answers {error.code} {error.reason}); correct it."
        ) from error
    except URLError as error:
        raise Refused(
            f"The URL {shown} cannot be fetched ({_reason(error)}); correct it, or mend the way to it."
        ) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise KvmError(f"The URL {shown} could not be fetched to its end ({_reason(error)}); run it again.") from error


def _answer(url: str, headers: dict[str, str]) -> Any:
    try:
        return open_url(url, timeout=_SILENCE, http_agent="kvmops.datacenter", decompress=False, headers=headers)
    except HTTPError as error:
        if headers and error.code == _NOTHING_BEHIND:
            return error
        raise


def _reason(error: BaseException) -> str:
    """Return what a person can use of an error: the system's words before Python's."""
    cause = getattr(error, "reason", None) or error
    return str(getattr(cause, "strerror", None) or cause) or type(cause).__name__


def look_at_url(url: str, count: int) -> tuple[bytes, int | None]:
    """Return the first bytes that a URL gives, and how many it has: None where its server does not tell."""
    first = b""
    with _opened(url) as answer:
        for chunk in _chunks(answer, url, _SILENCE):
            first += chunk
            if len(first) >= count:
                break
        return first[:count], _announced(answer)


def _chunks(answer: Any, url: str, timeout: float) -> Iterator[bytes]:
    """Go through what a server sends, as it comes: one that sends a byte now and then must not hold us for ever."""
    deadline = time.monotonic() + timeout
    while True:
        chunk = answer.read1(_CHUNK)
        if not chunk:
            return
        yield chunk
        if time.monotonic() > deadline:
            raise TimedOut(f"The URL {public_url(url)} was not fetched within {timeout:g} s; raise 'timeout'.")


def _announced(answer: Any) -> int | None:
    written = answer.headers.get("Content-Length") or ""
    return int(written) if written.isdigit() else None


class Part:
    """The file that a URL is fetched into, as far as it is there; an earlier run may have begun it.

    Beside it is a note of what its server called the file then (ETag, or the date of its last change), which is there
    only while all bytes of the part belong to that.
    """

    def __init__(self, url: str, path: str, algorithms: Collection[str]) -> None:
        self.url, self.path, self.note = url, path, f"{path}.json"
        self._algorithms = sorted(algorithms)
        self._count()

    def _count(self) -> None:
        """Read what is there."""
        self._restart()
        with suppress(FileNotFoundError), open(self.path, "rb") as opened:
            for chunk in iter(lambda: opened.read(_CHUNK), b""):
                self._take(chunk)

    def _take(self, chunk: bytes) -> None:
        self.size += len(chunk)
        for digest in self._made.values():
            digest.update(chunk)

    @property
    def digests(self) -> dict[str, str]:
        """Return the digests of what is there, by algorithm."""
        return {algorithm: digest.hexdigest() for algorithm, digest in self._made.items()}

    def drop(self) -> None:
        """Take away what is there; it can be fetched anew."""
        for path in (self.note, self.path):
            with suppress(FileNotFoundError):
                os.unlink(path)
        self._restart()

    def _restart(self) -> None:
        self.size = 0
        self._made = {algorithm: hashlib.new(algorithm) for algorithm in self._algorithms}

    def complete(self, timeout: float) -> None:
        """Fetch what is missing; all, unless the server still has what the part is of. `timeout` in seconds.

        KvmError where less came than was announced, or there is no room; what came stays, to go on with.
        """
        validator = self._validator()
        headers = {"Range": f"bytes={self.size}-", "If-Range": validator} if self.size and validator else {}
        with _opened(self.url, headers) as answer:
            total = self._whole(answer, validator) if headers else None
            if total is None and not (headers and answer.code in (_PARTIAL, _NOTHING_BEHIND)):
                self._begin(answer)
                self._receive(answer, _announced(answer), timeout)
                return
            if total is not None:
                self._receive(answer, total, timeout)
                return
        # What is there does not fit: without it, all is asked for.
        self.drop()
        self.complete(timeout)

    def _receive(self, answer: Any, total: int | None, timeout: float) -> None:
        require_room(os.path.dirname(self.path), (total or 0) - self.size, "cache")
        with open(self.path, "ab") as opened:
            for chunk in _chunks(answer, self.url, timeout) if self.size != total else ():
                opened.write(chunk)
                self._take(chunk)
        if total is not None and self.size != total:
            shown = public_url(self.url)
            raise KvmError(f"The URL {shown} broke off after {self.size} of {total} bytes; run it again to go on.")

    def _whole(self, answer: Any, validator: str) -> int | None:
        """Return how long the file is where the server goes on at the end of the part, or None."""
        told = [answer.headers.get(name) for name in _VALIDATORS]
        if validator not in told and any(told):
            return None
        sent = answer.headers.get("Content-Range") or ""
        match = _FROM.fullmatch(sent) if answer.code == _PARTIAL else None
        if match and int(match["start"]) == self.size:
            return int(match["size"])
        match = _BEHIND.fullmatch(sent) if answer.code == _NOTHING_BEHIND else None
        return self.size if match and int(match["size"]) == self.size else None

    def _begin(self, answer: Any) -> None:
        self.drop()
        etag, date = (str(answer.headers.get(name) or "") for name in _VALIDATORS)
        validator = etag if etag.startswith('"') else date
        if validator:
            with open(self.note, "w", encoding="utf-8") as opened:
                json.dump({"validator": validator, "boot": _boot_id()}, opened)

    def _validator(self) -> str:
        """Return what the server called the file, or ""; what was written before a crash of the host does not count."""
        try:
            with open(self.note, encoding="utf-8") as opened:
                note = json.load(opened)
        except (OSError, ValueError):
            return ""
        return str(note.get("validator") or "") if note.get("boot") == _boot_id() else ""


def _boot_id() -> str:
    with open(_BOOT_ID, encoding="ascii") as opened:
        return opened.read().strip()
