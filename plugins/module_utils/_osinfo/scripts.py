# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts of libosinfo that answer what an installer asks, so that nobody has to sit beside it (OsinfoInstallScript).

They are preseeds, kickstarts, profiles of AutoYaST and answer files of Windows. The values in them are written as they
are, also between quotes of shells: so each value has a rule (`answers.py`), and what breaks it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Callable

from .._errors import KvmError, Refused
from .._values import dataclass
from .answers import Answers, checked, options_of
from .database import glib, libosinfo
from .media import medium_of, scripts_of
from .mending import mended

INITRD, CDROM = "initrd", "cdrom"
_DEFAULT_PROFILE = "jeos"

# What installers would ask for otherwise, or take for an error.
_LANGUAGE = "en_US"
_OTHERWISE = {"l10n-keyboard": "us", "l10n-timezone": "Etc/UTC"}
# What is said anyway.
_SAID = {"hardware-arch", "l10n-language", *_OTHERWISE}
# Empty values tell the scripts of Linux to make no user; those of Windows make one as soon as there is a value.
_NOBODY = ("user-login", "user-password", "user-realname")

# Windows takes no longer name for a computer.
_NETBIOS = 15


@dataclass(frozen=True)
class Script:
    """What an unattended installation takes: files by their names, and how they come to the installer.

    `method` is "initrd" (the files are added to the installer's initrd, which is started with `command_line`; `kernel`
    and `initrd` are paths in the medium) or "cdrom" (the files are on a CD-ROM of their own; the medium starts itself,
    and the other words are empty). `reboots` says how often the installer starts the machine anew.
    """

    os: str
    profile: str
    method: str
    files: Mapping[str, str] = field(repr=False)
    command_line: str = field(repr=False)
    kernel: str
    initrd: str
    reboots: int


def script_for(
    ids: Mapping[str, str], size: int, profile: str | None, answers: Answers, own: str | None = None
) -> Script:
    """Return what installs from a medium unattended; `ids` and `size` as `identified` takes them.

    `profile` is jeos, the least, or else the first by name where it is None. `own` is a user's script, which takes the
    place of libosinfo's and comes to the installer as that would. Refused where libosinfo does not know the
    medium, has no such script for it, or an answer is missing or cannot be handed over. KvmError where the library is
    not there.
    """
    said = checked(answers)
    medium = medium_of(ids, size)
    if medium is None:
        raise Refused(
            "The installation medium is not known to libosinfo on this host; update the package osinfo-db, or leave "
            "install out and install by hand."
        )
    scripts = _of_profile(medium, profile)
    method = _method(medium, scripts)
    if own is None:
        _require_answers(medium, scripts, said)
        if method == CDROM:
            _require_short(medium, scripts, said)
        return _written(medium, scripts, method, said)
    script = _written(medium, scripts[:1], method, said)
    return replace(script, files=dict.fromkeys(script.files, own))


def _of_profile(medium: Any, profile: str | None) -> list[Any]:
    """Return the scripts of a profile, which may need several files."""
    what = f"The installation medium ({medium.get_os().get_short_id()})"
    found = scripts_of(medium)
    if not found:
        why = "takes no script" if medium.get_installer() else "is no installer"
        raise Refused(f"{what} {why}, as libosinfo knows it; choose another medium, or leave install out.")
    names = sorted({script.get_profile() for script in found})
    wanted = profile or (_DEFAULT_PROFILE if _DEFAULT_PROFILE in names else names[0])
    if wanted not in names:
        raise Refused(f"{what} has no script for install.profile '{wanted}'; choose {' or '.join(names)}.")
    return [script for script in found if script.get_profile() == wanted]


