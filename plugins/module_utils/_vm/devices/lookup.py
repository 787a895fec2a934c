# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices by their options: the declarations of a kind are compiled when a call has to do with such a device."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..index import INDEX

if TYPE_CHECKING:
    # Ansible sends to a host what is imported here, and so all kinds of devices.
    from .registry import Kind


def kind_of(option: str) -> Kind:
    """Return the kind of device that an option describes."""
    module, _colon, name = INDEX["kinds"][option]["class"].partition(":")
    found: Kind = getattr(import_module(f".{module}", __package__), name)
    return found


def kinds_in(domain: Any) -> list[Kind]:
    """Return the kinds of devices of which there is something to tell of a domain: those that it has, and those that
    others have. All kinds are found by their tags among the devices.
    """
    devices = domain.find("devices")
    tags = {node.tag for node in devices} if devices is not None else set()
    return [kind_of(option) for option, said in INDEX["kinds"].items() if said["usual"] or said["tag"] in tags]
