# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to templates. Each change may be cut off at any moment; `writing` tells how the next run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from .._errors import Refused
from .._hypervisor import Hypervisor
from .._image.source import Staged
from .._plan import Change
from .._storage.changes import delete_volume
from .._storage.state import refresh
from .._units import MIB
from .._values import dataclass
from .disk_source import AnySource
from .library import Template, descriptor_name, image_name
from .state import Trace, template_pool
from .writing import put_image, write_descriptor


@dataclass(frozen=True)
class ImportTemplate(Change):
    """Put an image and its descriptor into a pool. `leftover` is what an unfinished import has left of the image."""

    pool: str
    name: str
    version: str
    source: AnySource
    leftover: Trace | None = None
    # Whether a descriptor is left of an image that is gone.
    lost: bool = False
    os: str | None = None
    description: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    timeout: int = 1800
    workdir: str = "/var/tmp"

    @property
    def summary(self) -> str:
        """Return what is imported to where."""
        return f"import {self.source.origin.shown} as template {self.name}:{self.version} into pool {self.pool}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the new template in the words of the options."""
        origin = self.source.origin
        made = {
            "pool": self.pool,
            origin.kind: origin.shown,
            "checksum": str(origin.checksum) if origin.checksum else None,
            "os": self.os,
            "description": self.description,
            "defaults": dict(self.defaults),
        }
        return f"template {self.name}:{self.version}", None, {key: value for key, value in made.items() if value}

    def carry_out(self, host: Hypervisor) -> None:
        """Fetch, check and convert the image, put it into the pool, read it back, and write the descriptor last."""
        with self.source.staged(host, self.workdir, self._free(host), self.timeout) as image:
            self._check_space(host, image)
            if self.lost:
                # A part of an image must not lie beside it.
                delete_volume(host, self.pool, descriptor_name(self.name, self.version))
            path = put_image(host, self.pool, self.name, self.version, image, self.leftover)
            write_descriptor(host, self._template(image, path))

    def expected(self, path: str) -> Template:
        """Return the template as far as it is known before the image is read: without its size and digest."""
        return self._template(Staged(path, 0, self.source.capacity, "", self.source.kept), path)

    def _free(self, host: Hypervisor) -> int:
        return int(template_pool(host, self.pool).info()[3]) + (self.leftover.allocation if self.leftover else 0)

    def _check_space(self, host: Hypervisor, image: Staged) -> None:
        free = self._free(host)
        if image.size > free:
            raise Refused(no_space(self.pool, free, image.size))

    def _template(self, image: Staged, path: str) -> Template:
        return Template(
            name=self.name,
            version=self.version,
            pool=self.pool,
            path=path,
            capacity=image.capacity,
            size=image.size,
            sha256=image.sha256,
            os=self.os,
            description=self.description,
            defaults=self.defaults,
            source=image.source,
        )


def no_space(pool: str, free: int, need: int) -> str:
    """Return the sentence for a pool that is too full; sizes in bytes."""
    return (
        f"Pool '{pool}' has {free // MIB} MiB free and {-(-need // MIB)} MiB are needed; "
        "free space or choose another pool."
    )


@dataclass(frozen=True)
class DescribeTemplate(Change):
    """Change what a template says about itself; its image stays as it is."""

    before: Template
    after: Template

    @property
    def summary(self) -> str:
        """Return what is changed, from what to what."""
        before, after = self._changed()
        return "set " + ", ".join(f"{key} {before[key]!r} -> {after[key]!r}" for key in after)

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return what is changed, before and after."""
        return (f"template {self.after.label}", *self._changed())

    def _changed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the options that differ, before and after, as a user writes them."""
        both = [_described(template) for template in (self.before, self.after)]
        keys = [key for key in both[0] if both[0][key] != both[1][key]]
        return {key: both[0][key] for key in keys}, {key: both[1][key] for key in keys}

    def carry_out(self, host: Hypervisor) -> None:
        """Write the descriptor over the old one."""
        write_descriptor(host, self.after)


def _described(template: Template) -> dict[str, Any]:
    return {
        "os": template.os or "",
        "description": template.description or "",
        "defaults": dict(template.defaults),
    }


@dataclass(frozen=True)
class RemoveTemplate(Change):
    """Delete a template, or what an unfinished import has left of one."""

    pool: str
    name: str
    version: str

    @property
    def summary(self) -> str:
        """Return what is deleted."""
        return f"delete template {self.name}:{self.version} from pool {self.pool}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the template that goes."""
        return f"template {self.name}:{self.version}", "present", None

    def carry_out(self, host: Hypervisor) -> None:
        """Delete the descriptor first, so that nothing is made from an image that is about to go."""
        delete_volume(host, self.pool, descriptor_name(self.name, self.version))
        delete_volume(host, self.pool, image_name(self.name, self.version))
        refresh(host.require_active_pool(self.pool))
        host.forget("templates")
