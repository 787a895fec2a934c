# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin, as Ansible runs it, on libvirt's test driver."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.display import Display
from ansible_collections.kvmops.datacenter.plugins.inventory.kvm import InventoryModule
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory import reading

Load = Callable[..., InventoryManager]
RECORD = "<k:template name='debian' version='12.1'/><k:fleet>web</k:fleet><k:project>shop</k:project>"
TAGS = "<k:tags><k:tag>db</k:tag><k:tag>of mine</k:tag></k:tags>"
CARD = "<interface type='network'><mac address='52:54:00:00:00:0{}'/><source network='default'/></interface>"
VM = (
    "<domain type='test'><name>{name}</name><title>{{{{ 6 * 7 }}}}</title>"
    "<metadata><k:vm xmlns:k='urn:kvmops:datacenter:1'>{record}</k:vm></metadata><memory unit='MiB'>512</memory>"
    "<vcpu>2</vcpu><os><type arch='x86_64'>hvm</type></os><devices>{card}</devices></domain>"
)


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All warnings that are shown."""
    shown: list[str] = []
    monkeypatch.setattr(Display, "warning", lambda _self, msg, *_args, **_more: shown.append(msg))
    return shown


@pytest.fixture
def node(tmp_path: Path) -> str:
    """The URI of a hypervisor with two VMs."""
    vms = [VM.format(name=name, record=RECORD + TAGS, card=CARD.format(n)) for n, name in enumerate(("web01", "web02"))]
    (tmp_path / "node.xml").write_text(f"<node>{''.join(vms)}</node>", encoding="utf-8")
    return f"test://{tmp_path}/node.xml"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Read a configuration, after other inventory sources, and return the inventory."""
    if not InventoryModule.__module__.startswith("ansible_collections"):
        raise AssertionError("the plugin must be that of the collection")

    def loaded(*before: Path, name: str = "my.kvm.yml", **options: Any) -> InventoryManager:
        file = tmp_path / name
        file.write_text(yaml.safe_dump({"plugin": "kvmops.datacenter.kvm", **options}), encoding="utf-8")
        return InventoryManager(loader=DataLoader(), sources=[*map(str, before), str(file)])

    return loaded


def hosts(inventory: InventoryManager, group: str = "all") -> list[str]:
    return sorted(host.name for host in inventory.get_hosts(group))


