# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may say about a template, and the same as it is compared: sizes in bytes, nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from .._errors import Refused
from .._planned import planned_option
from .._units import MIB, parse_size
from .._values import dataclass
from .fetch import public_url
from .library import check_template_name

STATES = ("present", "absent")
FIRST_VERSION = "1"
ORIGINS = ("src", "path", "url")

# What the control node tells of an image that lies there, beside its path on this host.
_TOLD = ("size", "format", "sha256", "capacity")
_DIGITS = {"sha256": 64, "sha512": 128}
_CHECKSUM = re.compile(r"(?P<algorithm>[a-z0-9]+):(?P<digest>[0-9A-Fa-f]+)")
_SCHEMES = ("http://", "https://", "file:///")
# Two of them and the ends of the file names have to fit into the 255 bytes that a file name may have.
_LONGEST = 100
_MOST_VCPUS = 4096


def template_options() -> dict[str, Any]:
    """Return the options of a template; `_source` is how the module's other half on the control node speaks to it."""
    return {
        "name": {"type": "str", "required": True},
        "version": {"type": "str"},
        "state": {"type": "str", "choices": list(STATES), "default": "present"},
        "src": {"type": "path"},
        "path": {"type": "path"},
        "url": {"type": "str"},
        "checksum": {"type": "str"},
        "pool": {"type": "str", "default": "default"},
        "os": {"type": "str"},
        "description": {"type": "str"},
        "defaults": {"type": "dict", "options": {"vcpus": {"type": "int"}, "memory": {"type": "str"}}},
        "_source": {
            "type": "dict",
            "options": {
                "path": {"type": "path"},
                "size": {"type": "int"},
                "format": {"type": "str"},
                "capacity": {"type": "int"},
                "sha256": {"type": "str"},
            },
        },
        **planned_option("pools"),
    }


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
        match = _CHECKSUM.fullmatch(written.strip())
        if match is None or match["algorithm"] not in _DIGITS:
            raise Refused(f"checksum '{written}' is none; write sha256: or sha512: and the digest in hexadecimal.")
        digits = _DIGITS[match["algorithm"]]
        if len(match["digest"]) != digits:
            raise Refused(f"checksum '{written}' is cut off or too long; {match['algorithm']} has {digits} digits.")
        return cls(match["algorithm"], match["digest"].lower())


@dataclass(frozen=True)
class Origin:
    """Where an image comes from.

    `place` is what the user wrote; `file` is the path on this host, where the image is there already. `size` and
    `capacity` in bytes, `format` and `sha256` are what the control node tells of an image that lies there.
    """

    kind: str
    place: str
    checksum: Checksum | None = None
    file: str | None = None
    size: int = 0
    format: str = ""
    sha256: str | None = None
    capacity: int = 0

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

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Origin | None:
        """Return the one source that is given, or None; Refused where there are several, or it makes no sense."""
        given = [kind for kind in ORIGINS if params.get(kind)]
        checksum = Checksum.parse(params["checksum"]) if params.get("checksum") else None
        if len(given) > 1:
            raise Refused(f"{' and '.join(given)} exclude each other; give exactly one source.")
        if not given:
            if checksum:
                raise Refused("checksum is given without the image it belongs to; give src, path or url too.")
            return None
        return cls._known(given[0], str(params[given[0]]), checksum, params.get("_source") or {})

    @classmethod
    def _known(cls, kind: str, place: str, checksum: Checksum | None, told: Mapping[str, Any]) -> Origin:
        if kind == "src":
            if not told:
                raise Refused("src is read by the action of this module; call it as kvmops.datacenter.kvm_template.")
            return cls(kind, place, checksum, told["path"], **{key: told[key] for key in _TOLD})
        if kind == "path" and not place.startswith("/"):
            raise Refused(f"path '{place}' is not absolute; write it from / on.")
        if kind == "url" and not place.lower().startswith(_SCHEMES):
            raise Refused(f"url '{public_url(place)}' cannot be fetched; write it with http://, https:// or file:///.")
        return cls(kind, place, checksum, place if kind == "path" else None)


@dataclass(frozen=True)
class TemplateSpec:
    """One template as it is wanted; what is None is not managed.

    One that is to go has no origin. `timeout` in seconds; `workdir` is where temporary files may lie.
    """

    name: str
    version: str | None = None
    state: str = "present"
    pool: str = "default"
    origin: Origin | None = None
    os: str | None = None
    description: str | None = None
    defaults: Mapping[str, Any] | None = None
    timeout: int = 1800
    workdir: str = field(default="/var/tmp", compare=False)

    @property
    def incomplete(self) -> bool:
        """Return whether its image is on the control node, and would have to be brought first if it is needed."""
        return self.origin is not None and self.origin.elsewhere

    @property
    def label(self) -> str:
        """Return how sentences name it."""
        return f"{self.name}:{self.version}" if self.version else self.name

    @classmethod
    def from_params(cls, params: Mapping[str, Any], workdir: str) -> TemplateSpec:
        """Return the spec of a module's options; Refused, naming the template, where they make no sense."""
        name, version = params["name"], params.get("version")
        if params["state"] == "present" and version is None:
            version = FIRST_VERSION
        check_template_name(name, FIRST_VERSION if version is None else version)
        if max(len(name), len(version or "")) > _LONGEST:
            raise Refused(f"Template '{name[:40]}…': name and version may have {_LONGEST} characters each.")
        try:
            return cls(
                name=name,
                version=version,
                workdir=workdir,
                origin=Origin.from_params(params) if params["state"] == "present" else None,
                defaults=_normal_defaults(params.get("defaults")),
                **{key: params[key] for key in ("state", "pool", "os", "description", "timeout")},
            )
        except Refused as error:
            raise Refused(f"Template '{name}': {error}") from error


def _normal_defaults(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the defaults of VMs as a descriptor keeps them: memory in bytes; what is not given is no default."""
    if given is None:
        return None
    normal: dict[str, Any] = {}
    if given.get("vcpus") is not None:
        if not 1 <= given["vcpus"] <= _MOST_VCPUS:
            raise Refused(f"defaults.vcpus {given['vcpus']} is out of range; choose 1 to {_MOST_VCPUS}.")
        normal["vcpus"] = given["vcpus"]
    if given.get("memory"):
        normal["memory"] = parse_size(given["memory"], "defaults.memory", MIB)
    return normal
