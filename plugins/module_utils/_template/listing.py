# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template library as a whole, for people to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._hypervisor import Hypervisor
from .health import troubles
from .library import Template, all_templates
from .state import image_users, refresh_all, template_facts


def read_templates(host: Hypervisor, names: Sequence[str] | None, used_by: bool) -> list[dict[str, Any]]:
    """Return templates in the words of kvm_template's options: all, or those named ("name", "name:version").

    Every active pool is looked through anew, because other hosts may have changed what is in it. A template that does
    not exist has the state "absent". `used_by` also looks for what stands on each image.
    """
    refresh_all(host)
    templates = all_templates(host)
    latest = {template.name: template for template in templates}
    if names is not None:
        missing = [name for name in dict.fromkeys(names) if not any(_is(template, name) for template in templates)]
        templates = [template for template in templates if any(_is(template, name) for name in names)]
        return _facts(host, templates, latest, used_by) + [_absent(name) for name in missing]
    return _facts(host, templates, latest, used_by)


def _is(template: Template, name: str) -> bool:
    return name in (template.name, template.label)


def _absent(name: str) -> dict[str, Any]:
    plain, _colon, version = name.partition(":")
    return {"name": plain, **({"version": version} if version else {}), "state": "absent"}


def _facts(
    host: Hypervisor, templates: Sequence[Template], latest: dict[str, Template], used_by: bool
) -> list[dict[str, Any]]:
    return [
        {
            **template_facts(template),
            "latest": template is latest[template.name],
            "invalid": troubles(host, template),
            **({"used_by": image_users(host, template.path)} if used_by else {}),
        }
        for template in templates
    ]
