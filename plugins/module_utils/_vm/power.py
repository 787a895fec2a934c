# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Power: the way from one state to another, and each step of it."""

from __future__ import annotations

from typing import Any

from .._errors import KvmError, Refused, TimedOut
from .._hypervisor import NO_DOMAIN, OPERATION_INVALID, Hypervisor
from .._libs import libvirt
from .._plan import Change
from .._values import dataclass
from .._wait import wait_for
from .._xml import parse_xml, to_xml
from .machine.boot import boot_first

_START_PAUSED = 1  # VIR_DOMAIN_START_PAUSED
_INACTIVE_SECURE = 3  # VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE


@dataclass(frozen=True)
class PowerChange(Change):
    """A step from one power state to the next."""

    vm: str

    verb = ""
    after = ""

    @property
    def summary(self) -> str:
        """Return the verb."""
        return self.verb

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the state that the step ends in."""
        return ("state", None, self.after)

    def domain(self, host: Hypervisor) -> Any:
        """Return the domain; KvmError where it went away meanwhile."""
        domain = host.domain(self.vm)
        if domain is None:
            raise KvmError(f"VM '{self.vm}' has gone while it was worked on; run the play again.")
        return domain


class Start(PowerChange):
    """Start the VM, or go on from its saved state."""

    verb, after = "start", "running"

    def carry_out(self, host: Hypervisor) -> None:
        """Start it, unless somebody else just did."""
        domain = self.domain(host)
        if not domain.isActive():
            domain.create()


class StartPaused(PowerChange):
    """Start the VM with its CPUs stopped."""

    verb, after = "start paused", "paused"

    def carry_out(self, host: Hypervisor) -> None:
        """Start it paused, unless somebody else just started it: then the next run pauses it."""
        domain = self.domain(host)
        if not domain.isActive():
            domain.createWithFlags(_START_PAUSED)


@dataclass(frozen=True)
class StartOnce(PowerChange):
    """Start the VM from another kind of device than it is configured to, this once."""

    device: str
    paused: bool = False

    after = "running"

    @property
    def summary(self) -> str:
        """Return what it is started from."""
        return f"start {'paused ' if self.paused else ''}once from {self.device}"

    @property
    def difference(self) -> tuple[str, Any, Any]:
        """Return the state that the step ends in."""
        return ("state", None, "paused" if self.paused else "running")

    def carry_out(self, host: Hypervisor) -> None:
        """Start it with a description of its own (virDomainCreateXML): the configuration of a VM that is defined stays
        as it is, and so does the VM, even where the start fails.
        """
        domain = self.domain(host)
        if domain.isActive():
            return
        if domain.hasManagedSaveImage():
            raise KvmError(f"VM '{self.vm}' was saved meanwhile, so it can only go on; run the play again.")
        tree = parse_xml(domain.XMLDesc(_INACTIVE_SECURE))
        boot_first(tree, self.device)
        host.connection.createXML(to_xml(tree), _START_PAUSED if self.paused else 0)


def starts(change: Change) -> bool:
    """Return whether a change starts a VM, so that its guest boots or goes on."""
    return isinstance(change, Start) or (isinstance(change, StartOnce) and not change.paused)


@dataclass(frozen=True)
class Shutdown(PowerChange):
    """Ask the guest to shut down and wait for it; power off when it does not and `force` allows that."""

    timeout: int
    force: bool

    verb, after = "shut down", "stopped"

    def carry_out(self, host: Hypervisor) -> None:
        """Shut it down; TimedOut, with what to do, where the guest does not react."""
        domain = self.domain(host)
        try:
            domain.shutdown()
            wait_for(lambda: not domain.isActive(), self.timeout, f"VM '{self.vm}' did not shut down")
        except TimedOut as error:
            if not self.force:
                raise TimedOut(
                    f"VM '{self.vm}' did not shut down within {self.timeout} s; its guest may not react to ACPI; "
                    "raise 'timeout', or set 'force: true' to switch it off."
                ) from error
            power_off(domain)
        except libvirt.libvirtError:
            if domain.isActive():
                raise


class PowerOff(PowerChange):
    """Switch the VM off at once, as pulling the plug does."""

    verb, after = "power off", "stopped"

    def carry_out(self, host: Hypervisor) -> None:
        """Switch it off; fine when it is off already."""
        domain = host.domain(self.vm)
        if domain is not None:
            power_off(domain)


class Suspend(PowerChange):
    """Stop the VM's CPUs, keeping its memory."""

    verb, after = "pause", "paused"

    def carry_out(self, host: Hypervisor) -> None:
        """Pause it."""
        self.domain(host).suspend()


