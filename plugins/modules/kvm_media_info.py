#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_media_info
short_description: Find installation media, and tell what they install
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Looks for ISO 9660 images in the pools of a hypervisor, in files of the host, and at URLs, and tells of each what
    it is called, which operating system is on it, whether a VM can boot from it, and what is wrong with it.
  - Only the first sectors of an image are read, never all of it. Images at URLs are not downloaded.
  - The operating system is what libosinfo tells by the ids in the image. Several systems share their ids, as those
    of Microsoft do; which one is meant only a person can tell.
  - The pools are looked through anew, so what another host has put into a shared pool is seen. Volumes that are no
    ISO 9660 images are not returned, and neither are the seeds of cloud-init (C(cidata)).
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.info_attributes
  - kvmops.datacenter.kvm.actiongroup
  - kvmops.datacenter.kvm.query
requirements:
  - python3-gi, gir1.2-libosinfo-1.0 and osinfo-db on the host, to tell operating systems
options:
  pools:
    description:
      - Pools that are looked through. They have to be active.
      - If this, O(paths) and O(urls) are left out, all active pools are.
    type: list
    elements: str
  paths:
    description:
      - Images to look at, by their paths. One that no active pool knows is read on the host that the module runs on.
      - They are always returned, with RV(media[].invalid) if they cannot be read or are none.
    type: list
    elements: str
  urls:
    description:
      - Images to look at, at V(http) or V(https). The server has to give parts of files, as VMs need that too.
      - They are always returned, with RV(media[].invalid) if they cannot be read or are none.
    type: list
    elements: str
  timeout:
    description: How many seconds each of two short reads from a server may take. One that stalls holds up no other.
    type: int
    default: 30
seealso:
  - module: kvmops.datacenter.kvm_template
  - module: kvmops.datacenter.kvm_vm
  - module: kvmops.datacenter.kvm_volume_info
"""

EXAMPLES = r"""
- name: Read all installation media
  kvmops.datacenter.kvm_media_info:
  register: library

- name: Which media of this pool can a VM be installed from?
  kvmops.datacenter.kvm_media_info:
    pools: [iso]
    query: "[?installer && !invalid].{os: os, volume: volume}"
  register: installers

- name: Is what is on this server an image that VMs can boot from?
  kvmops.datacenter.kvm_media_info:
    urls: [https://images.example.org/debian-12.iso]
    timeout: 10
  register: remote
"""

RETURN = r"""
media:
  description:
    - The media, those of pools first, sorted by pool and volume; then O(paths) and O(urls) in their order.
  returned: success
  type: list
  elements: dict
  contains:
    pool:
      description: Pool of the volume.
      type: str
      returned: when the medium is in an active pool
    volume:
      description: Name of the volume.
      type: str
      returned: when the medium is in an active pool
    path:
      description: Path of the image on the host.
      type: str
      returned: when the medium is not at a URL
    url:
      description: URL of the image, without what may be secret in it.
      type: str
      returned: when it was asked for by O(urls)
    size:
      description: Size of the image in bytes.
      type: int
      returned: always
    volume_id:
      description: What the medium is called; empty if it cannot be read.
      type: str
      returned: always
    system_id:
      description: The system that the medium is for, as it says itself, such as V(LINUX).
      type: str
      returned: always
    publisher_id:
      description: Who has made the medium, as it says itself.
      type: str
      returned: always
    application_id:
      description: What has made the medium, or what it is for, as it says itself.
      type: str
      returned: always
    boot:
      description: Firmware that can boot from the medium, V(bios) and V(efi), by its boot catalogue (El Torito).
      type: list
      elements: str
      returned: always
    bootable:
      description: Whether there is any.
      type: bool
      returned: always
    os:
      description: Short id of the operating system, as O(kvmops.datacenter.kvm_vm#module:os) takes it; empty if
        libosinfo does not know the medium.
      type: str
      returned: always
    arch:
      description: Architecture of the operating system.
      type: str
      returned: when libosinfo knows it
    live:
      description: Whether the system runs from the medium without being installed.
      type: bool
      returned: always
    installer:
      description: Whether the medium has an installer.
      type: bool
      returned: always
    kernel:
      description: Path of the kernel in the medium.
      type: str
      returned: when libosinfo knows it
    initrd:
      description: Path of the initial RAM disk in the medium.
      type: str
      returned: when libosinfo knows it
    script:
      description: Kinds of installation without questions that libosinfo has scripts for, such as V(jeos) and
        V(desktop), as O(kvmops.datacenter.kvm_vm#module:install.profile) takes them.
      type: list
      elements: str
      returned: always
    invalid:
      description: What is wrong with the medium, a sentence - it is cut off, damaged, not bootable, or not there.
      type: str
      returned: when something is
  sample:
    - pool: iso
      volume: debian-11.iso
      path: /srv/iso/debian-11.iso
      size: 395313152
      volume_id: Debian 11.0.0 amd64 n
      system_id: ''
      publisher_id: ''
      application_id: XORRISO-1.5.2 2019.10.26.180001, LIBISOBURN-1.5.2, LIBISOFS-1.5.2, LIBBURN-1.5.2
      boot: [bios, efi]
      bootable: true
      os: debian11
      live: false
      installer: true
      script: [desktop, jeos]
      arch: x86_64
      kernel: install.amd/vmlinuz
      initrd: install.amd/initrd.gz
result:
  description: What O(query) finds in RV(media).
  returned: when O(query) is given
  type: raw
  sample:
    - os: debian11
      volume: debian-11.iso
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._hypervisor import hypervisor
from ..module_utils._media.listing import Wanted, read_media
from ..module_utils._module import connection_options, reporting, timeout_option
from ..module_utils._query import queried, query_option


def main() -> None:
    """Read the media."""
    options = {
        **connection_options(),
        **query_option(),
        **timeout_option(30),
        **{name: {"type": "list", "elements": "str"} for name in ("pools", "paths", "urls")},
    }
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    with reporting(module) as report, hypervisor(module.params["uri"]) as host:
        media, warnings = read_media(host, Wanted.from_params(module.params))
        report({**queried("media", media, module.params["query"]), "warnings": warnings})


if __name__ == "__main__":
    main()
