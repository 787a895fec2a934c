# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way from what a pool holds of a template to what is wanted. Pure: no libvirt, no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .._errors import NotFound, Refused
from .._image.origin import Origin, public_url
from .._later import later
from .._plan import Plan
from .changes import DescribeTemplate, ImportTemplate, RemoveTemplate, no_space
from .disk_source import AnySource, Captured
from .library import Template, check_form
from .spec import TemplateSpec
from .state import Current

if TYPE_CHECKING:
    from .._vm import template_defaults
else:
    (template_defaults,) = later(__package__, ".._vm.template_defaults")


def plan(spec: TemplateSpec, current: Current, source: AnySource | None, others: Sequence[Template] = ()) -> Plan:
    """Return the plan for one template; Refused, naming it, where that cannot be.

    `source` is what is known of the wanted image; `others` are the templates of that name, and version where one is
    given, in other pools.
    """
    if spec.state == "absent":
        return _removal(spec, current, others)
    if current.template is None:
        return _import(spec, current, source, others)
    if source is not None:
        _check_same(current.template, source)
    return _description(spec, current.template)


def _removal(spec: TemplateSpec, current: Current, others: Sequence[Template]) -> Plan:
    if current.template is None and current.image is None and current.lost is None:
        return Plan(spec.label, warnings=[_left_alone(spec.pool, other) for other in others])
    if current.users:
        raise Refused(
            f"Template '{spec.label}' is needed by {', '.join(current.users)}; remove these first, or make them "
            "independent of it."
        )
    return Plan(spec.label, [RemoveTemplate(spec.pool, spec.name, str(spec.version))])


def _left_alone(pool: str, other: Template) -> str:
    return f"not in pool '{pool}'; {other.label} in pool '{other.pool}' is left alone, name that pool if it is meant."


def _import(spec: TemplateSpec, current: Current, source: AnySource | None, others: Sequence[Template]) -> Plan:
    if source is None:
        raise NotFound(
            f"Template '{spec.label}' does not exist in pool '{spec.pool}'; give its image as src, path, url, volume, "
            "vm or iso, or peers that have it."
        )
    if others:
        raise Refused(
            f"Template '{spec.label}' is already in pool '{others[0].pool}'; "
            "remove it there, or choose another version."
        )
    if current.lost is not None:
        _check_content(current.lost, source)
        spec = as_described(spec, current.lost)
    reusable = current.image.allocation if current.image else 0
    if source.need > current.free + reusable:
        raise Refused(no_space(spec.pool, current.free, source.need))
    change = ImportTemplate(
        pool=spec.pool,
        name=spec.name,
        version=str(spec.version),
        source=source,
        leftover=current.image,
        lost=current.lost is not None,
        os=spec.os or None,
        description=spec.description or None,
        defaults=spec.defaults or {},
        timeout=spec.timeout,
        workdir=spec.workdir,
    )
    return Plan(spec.label, [change])


def _check_content(lost: Template, source: AnySource) -> None:
    """Refuse to put back another image than the one that is gone: what stands on it would read something else."""
    same = _same_content(lost, source)
    if not same:
        differs = "which cannot be compared with" if same is None else "which is not of the content of"
        raise Refused(
            f"Template '{lost.label}' has lost its image; give the one that it was made of "
            f"(sha256:{_made_of(lost)}), or remove the template, instead of {source.origin.shown.rstrip(',')}, "
            f"{differs} it."
        )


def as_described(spec: TemplateSpec, lost: Template) -> TemplateSpec:
    """Return a spec in which what is not said stays as the template has it."""
    return replace(
        spec,
        os=lost.os if spec.os is None else spec.os,
        description=lost.description if spec.description is None else spec.description,
        defaults=lost.defaults if spec.defaults is None else spec.defaults,
    )


def _check_same(template: Template, source: AnySource) -> None:
    """Refuse to put another image under a version that exists: VMs may stand on it."""
    same = is_same(template, source)
    if same is None:
        raise Refused(
            f"Template '{template.label}' exists, and {source.origin.shown} cannot be compared with it; "
            f"give its checksum as sha256, or choose another version (it was made of sha256:{_made_of(template)})."
        )
    if not same and isinstance(source, Captured):
        raise Refused(
            f"Template '{template.label}' exists, and was not made of {source.origin.shown.rstrip(',')}; give the new "
            "image a new version, VMs keep the one they were made from."
        )
    if not same:
        raise Refused(
            f"Template '{template.label}' exists with another content (it was made of sha256:{_made_of(template)}); "
            "give the new image a new version, VMs keep the one they were made from."
        )


def is_same(template: Template, source: AnySource) -> bool | None:
    """Return whether the template was made of this source; None where it cannot be told."""
    known = _same_content(template, source)
    if known is not None:
        return known
    if isinstance(source, Captured):
        return template.source.get(source.wanted.kind) == source.wanted.place
    return True if _same_url(template, source.origin) else None


def _same_content(template: Template, source: AnySource) -> bool | None:
    """Return whether a source has the content of which a template was made; None where nobody knows its digest."""
    checksum = source.origin.checksum
    if checksum and matches(template, checksum.algorithm, checksum.digest) is not None:
        return matches(template, checksum.algorithm, checksum.digest)
    if "sha256" in source.digests:
        return matches(template, "sha256", source.digests["sha256"])
    return None


def matches(template: Template, algorithm: str, digest: str) -> bool | None:
    """Return whether a digest is that of the template's source or image; None where none of this kind was kept."""
    kept = [template.source[algorithm]] if algorithm in template.source else []
    kept += [template.sha256] if algorithm == "sha256" else []
    return digest in kept if kept else None


def _same_url(template: Template, origin: Origin) -> bool:
    return origin.kind == "url" and not origin.checksum and template.source.get("url") == public_url(origin.place)


def _made_of(template: Template) -> str:
    return template.source.get("sha256", template.sha256)


def _same_defaults(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    """Return whether two defaults mean the same; what they mean is asked only where their words differ."""
    return dict(wanted) == dict(there) or template_defaults.same_defaults(wanted, there)


def _description(spec: TemplateSpec, template: Template) -> Plan:
    wanted: dict[str, Any] = {}
    if spec.os is not None:
        wanted["os"] = spec.os or None
    if spec.description is not None:
        wanted["description"] = spec.description or None
    if spec.defaults is not None and not _same_defaults(spec.defaults, template.defaults):
        wanted["defaults"] = dict(spec.defaults)
    after = replace(template, **wanted)
    if after == template:
        return Plan(spec.label)
    check_form(template)
    return Plan(spec.label, [DescribeTemplate(template, after)])
