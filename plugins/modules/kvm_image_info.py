#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_image_info
short_description: Tell where operating systems publish their images
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Returns the disk images that libosinfo knows on the host, one for each operating system that has any for the host's
    architecture. One that is made for clouds comes before others, qcow2 before raw.
  - Nothing is fetched. libosinfo tells no checksums, and what it knows is as old as the host's package C(osinfo-db).
requirements:
  - libosinfo on the host (C(python3-gi), C(gir1.2-libosinfo-1.0) and C(osinfo-db) on Debian and Ubuntu)
options:
  arch:
    description: Architecture of the images; that of the host if left out.
    type: str
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.info_attributes
  - kvmops.datacenter.kvm.actiongroup
  - kvmops.datacenter.kvm.query
seealso:
  - module: kvmops.datacenter.kvm_template
  - plugin: kvmops.datacenter.image_catalogue
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Where is the image of Rocky Linux 8?
  kvmops.datacenter.kvm_image_info:
    query: "[?name=='rocky8'] | [0]"
  register: rocky

- name: Make a template of it
  kvmops.datacenter.kvm_template:
    name: rocky8
    url: "{{ rocky.result.url }}"
    os: "{{ rocky.result.os }}"
  when: rocky.result
"""

RETURN = r"""
images:
  description: The images, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the image, which is the short id of its operating system.
      type: str
      returned: always
    os:
      description: Short id of its operating system.
      type: str
      returned: always
    description:
      description: What the operating system is called.
      type: str
      returned: always
    url:
      description: Where the image is.
      type: str
      returned: always
    format:
      description: V(qcow2) or V(raw).
      type: str
      returned: always
    cloud_init:
      description: Whether cloud-init is in it.
      type: bool
      returned: always
  sample:
    - name: rocky8
      os: rocky8
      description: Rocky Linux 8
      url: https://download.example.org/rocky/8/images/x86_64/Rocky-8-GenericCloud.latest.x86_64.qcow2
      format: qcow2
      cloud_init: true
result:
  description: What O(query) finds in RV(images).
  returned: when O(query) is given
  type: raw
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._host.capabilities import capabilities_facts
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, reporting
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.images import OsImage, os_images
from ansible_collections.kvmops.datacenter.plugins.module_utils._query import queried, query_option


def main() -> None:
    """Read what libosinfo knows."""
    options = {"arch": {"type": "str"}, **query_option(), **connection_options()}
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    with reporting(module) as report, hypervisor(module.params["uri"]) as host:
        arch = module.params["arch"] or capabilities_facts(host.connection.getCapabilities())["arch"]
        report(queried("images", [_facts(image) for image in os_images(arch)], module.params["query"]))


def _facts(image: OsImage) -> dict[str, Any]:
    named = {"name": image.os, "os": image.os, "description": image.title}
    return {**named, "url": image.url, "format": image.format, "cloud_init": image.cloud_init}


if __name__ == "__main__":
    main()
