# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running lab: its hosts, their power, their networks and their shared storage."""

from __future__ import annotations

import json
import time

from tests.lab_lifecycle.second_lab import SecondLab, eventually


def test_status_tells_that_all_is_well(up: SecondLab) -> None:
    found = json.loads(up.run("status", "--json"))
    assert [host["name"] for host in found["hosts"]] == ["h1", "h2", "h3"]
    assert {(host["power"], host["libvirt"], host["shared"], host["bmc"]) for host in found["hosts"]} == {
        ("on", True, True, True)
    }


def test_up_when_all_is_up_does_nothing_and_is_quick(up: SecondLab) -> None:
    before = [up.boot_id(host) for host in ("h1", "h2", "h3")]
    start = time.monotonic()
    up.run("up")
    assert time.monotonic() - start < 5
    assert [up.boot_id(host) for host in ("h1", "h2", "h3")] == before


def test_hosts_are_bare_and_reachable(up: SecondLab) -> None:
    for host in ("h1", "h2", "h3"):
        assert up.run("ssh", host, "hostname -f").strip() == f"{host}.lab"
        assert up.execute(host, "virsh", "--quiet", "pool-list", "--all") == ""
        assert up.execute(host, "virsh", "--quiet", "net-list", "--all") == ""
        assert up.execute(host, "systemctl", "is-system-running") == "running"
        assert up.execute(host, "python3", "-c", "import libvirt, lxml; print('ok')") == "ok"


def test_hosts_reach_each_other_as_migration_needs(up: SecondLab) -> None:
    assert up.execute("h1", "virsh", "--connect", "qemu+ssh://root@h2.lab/system", "hostname") == "h2.lab"
    uuids = {up.execute(host, "virsh", "capabilities").partition("<uuid>")[2][:36] for host in ("h1", "h2", "h3")}
    assert len(uuids) == 3


def test_the_exit_code_of_a_command_comes_through(up: SecondLab) -> None:
    assert up.call("exec", "h1", "sh", "-c", "exit 7").returncode == 7
    assert up.call("ssh", "h1", "exit 8").returncode == 8


def test_a_file_is_seen_on_all_hosts(up: SecondLab) -> None:
    up.execute("h1", "sh", "-c", "echo seen >/srv/shared/seen")
    for host in ("h2", "h3"):
        assert up.execute(host, "cat", "/srv/shared/seen") == "seen"
        assert up.execute(host, "stat", "--file-system", "--format=%T", "/srv/shared") == "fuseblk"


def test_after_a_power_cut_a_host_comes_back_with_its_disk(up: SecondLab) -> None:
    before = up.boot_id("h3")
    up.execute("h3", "touch", "/root/mark")
    up.run("kill", "h3")
    assert up.call("status").returncode == 3
    assert "The host h3 is off" in up.call("exec", "h3", "true").stderr
    up.execute("h1", "sh", "-c", "echo meanwhile >/srv/shared/meanwhile")
    up.run("start", "h3")
    assert up.boot_id("h3") != before
    assert up.execute("h3", "cat", "/root/mark", "/srv/shared/meanwhile") == "meanwhile"


def test_hosts_that_reboot_together_mount_the_shared_storage_again(up: SecondLab) -> None:
    before = {host: up.boot_id(host) for host in ("h1", "h2", "h3")}
    for host in before:
        up.execute(host, "systemctl", "reboot")

    def back() -> bool:
        return all(
            up.answers(host, "mountpoint", "--quiet", "/srv/shared") and up.boot_id(host) != before[host]
            for host in before
        )

    assert eventually(back, 60)


def test_a_partition_cuts_one_network_or_both(up: SecondLab) -> None:
    ping = ("ping", "-c1", "-W1")
    up.run("partition", "h2", "--link", "storage")
    assert not up.answers("h1", *ping, "h2-storage")
    assert up.answers("h1", *ping, "h2")
    up.run("partition", "h2")
    assert not up.answers("h1", *ping, "h2")
    assert up.answers("h1", *ping, "h3")
    assert up.call("status").returncode == 3
    up.run("heal", "h2")
    assert up.answers("h1", *ping, "h2")
    assert up.answers("h1", *ping, "h2-storage")


def test_a_host_fences_another_through_its_bmc(up: SecondLab) -> None:
    before = up.boot_id("h2")
    assert "Status: ON" in up.fence("status", 2, by="h1")
    assert "Powered OFF" in up.fence("off", 2, by="h1")
    assert up.call("exec", "h2", "true").returncode == 1
    assert "Status: OFF" in up.fence("status", 2, by="h3")
    assert "Powered ON" in up.fence("on", 2, by="h1")
    up.run("start", "h2")
    assert up.boot_id("h2") != before


def test_who_comes_and_goes_does_not_change_how_the_control_is_reached(up: SecondLab) -> None:
    neighbour = ("sh", "-c", "ping -c1 -W1 10.77.0.1 >/dev/null; ip neighbour show 10.77.0.1")
    for victim, witness in (("h1", "h2"), ("h2", "h3"), ("h3", "h1")):
        up.run("kill", victim)
        assert "lladdr 02:77:00:00:00:01" in up.execute(witness, *neighbour)
        up.run("start", victim)
        assert "lladdr 02:77:00:00:00:01" in up.execute(witness, *neighbour)


def test_a_host_that_has_powered_itself_off_is_off(up: SecondLab) -> None:
    up.execute("h3", "systemctl", "poweroff")
    assert eventually(lambda: "Status: OFF" in up.fence("status", 3, by="h1"))
    up.run("up")
    assert up.execute("h3", "systemctl", "is-active", "libvirtd.socket") == "active"


def test_reset_gives_fresh_disks(up: SecondLab) -> None:
    up.execute("h1", "touch", "/root/mark", "/srv/shared/mark")
    up.run("reset")
    assert not up.answers("h1", "test", "-e", "/root/mark")
    assert up.execute("h1", "ls", "/srv/shared") == ""


def test_disks_are_kept_when_asked_for(up: SecondLab) -> None:
    up.execute("h1", "touch", "/root/mark", "/srv/shared/mark")
    up.run("down", "--keep")
    assert up.call("status").returncode == 3
    up.run("up")
    assert up.execute("h1", "ls", "/root/mark", "/srv/shared") == "/root/mark\n\n/srv/shared:\nmark"
