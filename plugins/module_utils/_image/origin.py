# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an image comes from, and what its user, and whoever has it at hand, tell of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from .._errors import Refused
from .._values import dataclass
from .image import capacity_of, digests_of, read_header

ORIGINS = ("src", "path", "url")

# What the control node tells of an image that lies there, beside its path on the host.
_TOLD = ("size", "format", "sha256", "capacity")
_DIGITS = {"sha256": 64, "sha512": 128}
_CHECKSUM = re.compile(r"(?P<algorithm>[a-z0-9]+):(?P<digest>[0-9a-f]+)")
_SCHEMES = ("http://", "https://", "file:///")


def told_option() -> dict[str, Any]:
    """Return the option by which an action tells its module of an image on the control node: what `told()` gives."""
    types = {"path": "path", "size": "int", "format": "str", "capacity": "int", "sha256": "str"}
    return {"type": "dict", "options": {name: {"type": kind} for name, kind in types.items()}}


def public_url(url: str) -> str:
    """Return a URL without what may be secret in it: user, password, query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


@dataclass(frozen=True)
class Checksum:
    """A digest that a user has given for an image."""

    algorithm: str
    digest: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest}"

    @classmethod
    def parse(cls, written: str) -> Checksum:
        """Return the checksum written as "sha256:…"; Refused where it is none."""
        match = _CHECKSUM.fullmatch(written.strip().lower())
        if match is None or match["algorithm"] not in _DIGITS:
            raise Refused(f"checksum '{written}' is none; write sha256: or sha512: and the digest in hexadecimal.")
        digits = _DIGITS[match["algorithm"]]
        if len(match["digest"]) != digits:
            raise Refused(f"checksum '{written}' is cut off or too long; {match['algorithm']} has {digits} digits.")
        return cls(match["algorithm"], match["digest"])


@dataclass(frozen=True)
class ChecksumList:
    """A list of checksums at a URL; has to be signed by a key of the file `keyring` of the host, if one is given."""

    url: str
    keyring: str = ""

    def __str__(self) -> str:
        return f"The list of checksums {public_url(self.url)}"


@dataclass(frozen=True)
class Origin:
    """Where an image comes from.

    `place` is what the user wrote; `checksums` is the list that tells the checksum; `file` is its path on this machine,
    where the image is there already. `size` and `capacity` in bytes, `format` and `sha256` are known of an image that
    was looked at, here or on the control node. `cache` is the directory of the host that a URL is fetched into, "" for
    the usual one.
    """

    kind: str
    place: str
    checksum: Checksum | None = None
    file: str | None = None
    size: int = 0
    format: str = ""
    sha256: str | None = None
    capacity: int = 0
    checksums: ChecksumList | None = None
    cache: str = ""

    @property
    def shown(self) -> str:
        """Return its place without what may be secret in it."""
        return public_url(self.place) if self.kind == "url" else self.place

    @property
    def what(self) -> str:
        """Return how sentences name it."""
        return f"The image {self.shown}"

    @property
    def elsewhere(self) -> bool:
        """Return whether the image is a file of the control node that was not transferred (yet)."""
        return self.kind == "src" and self.file is None

    @property
    def algorithms(self) -> set[str]:
        """Return the algorithms of the digests that have to be known of it."""
        return {"sha256", *([self.checksum.algorithm] if self.checksum else [])}

    def check(self, digests: Mapping[str, str]) -> None:
        """Refuse an image, by its digests, that is not the one its checksum tells."""
        checksum = self.checksum
        if checksum and digests[checksum.algorithm] != checksum.digest:
            raise Refused(
                f"{self.what} has the checksum {checksum.algorithm}:{digests[checksum.algorithm]}, not {checksum}; "
                "get the right image, or correct checksum."
            )

    def seen(self, file: str, judge: Callable[[str, bytes, int], str]) -> Origin:
        """Return it with what the first bytes of its file tell; `judge` refuses what it may not be (`image_format`)."""
        first, found = read_header(self.what, file)
        kind, size = judge(self.what, first, found.st_size), found.st_size
        return replace(self, file=file, size=size, format=kind, capacity=capacity_of(kind, first, size))

    def digests(self) -> dict[str, str]:
        """Return the digests of its file, read once; Refused where it is not the one that its checksum tells."""
        digests = digests_of(self.what, str(self.file), self.algorithms)
        self.check(digests)
        return digests

    def read(self) -> Origin:
        """Return it with the SHA-256 of its file; Refused where it is not the one that its checksum tells."""
        return replace(self, sha256=self.digests()["sha256"])

    def told(self, path: str | None = None) -> dict[str, Any]:
        """Return what the module on the host is told: `path` is where the image lies there."""
        return {**{key: getattr(self, key) for key in _TOLD}, "path": path}

    @classmethod
    def of_told(cls, place: str, checksum: Checksum | None, told: Mapping[str, Any]) -> Origin:
        """Return the image of the control node of which `told()` was told; what is not told is not known."""
        known = {key: told[key] for key in _TOLD if told.get(key) is not None}
        return cls("src", place, checksum, told.get("path"), **known)

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Origin | None:
        """Return the one source that is given, or None; Refused where there are several, or it makes no sense."""
        given = [kind for kind in ORIGINS if params.get(kind)]
        checksums = _list_of(params)
        checksum = Checksum.parse(params["checksum"]) if params.get("checksum") and not checksums else None
        if len(given) > 1:
            raise Refused(f"{' and '.join(given)} exclude each other; give exactly one source.")
        if not given:
            if checksum or checksums:
                raise Refused("checksum is given without the image it belongs to; give src, path or url too.")
            return None
        if checksums and given[0] != "url":
            raise Refused(f"checksum is a list, which is for images with url; write the checksum of {given[0]} itself.")
        origin = cls._given(given[0], str(params[given[0]]), checksum, params.get("_source") or {})
        return replace(origin, checksums=checksums, cache=_cache(params))

    @classmethod
    def _given(cls, kind: str, place: str, checksum: Checksum | None, told: Mapping[str, Any]) -> Origin:
        if kind == "src":
            if not told:
                raise Refused("src is read on the control node; call the module by its full name, kvmops.datacenter.….")
            return cls.of_told(place, checksum, told)
        if kind == "path" and not place.startswith("/"):
            raise Refused(f"path '{place}' is not absolute; write it from / on.")
        if kind == "url" and not place.lower().startswith(_SCHEMES):
            raise Refused(f"url '{public_url(place)}' cannot be fetched; write it with http://, https:// or file:///.")
        return cls(kind, place, checksum, place if kind == "path" else None)


def _list_of(params: Mapping[str, Any]) -> ChecksumList | None:
    """Return the list of checksums that is given, or None; Refused where its keyring makes no sense."""
    written, keyring = str(params.get("checksum") or ""), str(params.get("checksum_keyring") or "")
    if not written.lower().startswith(_SCHEMES):
        if keyring:
            raise Refused("checksum_keyring is given without the list that is signed; give its URL as checksum.")
        return None
    if keyring and not keyring.startswith("/"):
        raise Refused(f"checksum_keyring '{keyring}' is not absolute; write it from / on.")
    return ChecksumList(written, keyring)


def _cache(params: Mapping[str, Any]) -> str:
    path = str(params.get("cache") or "")
    if path and not path.startswith("/"):
        raise Refused(f"cache '{path}' is not absolute; write it from / on.")
    return path
