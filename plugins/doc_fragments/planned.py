# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option by which a task in check mode learns what earlier tasks would have made."""

from __future__ import annotations

_HEAD = r"""
options:
  planned:
    description:
      - What earlier tasks of the same run would have made. In check mode they have made nothing, and this task would
        refuse what stands on it. With this it plans what the real run will do.
      - Outside check mode it changes nothing, because then the earlier tasks have done what they planned.
      - The filter P(kvmops.datacenter.planned#filter) makes it of the results of the earlier tasks.
    type: dict
    suboptions:
"""

_POOLS = r"""
      pools:
        description: Pools that count as active and empty.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the pool.
            type: str
            required: true
          target:
            description: Its directory; that of the pool as it is if left out.
            type: str
"""

_OTHERS = r"""
      networks:
        description: Names of networks that count as there.
        type: list
        elements: str
      templates:
        description: Templates that count as there, in the words of M(kvmops.datacenter.kvm_template).
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the template.
            type: str
            required: true
          version:
            description: Its version.
            type: str
            required: true
          pool:
            description: Pool that it will be in.
            type: str
            required: true
          capacity:
            description: Size in bytes of the disk that a VM sees.
            type: int
          defaults:
            description: What VMs made from it get.
            type: dict
            suboptions:
              vcpus:
                description: Number of virtual CPUs.
                type: int
              memory:
                description: Amount of memory.
                type: str
"""


class ModuleDocFragment:
    """What may be planned: anything a VM stands on, or only pools."""

    # Annotated, since ansible-test takes plain assignments here for literals.
    DOCUMENTATION: str = _HEAD + _POOLS.lstrip("\n") + _OTHERS.lstrip("\n")
    POOLS: str = _HEAD + _POOLS.lstrip("\n")
