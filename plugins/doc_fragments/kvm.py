# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that every module shares: the connection, the attributes, the action group."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragments of module documentation."""

    CONNECTION = r"""
options:
  uri:
    description:
      - URI of the hypervisor, as libvirt writes it.
      - If left out, the environment variable E(LIBVIRT_DEFAULT_URI) of the host is used, else V(qemu:///system).
    type: str
    default: qemu:///system
requirements:
  - Python 3.9 or newer on the host
  - libvirt-python and lxml for that Python, from the host's distribution (C(python3-libvirt), C(python3-lxml))
  - libvirt 9.0 or newer
notes:
  - The module talks to libvirt on the host it runs on; nothing has to be installed on the control node.
  - One connection is opened a run.
"""

    ATTRIBUTES = r"""
attributes:
  check_mode:
    description: Can run in check mode and tell what it would do, without doing it.
    support: full
  diff_mode:
    description: Shows what is changed, or would be in check mode, as before and after.
    support: full
  platform:
    description: Where the module runs.
    support: full
    platforms: linux
"""

    INFO_ATTRIBUTES = r"""
attributes:
  check_mode:
    description: Only reads, so it does the same in check mode.
    support: full
  diff_mode:
    description: Never changes anything, so there is no difference to show.
    support: N/A
  platform:
    description: Where the module runs.
    support: full
    platforms: linux
"""

    ACTIONGROUP = r"""
attributes:
  action_group:
    description: Options can be set for all modules at once by C(module_defaults) of this group.
    support: full
    membership: [kvmops.datacenter.kvm]
"""

    PLAN = r"""
options:
  timeout:
    description:
      - How many seconds one change may take before the module gives up on it with an error; running it again is safe.
    type: int
    default: 120
"""

    QUERY = r"""
options:
  query:
    description:
      - A JMESPath expression; what it finds in the list is returned as RV(result).
      - Needs C(python3-jmespath) on the host.
    type: str
"""
