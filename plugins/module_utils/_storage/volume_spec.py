# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may say about a volume, and the same as it is compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import Refused
from .._image.image import file_format
from .._image.origin import Checksum, Origin, told_option
from .._names import check_name
from .._units import GIB, parse_size
from .._values import dataclass
from .download import Destination
from .preallocation import PREALLOCATIONS
from .wiping import WIPES

STATES = ("present", "absent")
FORMATS = ("qcow2", "raw")


def volume_options() -> dict[str, Any]:
    """Return the options of a volume as an Ansible argument spec."""
    place = {"name": {"type": "str", "required": True}, "pool": {"type": "str"}}
    return {
        "name": {"type": "str", "required": True},
        "pool": {"type": "str", "required": True},
        "state": {"type": "str", "choices": list(STATES), "default": "present"},
        "capacity": {"type": "str"},
        "format": {"type": "str", "choices": list(FORMATS)},
        "preallocation": {"type": "str", "choices": list(PREALLOCATIONS)},
        # Which secret it is, is no secret.
        "encryption": {"type": "dict", "options": {"secret": {"type": "str", "required": True, "no_log": False}}},
        "backing": {"type": "dict", "options": place},
        "source": {"type": "dict", "options": place},
        "resize": {"type": "bool", "default": True},
        "shrink": {"type": "bool", "default": False},
        "sparsify": {"type": "bool", "default": False},
        "wipe": {"type": "str", "choices": list(WIPES)},
        "src": {"type": "path"},
        "remote_src": {"type": "bool", "default": False},
        "checksum": {"type": "str"},
        "dest": {"type": "path"},
        # The control node's half of the module says here what it knows of O(src), and where it put it; or of what is at
        # O(dest), and where the volume is put for it.
        "_local": told_option(),
    }


@dataclass(frozen=True)
class Place:
    """A volume's name and pool."""

    pool: str
    name: str

    def __str__(self) -> str:
        return f"{self.pool}/{self.name}"


@dataclass(frozen=True)
class VolumeSpec:
    """One volume as it is wanted. What is None is not managed."""

    place: Place
    state: str = "present"
    capacity: int | None = None
    format: str | None = None
    backing: Place | None = None
    source: Place | None = None
    resize: bool = True
    shrink: bool = False
    preallocation: str = "none"
    secret: str = ""
    wipe: str | None = None
    sparsify: bool = False
    image: Origin | None = None
    download: Destination | None = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any], image: Origin | None = None) -> VolumeSpec:
        """Return the spec of a module's options, `image` being what O(src) is; Refused where they make no sense."""
        place = Place(params["pool"], check_name("Volume", params["name"]))
        capacity = params.get("capacity")
        try:
            spec = cls(
                place=place,
                state=params.get("state") or "present",
                capacity=None if capacity is None else parse_size(capacity, "capacity", GIB),
                format=params.get("format") or (image.format if image else None),
                backing=_place(params.get("backing"), place),
                source=_place(params.get("source"), place),
                resize=bool(params.get("resize", True)),
                shrink=bool(params.get("shrink", False)),
                preallocation=params.get("preallocation") or "none",
                secret=_secret(params.get("encryption")),
                wipe=params.get("wipe"),
                sparsify=bool(params.get("sparsify")),
                image=image,
                download=Destination.from_params(params),
            )
            _check(spec, params)
        except Refused as error:
            raise Refused(f"Volume '{place}': {error}") from error
        return spec


def _place(params: Mapping[str, Any] | None, own: Place) -> Place | None:
    return Place(params.get("pool") or own.pool, params["name"]) if params else None


def _secret(params: Mapping[str, Any] | None) -> str:
    if params is None:
        return ""
    secret = str(params["secret"]).strip()
    if not secret:
        raise Refused("encryption.secret is empty; name one of libvirt's secrets by its UUID or usage.")
    return secret


