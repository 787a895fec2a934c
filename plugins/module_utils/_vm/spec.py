# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may say about a VM, and the same as it is compared: sizes in bytes, names checked, nothing guessed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from .._errors import Refused
from .._fields import illegible, legible
from .._metadata import Record
from .._values import dataclass
from .devices.device import Wanted, alias
from .devices.disk import SEED
from .devices.registry import DEVICES
from .hooks import Hooks
from .ignition import ignition_text
from .machine.machine import Machine
from .options import DEFAULTS
from .seed import CloudInit

# A VM that is being removed leaves a note of this name until its volumes are gone.
NOTE_SUFFIX = "~removed"

# What libvirt refuses in a domain name, and what would break a file name made of it.
_NAME = re.compile(r"[^\x00-\x1f\x7f/]+")
_LONGEST_NAME = 200

_LONGEST_WAIT = 7 * 24 * 3600

# Options in the words of other systems, which may hold anything: they never reach XML as they are.
_FOREIGN = ("user_data", "network_config", "write_files", "ignition")

_RECORD = ("tags", "project", "owner", "fleet", "metadata")


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
    devices: Mapping[str, Sequence[Wanted]] = field(default_factory=dict)
    cloud_init: CloudInit | None = None
    # The Ignition configuration as JSON text; "" for none.
    ignition: str | None = field(default=None, repr=False)
    hooks: Hooks | None = None
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
        name = check_name(params["name"])
        said = {key: value for key, value in params.items() if value is not None}
        try:
            check_words({key: value for key, value in said.items() if key != "name"})
            check_wait("timeout", said.get("timeout", 1), 1)
            check_wait("start_delay", said.get("start_delay", 0), 0)
            return cls(
                **{key: said.get(key, default) for key, default in DEFAULTS.items()},
                name=name,
                uuid=_uuid(said),
                template=said.get("template"),
                boot_once=said.get("boot_once"),
                os=said.get("os"),
                pool=said.get("pool"),
                machine=Machine.normal({key: value for key, value in said.items() if value != "auto"}),
                record=Record.normal({key: said.get(key) for key in _RECORD}),
                autostart=said.get("autostart"),
                devices=_devices(said),
                cloud_init=CloudInit.from_params(said["cloud_init"]) if "cloud_init" in said else None,
                ignition=ignition_text(said["ignition"]) if "ignition" in said else None,
                hooks=Hooks.from_params(said),
            )
        except Refused as error:
            raise Refused(f"VM '{name}': {error}") from error


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


def _devices(said: Mapping[str, Any]) -> Mapping[str, Sequence[Wanted]]:
    """Return the devices of all list options; Refused where two of them could not be told apart by their marks."""
    devices = {device.option: device.wanted(said[device.option]) for device in DEVICES if device.option in said}
    marked = [wanted for listed in devices.values() for wanted in listed if wanted.marked]
    marks = [alias(wanted.name) for wanted in marked]
    for wanted in marked:
        if marks.count(alias(wanted.name)) > 1 or wanted.name == SEED:
            raise Refused(f"The name '{wanted.name}' is taken by another device of the VM; choose another.")
    return devices


def check_name(name: Any) -> str:
    """Return a VM's name; Refused where libvirt or a file system could not carry it."""
    text = str(name or "")
    odd = text.strip() != text or text.startswith(".") or text.endswith(NOTE_SUFFIX) or illegible(text) is not None
    if odd or not _NAME.fullmatch(text) or len(text.encode(errors="replace")) > _LONGEST_NAME:
        raise Refused(
            f"VM name {text[:60]!r} cannot be used; take 1 to {_LONGEST_NAME} bytes without slashes, control "
            "characters, a leading dot or blanks around it."
        )
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
