#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_volume
short_description: Manage volumes in storage pools
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Makes empty volumes, linked volumes on top of another, full copies, and volumes of a file; resizes and deletes
    them.
  - A volume that is used is never deleted, shrunk or made anew. Users are VMs of this hypervisor with a disk that
    needs the volume, also as an image below another, and volumes of its active pools that are backed by it. VMs on
    other hosts that share the pool are not seen.
  - A copy that was cut off is known by a small volume beside it, whose name ends in C(.unfinished), and is made anew
    by the next run.
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.attributes
  - kvmops.datacenter.kvm.actiongroup
options:
  name:
    description: Name of the volume, in a directory pool the name of its file.
    type: str
    required: true
  pool:
    description: Name of the pool, which has to be active.
    type: str
    required: true
  state:
    description:
      - V(present) makes the volume as described, or brings it to the described capacity or content.
      - V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  capacity:
    description:
      - Size of the volume as its user sees it, such as V(20GiB). A plain number counts in GiB.
      - A new volume gets the capacity of its O(backing), O(source) or O(src) if this is left out.
    type: str
  format:
    description:
      - Format of the image. A new volume is V(qcow2), or of the format of its O(src), if this is left out.
      - In pools of the types C(logical), C(rbd) and C(zfs) it is V(raw), and V(qcow2) is refused.
      - A volume that exists is not converted.
    type: str
    choices: [qcow2, raw]
  backing:
    description:
      - Volume that a new one is linked to; it holds only what differs from it.
      - A volume that exists and is backed by something else is refused.
    type: dict
    suboptions:
      name:
        description: Name of the volume.
        type: str
        required: true
      pool:
        description: Its pool, the same as O(pool) if left out.
        type: str
  source:
    description:
      - Volume that a new one is a full copy of.
      - It matters only while the volume does not exist; what a copy holds later is its own.
    type: dict
    suboptions:
      name:
        description: Name of the volume.
        type: str
        required: true
      pool:
        description: Its pool, the same as O(pool) if left out.
        type: str
  resize:
    description:
      - Whether a volume that exists is brought to O(capacity). With V(false), O(capacity) is for a new volume only.
    type: bool
    default: true
  shrink:
    description: Whether it may be made smaller, which loses what is stored behind its new end.
    type: bool
    default: false
  src:
    description:
      - File to make the volume of, on the control node (looked for in C(files) too), or on the host with
        O(remote_src=true).
      - The volume is compared with it by size and SHA-256. Each run reads the file once, and the volume once where
        the sizes agree, on the host. The file is sent only when the contents differ.
      - A volume with another content is replaced, unless it is used. So this is for images that are read, such as
        installation media and bases of linked volumes, and not for disks that a VM writes to.
      - With O(capacity), which a V(raw) file alone allows, the volume is that large, and only its beginning is
        compared.
      - The file is kept as it is. A V(qcow2) image is known by its first bytes, every other file is V(raw). Images that
        name other files are refused, because a VM would get those files of the host to read; these are V(qcow2) images
        with a backing file or a data file, and images of the formats VMDK, QED and the first version of qcow.
    type: path
  remote_src:
    description: Whether O(src) is on the host.
    type: bool
    default: false
  checksum:
    description:
      - What O(src) has to be, as V(sha256:) or V(sha512:) and the digest. A digest alone is a SHA-256.
    type: str
  _local:
    description: What the control node knows of O(src). Set by the action plugin; not for playbooks.
    type: dict
    suboptions:
      path:
        description: Where the file was brought to on the host.
        type: path
      size:
        description: Size of the file in bytes.
        type: int
      format:
        description: Format of the image.
        type: str
      capacity:
        description: Size in bytes of the disk that a VM sees.
        type: int
      sha256:
        description: Digest of the file.
        type: str
seealso:
  - module: kvmops.datacenter.kvm_pool
  - module: kvmops.datacenter.kvm_template
"""

EXAMPLES = r"""
- name: Make an empty volume
  kvmops.datacenter.kvm_volume:
    name: data.qcow2
    pool: images
    capacity: 20GiB

- name: Upload an image
  kvmops.datacenter.kvm_volume:
    name: base.qcow2
    pool: images
    src: base.qcow2

- name: Make a volume that is linked to it
  kvmops.datacenter.kvm_volume:
    name: web01.qcow2
    pool: images
    capacity: 30GiB
    backing:
      name: base.qcow2

- name: Copy a volume in full into another pool
  kvmops.datacenter.kvm_volume:
    name: copy.qcow2
    pool: shared
    source:
      name: base.qcow2
      pool: images

- name: Delete a volume
  kvmops.datacenter.kvm_volume:
    name: data.qcow2
    pool: images
    state: absent
"""

RETURN = r"""
volume:
  description: The volume as it is afterwards, in the words of the options; in check mode as it is now.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the volume.
      type: str
      returned: always
    pool:
      description: Name of its pool.
      type: str
      returned: always
    state:
      description: V(present) or V(absent).
      type: str
      returned: always
    capacity:
      description: Size as its user sees it.
      type: str
      returned: when the volume exists
    format:
      description: Format of the image.
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
    backing_path:
      description: Path of the image below it.
      type: str
      returned: when there is one
    backing:
      description: Name and pool of the volume below it.
      type: dict
      returned: when there is one, and it is in an active pool
  sample:
    name: web01.qcow2
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
    - summary: resize volume data.qcow2 20GiB -> 30GiB
      when: now
restart_required:
  description: Always empty; changes of volumes take effect at once.
  returned: success
  type: list
  elements: str
  sample: []
"""


from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.origin import Origin
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, reporting, single
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import converge
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.changes import UploadNeeded
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.volume_plan import VOLUME
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.volume_spec import (
    VolumeSpec,
    local_image,
    read_image,
    volume_options,
)


def image_of(params: dict[str, Any]) -> Origin | None:
    """Return what O(src) is: as the control node tells, or read here."""
    if not params["src"] or params["state"] == "absent":
        return None
    return local_image(params) or read_image(params, params["src"], "path")


def main() -> None:
    """Converge one volume."""
    module = AnsibleModule(argument_spec={**connection_options(), **volume_options()}, supports_check_mode=True)
    with reporting(module) as report:
        spec = VolumeSpec.from_params(module.params, image_of(module.params))
        with hypervisor(module.params["uri"]) as host:
            outcome = converge(host, VOLUME, [spec], dry_run=module.check_mode)[0]
            if isinstance(outcome.error, UploadNeeded):
                report({"changed": True, "upload_needed": True})
            else:
                report(single(outcome, "volume", module._diff))


if __name__ == "__main__":
    main()
