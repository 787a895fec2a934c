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
      - V(fs) is a file system on a device of the host, which libvirt mounts when the pool is started.
      - V(netfs) is a directory that libvirt mounts from a file server when the pool is started.
      - V(logical) is a volume group of LVM, V(disk) a disk with a partition table, V(zfs) a pool or file system of
        ZFS. Volumes are logical volumes, partitions and ZFS volumes.
      - V(iscsi) is a target that the host logs in to, V(iscsi-direct) one that QEMU speaks to by itself, V(scsi) what
        an adapter of the host sees, such as one of Fibre Channel. Volumes are the LUNs that the storage system has
        made; libvirt makes none.
      - V(rbd) is a pool of Ceph, V(gluster) a volume of GlusterFS that QEMU speaks to by itself, in which libvirt
        makes no volumes.
      - What of this a hypervisor has depends on how its libvirt was built, and on packages such as
        C(libvirt-daemon-driver-storage-rbd).
      - A new pool is of type V(dir) if this is left out. The type of a pool cannot be changed.
    type: str
    choices: [dir, fs, netfs, logical, disk, iscsi, iscsi-direct, scsi, rbd, gluster, zfs]
  target:
    description:
      - Absolute path of the pool's directory on the host. A new pool of the types V(dir), V(fs) and V(netfs) needs it.
      - Of the types V(disk), V(iscsi) and V(scsi) it is where the devices of volumes are looked for; C(/dev) and
        C(/dev/disk/by-path) if left out. The other types have none, or libvirt chooses it.
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
    description:
      - Where the content of a pool comes from. Which of this a type needs and knows is told in the table of
        U(https://libvirt.org/storage.html) and in the collection's C(docs/storage.md); what it does not know is
        refused.
      - A pool gets another source by being stopped, redefined and started. This is refused while VMs have disks in it.
    type: dict
    suboptions:
      host:
        description: Name or address of the server; the short way to say O(source.hosts) of one server.
        type: str
      hosts:
        description:
          - The servers, all of them. V(rbd) has several monitors, the other types have one server.
          - Of a port that is left out what the pool has is kept.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name or address of the server.
            type: str
            required: true
          port:
            description: Port; that of the protocol if left out.
            type: int
      dir:
        description:
          - Absolute path of the exported directory on the server, for V(netfs).
          - For the format V(glusterfs) it is V(/) and the name of the volume.
          - For the type V(gluster) it is a directory in the volume, V(/) if left out.
        type: str
      devices:
        description:
          - For V(fs) and V(disk) the path of the device, for V(logical) those of the physical volumes. Names that
            stay the same, such as those in C(/dev/disk/by-id), are best.
          - For V(iscsi) and V(iscsi-direct) the name of the target, such as V(iqn.2026-01.org.example:vms).
          - All types but V(logical) have one.
        type: list
        elements: str
      name:
        description:
          - Name of the volume group, of the pool of Ceph or ZFS, or of the volume of GlusterFS.
          - For a new pool of type V(logical) or V(zfs) that of the pool if left out.
        type: str
      format:
        description:
          - For V(netfs) the kind of file server. With V(auto), which a new pool has if this is left out, libvirt
            finds out.
          - For V(fs) the kind of file system, or V(auto).
          - For V(disk) the kind of partition table; libvirt takes V(unknown), which a new pool has if this is left
            out, for V(dos).
          - For V(logical) V(lvm2).
          - What is on a device is never formatted anew, so another format is refused where the pool has one.
        type: str
        choices:
          - auto
          - ext2
          - ext3
          - ext4
          - xfs
          - vfat
          - gfs
          - gfs2
          - ocfs2
          - vmfs
          - ufs
          - hfs+
          - udf
          - iso9660
          - nfs
          - glusterfs
          - cifs
          - lvm2
          - unknown
          - dos
          - dvh
          - gpt
          - mac
          - bsd
          - pc98
          - sun
      protocol_version:
        description: Version of NFS in quotes, such as V('4.1'), for V(netfs).
        type: str
      adapter:
        description: The adapter of the host, for V(scsi).
        type: dict
        suboptions:
          type:
            description:
              - V(scsi_host) is any adapter, named by the O(source.adapter.name) that the kernel gives it.
              - V(fc_host) is one of Fibre Channel, named by its O(source.adapter.wwnn) and O(source.adapter.wwpn);
                libvirt makes a virtual one (NPIV) where there is none of these names.
            type: str
            choices: [scsi_host, fc_host]
            required: true
          name:
            description: Name of the adapter, such as V(scsi_host1).
            type: str
          wwnn:
            description: World wide name of the node, 16 hexadecimal digits in quotes.
            type: str
          wwpn:
            description: World wide name of the port, 16 hexadecimal digits in quotes.
            type: str
          parent:
            description: Adapter that a virtual one is made on, such as V(scsi_host5); libvirt chooses if left out.
            type: str
          parent_wwnn:
            description: World wide name of the node of the adapter that a virtual one is made on.
            type: str
          parent_wwpn:
            description: World wide name of the port of the adapter that a virtual one is made on.
            type: str
          parent_fabric_wwn:
            description: World wide name of the fabric; any adapter in it may be the parent.
            type: str
          managed:
            description: Whether a virtual adapter is removed when the pool is stopped.
            type: bool
      initiator:
        description: Name by which the target knows the host, for V(iscsi) and V(iscsi-direct). The latter needs it.
        type: str
      username:
        description: Whom the servers know the host by, for V(iscsi) and V(iscsi-direct) (CHAP) and V(rbd).
        type: str
      secret:
        description:
          - UUID or usage of the secret of libvirt by which the host is let in, with O(source.username); make it with
            C(virsh secret-define). The password itself is never an option.
        type: str
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
      - What is made before the pool is started.
      - If left out, the directory of a V(dir), V(fs) or V(netfs) pool, where it is missing, and nothing else. What is
        in a directory is never touched. With V(false) nothing is made.
      - With V(true) also the file system of an V(fs) pool, the volume group of a V(logical) one, the partition table
        of a V(disk), on devices on which libvirt finds nothing (C(VIR_STORAGE_POOL_BUILD_NO_OVERWRITE)). What it
        finds it leaves as it is, and the start tells whether it fits. It knows file systems, partition tables, volume
        groups and the like by their signatures; data without one, such as an encrypted disk without a header, it
        takes for nothing.
      - For a directory of storage that hosts share, let one host make it before the others do, as the playbook
        C(kvmops.datacenter.site) does; GlusterFS is known to lose a directory that its hosts make at the same moment.
    type: bool
  refresh:
    description:
      - Whether libvirt looks again at what an active pool holds. Files that others put there are unknown to it
        before.
      - This is no change and is not reported as one.
    type: bool
    default: false
  warn_above:
    description:
      - Per cent of the pool that may be in use. Where it is more, the result has a warning, and nothing is changed.
      - Pools of LUNs (V(iscsi), V(iscsi-direct), V(scsi)) are always in use as a whole, and not warned about.
    type: int
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

- name: Make a file system for images on a disk that is empty, and mount it
  kvmops.datacenter.kvm_pool:
    name: fast
    type: fs
    source:
      devices: [/dev/disk/by-id/nvme-example-part1]
      format: xfs
    target: /srv/fast
    build: true
    warn_above: 80

- name: Use a volume group that is there
  kvmops.datacenter.kvm_pool:
    name: vg0
    type: logical

- name: Make a volume group of two disks that are empty
  kvmops.datacenter.kvm_pool:
    name: vg1
    type: logical
    source:
      devices: [/dev/disk/by-id/ata-example-1, /dev/disk/by-id/ata-example-2]
    build: true

- name: Use the LUNs of an iSCSI target, as whom a secret of libvirt says
  kvmops.datacenter.kvm_pool:
    name: san
    type: iscsi
    source:
      hosts:
        - name: san.example.org
          port: 3260
      devices: ['iqn.2026-01.org.example:vms']
      username: kvm
      secret: san-chap

- name: Use the LUNs that a virtual adapter of Fibre Channel sees
  kvmops.datacenter.kvm_pool:
    name: fc
    type: scsi
    source:
      adapter:
        type: fc_host
        parent: scsi_host5
        wwnn: '20000000c9831b4b'
        wwpn: '10000000c9831b4b'

- name: Use a pool of Ceph
  kvmops.datacenter.kvm_pool:
    name: ceph
    type: rbd
    source:
      hosts:
        - name: mon1.example.org
        - name: mon2.example.org
        - name: mon3.example.org
      name: vms
      username: libvirt
      secret: 2ec115d7-3a88-3ceb-bc12-0ac909a6fd87

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
      description: Path of its directory, or where its devices are.
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
      description: Where its content comes from; a server of which only the name is known is its C(host).
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
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_state import fullness


def main() -> None:
    """Converge one pool."""
    module = AnsibleModule(argument_spec={**connection_options(), **pool_options()}, supports_check_mode=True)
    with reporting(module) as report:
        spec = PoolSpec.from_params(module.params)
        with hypervisor(module.params["uri"]) as host:
            outcomes = converge(host, POOL, [spec], dry_run=module.check_mode)
            outcomes[0].plan.warnings += fullness(outcomes[0].facts, spec.warn_above)
            report(single(outcomes[0], "pool", module._diff))


if __name__ == "__main__":
    main()
