# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check what no linter knows about this project; print one line for each thing that is wrong."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from tools.link import ROOT
from tools.testing.sanity import tracked

ACTION_GROUP = "kvm"
# VMs are made by the playbook that site imports, volumes with the VMs and templates that need them. Moving disks
# is done when it is needed, and not described.
NOT_IN_SITE = {"kvm_fleet", "kvm_migrate", "kvm_vm", "kvm_volume"}
FRAGMENT = "kvmops.datacenter.kvm"
LARGEST = 300 * 1024
HEADER = (
    "# Copyright: (c) ",
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
)
REGISTRIES = re.compile(
    r"\b(pypi|pythonhosted|(deb|security|ftp)\.debian|(archive|security)\.ubuntu|galaxy\.ansible|docker|quay|npmjs|crates)"
    r"\.(org|com|io)\b"
)
UNFINISHED = {
    "an unfinished spot": re.compile(r"\b(TO[D]O|FIX[M]E|XX[X])\b"),
    "a silenced linter": re.compile(r"# ?(no[q]a|type: ?ign[o]re|pylint: ?dis[a]ble|nos[e]c)\b"),
    "a test that may not run": re.compile(r"\b(pytest\.(mark\.)?(sk[i]p|sk[i]pif|xf[a]il)|importorsk[i]p)\b"),
    "an ignored error": re.compile(r"^\s*ignore_err[o]rs: *(true|yes)\b", re.MULTILINE),
}


def text_of(file: Path) -> str:
    """Return the text of a file, empty for a binary one."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def constant(source: str, name: str) -> str:
    """Return the string that a module assigns to a name at top level, empty when it does not."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == [name]:
            return str(ast.literal_eval(node.value))
    return ""


def modules(root: Path) -> dict[str, Path]:
    """Return the collection's modules by name."""
    return {file.stem: file for file in sorted(root.glob("plugins/modules/*.py")) if file.stem != "__init__"}


def action_group_problems(root: Path) -> Iterator[str]:
    """Find modules that are not in the action group, and names in it that are no modules."""
    runtime = yaml.safe_load((root / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    grouped, present = set(runtime["action_groups"][ACTION_GROUP]), set(modules(root))
    yield from (f"meta/runtime.yml: {name} is missing in the action group" for name in sorted(present - grouped))
    yield from (f"meta/runtime.yml: the action group names {name}, no module" for name in sorted(grouped - present))


def tasks_in(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Go through tasks, those inside blocks included."""
    for entry in entries:
        parts = [entry[part] for part in ("block", "rescue", "always") if part in entry]
        yield from tasks_in(task for part in parts for task in part) if parts else [entry]


def site_problems(root: Path) -> Iterator[str]:
    """Find modules of which the playbook of the whole datacenter, and the roles that it stands on, make nothing."""
    plays = yaml.safe_load((root / "playbooks" / "site.yml").read_text(encoding="utf-8"))
    roles = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(root.glob("roles/*/tasks/*.yml"))]
    lists = [*(play.get("tasks", []) for play in plays), *roles]
    used = {name.rpartition(".")[2] for tasks in lists for task in tasks_in(tasks) for name in task}
    wanted = {name for name in modules(root) if not name.endswith("_info")} - NOT_IN_SITE
    yield from (f"playbooks/site.yml: there is no task of {name}" for name in sorted(wanted - used))


def readme_problems(root: Path) -> Iterator[str]:
    """Find modules that no row of a table in the README names."""
    text = (root / "README.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    missing = [name for name in modules(root) if not any(f"`{name}`" in row for row in rows)]
    yield from (f"README.md: no row of a table names {name}" for name in missing)


def attributes_of(module: str) -> str:
    """Return the fragment that tells what a module of this name does in check mode."""
    return "info_attributes" if module.endswith("_info") else "attributes"


def fragment_problems(root: Path) -> Iterator[str]:
    """Find modules that do not build on the shared documentation."""
    for name, file in modules(root).items():
        documentation = yaml.safe_load(constant(text_of(file), "DOCUMENTATION") or "{}")
        wanted = {f"{FRAGMENT}.{part}" for part in ("actiongroup", "connection", attributes_of(name))}
        missing = sorted(wanted - set(documentation.get("extends_documentation_fragment", [])))
        yield from (f"{name}: the documentation does not extend the fragment {fragment}" for fragment in missing)


def role_problems(root: Path) -> Iterator[str]:
    """Find roles without a page, a declared interface or a scenario."""
    for role in sorted(path for path in root.glob("roles/*") if path.is_dir()):
        for needed in ("README.md", "meta/argument_specs.yml"):
            if not (role / needed).is_file():
                yield f"roles/{role.name}: {needed} is missing"
        if not (root / "extensions" / "molecule" / role.name / "molecule.yml").is_file():
            yield f"roles/{role.name}: there is no Molecule scenario of this name"


def header_problems(name: str, text: str) -> Iterator[str]:
    """Find a Python file without the licence header in its first lines."""
    if name.endswith(".py") and text:
        lines = text.splitlines()[:6]
        if not all(any(line.startswith(start) for line in lines) for start in HEADER):
            yield f"{name}: the licence header is missing"


def word_problems(name: str, text: str, root: Path) -> Iterator[str]:
    """Find hosts of package registries, this checkout's own path, and what is not finished."""
    if REGISTRIES.search(text):
        yield f"{name}: names the host of a package registry"
    if f"{root}/" in text:
        yield f"{name}: names a folder of this machine"
    yield from (f"{name}: {what}" for what, pattern in UNFINISHED.items() if pattern.search(text))


def file_problems(root: Path, names: Iterable[str]) -> Iterator[str]:
    """Find what is wrong with single files."""
    for name in names:
        size = (root / name).stat().st_size
        if size > LARGEST:
            yield f"{name}: {size // 1024} KiB, more than {LARGEST // 1024}"
        text = text_of(root / name)
        yield from header_problems(name, text)
        if name != "LICENSE":
            yield from word_problems(name, text, root)


def problems(root: Path = ROOT) -> list[str]:
    """Return all that is wrong, one sentence each."""
    checks = (action_group_problems, site_problems, readme_problems, fragment_problems, role_problems)
    whole = [check(root) for check in checks]
    return [problem for found in [*whole, file_problems(root, tracked(root))] for problem in found]


def main() -> None:
    """Print all that is wrong; the exit status is 1 when there is anything."""
    found = problems()
    print("\n".join(found or ["nothing to complain about"]))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