class Resume(PowerChange):
    """Let a paused VM go on."""

    verb, after = "resume", "running"

    def carry_out(self, host: Hypervisor) -> None:
        """Resume it."""
        self.domain(host).resume()


class Save(PowerChange):
    """Write the VM's memory to disk and stop it; the next start goes on from there."""

    verb, after = "save", "saved"

    def carry_out(self, host: Hypervisor) -> None:
        """Save it (virDomainManagedSave)."""
        self.domain(host).managedSave(0)


def power_off(domain: Any) -> None:
    """Destroy a domain; fine when it is off already, or gone because it was transient."""
    try:
        domain.destroy()
    except libvirt.libvirtError as error:
        if error.get_error_code() not in (OPERATION_INVALID, NO_DOMAIN):
            raise


def _stop(vm: str, now: str, timeout: int, force: bool) -> list[Change]:
    """Return the steps by which a VM is stopped: a paused guest has to run to hear that it shall shut down."""
    if now == "paused":
        return [PowerOff(vm)] if force else [Resume(vm), Shutdown(vm, timeout, force)]
    return [Shutdown(vm, timeout, force)]


def plan_power(vm: str, now: str, wanted: str, timeout: int, force: bool) -> list[Change]:
    """Return the steps from one power state to another; [] where nothing has to be done.

    A saved VM counts as stopped: its memory is kept until it is started. Refused where a step makes no sense.
    """
    stop = _stop(vm, now, timeout, force)
    if (now, wanted) == ("stopped", "saved"):
        raise Refused(f"VM '{vm}' is stopped and has no memory to save; start it first, or ask for state stopped.")
    steps: dict[tuple[str, str], list[Change]] = {
        ("stopped", "running"): [Start(vm)],
        ("stopped", "paused"): [StartPaused(vm)],
        ("stopped", "restarted"): [Start(vm)],
        ("saved", "running"): [Start(vm)],
        ("saved", "paused"): [StartPaused(vm)],
        ("saved", "restarted"): [Start(vm)],
        ("running", "stopped"): stop,
        ("running", "paused"): [Suspend(vm)],
        ("running", "saved"): [Save(vm)],
        ("running", "restarted"): [*stop, Start(vm)],
        ("paused", "running"): [Resume(vm)],
        ("paused", "stopped"): stop,
        ("paused", "saved"): [Save(vm)],
        ("paused", "restarted"): [*stop, Start(vm)],
    }
    return steps.get((now, wanted), [])


def plan_restart(vm: str, wanted: str, timeout: int, force: bool) -> list[Change]:
    """Return the steps by which a VM that runs, or is paused, boots anew and ends as wanted: running or paused."""
    again: Change = StartPaused(vm) if wanted == "paused" else Start(vm)
    return [*_stop(vm, wanted, timeout, force), again]


def started_once(steps: list[Change], now: str, device: str | None) -> list[Change]:
    """Return steps whose start, if there is one, is from a kind of device; Refused where a saved VM would go on."""
    starts = [step for step in steps if isinstance(step, (Start, StartPaused))]
    if not device or not starts:
        return steps
    if now == "saved":
        raise Refused(
            f"VM '{starts[0].vm}' is saved and goes on where it was, so it boots from nothing; start it without "
            "boot_once, or shut it down first."
        )
    return [
        StartOnce(step.vm, device, isinstance(step, StartPaused)) if isinstance(step, (Start, StartPaused)) else step
        for step in steps
    ]
