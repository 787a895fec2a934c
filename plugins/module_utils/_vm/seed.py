# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The NoCloud seed: a small disk image from which cloud-init configures a guest at its first boot.

Source: https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html (volume label cidata; files
meta-data,
user-data, network-config). JSON is written, because it is YAML that every reader of it understands alike.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._errors import KvmError
from .._hypervisor import Hypervisor

_MAKERS = ("xorrisofs", "genisoimage", "mkisofs")


# The sub-options of O(cloud_init), in Ansible's documentation form.
CLOUD_INIT: dict[str, Any] = {
    "enabled": {"description": "Whether the VM has a seed.", "type": "bool", "default": True},
    "hostname": {"description": "Host name; the VM's name if left out.", "type": "str"},
    "ssh_authorized_keys": {
        "description": "Public keys that may log in as the image's default user.",
        "type": "list",
        "elements": "str",
        "no_log": False,
    },
    "user_data": {
        "description": "cloud-config in cloud-init's own words. Passwords belong here only as hashes.",
        "type": "dict",
    },
    "network_config": {
        "description": "Network configuration (version 2) in cloud-init's own words.",
        "type": "dict",
    },
}


@dataclass(frozen=True)
class CloudInit:
    """What cloud-init is to do in a guest; `user_data` and `network_config` are in cloud-init's own words."""

    enabled: bool = True
    hostname: str | None = None
    ssh_authorized_keys: tuple[str, ...] = ()
    user_data: Mapping[str, Any] = field(default_factory=dict)
    network_config: Mapping[str, Any] | None = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> CloudInit:
        """Return it from the sub-options."""
        said = {key: value for key, value in params.items() if value is not None}
        return cls(
            enabled=said.get("enabled", True),
            hostname=said.get("hostname"),
            ssh_authorized_keys=tuple(said.get("ssh_authorized_keys", ())),
            user_data=said.get("user_data", {}),
            network_config=said.get("network_config"),
        )


def seed_files(wanted: CloudInit, vm_name: str, instance_id: str) -> dict[str, str]:
    """Return the seed's files by name.

    The instance id is the VM's UUID: it stays when the content changes, so that a guest that has its keys and users
    keeps them.
    """
    user_data: dict[str, Any] = dict(wanted.user_data)
    if wanted.ssh_authorized_keys:
        user_data["ssh_authorized_keys"] = [*user_data.get("ssh_authorized_keys", []), *wanted.ssh_authorized_keys]
    files = {
        "meta-data": _written({"instance-id": instance_id, "local-hostname": wanted.hostname or vm_name}),
        "user-data": "#cloud-config\n" + _written(user_data),
    }
    if wanted.network_config is not None:
        files["network-config"] = _written(wanted.network_config)
    return files


def fingerprint(files: Mapping[str, str]) -> str:
    """Return what tells one content of a seed from another without showing it; the VM's UUID in it is the salt."""
    return hashlib.sha256(_written(files).encode()).hexdigest()


def seed_image(host: Hypervisor, files: Mapping[str, str]) -> bytes:
    """Return the ISO 9660 image labelled cidata that holds the files; KvmError where the host has no tool to make
    one.
    """
    maker = next(filter(None, map(shutil.which, _MAKERS)), None)
    if maker is None:
        raise KvmError(
            "No tool to write the cloud-init seed is on this host; install the package xorriso or genisoimage."
        )
    with tempfile.TemporaryDirectory(prefix="kvmops-seed-") as scratch:
        image, folder = Path(scratch, "seed.iso"), Path(scratch, "files")
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        host.run([maker, "-quiet", "-o", str(image), "-volid", "cidata", "-joliet", "-rock", str(folder)])
        return image.read_bytes()


def _written(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True) + "\n"
