# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of one VM's options, which the module for one and the module for many share."""

from __future__ import annotations

from textwrap import indent

# Every option of a VM but its name. `{state}` and the like are filled with the defaults where a module has them.
_OPTIONS = r"""
state:
  description:
    - V(present) - the VM exists as described; its power is left alone. What differs is changed in place.
    - V(running), V(stopped), V(paused) - the same, and in that power state. Stopping asks the guest to shut down and
      waits for it.
    - V(saved) - its memory is written to disk and it is stopped; the next start goes on from there. A saved VM counts
      as stopped.
    - V(restarted) - shut down and started again, so that changes waiting for the next boot take effect; done on every
      run.
    - V(absent) - switched off and undefined. Its disks stay unless O(remove_disks=true).
  type: str
  choices: [present, running, stopped, paused, saved, restarted, absent]
template:
  description:
    - Template that the VM is made from, C(name) for its latest version or C(name:version).
    - Counts only when the VM is made; a VM that is there is never made anew.
  type: str
clone:
  description:
    - How the root disk is made from the template when the VM is made.
    - V(linked) - what the VM writes goes to its own volume, the rest is read from the template's image; done at once.
    - V(full) - a copy that needs the template no more.
  type: str
  choices: [linked, full]
pool:
  description:
    - Pool for new volumes of the VM.
    - If left out, the pool of the template, or V(default) for a VM without one.
  type: str
domain_type:
  description:
    - How a new VM is run. V(auto) takes KVM where libvirt offers it, else emulation by V(qemu).
  type: str
  choices: [auto, kvm, qemu]
vcpus:
  description:
    - Number of virtual CPUs. A new VM gets what its template says, else 1.
    - A running VM takes a change over at its next boot.
  type: int
memory:
  description:
    - Memory, such as V(2GiB) or V(512MiB); a plain number counts MiB. A new VM gets what its template says, else 1GiB.
    - A running VM takes a change over at its next boot.
  type: str
title:
  description: A short title; an empty one removes it.
  type: str
description:
  description: Words about the VM; empty ones remove it.
  type: str
tags:
  description: Tags that the inventory plugin groups by; an empty list removes all.
  type: list
  elements: str
project:
  description: Project that the VM belongs to; an empty one removes it.
  type: str
autostart:
  description: Whether the VM starts with its host.
  type: bool
disks:
  description:
    - The hard disks, all of them - one that is not listed is detached, and its volume kept.
    - The disk that the VM boots from may be left out of the list; it is detached only by an empty list.
  type: list
  elements: dict
  suboptions:
    name:
      description:
        - What the disk is recognised by on the next run. The first may do without and is V(root).
        - Disks of VMs made by something else go by their target (V(vda)).
      type: str
    size:
      description:
        - Size, such as V(20GiB); a plain number counts GiB. Disks grow, also while the VM runs; they are never shrunk.
        - A root disk from a template has the size of the template's image if this is left out.
      type: str
    pool:
      description: Pool of the volume; the VM's O(pool) if left out.
      type: str
    volume:
      description: Name of a volume that is there, to be attached instead of making a new one; goes with
        O(disks[].pool).
      type: str
    format:
      description: Format of a new volume, V(qcow2) if left out.
      type: str
      choices: [qcow2, raw]
    bus:
      description: How the disk is attached; V(virtio) if left out.
      type: str
      choices: [virtio, scsi, sata, usb]
    cache:
      description: How the host caches the disk; left to QEMU if left out.
      type: str
      choices: ["none", writeback, writethrough, directsync, unsafe]
    discard:
      description: Whether what the guest discards is given back to the pool.
      type: str
      choices: [unmap, ignore]
    serial:
      description: Serial number that the guest sees.
      type: str
    readonly:
      description: Whether the guest can only read.
      type: bool
nics:
  description:
    - The network cards, all of them - one that is not listed is detached.
    - A new VM for which nothing is said gets one on the network V(default).
  type: list
  elements: dict
  suboptions:
    name:
      description: What the card is recognised by on the next run; the name of its network or bridge if left out.
      type: str
    network:
      description: libvirt network it is connected to; this or O(nics[].bridge) is needed.
      type: str
    bridge:
      description: Bridge of the host it is connected to.
      type: str
    mac:
      description: Its MAC address; libvirt chooses one if left out.
      type: str
    model:
      description: What the guest sees; V(virtio) if left out.
      type: str
      choices: [virtio, e1000, e1000e, rtl8139]
cloud_init:
  description:
    - What cloud-init does in the guest at its first boot, from a NoCloud seed on a disk of its own.
    - A VM from a template gets a seed with its host name even if this is left out.
    - The seed is written anew when its content changes. A guest that has booted keeps its instance, so cloud-init
      then applies only
      what it does at every boot.
  type: dict
  suboptions:
    enabled:
      description: Whether the VM has a seed.
      type: bool
      default: true
    hostname:
      description: Host name; the VM's name if left out.
      type: str
    ssh_authorized_keys:
      description: Public keys that may log in as the image's default user.
      type: list
      elements: str
    user_data:
      description:
        - cloud-config in cloud-init's own words. Passwords belong here only as hashes.
      type: dict
    network_config:
      description: Network configuration (version 2) in cloud-init's own words.
      type: dict
wait_for:
  description:
    - What to wait for after a VM that is to be V(running) or V(restarted) was started - an address, the guest agent,
      an SSH server.
    - Nothing is waited for in check mode.
  type: str
  choices: ["none", ip, agent, ssh]
force:
  description: Whether a guest that does not shut down in time is switched off.
  type: bool
remove_disks:
  description:
    - Whether O(state=absent) deletes the volumes of the VM's disks.
    - A volume that is read-only, shared, the image of a template, or used by another VM or volume is kept, with a
      warning.
  type: bool
timeout:
  description: How many seconds to wait for a guest to shut down, and for what O(wait_for) says.
  type: int
"""

_DEFAULTS = {
    "state": "present",
    "clone": "linked",
    "domain_type": "auto",
    "wait_for": "none",
    "force": "false",
    "remove_disks": "false",
    "timeout": "120",
}


def _with_defaults(options: str) -> str:
    for name, value in _DEFAULTS.items():
        options = options.replace(f"\n{name}:\n", f"\n{name}:\n  default: {value}\n")
    return options


def _inside(prefix: str) -> str:
    """Return the options as sub-options of another option, what they say of each other included."""
    return indent(_OPTIONS.replace("O(", f"O({prefix}"), "      ")


_FLEET = f"""
options:
  vms:
    description:
      - The VMs, each with the options of M(kvmops.datacenter.kvm_vm). What a VM does not say is taken from
        O(defaults), then from the
        defaults of that module.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the VM; two in the list may not have the same.
        type: str
        required: true
{_inside("vms[].")}
  defaults:
    description: Options for every VM that does not say otherwise.
    type: dict
    suboptions:
{_inside("defaults.")}
"""


class ModuleDocFragment:
    """The options of one VM, as options of a module; and those of many, as sub-options."""

    # Annotated, since ansible-test takes plain assignments here for literals.
    DOCUMENTATION: str = "options:\n" + indent(_with_defaults(_OPTIONS), "  ")
    FLEET: str = _FLEET
