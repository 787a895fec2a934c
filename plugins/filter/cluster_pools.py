# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that tells what follows from the description of a cluster's pools."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_pools
short_description: Tell which pools of a cluster are shared, and what they are for
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Takes pools as an inventory describes them, with the options of M(kvmops.datacenter.kvm_pool) and the words
    C(shared), C(role) and C(read_only), and returns what follows for a cluster.
  - It is an error, in one sentence, if an entry has no name, says something that is nothing of a pool, has a role that
    there is not, or is there twice.
options:
  _input:
    description: The pools, as the variable C(storage_pools) of the role C(kvmops.datacenter.storage) describes them.
    type: list
    elements: dict
    required: true
seealso:
  - module: kvmops.datacenter.kvm_pool
  - module: kvmops.datacenter.kvm_pool_check
"""

EXAMPLES = r"""
- name: Make a volume in the pool that is for images
  kvmops.datacenter.kvm_volume:
    name: data
    pool: "{{ (kvm_pools | kvmops.datacenter.cluster_pools).roles.images }}"
    capacity: 10GiB
"""

RETURN = r"""
_value:
  description: What follows from the description.
  type: dict
  contains:
    pools:
      description: All pools, as they were given.
      type: list
      elements: dict
    shared:
      description: Those that hosts share.
      type: list
      elements: dict
    checked:
      description:
        - Those of them that hosts are to compare, in the words of O(kvmops.datacenter.kvm_pool_check#module:pools).
      type: list
      elements: dict
    roles:
      description: The name of the first pool of each role.
      type: dict
      sample:
        templates: shared
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._storage.pools import described


def cluster_pools(pools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what follows from the description of pools; AnsibleFilterError where it makes no sense."""
    try:
        return described(pools)
    except Refused as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """What Ansible finds in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"cluster_pools": cluster_pools}
