# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that a module for libvirt does: it opens a connection and says so."""

from __future__ import annotations

import libvirt
from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    connection = libvirt.open("qemu:///system")
    connection.close()
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
