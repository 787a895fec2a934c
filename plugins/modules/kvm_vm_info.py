#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_vm_info
short_description: Read the virtual machines of a host
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Returns the VMs of a libvirt hypervisor in the words of the options of M(kvmops.datacenter.kvm_vm), so that they can
    be given back to it.
options:
  names:
    description:
      - Names of the VMs to read; all if left out. One that does not exist is returned with the state V(absent).
    type: list
    elements: str
  addresses:
    description:
      - Whether the addresses of running guests are asked for. It costs some milliseconds a guest.
    type: bool
    default: true
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.info_attributes
  - kvmops.datacenter.kvm.actiongroup
  - kvmops.datacenter.kvm.query
seealso:
  - module: kvmops.datacenter.kvm_vm
"""

EXAMPLES = r"""
- name: Read all VMs
  kvmops.datacenter.kvm_vm_info:
  register: all

- name: Where is web01 reached?
  kvmops.datacenter.kvm_vm_info:
    names: [web01]
  register: found

- name: Say it
  ansible.builtin.debug:
    var: found.observed.web01.ip

- name: Which VMs have more than one CPU?
  kvmops.datacenter.kvm_vm_info:
    query: "[?vcpus > `1`].name"
  register: large
"""

RETURN = r"""
vms:
  description: The VMs, sorted by name, as RV(kvmops.datacenter.kvm_vm#module:vm) shows them.
  returned: always
  type: list
  elements: dict
observed:
  description: What can only be observed, by VM, as RV(kvmops.datacenter.kvm_vm#module:observed) shows it.
  returned: always
  type: dict
result:
  description: What O(query) finds in RV(vms).
  returned: if O(query) is given
  type: raw
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, listed, reporting
from ansible_collections.kvmops.datacenter.plugins.module_utils._query import queried, query_option
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import read_vms


def main() -> None:
    """Run the module."""
    options = {
        "names": {"type": "list", "elements": "str"},
        "addresses": {"type": "bool", "default": True},
        **query_option(),
        **connection_options(),
    }
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    with reporting(module) as report, hypervisor(module.params["uri"]) as host:
        vms = read_vms(host, module.params["names"], module.params["addresses"])
        told = listed("vms", vms)
        report({**told, **queried("vms", told["vms"], module.params["query"])})


if __name__ == "__main__":
    main()
