# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may say about an installation that asks no questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..._values import dataclass

# In Ansible's documentation form.
_USER: dict[str, Any] = {
    "name": {"description": "Name to log in with.", "type": "str", "required": True},
    "full_name": {"description": "What the user is called; the name if left out.", "type": "str"},
    "password": {"description": "Password of the user.", "type": "str", "no_log": True},
}

INSTALL: dict[str, Any] = {
    "description": [
        (
            "Installs a new VM from the medium in its first CD-ROM drive, which a template made of an C(iso) puts "
            "there, and answers all questions of the installer by a script of libosinfo."
        ),
        (
            "The installation begins when the VM is first started. The run waits for its end, and starts the VM from "
            "what was installed. A run that is cut off meanwhile is gone on with by the next."
        ),
        (
            "RV(ignore:media[].script) of M(kvmops.datacenter.kvm_media_info) tells which media there are scripts for. "
            "The medium has to be a file or a block device of the host, which needs xorriso, and libosinfo for "
            "Python."
        ),
        (
            "The script, with the passwords in it, is in volumes of the VM's pool that only root can read; they are "
            "deleted when the installation has ended. No plan, diff or result shows them."
        ),
        "Counts only when the VM is made, but for O(install.wait), O(install.timeout) and O(install.overwrite).",
    ],
    "type": "dict",
    "options": {
        "profile": {
            "description": "Kind of installation, such as V(desktop); V(jeos), just what a server needs, if there is "
            "a script for it, else the first that there is.",
            "type": "str",
        },
        "hostname": {
            "description": "Host name; the VM's name if left out, with V(-) for what no host name may have in it.",
            "type": "str",
        },
        "admin_password": {
            "description": "Password of the administrator. Most scripts ask for one.",
            "type": "str",
            "no_log": True,
        },
        "user": {"description": "A user to make.", "type": "dict", "options": _USER},
        "language": {
            "description": "Language and its form, such as V(de_DE.UTF-8), or V(de-DE) for Windows; that of the medium "
            "if left out, V(en_US) if it has several.",
            "type": "str",
        },
        # Ansible takes the name for that of a secret.
        "keyboard": {
            "description": "Layout of the keyboard, such as V(de); V(us) if left out, and always for Red Hat.",
            "type": "str",
            "no_log": False,
        },
        "timezone": {
            "description": "Time zone, such as V(Europe/Berlin); V(Etc/UTC) if left out.",
            "type": "str",
        },
        "product_key": {
            "description": "Product key, where the system wants one.",
            "type": "str",
            "no_log": True,
        },
        "script": {
            "description": [
                (
                    "Script of your own in place of that of libosinfo, in the words of the system's installer - a "
                    "preseed file for Debian, a kickstart file for Fedora and Red Hat, a profile of AutoYaST for "
                    "openSUSE, an answer file for Windows."
                ),
                "It has to end by a restart (Windows by a shutdown), and knows nothing of the options above.",
            ],
            "type": "str",
            "no_log": True,
        },
        "kernel_args": {
            "description": "What the installer's kernel is told besides, such as V(console=ttyS0). On a serial port "
            "Debian's installer speaks English alone, and asks for the language if another is wanted.",
            "type": "str",
        },
        "wait": {
            "description": "Whether the run waits until the installation has ended. If not, a later run notes the end "
            "and starts the VM.",
            "type": "bool",
            "default": True,
        },
        "timeout": {
            "description": "How many seconds the run waits. The installation goes on after that, and so does the next "
            "run.",
            "type": "int",
            "default": 3600,
        },
        "overwrite": {
            "description": [
                (
                    "Whether what is on the disks may be lost. Without it, a VM with a disk that was there before is "
                    "refused, since an installer may take any of them; attach it when the system is installed."
                ),
                (
                    "An installation that was cut off, as by a power failure of the host, is begun anew. Without it "
                    "the run fails and says so. Say it for one run."
                ),
            ],
            "type": "bool",
            "default": False,
        },
    },
}

# What installers ask, beside the user.
_ASKED = ("hostname", "admin_password", "language", "keyboard", "timezone", "product_key")
_USERS = {"name": "user", "full_name": "user_realname", "password": "user_password"}


@dataclass(frozen=True)
class Install:
    """An installation as it is wanted; `timeout` in seconds. `answers` are by the names of `Answers`."""

    profile: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)
    script: str | None = field(default=None, repr=False)
    kernel_args: str = ""
    wait: bool = True
    timeout: int = 3600
    overwrite: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Install:
        """Return what the option says."""
        said = {key: value for key, value in params.items() if value is not None}
        answers = {key: said[key] for key in _ASKED if key in said}
        user = {key: value for key, value in (said.get("user") or {}).items() if value is not None}
        if user:
            answers.update({_USERS[key]: value for key, value in {"full_name": user["name"], **user}.items()})
        own = ("profile", "script", "kernel_args", "wait", "timeout", "overwrite")
        return cls(answers=answers, **{key: said[key] for key in own if key in said})
