# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template library: what a template is on a host, and how one is found.

A template is two volumes side by side in a pool: a read-only image, and a descriptor (JSON) that is written last, so
that an image without one is never taken for a template. A shared pool thus shows the template to every host, nothing is
lost with any single host, and no other record is kept.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from .._errors import NotFound, Refused
from .._hypervisor import NO_STORAGE_VOL, Hypervisor
from .._libs import libvirt
from .._storage.state import active_pools, look_again, pool_path
from .._storage.streams import download_bytes
from .._units import format_size
from .._values import dataclass

DESCRIPTOR = ".template.json"
IMAGE = ".template.qcow2"

# The form in which this version writes descriptors; one without a number has the first, with memory in bytes. A key
# that is only new needs no new number: who does not know it keeps it. A number that is too high says that what is told
# cannot be relied on.
FORM = 2

_SYSTEM_ERROR = 38  # VIR_ERR_SYSTEM_ERROR
# The word for the version that a VM gets which names none; no version is called so.
LATEST = "latest"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Template:
    """One version of a template, as its descriptor tells; sizes in bytes."""

    name: str
    version: str
    pool: str
    path: str
    capacity: int
    size: int
    sha256: str
    format: str = "qcow2"
    os: str | None = None
    description: str | None = None
    # Options of the VMs that are made from it, in the words of kvm_vm.
    defaults: Mapping[str, Any] = field(default_factory=dict)
    # What it was made of: digests by algorithm ("sha256", "sha512"), and the "url" without what may be secret in it; of
    # a medium ("iso") where it is.
    source: Mapping[str, str] = field(default_factory=dict)
    form: int = FORM
    # What a newer version of the collection has written besides; it stays as it is.
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Return the name that VMs refer to."""
        return f"{self.name}:{self.version}"

    @property
    def iso(self) -> str:
        """Return where the medium is that its VMs are installed from: pool/volume, a path, a URL; "" for an image."""
        return self.source.get("iso", "")

    @property
    def medium(self) -> Mapping[str, str]:
        """Return the medium in the words of a CD-ROM drive's options; nothing where the template is of an image."""
        if not self.iso:
            return {}
        if is_url(self.iso):
            return {"url": self.iso}
        pool, _slash, volume = self.iso.rpartition("/")
        return {"path": self.iso} if self.iso.startswith("/") else {"pool": pool, "volume": volume}

    @property
    def image(self) -> str:
        """Return the name of the image's volume."""
        return image_name(self.name, self.version)

    @property
    def descriptor(self) -> str:
        """Return the name of the descriptor's volume."""
        return descriptor_name(self.name, self.version)

    def written(self) -> bytes:
        """Return the content of the descriptor."""
        told = {**self.more, **{key: getattr(self, key) for key in _KEPT}}
        return (json.dumps(told, indent=2, sort_keys=True) + "\n").encode()


# What a descriptor tells, and what that may be.
_NEEDED: Mapping[str, Any] = {"name": str, "version": str, "capacity": int, "size": int, "sha256": str}
_KEPT: Mapping[str, Any] = {
    **_NEEDED,
    "format": str,
    "os": (str, type(None)),
    "description": (str, type(None)),
    "defaults": dict,
    "source": dict,
    "form": int,
}


def is_url(place: str) -> bool:
    """Return whether a place is written as a URL."""
    return "://" in place


def check_template_name(name: str, version: str) -> None:
    """Refuse names and versions that could not be told apart in the name of a volume."""
    for what, text in (("name", name), ("version", version)):
        if not _NAME.fullmatch(text):
            raise Refused(f"Template {what} '{text}' cannot be used; take letters, digits, dot, dash and underscore.")
    if version == LATEST:
        raise Refused(
            f"Template '{name}' cannot have the version '{LATEST}': this is what VMs say to get the last one; "
            "name the version that is meant."
        )


def image_name(name: str, version: str) -> str:
    """Return the name of the volume that holds a template's image."""
    return f"{name}+{version}{IMAGE}"


def descriptor_name(name: str, version: str) -> str:
    """Return the name of the volume that holds a template's descriptor."""
    return f"{name}+{version}{DESCRIPTOR}"


def read_descriptor(pool: str, path: str, content: bytes) -> Template | None:
    """Return the template that a descriptor tells of, or None for what is no whole descriptor.

    What a newer version of the collection has added is kept. Of a form that is too new, only the name and version need
    be there: the template does not disappear, and `check_form` refuses to use it.
    """
    try:
        told = json.loads(content)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    known = {key: told[key] for key, kind in _KEPT.items() if isinstance(told.get(key), kind) and key in told}
    if known.get("form", 1) > FORM:
        known = {**{key: kind() for key, kind in _NEEDED.items() if key not in ("name", "version")}, **known}
    elif any(key in told and key not in known for key in _KEPT):
        return None
    if not known.keys() >= _NEEDED.keys():
        return None
    known = known if known.get("form", 1) > 1 else _of_today(known)
    return Template(pool=pool, path=path, more={key: told[key] for key in told if key not in _KEPT}, **known)


