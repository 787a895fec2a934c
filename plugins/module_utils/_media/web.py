# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Media at URLs: only the parts that are asked for are fetched, in bounded time whatever the server does."""

from __future__ import annotations

import concurrent.futures
import http.client
import re
import threading
from concurrent.futures import Future
from typing import Any, Callable, TypeVar
from urllib.error import HTTPError, URLError

from ansible.module_utils.urls import open_url

from .._errors import KvmError, Refused, TimedOut
from .._image.origin import public_url
from .._values import dataclass

_WHOLE_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")
_PARTIAL, _BEYOND = 206, 416
_SCHEMES = ("http://", "https://")

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Part:
    """Bytes of a file on a server, and how many bytes the file has."""

    content: bytes
    total: int


def require_web(url: str) -> None:
    """Refuse a URL that is none by which parts of a file can be had."""
    if not url.lower().startswith(_SCHEMES):
        raise Refused(f"url '{public_url(url)}' cannot be looked at; write it with http:// or https://.")


def part_of(url: str, offset: int, count: int, timeout: float) -> Part:
    """Fetch `count` bytes of a URL from an offset on, fewer where it ends (RFC 9110, 14: range requests).

    Refused where the server answers with an error, or gives no parts; KvmError where it breaks off; TimedOut where it
    did not give them within `timeout` seconds.
    """
    late = f"The server of {public_url(url)} stalls: it gave {count} bytes not within {timeout:g} s; try it later."
    return within(timeout, lambda: _part(url, offset, count, timeout), late)


def _part(url: str, offset: int, count: int, timeout: float) -> Part:
    shown = public_url(url)
    asked = {"Range": f"bytes={offset}-{offset + count - 1}"}
    try:
        with open_url(url, headers=asked, timeout=timeout, http_agent="kvmops.datacenter", decompress=False) as answer:
            total = _total(answer, shown, offset)
            content = answer.read(count)
    except HTTPError as error:
        if error.code == _BEYOND:
            return Part(b"", 0)
        words = f"the server answers {error.code} {error.reason}"
        raise Refused(f"The URL {shown} cannot be read ({words}); correct it.") from error
    except URLError as error:
        raise Refused(
            f"The URL {shown} cannot be read ({_reason(error)}); correct it, or mend the way to it."
        ) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise KvmError(f"The URL {shown} could not be read ({_reason(error)}); try it again.") from error
    due = max(0, min(count, total - offset))
    if len(content) != due:
        raise KvmError(f"The server of {shown} broke off after {len(content)} of {due} bytes; try it again.")
    return Part(content, total)


def _total(answer: Any, shown: str, offset: int) -> int:
    """Return how many bytes the file has of which an answer is a part; Refused where it is not the part asked for."""
    told = _WHOLE_RANGE.fullmatch(answer.headers.get("Content-Range") or "")
    if answer.status != _PARTIAL or told is None or int(told[1]) != offset:
        raise Refused(
            f"The server of {shown} gives no parts of files, which VMs need of a medium; choose another server, or "
            "download the medium into a pool."
        )
    return int(told[2])


def _reason(error: BaseException) -> str:
    """Return what a person can use of an error: the system's words before Python's."""
    cause = getattr(error, "reason", None) or error
    return str(getattr(cause, "strerror", None) or cause) or type(cause).__name__


def within(timeout: float, work: Callable[[], Answer], late: str) -> Answer:
    """Return what is worked out in another thread; TimedOut, saying `late`, where that takes too long.

    The time-outs of sockets begin anew with every byte, and none holds for names that are looked up. A thread that is
    late is left behind, and ends with the process.
    """
    answer: Future[Answer] = Future()
    threading.Thread(target=_work, args=(work, answer), daemon=True).start()
    try:
        return answer.result(timeout)
    except concurrent.futures.TimeoutError as silence:
        raise TimedOut(late) from silence


def _work(work: Callable[[], Answer], answer: Future[Answer]) -> None:
    try:
        answer.set_result(work())
    except KvmError as error:
        answer.set_exception(error)
    finally:
        # Nobody is to wait for one that a defect has ended; otherwise this does nothing.
        answer.cancel()
