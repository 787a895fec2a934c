# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The NoCloud seed: a small disk image from which cloud-init configures a guest at its first boot.

Source: https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html (volume label cidata; files
meta-data, user-data, network-config). JSON is written, because it is YAML that every reader of it understands alike.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from .._errors import Refused
from .._hypervisor import Hypervisor
from .._media.iso_image import iso_image
from .._values import dataclass

_USERS: dict[str, Any] = {
    "name": {"description": "Name to log in with.", "type": "str", "required": True},
    "ssh_authorized_keys": {
        "description": "Public keys that may log in as this user.",
        "type": "list",
        "elements": "str",
        "no_log": False,
    },
    "groups": {"description": "Groups beside the user's own.", "type": "list", "elements": "str"},
    "sudo": {
        "description": "What the user may do as others, in sudo's own words, such as V(ALL=(ALL\\) NOPASSWD:ALL).",
        "type": "str",
    },
    "shell": {"description": "Login shell; that of the image if left out.", "type": "str"},
    "hashed_password": {
        "description": [
            (
                "Password as its hash, as C(mkpasswd --method=yescrypt) makes it; without one no password lets the "
                "user in."
            ),
            "No plan, diff or result shows it.",
        ],
        "type": "str",
        "no_log": True,
    },
}

_WRITE_FILES: dict[str, Any] = {
    "path": {"description": "Path of the file in the guest.", "type": "str", "required": True},
    "content": {"description": "What is in the file; nothing if left out.", "type": "str"},
    "owner": {
        "description": "User and group that own the file, such as V(www-data:www-data); root if left out.",
        "type": "str",
    },
    "permissions": {
        "description": "Rights in octal digits and in quotes, such as V('0600'); those of the image if left out.",
        "type": "str",
    },
    "encoding": {
        "description": "How O(cloud_init.write_files[].content) is written here; as it is if left out.",
        "type": "str",
        "choices": ["b64", "gzip", "gz+b64"],
    },
    "append": {"description": "Whether a file that is there is added to instead of replaced.", "type": "bool"},
    "defer": {"description": "Whether the file is written after users and packages are there.", "type": "bool"},
}

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
    "users": {
        "description": [
            (
                "Users to make. The image's default user is made too, unless O(cloud_init.user_data) has C(users) of "
                "its own."
            ),
        ],
        "type": "list",
        "elements": "dict",
        "options": _USERS,
    },
    "packages": {"description": "Packages to install.", "type": "list", "elements": "str"},
    "package_update": {"description": "Whether the guest's lists of packages are brought up to date.", "type": "bool"},
    "write_files": {
        "description": "Files to write. No plan, diff or result shows them.",
        "type": "list",
        "elements": "dict",
        "options": _WRITE_FILES,
        "no_log": True,
    },
    "runcmd": {
        "description": "Commands to run once, at the end - each a list of words, or a line for the shell.",
        "type": "list",
        "elements": "raw",
        "no_log": True,
    },
    "timezone": {"description": "Time zone, such as V(Europe/Berlin).", "type": "str"},
    "locale": {"description": "Language and its form, such as V(de_DE.UTF-8).", "type": "str"},
    "user_data": {
        "description": [
            "cloud-config in cloud-init's own words. Passwords belong here only as hashes.",
            (
                "What it says beside the options above is joined - lists are put together, those of the options last; "
                "any other key may be said only once."
            ),
            "No plan, diff or result shows what it says.",
        ],
        "type": "dict",
        "no_log": True,
    },
    "network_config": {
        "description": [
            "Network configuration (version 2) in cloud-init's own words.",
            "If left out, it is made of what O(nics) say of addresses; without these, the image does as it is used to.",
        ],
        "type": "dict",
    },
}

# Options that are keys of a cloud-config of the same name: lists, and single values.
_LISTS = ("ssh_authorized_keys", "packages")
_VALUES = ("package_update", "timezone", "locale")

# What cloud-init calls the options of a user. Source:
# https://cloudinit.readthedocs.io/en/latest/reference/modules.html#users-and-groups.
_USER_KEYS = {
    "name": "name",
    "ssh_authorized_keys": "ssh_authorized_keys",
    "groups": "groups",
    "sudo": "sudo",
    "shell": "shell",
    "hashed_password": "hashed_passwd",
}
# The form of all hashes but DES. Source: crypt(5).
_HASH = re.compile(r"\$[0-9A-Za-z]+\$[^\s:$]*\$[^\s:]+")
_RIGHTS = re.compile(r"0[0-7]{3,4}")


