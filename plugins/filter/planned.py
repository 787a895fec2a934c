# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that tells later tasks of a run in check mode what the earlier ones would have made."""

from __future__ import annotations

DOCUMENTATION = r"""
name: planned
short_description: What tasks in check mode would have made
version_added: 1.0.0
author:
  - KVM Ops (@kvmops)
description:
  - Takes the registered results of loops over the modules that make what VMs stand on, such as
    M(kvmops.datacenter.kvm_pool), and returns what the option O(kvmops.datacenter.kvm_fleet#module:planned) wants.
  - What was to be removed or only to be defined is left out, as are items that were skipped.
options:
  _input:
    description: The registered results, in any order.
    type: list
    elements: dict
    required: true
seealso:
  - module: kvmops.datacenter.kvm_fleet
"""

EXAMPLES = r"""
- name: Make the pools
  kvmops.datacenter.kvm_pool:
    name: "{{ item.name }}"
    target: "{{ item.target }}"
  loop:
    - name: fast
      target: /srv/fast
  register: pools

- name: Make a VM in one of them, or plan it in check mode
  kvmops.datacenter.kvm_vm:
    name: web01
    pool: fast
    disks:
      - size: 1GiB
    planned: "{{ [pools] | kvmops.datacenter.planned }}"
"""

RETURN = r"""
_value:
  description: Each kind of object in the words of a sub-option of O(kvmops.datacenter.kvm_fleet#module:planned).
  type: dict
  sample:
    networks: [default]
    pools:
      - name: fast
        target: /srv/fast
    templates: []
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.kvmops.datacenter.plugins.module_utils._planned import planned_of


def planned(results: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return what the tasks behind these results would have made; AnsibleFilterError where they are no results."""
    if not isinstance(results, Sequence) or not all(isinstance(result, Mapping) for result in results):
        raise AnsibleFilterError("kvmops.datacenter.planned: its input must be a list of registered results.")
    return planned_of(results)


class FilterModule:
    """What Ansible finds in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"planned": planned}
