# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The TPM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from ..._composite import Order
from ..._field_kinds import Matching, Text
from ..._libs import etree
from ..._xml import without
from .device import Device, Wanted
from .kinds import Flag, Kinds, Model

_BANKS = ("sha1", "sha256", "sha384", "sha512")
# A second TPM of POWER machines, which is a way through to the host's.
_PROXY = "spapr-tpm-proxy"


class Banks(Order):
    """The banks that are kept, each an empty element; in the order in which libvirt writes them."""

    def __init__(self, path: str, doc: str) -> None:
        super().__init__(path, doc, tag="", key="", choices=_BANKS)

    def read(self, node: Any) -> Any:
        """Return the banks, or None where nothing is said."""
        place = self.path.find(node)
        return None if place is None else [bank for bank in _BANKS if place.find(bank) is not None] or None

    def write(self, node: Any, value: Any) -> None:
        """Replace the banks."""
        place = self.path.find(node)
        if place is not None:
            without(place)
        for bank in value or ():
            etree.SubElement(self.path.make(node), bank)

    def normal(self, value: Any) -> Any:
        """Return the banks; an empty list leaves them to the TPM."""
        return [bank for bank in _BANKS if bank in value] or None


class Backend(Text):
    """What does the work; another forgets what the one before was told."""

    def write(self, node: Any, value: Any) -> None:
        """Write the backend."""
        if self.read(node) not in (None, value):
            place = node.find("backend")
            place.attrib.clear()
            del place[:]
        super().write(node, value)


class Socket(Text):
    """The socket of a swtpm that something else started; libvirt wants to be told what it is."""

    def __init__(self, doc: str) -> None:
        super().__init__("backend/source/@path", doc)

    def write(self, node: Any, value: Any) -> None:
        """Write its path."""
        super().write(node, value)
        source = node.find("backend/source")
        if source is not None:
            source.attrib.update({"type": "unix", "mode": "connect"})


class Tpm(Kinds, Device):
    """Source: https://libvirt.org/formatdomain.html#tpm-device."""

    tag = "tpm"
    option = "tpm"
    noun = "TPM"
    doc = (
        "A TPM. What it knows is kept by the host until the VM is removed, and does not go with its disks.",
        "A running VM takes changes over at its next boot.",
    )
    many = False
    defaults: ClassVar[Mapping[str, Any]] = {"model": "tpm-crb", "backend": "emulator"}
    kind = "backend"
    only: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "version": ("emulator",),
        "persistent_state": ("emulator",),
        "pcr_banks": ("emulator",),
        "encryption_secret": ("emulator",),
        "device": ("passthrough",),
        "socket": ("external",),
    }
    model = Model(
        "./@model",
        "What the guest sees; V(tpm-crb), which is of version 2.0 only, if left out for a new one. V(tpm-spapr) is "
        "that of POWER.",
        choices=("tpm-crb", "tpm-tis", "tpm-spapr"),
    )
    backend = Backend(
        "backend/@type",
        "What does the work - V(emulator) the program swtpm, V(passthrough) the host's own TPM, V(external) a swtpm "
        "that something else started. V(emulator) if left out for a new one.",
        choices=("emulator", "passthrough", "external"),
    )
    version = Text(
        "backend/@version",
        "V(emulator) - the version; V(2.0) if left out for a new one.",
        choices=("2.0", "1.2"),
    )
    persistent_state = Flag(
        "backend/@persistent_state",
        "V(emulator) - whether what it knows is also kept where a transient VM ends.",
    )
    pcr_banks = Banks(
        "backend/active_pcr_banks",
        "V(emulator) - the banks of measurements that it keeps from the next start on; an empty list leaves them.",
    )
    encryption_secret = Matching(
        "backend/encryption/@secret",
        "V(emulator) - UUID of the libvirt secret by which its state is encrypted; only for a TPM that is new.",
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "6dd3e4a5-1d76-44ce-961f-f119f5aad935",
        harmless=True,
    )
    device = Text(
        "backend/device/@path", "V(passthrough) - the host's device; V(/dev/tpm0) if left out.", unset="/dev/tpm0"
    )
    socket = Socket("V(external) - path of the socket that swtpm listens on.")

    @classmethod
    def nodes(cls, domain: Any) -> list[Any]:
        """Return the TPM, without the proxy that POWER machines have beside it."""
        return [node for node in super().nodes(domain) if node.get("model") != _PROXY]

    @classmethod
    def new(cls, domain: Any, device: Wanted) -> Any:
        """Return the element of a new TPM; libvirt would choose the old version for some."""
        emulated = device.fields.get("backend", "emulator") == "emulator"
        fields = {**({"version": "2.0"} if emulated else {}), **device.fields}
        return super().new(domain, replace(device, fields=fields))
