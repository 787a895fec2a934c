# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run modules on the lab's hosts by Ansible itself, inside the test's process: no start of a program a call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_ansible.host_manager.v213 import HostManagerV213
from pytest_ansible.module_dispatcher.v213 import ModuleDispatcherV213

ROOT = Path(__file__).resolve().parents[3]
COLLECTION = "kvmops.datacenter"

# What pytest-ansible takes for an inventory where none was named.
_NO_INVENTORY = "/etc/ansible/hosts"

# How long a module in the background may take, in seconds.
_PATIENCE = 120

# What Ansible says of every module that ended by its own fail_json.
_NO_TRACEBACK = "(traceback unavailable)"


class Dispatcher(ModuleDispatcherV213):
    """pytest-ansible's way to run a module, with check and diff mode."""

    def _build_play_ds(self, complex_args: dict[str, Any]) -> dict[str, Any]:
        return {
            "name": "Run one module",
            "hosts": self.options["host_pattern"],
            "gather_facts": False,
            "check_mode": self.options["check"],
            "diff": self.options["diff"],
            "tasks": [{self.options["module_name"]: complex_args, **self.options["keywords"]}],
        }


def inventory_of(config: pytest.Config) -> str:
    """Return the inventory named on the command line, else the lab's own."""
    named = config.getoption("ansible_inventory", _NO_INVENTORY)
    return str(ROOT / "inventories" / "lab") if named == _NO_INVENTORY else str(named)


class Modules:
    """Call it with a host and a module to run that module there and get its result, also that of one that failed."""

    def __init__(self, config: pytest.Config) -> None:
        plugin = config.pluginmanager.getplugin("ansible")
        manager: HostManagerV213 = plugin.initialize(config, inventory=inventory_of(config))
        self._options: dict[str, Any] = manager.options

    def __call__(self, host: str, module: str, check: bool = False, diff: bool = False, **args: Any) -> dict[str, Any]:
        """Return the module's result, with `failed` and `changed` always in it; a name without dots is one of ours."""
        return self._run(host, module, args, check=check, diff=diff)

    def begin(self, host: str, module: str, **args: Any) -> Callable[[], dict[str, Any]]:
        """Begin to run a module on a host, and return what waits for its result: for what sleeps more than it works."""
        job = self._run(host, module, args, keywords={"async": _PATIENCE, "poll": 0})["ansible_job_id"]

        def finished() -> dict[str, Any]:
            deadline = time.monotonic() + _PATIENCE
            while not (status := self(host, "ansible.builtin.async_status", jid=job))["finished"]:
                assert time.monotonic() < deadline, (module, args)
                time.sleep(0.5)
            self(host, "ansible.builtin.async_status", jid=job, mode="cleanup")
            return status

        return finished

    def _run(self, host: str, module: str, args: Mapping[str, Any], **how: Any) -> dict[str, Any]:
        name = module if "." in module else f"{COLLECTION}.{module}"
        options = {**self._options, "check": False, "diff": False, "keywords": {}, **how, "host_pattern": host}
        result = plain(getattr(Dispatcher(**options), name)(**args).contacted[host])
        if result.get("exception") == _NO_TRACEBACK:
            del result["exception"]
        return {"failed": False, "changed": False, **result}


def plain(value: Any) -> Any:
    """Return a result without the tags that Ansible puts on what comes from hosts."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    for kind in (str, float, int):
        if isinstance(value, kind) and not isinstance(value, bool):
            return kind(value)
    return value
