# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-test sanity: on a copy of the tree, in a home of its own, with what this machine has."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from tools import pipsettings, pythons
from tools.testing.runner import Runner
from tools.testing.tally import Tally, of_junit

SYSTEM_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
IMPOSSIBLE = re.compile(r"sanity::(compile|empty-init|import|pslint)-python-[\d.]+ \(skipped\)")
GET_PIP = '''\
"""Stand-in for get-pip.py: the pip that comes with Python fetches the wanted one from this machine's package index."""
import os
import subprocess
import sys

env = {key: value for key, value in os.environ.items() if key != "GET_PIP"}
pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
subprocess.check_call([sys.executable, "-m", "ensurepip"], env=env)
subprocess.check_call([*pip, *(word for word in sys.argv[1:] if "==" in word)], env=env)
'''


def tracked(root: Path) -> list[str]:
    """Return the files that belong to the project: those that git knows or would add."""
    command = ["git", "-C", str(root), "-c", f"safe.directory={root}", "ls-files", "-z"]
    done = subprocess.run([*command, "--cached", "--others", "--exclude-standard"], capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"{root} is not a git checkout: clone the project with git, the checks ask it for the files.")
    return [name for name in os.fsdecode(done.stdout).split("\0") if name and (root / name).is_file()]


def copy_tree(root: Path, names: Iterable[str], target: Path) -> None:
    """Copy these files to target, which is made anew: ansible-test refuses to work through a symbolic link.

    The copy is a git tree of its own; else ansible-test asks the outer one, which ignores the folder.
    """
    shutil.rmtree(target, ignore_errors=True)
    for name in names:
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, file, follow_symlinks=False)
    subprocess.run(["git", "init", "--quiet", str(target)], check=True)


def wanted_pips(site_packages: Path) -> set[str]:
    """Return the versions of pip that this ansible-test puts into its environments."""
    source = site_packages / "ansible_test" / "_internal" / "python_requirements.py"
    return set(re.findall(r"\bpip='([\d.]+)'", source.read_text(encoding="utf-8")))


def prepare_home(home: Path, runner: Runner) -> None:
    """Give ansible-test a home: pip's settings, which it takes from there alone, and a get-pip without a download."""
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in wanted_pips(Path(sysconfig.get_path("purelib"))):
        (cache / f"get_pip_{version.replace('.', '_')}.py").write_text(GET_PIP, encoding="utf-8")
    folder = home / ".config" / "pip"
    folder.mkdir(parents=True, exist_ok=True)
    settings = pipsettings.read(runner.bin / "python")
    (folder / "pip.conf").write_text(pipsettings.for_pip(settings), encoding="utf-8")


def search_path(runner: Runner) -> str:
    """Return a PATH with .venv and every Python that answers: a version manager's shims end ansible-test."""
    found = [str(Path(python.path).parent) for python in pythons.installed() if python.ensurepip and not python.in_venv]
    return os.pathsep.join(dict.fromkeys([str(runner.bin), *found, *SYSTEM_PATH]))


def without_the_impossible(tally: Tally) -> Tally:
    """Return the tally without what there is nothing of to test: Pythons not on this machine, PowerShell, packages."""
    return Tally(tally.passed, [name for name in tally.failed if not IMPOSSIBLE.fullmatch(name)])


def sanity(runner: Runner) -> Tally:
    """Run all sanity tests with all Pythons of this machine; each test is counted once for each Python."""
    tree = runner.root / "build" / "ansible_collections" / "kvmops" / "datacenter"
    home = runner.root / ".cache" / "ansible-test"
    prepare_home(home, runner)
    keep = {key: value for key, value in runner.env.items() if not key.startswith("ANSIBLE_")}
    env = {**keep, "HOME": str(home), "PATH": search_path(runner)}
    command = [str(runner.bin / "ansible-test"), "sanity", "--venv", "--junit", "--color", "no"]
    with (home / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        copy_tree(runner.root, tracked(runner.root), tree)
        code = runner.run("sanity", command, cwd=tree, env=env)
        tally = of_junit((tree / "tests" / "output" / "junit").glob("*.xml"))
    return without_the_impossible(tally).with_exit(code, "ansible-test sanity")
