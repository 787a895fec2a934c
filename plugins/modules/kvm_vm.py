#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_vm
short_description: Manage one virtual machine
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Makes, changes, starts, stops and removes a VM of a libvirt hypervisor. O(name) and O(template) are enough for a
    complete VM.
  - An option that is left out is not managed. A VM made by anything else can be managed too; what no option names
    stays as it is.
  - A run that was cut off anywhere is finished by running it again.
options:
  name:
    description: Name of the VM.
    type: str
    required: true
extends_documentation_fragment:
  - kvmops.datacenter.vm
  - kvmops.datacenter.planned
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.attributes
  - kvmops.datacenter.kvm.actiongroup
seealso:
  - module: kvmops.datacenter.kvm_fleet
  - module: kvmops.datacenter.kvm_template
  - module: kvmops.datacenter.kvm_vm_info
"""

EXAMPLES = r"""
- name: A complete VM, running
  kvmops.datacenter.kvm_vm:
    name: web01
    template: tiny
    state: running

- name: A VM with more memory, a data disk and a login, reached over SSH
  kvmops.datacenter.kvm_vm:
    name: db01
    template: tiny
    vcpus: 2
    memory: 128MiB
    tags: [db]
    disks:
      - name: root
      - name: data
        size: 1GiB
    nics:
      - network: default
    cloud_init:
      ssh_authorized_keys:
        - "{{ lookup('ansible.builtin.file', '~/.ssh/id_ed25519.pub') }}"
    state: running
    wait_for: ssh

- name: A VM that is installed from the medium of its template, and nobody is asked anything
  kvmops.datacenter.kvm_vm:
    name: app01
    template: debian-installer
    install:
      admin_password: "{{ vault_admin_password }}"
      timezone: Europe/Berlin
    state: running

- name: Remove a VM with its disks
  kvmops.datacenter.kvm_vm:
    name: db01
    state: absent
    remove_disks: true
"""

RETURN = r"""
vm:
  description: The VM as it is after the run (in check mode as it is now), in the words of the options, so that it can
    be given back. Secrets are left out.
  returned: success
  type: dict
  sample:
    name: web01
    state: running
    vcpus: 1
    memory: 128MiB
    template: tiny:1
  contains:
    name: {description: Name., type: str, returned: always}
    state: {description: "Power: running, stopped, paused or saved; absent where there is no such VM.", type: str,
      returned: always}
observed:
  description: What can only be observed of the VM, which no option could take; empty where there is no such VM.
  returned: success
  type: dict
  contains:
    domain_type: {description: How it is run., type: str, returned: always}
    ip: {description: First address of the guest that is known., type: str, returned: always}
    addresses: {description: Addresses by the name of the network card., type: dict, returned: always}
    disks: {description: Paths of the images by the name of the disk., type: dict, returned: always}
    graphics: {description: "Where the graphics of a running VM are reached: type, address, port, tls_port, websocket,
      socket.", type: list, elements: dict, returned: always}
    consoles: {description: Terminals of the host that are serial ports of a running VM., type: list, elements: str,
      returned: always}
    unfinished: {description: Whether its making was cut off., type: bool, returned: always}
    installing: {description: "Whether its installation by O(install) has not ended, or nobody has noted that it has.",
      type: bool, returned: always}
plan:
  description: What was done, or would be done in check mode, in order.
  returned: success
  type: list
  elements: dict
  contains:
    summary: {description: The change., type: str, returned: always}
    when: {description: "When it takes effect: V(now) or V(next_boot).", type: str, returned: always}
restart_required:
  description: In what the running VM differs from its description until it is restarted.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, reporting, single
from ansible_collections.kvmops.datacenter.plugins.module_utils._planned import Planned, planned_option
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.arguments import vm_arguments
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import converge_vms
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.spec import VmSpec


def main() -> None:
    """Run the module."""
    options = {**vm_arguments(), **planned_option(), **connection_options()}
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    with reporting(module) as report, hypervisor(module.params["uri"], module.run_command) as host:
        host.planned = Planned.from_params(module.params, module.check_mode)
        outcomes = converge_vms(host, [VmSpec.from_params(module.params)], dry_run=module.check_mode)
        report(single(outcomes[0], "vm", module._diff))


if __name__ == "__main__":
    main()
