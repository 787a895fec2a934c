# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says about a guest."""

from __future__ import annotations

from typing import Any

from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.naming import Guest
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.variables import group_names, host_variables

FACTS: dict[str, Any] = {
    "name": "web01",
    "state": "running",
    "uuid": "6695eb01-f6a4-8304-79aa-97f2502e193f",
    "memory": "2GiB",
    "vcpus": 2,
    "template": "debian:12.1",
    "fleet": "web",
    "tags": ["db", "of mine"],
    "nics": [
        {"name": "lan", "mac": "52:54:00:00:00:01"},
        {"name": "wan"},
    ],
    "disks": [],
    "watchdog": {"enabled": False},
    "observed": {"ip": "192.0.2.5", "addresses": {"lan": ["192.0.2.5", "2001:db8::5"]}},
}
SILENT = {**FACTS, "observed": {"ip": None, "addresses": {}}}


def test_variables() -> None:
    assert host_variables(Guest("web01@h2", "h2", FACTS), None) == {
        "ansible_host": "192.0.2.5",
        "kvm_name": "web01",
        "kvm_host": "h2",
        "kvm_state": "running",
        "kvm_uuid": "6695eb01-f6a4-8304-79aa-97f2502e193f",
        "kvm_memory": "2GiB",
        "kvm_vcpus": 2,
        "kvm_template": "debian:12.1",
        "kvm_fleet": "web",
        "kvm_tags": ["db", "of mine"],
        "kvm_nics": [
            {"name": "lan", "mac": "52:54:00:00:00:01", "ips": ["192.0.2.5", "2001:db8::5"]},
            {"name": "wan", "ips": []},
        ],
        "kvm_disks": [],
        "kvm_ips": ["192.0.2.5", "2001:db8::5"],
        "kvm_macs": ["52:54:00:00:00:01"],
    }


def test_a_guest_with_an_address_is_reached_by_the_jump() -> None:
    assert host_variables(Guest("a", "h1", FACTS), "-J x")["ansible_ssh_common_args"] == "-J x"


def test_guests_with_one_address_on_two_hypervisors_share_no_connection() -> None:
    paths = [host_variables(Guest("a", host, FACTS), "-J x")["ansible_control_path"] for host in ("h1", "h2", "h1")]
    assert paths[0] == paths[2] != paths[1]
    shown = paths[0] % {"directory": "/d"}
    assert shown.startswith("/d/")
    assert shown.endswith("-%r-%p")


def test_a_guest_without_an_address_is_not_given_to_a_shell() -> None:
    variables = host_variables(Guest("a", "h1", SILENT), "-J x")
    assert [name for name in variables if name.startswith("ansible")] == []


def test_groups() -> None:
    assert sorted(group_names(Guest("web01", "h2", FACTS))) == [
        "fleet_web",
        "kvm_guests",
        "on_h2",
        "state_running",
        "tag_db",
        "tag_of mine",
        "template_debian",
    ]


def test_a_vm_that_others_made_is_in_few_groups() -> None:
    foreign = {"name": "a", "tags": [], "state": "stopped", "observed": {}}
    assert sorted(group_names(Guest("a", "h1", foreign))) == ["kvm_guests", "on_h1", "state_stopped"]
