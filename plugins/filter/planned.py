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
  - Takes the registered results of loops over M(kvmops.datacenter.kvm_network), M(kvmops.datacenter.kvm_pool) and
    M(kvmops.datacenter.kvm_template), and returns what the option O(kvmops.datacenter.kvm_fleet#module:planned) wants.
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
  description: The names of networks, the pools with their directories, and the templates.
  type: dict
  sample:
    networks: [default]
    pools:
      - name: fast
        target: /srv/fast
    templates: []
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

_ABSENT = ("absent", "inactive", "present")
_TEMPLATE = ("name", "version", "pool", "capacity", "defaults")


def planned(results: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return what the tasks behind these results would have made; AnsibleFilterError where they are no results."""
    if not isinstance(results, Sequence) or not all(isinstance(result, Mapping) for result in results):
        raise AnsibleFilterError("kvmops.datacenter.planned: its input must be a list of registered results.")
    items = [item for result in results for item in result.get("results", ())]
    return {
        "networks": [item["network"]["name"] for item in items if "network" in item and _active(item)],
        "pools": [_pool(item) for item in items if "pool" in item and _active(item)],
        "templates": list(_templates(items)),
    }


def _wanted(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an item of a loop says; the options of the module are in it under their own names."""
    said = item.get("item")
    return said if isinstance(said, Mapping) else {}


def _active(item: Mapping[str, Any]) -> bool:
    return _wanted(item).get("state", "active") not in _ABSENT


def _pool(item: Mapping[str, Any]) -> dict[str, Any]:
    target = _wanted(item).get("target")
    return {"name": item["pool"]["name"], **({"target": target} if target else {})}


def _templates(items: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        facts = item.get("template", {})
        if facts.get("state") == "present":
            yield {key: facts[key] for key in _TEMPLATE if key in facts}


class FilterModule:
    """What Ansible finds in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"planned": planned}
