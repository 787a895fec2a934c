# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Ignition configuration, handed to a guest by QEMU's firmware configuration device (fw_cfg).

Sources: https://coreos.github.io/ignition/supported-platforms/ (QEMU: the entry opt/com.coreos/config),
https://libvirt.org/formatdomain.html#smbios-system-information (sysinfo of type fwcfg).
"""

from __future__ import annotations

import json
from typing import Any

from .._errors import Refused
from .._fields import Edit
from .._libs import etree
from .._xml import without
from .live import NEXT_START
from .seed import written

TITLE = "ignition configuration"
# The field of the record that keeps the fingerprint, and the volume's name among those of the VM.
IGNITION = "ignition"

_ENTRY = "opt/com.coreos/config"

OPTION: dict[str, Any] = {
    "description": [
        (
            "Ignition configuration (as a dictionary or as JSON text) that Fedora CoreOS, Flatcar and others read at "
            "their first boot, from QEMU's firmware configuration device. An empty one takes it away."
        ),
        (
            "It is kept in a volume of the VM's pool, which must be one of files. It is written anew when its content "
            "changes, and removed with the VM. A running VM hands it to its guest after it was stopped and started."
        ),
        (
            "No plan, diff or result shows what it says. A VM from a template that has one gets no cloud-init seed "
            "unless O(cloud_init) is given."
        ),
    ],
    "type": "raw",
    "no_log": True,
}


def ignition_text(value: Any) -> str:
    """Return the configuration as JSON text, "" for none; Refused, without showing it, where it cannot be one."""
    if not value:
        return ""
    config = _parsed(value) if isinstance(value, str) else value
    if not isinstance(config, dict) or "variant" in config:
        raise Refused("ignition is no Ignition configuration; write JSON (butane makes it of a Butane configuration).")
    if not isinstance(config.get("ignition"), dict) or not isinstance(config["ignition"].get("version"), str):
        raise Refused("ignition does not say its version; write what butane makes, with ignition.version in it.")
    return written(config)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        place = getattr(error, "lineno", 1)
        raise Refused(f"ignition is no JSON (line {place}); butane makes it of a Butane configuration.") from error


def ignition_volume(vm: str) -> str:
    """Return the name of the volume that a VM's configuration is in."""
    return f"{vm}-{IGNITION}.ign"


def ignition_path(domain: Any) -> str:
    """Return the path of the file that a domain tree hands to its guest, or ""."""
    entry = _entry(domain)
    return "" if entry is None else entry.get("file", "")


def edit_ignition(domain: Any, path: str | None) -> list[Edit]:
    """Hand the file at a path to the guest of a domain tree, "" for none, and return what had to change."""
    there = ignition_path(domain)
    if path is None or path == there:
        return []
    if path:
        _make_entry(domain).set("file", path)
    else:
        _remove(_entry(domain))
    before, after = (name.rpartition("/")[2] or None for name in (there, path))
    return [Edit(TITLE, before, after, of=NEXT_START)]


def _entry(domain: Any) -> Any | None:
    entries = domain.iterfind("sysinfo[@type='fwcfg']/entry")
    return next((entry for entry in entries if entry.get("name") == _ENTRY), None)


def _make_entry(domain: Any) -> Any:
    found = _entry(domain)
    if found is not None:
        found.text = None
        return found
    table = domain.find("sysinfo[@type='fwcfg']")
    if table is None:
        table = etree.SubElement(domain, "sysinfo", {"type": "fwcfg"})
    return etree.SubElement(table, "entry", {"name": _ENTRY})


def _remove(entry: Any) -> None:
    table = entry.getparent()
    without(entry)
    if not len(table):
        without(table)
