# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters that find the images of templates in a catalogue."""

from __future__ import annotations

DOCUMENTATION = r"""
name: from_catalogue
short_description: Describe templates by the names of their images
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Takes templates, each with the options of M(kvmops.datacenter.kvm_template) or an C(image) of a catalogue, and
    returns them with what the catalogue says of their images.
  - What a template itself says comes before what the catalogue says.
  - What the host's osinfo-db knows, as M(kvmops.datacenter.kvm_image_info) returns it, is looked at last.
  - It is an error, in one sentence, if an image is not known, if a template names an image and says besides where it
    comes from, or if it says something that is nothing of a template.
positional: catalogue, pool, known
options:
  _input:
    description: The templates.
    type: list
    elements: dict
    required: true
  catalogue:
    description: What the lookup P(kvmops.datacenter.image_catalogue#lookup) returns.
    type: dict
    default: {}
  pool:
    description: The pool of templates that name none.
    type: str
    default: default
  known:
    description: Images that the host knows, as RV(kvmops.datacenter.kvm_image_info#module:images).
    type: list
    elements: dict
    default: []
seealso:
  - module: kvmops.datacenter.kvm_template
  - plugin: kvmops.datacenter.image_catalogue
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Make a template of an image that has a name
  kvmops.datacenter.kvm_template:
    name: "{{ item.name }}"
    url: "{{ item.url }}"
    os: "{{ item.os }}"
    pool: "{{ item.pool }}"
  loop: "{{ templates | kvmops.datacenter.from_catalogue(images, 'shared') }}"
  vars:
    templates:
      - name: web
        image: debian12
    images: "{{ lookup('kvmops.datacenter.image_catalogue', '/etc/kvm/images.d') }}"
"""

RETURN = r"""
_value:
  description: The templates in the words of M(kvmops.datacenter.kvm_template), each with its pool.
  type: list
  elements: dict
  sample:
    - name: web
      pool: shared
      url: https://images.example.org/debian-12-genericcloud-amd64.qcow2
      os: debian12
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import Refused
from ..plugin_utils._catalogue.images import filled_in

Images = Mapping[str, Mapping[str, Any]]

_SAID = ("url", "os", "description")


def from_catalogue(
    templates: Sequence[Mapping[str, Any]],
    catalogue: Images | None = None,
    pool: str = "default",
    known: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Return templates with what their images say; AnsibleFilterError where one cannot be described."""
    of_hosts = {image["name"]: {word: image[word] for word in _SAID} for image in known}
    try:
        return filled_in(templates, {**of_hosts, **(catalogue or {})}, pool)
    except Refused as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """What Ansible finds in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"from_catalogue": from_catalogue}
