# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine's own apt: where its packages come from, what it knows, and installing what the lab needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from kvmlab.errors import LabError
from kvmlab.run import attempt, run

FORMAT = "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)"
KEPT_SETTINGS = re.compile(
    r"Acquire::(Check-Valid-Until|Check-Date|Retries|ForceIPv4|ForceIPv6|Languages"
    r"|https?::(Proxy|Proxy-Auto-Detect|Timeout|Verify-Peer|Verify-Host|CAInfo)[^ ]*) "
)
OPTIONS = ("-o", "DPkg::Lock::Timeout=300")


def os_release(text: str) -> dict[str, str]:
    """The fields of /etc/os-release."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {key: value.strip().strip("'\"") for key, value in pairs}


def machine_release() -> tuple[str, str]:
    """The machine's distribution and codename, as (Debian, bookworm); raises LabError for others than apt's."""
    fields = os_release(Path("/etc/os-release").read_text())
    origin = {"debian": "Debian", "ubuntu": "Ubuntu"}.get(fields.get("ID", ""))
    codename = fields.get("VERSION_CODENAME", "")
    if not origin or not codename:
        name = fields.get("PRETTY_NAME", "this system")
        raise LabError(f"The lab runs on Debian and Ubuntu, not on {name}: use a machine with one of these.")
    return origin, codename


def source_lines(targets: str, origin: str) -> list[str]:
    """One-line sources of the distribution itself, from what `apt-get indextargets` printed in FORMAT.

    apt has read its own files by then, of either form, so that nothing of this has to be done again here;
    sources of third parties have another origin and are left out.
    """
    rows = (row.split("|") for row in targets.splitlines() if row.count("|") == 3)
    found: dict[str, list[str]] = {}
    for name, uri, release, component in rows:
        components = found.setdefault(f"deb {uri} {release}", []) if name == origin else []
        if component not in components:
            components.append(component)
    return [" ".join([source, *components]) for source, components in found.items()]


def sources() -> list[str]:
    """The machine's own sources of its distribution; refreshes apt's lists when they are not there yet."""
    origin, codename = machine_release()
    for refresh in (False, True):
        if refresh:
            update()
        listing = run(["apt-get", "indextargets", "--format", FORMAT, "Created-By: Packages"], "read apt's sources")
        lines = source_lines(listing, origin)
        if any(f" {codename} " in line for line in lines):
            return lines
    raise LabError(f"apt has no source for {origin} {codename}: add one to /etc/apt/sources.list.d and try again.")


def settings(dump: str) -> list[str]:
    """The lines of `apt-config dump` that decide how packages are fetched (proxies, checks of dates)."""
    return [line.rstrip(";") for line in dump.splitlines() if KEPT_SETTINGS.match(line)]


def update() -> None:
    run(["apt-get", *OPTIONS, "update", "-q"], "refresh apt's lists")


def candidates(policy: str) -> set[str]:
    """The packages that apt could install, from what `apt-cache policy` printed."""
    found = re.findall(r"^(\S+):\n  Installed: .*\n  Candidate: (.*)$", policy, re.MULTILINE)
    return {name for name, version in found if version != "(none)"}


def known(packages: Sequence[str]) -> set[str]:
    """Those of the packages that apt could install."""
    return candidates(run(["apt-cache", "policy", *packages], "look up packages"))


def install(packages: Iterable[str]) -> None:
    """Install packages on this machine."""
    wanted = sorted(packages)
    if known(wanted) != set(wanted):
        update()
    if attempt(["dpkg", "--audit"]).stdout.strip():
        run(["dpkg", "--configure", "-a"], "finish an interrupted installation of packages")
    run(["apt-get", *OPTIONS, "install", "-y", "-q", "--no-install-recommends", *wanted], f"install {' '.join(wanted)}")
