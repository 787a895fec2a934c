# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of pools, volumes and networks as Ansible calls them, against libvirt's test driver.

The driver's objects live as long as a connection of the process, so one is held open for the length of a test.
"""

from __future__ import annotations

import gc
import importlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import libvirt
import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.changes import volume_xml
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_check import check_options
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_discovery import find_options
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.pool_spec import pool_options
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB

from tests.unit.default_host import default_host

MODULES = "ansible_collections.kvmops.datacenter.plugins.modules"
Call = Callable[..., dict[str, Any]]

POOL = {"name": "unit", "target": "/srv/unit"}
VOLUME = {"name": "disk", "pool": "default-pool", "capacity": "1GiB"}
NETWORK = {
    "name": "unit",
    "ip": [{"address": "198.51.100.1/24", "dhcp": {"hosts": [{"mac": "52:54:00:00:00:01", "ip": "198.51.100.9"}]}}],
}
OBJECTS = [
    ("kvm_pool", "pool", POOL, {"state": "inactive"}),
    ("kvm_volume", "volume", VOLUME, None),
    ("kvm_network", "network", NETWORK, {"mtu": 1400, "state": "inactive"}),
]
READ_ONLY = {"uuid", "capacity", "allocation", "available", "path", "backing_path"}


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Return a function that runs a module and returns its result."""

    def run(module_name: str, check: bool = False, diff: bool = False, **options: Any) -> dict[str, Any]:
        arguments = {"uri": "test:///default", "_ansible_check_mode": check, "_ansible_diff": diff, **options}
        module = importlib.import_module(f"{MODULES}.{module_name}")
        # A run is a process of its own elsewhere. Here what the one before has left would be freed in the middle of a
        # lookup now and then, and libvirt forgets the error of a thread that frees one of its objects.
        gc.collect()
        with patch_module_args(arguments), pytest.raises(SystemExit):
            module.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    with default_host():
        yield run


@pytest.mark.parametrize(("module", "kind", "wanted", "other"), OBJECTS)
def test_the_life_of_an_object(
    call: Call, module: str, kind: str, wanted: dict[str, Any], other: dict[str, Any] | None
) -> None:
    checked = call(module, check=True, diff=True, **wanted)
    assert checked["changed"]
    assert checked[kind]["state"] == "absent", "check mode touches nothing"

    made = call(module, diff=True, **wanted)
    assert (made["plan"], made["diff"]) == (checked["plan"], checked["diff"])
    assert made[kind]["state"] in ("active", "present")
    again = call(module, diff=True, **wanted)
    assert (again["changed"], again["plan"], again["diff"]["after"]) == (False, [], {})

    if other:
        named = {"name": wanted["name"], **other}
        assert call(module, check=True, **named)["plan"] == call(module, **named)["plan"] != []
        assert not call(module, **named)["changed"]

    gone: dict[str, Any] = {"state": "absent", **{key: wanted[key] for key in ("name", "pool") if key in wanted}}
    assert call(module, check=True, **gone)["changed"]
    assert call(module, **gone)[kind]["state"] == "absent"
    assert not call(module, **gone)["changed"]


@pytest.mark.parametrize(
    ("module", "info", "list_name", "wanted"),
    [("kvm_pool", "kvm_pool_info", "pools", POOL), ("kvm_network", "kvm_network_info", "networks", NETWORK)],
)
def test_facts_are_options(call: Call, module: str, info: str, list_name: str, wanted: dict[str, Any]) -> None:
    call(module, **wanted)
    facts = call(info, names=[wanted["name"], "none"])[list_name]
    assert facts[0] == {"name": "none", "state": "absent"}
    everything = [entry["name"] for entry in call(info)[list_name]]
    assert everything == sorted(everything)
    assert wanted["name"] in everything
    assert not call(module, **{key: value for key, value in facts[1].items() if key not in READ_ONLY})["changed"]
    assert call(info, query="[?name=='unit'].state")["result"] == ["active"]
    assert "is not a JMESPath expression" in call(info, query="[?")["msg"]


def test_a_full_pool_is_warned_about_and_not_changed(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    # Where Ansible's controller is loaded too, warnings go to its display, not into the result.
    warnings: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, words: warnings.append(words))
    call("kvm_pool", **POOL)
    driver = libvirt.open("test:///default")
    driver.storagePoolLookupByName("unit").createXML(volume_xml("filler", 60 * GIB, "raw", 60 * GIB), 0)
    driver.close()
    assert not call("kvm_pool", **POOL, warn_above=100)["changed"]
    assert warnings == []
    for check in (True, False):
        warned = call("kvm_pool", check=check, **POOL, warn_above=0)
        assert (warned["changed"], warned["plan"]) == (False, [])
    assert warnings == ["unit: 60 % of the pool are in use, more than 0 %; 40GiB are free."] * 2


