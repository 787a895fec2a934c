# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of one VM's options, which the module for one and the module for many share.

It is declared where the options are: with each field and device in module_utils/_vm.
"""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.options import (
    template_documentation,
    vm_documentation,
)


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


def _elsewhere() -> dict[str, Any]:
    """Return what a template may say; what the options say of others they say of those of kvm_vm."""
    written = json.dumps(template_documentation())
    options: dict[str, Any] = json.loads(written.replace("O(", "O(kvmops.datacenter.kvm_vm#module:"))
    return options


_TEMPLATE = {
    "defaults": {
        "description": [
            (
                "What VMs that are made from the template get, in the words of M(kvmops.datacenter.kvm_vm). What a VM "
                "says itself comes first; of an option that is a list or a dictionary, the whole of it."
            ),
            (
                "It counts when a VM is made. VMs that exist are left alone, whatever changes here, and keep what they "
                "got."
            ),
            (
                "Everybody who sees the pool can read it, so nothing that may be secret can be said here - no "
                "passwords, no O(kvmops.datacenter.kvm_vm#module:cloud_init.user_data), files or commands. Nor can "
                "what only one VM has, such as addresses."
            ),
            "If it is given, it is the whole; what is not in it is no default. Empty (V({})) means there are none.",
        ],
        "type": "dict",
        "suboptions": _elsewhere(),
    },
}


class ModuleDocFragment:
    """The options of one VM, as options of a module; those of many, as sub-options; what a template says of its VMs."""

    # Annotated, since ansible-test takes plain assignments here for literals. JSON is YAML.
    DOCUMENTATION: str = json.dumps({"options": vm_documentation(with_defaults=True)})
    FLEET: str = json.dumps({"options": _FLEET})
    TEMPLATE: str = json.dumps({"options": _TEMPLATE})
