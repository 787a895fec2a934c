# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to the devices of a VM that is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .._errors import KvmError
from .._hypervisor import Hypervisor
from .._plan import NOW, Change
from .changes import CONFIG, reach, redefine, require_domain, words
from .devices.registry import BY_OPTION


@dataclass(frozen=True)
class SetDevice(Change):
    """Set one property of a device that the VM has."""

    vm: str
    option: str
    device_name: str
    key: str
    name: str
    before: Any
    shown: Any
    value: Any
    when: str = NOW

    @property
    def _label(self) -> str:
        return f"{BY_OPTION[self.option].noun} {self.device_name} {self.name}"

    @property
    def summary(self) -> str:
        """Return the property, before and after."""
        return f"set {self._label} {words(self.before)} -> {words(self.shown)}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the property, before and after."""
        return (self._label, self.before, self.shown)

    def carry_out(self, host: Hypervisor) -> None:
        """Write it to the configuration."""
        redefine(host, self.vm, self._edit)

    def _edit(self, tree: Any) -> None:
        device = BY_OPTION[self.option]
        node = next((node for node in device.nodes(tree) if device.key(node) == self.key), None)
        if node is None:
            raise KvmError(
                f"VM '{self.vm}' has lost its {device.noun} {self.device_name} meanwhile; run the play again."
            )
        device.edit(node, {self.name: self.value})


@dataclass(frozen=True)
class AttachDevice(Change):
    """Plug a device in: into the configuration, and into the running VM unless it has to wait for the next boot."""

    vm: str
    label: str
    xml: str = field(repr=False)
    description: str
    when: str = NOW

    @property
    def summary(self) -> str:
        """Return the device."""
        return f"attach {self.label} ({self.description})"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the device."""
        return (self.label, None, self.description)

    def carry_out(self, host: Hypervisor) -> None:
        """Attach it (virDomainAttachDeviceFlags)."""
        domain = require_domain(host, self.vm)
        domain.attachDeviceFlags(self.xml, reach(domain) if self.when == NOW else CONFIG)


@dataclass(frozen=True)
class DetachDevice(Change):
    """Take a device out of the configuration; a running VM keeps it until its next boot."""

    vm: str
    label: str
    xml: str = field(repr=False)
    when: str = NOW

    @property
    def summary(self) -> str:
        """Return the device."""
        return f"detach {self.label}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the device."""
        return (self.label, "attached", None)

    def carry_out(self, host: Hypervisor) -> None:
        """Detach it from the configuration (virDomainDetachDeviceFlags)."""
        require_domain(host, self.vm).detachDeviceFlags(self.xml, CONFIG)