@pytest.mark.parametrize(
    ("kind", "source", "words"),
    [
        ("iscsi", {"host": "san", "devices": ["iqn.2026-01.o:t"]}, "make the LUN on the storage system"),
        ("gluster", {"host": "h1", "name": "v"}, "use a pool of type netfs or dir"),
        ("logical", {}, "are raw; say 'format: raw'"),
    ],
)
def test_what_volumes_a_pool_takes(call: Call, kind: str, source: dict[str, Any], words: str) -> None:
    call("kvm_pool", name="unit", type=kind, source=source)
    refused = call("kvm_volume", name="v", pool="unit", capacity="1GiB", format="qcow2")
    assert refused["failed"]
    assert words in refused["msg"]
    made = call("kvm_volume", name="v", pool="unit", capacity="1GiB")
    assert made.get("failed", False) == (kind != "logical")
    if kind == "logical":
        assert (made["volume"]["format"], made["volume"]["allocation"]) == ("raw", GIB)
        assert not call("kvm_volume", name="v", pool="unit", capacity="1GiB")["changed"]


def test_sources_are_found_beside_pools(call: Call) -> None:
    found = call("kvm_pool_info", names=[], find={"type": "netfs", "host": "nas"})
    assert (found["pools"], found["changed"]) == ([], False)
    assert found["sources"] == [{"host": "nas", "dir": "/testshare", "format": "nfs"}]
    assert "sources" not in call("kvm_pool_info", names=[])


def test_a_check_changes_nothing_and_goes_on_where_a_pool_fails(call: Call) -> None:
    pools = [{"name": "default-pool"}, {"name": "none"}]
    told = [
        {"name": "default-pool", "state": "active", "type": "dir", "target": "/default-pool"},
        {"name": "none", "state": "absent"},
    ]
    # The test driver takes no uploads.
    for check, error in ((True, []), (False, ["default-pool"])):
        result = call("kvm_pool_check", check=check, step="write", pools=pools)
        assert (result["changed"], result["pools"], result["marks"]) == (False, told, [])
        assert list(result["errors"]) == error
    read = call("kvm_pool_check", step="read", pools=pools, marks=[{"pool": "default-pool", "name": "m"}], timeout=0)
    assert (read["changed"], read["missing"]) == (False, [{"pool": "default-pool", "name": "m"}])
    assert not call("kvm_pool_check", step="remove", pools=pools)["changed"]


def described(options: dict[str, Any]) -> dict[str, Any]:
    """Return documented options as an argument spec has them."""
    kept = ("type", "elements", "choices", "required", "default")
    return {
        name: {
            **{key: entry[key] for key in kept if key in entry},
            **({"options": described(entry["suboptions"])} if "suboptions" in entry else {}),
        }
        for name, entry in options.items()
    }


def declared(options: dict[str, Any]) -> dict[str, Any]:
    """Return an argument spec without what documentation does not say."""
    return {
        name: {
            **{key: value for key, value in entry.items() if key not in ("no_log", "options")},
            **({"options": declared(entry["options"])} if "options" in entry else {}),
        }
        for name, entry in options.items()
    }


@pytest.mark.parametrize(
    ("module", "options"),
    [("kvm_pool", pool_options()), ("kvm_pool_info", find_options()), ("kvm_pool_check", check_options())],
    ids=["pool", "info", "check"],
)
def test_the_documentation_is_of_the_options(module: str, options: dict[str, Any]) -> None:
    documented = yaml.safe_load(importlib.import_module(f"{MODULES}.{module}").DOCUMENTATION)["options"]
    assert described({name: documented[name] for name in options}) == declared(options)


@pytest.mark.parametrize(
    ("module", "options", "words"),
    [
        ("kvm_pool", {"name": "x"}, "give the 'target'"),
        ("kvm_pool_info", {"find": {"type": "gluster"}}, "name it as 'host'"),
        ("kvm_volume", {"name": "x", "pool": "none", "capacity": "1GiB"}, "Pool 'none' does not exist"),
        ("kvm_volume", {"name": "x", "pool": "default-pool", "src": "/none", "remote_src": True}, "cannot be read"),
        ("kvm_volume_info", {"pool": "none"}, "Pool 'none' does not exist"),
        ("kvm_media_info", {"pools": ["none"]}, "Pool 'none' does not exist"),
        ("kvm_network", {"name": "x"}, "of mode nat needs ip"),
        ("kvm_network", {"name": "x", "uri": "qemu+unix:///system?socket=/none"}, "does not answer"),
        ("kvm_network_info", {"uri": "nonsense:///x"}, "does not answer"),
    ],
)
def test_errors_are_sentences(call: Call, module: str, options: dict[str, Any], words: str) -> None:
    result = call(module, **options)
    assert result["failed"]
    assert words in result["msg"]
    assert "Traceback" not in str(result.get("exception", ""))


