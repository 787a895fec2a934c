# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that tells whether hosts see the same storage."""

from __future__ import annotations

DOCUMENTATION = r"""
name: storage_faults
short_description: Tell whether hosts see the same storage
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Compares what the steps V(write) and V(read) of M(kvmops.datacenter.kvm_pool_check) have told of several hosts, and
    returns what is wrong, one sentence each.
  - Compared are the type and the target of each pool, who sees what others have written, the names of the volumes where
    nothing is written, and the clocks.
  - Where most hosts agree, the others are at fault; where there is no majority, all of them are.
  - Of clocks it counts by how much two of them are certainly apart. What the measure may be wrong by is left out.
positional: written, read
options:
  _input:
    description: Names of the hosts.
    type: list
    elements: str
    required: true
  written:
    description: The results of the step V(write), in the order of the hosts.
    type: list
    elements: dict
    required: true
  read:
    description: The results of the step V(read), in the order of the hosts. In check mode there are none.
    type: list
    elements: dict
    default: []
  max_clock_skew:
    description: How many seconds the clocks of two hosts may be apart.
    type: float
    default: 1
seealso:
  - module: kvmops.datacenter.kvm_pool_check
"""

EXAMPLES = r"""
- name: Fail where the storage is not the same as on most hosts
  ansible.builtin.assert:
    that: faults[inventory_hostname] == []
    fail_msg: "{{ faults[inventory_hostname] | join(' ') }}"
  vars:
    all_written: "{{ ansible_play_hosts | map('extract', hostvars, 'written') }}"
    all_read: "{{ ansible_play_hosts | map('extract', hostvars, 'read') }}"
    faults: "{{ ansible_play_hosts | kvmops.datacenter.storage_faults(all_written, all_read) }}"
"""

RETURN = r"""
_value:
  description: The sentences about each host, by its name; none for a host of which nothing is wrong.
  type: dict
  sample:
    h1: []
    h2: []
    h3:
      - >-
        Pool 'shared' is said to be shared, but is one storage on h1 and h2, another on h3; make it the same storage on
        all of them, or do not say shared.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._storage.agreement import View, faults

Results = Sequence[Mapping[str, Any]]


def storage_faults(
    hosts: Sequence[str], written: Results, read: Results = (), max_clock_skew: float = 1
) -> dict[str, list[str]]:
    """Return what is wrong on each host; AnsibleFilterError where there is not one result for each host."""
    if len(written) != len(hosts) or len(read) not in (0, len(hosts)):
        raise AnsibleFilterError("kvmops.datacenter.storage_faults: there must be one result for each host.")
    nothing: Results = [{}] * len(hosts)
    views = [View(*told) for told in zip(hosts, written, read or nothing)]
    return faults(views, float(max_clock_skew))


class FilterModule:
    """What Ansible finds in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"storage_faults": storage_faults}
