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
  - Makes empty volumes, linked volumes on top of another, full copies, and volumes of a file; resizes, downloads and
    deletes them.
  - A volume that is used is never deleted, shrunk or made anew. Users are VMs of this hypervisor with a disk that
    needs the volume, also as an image below another, and volumes of its active pools that are backed by it. VMs on
    other hosts that share the pool are not seen. A volume that is a part of a template goes with
    M(kvmops.datacenter.kvm_template) alone.
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
  preallocation:
    description:
      - How much of a new empty volume is taken from its pool at once; V(none) if left out.
      - It matters only while the volume does not exist.
      - V(none) - nothing, so that the volume grows as it is written.
      - V(metadata) - only what tells where data will be; for V(qcow2).
      - V(falloc) - all of it, without writing it.
      - V(full) - all of it, written with zeros; for V(raw).
    type: str
    choices: [none, metadata, falloc, full]
  encryption:
    description:
      - A new volume is encrypted by LUKS, by QEMU. One that exists is neither encrypted nor decrypted; one that is not
        encrypted is refused.
      - With O(source) the copy is encrypted.
    type: dict
    suboptions:
      secret:
        description:
          - UUID or usage of the secret of libvirt that holds the passphrase; make it with C(virsh secret-define). The
            passphrase itself is never an option.
          - VMs name the same secret for their disk. For growing the volume, libvirt finds it by itself only where its
            usage is the volume's path, once it has looked at the pool again.
        type: str
        required: true
  backing:
    description:
      - Volume that a new one is linked to; it holds only what differs from it.
      - A volume that exists and is backed by something else is refused, and so is a backing that is a disk of a VM.
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
      - A volume to which a running VM writes is not copied.
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
  sparsify:
    description:
      - Gives back the space that a V(qcow2) or V(raw) volume takes for zeros, from about a MiB on. To find that out,
        each run reads all that is stored in it. It has to be a file of the host that the module runs on, which needs
        C(qemu-img).
      - The volume is copied without them, both are compared, and the copy takes the place of the volume in one step
        where they are the same. So the pool needs space for the copy. A run that is cut off leaves the volume as it
        was, and a copy beside it, whose name ends in C(.unfinished), which the next run deletes.
      - It is refused for a volume that is used, by a VM that is shut off too, and where a copy would lose something,
        as with snapshots in the image, compression or an image below it.
      - What the guest has deleted is zero only where it has told so or written it (C(fstrim), or zeros in a file).
    type: bool
    default: false
  wipe:
    description:
      - Overwrites what the volume holds before it is deleted; only with O(state=absent).
      - V(zero) writes zeros over all that is stored. The others are the patterns of the same names of C(scrub), which
        the host needs then; they write the whole size of the volume, several times.
      - A wipe that is cut off is begun again by the next run, because the volume is still there.
      - What a file system or an SSD keeps elsewhere, such as snapshots, copies on write and worn cells, is not reached.
        Neither are images below the volume.
    type: str
    choices: [zero, nnsa, dod, bsi, gutmann, schneier, pfitzner7, pfitzner33, random]
  src:
    description:
      - File to make the volume of, on the control node (looked for in C(files) too), or on the host with
        O(remote_src=true).
      - The volume is compared with it by size and SHA-256. Each run reads the file once, and the volume once where
        the sizes agree, on the host. The file is sent only when the contents differ;
        every few seconds it is told how far it is.
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
  dest:
    description:
      - File on the control node to bring the volume to, as it is; a folder gets a file of the volume's name.
      - The volume is compared with the file by size and SHA-256. Each run reads the file once, and the volume once
        where the sizes agree, on the host. It is fetched only when the contents differ.
      - The host puts it into its temporary folder first (C(ansible_remote_tmp)), which needs room for what is stored in
        it. On the control node it is written to a file beside, whose name ends in C(.part), and takes the wanted name
        only when it has arrived whole, as its SHA-256 tells. A run that is cut off leaves the file of the wanted name
        as it was. Every few seconds it is told how much has arrived.
      - The file can be read by its owner alone, or by those who could read the one it replaces.
      - It is given without the options that make a volume. A volume with another one below it is refused, because it is
        not whole in itself, and so is one that a running VM may write to.
    type: path
  _local:
    description: >-
      What the control node knows of O(src), or of the file that is at O(dest). Set by the action plugin; not for
      playbooks.
    type: dict
    suboptions:
      path:
        description: Where the file was brought to on the host, or where the volume is put on its way to O(dest).
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

- name: Make a volume whose space is taken at once
  kvmops.datacenter.kvm_volume:
    name: database.raw
    pool: images
    capacity: 1GiB
    format: raw
    preallocation: falloc

- name: Make a volume that is encrypted with the passphrase in a secret of libvirt
  kvmops.datacenter.kvm_volume:
    name: private.qcow2
    pool: images
    capacity: 20GiB
    encryption:
      secret: 6f1a2a7e-7d0e-4b35-9d38-3f1c6c2f8b11

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

- name: Bring a volume to the control node
  kvmops.datacenter.kvm_volume:
    name: base.qcow2
    pool: images
    dest: /srv/backup/

- name: Give back what a volume takes for nothing
  kvmops.datacenter.kvm_volume:
    name: data.qcow2
    pool: images
    sparsify: true

- name: Delete a volume
  kvmops.datacenter.kvm_volume:
    name: data.qcow2
    pool: images
    state: absent

- name: Delete a volume, and nobody reads later what it held
  kvmops.datacenter.kvm_volume:
    name: customers.qcow2
    pool: images
    state: absent
    wipe: zero
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
dest:
  description: The file that the volume is in, on the control node.
  returned: when O(dest) is given
  type: str
  sample: /srv/backup/base.qcow2
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
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.download import staged_file
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
        with hypervisor(module.params["uri"], module.run_command) as host:
            outcome = converge(host, VOLUME, [spec], dry_run=module.check_mode)[0]
            if isinstance(outcome.error, UploadNeeded):
                report({"changed": True, "upload_needed": True})
            else:
                report({**single(outcome, "volume", module._diff), **staged_file(host, spec.download)})


if __name__ == "__main__":
    main()
