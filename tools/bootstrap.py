# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make .venv with what `make demo` or `make test` needs; a no-op when nothing has changed.

Standard library only: `python3 -m tools.bootstrap PROFILE` runs where nothing but Python and make is installed.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools import oslib, pipsettings, pythons

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
UV = "uv==0.13.8"
REQUIREMENTS = {"demo": "demo-requirements.txt", "test": "test-requirements.txt"}


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(f"==> {text}", flush=True)


def run(command: list[str], env: dict[str, str] | None = None) -> None:
    """Run a command with its output shown; end with one sentence when it fails."""
    try:
        subprocess.run(command, check=True, env=env)
    except (subprocess.CalledProcessError, OSError) as error:
        raise SystemExit(f"This command failed, see above: {' '.join(command)} ({error})") from None


def fingerprint(profile: str, root: Path = ROOT) -> str:
    """Return a key that changes whenever the environment for this profile must be made anew."""
    parts = [str(root), UV, profile]
    parts += [(root / name).read_text(encoding="utf-8") for name in sorted(REQUIREMENTS.values())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def stamp(profile: str) -> Path:
    """Return the file that says for which fingerprint this profile is installed."""
    return VENV / f".{profile}.stamp"


def installed(profile: str) -> bool:
    """Tell whether .venv has all that the profile needs."""
    with contextlib.suppress(OSError):
        return (VENV / "bin" / "python").exists() and stamp(profile).read_text() == fingerprint(profile)
    return False


def make_venv(python: str) -> None:
    """Make .venv with the given Python and uv in it; a half-made one is made anew."""
    complete = VENV / ".venv.stamp"
    wanted = f"{ROOT}\n{UV}\n"
    if complete.exists() and complete.read_text() == wanted and os.access(VENV / "bin" / "python", os.X_OK):
        return
    say(f"Python environment .venv with {python}")
    run([python, "-m", "venv", "--clear", str(VENV)])
    run([str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV])
    complete.write_text(wanted)


def uv_environment() -> dict[str, str]:
    """Return the environment for uv: this machine's Pythons and mirrors, and nothing downloaded but packages."""
    mirrors = pipsettings.for_uv(pipsettings.read(VENV / "bin" / "python"))
    ours = {"UV_PYTHON_DOWNLOADS": "never", "UV_INDEX_STRATEGY": "unsafe-best-match", "UV_NO_PROGRESS": "1"}
    return {**mirrors, **ours, **os.environ}


def install_packages(profile: str) -> None:
    """Install the pinned Python packages of the profile into .venv."""
    say(f"Python packages for make {profile} ({REQUIREMENTS[profile]})")
    target = ["--python", str(VENV / "bin" / "python"), "--requirement", str(ROOT / REQUIREMENTS[profile])]
    run([str(VENV / "bin" / "uv"), "pip", "install", *target], env=uv_environment())


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Wait until no other bootstrap works on this checkout."""
    folder = ROOT / ".cache"
    folder.mkdir(exist_ok=True)
    with (folder / "bootstrap.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def bootstrap(profile: str) -> None:
    """Install OS packages, .venv and Python packages, each only when something is missing."""
    needed = oslib.packages(ROOT, profile)
    if installed(profile) and not oslib.missing(needed):
        return
    with only_one():
        python = pythons.newest()
        oslib.install([*needed, *python.os_packages()], say)
        make_venv(python.path)
        install_packages(profile)
        stamp(profile).write_text(fingerprint(profile))


def main() -> None:
    """Prepare this machine for the profile that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile", choices=sorted(REQUIREMENTS), help="what to prepare for")
    try:
        bootstrap(parser.parse_args().profile)
    except (oslib.CannotInstall, pythons.NoPython) as problem:
        raise SystemExit(str(problem)) from None


if __name__ == "__main__":
    main()
