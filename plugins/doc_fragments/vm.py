# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of one VM's options, which the module for one and the module for many share.

It is declared where the options are: with each field and device in module_utils/_vm.
"""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.options import vm_documentation


def _inside(prefix: str) -> dict[str, Any]:
    """Return the options as sub-options of another option, what they say of each other included."""
    written = json.dumps(vm_documentation(with_defaults=False))
    options: dict[str, Any] = json.loads(written.replace("O(", f"O({prefix}"))
    return options


_NAME = {"description": "Name of the VM; two in the list may not have the same.", "type": "str", "required": True}
_FLEET = {
    "vms": {
        "description": [
            (
                "The VMs, each with the options of M(kvmops.datacenter.kvm_vm). What a VM does not say is taken from "
                "O(defaults), then from the defaults of that module."
            ),
        ],
        "type": "list",
        "elements": "dict",
        "required": True,
        "suboptions": {"name": _NAME, **_inside("vms[].")},
    },
    "defaults": {
        "description": "Options for every VM that does not say otherwise.",
        "type": "dict",
        "suboptions": _inside("defaults."),
    },
}


class ModuleDocFragment:
    """The options of one VM, as options of a module; and those of many, as sub-options."""

    # Annotated, since ansible-test takes plain assignments here for literals. JSON is YAML.
    DOCUMENTATION: str = json.dumps({"options": vm_documentation(with_defaults=True)})
    FLEET: str = json.dumps({"options": _FLEET})
