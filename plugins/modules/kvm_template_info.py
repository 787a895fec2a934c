#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_template_info
short_description: Read the template library
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Returns the templates in the active pools of a hypervisor, in the words of the options of
    M(kvmops.datacenter.kvm_template).
  - The pools are looked through anew, so what another host has put into a shared pool is seen.
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.info_attributes
  - kvmops.datacenter.kvm.actiongroup
  - kvmops.datacenter.kvm.query
options:
  names:
    description:
      - Templates to read, as V(name) for all its versions, V(name:version) for one, V(name:latest) for the latest; all
        if left out.
      - One that does not exist is returned with the state V(absent).
    type: list
    elements: str
  used_by:
    description:
      - Whether to look for the VMs and volumes that stand on each image. It reads the description of every VM and
        volume of the host once for each template.
    type: bool
    default: false
  behind:
    description:
      - Whether to look for the VMs of this host that were made from an earlier version of each template. It reads the
        description of every VM of the host once.
    type: bool
    default: false
seealso:
  - module: kvmops.datacenter.kvm_template
"""

EXAMPLES = r"""
- name: Read all templates
  kvmops.datacenter.kvm_template_info:
  register: library

- name: Which VMs and volumes stand on this version?
  kvmops.datacenter.kvm_template_info:
    names: [debian12:1]
    used_by: true
    query: "[0].used_by"
  register: users

- name: Which VMs were made from a version that is not the latest?
  kvmops.datacenter.kvm_template_info:
    behind: true
    query: "[?latest && behind].{name: name, vms: behind}"
  register: old

- name: Which templates can no VM be made from, and why?
  kvmops.datacenter.kvm_template_info:
    query: "[?invalid].{name: name, version: version, why: values(invalid)}"
  register: broken

- name: Which templates are there in their latest version?
  kvmops.datacenter.kvm_template_info:
    query: "[?latest].{name: name, version: version}"
  register: newest
"""

RETURN = r"""
templates:
  description:
    - The templates, sorted by name and version, as RV(kvmops.datacenter.kvm_template#module:template) shows them.
    - Templates that O(names) asks for and that do not exist come last.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the template.
      type: str
      returned: always
    version:
      description: Its version.
      type: str
      returned: when the template exists, or was asked for by its version
    state:
      description: V(present) or V(absent).
      type: str
      returned: always
    pool:
      description: The pool it is in.
      type: str
      returned: when the template exists
    os:
      description: Operating system in the image; empty if none is said.
      type: str
      returned: when the template exists
    description:
      description: What a person should know about it; empty if nothing is said.
      type: str
      returned: when the template exists
    defaults:
      description: What VMs get that are made from it, in the words of M(kvmops.datacenter.kvm_vm).
      type: dict
      returned: when the template exists
    iso:
      description: The medium that VMs are installed from, as pool and volume with a slash between, a path, or a URL.
      type: str
      returned: when it was made of one
    checksum:
      description: SHA-256 of the image it was made of.
      type: str
      returned: when the template exists and was made of an image
    path:
      description: Where its image is on the host; of a medium's template an empty one, which no VM stands on.
      type: str
      returned: when the template exists
    capacity:
      description: Size in bytes of the disk that a VM sees, and gets if it says none.
      type: int
      returned: when the template exists
    size:
      description: Size of the image file in bytes.
      type: int
      returned: when the template exists
    format:
      description: Format of the image, V(qcow2).
      type: str
      returned: when the template exists
    latest:
      description: Whether a VM that names no version gets this one.
      type: bool
      returned: when the template exists
    invalid:
      description:
        - Why no VM can be made from it, a sentence for each reason; empty if one can.
        - The names of the reasons are V(image) (it is gone, or has another size), V(iso) (its medium is gone),
          V(network) and V(pool) (what it gives its VMs is not there), V(defaults) (not understood), and V(form)
          (described by a newer version of this collection).
        - kvm_vm and kvm_fleet refuse to make a VM with the same sentence, unless the VM says itself what the
          template says wrongly.
      type: dict
      returned: when the template exists
    used_by:
      description: VMs by name, and volumes as pool and name with a slash between, that stand on the image.
      type: list
      elements: str
      returned: when O(used_by) is true and the template exists
    behind:
      description:
        - VMs of this host that were made from an earlier version of the template, by name; also from one that is no
          longer there. What the VM's disk stands on does not count, but what its metadata remembers.
      type: list
      elements: str
      returned: when O(behind) is true and the template exists
  sample:
    - name: debian12
      version: '1'
      state: present
      pool: default
      os: debian12
      description: ''
      defaults:
        vcpus: 2
        memory: 2GiB
      checksum: sha256:9b2ef5a1d2c7a5a8f6ff8b0e9e2b5f0d9a3f4d0f1c6f9e7a2b1c0d9e8f7a6b5c
      path: /var/lib/libvirt/images/debian12+1.template.qcow2
      capacity: 2147483648
      size: 348651520
      format: qcow2
      latest: true
      invalid: {}
result:
  description: What O(query) finds in RV(templates).
  returned: when O(query) is given
  type: raw
  sample:
    - default/web01-root.qcow2
    - web01
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._hypervisor import hypervisor
from ..module_utils._module import connection_options, reporting
from ..module_utils._query import queried, query_option
from ..module_utils._template.listing import read_templates


def main() -> None:
    """Read the templates."""
    options = {
        **connection_options(),
        **query_option(),
        "names": {"type": "list", "elements": "str"},
        "used_by": {"type": "bool", "default": False},
        "behind": {"type": "bool", "default": False},
    }
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    with reporting(module) as report, hypervisor(module.params["uri"]) as host:
        templates = read_templates(host, *(module.params[name] for name in ("names", "used_by", "behind")))
        report(queried("templates", templates, module.params["query"]))


if __name__ == "__main__":
    main()
