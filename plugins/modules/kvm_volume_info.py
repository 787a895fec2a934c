#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_volume_info
short_description: Read the volumes of a host, what is below them, and who needs them
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Returns the volumes in the active pools of a hypervisor, in the words of the options of
    M(kvmops.datacenter.kvm_volume).
  - The pools are looked through anew, so what another host has put into a shared pool is seen.
options:
  pool:
    description: Pool whose volumes are read; all active pools if left out. It has to be active.
    type: str
  names:
    description:
      - Names of the volumes to read; all if left out. One that does not exist is returned with the state V(absent).
    type: list
    elements: str
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.info_attributes
  - kvmops.datacenter.kvm.actiongroup
  - kvmops.datacenter.kvm.query
seealso:
  - module: kvmops.datacenter.kvm_volume
  - module: kvmops.datacenter.kvm_pool_info
  - module: kvmops.datacenter.kvm_template_info
"""

EXAMPLES = r"""
- name: Read the volumes of a pool
  kvmops.datacenter.kvm_volume_info:
    pool: images
  register: volumes

- name: Which volumes does nobody need?
  kvmops.datacenter.kvm_volume_info:
    query: "[?!used_by].[pool, name]"
  register: unused

- name: Who needs this image?
  kvmops.datacenter.kvm_volume_info:
    pool: images
    names: [base.qcow2]
    query: "[0].used_by"
  register: users

- name: Which volumes stand on it, however far below them it is?
  kvmops.datacenter.kvm_volume_info:
    query: "[?chain[?name=='base.qcow2' && pool=='images']].[pool, name]"
  register: linked
"""

RETURN = r"""
volumes:
  description:
    - The volumes, sorted by pool and name, as RV(kvmops.datacenter.kvm_volume#module:volume) shows them.
    - Volumes that O(names) asks for and that do not exist come last.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the volume.
      type: str
      returned: always
    pool:
      description: Name of its pool.
      type: str
      returned: when the volume exists, or O(pool) is given
    state:
      description: V(present) or V(absent).
      type: str
      returned: always
    capacity:
      description: Size as its user sees it.
      type: str
      returned: when the volume exists
    format:
      description: Format of the image, as libvirt tells it by its first bytes.
      type: str
      returned: when the volume exists
    path:
      description: Path of the volume on the host.
      type: str
      returned: when the volume exists
    allocation:
      description: Bytes that it takes in its pool.
      type: int
      returned: when the volume exists
    encrypted:
      description: V(true), the volume is encrypted.
      type: bool
      returned: when it is
    encryption:
      description: Which of libvirt's secrets encrypts it, as C(secret).
      type: dict
      returned: when libvirt knows it, which it does until it looks at the pool again
    backing_path:
      description: Path of the image below it.
      type: str
      returned: when there is one
    backing:
      description: Name and pool of the volume below it.
      type: dict
      returned: when there is one, and it is in an active pool
    chain:
      description:
        - All images below it, the nearest first, each with its C(path) and C(format), and with the C(name) and C(pool)
          of its volume, if it is in an active pool.
        - What is below an image that is in no active pool is not known.
      type: list
      elements: dict
      returned: when the volume exists
    used_by:
      description:
        - Who needs the volume. VMs of this hypervisor, by name, with a disk that is on it, however far below the disk
          it is; volumes of its active pools that it backs, as pool and name with a slash between; the template that it
          is a part of, as name and version with a colon between.
        - VMs of other hosts that share the pool are not seen.
      type: list
      elements: str
      returned: when the volume exists
  sample:
    - name: web01.qcow2
      pool: images
      state: present
      capacity: 30GiB
      format: qcow2
      path: /var/lib/libvirt/images/web01.qcow2
      allocation: 200704
      backing_path: /var/lib/libvirt/images/base.qcow2
      backing:
        name: base.qcow2
        pool: images
      chain:
        - path: /var/lib/libvirt/images/base.qcow2
          format: qcow2
          name: base.qcow2
          pool: images
      used_by:
        - web01
result:
  description: What O(query) finds in RV(volumes).
  returned: when O(query) is given
  type: raw
  sample:
    - [images, old.qcow2]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, reporting
from ansible_collections.kvmops.datacenter.plugins.module_utils._query import queried, query_option
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.listing import read_volumes


def main() -> None:
    """Read the volumes."""
    options = {
        **connection_options(),
        **query_option(),
        "pool": {"type": "str"},
        "names": {"type": "list", "elements": "str"},
    }
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    with reporting(module) as report, hypervisor(module.params["uri"]) as host:
        volumes = read_volumes(host, module.params["pool"], module.params["names"])
        report(queried("volumes", volumes, module.params["query"]))


if __name__ == "__main__":
    main()
