# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may say about a template, and the same as it is compared: sizes in bytes, nothing guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from .._errors import Refused
from .._image.origin import Origin, told_option
from .._later import later
from .._planned import planned_option
from .._values import dataclass
from .disk_source import CaptureSpec
from .from_peer import peer_uris
from .library import check_template_name
from .medium_source import iso_of

if TYPE_CHECKING:
    from .._vm import arguments, template_defaults
else:
    # Most calls say nothing of VMs.
    arguments, template_defaults = later(__package__, ".._vm.arguments", ".._vm.template_defaults")

STATES = ("present", "absent")
FIRST_VERSION = "1"

# Two of them and the ends of the file names have to fit into the 255 bytes that a file name may have.
_LONGEST = 100


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
        "cache": {"type": "path"},
        # Which keys are trusted is no secret.
        "checksum_keyring": {"type": "path", "no_log": False},
        "volume": {
            "type": "dict",
            "options": {"pool": {"type": "str", "required": True}, "name": {"type": "str", "required": True}},
        },
        "vm": {"type": "str"},
        "iso": {"type": "str"},
        "seal": {"type": "bool"},
        "peers": {"type": "list", "elements": "str"},
        "pool": {"type": "str", "default": "default"},
        "os": {"type": "str"},
        "description": {"type": "str"},
        "defaults": {"type": "dict", "options": arguments.template_arguments()},
        "_source": told_option(),
        **planned_option("pools"),
    }


@dataclass(frozen=True)
class TemplateSpec:
    """One template as it is wanted; what is None is not managed.

    One that is to go has neither origin nor capture. `timeout` in seconds; `workdir` is where temporary files may lie.
    """

    name: str
    version: str | None = None
    state: str = "present"
    pool: str = "default"
    origin: Origin | None = None
    capture: CaptureSpec | None = None
    # URIs of hypervisors that may have it already.
    peers: tuple[str, ...] = ()
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
                **(_sources(params) if params["state"] == "present" else {}),
                peers=peer_uris(params.get("peers") or ()),
                defaults=_defaults(params.get("defaults")),
                **{key: params[key] for key in ("state", "pool", "os", "description", "timeout")},
            )
        except Refused as error:
            raise Refused(f"Template '{name}': {error}") from error


def _sources(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the image comes from: an origin, or what is captured, or neither."""
    captured = CaptureSpec.from_params(params) or iso_of(params)
    return {"capture": captured} if captured else {"origin": Origin.from_params(params)}


def _defaults(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the defaults of VMs in the user's words; Refused where no VM could be given them."""
    if not given:
        return None if given is None else {}
    words: dict[str, Any] = template_defaults.words_of(given)
    template_defaults.read_defaults(words)
    return words