def _of_today(known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a descriptor of the first form tells."""
    defaults = dict(known.get("defaults", {}))
    if isinstance(defaults.get("memory"), int):
        defaults["memory"] = format_size(defaults["memory"])
    return {**known, "defaults": defaults, "form": FORM}


def check_form(template: Template) -> None:
    """Refuse a template of which this version of the collection cannot know what is told."""
    if template.form > FORM:
        raise Refused(
            f"Template '{template.label}' in pool '{template.pool}' was described by a newer version of this "
            "collection; use that version, or remove the template and make it anew."
        )


def templates_of(host: Hypervisor, pool: Any) -> Iterator[Template]:
    """Go through the templates of an active pool; an image without a whole descriptor is none.

    A descriptor without an image is a template that has lost it: the descriptor is the last that is made, and the first
    that is removed.
    """
    for name in sorted(name for name in pool.listVolumes() if name.endswith(DESCRIPTOR)):
        volume = host.volume(pool, name)
        if volume is not None:
            image = f"{os.path.dirname(volume.path())}/{name[: -len(DESCRIPTOR)]}{IMAGE}"
            template = read_descriptor(pool.name(), image, _content(host, volume))
            if template and template.descriptor == name:
                yield template


def _content(host: Hypervisor, volume: Any) -> bytes:
    """Return the content of a descriptor; nothing where another host of a shared pool has removed it."""
    try:
        return download_bytes(host, volume)
    except libvirt.libvirtError as error:
        missing = error.get_error_code() == _SYSTEM_ERROR and error.get_int1() in (errno.ENOENT, errno.ESTALE)
        if missing or error.get_error_code() == NO_STORAGE_VOL:
            return b""
        raise


def all_templates(host: Hypervisor) -> list[Template]:
    """Return all templates of all active pools, each name's versions in order; read once a run."""
    return host.once("templates", lambda: _read_all(host))


def _read_all(host: Hypervisor) -> list[Template]:
    found = [template for pool in active_pools(host) for template in templates_of(host, pool)]
    there = {template.label for template in found}
    found += [template for template in _planned_templates(host) if template.label not in there]
    return sorted(found, key=lambda template: (template.name, version_key(template.version)))


def _planned_templates(host: Hypervisor) -> Iterator[Template]:
    """Go through the templates that count as there in check mode; what only their images would tell is empty."""
    for told in host.planned.templates:
        name, version, pool = told["name"], told["version"], told["pool"]
        defaults = told.get("defaults") or {}
        path = f"{pool_path(host, pool)}/{image_name(name, version)}"
        source = {"iso": told["iso"]} if told.get("iso") else {}
        yield Template(name, version, pool, path, told.get("capacity") or 0, 0, "", defaults=defaults, source=source)


def version_key(version: str) -> tuple[tuple[int, Any], ...]:
    """Return what versions are sorted by: numbers as numbers, so that 10 comes after 9."""
    parts = re.findall(r"\d+|[A-Za-z]+", version)
    return tuple((1, int(part)) if part.isdigit() else (0, part) for part in parts)


def find_template(host: Hypervisor, wanted: str) -> Template:
    """Return the template "name:version", or the latest version of "name" or "name:latest"; NotFound names those that
    exist.

    What another host put into a shared pool is unseen until the pool is refreshed, so a miss makes libvirt look again.
    """
    template = _pick(all_templates(host), wanted)
    if template is None:
        look_again(host)
        host.forget("templates")
        template = _pick(all_templates(host), wanted)
    if template is None:
        names = ", ".join(_near(all_templates(host), wanted.partition(":")[0]))
        advice = f"choose one of: {names}" if names else "make it with kvm_template (there is none yet)"
        raise NotFound(f"Template '{wanted}' does not exist on {host.uri}; {advice}.")
    return template


def _near(templates: list[Template], name: str) -> list[str]:
    """Return what to choose from: the versions of the template that is meant, or the names of all."""
    versions = sorted((found.version for found in templates if found.name == name), key=version_key)
    return [f"{name}:{version}" for version in versions] or sorted({found.name for found in templates})


def _pick(templates: list[Template], wanted: str) -> Template | None:
    name, _colon, version = wanted.partition(":")
    fitting = [found for found in templates if found.name == name and version in ("", LATEST, found.version)]
    return fitting[-1] if fitting else None