def test_no_two_pools_are_of_one_directory(call: Call) -> None:
    assert call("kvm_pool", name="first", target="/srv/first")["changed"]
    refused = call("kvm_pool", name="second", target="/srv/first/")
    assert "Pool 'second' wants the directory of pool 'first'; choose another target." in refused["msg"]
    assert call("kvm_pool", name="second", target="/srv/second", state="inactive")["changed"]
    moved = call("kvm_pool", name="second", target="/srv/first", state="inactive")
    assert "Pool 'second' wants the directory of pool 'first'; choose another target." in moved["msg"]
    assert not call("kvm_pool", name="first", target="/srv/first")["changed"]


NAMED = "<disk type='volume'><source pool='named' volume='a'/><target dev='vda'/></disk>"
LYING = "<disk type='file'><source file='/srv/named/a'/><target dev='vda'/></disk>"


@pytest.mark.parametrize("state", ["active", "inactive"])
@pytest.mark.parametrize(("disk", "stays"), [(NAMED, True), (LYING, False)])
def test_a_pool_stays_while_vms_need_its_name(call: Call, disk: str, stays: bool, state: str) -> None:
    """A disk that is told by its path needs no pool; a VM with one that is told by its pool does not start without."""
    assert call("kvm_pool", name="named", target="/srv/named")["pool"]["state"] == "active"
    call("kvm_volume", name="a", pool="named", capacity="1MiB")
    call("kvm_pool", name="named", state=state)
    driver = libvirt.open("test:///default")
    vm = driver.defineXML(
        "<domain type='test'><name>unit</name><memory>65536</memory><os><type>hvm</type></os>"
        f"<devices>{disk}</devices></domain>"
    )
    try:
        removed = call("kvm_pool", name="named", state="absent")
    finally:
        vm.undefine()
        driver.close()
    assert removed.get("failed", False) is stays, removed
    assert ("VMs name it as the place of their disks (unit)" in str(removed)) is stays


@pytest.mark.parametrize(
    ("state", "running", "card", "stays"),
    [
        ("absent", False, "guests", True),
        ("absent", True, "guests", True),
        ("inactive", True, "guests", True),
        ("inactive", False, "guests", False),
        ("absent", True, "default", False),
        ("inactive", True, "default", False),
    ],
)
def test_a_network_stays_while_vms_need_it(call: Call, state: str, running: bool, card: str, stays: bool) -> None:
    assert call("kvm_network", name="guests", mode="isolated")["network"]["state"] == "active"
    driver = libvirt.open("test:///default")
    vm = driver.defineXML(
        "<domain type='test'><name>unit</name><memory>65536</memory><os><type>hvm</type></os><devices>"
        f"<interface type='network'><source network='{card}'/></interface></devices></domain>"
    )
    try:
        if running:
            vm.create()
        done = call("kvm_network", name="guests", state=state)
        if running:
            vm.destroy()
    finally:
        vm.undefine()
        driver.close()
    assert done.get("failed", False) is stays, done
    assert ("VMs have cards in it (unit)" in str(done)) is stays


MARK = "<volume><name>{}.unfinished</name><capacity>{}</capacity><target><format type='raw'/></target></volume>"


CUT_OFF: list[tuple[str, dict[str, Any]]] = [
    ("copied", {"source": {"name": "copied-from"}, "format": "raw"}),
    ("sized", {"capacity": "1GiB"}),
    ("named", {}),
]


@pytest.mark.parametrize(("name", "options"), CUT_OFF)
def test_a_copy_that_was_cut_off_is_not_made_anew_under_a_vm(call: Call, name: str, options: dict[str, Any]) -> None:
    for made in (f"{name}-from", name):
        assert call("kvm_volume", name=made, pool="default-pool", capacity="1GiB", format="raw")["changed"]
    disk = f"<disk type='file'><source file='/default-pool/{name}'/><target dev='vda'/></disk>"
    driver = libvirt.open("test:///default")
    driver.storagePoolLookupByName("default-pool").createXML(MARK.format(name, 512), 0)
    vm = driver.defineXML(
        "<domain type='test'><name>unit</name><memory>65536</memory><os><type>hvm</type></os>"
        f"<devices>{disk}</devices></domain>"
    )
    try:
        refused = call("kvm_volume", name=name, pool="default-pool", **options)
    finally:
        vm.undefine()
        driver.close()
    assert "is not made anew, although its making was cut off: it is used by unit;" in refused["msg"]


