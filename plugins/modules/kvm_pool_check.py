#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_pool_check
short_description: Find out whether hosts see the same storage in a pool
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Takes one step of a check that the hosts of a cluster take together. Each host writes a mark into every pool, each
    looks for the marks of all others, and each takes them away.
  - Who sees the others' marks whole sees the same content; who has left one may write there. Where libvirt tells as
    whom it runs QEMU and the module is root, the mark is written as that user.
  - A pool that fails in a step is told of in RV(errors); the task itself does not fail, so that the hosts can be
    compared. The filter P(kvmops.datacenter.storage_faults#filter) does that, and the role C(kvmops.datacenter.storage)
    does all of it.
  - Before the step, the control node asks for the host's time, by the command C(date), and compares it with its own.
  - Marks go again, so they are not reported as a change. A mark that an interrupted run has left is a volume of 512
    bytes whose name begins with C(kvmops-check.); the step V(remove) of any run that ends ten minutes later or more
    deletes it.
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.attributes
  - kvmops.datacenter.kvm.actiongroup
attributes:
  check_mode:
    description: Reads as usual; no mark is written or removed.
    support: partial
    details:
      - Whether pools can be written, and hold the same, is not known without marks.
  diff_mode:
    description: What it makes goes again, so there is no difference to show.
    support: none
options:
  step:
    description:
      - V(write) leaves a mark in each active pool that takes volumes, and returns them as RV(marks).
      - V(read) looks for O(marks) until all are there, and returns those that are not as RV(missing). Of pools that are
        only read, or that take no new volumes, it returns RV(volumes) instead.
      - V(remove) deletes O(marks), and what interrupted runs have left. Each host has to do so, because its libvirt has
        come to know the marks of all others, and would go on listing them.
    type: str
    choices: [write, read, remove]
    required: true
  pools:
    description: The pools to check. One that is not active is only told of.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the pool.
        type: str
        required: true
      read_only:
        description: Whether nothing is written into it. Then the names of its volumes are what is compared.
        type: bool
        default: false
  marks:
    description: The RV(marks) of all hosts, with O(step=read) and O(step=remove).
    type: list
    elements: dict
    default: []
    suboptions:
      pool:
        description: Pool that the mark is in.
        type: str
        required: true
      name:
        description: Name of the mark.
        type: str
        required: true
  timeout:
    description:
      - How many seconds a pool may take to show what other hosts have written. Network file systems may be late; NFS
        shows it within a minute by its own defaults.
    type: int
    default: 60
seealso:
  - module: kvmops.datacenter.kvm_pool
  - plugin: kvmops.datacenter.storage_faults
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Check that all hosts see the same in the pool shared
  vars:
    pools:
      - name: shared
    of_all: "{{ ansible_play_hosts_all | map('extract', hostvars) | selectattr('written.marks', 'defined') }}"
    all_marks: "{{ of_all | map(attribute='written.marks') | flatten }}"
  block:
    - name: Leave a mark
      kvmops.datacenter.kvm_pool_check:
        step: write
        pools: "{{ pools }}"
      register: written

    - name: Look for the marks of all hosts
      kvmops.datacenter.kvm_pool_check:
        step: read
        pools: "{{ pools }}"
        marks: "{{ all_marks }}"
      register: read
  always:
    - name: Take the marks away
      kvmops.datacenter.kvm_pool_check:
        step: remove
        pools: "{{ pools }}"
        marks: "{{ all_marks }}"
"""

RETURN = r"""
pools:
  description: The pools as they are.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the pool.
      type: str
      returned: always
    state:
      description: V(active), V(inactive) or V(absent).
      type: str
      returned: always
    type:
      description: Type of the pool.
      type: str
      returned: when the pool exists
    target:
      description: Path of its directory, or where its devices are.
      type: str
      returned: when the pool has one
  sample:
    - name: shared
      state: active
      type: netfs
      target: /srv/kvm
marks:
  description: The marks that were left.
  returned: with O(step=write)
  type: list
  elements: dict
  sample:
    - pool: shared
      name: kvmops-check.1795291575.0123456789abcdef
missing:
  description: The marks that this host does not see, or not whole.
  returned: with O(step=read)
  type: list
  elements: dict
  sample: []
volumes:
  description: The names of the volumes of pools that are only read or take no new volumes, by pool.
  returned: with O(step=read)
  type: dict
  sample:
    iso: [debian-12.iso]
errors:
  description: What went wrong, by pool.
  returned: success
  type: dict
  sample: {}
clock:
  description: The host's clock, compared with that of the control node.
  returned: where the host answers the command C(date)
  type: dict
  contains:
    offset:
      description: How many seconds the host is ahead.
      type: float
      returned: always
    uncertainty:
      description: How many seconds the offset may be wrong by, which is half of the time that asking took.
      type: float
      returned: always
  sample:
    offset: 0.012
    uncertainty: 0.021
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, reporting
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_check import check_options, check_pools


def main() -> None:
    """Take one step of the check."""
    module = AnsibleModule(argument_spec={**check_options(), **connection_options()}, supports_check_mode=True)
    with reporting(module) as report, hypervisor(module.params["uri"], module.run_command) as host:
        report(check_pools(host, module.params, dry_run=module.check_mode))


if __name__ == "__main__":
    main()
