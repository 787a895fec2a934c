# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins with libosinfo's own calls.

The library is none of Python's packages, and a host's database changes with its updates.
"""

from __future__ import annotations

from typing import Any

GIB = 1024**3


class Told:
    """An object that answers get_x(), is_x() or x() with what it was made of, whatever it is given."""

    def __init__(self, **answers: Any) -> None:
        for name, answer in answers.items():
            setattr(self, name, lambda *_arguments, said=answer, **_named: said)


def items(*found: Told) -> Told:
    """A list as libosinfo has them (OsinfoList)."""
    listed = Told(get_length=len(found))
    vars(listed)["get_nth"] = found.__getitem__
    return listed


def system(
    recommended: tuple[Told, ...] = (),
    minimum: tuple[Told, ...] = (),
    devices: tuple[str, ...] = (),
    firmware: tuple[Told, ...] = (),
    short: str = "wonder1",
) -> Told:
    return Told(
        get_name=f"Wonder OS ({short})",
        get_id=f"http://wonder.example/{short}",
        get_param_value_list=[short, f"{short}-codename"],
        get_recommended_resources=items(*recommended),
        get_minimum_resources=items(*minimum),
        get_all_devices=items(*(Told(get_id=device) for device in devices)),
        get_complete_firmware_list=items(*firmware),
    )


class Script(Told):
    """A script as libosinfo has it: it writes what it is told, in lines, and how it is to come to the installer."""

    def __init__(self, profile: str, *asked: str, name: str = "answers", methods: int = 8, mended: str = "") -> None:
        params = [Told(get_name=word.rstrip("!"), is_required=word.endswith("!")) for word in asked]
        super().__init__(
            get_profile=profile,
            get_id=f"http://wonder.example/{profile}",
            get_config_param_list=params,
            get_injection_methods=methods,
            get_expected_filename=name,
        )
        self.mended = mended
        self.source, self.method = "", 0

    def set_installation_source(self, source: str) -> None:
        self.source = source

    def set_preferred_injection_method(self, method: int) -> None:
        self.method = method

    def generate_for_media(self, _medium: Any, config: Any, _cancellable: Any) -> str:
        if "broken" in self.mended:
            raise Failure("no such template")
        lines = [f"{word}={said}" for word, said in sorted(config.said.items())]
        return "\n".join([f"from {self.source} by {self.method}", *lines, self.mended])

    def generate_command_line_for_media(self, _medium: Any, config: Any) -> str:
        return f"  ks=/{config.said['hostname']}\n"


class Failure(Exception):
    """An error of GLib's."""


class Config:
    """What an installer is told (OsinfoInstallConfig)."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}

    def set_param(self, word: str, said: str) -> None:
        self.said[word] = said


class Medium(Told):
    """A medium as libosinfo has it once it knows it; it keeps what it was told before."""

    def __init__(
        self, *own: Script, of_system: tuple[Script, ...] = (), installer: bool = True, takes: bool = True, **more: Any
    ) -> None:
        system = Told(get_short_id="wonder1", get_install_script_list=items(*of_system))
        answers: dict[str, Any] = {
            "get_os": system,
            "get_architecture": None,
            "get_live": True,
            "get_installer": installer,
            "get_kernel_path": None,
            "get_initrd_path": "boot/initrd",
            "get_install_script_list": items(*own),
            "get_installer_reboots": 1,
            "get_languages": [],
            "get_param_value_boolean_with_default": takes,
        }
        super().__init__(**{**answers, **more})
        self.ids: dict[str, Any] = {}

    def set_param(self, word: str, said: str) -> None:
        self.ids[word] = said

    set_param_int64 = set_param

    def get_volume_size(self) -> int:
        return int(self.ids["volume-size"])


# As libosinfo numbers them.
METHODS = Told()
vars(METHODS).update(CDROM=1, DISK=2, FLOPPY=4, INITRD=8)
SOURCES = Told()
vars(SOURCES).update(MEDIA="media")


class Host:
    """A host's libraries, with the systems that its libosinfo knows."""

    def __init__(self, *names: str, typelib: bool = True) -> None:
        self.systems = items(*(system(short=name) for name in names))
        self.typelib = typelib
        self.loads = 0
        self.medium = Medium()

    def library(self, name: str, _package: str) -> Any:
        known = Told(Loader=self, Media=self.medium)
        enumerations = {"InstallScriptInjectionMethod": METHODS, "InstallScriptInstallationSource": SOURCES}
        vars(known).update(enumerations, InstallConfig=Config)
        errors = Told()
        vars(errors)["Error"] = Failure
        return {"gi": self, "gi.repository.Libosinfo": known, "gi.repository.GLib": errors}[name]

    def require_version(self, name: str, version: str) -> None:
        if not self.typelib:
            raise ValueError(f"Namespace {name} not available for version {version}")

    def process_default_path(self) -> None:
        self.loads += 1

    def get_db(self) -> Told:
        known = Told(get_os_list=self.systems)
        vars(known)["identify_media"] = lambda medium: medium.ids["volume-id"] == "WONDER"
        return known
