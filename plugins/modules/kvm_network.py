#!/usr/bin/python
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kvm_network
short_description: Manage virtual networks
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Makes, changes, starts, stops and removes the virtual networks of a hypervisor.
  - DHCP and DNS entries are changed in the running network. Everything else is changed in its definition, and
    RV(restart_required) says what the running network does not have yet. A running network is never restarted,
    because that cuts off its VMs.
  - What has no option here, such as port groups or bandwidth, stays as it is.
extends_documentation_fragment:
  - kvmops.datacenter.kvm.connection
  - kvmops.datacenter.kvm.attributes
  - kvmops.datacenter.kvm.actiongroup
options:
  name:
    description: Name of the network.
    type: str
    required: true
  mode:
    description:
      - V(nat) lets guests reach the world with the host's address.
      - V(route) lets guests reach, and be reached from, the world with their own addresses.
      - V(open) is like V(route), and libvirt adds no firewall rules.
      - V(isolated) connects the guests with each other and the host only.
      - V(bridge) connects the guests to the bridge O(bridge), which the host must have already.
      - A new network is V(nat) if this is left out.
    type: str
    choices: [nat, route, open, isolated, bridge]
  bridge:
    description:
      - Name of the bridge. libvirt makes it, except with O(mode=bridge), and chooses a free name if this is left out.
    type: str
  device:
    description:
      - Interface of the host that the traffic of V(nat) and V(route) leaves through; V("") is any.
    type: str
  domain:
    description: DNS domain of the guests; V("") is none.
    type: str
  mtu:
    description: Size in bytes of the largest packet on the bridge; V(0) is what libvirt chooses.
    type: int
  ip:
    description:
      - Addresses of the host in the network; V([]) is none.
      - The modes V(nat) and V(route) need one. The subnet must not overlap that of another network of the host, or
        one that an interface of the host is in.
    type: list
    elements: dict
    suboptions:
      address:
        description: Address and prefix, such as V(192.0.2.1/24).
        type: str
        required: true
      dhcp:
        description: What guests are told on this subnet. A network serves one IPv4 and one IPv6 subnet.
        type: dict
        suboptions:
          ranges:
            description: Addresses that any guest may get; V([]) is none.
            type: list
            elements: dict
            suboptions:
              start:
                description: First address.
                type: str
                required: true
              end:
                description: Last address.
                type: str
                required: true
          hosts:
            description: Guests that always get the same address; V([]) is none.
            type: list
            elements: dict
            suboptions:
              mac:
                description: MAC address that the guest is known by, in quotes; YAML takes some for numbers.
                type: str
              name:
                description: Name that the guest gets, or is recognised by if O(ip[].dhcp.hosts[].mac) is left out.
                type: str
              ip:
                description: Address that it gets.
                type: str
                required: true
  dns:
    description: The network's own name server.
    type: dict
    suboptions:
      forwarders:
        description: Addresses of the name servers that are asked for other names; V([]) is what the host itself uses.
        type: list
        elements: str
      hosts:
        description: Names that it knows beside those of the guests; V([]) is none.
        type: list
        elements: dict
        suboptions:
          ip:
            description: The address.
            type: str
            required: true
          names:
            description: Its names.
            type: list
            elements: str
            required: true
  state:
    description:
      - V(present) defines the network as described and leaves it active or inactive as it is.
      - V(active) also starts it. V(inactive) stops it, which is refused while VMs run on it.
      - V(absent) stops and removes it, which is refused while VMs have cards in it.
    type: str
    choices: [present, active, inactive, absent]
    default: active
  autostart:
    description:
      - Whether the network is started when the host boots.
      - If left out, a new network with O(state=active) gets it, and a network that exists keeps what it has.
    type: bool
seealso:
  - module: kvmops.datacenter.kvm_network_info
  - name: Networks of libvirt
    description: What the modes mean in detail.
    link: https://libvirt.org/formatnetwork.html
"""

EXAMPLES = r"""
- name: Make a network whose guests reach the world
  kvmops.datacenter.kvm_network:
    name: guests
    bridge: virbr-guests
    domain: guests.example.org
    ip:
      - address: 192.0.2.1/24
        dhcp:
          ranges:
            - start: 192.0.2.100
              end: 192.0.2.200
          hosts:
            - mac: "52:54:00:00:00:10"
              name: db01
              ip: 192.0.2.10
    dns:
      hosts:
        - ip: 192.0.2.1
          names: [gateway]

- name: Make a network for the traffic between guests only
  kvmops.datacenter.kvm_network:
    name: backend
    mode: isolated
    mtu: 9000

- name: Offer a bridge of the host to guests
  kvmops.datacenter.kvm_network:
    name: office
    mode: bridge
    bridge: br0

- name: Remove a network
  kvmops.datacenter.kvm_network:
    name: backend
    state: absent
"""

RETURN = r"""
network:
  description:
    - The network as it is afterwards, in the words of the options; in check mode as it is now.
    - Where the running network differs from the definition, this is the definition.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the network.
      type: str
      returned: always
    mode:
      description: How its guests reach the world; libvirt's word where it is none of the choices.
      type: str
      returned: when the network exists
    bridge:
      description: Name of its bridge.
      type: str
      returned: when it has one
    device:
      description: Interface that its traffic leaves through.
      type: str
      returned: when it has one
    domain:
      description: DNS domain of the guests.
      type: str
      returned: when it has one
    mtu:
      description: Size of the largest packet.
      type: int
      returned: when it is set
    ip:
      description: Addresses of the host, with DHCP.
      type: list
      elements: dict
      returned: when the network exists
    dns:
      description: Forwarders and hosts of its name server.
      type: dict
      returned: when the network exists
    state:
      description: V(active), V(inactive) or V(absent).
      type: str
      returned: always
    autostart:
      description: Whether it is started with the host.
      type: bool
      returned: when the network exists
    uuid:
      description: UUID of the network.
      type: str
      returned: when the network exists
  sample:
    name: guests
    mode: nat
    bridge: virbr-guests
    ip:
      - address: 192.0.2.1/24
        dhcp:
          ranges:
            - start: 192.0.2.100
              end: 192.0.2.200
          hosts: []
    dns:
      forwarders: []
      hosts: []
    state: active
    autostart: true
    uuid: 9a05da11-e96b-47f3-8253-a3a482e445f5
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
      description: V(now), or V(next_boot) for what takes effect when the network is started the next time.
      type: str
      returned: always
  sample:
    - summary: set mtu 1500 -> 9000
      when: next_boot
restart_required:
  description: What the running network does not have yet of its definition, and what it takes.
  returned: success
  type: list
  elements: str
  sample:
    - "mtu: 1500 -> 9000 takes effect when the network is stopped and started, which cuts off the VMs that run on it"
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import connection_options, reporting, single
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.plan import NETWORK
from ansible_collections.kvmops.datacenter.plugins.module_utils._network.spec import NetworkSpec, network_options
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import converge


def main() -> None:
    """Converge one network."""
    module = AnsibleModule(argument_spec={**connection_options(), **network_options()}, supports_check_mode=True)
    with reporting(module) as report:
        spec = NetworkSpec.from_params(module.params)
        with hypervisor(module.params["uri"]) as host:
            outcomes = converge(host, NETWORK, [spec], dry_run=module.check_mode)
            report(single(outcomes[0], "network", module._diff))


if __name__ == "__main__":
    main()
