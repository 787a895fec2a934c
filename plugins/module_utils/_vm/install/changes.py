# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to install a VM: its installer is written, started, waited for, and put away."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..._errors import KvmError, TimedOut
from ..._hypervisor import Hypervisor
from ..._libs import libvirt
from ..._media.files import extracted, initrd_with
from ..._media.iso_image import iso_image
from ..._metadata import INSTALLED_FROM, edit_record, read_record
from ..._plan import Change
from ..._storage.changes import DeleteVolume, WriteVolume, require_volume
from ..._values import dataclass
from ..._wait import wait_for
from ..._xml import insert_beside, parse_xml, to_xml
from ..census import glance_at, has_stopped
from ..changes import SetRecord, require_domain
from ..devices.lookup import kind_of
from ..machine.machine import Machine
from ..power import PowerChange

_INACTIVE_SECURE = 3  # VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE
_PATIENT = 1.0


@dataclass(frozen=True)
class WriteInstaller(Change):
    """Write a volume that a VM is installed from: a file of its medium, with a script's `files` if it is the initial
    RAM disk, or a medium with those files alone.

    The files may hold secrets: no plan, diff, error or repr shows them.
    """

    pool: str
    volume: str
    image: str
    inside: str
    files: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def label(self) -> str:
        """Return what is written."""
        return f"{self.inside} of {self.image}" if self.inside else "answers of the installer"

    @property
    def summary(self) -> str:
        """Return what is written where."""
        with_answers = " with the answers" if self.inside and self.files else ""
        return f"write {self.label}{with_answers} to volume {self.volume} in pool {self.pool}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the new volume, without what the files say."""
        return f"volume {self.pool}/{self.volume}", None, self.label

    def carry_out(self, host: Hypervisor) -> None:
        """Write it, readable for root alone (virStorageVolUpload); libvirt lets QEMU read it while the VM runs."""
        WriteVolume(self.pool, self.volume, self._content(host), self.label, mode="0600").carry_out(host)

    def _content(self, host: Hypervisor) -> bytes:
        if not self.inside:
            return iso_image(host, "ANSWERS", self.files)
        with tempfile.TemporaryDirectory(prefix="kvmops-install-") as scratch:
            (path,) = extracted(host, self.image, [self.inside], scratch)
            with open(path, "rb") as file:
                content = file.read()
        return initrd_with(content, self.files) if self.files else content


class Begin(PowerChange):
    """Start the VM from its installer, this once; the guest's restart at the end stops it."""

    verb, after = "start the installation", "installing"

    def carry_out(self, host: Hypervisor) -> None:
        """Note that it is begun, then start (virDomainCreateXML): a note that is not true is safer than none, as what
        is begun without one would be begun again over what it has installed.
        """
        domain = self.domain(host)
        if domain.isActive():
            raise KvmError(f"VM '{self.vm}' was started by something else meanwhile; run the play again.")
        tree = parse_xml(domain.XMLDesc(_INACTIVE_SECURE))
        noted = read_record(tree).get("installation")
        if not noted:
            raise KvmError(f"VM '{self.vm}' is no longer to be installed; run the play again.")
        self._note(host, noted, {**noted, "begun": True})
        edit_record(tree, {"installation": {**noted, "begun": True}})
        _boot_installer(host, tree, noted)
        try:
            host.connection.createXML(to_xml(tree), 0)
        except libvirt.libvirtError:
            self._note(host, {**noted, "begun": True}, noted)
            raise

    def _note(self, host: Hypervisor, before: Any, value: Any) -> None:
        SetRecord(self.vm, "installation", before, value).carry_out(host)


def _boot_installer(host: Hypervisor, tree: Any, noted: Mapping[str, Any]) -> None:
    """Let a domain tree boot from its installer, and end when its guest does."""
    paths = {word: _path(host, noted[word]) for word in INSTALLED_FROM if noted.get(word)}
    events = {"on_poweroff": "destroy"}
    if "medium" in paths:
        kind = kind_of("cdroms")
        (drive,) = kind.wanted([{"name": "installer-answers", "path": paths["medium"]}])
        insert_beside(tree.find("devices"), kind.new(tree, drive))
        Machine.edit(tree, events)
        return
    words = {"cmdline": noted["command_line"]} if noted.get("command_line") else {}
    Machine.edit(tree, {**events, "on_reboot": "destroy", **paths, **words})


def _path(host: Hypervisor, place: str) -> str:
    pool, _slash, name = place.partition("/")
    return str(require_volume(host, pool, name).path())


@dataclass(frozen=True)
class Await(Change):
    """Wait until the guest has ended its installation; `timeout` in seconds."""

    vm: str
    timeout: int

    @property
    def summary(self) -> str:
        """Return how long."""
        return f"wait up to {self.timeout} s for the end of the installation"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return no difference: it is told in the plan alone."""
        return (self.summary, None, None)

    def carry_out(self, host: Hypervisor) -> None:
        """Wait; TimedOut, with what to do, where it takes longer, KvmError where something else stopped the VM."""
        domain = require_domain(host, self.vm)
        try:
            wait_for(lambda: has_stopped(domain), self.timeout, f"VM '{self.vm}'", interval=_PATIENT)
        except TimedOut as error:
            raise TimedOut(
                f"VM '{self.vm}': its installation did not end within {self.timeout} s, and goes on; look at its "
                "console whether it waits for an answer, and run the play again to wait on, or raise install.timeout."
            ) from error
        if not glance_at(require_domain(host, self.vm)).ended:
            raise KvmError(
                f"VM '{self.vm}' was stopped before its installation ended; look at its console and its log, and run "
                "the play again with install.overwrite, which begins anew."
            )


@dataclass(frozen=True)
class Finish(Change):
    """Put away what the VM was installed from; `stage` is how far that was before the run, "" for a new VM."""

    vm: str
    volumes: tuple[str, ...]
    stage: str = ""

    @property
    def summary(self) -> str:
        """Return what goes."""
        return f"note that it is installed, and delete {', '.join(self.volumes)}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return what goes."""
        return ("installation", self.stage or None, None)

    def carry_out(self, host: Hypervisor) -> None:
        """Delete the volumes, then forget them."""
        for place in self.volumes:
            DeleteVolume.at(place).carry_out(host)
        SetRecord(self.vm, "installation", None, None).carry_out(host)
