# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that spreads VMs over hosts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: spread
short_description: Spread VMs over hosts
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Tells which VM belongs on which host. It only calculates; nothing is asked or changed.
  - A VM that exists stays where it is. A new VM with a C(host) goes there. Every other new VM goes to the host with the
    fewest VMs, of several such hosts to the first. VMs with the state V(absent) do not count.
  - The same input always gives the same result.
  - It is an error, with a sentence for every VM concerned, if a VM exists on two hosts, if it is pinned to a host and
    exists on another, or if it exists nowhere, is not pinned and a host does not answer. The VM may exist on that host,
    and a second VM of that name would write to the same disks or steal its address.
positional: hosts
options:
  _input:
    description:
      - The VMs, as M(kvmops.datacenter.kvm_fleet) takes them.
      - A VM may also have a C(host), the name of the host that it shall be made on.
    type: list
    elements: dict
    required: true
  hosts:
    description: Names of the hosts, in the order in which they are filled.
    type: list
    elements: str
    required: true
  existing:
    description: The names of all VMs on each host that answers, by the host's name. All of them count.
    type: dict
    default: {}
  unreachable:
    description: Names of those of the hosts that do not answer.
    type: list
    elements: str
    default: []
seealso:
  - module: kvmops.datacenter.kvm_fleet
"""

EXAMPLES = r"""
- name: Spread three VMs over two hosts
  ansible.builtin.debug:
    msg: "{{ vms | kvmops.datacenter.spread(['h1', 'h2'], existing={'h1': ['web01', 'db01'], 'h2': []}) }}"
  vars:
    vms:
      - name: web01
      - name: web02
      - name: web03
        host: h1
  # h1 has web01 (it is there) and web03 (pinned), h2 has web02
"""

RETURN = r"""
_value:
  description:
    - The VMs that belong on each host that answers, by the host's name, in the order of the input and without C(host).
  type: dict
  sample:
    h1:
      - name: web01
    h2:
      - name: web02
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._placement.spread import spread


def spread_filter(
    vms: Sequence[Mapping[str, Any]],
    hosts: Sequence[str],
    existing: Mapping[str, Sequence[str]] | None = None,
    unreachable: Sequence[str] = (),
) -> dict[str, list[dict[str, Any]]]:
    """Return the VMs of each host; AnsibleFilterError, a sentence for each VM, where one cannot be placed."""
    _check_types(vms, hosts, existing or {}, unreachable)
    try:
        return spread(vms, hosts, existing or {}, unreachable)
    except Refused as error:
        raise AnsibleFilterError(str(error)) from error


def _check_types(vms: Any, hosts: Any, existing: Any, unreachable: Any) -> None:
    wrong = [
        what
        for what, right in (
            ("its input must be a list of dictionaries", _is_list(vms, Mapping)),
            ("'hosts' must be a list of names", _is_list(hosts, str)),
            ("'existing' must give a list of names for each host", _is_lists(existing)),
            ("'unreachable' must be a list of names", _is_list(unreachable, str)),
        )
        if not right
    ]
    if wrong:
        raise AnsibleFilterError(f"kvmops.datacenter.spread: {', and '.join(wrong)}.")


def _is_list(value: Any, kind: type) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(item, kind) for item in value)


def _is_lists(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_is_list(names, str) for names in value.values())


class FilterModule:
    """What Ansible finds in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"spread": spread_filter}
