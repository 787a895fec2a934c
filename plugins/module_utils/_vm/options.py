# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of one VM: what the modules take, and what their documentation says, from the same declarations.

Modules do not come here: compiling all declarations takes a host longer than most calls. They read the index, which is
written from this by `python -m tools.index`; a test sees that it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._options import argument, documented
from .arguments import template_arguments
from .devices.registry import DEVICES, Kind
from .hooks import EXTRA_XML, XML_TRANSFORM
from .ignition import OPTION as IGNITION
from .install.option import INSTALL
from .machine.machine import Machine
from .seed import CLOUD_INIT

STATES = ("present", "running", "stopped", "paused", "saved", "restarted", "absent")
WAITS = ("none", "ip", "agent", "ssh")

# Options that stand in no part of the VM's description, or only count when it is made. In Ansible's documentation form.
_BEFORE: dict[str, Any] = {
    "state": {
        "description": [
            "V(present) - the VM exists as described; its power is left alone. What differs is changed in place.",
            (
                "V(running), V(stopped), V(paused) - the same, and in that power state. Stopping asks the guest to "
                "shut down and waits for it."
            ),
            (
                "V(saved) - its memory is written to disk and it is stopped; the next start goes on from there. A "
                "saved VM counts as stopped."
            ),
            (
                "V(restarted) - shut down and started again, so that changes waiting for the next boot take effect; "
                "done on every run."
            ),
            (
                "V(absent) - switched off and undefined, with its firmware variables, TPM state, saved memory and the "
                "records of its snapshots. Its disks stay unless O(remove_disks=true)."
            ),
        ],
        "type": "str",
        "choices": list(STATES),
        "default": "present",
    },
    "apply": {
        "description": [
            (
                "When what differs in a running VM takes effect. Whatever has to wait is told in "
                "RV(ignore:restart_required)."
            ),
            "V(live) - at once where libvirt and the guest can, else at the next boot.",
            "V(next_boot) - nothing of the running VM is touched.",
            "V(restart) - at once where possible; if anything has to wait, the VM is shut down and started again.",
        ],
        "type": "str",
        "choices": ["live", "next_boot", "restart"],
        "default": "live",
    },
    "template": {
        "description": [
            "Template that the VM is made from, C(name) or C(name:latest) for its latest version, or C(name:version).",
            "Counts only when the VM is made; a VM that is there is never made anew.",
        ],
        "type": "str",
    },
    "os": {
        "description": [
            (
                "Operating system that is going to run on a new VM, by its short id of libosinfo, such as "
                "V(debian11) or V(win11); C(osinfo-query os) lists them. The host needs libosinfo for Python "
                "(C(gir1.2-libosinfo-1.0) and C(python3-gi))."
            ),
            (
                "CPUs and memory that are not said are what it wants. A VM without O(template) gets disks and network "
                "cards for which it has drivers, and UEFI with a TPM if it does not start without."
            ),
            "Counts only when the VM is made. What a template says comes first.",
        ],
        "type": "str",
    },
    "clone": {
        "description": [
            "How the root disk is made from the template when the VM is made.",
            (
                "V(linked) - what the VM writes goes to its own volume, the rest is read from the template's image; "
                "done at once."
            ),
            "V(full) - a copy that needs the template no more.",
        ],
        "type": "str",
        "choices": ["linked", "full"],
        "default": "linked",
    },
    "pool": {
        "description": [
            "Pool for new volumes of the VM.",
            "If left out, the pool of the template for a new VM, and that of its first disk for one that is there.",
            "V(default) for a VM without either.",
        ],
        "type": "str",
    },
    "uuid": {
        "description": "UUID of a new VM; one is chosen if left out. A VM that is there keeps its own, and is refused "
        "if it has another.",
        "type": "str",
    },
    "domain_type": {
        "description": [
            "How the VM is run - V(kvm) by hardware virtualisation, V(qemu) by emulation.",
            (
                "V(auto) takes KVM for a new VM if it works on the host, else emulation, and leaves a VM that is "
                "there as it is."
            ),
        ],
        "type": "str",
        "choices": ["auto", "kvm", "qemu"],
        "default": "auto",
    },
}

_AFTER: dict[str, Any] = {
    "tags": {
        "description": "Tags that the inventory plugin groups by; an empty list removes all.",
        "type": "list",
        "elements": "str",
    },
    "project": {"description": "Project that the VM belongs to; an empty one removes it.", "type": "str"},
    "owner": {"description": "Who the VM belongs to; an empty one removes it.", "type": "str"},
    "metadata": {
        "description": [
            "Whatever else is to be remembered of the VM, as words by their names; they travel with it.",
            "What is not named stays. The word V(absent) removes one.",
        ],
        "type": "dict",
    },
    "fleet": {"description": "Fleet that the VM belongs to; an empty one removes it.", "type": "str"},
    "autostart": {"description": "Whether the VM starts with its host.", "type": "bool"},
}

