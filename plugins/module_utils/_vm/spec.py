# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may say about a VM, and the same as it is compared: sizes in bytes, names checked, nothing guessed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from .._errors import Refused
from .._later import later
from .._names import check_name
from .._values import dataclass
from .._words import legible
from .index import INDEX

if TYPE_CHECKING:
    from .. import _metadata as metadata
    from . import hooks, ignition, seed
    from .devices import device, lookup
    from .install import option as install
    from .machine import machine
else:
    metadata, hooks, ignition, seed, device, lookup, install, machine = later(
        __package__,
        ".._metadata",
        ".hooks",
        ".ignition",
        ".seed",
        ".devices.device",
        ".devices.lookup",
        ".install.option",
        ".machine.machine",
    )

# A VM that is being removed leaves a note of this name until its volumes are gone.
NOTE_SUFFIX = "~removed"

_LONGEST_WAIT = 7 * 24 * 3600

# Options in the words of other systems, which may hold anything: they never reach XML as they are.
_FOREIGN = ("user_data", "network_config", "write_files", "ignition", "script")

_RECORD = ("tags", "project", "owner", "fleet", "metadata")

# Options whose values are compared as they are said.
_PLAIN = (
    "state",
    "template",
    "os",
    "clone",
    "pool",
    "domain_type",
    "apply",
    "autostart",
    "start_order",
    "start_delay",
    "boot_once",
    "wait_for",
    "force",
    "remove_disks",
    "timeout",
)


@dataclass(frozen=True)
class VmSpec:
    """One VM as it is wanted. What is None, or not in a mapping, is not managed."""

    name: str
    state: str = "present"
    template: str | None = None
    os: str | None = None
    clone: str = "linked"
    pool: str | None = None
    uuid: str | None = None
    domain_type: str = "auto"
    apply: str = "live"
    machine: Mapping[str, Any] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    autostart: bool | None = None
    devices: Mapping[str, Sequence[device.Wanted]] = field(default_factory=dict)
    cloud_init: seed.CloudInit | None = None
    # The Ignition configuration as JSON text; "" for none.
    ignition: str | None = field(default=None, repr=False)
    hooks: hooks.Hooks | None = None
    install: install.Install | None = None
    # In which order the members of a fleet are started (and, backwards, stopped), and how many seconds the next wait.
    start_order: int = 0
    start_delay: int = 0
    # The kind of device from which this run starts the VM, if it does.
    boot_once: str | None = None
    wait_for: str = "none"
    force: bool = False
    remove_disks: bool = False
    timeout: int = 120

    @property
    def shuts_down(self) -> bool:
        """Return whether a VM that runs is shut down on the way: then nothing has to be done live, or wait."""
        return self.state in ("restarted", "stopped")

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> VmSpec:
        """Return the spec of a module's options; Refused, naming the VM, where they make no sense."""
        name = check_vm_name(params["name"])
        try:
            return cls.read(name, {key: value for key, value in params.items() if key != "name" and value is not None})
        except Refused as error:
            raise Refused(f"VM '{name}': {error}") from error

    @classmethod
    def read(cls, name: str, said: Mapping[str, Any]) -> VmSpec:
        """Return the spec of the options that are said; Refused, without naming the VM, where they make no sense."""
        check_words(said)
        check_wait("timeout", said.get("timeout", 1), 1)
        check_wait("start_delay", said.get("start_delay", 0), 0)
        return cls(
            **{key: said[key] for key in _PLAIN if key in said},
            name=name,
            uuid=_uuid(said),
            machine=_machine(said),
            record=_record(said),
            devices=_devices(said),
            cloud_init=seed.CloudInit.from_params(said["cloud_init"]) if "cloud_init" in said else None,
            ignition=ignition.ignition_text(said["ignition"]) if "ignition" in said else None,
            install=_install(said) if "install" in said else None,
            hooks=hooks.Hooks.from_params(said) if said.keys() & {"extra_xml", "xml_transform"} else None,
        )


def _install(said: Mapping[str, Any]) -> install.Install:
    """Return how a VM is installed; Refused where nobody could do that and the rest at once."""
    wanted: install.Install = install.Install.from_params(said["install"])
    check_wait("install.timeout", wanted.timeout, 1)
    if said.get("boot_once"):
        raise Refused("install and boot_once say two things to boot from; leave one of them out.")
    if not wanted.wait and said.get("wait_for", "none") != "none":
        raise Refused(
            f"wait_for {said['wait_for']} does not go with install.wait false, as the guest is not there before its "
            "installation has ended; leave one of them out."
        )
    return wanted


def check_wait(what: str, seconds: int, least: int) -> None:
    """Refuse a number of seconds that nobody waits."""
    if not least <= seconds <= _LONGEST_WAIT:
        raise Refused(f"{what} {seconds} is out of range; choose {least} to {_LONGEST_WAIT} seconds.")


def _uuid(said: Mapping[str, Any]) -> str | None:
    """Return the UUID in libvirt's spelling; Refused where it is none."""
    if "uuid" not in said:
        return None
    try:
        return str(uuid.UUID(said["uuid"]))
    except ValueError as error:
        raise Refused(f"uuid '{said['uuid'][:60]}' is no UUID; write it like {uuid.uuid4()}.") from error


def _machine(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties of the machine that are named, by their normal values."""
    named = {key: said[key] for key in INDEX["machine"] if said.get(key, "auto") != "auto"}
    return machine.Machine.normal(named) if named else {}


def _record(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is to be remembered of the VM, by its normal values."""
    named = {key: said[key] for key in _RECORD if key in said}
    return metadata.Record.normal(named) if named else {}


def _devices(said: Mapping[str, Any]) -> Mapping[str, Sequence[device.Wanted]]:
    """Return the devices of all list options; Refused where two of them could not be told apart by their marks."""
    devices = {option: lookup.kind_of(option).wanted(said[option]) for option in INDEX["kinds"] if option in said}
    marked = [wanted for listed in devices.values() for wanted in listed if wanted.marked]
    marks = [device.alias(wanted.name) for wanted in marked]
    for wanted in marked:
        if marks.count(device.alias(wanted.name)) > 1 or wanted.name == device.SEED:
            raise Refused(f"The name '{wanted.name}' is taken by another device of the VM; choose another.")
    return devices


def check_vm_name(name: Any) -> str:
    """Return a VM's name; Refused where it cannot be carried, or would be that of a note."""
    text = check_name("VM", name)
    if text.endswith(NOTE_SUFFIX):
        raise Refused(f"VM name '{text[:60]}' ends in {NOTE_SUFFIX}, which marks notes; choose another.")
    return text


def check_words(said: Any, option: str = "") -> None:
    """Refuse words, wherever they are in options, that neither XML nor a file name nor a terminal could carry."""
    if isinstance(said, Mapping):
        for key, value in said.items():
            if key not in _FOREIGN:
                check_words(key, option or str(key))
                check_words(value, str(key))
    elif isinstance(said, (list, tuple)):
        for value in said:
            check_words(value, option)
    elif isinstance(said, str):
        legible(option, said)


def check_list(specs: Sequence[VmSpec]) -> None:
    """Refuse a list in which two VMs have one name, or two cards one address."""
    _once("VM name", [spec.name for spec in specs])
    _once(
        "MAC address",
        [nic.fields["mac"] for spec in specs for nic in spec.devices.get("nics", ()) if "mac" in nic.fields],
    )


def _once(what: str, values: Sequence[str]) -> None:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise Refused(f"{what} '{twice[0]}' is given twice in the list; every one must be given once.")
