# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's guests as an inventory, and the way to them through their hypervisor."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.addresses import addresses_from
from ansible_collections.kvmops.datacenter.plugins.module_utils._wait import wait_for

from tests.integration.support.fixtures import TEMPLATE, succeed
from tests.integration.support.lab import SSH, Lab
from tests.integration.support.modules import Modules

KEY = Path("/var/lib/kvmops-lab/id_ed25519")
# The first time is for the guests of an emulated machine with nothing else to do.
BOOT = 120
# An address of the lab's network that no host has.
NOBODY = "h9"
NEW_GUESTS = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ansible(tmp_path: Path) -> Run:
    """Run one of Ansible's programs on an inventory of the lab: `ansible("ansible-inventory", "--list")`."""

    def run(program: str, *words: str, hypervisors: tuple[str, ...] = ("h1", "h2", "h3"), **options: Any) -> Any:
        file = tmp_path / "kvm.yml"
        config = {
            "plugin": "kvmops.datacenter.kvm",
            "hypervisors": list(hypervisors),
            "uri_template": f"qemu+ssh://root@{{host}}/system?command={SSH}",
            **options,
        }
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        command = [program, "-i", str(file), *words]
        null = subprocess.DEVNULL
        return subprocess.run(
            command, stdin=null, capture_output=True, text=True, check=False, timeout=120, cwd=tmp_path
        )

    return run


def listed(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return what ansible-inventory --list says, without its marks on words that are no templates."""
    assert done.returncode == 0, done.stderr

    def plain(value: dict[str, Any]) -> Any:
        return value.get("__ansible_unsafe", value)

    found: dict[str, Any] = json.loads(done.stdout, object_hook=plain)
    return found


def of_test(inventory: dict[str, Any], prefix: str) -> dict[str, list[str]]:
    """Return the groups in which a test's guests are."""
    groups = {name: group.get("hosts", []) for name, group in inventory.items()}
    found = {name: sorted(host for host in hosts if host.startswith(prefix)) for name, hosts in groups.items()}
    return {name: hosts for name, hosts in found.items() if hosts}


def fleet(lab_module: Modules, prefix: str, host: str, vms: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Make VMs and return their facts by name."""
    defaults = {
        "template": TEMPLATE,
        "memory": "128MiB",
        "tags": ["of mine"],
        "timeout": BOOT,
        "cloud_init": {"ssh_authorized_keys": [KEY.with_suffix(".pub").read_text(encoding="utf-8").strip()]},
    }
    made = succeed(lab_module(host, "kvm_fleet", fleet=f"{prefix}fleet", defaults=defaults, vms=vms))
    return {vm["name"]: vm for vm in made["vms"]}


def test_guests_are_found_with_their_addresses(
    lab: Lab, lab_module: Modules, prefix: str, ready: str, ansible: Run
) -> None:
    on, off = f"{prefix}on", f"{prefix}off"
    vms = [{"name": on, "state": "running", "wait_for": "ip"}, {"name": off}]
    made = fleet(lab_module, prefix, ready, vms)
    inventory = listed(ansible("ansible-inventory", "--list"))
    safe = prefix.replace("-", "_")
    assert of_test(inventory, prefix) == {
        "kvm_guests": [off, on],
        f"on_{ready}": [off, on],
        f"fleet_{safe}fleet": [off, on],
        f"template_{TEMPLATE.replace('-', '_')}": [off, on],
        "tag_of_mine": [off, on],
        "state_running": [on],
        "state_stopped": [off],
    }
    told = inventory["_meta"]["hostvars"]
    (card,) = lab.domain(ready, on).interfaceAddresses(0).values()
    assert told[on]["ansible_host"] == card["addrs"][0]["addr"]
    assert told[on]["kvm_unreachable"] == []
    assert "ansible_host" not in told[off]
    for key in ("uuid", "vcpus", "memory", "disks", "template"):
        assert told[on][f"kvm_{key}"] == made[on][key]

    domain = lab.domain(ready, on)
    wait_for(lambda: addresses_from(domain, "agent"), BOOT, f"{on} told no address")
    asked = listed(ansible("ansible-inventory", "--list", hypervisors=(ready,), addresses=["agent"]))
    assert asked["_meta"]["hostvars"][on]["ansible_host"] == card["addrs"][0]["addr"]


def test_guests_are_reached_through_their_hypervisor(
    lab_module: Modules, prefix: str, ready: str, ansible: Run, tmp_path: Path
) -> None:
    name = f"{prefix}$(touch here); x"
    vm = {"name": name, "state": "running", "wait_for": "ssh"}
    (nic,) = fleet(lab_module, prefix, ready, [vm])[name]["nics"]
    login = {"ansible_user": "'root'", "ansible_ssh_extra_args": repr(f"{NEW_GUESTS} -i {KEY}")}
    ask = ("-m", "raw", "-a", "cat /sys/class/net/e*/address")
    done = ansible("ansible", f"{prefix}*", *ask, reach_through_hypervisor=True, compose=login)
    assert done.returncode == 0, done.stdout + done.stderr
    assert nic["mac"] in done.stdout.split()
    assert [file.name for file in tmp_path.iterdir()] == ["kvm.yml"]


def test_a_host_that_is_not_there_costs_its_timeout_and_a_warning(ansible: Run, ready: str) -> None:
    began = time.monotonic()
    listed(ansible("ansible-inventory", "--list", hypervisors=(ready,)))
    alone = time.monotonic() - began
    began = time.monotonic()
    done = ansible("ansible-inventory", "--list", hypervisors=(NOBODY, ready), timeout=2)
    # Beside its two seconds it may take what the machine takes for the same without it.
    assert time.monotonic() - began < 2 + 3 * alone + 2
    inventory = listed(done)
    assert inventory["_meta"]["hostvars"] != {} or "kvm_guests" not in inventory
    assert f"Hypervisor {NOBODY} is left out: " in " ".join(done.stderr.split())
    assert ready not in done.stderr
    assert programs_with(f"root {NOBODY}") == []


def programs_with(words: str) -> list[str]:
    """Return the command lines of running programs that contain some words."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if words in line:
            found.append(line)
    return found


def test_a_vm_that_two_hosts_know_is_there_twice(
    lab: Lab, lab_module: Modules, prefix: str, ready: str, ansible: Run
) -> None:
    name = f"{prefix}twin"
    fleet(lab_module, prefix, ready, [{"name": name}])
    other = lab.libvirt("h2").defineXML(lab.domain_xml(ready, name))
    try:
        done = ansible("ansible-inventory", "--list")
    finally:
        other.undefine()
    found = of_test(listed(done), prefix)
    assert (found["on_h1"], found["on_h2"]) == ([name], [f"{name}@h2"])
    assert f"The VM '{name}' on h2 is called '{name}@h2'" in " ".join(done.stderr.split())
