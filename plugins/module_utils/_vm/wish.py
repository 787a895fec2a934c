# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wished-for definition: everything that is wanted of a VM's description, as one pure function from tree to tree.

Making a VM, changing one, telling what a running one still lacks: all are this function, on a blank tree, on the
configuration, on the running description.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from .._errors import Refused
from .._fields import Edit
from .._metadata import edit_record
from .._values import dataclass
from .._xml import insert_beside, without
from .devices.device import Wanted
from .devices.disk import new_seed, seed_disk
from .devices.lookup import kind_of
from .ignition import edit_ignition
from .machine.machine import Machine

if TYPE_CHECKING:
    from .hooks import Hooks


@dataclass(frozen=True)
class Wish:
    """What is wanted of a description; volumes are known by their paths. What is not in here is left alone."""

    machine: Mapping[str, Any] = field(default_factory=dict)
    devices: Mapping[str, Sequence[Wanted]] = field(default_factory=dict)
    # The image of the cloud-init seed; "" for none.
    seed: str | None = None
    # The file of the Ignition configuration; "" for none.
    ignition: str | None = None
    hooks: Hooks | None = None
    # What is remembered along the way, which no plan tells of.
    record: Mapping[str, Any] = field(default_factory=dict)

    def edit(self, tree: Any) -> list[Edit]:
        """Bring a domain tree to what is wanted, and return what had to change; Refused where hooks undo options."""
        if self.hooks is not None:
            self.hooks.check(tree)
        edits = Machine.edit(tree, self.machine)
        for option, wanted in self.devices.items():
            edits += kind_of(option).converge(tree, wanted)
        self._settle_boot_order(tree)
        edits += self._edit_seed(tree)
        edits += edit_ignition(tree, self.ignition)
        if self.hooks is not None:
            edits += self._hooked(tree, self.hooks)
        edit_record(tree, self.record)
        return edits

    def edited(self, tree: Any) -> tuple[Any, list[Edit]]:
        """Return a copy of a tree as it is wanted, and what had to change."""
        copy = deepcopy(tree)
        return copy, self.edit(copy)

    def _hooked(self, tree: Any, hooks: Hooks) -> list[Edit]:
        """Let hooks edit a tree that is as the options want it, and see that it still is afterwards."""
        options = replace(self, hooks=None)
        restless = [edit.what for edit in options.edited(tree)[1]]
        edits = hooks.edit(tree)
        undone = [edit for edit in options.edited(tree)[1] if edit.what not in restless]
        if undone:
            raise Refused(
                f"VM '{tree.findtext('name')}': extra_xml or xml_transform undoes what another option wants: "
                f"{undone[0].summary}; leave out the one or the other."
            )
        return edits

    def _settle_boot_order(self, tree: Any) -> None:
        """Take out the boot order that was not wished for: libvirt refuses one of the machine beside those of devices.

        Source: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms (boot).
        """
        if "order" in self.machine.get("boot", {}):
            others = tree.findall("devices/*/boot")
        elif any("boot_order" in device.fields for wanted in self.devices.values() for device in wanted):
            others = tree.findall("os/boot") if tree.find("devices/*/boot") is not None else []
        else:
            return
        for node in others:
            without(node)

    def _edit_seed(self, tree: Any) -> list[Edit]:
        drive = seed_disk(tree)
        if self.seed and drive is None:
            insert_beside(tree.find("devices"), new_seed(self.seed))
            return [Edit("cloud-init seed", None, self.seed.rpartition("/")[2], verb="attach")]
        if self.seed == "" and drive is not None:
            without(drive)
            return [Edit("cloud-init seed", "attached", None, verb="detach")]
        return []