@dataclass(frozen=True)
class CloudInit:
    """What cloud-init is to do in a guest; `user_data` (all of it, secrets included) and `network_config` are in its
    own words.
    """

    enabled: bool = True
    hostname: str | None = None
    user_data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    network_config: Mapping[str, Any] | None = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> CloudInit:
        """Return it from the sub-options; Refused where two of them contradict each other."""
        said = {key: value for key, value in params.items() if value is not None}
        if "hostname" in said and "hostname" in said.get("user_data", {}):
            raise _twice("hostname")
        return cls(said.get("enabled", True), said.get("hostname"), _user_data(said), said.get("network_config"))


def _user_data(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cloud-config: the user's own, and what the other options say beside it."""
    whole = dict(said.get("user_data", {}))
    lists = {key: said[key] for key in _LISTS if said.get(key)}
    lists["write_files"] = [_file(item) for item in said.get("write_files", ())]
    lists["runcmd"] = [_command(item) for item in said.get("runcmd", ())]
    lists["users"] = [_user(item) for item in said.get("users", ())]
    if lists["users"] and whole.get("users") is None:
        lists["users"].insert(0, "default")
    for key, words in lists.items():
        if words:
            whole[key] = [*_own_list(key, whole), *words]
    for key in _VALUES:
        if key in said and key in whole:
            raise _twice(key)
    return {**whole, **{key: said[key] for key in _VALUES if key in said}}


def _twice(key: str) -> Refused:
    return Refused(f"cloud_init has {key}, and its user_data has it too; leave one of them out.")


def _own_list(key: str, user_data: Mapping[str, Any]) -> list[Any]:
    own = user_data.get(key)
    if own is not None and not isinstance(own, list):
        raise Refused(f"cloud_init has {key}, but {key} of its user_data is no list to add to; make it one.")
    return own or []


def _user(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return a user in cloud-init's words; one with a password may log in with it."""
    user = {word: params[key] for key, word in _USER_KEYS.items() if params.get(key)}
    if "hashed_passwd" in user:
        if not _HASH.fullmatch(user["hashed_passwd"]):
            raise Refused(
                f"hashed_password of user '{user['name']}' in cloud_init is no hash; make one with mkpasswd, which "
                "begins with '$'."
            )
        user["lock_passwd"] = False
    return user


def _file(params: Mapping[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in params.items() if value is not None}
    rights = said.get("permissions", "0600")
    if not _RIGHTS.fullmatch(rights):
        # YAML 1.1 reads 0644 without quotes as the number 420.
        raise Refused(
            f"permissions {rights} of {said['path']} in cloud_init are not understood; write octal digits with a "
            "leading 0, and in quotes: '0644'."
        )
    return said


def _command(item: Any) -> Any:
    words = item if isinstance(item, list) else [item]
    if not words or not all(isinstance(word, (str, int, float)) for word in words):
        raise Refused("runcmd in cloud_init has an entry that is no command; write a line, or a list of words.")
    return [str(word) for word in words] if isinstance(item, list) else str(item)


def seed_files(
    wanted: CloudInit, vm_name: str, instance_id: str, network: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """Return the seed's files by name; `network` is the network configuration where the user gave none.

    The instance id is the VM's UUID: it stays when the content changes, so that a guest that has its keys and users
    keeps them.
    """
    files = {
        "meta-data": written({"instance-id": instance_id, "local-hostname": wanted.hostname or vm_name}),
        "user-data": "#cloud-config\n" + written(wanted.user_data),
    }
    network_config = network if wanted.network_config is None else wanted.network_config
    if network_config is not None:
        files["network-config"] = written(network_config)
    return files


def fingerprint(files: Mapping[str, str]) -> str:
    """Return what tells one content from another without showing it; the VM's UUID in it is the salt."""
    return hashlib.sha256(written(files).encode()).hexdigest()


def seed_image(host: Hypervisor, files: Mapping[str, str]) -> bytes:
    """Return the ISO 9660 image labelled cidata that holds the files; KvmError where the host has no tool to make
    one.
    """
    return iso_image(host, "cidata", files, "the cloud-init seed")


def written(value: Any) -> str:
    """Return a value as JSON text that is always the same."""
    return json.dumps(value, indent=2, sort_keys=True) + "\n"
