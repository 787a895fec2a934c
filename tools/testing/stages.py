# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of `make test`: what each runs, and how its tests are counted."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tools.testing.runner import Runner
from tools.testing.sanity import sanity, tracked
from tools.testing.tally import Tally, of_junit, of_molecule

LAB = "tests/lab/lab"
INVENTORY = "inventories/lab"
VM_TIER = "tests/vm_tier"
# Seconds that the tests of one folder may take.
LIMIT = 2700.0


def shell_scripts(root: Path) -> list[str]:
    """Return the project's files that a shell runs."""
    shells = (b"#!/bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash")
    return [name for name in tracked(root) if (root / name).read_bytes()[:20].startswith(shells)]


def linters(runner: Runner) -> dict[str, list[str]]:
    """Return each linter's name and command."""
    linked = str(Path(runner.env["ANSIBLE_COLLECTIONS_PATH"], "ansible_collections", "kvmops", "datacenter"))
    return {
        "ruff": ["ruff", "check", "."],
        "ruff-format": ["ruff", "format", "--check", "."],
        "mypy-plugins": ["mypy", f"{linked}/plugins"],
        "mypy-tools": ["mypy", "conftest.py", "tools"],
        "mypy-tests": ["mypy", "tests", "--exclude", "^tests/lab/"],
        "mypy-lab": ["mypy", "--package", "kvmlab"],
        "yamllint": ["yamllint", "--strict", "."],
        "ansible-lint": ["ansible-lint", "--offline", "--strict"],
        "antsibull-docs": ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", "."],
        "antsibull-changelog": ["antsibull-changelog", "lint"],
        "shellcheck": ["shellcheck", "--exclude=SC1091", *shell_scripts(runner.root)],
        "check-repo": [sys.executable, "-m", "tools.check_repo"],
        "docs-check": [sys.executable, "-m", "tools.docs_check"],
    }


def lint(runner: Runner) -> Tally:
    """Run every linter; each counts as one test."""
    total = Tally()
    for name, command in linters(runner).items():
        print(f"-- {name}", flush=True)
        total += Tally(0, [name]) if runner.run(f"lint-{name}", command) else Tally(1)
    return total


def pytest(runner: Runner, folder: str, *options: str) -> Tally:
    """Run the tests of a folder with pytest and count them."""
    name = folder.replace("/", "-")
    junit = runner.fresh(f"{name}.xml")
    command = ["pytest", folder, f"--junitxml={junit}", "-ra", "--durations=5", *options]
    code = runner.run(name, command, limit=LIMIT)
    return (of_junit([junit]) if junit.exists() else Tally()).with_exit(code, f"pytest {folder}")


def unit(runner: Runner) -> Tally:
    """Run the unit tests in two processes."""
    return pytest(runner, "tests/unit", "-n", "2")


def on_lab(folder: str, inventory: str = INVENTORY) -> Callable[[Runner], Tally]:
    """Return a stage that runs the tests of a folder against the lab's hosts, with pytest-ansible."""
    ansible = ("-p", "pytest_ansible.plugin", "--ansible-unit-inject-only", "--ansible-inventory", inventory)
    return lambda runner: pytest(runner, folder, *ansible)


def lab(*verb: str) -> Callable[[Runner], Tally]:
    """Return a stage that runs the lab's program with a verb; it counts as one test."""
    words = " ".join(verb)

    def stage(runner: Runner) -> Tally:
        code = runner.run(f"lab-{verb[0]}", [LAB, *verb])
        return Tally(int(code == 0)).with_exit(code, f"{LAB} {words}")

    return stage


def vm_tier(runner: Runner) -> Tally:
    """Bring up the lab's host that is a whole VM, and run the tests that need its kernel."""
    there = lab("up", "--vm")(runner)
    return there if there.failed else there + on_lab(VM_TIER, f"{VM_TIER}/inventory.yml")(runner)


def molecule(runner: Runner) -> Tally:
    """Run all scenarios, which share the lab that the scenario `default` brings up and down.

    Molecule's notes of what it has created are this run's own: those of a run that was cut off, even one in another
    checkout of the same folder name, would make it skip the first step.
    """
    scenarios = [file.parent.name for file in runner.root.glob("extensions/molecule/*/molecule.yml")]
    notes = runner.root / ".cache" / "molecule"
    shutil.rmtree(notes, ignore_errors=True)
    env = {**runner.env, "MOLECULE_EPHEMERAL_DIRECTORY": str(notes)}
    code = runner.run("molecule", ["molecule", "test", "--all", "--report"], env=env)
    output = runner.log("molecule").read_text(encoding="utf-8", errors="replace")
    return of_molecule(output, sorted(scenarios)).with_exit(code, "molecule")


STAGES: dict[str, Callable[[Runner], Tally]] = {
    "lint": lint,
    "sanity": sanity,
    "unit": unit,
    "lab-clear": lab("down"),
    "lab-up": lab("up"),
    "integration": on_lab("tests/integration"),
    "faults": on_lab("tests/faults"),
    "lab-reset": lab("reset"),
    "molecule": molecule,
    "lab-lifecycle": lambda runner: pytest(runner, "tests/lab_lifecycle"),
    "lab-down": lab("down"),
    "benchmarks": on_lab("tests/benchmarks"),
    "vm-tier": vm_tier,
}
EVERYTHING = tuple(name for name in STAGES if name not in {"benchmarks", "vm-tier"})
WITHOUT_LAB = frozenset({"lint", "sanity", "unit"})
UNDISTURBED = frozenset({"benchmarks"})
NEEDS_LAB = frozenset({"integration", "faults", "benchmarks", "vm-tier"})
