#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_template
short_description: Manage the template library
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Makes templates of disk images, describes them, and removes them. M(kvmops.datacenter.kvm_vm) makes VMs from them.
  - A template is a read-only image and a small descriptor, side by side in a storage pool. No other record is kept, so
    every host that sees the pool has the template, and it survives any single host.
  - A version of a template never changes its content, because VMs may stand on it. A new image gets a new version.
  - Several hosts may import the same template into one shared pool at the same moment. One of them does it, the others
    wait and report no change. An import that was cut off is finished, or done again, by the next run.
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.attributes
  - kvmops.datacenter.kvm.actiongroup
  - kvmops.datacenter.planned.pools
  - kvmops.datacenter.vm.template
requirements:
  - qemu-img on the host (C(qemu-utils) on Debian and Ubuntu, C(qemu-img) on others)
  - zstd on the host, for images that are compressed by it
  - gpgv on the host, for O(checksum_keyring)
  - virt-sysprep (C(guestfs-tools)), or debugfs, e2fsck and partx, on the host for O(seal)
options:
  name:
    description: Name of the template, of letters, digits, dots, dashes and underscores.
    type: str
    required: true
  version:
    description:
      - Version of the template, of the same characters. Put it in quotes, YAML reads V(1.10) as the number 1.1.
      - A VM that names no version, or V(latest), gets the latest one. No version can be called so.
      - Numbers are compared as numbers, so V(10) comes after V(9).
      - If left out, it is V(1) with O(state=present). With O(state=absent) it is the only version there is; where there
        are several the task fails and names them.
    type: str
  state:
    description:
      - V(present) imports the template if it is not there, and changes its description if that differs.
      - V(absent) deletes it. This is refused while VMs of this host, or volumes in its pools, stand on the image.
    type: str
    choices: [present, absent]
    default: present
  src:
    description:
      - Image file on the control node. It is transferred only if the host needs it.
      - A path that is not absolute is searched for as other actions do, C(files) of the role first.
      - Exactly one of O(src), O(path), O(url), O(volume), O(vm) and O(iso) is needed for a template that is not there
        yet. With O(state=absent) they are not looked at.
    type: path
  path:
    description: Absolute path of an image file on the host.
    type: path
  url:
    description:
      - URL of an image, with C(http), C(https) or C(file). The host fetches it itself, into O(cache).
      - A template that was made from this URL is not compared with what the URL gives now, unless O(checksum) says what
        that is.
    type: str
  checksum:
    description:
      - What the image has to be, as V(sha256:) or V(sha512:) and the digest. It is checked before anything is put into
        the pool.
      - It belongs to the file as it is given, before it is unpacked or converted.
      - If the template was made of an image of this checksum, the image is not read or transferred at all.
      - With O(url) it may be the URL of a list of checksums, such as C(SHA256SUMS), that has the file name of O(url) in
        it. The host fetches the list at every run. When it tells another checksum than that of the image of which the
        template was made, the task fails and asks for a new version.
    type: str
  cache:
    description:
      - Directory on the host that an image from O(url) is fetched into. It is made for its owner alone.
      - If left out, it is C(/var/cache/kvmops-datacenter), and C(~/.cache/kvmops-datacenter) for users other than root.
      - What was fetched goes when the template is made, and when that fails. It stays when the run is cut off, the line
        breaks or O(timeout) is over; the next run with the same O(url) and O(checksum) goes on with it. What nobody has
        gone on with for 14 days goes when the cache is used again.
    type: path
  checksum_keyring:
    description:
      - File on the host with the public keys of those who may sign the list that O(checksum) names, not armored, such
        as V(/usr/share/keyrings/debian-role-keys.gpg). The list is used only if one of them has signed it.
      - The signature may be around the list, or in a file beside it with the end C(.gpg), C(.asc), C(.sign) or C(.sig).
      - It is checked by C(gpgv), which trusts every key in the file, expired ones too.
    type: path
  vm:
    description:
      - VM of this host whose disk the template is made of, the one that it boots from. Its other disks are left out.
      - It has to be stopped. A VM that runs is refused, as its disk is not whole meanwhile; that it be snapshotted for
        this is not offered.
      - The disk is copied with all images below it, and never written to. A template that was made of this VM is not
        compared with what the VM is now.
      - What the VM is becomes O(defaults), unless these are given - CPUs, memory, firmware, cards without their
        addresses and the like, and none of its disks.
    type: str
  volume:
    description:
      - Volume of a pool of this host that the template is made of, with all volumes below it, in V(raw) or V(qcow2).
      - No VM that runs may write to it. Otherwise as with O(vm).
    type: dict
    suboptions:
      pool:
        description: Pool that the volume is in.
        type: str
        required: true
      name:
        description: Name of the volume.
        type: str
        required: true
  iso:
    description:
      - Installation medium that VMs are installed from, an ISO 9660 image - the name of a volume, with its pool and a
        slash before it where several pools have one of that name; an absolute path on the host; or a URL, with C(http)
        or C(https). M(kvmops.datacenter.kvm_media_info) lists those that there are.
      - It stays where it is. A VM gets it in a CD-ROM drive, an empty root disk, and boots from the disk first and then
        from the medium, so that what is installed boots from then on.
      - O(os) and O(defaults) are what libosinfo knows of the system on the medium, unless they are given. The root disk
        is as large as libosinfo recommends, 20 GiB where it does not know, or as the VM says.
      - One that is damaged, cut off, or not bootable is refused. It is not read where the template exists.
    type: str
  seal:
    description:
      - Whether what makes an installed system that one and no other is taken out of the copy - the machine id, the
        host keys of SSH, leases of DHCP, the state of cloud-init and the network configuration that it wrote, rules
        for names of network cards, the random seed.
      - C(true) for O(vm) and C(false) for O(volume) if left out.
      - virt-sysprep does it where the host has it. Otherwise debugfs does, which knows ext2, ext3 and ext4 alone; any
        other file system, LVM or encryption is refused then. debugfs reads as root what the guest has written; where
        guests are not to be trusted, install virt-sysprep.
      - New host keys are made by cloud-init in the VMs. A system without it needs something of its own.
      - It counts when the template is made.
    type: bool
  peers:
    description:
      - URIs of hypervisors that may have the template already, such as V(qemu+ssh://root@kvm1-storage/system). The host
        takes the image from the first that has it, through libvirt, as live migrations between hosts go. So it takes
        one host to fetch an image for hosts with pools of their own.
      - What comes has to be what is wanted of O(url), O(src), O(path) and O(checksum), or any image where none of these
        is said. What is not said of O(os), O(description) and O(defaults) comes with it.
      - A peer that does not answer within 30 seconds, or has no such template, is passed over with a warning. They are
        only asked where the template is missing.
      - They are spoken to over SSH or TLS. The user of the host needs an SSH key, or a certificate, that is let in.
    type: list
    elements: str
  pool:
    description:
      - Storage pool that holds the template, of type C(dir), C(fs) or C(netfs). It has to be active.
      - The same template and version cannot be in two pools of a host.
    type: str
    default: default
  os:
    description: Operating system in the image, such as V(debian12). An empty string means none.
    type: str
  description:
    description: What a person should know about the template. An empty string means none.
    type: str
  _source:
    description: What the control node knows of O(src). Set by the action plugin; not for playbooks.
    type: dict
    suboptions:
      path:
        description: Where the image was brought to on the host.
        type: path
      size:
        description: Size of the file in bytes.
        type: int
      format:
        description: Format of the image.
        type: str
      capacity:
        description: Size in bytes of the disk that a VM sees, and gets if it says none.
        type: int
      sha256:
        description: Digest of the file.
        type: str
  timeout:
    description:
      - How many seconds fetching, checking or converting the image may take, each, and how long another host is waited
        for that is importing the same template.
    type: int
    default: 1800
notes:
  - The image may be qcow2, a raw disk, VMDK (C(monolithicSparse) and C(streamOptimized)), VHD, VHDX, VDI, or an OVA
    with one disk; any of these may be compressed by gzip, xz, bzip2 or zstd. What is no qcow2 is converted. What the
    image is, its content tells, never its name.
  - Refused are images that are not whole in themselves (a backing file, a data file, a parent, extents in other files),
    that are encrypted, damaged or cut off, and what takes more room than there is in the pool and in the temporary
    directory. A qcow2 or VMDK of which only a part of the last cluster is missing cannot be told from a whole one; give
    O(checksum).
  - Temporary files lie below C(ansible_remote_tmp) on the host. An image from the control node needs room there once,
    and so does each of unpacking and converting. Nothing is left there.
  - A download that was cut off is gone on with where the server has parts to give (C(Range)) and says by an C(ETag) or
    the date of the last change that the file is still the same; otherwise it begins anew.
  - What stands on an image is looked for on this host and in its pools. VMs of other hosts are seen by their volumes,
    if these are in a pool that this host has too.
seealso:
  - module: kvmops.datacenter.kvm_template_info
  - module: kvmops.datacenter.kvm_vm
  - module: kvmops.datacenter.kvm_pool
"""

EXAMPLES = r"""
- name: Make a template of an image that lies on the control node
  kvmops.datacenter.kvm_template:
    name: debian12
    src: images/debian-12-genericcloud-amd64.qcow2
    os: debian12
    defaults:
      vcpus: 2
      memory: 2GiB

- name: Say what all VMs get that are made from it, unless they say otherwise
  kvmops.datacenter.kvm_template:
    name: debian12
    defaults:
      vcpus: 2
      memory: 2GiB
      firmware: efi
      disks:
        - name: root
          size: 20GiB
        - name: data
          size: 50GiB
      nics:
        - network: servers
      cloud_init:
        packages: [qemu-guest-agent]
        timezone: Europe/Berlin

- name: Make a template of an image that is on the host already
  kvmops.datacenter.kvm_template:
    name: appliance
    version: '2026.11'
    path: /srv/images/appliance.raw
    pool: shared

- name: Fetch an image, and be sure that it is the right one
  kvmops.datacenter.kvm_template:
    name: rocky9
    version: '9.4'
    url: https://mirror.example.org/rocky/9.4/Rocky-9-GenericCloud.qcow2
    checksum: sha256:aed9449545e5a9ba4a0e8f0e8b7d6a04c0b2bbbe9e0e8b0fbd0f3f9c0b1a2d3e

- name: Fetch an image that its makers have signed for
  kvmops.datacenter.kvm_template:
    name: debian12
    version: '20260901'
    url: https://cloud.example.org/bookworm/20260901/debian-12-generic-amd64-20260901.qcow2
    checksum: https://cloud.example.org/bookworm/20260901/SHA512SUMS
    checksum_keyring: /usr/share/keyrings/debian-role-keys.gpg

- name: Make a template of a VM that was set up by hand
  kvmops.datacenter.kvm_template:
    name: golden
    version: '3'
    vm: build01
    description: Debian with our agents, built by hand

- name: Make one of an installation medium, wherever its pool is
  kvmops.datacenter.kvm_template:
    name: debian-installer
    iso: debian-12.iso

- name: Make one of a volume, just as it is
  kvmops.datacenter.kvm_template:
    name: appliance
    volume:
      pool: default
      name: appliance-root.qcow2

- name: Take a template from another host, and from the Internet where that does not have it
  kvmops.datacenter.kvm_template:
    name: rocky9
    version: '9.4'
    url: https://mirror.example.org/rocky/9.4/Rocky-9-GenericCloud.qcow2
    checksum: sha256:aed9449545e5a9ba4a0e8f0e8b7d6a04c0b2bbbe9e0e8b0fbd0f3f9c0b1a2d3e
    peers:
      - qemu+ssh://root@kvm1-storage/system

- name: Give the VMs to come more memory
  kvmops.datacenter.kvm_template:
    name: debian12
    defaults:
      vcpus: 2
      memory: 4GiB

- name: Remove a version that nothing stands on any more
  kvmops.datacenter.kvm_template:
    name: appliance
    version: '2026.11'
    pool: shared
    state: absent
"""

RETURN = r"""
template:
  description:
    - The template as it is afterwards, in the words of the options. In check mode as it would be, without C(checksum)
      and C(size) where the image would be imported.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the template.
      type: str
      returned: always
    version:
      description: Its version.
      type: str
      returned: unless O(version) is left out and there is none
    state:
      description: V(present) or V(absent).
      type: str
      returned: always
    pool:
      description: The pool it is in.
      type: str
      returned: when the template exists
    os:
      description: Operating system in the image; empty if none is said.
      type: str
      returned: when the template exists
    description:
      description: What a person should know about it; empty if nothing is said.
      type: str
      returned: when the template exists
    defaults:
      description: What VMs get that are made from it, in the words of O(defaults).
      type: dict
      returned: when the template exists
    iso:
      description: The medium that VMs are installed from, as pool and volume with a slash between, a path, or a URL.
      type: str
      returned: when it was made of one
    checksum:
      description: SHA-256 of the image it was made of.
      type: str
      returned: when the template exists and was made of an image
    path:
      description: Where its image is on the host; of a medium's template an empty one, which no VM stands on.
      type: str
      returned: when the template exists
    capacity:
      description: Size in bytes of the disk that a VM sees.
      type: int
      returned: when the template exists
    size:
      description: Size of the image file in bytes.
      type: int
      returned: when the template exists
    format:
      description: Format of the image, V(qcow2).
      type: str
      returned: when the template exists
  sample:
    name: debian12
    version: '1'
    state: present
    pool: default
    os: debian12
    description: ''
    defaults:
      vcpus: 2
      memory: 2GiB
    checksum: sha256:9b2ef5a1d2c7a5a8f6ff8b0e9e2b5f0d9a3f4d0f1c6f9e7a2b1c0d9e8f7a6b5c
    path: /var/lib/libvirt/images/debian12+1.template.qcow2
    capacity: 2147483648
    size: 348651520
    format: qcow2
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
      description: Always V(now).
      type: str
      returned: always
  sample:
    - summary: import images/debian-12-genericcloud-amd64.qcow2 as template debian12:1 into pool default
      when: now
restart_required:
  description: Always empty; VMs keep what they were made with.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._hypervisor import hypervisor
from ..module_utils._module import connection_options, reporting, single, timeout_option
from ..module_utils._planned import Planned
from ..module_utils._template.converge import converge_template, needs_source
from ..module_utils._template.spec import TemplateSpec, template_options

# Images are large, and lines may be slow.
_TIMEOUT = 1800


def main() -> None:
    """Converge one template. An image of the control node that is needed is asked for instead: the action brings it."""
    options = {**connection_options(), **timeout_option(_TIMEOUT), **template_options()}
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    with reporting(module) as report:
        spec = TemplateSpec.from_params(module.params, module.tmpdir)
        with hypervisor(module.params["uri"], module.run_command) as host:
            host.planned = Planned.from_params(module.params, module.check_mode)
            outcome = converge_template(host, spec, dry_run=module.check_mode or spec.incomplete)
            if spec.incomplete and not needs_source(outcome) and not module.check_mode:
                outcome = converge_template(host, spec, dry_run=False)
            report(single(outcome, "template", module._diff))
            if needs_source(outcome):
                report({"_needs_source": True})


if __name__ == "__main__":
    main()
