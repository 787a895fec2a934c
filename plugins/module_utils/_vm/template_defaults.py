# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a template says of the VMs that are made from it: options of a VM, read by what reads those of a VM.

It counts when a VM is made, and never again: a template that says something else later changes no VM.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .._errors import Refused
from .arguments import template_arguments
from .spec import VmSpec

if TYPE_CHECKING:
    from .._template.library import Template


def words_of(said: Any) -> Any:
    """Return options as somebody has said them, without those that Ansible adds as None."""
    if isinstance(said, Mapping):
        return {key: words_of(value) for key, value in said.items() if value is not None}
    return [words_of(item) for item in said] if isinstance(said, (list, tuple)) else said


def checked_words(defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return defaults with values of the types that the options have; Refused where there are no such options.

    What they mean is not looked at: that takes the declarations of all that is named.
    """
    checked = ArgumentSpecValidator(template_arguments()).validate(words_of(defaults))
    if checked.error_messages:
        raise Refused(f"its defaults are not understood ({checked.error_messages[0].rstrip('.')}); correct them.")
    words: dict[str, Any] = words_of(checked.validated_parameters)
    return words


def read_defaults(defaults: Mapping[str, Any]) -> VmSpec:
    """Return what defaults mean; Refused where no VM could be given them."""
    words = checked_words(defaults)
    try:
        return VmSpec.read("template", words)
    except Refused as error:
        raise Refused(f"its defaults: {error}") from error


def same_defaults(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two defaults mean the same, in whatever words."""
    try:
        return read_defaults(one) == read_defaults(other)
    except Refused:
        return False


def with_defaults(spec: VmSpec, template: Template) -> VmSpec:
    """Return a new VM's spec with what its template says where the VM says nothing; lists count as a whole.

    Refused where this version of the collection does not understand the template.
    """
    if not template.defaults:
        return spec
    try:
        common = read_defaults(template.defaults)
    except Refused as error:
        raise Refused(f"VM '{spec.name}' cannot be made from template {template.label}: {error}") from error
    told_otherwise = spec.cloud_init is not None or spec.ignition
    return replace(
        spec,
        pool=spec.pool or common.pool,
        machine={**common.machine, **spec.machine},
        devices={**common.devices, **spec.devices},
        cloud_init=spec.cloud_init if told_otherwise else common.cloud_init,
    )


def remembered_seed(spec: VmSpec, template: Template | None) -> str | None:
    """Return what a new VM has to remember of its template's cloud_init, None for nothing: what its cards say of
    addresses goes into the same seed, which could not be made anew without.
    """
    if template is None or spec.cloud_init is not None or spec.ignition or "cloud_init" not in template.defaults:
        return None
    return json.dumps(template.defaults["cloud_init"], sort_keys=True)
