#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_host_info
short_description: Read what a KVM host is and has
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Returns the facts of one libvirt hypervisor. These are its versions, CPUs, memory, storage pools, virtual networks,
    and how many VMs it has.
  - A pool or network that cannot be read is left out with a warning.
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.info_attributes
  - kvmops.datacenter.kvm.actiongroup
  - kvmops.datacenter.kvm.query
seealso:
  - module: kvmops.datacenter.kvm_vm_info
  - module: kvmops.datacenter.kvm_pool_info
  - module: kvmops.datacenter.kvm_network_info
"""

EXAMPLES = r"""
- name: Read the host
  kvmops.datacenter.kvm_host_info:
  register: all_facts

- name: Which active pools have more than 100 GiB left?
  kvmops.datacenter.kvm_host_info:
    query: "pools[?state == 'active' && available > `107374182400`].name"
  register: roomy
"""

RETURN = r"""
host:
  description: The host as it is.
  returned: success
  type: dict
  contains:
    hostname:
      description: The host's own name for itself.
      type: str
      returned: always
    uuid:
      description: UUID of the host, as libvirt tells it. Migration needs one of its own on each host.
      type: str
      returned: if libvirt tells one, else null
    hypervisor:
      description: Name of libvirt's driver, such as V(QEMU).
      type: str
      returned: always
    hypervisor_version:
      description: Version of QEMU.
      type: str
      returned: always
    libvirt_version:
      description: Version of libvirt.
      type: str
      returned: always
    arch:
      description: Architecture of the host.
      type: str
      returned: always
    cpus:
      description: How many CPUs the host has, as its operating system counts them.
      type: int
      returned: always
    cpu_model:
      description: The CPU model of libvirt's list that is nearest to the host's.
      type: str
      returned: if libvirt tells one, else null
    cpu_vendor:
      description: Vendor of the CPU, in libvirt's words.
      type: str
      returned: if libvirt tells one, else null
    cpu_mhz:
      description: Clock rate of the CPUs in MHz.
      type: int
      returned: always
    cpu_topology:
      description: How the CPUs are built.
      type: dict
      returned: always
      contains:
        numa_cells:
          description: NUMA cells of the host.
          type: int
        sockets:
          description: Sockets of each NUMA cell.
          type: int
        cores:
          description: Cores of each socket.
          type: int
        threads:
          description: Threads of each core.
          type: int
    iommu:
      description: Whether devices of the host can be handed to VMs safely.
      type: bool
      returned: always
    memory:
      description: All memory of the host in bytes.
      type: int
      returned: always
    memory_free:
      description: Memory in bytes that nothing uses.
      type: int
      returned: if the hypervisor tells it, else null
    memory_available:
      description: Memory in bytes that nothing uses or that only caches and buffers use.
      type: int
      returned: if the hypervisor tells it, else null
    domain_types:
      description:
        - The types of VMs that libvirt lists for each architecture.
        - That V(kvm) is listed does not prove that KVM works.
      type: dict
      returned: always
    pools:
      description: The storage pools, sorted by name, as RV(kvmops.datacenter.kvm_pool#module:pool) shows them.
      type: list
      elements: dict
      returned: always
    networks:
      description: The virtual networks, sorted by name, as RV(kvmops.datacenter.kvm_network#module:network) shows them.
      type: list
      elements: dict
      returned: always
    vms:
      description: How many VMs are in each state.
      type: dict
      returned: always
      contains:
        running:
          description: VMs that run.
          type: int
        paused:
          description: VMs that are paused.
          type: int
        saved:
          description: VMs whose memory is saved on disk.
          type: int
        stopped:
          description: VMs that are off.
          type: int
    vm_names:
      description: Names of all VMs, sorted.
      type: list
      elements: str
      returned: always
  sample:
    hostname: h1
    uuid: 0a1b4cd1-2b92-4c6e-9d3c-5a8f0c7e11d2
    hypervisor: QEMU
    hypervisor_version: 7.2.9
    libvirt_version: 9.0.0
    arch: x86_64
    cpus: 32
    cpu_model: EPYC
    cpu_vendor: AMD
    cpu_mhz: 2800
    cpu_topology:
      numa_cells: 1
      sockets: 1
      cores: 16
      threads: 2
    iommu: true
    memory: 137438953472
    memory_free: 34359738368
    memory_available: 68719476736
    domain_types:
      x86_64: [kvm, qemu]
    pools:
      - name: images
        type: dir
        target: /var/lib/libvirt/images
        state: active
        autostart: true
        uuid: 35bb2ad9-388a-cdfe-461a-b8907f6e53fe
        capacity: 107374182400
        allocation: 0
        available: 107374182400
    networks:
      - name: lan
        mode: bridge
        bridge: br0
        ip: []
        dns:
          forwarders: []
          hosts: []
        state: active
        autostart: true
        uuid: 7f6f8f0e-51f5-4f5b-8d9f-3d2f5a6f6a10
    vms:
      running: 12
      paused: 0
      saved: 1
      stopped: 3
    vm_names: [db01, web01]
result:
  description: What O(query) finds in RV(host).
  returned: when O(query) is given
  type: raw
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._host.state import read_host
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, reporting
from ansible_collections.kvmops.datacenter.plugins.module_utils._query import queried, query_option


def main() -> None:
    """Read the host."""
    module = AnsibleModule(argument_spec={**query_option(), **connection_options()}, supports_check_mode=True)
    with reporting(module) as report, hypervisor(module.params["uri"]) as host:
        facts, warnings = read_host(host)
        report({**queried("host", facts, module.params["query"]), "warnings": warnings})


if __name__ == "__main__":
    main()
