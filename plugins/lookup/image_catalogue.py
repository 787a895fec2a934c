# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup that reads catalogues of images."""

from __future__ import annotations

DOCUMENTATION = r"""
name: image_catalogue
short_description: Read catalogues of images
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Reads the drop-in files of folders of the control node, and returns what they say of images, by name.
  - Each file whose name ends in C(.yml) or C(.yaml) names images, and says of each, in the words of the options of
    M(kvmops.datacenter.kvm_template), where it comes from and what else holds for templates made of it.
  - Where several files describe an image of one name, the last one counts. Folders are read in the order in which they
    are given, the files of a folder in the order of their names.
options:
  _terms:
    description: Paths of the folders.
    type: list
    elements: path
    required: true
seealso:
  - module: kvmops.datacenter.kvm_template
  - module: kvmops.datacenter.kvm_image_info
  - plugin: kvmops.datacenter.from_catalogue
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show which images have names here
  ansible.builtin.debug:
    msg: "{{ lookup('kvmops.datacenter.image_catalogue', '/etc/kvm/images.d', '~/images.d') | list }}"
"""

RETURN = r"""
_raw:
  description: What is said of each image, by its name.
  type: list
  elements: dict
  sample:
    - debian12:
        url: https://images.example.org/debian-12-genericcloud-amd64.qcow2
        os: debian12
"""

import os
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils._errors import KvmError
from ..plugin_utils._catalogue.images import read_catalogue


class LookupModule(LookupBase):
    """What Ansible finds in this file."""

    def run(self, terms: list[str], variables: Any = None, **_options: Any) -> list[dict[str, Any]]:
        """Return one catalogue of all folders; AnsibleLookupError where one of them cannot be used."""
        folders = [self._loader.path_dwim(os.path.expanduser(str(term))) for term in terms]
        try:
            return [dict(read_catalogue(folders))]
        except KvmError as error:
            raise AnsibleLookupError(str(error)) from None
