# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images from a URL: looked at before, fetched into a temporary file, never used in part."""

from __future__ import annotations

import hashlib
import http.client
import os
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError, URLError

from ansible.module_utils.urls import open_url

from .._errors import KvmError, Refused, TimedOut
from .origin import public_url
from .room import require_room

_CHUNK = 1024 * 1024
# Seconds without a byte after which a server is given up.
_SILENCE = 30


@contextmanager
def _opened(url: str) -> Iterator[Any]:
    """Open a URL; whatever goes wrong with it in the block becomes one sentence."""
    shown = public_url(url)
    try:
        with open_url(url, timeout=_SILENCE, http_agent="kvmops.datacenter", decompress=False) as answer:
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


def download(url: str, target: str, algorithms: Collection[str], timeout: float) -> dict[str, str]:
    """Fetch a URL into the file `target` and return its digests, by algorithm.

    `timeout` in seconds for all of it. KvmError where less came than was announced, or there is no room.
    """
    made = {algorithm: hashlib.new(algorithm) for algorithm in sorted(algorithms)}
    received = 0
    with _opened(url) as answer, open(target, "wb") as opened:
        announced = _announced(answer)
        require_room(os.path.dirname(target), announced or 0)
        for chunk in _chunks(answer, url, timeout):
            opened.write(chunk)
            received += len(chunk)
            for digest in made.values():
                digest.update(chunk)
    if announced is not None and received != announced:
        raise KvmError(f"The URL {public_url(url)} broke off after {received} of {announced} bytes; run it again.")
    return {algorithm: digest.hexdigest() for algorithm, digest in made.items()}
