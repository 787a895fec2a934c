# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All guests of one hypervisor, on libvirt's test driver."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._libs import MissingLibrary
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._children import answers
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory import reading

ALL = ("lease", "agent", "arp")


def domain(name: str, record: str = "", devices: str = "") -> str:
    metadata = f"<metadata><k:vm xmlns:k='urn:kvmops:datacenter:1'>{record}</k:vm></metadata>" if record else ""
    return (
        f"<domain type='test'><name>{name}</name>{metadata}<memory unit='MiB'>512</memory><vcpu>2</vcpu>"
        f"<os><type arch='x86_64'>hvm</type></os><devices>{devices}</devices></domain>"
    )


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Any]:
    """A test driver of our own, that lives as long as the test, with no VM."""
    file = tmp_path / "node.xml"
    file.write_text("<node/>", encoding="utf-8")
    opened = libvirt.open(f"test://{file}")
    yield opened
    opened.close()


def read(connection: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the guests of an open connection by name."""

    @contextmanager
    def opened(uri: str) -> Iterator[Hypervisor]:
        yield Hypervisor(connection, uri)

    monkeypatch.setattr(reading, "hypervisor", opened)
    return {guest["name"]: guest for guest in reading.read_guests("test:///x", ALL, 20)["guests"]}


def test_the_states(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stopped", "running", "paused", "saved"):
        defined = connection.defineXML(domain(name))
        if name != "stopped":
            defined.create()
    connection.lookupByName("paused").suspend()
    connection.lookupByName("saved").managedSave(0)
    connection.lookupByName("stopped").setAutostart(1)
    found = read(connection, monkeypatch)
    assert {name: guest["state"] for name, guest in found.items()} == {name: name for name in found}
    assert sorted(found) == ["paused", "running", "saved", "stopped"]
    assert [name for name, guest in found.items() if guest["autostart"]] == ["stopped"]


def test_a_transient_vm_is_read(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.createXML(domain("passing"), 0)
    assert read(connection, monkeypatch)["passing"]["memory"] == "512MiB"


def test_what_is_being_made_or_removed_is_left_out(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.defineXML(domain("half", "<k:unfinished><k:volume>p/half</k:volume></k:unfinished>"))
    connection.defineXML(domain("gone~removed"))
    connection.defineXML(domain("whole", "<k:template name='debian' version='12'/><k:fleet>web</k:fleet>"))
    found = read(connection, monkeypatch)
    assert list(found) == ["whole"]
    assert (found["whole"]["template"], found["whole"]["fleet"]) == ("debian:12", "web")


def test_addresses_are_read() -> None:
    told = reading.read_guests("test:///default", ALL, 20)
    assert told["warnings"] == []
    assert [(guest["name"], guest["observed"]["ip"]) for guest in told["guests"]] == [("test", "192.168.122.3")]
    assert reading.read_guests("test:///default", (), 20)["guests"][0]["observed"]["ip"] is None


def test_no_hypervisor_is_an_error_in_words() -> None:
    with pytest.raises(KvmError, match="'qemu\\+unix:///system\\?socket=/nowhere' does not answer"):
        reading.read_guests("qemu+unix:///system?socket=/nowhere", ALL, 20)


def test_a_host_that_never_answers_costs_its_time_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        uri = f"qemu+tcp://127.0.0.1:{mute.getsockname()[1]}/system"
        uris = {"mute": uri, "here": "test:///default"}
        jobs = {name: partial(reading.read_guests, uri, ALL, 1) for name, uri in uris.items()}
        began = time.monotonic()
        got = answers(jobs, 1, 2)
        assert time.monotonic() - began < 4
    assert got["mute"].error == "no answer within 1 s"
    assert [guest["name"] for guest in got["here"].value["guests"]] == ["test"]


def test_a_missing_library_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "libvirt", MissingLibrary("libvirt", "python3-libvirt"))
    with pytest.raises(KvmError, match=r"^The inventory needs libvirt-python in the Python that runs Ansible, /"):
        reading.require_libraries()
