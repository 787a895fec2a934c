#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_migrate
short_description: Move disks of virtual machines to other pools
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Moves disks of VMs to other pools of their host, while the VMs run or while they are stopped. The guest of a running
    VM does not notice; QEMU copies the disk, writes to both images meanwhile, and goes over to the new one when it is
    whole.
  - A disk that is in its pool already is left alone. The VM keeps the disk's name, bus, limits and all else that is
    said of it.
  - The old volume is deleted when the VM, running and configured, is on the new one. It is kept, with a warning, where
    it is the image of a template, or used by another VM or volume.
  - A run that was cut off anywhere is finished by running it again. A copy that QEMU still makes is waited for, one
    that was not finished is made anew.
  - A copy that fails, because the pool is full or somebody has cancelled it, is removed, and the VM stays on the old
    volume.
options:
  name:
    description: Name of the VM.
    type: str
  names:
    description: Names of VMs, whose disks are moved one VM after the other. One that fails does not stop the others.
    type: list
    elements: str
  move_disks:
    description:
      - Where disks shall be.
      - Volumes keep their names, but for an ending that tells the format.
    type: list
    elements: dict
    required: true
    suboptions:
      disk:
        description:
          - The disk, by its name as in O(kvmops.datacenter.kvm_vm#module:disks), or by its target (V(vda)).
          - Without it the entry stands for all disks that no other entry names and that can be moved.
          - Disks on volumes of active pools can be moved. Those that are read-only, C(shareable), C(transient),
            encrypted, or on a server cannot, and neither can those of a VM with snapshots or checkpoints.
        type: str
      pool:
        description:
          - The pool in which the disk shall be. It has to be active, and of a type in which volumes are made that are
            at a path of the host.
        type: str
        required: true
      format:
        description: Format of the disk there; as it is if left out. A disk of another format is converted.
        type: str
        choices: [qcow2, raw]
      flatten:
        description:
          - Whether the new volume holds all of the disk. If V(false), what a V(qcow2) disk has below it, such as the
            image of the template that it is linked to, stays below it and where it is.
          - It counts when the disk is moved. A V(raw) volume always holds all of the disk.
        type: bool
        default: false
      keep_source:
        description: Whether the old volume is kept. It is nobody's then.
        type: bool
        default: false
  bandwidth:
    description:
      - How much is copied a second at most, for each disk of a running VM, such as V(100MiB); a number alone is MiB. No
        limit if left out.
    type: str
  timeout:
    description:
      - How many seconds to wait for the copy of one disk of a running VM. After that the task fails, but the copy goes
        on, and the next run waits for it again.
    type: int
    default: 600
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.attributes
  - kvmops.datacenter.kvm.actiongroup
requirements:
  - qemu-img on the host, to move a linked clone that is stopped and stays linked
seealso:
  - module: kvmops.datacenter.kvm_vm
  - module: kvmops.datacenter.kvm_volume
"""

EXAMPLES = r"""
- name: Move the disk of a running VM to faster storage
  kvmops.datacenter.kvm_migrate:
    name: web01
    move_disks:
      - disk: root
        pool: fast
    bandwidth: 100MiB

- name: Empty a pool of the disks of two VMs
  kvmops.datacenter.kvm_migrate:
    names: [web01, db01]
    move_disks:
      - pool: shared
    timeout: 3600

- name: Make a linked clone independent of its template, as a raw image
  kvmops.datacenter.kvm_migrate:
    name: web01
    move_disks:
      - disk: root
        pool: fast
        format: raw
"""

RETURN = r"""
vms:
  description: The VMs and where their disks are after the run (in check mode as it is now), without those that failed.
  returned: always
  type: list
  elements: dict
  contains:
    name: {description: The VM., type: str, returned: always}
    disks:
      description: Its disks, as they are configured.
      type: list
      elements: dict
      returned: always
      contains:
        name: {description: Name of the disk., type: str, returned: always}
        pool: {description: Pool of its volume., type: str, returned: when an active pool knows it}
        volume: {description: Name of its volume., type: str, returned: when an active pool knows it}
        path: {description: "Where the image is; \"\" without one.", type: str, returned: always}
        format: {description: Format of the image., type: str, returned: always}
  sample:
    - name: web01
      disks:
        - name: root
          pool: fast
          volume: web01-root.qcow2
          path: /srv/fast/web01-root.qcow2
          format: qcow2
plan:
  description: What was done, or would be done in check mode, VM by VM.
  returned: always
  type: list
  elements: dict
  contains:
    name: {description: The VM., type: str, returned: always}
    summary: {description: The change., type: str, returned: always}
    when: {description: Always V(now)., type: str, returned: always}
restart_required:
  description: Always empty; moves take effect at once.
  returned: always
  type: dict
errors:
  description: By VM, the error that stopped it.
  returned: if a VM failed
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._migration.moving import converge_moves
from ansible_collections.kvmops.datacenter.plugins.module_utils._migration.spec import migrate_options, migrate_specs
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, many, reporting


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={**migrate_options(), **connection_options()},
        supports_check_mode=True,
        mutually_exclusive=[("name", "names")],
        required_one_of=[("name", "names")],
    )
    with reporting(module) as report:
        specs = migrate_specs(module.params)
        with hypervisor(module.params["uri"], module.run_command) as host:
            report(many(converge_moves(host, specs, module.check_mode), "vms", module._diff))


if __name__ == "__main__":
    main()