def test_what_is_no_mark_says_nothing_of_another_volume(call: Call) -> None:
    driver = libvirt.open("test:///default")
    driver.storagePoolLookupByName("default-pool").createXML(MARK.format("large", 2**30), 0)
    driver.close()
    options = {"name": "large", "pool": "default-pool", "capacity": "1GiB"}
    assert call("kvm_volume", **options)["changed"]
    assert not call("kvm_volume", **options)["changed"]
    assert (
        "ends in .unfinished, which marks half-made volumes; choose another."
        in call("kvm_volume", name="new.unfinished", pool="default-pool", capacity="1GiB")["msg"]
    )


def test_a_file_that_is_still_on_the_control_node_is_asked_for(call: Call) -> None:
    local = {"size": 10, "sha256": "a" * 64, "format": "raw"}
    options = {"name": "x", "pool": "default-pool", "src": "/there", "_local": local}
    assert call("kvm_volume", **options)["upload_needed"]
    checked = call("kvm_volume", check=True, **options)
    assert [line["summary"] for line in checked["plan"]] == ["upload 10B to volume x in pool default-pool (raw)"]


def test_volumes_are_read_as_options(call: Call) -> None:
    wanted = {**VOLUME, "name": "read", "format": "qcow2"}
    call("kvm_volume", **wanted)
    facts = call("kvm_volume_info", pool=wanted["pool"], names=["none", wanted["name"]])["volumes"]
    assert facts[1] == {"name": "none", "pool": wanted["pool"], "state": "absent"}
    assert (facts[0]["used_by"], facts[0]["chain"]) == ([], [])
    options = {key: value for key, value in facts[0].items() if key in wanted}
    assert options == wanted
    assert not call("kvm_volume", **options)["changed"]
    assert ["default-pool", "read"] in call("kvm_volume_info", query="[?!used_by].[pool, name]")["result"]
    assert "is not a JMESPath expression" in call("kvm_volume_info", query="[?")["msg"]
    assert call("kvm_volume", name="read", pool=wanted["pool"], state="absent")["changed"]


def examples(module: str) -> list[dict[str, Any]]:
    """Return the options of all tasks of a module's examples."""
    tasks = yaml.safe_load(importlib.import_module(f"{MODULES}.{module}").EXAMPLES)
    name = f"kvmops.datacenter.{module}"
    return [task[name] or {} for task in tasks if name in task]


@pytest.mark.parametrize("module", ["kvm_pool", "kvm_network", "kvm_pool_info", "kvm_network_info"])
def test_the_examples_work(call: Call, module: str) -> None:
    for options in examples(module):
        # The test driver builds nothing on devices.
        assert "failed" not in call(module, check=bool(options.get("build")), **options), options


def test_the_examples_of_volumes_work(call: Call) -> None:
    for pool in ("images", "shared"):
        call("kvm_pool", name=pool, target=f"/srv/{pool}")
    for options in examples("kvm_volume_info"):
        assert "failed" not in call("kvm_volume_info", **options), options
    for options in examples("kvm_volume"):
        if "src" in options:
            # The test driver takes no uploads: the plan is made, and an empty volume stands in for the file.
            local = {"size": 10, "sha256": "a" * 64, "format": "qcow2"}
            assert call("kvm_volume", check=True, _local=local, **options)["changed"]
            assert call("kvm_volume", name=options["name"], pool=options["pool"], capacity="1GiB")["changed"]
        elif "dest" in options:
            # Nor does it tell how long a file is.
            result = call("kvm_volume", _local={"path": "/there"}, **options)
            assert "not supported by the connection driver: virStorageVolGetInfoFlags" in result["msg"]
        elif "sparsify" in options:
            # Nor has it files.
            assert " is no file here " in call("kvm_volume", **options)["msg"]
        elif "encryption" in options:
            # Nor has it secrets.
            assert "not supported by the connection driver: virSecretLookup" in call("kvm_volume", **options)["msg"]
        else:
            # Nor does it copy from pool to pool.
            assert "failed" not in call("kvm_volume", check="source" in options, **options), options
