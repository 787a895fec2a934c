#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_pool
short_description: Manage storage pools
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Makes, changes, starts, stops and forgets the storage pools of a hypervisor.
  - No volume and no file is ever deleted by this module, whatever the O(state).
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.attributes
  - kvmops.datacenter.kvm.actiongroup
options:
  name:
    description: Name of the pool.
    type: str
    required: true
  type:
    description:
      - V(dir) is a directory of the host. The mount point of a cluster file system that the host mounts by itself,
        such as GlusterFS or CephFS, is a V(dir) too.
      - V(netfs) is a directory that libvirt mounts from a file server when the pool is started.
      - A new pool is of type V(dir) if this is left out. The type of a pool cannot be changed.
    type: str
    choices: [dir, netfs]
  target:
    description:
      - Absolute path of the pool's directory on the host. A new pool needs it.
      - A pool gets another target by being stopped, redefined and started.
      - This is refused while VMs have disks in it.
    type: str
  mode:
    description: Permissions of the directory as four octal digits in quotes, such as V('0711').
    type: str
  owner:
    description: Numeric user id that the directory belongs to.
    type: int
  group:
    description: Numeric group id that the directory belongs to.
    type: int
  source:
    description: Where the content of a V(netfs) pool comes from.
    type: dict
    suboptions:
      host:
        description: Name or address of the file server.
        type: str
      dir:
        description:
          - Absolute path of the exported directory on the server.
          - For GlusterFS it is V(/) and the name of the volume.
        type: str
      format:
        description: Kind of file server. With V(auto), which a new pool has if this is left out, libvirt finds out.
        type: str
        choices: [auto, nfs, glusterfs, cifs]
  state:
    description:
      - V(present) defines the pool as described and leaves it active or inactive as it is.
      - V(active) also starts it, V(inactive) stops it.
      - V(absent) stops it and makes libvirt forget it. Its directory and volumes stay where they are. This is refused
        while VMs describe disks by the name of the pool.
    type: str
    choices: [present, active, inactive, absent]
    default: active
  autostart:
    description:
      - Whether the pool is started when the host boots.
      - If left out, a new pool with O(state=active) gets it, and a pool that exists keeps what it has.
    type: bool
  build:
    description:
      - Whether the pool's directory is made before the pool is started, where it is missing.
      - What is in a directory is never touched.
      - For a directory of storage that hosts share, let one host make it before the others do, as the playbook
        C(kvmops.datacenter.site) does; GlusterFS is known to lose a directory that its hosts make at the same moment.
    type: bool
    default: true
  refresh:
    description:
      - Whether libvirt looks again at what an active pool holds. Files that others put there are unknown to it
        before.
      - This is no change and is not reported as one.
    type: bool
    default: false
seealso:
  - module: kvmops.datacenter.kvm_pool_info
  - module: kvmops.datacenter.kvm_volume
  - name: Storage pools of libvirt
    description: What the types of pools are.
    link: https://libvirt.org/storage.html
"""

EXAMPLES = r"""
- name: Keep images in a directory of the host
  kvmops.datacenter.kvm_pool:
    name: images
    target: /var/lib/libvirt/images

- name: Keep images on shared storage that the host has mounted
  kvmops.datacenter.kvm_pool:
    name: shared
    target: /srv/shared/images
    mode: '0711'

- name: Mount an NFS export as a pool, but not yet
  kvmops.datacenter.kvm_pool:
    name: nas
    type: netfs
    source:
      host: nas.example.org
      dir: /export/images
      format: nfs
    target: /srv/nas
    state: present

- name: Forget a pool and leave its files alone
  kvmops.datacenter.kvm_pool:
    name: old
    state: absent
"""

RETURN = r"""
pool:
  description: The pool as it is afterwards, in the words of the options; in check mode as it is now.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the pool.
      type: str
      returned: always
    type:
      description: Type of the pool.
      type: str
      returned: when the pool exists
    target:
      description: Path of its directory.
      type: str
      returned: when the pool has one
    mode:
      description: Permissions of the directory, as libvirt knows them.
      type: str
      returned: when libvirt knows them
    owner:
      description: User id of the directory.
      type: int
      returned: when libvirt knows it
    group:
      description: Group id of the directory.
      type: int
      returned: when libvirt knows it
    source:
      description: Where its content comes from.
      type: dict
      returned: when the pool has a source
    state:
      description: V(active), V(inactive) or V(absent).
      type: str
      returned: always
    autostart:
      description: Whether it is started with the host.
      type: bool
      returned: when the pool exists
    uuid:
      description: UUID of the pool.
      type: str
      returned: when the pool exists
    capacity:
      description: Size in bytes, 0 while it is not active.
      type: int
      returned: when the pool exists
    allocation:
      description: Bytes in use, 0 while it is not active.
      type: int
      returned: when the pool exists
    available:
      description: Bytes that are free, 0 while it is not active.
      type: int
      returned: when the pool exists
  sample:
    name: images
    type: dir
    target: /var/lib/libvirt/images
    mode: '0711'
    owner: 0
    group: 0
    state: active
    autostart: true
    uuid: 35bb2ad9-388a-cdfe-461a-b8907f6e53fe
    capacity: 107374182400
    allocation: 0
    available: 107374182400
plan:
  description: What was done, or in check mode would be done, in order.
  returned: success
  type: list
  elements: dict
  contains:
    summary:
      description: One change.
      type: str
      returned: always
    when:
      description: V(now) or V(next_boot).
      type: str
      returned: always
  sample:
    - summary: start pool images
      when: now
restart_required:
  description: Always empty; a pool that has to be restarted for a change is restarted by that change.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, reporting, single
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import converge
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_plan import POOL
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_spec import PoolSpec, pool_options


def main() -> None:
    """Converge one pool."""
    module = AnsibleModule(argument_spec={**connection_options(), **pool_options()}, supports_check_mode=True)
    with reporting(module) as report:
        spec = PoolSpec.from_params(module.params)
        with hypervisor(module.params["uri"]) as host:
            outcomes = converge(host, POOL, [spec], dry_run=module.check_mode)
            report(single(outcomes[0], "pool", module._diff))


if __name__ == "__main__":
    main()
