# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compressed images, unpacked as a stream: never more than there is room for, and never a part for the whole."""

from __future__ import annotations

import bz2
import lzma
import os
import select
import shutil
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Union

from .._errors import KvmError, Refused, TimedOut
from .._hypervisor import Hypervisor
from .._units import MIB
from .image import HEADER_BYTES
from .kinds import PACKED, SECTOR, image_format
from .room import Room

_CHUNK = MIB
# The dictionary of an archive is allocated before its first byte; the largest that xz itself makes is 64 MiB.
_MOST_MEMORY = 256 * MIB
_BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error)
# Milliseconds between two looks whether zstd is still there.
_LOOK = 200


class _Gunzip:
    """zlib's decoder of gzip in the manner of bz2 and lzma."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        """Return whether the stream has come to its end."""
        return self._decoder.eof

    @property
    def needs_input(self) -> bool:
        """Return whether all that was given is used up."""
        return not self._decoder.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """Return what was given behind the end of the stream."""
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most `max_length` bytes of what is packed in `data` and in what was given before."""
        return self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)


_Decoder = Union[_Gunzip, bz2.BZ2Decompressor, lzma.LZMADecompressor]
_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Gunzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY),
}


def peek(kind: str, first: bytes) -> bytes:
    """Return as much of the beginning of what is packed as `first`, the beginning of the file, gives.

    Nothing where it does not tell, as for zstd, which Python cannot read. Broken data shows later.
    """
    if kind not in _DECODERS:
        return b""
    try:
        return _DECODERS[kind]().decompress(first, HEADER_BYTES)
    except _BROKEN:
        return b""


def check_inside(what: str, first: bytes) -> str:
    """Return what kind of file is packed in another, by its first bytes; Refused where it is packed once more."""
    inside = f"What is packed in {what}"
    kind = image_format(inside, first, SECTOR)
    if kind in PACKED:
        raise Refused(f"{inside} is compressed once more ({kind}); unpack the outer file first.")
    return kind


def unpack(host: Hypervisor, what: str, kind: str, source: str, target: str, room: Room, timeout: int) -> None:
    """Write what is packed in the file `source` into the new file `target`; `timeout` in seconds for all of it.

    Refused where it is broken or cut off, is no disk, or takes more than there is room for.
    """
    deadline = time.monotonic() + timeout
    if kind not in _DECODERS:
        _unzstd(host, what, source, target, room, timeout)
        return
    with open(source, "rb") as opened:
        room.fill(what, target, _watched(what, _unpacked(what, kind, opened), deadline))


def _unpacked(what: str, kind: str, opened: BinaryIO) -> Iterator[bytes]:
    """Go through what the streams behind each other in a file unpack to; zeros behind them do no harm."""
    rest = opened.read(_CHUNK)
    while rest:
        decoder = _DECODERS[kind]()
        try:
            yield from _stream(decoder, rest, opened)
        except _BROKEN as error:
            raise _broken(what, kind, str(error)) from error
        rest = decoder.unused_data.lstrip(b"\0")
        while not rest:
            more = opened.read(_CHUNK)
            if not more:
                return
            rest = more.lstrip(b"\0")


def _stream(decoder: _Decoder, data: bytes, opened: BinaryIO) -> Iterator[bytes]:
    while not decoder.eof:
        if decoder.needs_input and not data:
            data = opened.read(_CHUNK)
        block = decoder.decompress(data, _CHUNK)
        if not (data or block or decoder.eof):
            raise EOFError("it is cut off")
        yield block
        data = b""


def _broken(what: str, kind: str, words: str) -> Refused:
    return Refused(f"{what} cannot be unpacked ({kind}: {' '.join(words.split())}); get it again.")


def _unzstd(host: Hypervisor, what: str, source: str, target: str, room: Room, timeout: int) -> None:
    """Unpack by the program zstd, which writes into a pipe of which no more is read than there is room for."""
    if shutil.which("zstd") is None:
        raise KvmError(f"{what} is compressed by zstd, which is missing on this host; install the package zstd.")
    pipe = f"{target}.pipe"
    os.mkfifo(pipe, 0o600)
    command = ["timeout", str(timeout), "sh", "-c", 'exec zstd -dcq "$0" >"$1"', source, pipe]
    answers: list[tuple[int, str, str]] = []
    program = threading.Thread(target=lambda: answers.append(host.attempt(command)))
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        program.start()
        room.fill(what, target, _watched(what, _arriving(reading, program), time.monotonic() + timeout))
    finally:
        # It ends when nobody reads what it writes.
        os.close(reading)
        program.join()
        os.unlink(pipe)
    for code, _told, errors in answers:
        if code:
            raise _broken(what, "zstd", errors)


def _arriving(reading: int, program: threading.Thread) -> Iterator[bytes]:
    """Go through what a program writes into a pipe that it may not have opened yet; nothing while it writes nothing."""
    waiting = select.poll()
    waiting.register(reading, select.POLLIN)
    while True:
        ended = not program.is_alive()
        if waiting.poll(_LOOK):
            block = os.read(reading, _CHUNK)
            if not block:
                return
            yield block
        elif ended:
            return
        else:
            yield b""


def _watched(what: str, blocks: Iterator[bytes], deadline: float) -> Iterator[bytes]:
    """Pass blocks on; refuse what is no disk as soon as its beginning shows, and give up at the deadline."""
    first: bytes | None = b""
    for block in in_time(what, blocks, deadline):
        if first is not None:
            first += block
            if len(first) >= HEADER_BYTES:
                check_inside(what, first)
                first = None
        yield block


def in_time(what: str, blocks: Iterable[bytes], deadline: float) -> Iterator[bytes]:
    """Pass blocks on until the deadline, by the monotonic clock."""
    for block in blocks:
        if time.monotonic() > deadline:
            raise TimedOut(f"{what} was not unpacked in time; raise 'timeout'.")
        yield block
