# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing a template to what is wanted, also when other hosts do the same in the same pool at the same moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .._errors import NotFound, Overtaken, Refused
from .._hypervisor import Hypervisor
from .._image.source import look_at
from .._later import later
from .._plan import Outcome, Plan, Resource, converge
from .._storage.state import only_planned, pool_free, pool_path
from .changes import DescribeTemplate, ImportTemplate, RemoveTemplate
from .disk_source import AnySource
from .library import FORM, Template, all_templates, image_name
from .medium_source import Installer, IsoSpec
from .plan import as_described, is_same, plan
from .spec import TemplateSpec
from .state import Current, image_users, read_current, require_writable, template_facts, template_pool, versions_in
from .writing import await_writer

if TYPE_CHECKING:
    from . import capture, installer, peers
    from .from_peer import FromPeer
else:
    # Most templates are made of files.
    capture, installer, peers = later(__package__, ".capture", ".installer", ".peers")

_ATTEMPTS = 3
# What only the whole image tells.
_UNKNOWN_BEFORE = ("checksum", "size")


def converge_template(host: Hypervisor, spec: TemplateSpec, dry_run: bool) -> Outcome:
    """Bring one template to what is wanted; a run that was overtaken looks again at what the other has made."""
    spec = _with_version(host, spec)
    for _attempt in range(_ATTEMPTS):
        if spec.state == "present" and not dry_run:
            await_writer(host, spec.pool, spec.name, str(spec.version), spec.timeout)
        outcome = converge(host, TEMPLATE, [spec], dry_run=dry_run)[0]
        if not isinstance(outcome.error, Overtaken):
            break
    if dry_run and not outcome.error:
        outcome.facts = _expected(host, outcome)
    return outcome


def _expected(host: Hypervisor, outcome: Outcome) -> dict[str, Any]:
    """Return the facts of a template as a plan would leave it."""
    for change in outcome.plan.changes:
        if isinstance(change, ImportTemplate):
            path = f"{pool_path(host, change.pool)}/{image_name(change.name, change.version)}"
            facts = template_facts(change.expected(path))
            return {key: value for key, value in facts.items() if key not in _UNKNOWN_BEFORE}
        if isinstance(change, DescribeTemplate):
            return template_facts(change.after)
        if isinstance(change, RemoveTemplate):
            return {"name": change.name, "version": change.version, "state": "absent"}
    return outcome.facts


def needs_source(outcome: Outcome) -> bool:
    """Return whether a plan is to import an image that lies on the control node."""
    changes = outcome.plan.changes
    return any(isinstance(change, ImportTemplate) and change.source.origin.elsewhere for change in changes)


def _with_version(host: Hypervisor, spec: TemplateSpec) -> TemplateSpec:
    """Return the spec with the version that is meant where none is given: the only one there is."""
    if spec.version is not None or only_planned(host, spec.pool):
        return spec
    versions = versions_in(template_pool(host, spec.pool), spec.name)
    if len(versions) > 1:
        raise Refused(
            f"Template '{spec.name}' has the versions {', '.join(versions)} in pool '{spec.pool}'; "
            "say which with version."
        )
    return replace(spec, version=versions[0] if versions else None)


def _plan(host: Hypervisor, spec: TemplateSpec) -> Plan:
    current = _current(host, spec)
    if spec.state == "present" and current.template is None and not only_planned(host, spec.pool):
        require_writable(host, spec.pool)
    kept = current.template.source if current.template else None
    brought, passed = _brought(host, spec, current)
    source: AnySource | None = brought
    if brought:
        spec = as_described(spec, brought.template)
    elif spec.origin:
        source = look_at(host, spec.origin, kept, spec.timeout, spec.workdir)
    elif isinstance(spec.capture, IsoSpec):
        source = installer.look_at_iso(host, spec.capture, spec.os, kept, spec.timeout)
        spec = spec if current.template else as_told(spec, source)
    elif spec.capture:
        source = capture.look_at_capture(host, spec.capture, kept)
        spec = _as_captured(host, spec, current)
    if source is None and passed:
        raise NotFound(f"Template '{spec.label}' has no other source than its peers, and {' '.join(passed)}")
    planned = plan(spec, current, source, [] if current.template else _elsewhere(host, spec))
    planned.warnings += passed
    return planned


def _brought(host: Hypervisor, spec: TemplateSpec, current: Current) -> tuple[FromPeer | None, list[str]]:
    """Return the template as a peer has it, if it is missing here, and why other peers were passed over."""
    if not spec.peers or current.template or spec.state == "absent":
        return None, []
    return peers.look_at_peers(spec.label, spec.peers, lambda there: _is_wanted(host, spec, there))


def _is_wanted(host: Hypervisor, spec: TemplateSpec, there: Template) -> bool:
    """Return whether the template of a peer was made of what is wanted; any was where nothing is said of its image.

    One of a medium is where that medium is, and one that a newer collection has written is not understood.
    """
    if spec.capture or there.iso or there.form > FORM:
        return False
    source = look_at(host, spec.origin, there.source, spec.timeout, spec.workdir) if spec.origin else None
    return source is None or bool(is_same(there, source))


def as_told(spec: TemplateSpec, source: Installer) -> TemplateSpec:
    """Return the spec of a new template of a medium, with what the medium tells where the user says nothing."""
    return replace(
        spec,
        os=source.os if spec.os is None else spec.os,
        defaults=source.defaults if spec.defaults is None else spec.defaults,
    )


def _as_captured(host: Hypervisor, spec: TemplateSpec, current: Current) -> TemplateSpec:
    """Return the spec of a new template that says of its VMs what the VM is that it is made of, if it says nothing."""
    if current.template or spec.defaults is not None or not spec.capture or spec.capture.pool:
        return spec
    return replace(spec, defaults=capture.machine_of(host, spec.capture.name))


def _current(host: Hypervisor, spec: TemplateSpec) -> Current:
    """Return what is; who uses the image is asked only where it is about to go."""
    if only_planned(host, spec.pool):
        return Current(free=pool_free(host, spec.pool))
    pool = template_pool(host, spec.pool)
    if spec.version is None:
        return Current()
    current = read_current(host, pool, spec.name, spec.version)
    if spec.state == "present" or not current.path:
        return current
    return replace(current, users=image_users(host, current.path))


def _elsewhere(host: Hypervisor, spec: TemplateSpec) -> list[Template]:
    """Return the templates of the same name (and version where one is given) in other pools: a VM could not tell which
    it means.
    """
    named = [found for found in all_templates(host) if found.name == spec.name and found.pool != spec.pool]
    return [found for found in named if spec.version in (None, found.version)]


def _facts(host: Hypervisor, spec: TemplateSpec) -> dict[str, Any]:
    current = _current(host, replace(spec, state="present"))
    if current.template is not None:
        return template_facts(current.template)
    return {"name": spec.name, **({"version": spec.version} if spec.version else {}), "state": "absent"}


TEMPLATE: Resource[TemplateSpec] = Resource(lambda spec: spec.label, _plan, _facts)
