#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_pool_info
short_description: Read the storage pools of a host
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Returns the storage pools of a libvirt hypervisor in the words of the options of M(kvmops.datacenter.kvm_pool).
options:
  names:
    description:
      - Names of the pools to read; all if left out. One that does not exist is returned with the state V(absent).
    type: list
    elements: str
  find:
    description:
      - Where to look for what pools could be made of, which is returned as RV(sources). Nothing is looked for if this
        is left out.
      - The host needs the programs that libvirt asks, such as C(showmount) for V(netfs), C(gluster) for V(gluster) and
        V(netfs), C(iscsiadm) for V(iscsi) and LVM's for V(logical).
    type: dict
    suboptions:
      type:
        description:
          - Type of the pools.
          - V(netfs) finds what a file server exports, V(gluster) the volumes of GlusterFS, V(iscsi) and
            V(iscsi-direct) the targets of a storage system, V(logical) the volume groups of the host.
        type: str
        choices: [netfs, gluster, iscsi, iscsi-direct, logical]
        required: true
      host:
        description: Name or address of the server. All types but V(logical) need it.
        type: str
      port:
        description: Port of the server, for V(iscsi) and V(iscsi-direct).
        type: int
      initiator:
        description: Name by which the server knows the host, for V(iscsi) and V(iscsi-direct).
        type: str
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.info_attributes
  - kvmops.datacenter.kvm.actiongroup
  - kvmops.datacenter.kvm.query
seealso:
  - module: kvmops.datacenter.kvm_pool
"""

EXAMPLES = r"""
- name: Read all storage pools
  kvmops.datacenter.kvm_pool_info:
  register: all_pools

- name: Which pools have less than 10 GiB free?
  kvmops.datacenter.kvm_pool_info:
    query: "[?available < `10737418240`].name"
  register: found

- name: Look for what a file server exports
  kvmops.datacenter.kvm_pool_info:
    names: []
    find:
      type: netfs
      host: nas.example.org
  register: exports

- name: Make a pool of the first export
  kvmops.datacenter.kvm_pool:
    name: nas
    type: netfs
    source: "{{ exports.sources[0] }}"
    target: /srv/nas
"""

RETURN = r"""
pools:
  description: The storage pools, sorted by name, as RV(kvmops.datacenter.kvm_pool#module:pool) shows them.
  returned: success
  type: list
  elements: dict
sources:
  description: What was found, each in the words of O(kvmops.datacenter.kvm_pool#module:source).
  returned: when O(find) is given
  type: list
  elements: dict
  sample:
    - host: nas.example.org
      dir: /export/images
      format: nfs
result:
  description: What O(query) finds in RV(pools).
  returned: when O(query) is given
  type: raw
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, reporting
from ansible_collections.kvmops.datacenter.plugins.module_utils._query import queried, query_option
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_discovery import (
    find_options,
    find_sources,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_state import pool_facts, read_pool


def main() -> None:
    """Read the storage pools."""
    named = {"names": {"type": "list", "elements": "str"}}
    options = {**named, **find_options(), **query_option(), **connection_options()}
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    with reporting(module) as report, hypervisor(module.params["uri"]) as host:
        names = host.pool_names() if module.params["names"] is None else module.params["names"]
        facts = [pool_facts(read_pool(host, name), name) for name in sorted(set(names))]
        report(queried("pools", facts, module.params["query"]))
        if module.params["find"]:
            report({"sources": find_sources(host, module.params["find"])})


if __name__ == "__main__":
    main()
