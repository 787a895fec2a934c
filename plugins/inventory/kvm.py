# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guests of many hypervisors as an inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: kvm
short_description: Guests of all KVM hosts
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Reads the virtual machines of many libvirt hypervisors, side by side, and makes a host of each.
  - The file's name must end with C(kvm.yml) or C(kvm.yaml).
  - A guest's C(ansible_host) is its address as DHCP leases, its guest agent or the ARP table of its hypervisor know it.
  - Every guest is in the group C(kvm_guests), and in groups by hypervisor (C(on_h1)), state (C(state_running)),
    template (C(template_debian)), fleet (C(fleet_web)), project (C(project_shop)) and tag (C(tag_db)).
  - "A guest's facts are the variables C(kvm_*), in the words of M(kvmops.datacenter.kvm_vm): C(kvm_name), C(kvm_uuid),
    C(kvm_state), C(kvm_host), C(kvm_template), C(kvm_fleet), C(kvm_project), C(kvm_tags), C(kvm_vcpus), C(kvm_memory),
    C(kvm_disks), C(kvm_nics), C(kvm_ips), C(kvm_macs), C(kvm_autostart) and so on."
  - A hypervisor that does not answer costs a warning and O(timeout) seconds, not the inventory. The names of those that
    did not answer are in the variable C(kvm_unreachable).
  - A VM whose name another has too, or that is named as a hypervisor, is called C(name@hypervisor), with a warning.
  - VMs that are still being made or removed are left out.
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: Says that the file is for this plugin.
    type: str
    required: true
    choices: [kvmops.datacenter.kvm]
  hypervisors:
    description:
      - The hypervisors to read. Each is the name or address of a host, of which O(uri_template) makes a URI; or a URI
        as libvirt writes it; or a dictionary of V(name) and V(uri).
      - A URI alone gets the name of its host, or V(localhost).
    type: list
    elements: raw
    default: []
  hypervisor_groups:
    description:
      - Reads the hosts of these groups too. The groups must come from an inventory source that is read before this one,
        such as a file that comes before it in the alphabet, in the same directory. Files in C(group_vars) are not known
        yet then.
      - A host's URI is its variable C(kvm_remote_uri), or else made by O(uri_template).
    type: list
    elements: str
    default: []
  uri_template:
    description:
      - What makes a URI of a hypervisor that is only named. V({name}) stands for its name in the inventory, V({host})
        for its address, which is C(ansible_host) of hosts in O(hypervisor_groups), and else the name.
    type: str
    default: qemu+ssh://root@{host}/system
  timeout:
    description: How many seconds one hypervisor may take for everything; one that takes longer is left out.
    type: float
    default: 20
  parallel:
    description: How many hypervisors are read at a time, each by a process of its own.
    type: int
    default: 20
  addresses:
    description:
      - Where to look for the addresses of running guests, in this order. The later ones are asked about guests that the
        earlier ones do not know. An empty list is quickest.
      - What V(agent) tells is told by the guest itself. Agents that do not answer are waited for half of O(timeout).
    type: list
    elements: str
    choices: [lease, agent, arp]
    default: [lease, agent, arp]
  states:
    description: Only guests in these states are shown.
    type: list
    elements: str
    choices: [running, paused, saved, stopped]
    default: [running, paused, saved, stopped]
  reach_through_hypervisor:
    description:
      - Whether Ansible reaches guests through the SSH server of their hypervisor, as guests on NAT networks need it.
      - The jump goes to the host and user in the hypervisor's URI, with the URI's C(command) and C(keyfile) if it has
        them. Guests of a local hypervisor, and those without a known address, are reached directly.
      - This sets C(ansible_ssh_common_args) of the guests; and C(ansible_control_path), since guests of different
        hypervisors may have the same address.
    type: bool
    default: false
  jump_ssh_args:
    description:
      - More arguments for the C(ssh) that makes the jump, one a line, as V(-F) and the path of a configuration file.
    type: list
    elements: str
    default: []
requirements:
  - libvirt-python and lxml in the Python that runs Ansible
  - for C(qemu+ssh) URIs, an ssh login that needs no password
notes:
  - To choose among several addresses of a guest, set C(ansible_host) in O(compose).
  - Texts that come from the hypervisors are never used as templates.
seealso:
  - module: kvmops.datacenter.kvm_vm_info
  - name: URIs of libvirt
    description: How a remote hypervisor is written.
    link: https://libvirt.org/uri.html
"""

EXAMPLES = r"""
# The shortest: hosts that root can log in to.
plugin: kvmops.datacenter.kvm
hypervisors: [h1, h2, h3]
---
# Guests on NAT networks of hosts that the file hosts.yml beside this one lists in the group kvm_hosts.
plugin: kvmops.datacenter.kvm
hypervisor_groups: [kvm_hosts]
reach_through_hypervisor: true
states: [running]
---
# All kinds of hypervisors; groups by memory, the address of the card on the network "lan", and a cache.
plugin: kvmops.datacenter.kvm
hypervisors:
  - name: h1
    uri: qemu+ssh://admin@192.0.2.11/system?keyfile=/etc/ansible/id_kvm
  - name: h2
    uri: qemu+tls://h2.example.org/system
  - qemu:///system
compose:
  ansible_host: (kvm_nics | selectattr('network', 'defined') | selectattr('network', 'eq', 'lan') | first).ips | first
  ansible_user: "'debian'"