def complaints(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what Ansible has shown, without its line breaks."""
    return " ".join(capsys.readouterr().err.split())


def variables(inventory: InventoryManager, host: str) -> dict[str, Any]:
    found: dict[str, Any] = inventory.get_host(host).get_vars()
    return found


def test_guests_and_groups(load: Load, node: str, warnings: list[str]) -> None:
    inventory = load(hypervisors=[{"name": "h1", "uri": node}])
    groups = {name: hosts(inventory, name) for name in inventory.groups if name not in ("all", "ungrouped")}
    both = ["web01", "web02"]
    names = "fleet_web kvm_guests on_h1 project_shop state_running tag_db tag_of_mine template_debian"
    assert groups == dict.fromkeys(names.split(), both)
    assert warnings == []


def test_variables(load: Load, node: str) -> None:
    told = variables(load(hypervisors=[{"name": "h1", "uri": node}]), "web01")
    words = ("host", "state", "template", "fleet", "project", "tags", "vcpus", "memory", "macs")
    assert {word: told[f"kvm_{word}"] for word in words} == {
        "host": "h1",
        "state": "running",
        "template": "debian:12.1",
        "fleet": "web",
        "project": "shop",
        "tags": ["db", "of mine"],
        "vcpus": 2,
        "memory": "512MiB",
        "macs": ["52:54:00:00:00:00"],
    }


def test_what_hypervisors_say_is_never_a_template(load: Load, node: str) -> None:
    inventory = load(hypervisors=[{"name": "h1", "uri": node}])
    templar = Templar(loader=DataLoader(), variables=variables(inventory, "web01"))
    assert templar.template(variables(inventory, "web01"))["kvm_title"] == "{{ 6 * 7 }}"


def test_one_that_does_not_answer_is_a_warning(load: Load, node: str, warnings: list[str]) -> None:
    dead = "qemu+unix:///system?socket=/nowhere&password=s3cret"
    inventory = load(hypervisors=[{"name": "h1", "uri": node}, {"name": "h2", "uri": dead}])
    assert hosts(inventory) == ["web01", "web02"]
    assert inventory.groups["all"].get_vars()["kvm_unreachable"] == ["h2"]
    (warning,) = warnings
    assert warning.startswith("Hypervisor h2 is left out: ")
    assert "s3cret" not in warning


def test_one_name_on_two_hypervisors(load: Load, node: str, warnings: list[str]) -> None:
    inventory = load(hypervisors=[{"name": name, "uri": node} for name in ("h1", "h2")])
    assert hosts(inventory) == ["web01", "web01@h2", "web02", "web02@h2"]
    assert hosts(inventory, "on_h2") == ["web01@h2", "web02@h2"]
    assert len(warnings) == 2


def test_constructed_groups_and_variables(load: Load, node: str) -> None:
    inventory = load(
        hypervisors=[{"name": "h1", "uri": node}],
        compose={"ansible_user": "'debian'", "ansible_host": "kvm_name ~ '.example.org'"},
        groups={"first": "kvm_name is match('.*01')"},
        keyed_groups=[{"prefix": "memory", "key": "kvm_memory"}],
        strict=True,
    )
    assert hosts(inventory, "first") == ["web01"]
    assert hosts(inventory, "memory_512MiB") == ["web01", "web02"]
    assert variables(inventory, "web02")["ansible_host"] == "web02.example.org"


def test_only_some_states(load: Load, node: str) -> None:
    chosen = {"hypervisors": [{"name": "h1", "uri": node}]}
    assert hosts(load(states=["stopped", "saved"], **chosen)) == []
    assert hosts(load(states=["running"], **chosen)) == ["web01", "web02"]


def test_hosts_of_groups_that_were_read_before(load: Load, node: str, tmp_path: Path) -> None:
    before = tmp_path / "hosts.yml"
    group = {"hosts": {"h1": {"kvm_remote_uri": node}, "h2": None}, "vars": {"kvm_remote_uri": "test:///default"}}
    before.write_text(yaml.safe_dump({"kvm_hosts": group}), encoding="utf-8")
    inventory = load(before, hypervisor_groups=["kvm_hosts"])
    assert hosts(inventory, "kvm_guests") == ["test", "web01", "web02"]
    assert hosts(inventory, "on_h2") == ["test"]


def test_the_address_of_a_host_in_the_template(load: Load, tmp_path: Path, warnings: list[str]) -> None:
    before = tmp_path / "hosts.yml"
    before.write_text(yaml.safe_dump({"kvm_hosts": {"hosts": {"h1": {"ansible_host": "127.0.0.9"}}}}), encoding="utf-8")
    load(before, hypervisor_groups=["kvm_hosts"], uri_template="qemu+tcp://{host}:1/{name}")
    assert "qemu+tcp://127.0.0.9:1/h1" in warnings[0]


WRONG = {
    "nothing to read": ({}, "There is nothing to read"),
    "no such group": ({"hypervisor_groups": ["nowhere"]}, "hypervisor_groups names 'nowhere'"),
    "not a host": ({"hypervisors": ["h1 h2"]}, "'h1 h2' is not the name of a host"),
    "an unknown state": ({"hypervisors": ["test:///default"], "states": ["off"]}, "states"),
}


@pytest.mark.parametrize(("options", "words"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_file_is_a_sentence(load: Load, options: Any, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    load(**options)
    assert words in complaints(capsys)


def test_a_missing_library_is_told(
    load: Load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reading, "is_missing", lambda _module: True)
    load(hypervisors=["test:///default"])
    assert "The inventory needs libvirt-python and lxml in the Python that runs Ansible" in complaints(capsys)


def test_only_files_of_its_name(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    assert hosts(load(name="kvm.yaml", hypervisors=["test:///default"])) == ["test"]
    assert hosts(load(name="other.yml", hypervisors=["test:///default"])) == []
    assert "could not be verified by inventory plugin 'kvmops.datacenter.kvm'" in complaints(capsys)


def cached(tmp_path: Path) -> dict[str, Any]:
    return {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}


def test_the_cache_answers_for_those_that_answered(load: Load, node: str, tmp_path: Path, warnings: list[str]) -> None:
    late = f"test://{tmp_path}/late.xml"
    options = {"hypervisors": [{"name": "h1", "uri": node}, {"name": "h2", "uri": late}], **cached(tmp_path)}
    assert hosts(load(**options)) == ["web01", "web02"]
    assert len(warnings) == 1
    (tmp_path / "node.xml").unlink()
    (tmp_path / "late.xml").write_text(f"<node>{VM.format(name='db', record='', card='')}</node>", encoding="utf-8")
    assert hosts(load(**options)) == ["db", "web01", "web02"]
    assert len(warnings) == 1


def test_the_cache_is_filled_anew_on_demand(load: Load, node: str, tmp_path: Path, warnings: list[str]) -> None:
    inventory = load(hypervisors=[{"name": "h1", "uri": node}], **cached(tmp_path))
    (tmp_path / "node.xml").write_text(f"<node>{VM.format(name='db', record='', card='')}</node>", encoding="utf-8")
    inventory.refresh_inventory()
    assert hosts(inventory) == ["db"]
    assert warnings == []


def test_reading_is_another_with_other_sources_of_addresses(load: Load, tmp_path: Path) -> None:
    options = {"hypervisors": ["test:///default"], **cached(tmp_path)}
    assert variables(load(**options), "test")["ansible_host"] == "192.168.122.3"
    assert "ansible_host" not in variables(load(addresses=[], **options), "test")
