#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_fleet
short_description: Manage many virtual machines of a host in one call
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Does for a list of VMs what M(kvmops.datacenter.kvm_vm) does for one, over one connection and several at a time. A
    task costs some hundred
    milliseconds, a VM that is as wanted a few, so one call for all is many times faster than a loop.
  - All VMs are compared first. If anything in the list is refused, nothing of it is touched. After that a VM that
    fails is reported by
    name and does not stop the others.
options:
  fleet:
    description:
      - Name of the fleet, remembered by its members. The inventory plugin groups by it.
    type: str
  purge:
    description:
      - Whether members of O(fleet) on this host that are not in O(vms) are removed. Their disks stay unless
        O(defaults.remove_disks=true).
    type: bool
    default: false
  parallel:
    description:
      - How many VMs are worked on at a time. libvirt serves five requests of a connection at a time unless it is
        configured otherwise.
    type: int
    default: 4
extends_documentation_fragment:
  - kvmops.datacenter.vm.fleet
  - kvmops.datacenter.planned
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.attributes
  - kvmops.datacenter.kvm.actiongroup
seealso:
  - module: kvmops.datacenter.kvm_vm
"""

EXAMPLES = r"""
- name: Two web servers and a database, all running
  kvmops.datacenter.kvm_fleet:
    fleet: shop
    defaults:
      template: tiny
      memory: 128MiB
      state: running
    vms:
      - name: web01
        tags: [web]
      - name: web02
        tags: [web]
      - name: db01
        vcpus: 2

- name: One web server is enough
  kvmops.datacenter.kvm_fleet:
    fleet: shop
    purge: true
    defaults:
      template: tiny
      state: running
      remove_disks: true
    vms:
      - name: web01
      - name: db01
"""

RETURN = r"""
vms:
  description:
    - The VMs as they are after the run, without those that failed - name, state, uuid, domain_type, title, description,
      vcpus, memory, autostart, template, fleet, project, owner, tags, metadata, disks and nics.
    - M(kvmops.datacenter.kvm_vm_info) tells all of them, which is more than a play over hundreds of VMs should pay for.
  returned: always
  type: list
  elements: dict
observed:
  description: What can only be observed, by VM, as RV(kvmops.datacenter.kvm_vm#module:observed) shows it.
  returned: always
  type: dict
plan:
  description: What was done, or would be done in check mode, VM by VM.
  returned: always
  type: list
  elements: dict
  contains:
    name: {description: The VM., type: str, returned: always}
    summary: {description: The change., type: str, returned: always}
    when: {description: "When it takes effect: V(now) or V(next_boot).", type: str, returned: always}
restart_required:
  description: By VM, in what the running one differs from its description until it is restarted.
  returned: always
  type: dict
errors:
  description: By VM, the error that stopped it.
  returned: if a VM failed
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, many, reporting
from ansible_collections.kvmops.datacenter.plugins.module_utils._planned import Planned
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import (
    converge_vms,
    fleet_options,
    fleet_specs,
    purged_specs,
)


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={**fleet_options(), **connection_options()},
        supports_check_mode=True,
        required_if=[("purge", True, ["fleet"])],
    )
    with reporting(module) as report, hypervisor(module.params["uri"], module.run_command) as host:
        host.planned = Planned.from_params(module.params, module.check_mode)
        specs = [*fleet_specs(module.params), *purged_specs(host, module.params)]
        outcomes = converge_vms(host, specs, module.check_mode, module.params["parallel"], brief=True)
        report(many(outcomes, "vms", module._diff))


if __name__ == "__main__":
    main()
