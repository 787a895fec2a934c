#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_network_info
short_description: Read the virtual networks of a host
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Returns the virtual networks of a libvirt hypervisor in the words of the options of
    M(kvmops.datacenter.kvm_network).
options:
  names:
    description:
      - Names of the networks to read; all if left out. One that does not exist is returned with the state V(absent).
    type: list
    elements: str
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.info_attributes
  - kvmops.datacenter.kvm.actiongroup
  - kvmops.datacenter.kvm.query
seealso:
  - module: kvmops.datacenter.kvm_network
"""

EXAMPLES = r"""
- name: Read all virtual networks
  kvmops.datacenter.kvm_network_info:
  register: all_networks

- name: Which networks are active?
  kvmops.datacenter.kvm_network_info:
    query: "[?state == 'active'].name"
  register: found
"""

RETURN = r"""
networks:
  description: The virtual networks, sorted by name, as RV(kvmops.datacenter.kvm_network#module:network) shows them.
  returned: success
  type: list
  elements: dict
result:
  description: What O(query) finds in RV(networks).
  returned: when O(query) is given
  type: raw
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, reporting
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.state import network_facts, read_network
from ansible_collections.kvmops.datacenter.plugins.module_utils._query import queried, query_option


def main() -> None:
    """Read the virtual networks."""
    options = {"names": {"type": "list", "elements": "str"}, **query_option(), **connection_options()}
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    with reporting(module) as report, hypervisor(module.params["uri"]) as host:
        names = host.network_names() if module.params["names"] is None else module.params["names"]
        facts = [network_facts(read_network(host, name), name) for name in sorted(set(names))]
        report(queried("networks", facts, module.params["query"]))


if __name__ == "__main__":
    main()
