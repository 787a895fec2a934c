# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checksums that stand in a list beside the image (SHA256SUMS and the like), signed or not."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from .._errors import KvmError, Refused
from .._hypervisor import Hypervisor
from .._units import MIB
from .fetch import look_at_url
from .image import read_header
from .origin import Checksum, ChecksumList, Origin, public_url

_LONGEST = 4 * MIB
_CLEARSIGNED = b"-----BEGIN PGP SIGNED MESSAGE-----"
_ARMORED = b"-----BEGIN PGP PUBLIC KEY BLOCK-----"
# Where those who sign a list put the signature beside it.
_SIGNATURES = (".gpg", ".asc", ".sign", ".sig")
_GNU = re.compile(r"(?P<digest>[0-9a-f]{64}|[0-9a-f]{128}) [ *](?P<name>.+)", re.IGNORECASE)
_BSD = re.compile(r"SHA(?P<bits>256|512) \((?P<name>.+)\) = (?P<digest>[0-9a-f]{64}|[0-9a-f]{128})", re.IGNORECASE)
_ALGORITHMS = {64: "sha256", 128: "sha512"}


def resolved(host: Hypervisor, origin: Origin, workdir: str) -> Origin:
    """Return an image with the checksum that its list tells now; the list is fetched, and its signature checked.

    Refused where the list, its signature, or the image in it is missing or does not fit.
    """
    if origin.checksums is None:
        return origin
    wanted = origin.checksums
    content = _fetched(wanted.url)
    text = _verified(host, wanted, content, workdir) if wanted.keyring else content
    name = unquote(urlsplit(origin.place).path.rpartition("/")[2])
    return replace(origin, checksum=find(wanted, text.decode("utf-8", "replace"), name))


def find(wanted: ChecksumList, text: str, name: str) -> Checksum:
    """Return the checksum of the file of that name, the SHA-256 where there are several; Refused where none is told."""
    matches = [_GNU.fullmatch(line.strip()) or _BSD.fullmatch(line.strip()) for line in text.splitlines()]
    told = {
        Checksum(_ALGORITHMS[len(match["digest"])], match["digest"].lower())
        for match in matches
        if match and match["name"].rpartition("/")[2] == name
    }
    for algorithm in _ALGORITHMS.values():
        found = [checksum for checksum in told if checksum.algorithm == algorithm]
        if len(found) > 1:
            raise Refused(f"{wanted} has several checksums of {name}; give the right one itself as checksum.")
        if found:
            return found[0]
    raise Refused(f"{wanted} has no SHA-256 or SHA-512 of {name}; give the list that has, or the checksum itself.")


def _fetched(url: str) -> bytes:
    content, announced = look_at_url(url, _LONGEST + 1)
    if len(content) > _LONGEST:
        raise Refused(f"The URL {public_url(url)} gives no list of checksums, but more than {_LONGEST // MIB} MiB.")
    if announced is not None and announced != len(content):
        raise KvmError(f"The URL {public_url(url)} broke off after {len(content)} of {announced} bytes; run it again.")
    return content


def _verified(host: Hypervisor, wanted: ChecksumList, content: bytes, workdir: str) -> bytes:
    """Return what of a list is signed by a key of the keyring (gpgv); Refused where that is not so."""
    if shutil.which("gpgv") is None:
        raise KvmError("gpgv is missing on this host, which checks signatures; install the package gpgv (or gnupg2).")
    if read_header("checksum_keyring", wanted.keyring)[0].lstrip().startswith(_ARMORED):
        raise Refused(f"checksum_keyring {wanted.keyring} is a text, which gpgv cannot read; use gpg --dearmor first.")
    with tempfile.TemporaryDirectory(prefix="checksums-", dir=workdir) as room:
        file, signed = (os.path.join(room, name) for name in ("list", "signed"))
        _write(file, content)
        if content.lstrip().startswith(_CLEARSIGNED):
            _gpgv(host, wanted, ["--output", signed, file])
            # What stands before and behind the signed part is not signed.
            with open(signed, "rb") as opened:
                return opened.read()
        signature = f"{file}.signature"
        _write(signature, _signature(wanted))
        _gpgv(host, wanted, [signature, file])
        return content


def _write(path: str, content: bytes) -> None:
    with open(path, "xb") as opened:
        opened.write(content)


def _signature(wanted: ChecksumList) -> bytes:
    parts = urlsplit(wanted.url)
    for end in _SIGNATURES:
        with suppress(Refused):
            return _fetched(parts._replace(path=parts.path + end).geturl())
    raise Refused(
        f"{wanted} is not signed: neither in itself, nor is there a signature beside it ({', '.join(_SIGNATURES)}); "
        "give a signed list, or leave checksum_keyring out."
    )


def _gpgv(host: Hypervisor, wanted: ChecksumList, arguments: list[str]) -> None:
    code, _told, errors = host.attempt(["gpgv", "--keyring", wanted.keyring, *arguments])
    if code:
        words = "; ".join(line.strip() for line in errors.replace("gpgv: ", "").splitlines())
        raise Refused(
            f"{wanted} is not signed by a key of checksum_keyring {wanted.keyring} (gpgv: {words or 'no word'}); do "
            "not use the image before you know why."
        )