_LAST: dict[str, Any] = {
    "cloud_init": {
        "description": [
            "What cloud-init does in the guest at its first boot, from a NoCloud seed on a disk of its own.",
            "A VM from a template gets a seed with its host name even if this is left out.",
            (
                "The seed is written anew when its content changes. A guest that has booted keeps its instance, so "
                "cloud-init then applies only what it does at every boot."
            ),
        ],
        "type": "dict",
        "options": CLOUD_INIT,
    },
    "ignition": IGNITION,
    "install": INSTALL,
    "extra_xml": EXTRA_XML,
    "xml_transform": XML_TRANSFORM,
    "boot_once": {
        "description": [
            (
                "What the VM boots from if this run starts it, before all else; its configuration stays as it is. The "
                "guest's own reboots keep to it until the VM is stopped, so O(on_reboot=destroy) ends an installation."
            ),
            "A VM that runs is left alone, and one that is saved is refused, because it goes on where it was.",
        ],
        "type": "str",
        "choices": ["hd", "cdrom", "network"],
    },
    "wait_for": {
        "description": [
            (
                "What to wait for after a VM that is to be V(running) or V(restarted) was started - an address, the "
                "guest agent, an SSH server."
            ),
            "Nothing is waited for in check mode.",
        ],
        "type": "str",
        "choices": list(WAITS),
        "default": "none",
    },
    "force": {
        "description": "Whether a guest that does not shut down in time is switched off.",
        "type": "bool",
        "default": False,
    },
    "remove_disks": {
        "description": [
            "Whether O(state=absent) deletes the volumes of the VM's disks.",
            (
                "A volume that is read-only, shared, the image of a template, or used by another VM or volume is "
                "kept, with a warning; so is what is on a server, by the O(disks[].source) of a disk."
            ),
        ],
        "type": "bool",
        "default": False,
    },
    "timeout": {
        "description": "How many seconds to wait for a guest to shut down, to let go of a device, and for what "
        "O(wait_for) says.",
        "type": "int",
        "default": 120,
    },
}

# What makes sense only for a VM among others.
_AMONG_OTHERS: dict[str, Any] = {
    "start_order": {
        "description": [
            (
                "When the VM's turn is - those with a lower number are made, changed, started, and waited for as "
                "O(wait_for) says, before those with a higher one; those with the same number side by side."
            ),
            "VMs that are to be stopped, saved or removed come before all others, those with a higher number first.",
        ],
        "type": "int",
        "default": 0,
    },
    "start_delay": {
        "description": "How many seconds those with the next higher number wait if this VM was started; the longest of "
        "all that have the same number counts.",
        "type": "int",
        "default": 0,
    },
}


def _without_default(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "default"}


def vm_options() -> dict[str, Any]:
    """Return the options of one VM as argument specs have them, those that only count among others included."""
    plain = {**_BEFORE, **_AFTER, **_LAST, **_AMONG_OTHERS}
    return {
        "name": {"type": "str", "required": True},
        **{name: argument(entry) for name, entry in plain.items()},
        **{name: option for name, option in Machine.options().items() if name not in plain},
        **{device.option: device.argument() for device in DEVICES},
    }


def index() -> dict[str, Any]:
    """Return what a module has to know of the declarations before it needs one of them."""
    return {
        "options": vm_options(),
        "among_others": list(_AMONG_OTHERS),
        "machine": list(Machine.options()),
        "kinds": {device.option: _indexed(device) for device in DEVICES},
    }


def _indexed(device: Kind) -> dict[str, Any]:
    module = device.__module__.rpartition(".")[2]
    return {"class": f"{module}:{device.__name__}", "tag": device.tag, "usual": device.usual}


def template_documentation() -> dict[str, Any]:
    """Return the documentation of what a template may say of its VMs."""
    whole = vm_documentation(with_defaults=False)
    return {name: _part(whole[name], option) for name, option in template_arguments().items()}


def _part(entry: Mapping[str, Any], option: Mapping[str, Any]) -> dict[str, Any]:
    """Return the documentation of an option that has not all of its sub-options."""
    if "suboptions" not in entry:
        return dict(entry)
    parts = {name: _part(entry["suboptions"][name], inner) for name, inner in option["options"].items()}
    return {**entry, "suboptions": parts}


def vm_documentation(with_defaults: bool) -> dict[str, Any]:
    """Return the documentation of one VM's options but its name, in the order in which they are read best."""

    def shown(entries: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: documented(entry if with_defaults else _without_default(entry)) for name, entry in entries.items()
        }

    return {
        **shown(_BEFORE),
        **{name: entry for name, entry in Machine.documentation().items() if name not in _BEFORE},
        **shown(_AFTER),
        **{device.option: device.entry() for device in DEVICES},
        **shown(_LAST if with_defaults else {**_LAST, **_AMONG_OTHERS}),
    }