keyed_groups:
  - prefix: memory
    key: kvm_memory
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /var/tmp/kvm-inventory
cache_timeout: 60
"""

import hashlib
from functools import partial
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.inventory.helpers import get_group_vars
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var
from ansible.utils.vars import combine_vars
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._children import answers
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.hypervisors import (
    Target,
    distinct,
    from_template,
    targets,
)
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.jump import jump_arguments
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.naming import Guest, settle
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.reading import (
    read_guests,
    require_libraries,
)
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.variables import (
    EVERY_GUEST,
    group_names,
    host_variables,
)

Reading = dict[str, Any]


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Reads hypervisors, each in a process that can be ended, and fills Ansible's inventory."""

    NAME = "kvmops.datacenter.kvm"

    def verify_file(self, path: str) -> bool:
        """Return whether the file's name says that it is for this plugin."""
        return super().verify_file(path) and path.endswith(("kvm.yml", "kvm.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill the inventory from all hypervisors that the file names; AnsibleParserError where the file is wrong."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        self.load_cache_plugin()
        try:
            require_libraries()
            chosen = self._targets()
            self._fill(chosen, self._read(chosen, self.get_cache_key(path), cache))
        except KvmError as error:
            raise AnsibleParserError(str(error)) from error

    def _targets(self) -> list[Target]:
        listed = targets(self.get_option("hypervisors"), self.get_option("uri_template"))
        grouped = [target for group in self.get_option("hypervisor_groups") for target in self._of_group(group)]
        chosen = distinct([*listed, *grouped])
        if not chosen:
            raise Refused("There is nothing to read; name hosts in 'hypervisors' or groups in 'hypervisor_groups'.")
        return chosen

    def _of_group(self, name: str) -> list[Target]:
        group = self.inventory.groups.get(name)
        if group is None:
            raise Refused(
                f"hypervisor_groups names '{name}', which is no group of the inventory sources before this one; "
                "let its file come before this one, or list the hosts in 'hypervisors'."
            )
        return [self._of_host(host) for host in group.get_hosts()]

    def _of_host(self, host: Any) -> Target:
        variables = combine_vars(get_group_vars(host.get_groups()), host.vars)
        if variables.get("kvm_remote_uri"):
            return Target(host.name, str(variables["kvm_remote_uri"]))
        address = str(variables.get("ansible_host") or host.name)
        return from_template(self.get_option("uri_template"), host.name, address)

    def _read(self, chosen: list[Target], key: str, cache: bool) -> dict[str, Reading]:
        """Return what every hypervisor that answers says, by its name; from the cache where that may be."""
        caching = self.get_option("cache")
        keys = {target.name: f"{key}_{self._fingerprint(target)}" for target in chosen}
        known = {name: self._cache[keys[name]] for name in keys if caching and cache and keys[name] in self._cache}
        fresh = self._ask([target for target in chosen if target.name not in known])
        if caching:
            # One that did not answer is not cached, so that it is asked again the next time.
            for name, reading in fresh.items():
                self._cache[keys[name]] = reading
        return {name: {**known, **fresh}[name] for name in keys if name in known or name in fresh}

    def _fingerprint(self, target: Target) -> str:
        told = repr((target, self.get_option("addresses")))
        return hashlib.sha256(told.encode()).hexdigest()[:24]

    def _ask(self, chosen: list[Target]) -> dict[str, Reading]:
        seconds, sources = self.get_option("timeout"), list(self.get_option("addresses"))
        jobs = {target.name: partial(read_guests, target.quiet_uri, sources, seconds) for target in chosen}
        got = answers(jobs, seconds, max(1, self.get_option("parallel")))
        for target in chosen:
            error = got[target.name].error
            if error:
                self.display.warning(f"Hypervisor {target.name} is left out: {target.redacted(error)}")
        return {name: answer.value for name, answer in got.items() if not answer.error}

    def _fill(self, chosen: list[Target], readings: dict[str, Reading]) -> None:
        states = set(self.get_option("states"))
        found = {
            target.name: [facts for facts in readings[target.name]["guests"] if facts["state"] in states]
            for target in chosen
            if target.name in readings
        }
        guests, warnings = settle(found, {target.name for target in chosen} | {"localhost"})
        warnings += [f"{host}: {warning}" for host, reading in readings.items() for warning in reading["warnings"]]
        for warning in warnings:
            self.display.warning(warning)
        self.inventory.add_group(EVERY_GUEST)
        self.inventory.set_variable("all", "kvm_unreachable", [t.name for t in chosen if t.name not in readings])
        jumps = self._jumps(chosen)
        for guest in guests:
            self._add(guest, jumps.get(guest.host))

    def _jumps(self, chosen: list[Target]) -> dict[str, str | None]:
        if not self.get_option("reach_through_hypervisor"):
            return {}
        return {target.name: jump_arguments(target, self.get_option("jump_ssh_args")) for target in chosen}

    def _add(self, guest: Guest, jump: str | None) -> None:
        self.inventory.add_host(guest.name)
        for name, value in host_variables(guest, jump).items():
            # What hypervisors and guests say must never be run as a template on the control node.
            self.inventory.set_variable(guest.name, name, wrap_var(value))
        for group in group_names(guest):
            self.inventory.add_child(self.inventory.add_group(self._sanitize_group_name(group)), guest.name)
        strict, variables = self.get_option("strict"), self.inventory.get_host(guest.name).get_vars()
        self._set_composite_vars(self.get_option("compose"), variables, guest.name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, guest.name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, guest.name, strict=strict)
