# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template library as a whole, for people to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._hypervisor import Hypervisor
from .health import troubles
from .library import LATEST, Template, all_templates
from .origins import made_before, origins
from .state import image_users, refresh_all, template_facts


def read_templates(
    host: Hypervisor, names: Sequence[str] | None, used_by: bool, behind: bool = False
) -> list[dict[str, Any]]:
    """Return templates in the words of kvm_template's options: all, or those named ("name", "name:version").

    Every active pool is looked through anew, because other hosts may have changed what is in it. A template that does
    not exist has the state "absent". `used_by` also looks for what stands on each image, `behind` for the VMs that were
    made from an earlier version of each.
    """
    refresh_all(host)
    templates = all_templates(host)
    latest = {template.name: template for template in templates}
    if names is not None:
        wanted = {name: _meant(name, latest) for name in names}
        missing = [name for name, meant in wanted.items() if not any(_is(template, meant) for template in templates)]
        templates = [template for template in templates if any(_is(template, meant) for meant in wanted.values())]
        return _facts(host, templates, latest, used_by, behind) + [_absent(name) for name in missing]
    return _facts(host, templates, latest, used_by, behind)


def _meant(name: str, latest: Mapping[str, Template]) -> str:
    """Return a name with the version that "latest" means."""
    plain, _colon, version = name.partition(":")
    return latest[plain].label if version == LATEST and plain in latest else name


def _is(template: Template, name: str) -> bool:
    return name in (template.name, template.label)


def _absent(name: str) -> dict[str, Any]:
    plain, _colon, version = name.partition(":")
    return {"name": plain, **({"version": version} if version else {}), "state": "absent"}


def _facts(
    host: Hypervisor, templates: Sequence[Template], latest: Mapping[str, Template], used_by: bool, behind: bool
) -> list[dict[str, Any]]:
    made = origins(host) if behind else {}
    return [
        {
            **template_facts(template),
            "latest": template is latest[template.name],
            "invalid": troubles(host, template),
            **({"used_by": image_users(host, template.path)} if used_by else {}),
            **({"behind": made_before(template, made)} if behind else {}),
        }
        for template in templates
    ]