def _check(spec: VolumeSpec, params: Mapping[str, Any]) -> None:
    named = [name for name in ("backing", "source", "src") if params.get(name)]
    if len(named) > 1:
        raise Refused(f"{' and '.join(named)} exclude each other; a volume is made in one way.")
    if spec.place in (spec.backing, spec.source):
        raise Refused("it cannot be made of itself; name another volume.")
    if spec.backing and spec.format == "raw":
        raise Refused("a raw volume cannot have a backing volume; use format qcow2.")
    _check_company(spec, params)
    if spec.sparsify:
        _check_sparsify(spec, params)
    if spec.download:
        _check_alone(params)
    if spec.preallocation != "none" and named:
        raise Refused(f"preallocation is for a new volume that is empty, not for one with {named[0]}; leave it out.")
    if spec.image:
        _check_image(spec, spec.image)


def _check_company(spec: VolumeSpec, params: Mapping[str, Any]) -> None:
    """Refuse options that mean nothing without, or beside, another one."""
    if spec.wipe and spec.state != "absent":
        raise Refused("wipe is how a volume goes; give state: absent too, or leave it out.")
    if params.get("checksum") and not params.get("src"):
        raise Refused("checksum is the checksum of 'src'; give src too, or leave it out.")
    if spec.secret and params.get("src"):
        raise Refused("encryption cannot be given with src, which is kept as it is; leave one of them out.")


def _check_sparsify(spec: VolumeSpec, params: Mapping[str, Any]) -> None:
    """Refuse what would be undone at once."""
    against = {
        "state absent": spec.state == "absent",
        "src, which would no longer be what is there": params.get("src"),
        "preallocation, which takes the space that it gives back": spec.preallocation != "none",
        "encryption, because what is encrypted is never zero": spec.secret,
        "dest": params.get("dest"),
    }
    for what, given in against.items():
        if given:
            raise Refused(f"sparsify cannot be given with {what}; leave one of them out.")


def _check_alone(params: Mapping[str, Any]) -> None:
    """Refuse what would make or change a volume that is to be downloaded."""
    others = ("capacity", "format", "preallocation", "encryption", "backing", "source", "src")
    given = [name for name in others if params.get(name)]
    if given:
        raise Refused(f"dest is for a volume that is there, as it is; leave out {given[0]}, or do it in another task.")


def _check_image(spec: VolumeSpec, image: Origin) -> None:
    if spec.format != image.format:
        raise Refused(f"src is a {image.format} image, not {spec.format}; correct 'format' or leave it out.")
    if spec.capacity is not None and image.format != "raw":
        raise Refused(
            "capacity cannot be given with a qcow2 src, because growing it would make it another file than src; "
            "make a volume with this one as its backing or source."
        )
    if spec.capacity is not None and spec.capacity < image.size:
        raise Refused("capacity is less than the size of src; leave capacity out or raise it.")


def local_image(params: Mapping[str, Any]) -> Origin | None:
    """Return what the control node has told of O(src), None where it has not told of any, or none counts."""
    if not params.get("src") or params.get("remote_src") or not params.get("_local"):
        return None
    return Origin.of_told(params["src"], None, params["_local"])


def read_image(params: Mapping[str, Any], file: str, kind: str) -> Origin:
    """Return what O(src), which is `file` on this machine, is; reads it once. `kind` is "src" or "path".

    Refused, naming the volume, where no volume can be made of it, or it is not what O(checksum) tells.
    """
    try:
        checksum = _checksum(str(params.get("checksum") or "").strip())
        return Origin(kind, str(params["src"]), checksum).seen(file, file_format).read()
    except Refused as error:
        raise Refused(f"Volume '{params.get('pool')}/{params.get('name')}': {error}") from error


def _checksum(written: str) -> Checksum | None:
    """Return a checksum; a digest alone is a SHA-256."""
    if not written:
        return None
    return Checksum.parse(written if ":" in written else f"sha256:{written}")
