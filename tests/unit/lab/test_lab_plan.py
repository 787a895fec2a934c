# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab is called, where it lives, and the commands that make it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmlab import bmc, cgroups, cli, gluster, keys, network, supervisor
from kvmlab.errors import LabError
from kvmlab.settings import MAX_HOSTS, Lab


@pytest.fixture
def lab() -> Lab:
    return Lab.from_environment({})


def test_names_of_the_default_lab(lab: Lab) -> None:
    host = lab.host("h2")
    assert (lab.namespace, host.namespace) == ("kvmops-ctl", "kvmops-h2")
    assert (host.address, host.storage_address, host.bmc_port) == ("10.77.0.12", "10.78.0.12", 6232)
    assert [str(path) for path in (lab.cache, lab.state, lab.run)] == [
        "/var/cache/kvmops-lab",
        "/var/lib/kvmops-lab",
        "/run/kvmops-lab",
    ]


def test_a_second_lab_shares_nothing_but_the_cache(lab: Lab) -> None:
    second = Lab.from_environment({"KVMOPS_LAB_NAME": "other"})
    assert second.cache == lab.cache
    for name in ("namespace", "state", "run", "key", "known_hosts", "ssh_config", "bmc_password"):
        assert getattr(second, name) != getattr(lab, name)
    assert second.host("h1").uuid != lab.host("h1").uuid


def test_addresses_and_ids_are_all_different(lab: Lab) -> None:
    hosts = lab.hosts(MAX_HOSTS)
    for values in (
        [host.address for host in hosts],
        [host.storage_address for host in hosts],
        [host.uuid for host in hosts],
        [link for host in hosts for link in host.links],
    ):
        assert len(set(values)) == len(values)


@pytest.mark.parametrize("name", ["h0", "h10", "v1", "", "h", "hx", "h²"])
def test_other_hosts_are_refused(lab: Lab, name: str) -> None:
    with pytest.raises(LabError, match="the hosts are called h1 to h9"):
        lab.host(name)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"KVMOPS_LAB_NAME": "a/b"}, "may only have letters and digits"),
        ({"KVMOPS_LAB_NAME": "x" * 21}, "at most 20"),
        ({"KVMOPS_LAB_CACHE": "relative"}, "no absolute path"),
        ({"KVMOPS_LAB_CACHE": "/a:b"}, "no absolute path"),
    ],
)
def test_bad_settings_are_refused(environment: dict[str, str], message: str) -> None:
    with pytest.raises(LabError, match=message):
        Lab.from_environment(environment)


def test_names_in_etc_hosts_are_those_of_ssh(lab: Lab) -> None:
    named = {name: line.split()[0] for line in lab.etc_hosts().splitlines() for name in line.split()[1:]}
    assert {name: named[name] for name in keys.addresses(lab)} == keys.addresses(lab)
    assert named["h3.lab"] == "10.77.0.13"
    assert named["h3-storage"] == "10.78.0.13"


def test_ssh_goes_through_the_control_namespace_and_checks_keys(lab: Lab) -> None:
    config = keys.config(lab)
    assert "Host h1 h1.lab 10.77.0.11\n    HostName 10.77.0.11\n" in config
    assert "ProxyCommand nsenter --net=/run/netns/kvmops-ctl nc %h %p" in config
    assert "StrictHostKeyChecking yes" in config


def test_cables_of_a_host(lab: Lab) -> None:
    assert network.plugging(lab.host("h1")) == [
        "link add mgmt1 type veth peer name eth0 netns kvmops-h1",
        "link add stor1 type veth peer name eth1 netns kvmops-h1",
        "link set mgmt1 master br-mgmt up",
        "link set stor1 master br-stor up",
    ]
    assert "address add 10.78.0.11/24 dev eth1" in network.addressing(lab.host("h1"))


@pytest.mark.parametrize(
    ("mounts", "found"),
    [
        pytest.param("cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n", ["/sys/fs/cgroup"], id="cgroup2 alone"),
        pytest.param(
            "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\ncgroup /sys/fs/cgroup/systemd cgroup "
            "rw,xattr,name=systemd 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
            ["/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"],
            id="both, cgroup2 first",
        ),
        pytest.param("proc /proc proc rw 0 0\n", [], id="none"),
    ],
)
def test_cgroup_hierarchies(mounts: str, found: list[str]) -> None:
    assert [str(path) for path in cgroups.hierarchies(mounts)] == found


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "volume create shared h1-storage:/var/lib/brick/shared force"),
        (
            3,
            (
                "volume create shared replica 3 h1-storage:/var/lib/brick/shared h2-storage:/var/lib/brick/shared "
                "h3-storage:/var/lib/brick/shared force"
            ),
        ),
    ],
)
def test_shared_volume(lab: Lab, count: int, words: str) -> None:
    assert " ".join(gluster.creation(lab.hosts(count))) == words


@pytest.mark.parametrize(("count", "without_majority"), [(1, True), (2, True), (3, False)])
def test_quorum_of_the_volume(lab: Lab, count: int, without_majority: bool) -> None:
    chosen = gluster.options(lab.hosts(count), "64055", "108")
    assert ("cluster.server-quorum-type" in chosen) is without_majority
    assert (chosen["network.ping-timeout"], chosen["storage.owner-uid"]) == ("5", "64055")


def test_members_of_the_pool() -> None:
    rows = [
        "UUID\tHostname\tState",
        "a1\th2-storage\tConnected ",
        "b2\th3-storage\tDisconnected ",
        "c3\tlocalhost\tConnected ",
    ]
    listing = "\n".join(rows)
    assert gluster.connected(listing) == 2


def test_bmc(lab: Lab) -> None:
    config = bmc.simulator_config(lab.host("h2"), Path("/run/x/chassis"), "secret")
    assert "addr 10.77.0.1 6232\n" in config
    assert 'user 2 true "admin" "secret" admin 10 none md2 md5 straight' in config
    assert 'chassis_control "/run/x/chassis"' in config


def test_nspawn_gets_the_devices_and_the_namespace(lab: Lab) -> None:
    words = supervisor.nspawn(lab.host("h1"), ["/dev/fuse", "/var/lib/x/kvm:/dev/kvm"])
    assert "--network-namespace-path=/run/netns/kvmops-h1" in words
    assert [word for word in words if "--bind" in word] == ["--bind=/dev/fuse", "--bind=/var/lib/x/kvm:/dev/kvm"]


@pytest.mark.parametrize("arguments", [[], ["fly"], ["up", "-n", "many"], ["build", "nothing"], ["kill"]])
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert "usage: lab" in capsys.readouterr().err


def test_others_than_root_are_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert cli.main(["up"]) == 1
    assert "only root can reach" in capsys.readouterr().err


def test_an_error_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("KVMOPS_LAB_NAME", "no/name")
    assert cli.main(["status"]) == 1
    assert capsys.readouterr().err == (
        "lab: The lab's name 'no/name' (KVMOPS_LAB_NAME) may only have letters and digits, at most 20.\n"
    )