def _method(medium: Any, scripts: Sequence[Any]) -> str:
    """Return how all the scripts can come to the installer."""
    methods = libosinfo().InstallScriptInjectionMethod
    if all(script.get_injection_methods() & methods.INITRD for script in scripts):
        if not medium.get_kernel_path() or not medium.get_initrd_path():
            raise Refused(
                f"libosinfo does not say where kernel and initrd are on the installation medium "
                f"({medium.get_os().get_short_id()}), which its script needs; choose another medium, or leave install "
                "out."
            )
        return INITRD
    if all(script.get_injection_methods() & methods.CDROM for script in scripts):
        return CDROM
    raise Refused(
        f"{_called(medium, scripts)} takes its script neither in its initrd nor on a CD-ROM, but on a floppy disk; "
        "choose another medium, or leave install out."
    )


def _called(medium: Any, scripts: Sequence[Any]) -> str:
    return f"install.profile '{scripts[0].get_profile()}' of {medium.get_os().get_short_id()}"


def _require_answers(medium: Any, scripts: Sequence[Any], said: Mapping[str, str]) -> None:
    """Refuse where scripts ask for what nobody has said (OsinfoInstallConfigParam: its policy)."""
    asked = {item.get_name() for script in scripts for item in script.get_config_param_list() if item.is_required()}
    if asked & {"user-login", "user-realname"}:
        asked.add("user-password")
    missing = options_of(asked - said.keys() - _SAID)
    if missing:
        raise Refused(f"{_called(medium, scripts)} asks for {', '.join(missing)}; say it.")


def _require_short(medium: Any, scripts: Sequence[Any], said: Mapping[str, str]) -> None:
    name = said.get("hostname", "")
    taken = any(item.get_name() == "hostname" for script in scripts for item in script.get_config_param_list())
    if taken and len(name) > _NETBIOS:
        raise Refused(
            f"install.hostname '{name}' is longer than the {_NETBIOS} characters that {medium.get_os().get_short_id()} "
            "takes; shorten it."
        )


def _written(medium: Any, scripts: Sequence[Any], method: str, said: Mapping[str, str]) -> Script:
    system, config = medium.get_os(), _config(medium, method, said)
    for script in scripts:
        _prepare(script, method)
    injected = method == INITRD
    return Script(
        os=system.get_short_id(),
        profile=scripts[0].get_profile(),
        method=method,
        files={script.get_expected_filename(): _content(script, medium, config) for script in scripts},
        command_line=_command_line(scripts, medium, config) if injected else "",
        kernel=medium.get_kernel_path() if injected else "",
        initrd=medium.get_initrd_path() if injected else "",
        reboots=max(medium.get_installer_reboots(), 0),
    )


def _prepare(script: Any, method: str) -> None:
    known = libosinfo()
    methods = known.InstallScriptInjectionMethod
    script.set_installation_source(known.InstallScriptInstallationSource.MEDIA)
    script.set_preferred_injection_method(methods.INITRD if method == INITRD else methods.CDROM)


def _config(medium: Any, method: str, said: Mapping[str, str]) -> Any:
    """Return the answers as libosinfo takes them (OsinfoInstallConfig)."""
    values = {"l10n-language": next(iter(medium.get_languages() or ()), _LANGUAGE), **_OTHERWISE, **said}
    if method == INITRD:
        values = {**dict.fromkeys(_NOBODY, ""), **values}
    else:
        # Windows asks for a drive letter; the scripts know that its own is C.
        del values["target-disk"]
    config = libosinfo().InstallConfig()
    for name, value in values.items():
        config.set_param(name, value)
    config.set_param("hardware-arch", medium.get_architecture() or "")
    return config


def _content(script: Any, medium: Any, config: Any) -> str:
    text = _generated(script, script.generate_for_media, medium, config, None)
    return mended(text, medium.get_volume_size())


def _command_line(scripts: Sequence[Any], medium: Any, config: Any) -> str:
    lines = (_generated(script, script.generate_command_line_for_media, medium, config) for script in scripts)
    return " ".join(" ".join(lines).split())


def _generated(script: Any, generate: Callable[..., str | None], *arguments: Any) -> str:
    """Return what libosinfo writes; its errors are in GLib's class, and say what is wrong with a template."""
    try:
        return generate(*arguments) or ""
    except glib().Error as error:
        raise KvmError(
            f"libosinfo cannot write its script {script.get_id()} ({error}); update the package osinfo-db."
        ) from error
