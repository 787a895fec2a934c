# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphics, video cards, input devices and sound on real QEMU; and that passwords stay where they belong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import libvirt
from lxml import etree

from tests.integration.support.facts import told
from tests.integration.support.fixtures import succeed
from tests.integration.support.modules import ROOT
from tests.integration.support.vms import Vm

BARE: dict[str, Any] = {"memory": "32MiB", "nics": [], "disks": [], "force": True, "timeout": 2}
# What a server says of itself, and which ways it has to let somebody in: 1 is none, 2 is a password.
# Source: RFC 6143, sections 7.1.1 and 7.1.2.
ASK_VNC = """
import socket, sys
server = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
version = server.recv(12)
server.sendall(version)
print(*server.recv(1 + server.recv(1, socket.MSG_PEEK)[0])[1:])
"""


def ways_in(vm: Vm, port: int) -> list[str]:
    """Return the numbers of the ways in which a VNC server on a port of the host lets somebody in."""
    return vm.lab.exec(vm.host, "python3", "-c", ASK_VNC, str(port)).split()


GRAPHICS: list[dict[str, Any]] = [
    {
        "type": "vnc",
        "port": 5967,
        "websocket": 5767,
        "listen": {"type": "address", "address": "127.0.0.1"},
        "password_valid_until": "2031-05-01T12:00:00",
        "connected": "keep",
        "keymap": "de",
        "share_policy": "force-shared",
        "power_control": True,
        "audio": 1,
    },
    {
        "type": "spice",
        "port": 5968,
        "listen": {"type": "network", "network": "default"},
        "password_valid_until": "2031-05-01T12:00:00",
        "connected": "disconnect",
        "keymap": "en-us",
        "channels": {"main": "insecure"},
        "image_compression": "auto_glz",
        "jpeg_compression": "auto",
        "zlib_compression": "never",
        "playback_compression": False,
        "streaming": "filter",
        "mouse": "client",
        "clipboard": False,
        "file_transfer": False,
    },
]
VIDEOS: list[dict[str, Any]] = [
    {
        "model": "qxl",
        "heads": 2,
        "ram": "128MiB",
        "vram": "32MiB",
        "vram64": "64MiB",
        "vgamem": "16MiB",
        "primary": True,
    },
    {
        "name": "second",
        "model": "virtio",
        "heads": 2,
        "resolution": {"x": 1024, "y": 768},
        "virtio": {"packed": True, "ats": True, "page_per_vq": True},
    },
]


def secret(graphics: list[dict[str, Any]], word: str) -> list[dict[str, Any]]:
    return [{**entry, "password": word} for entry in graphics]


def test_all_that_can_be_said_of_graphics_and_video(vm: Vm) -> None:
    wanted: dict[str, Any] = {"graphics": secret(GRAPHICS, "firstone"), "videos": VIDEOS}
    made = vm.want_twice(**BARE, **wanted, state="paused")
    assert told(made["vm"]["graphics"], GRAPHICS) == GRAPHICS
    assert told(made["vm"]["videos"], VIDEOS) == VIDEOS
    assert ways_in(vm, 5967) == ["2"]

    # passwords reach the running VM, the rest waits
    vnc, spice = GRAPHICS
    changed = [{**vnc, "keymap": "fr", "password_valid_until": ""}, {**spice, "connected": "keep", "mouse": "server"}]
    taken = vm.want_twice(graphics=secret(changed, "another1"), videos=[{**VIDEOS[0], "heads": 1}, VIDEOS[1]])
    assert sorted((line["summary"], line["when"]) for line in taken["plan"]) == [
        ("set graphics spice connected disconnect -> keep", "now"),
        ("set graphics spice mouse client -> server", "next_boot"),
        ("set graphics spice password (hidden) -> (hidden)", "now"),
        ("set graphics vnc keymap de -> fr", "next_boot"),
        ("set graphics vnc password (hidden) -> (hidden)", "now"),
        ("set graphics vnc password_valid_until 2031-05-01T12:00:00 -> none", "now"),
        ("set video card qxl heads 2 -> 1", "next_boot"),
    ]
    assert taken["restart_required"] == [
        "graphics vnc keymap is de and will be fr",
        "graphics spice mouse is client and will be server",
        "video card qxl heads is 2 and will be 1",
    ]
    live = etree.fromstring(vm.domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE))
    assert [(node.get("passwd"), node.get("passwdValidTo")) for node in live.iterfind("devices/graphics")] == [
        ("another1", None),
        ("another1", "2031-05-01T12:00:00"),
    ]


def test_a_vm_that_was_started_without_a_password_gets_one_at_its_next_boot(vm: Vm) -> None:
    vm.want(**BARE, graphics=[{"port": 5969}], state="paused")
    assert ways_in(vm, 5969) == ["1"]
    result = vm.want(graphics=[{"password": "s3cret"}])
    assert result["restart_required"] == ["graphics password is none and will be (hidden)"]
    assert ways_in(vm, 5969) == ["1"]
    vm.want(**BARE, graphics=[{"password": "s3cret"}], apply="restart", state="paused")
    assert ways_in(vm, 5969) == ["2"]
    # QEMU would go on asking for it
    assert vm.want(graphics=[{"password": ""}])["restart_required"] == [
        "graphics password is (hidden) and will be none"
    ]


def test_ports_and_sockets_that_libvirt_chooses_are_no_difference(vm: Vm) -> None:
    chosen: dict[str, Any] = {
        "graphics": [
            {"type": "vnc", "port": -1, "websocket": -1, "listen": {"address": ""}},
            {"type": "spice", "listen": {"socket": ""}},
        ]
    }
    made = vm.want_twice(**BARE, **chosen, state="paused")
    assert made["restart_required"] == []
    assert [node.get("type") for node in vm.live.iterfind("devices/audio")] == ["spice"]
    # without SPICE, sound has nowhere to go
    vm.want_twice(**BARE, state="stopped", graphics=[{"type": "dbus"}], videos=[])
    assert [node.get("type") for node in vm.tree.iterfind("devices/audio")] == ["none"]
    assert [node.find("model").get("type") for node in vm.tree.iterfind("devices/video")] == ["none"]
    vm.want(**BARE, state="paused")
    assert vm.want(graphics=[{"type": "dbus"}], videos=[])["restart_required"] == []
    vm.want(**BARE, state="stopped", graphics=[], videos=[{"model": "virtio"}])
    assert vm.tree.find("devices/graphics") is None


def test_other_video_cards_are_taken_by_qemu(vm: Vm) -> None:
    models = ("vga", "cirrus", "vmvga", "bochs", "ramfb")
    vms = [{"name": f"{vm.name}-{model}", "videos": [{"model": model, "heads": 1}]} for model in models]
    checked = succeed(vm.modules(vm.host, "kvm_fleet", check=True, vms=vms, defaults=BARE))
    assert [line["name"] for line in checked["plan"]] == [f"{vm.name}-{model}" for model in models]


INPUTS: list[dict[str, Any]] = [
    {"type": "tablet", "bus": "usb"},
    {"name": "m", "type": "mouse", "bus": "virtio", "model": "virtio", "virtio": {"packed": False}},
]
SOUNDS: list[dict[str, Any]] = [
    {"model": "ich9", "codecs": ["micro", "duplex"], "audio": 2},
    {"name": "other", "model": "ich6", "codecs": ["output"], "audio": 1},
    *({"model": model, "audio": 1} for model in ("ac97", "es1370", "sb16", "usb")),
]
AUDIOS: list[dict[str, Any]] = [
    {"id": 1, "type": "none", "timer_period": 10000},
    {"id": 2, "type": "file", "path": "/tmp/t-graphics.wav"},
]


def test_what_people_type_and_hear(vm: Vm) -> None:
    wanted: dict[str, Any] = {"inputs": INPUTS, "sounds": SOUNDS, "audios": AUDIOS}
    made = vm.want_twice(**BARE, **wanted, state="paused")
    assert {option: told(made["vm"][option], entries) for option, entries in wanted.items()} == wanted
    assert len(vm.live.findall("devices/input")) == 4

    changed = vm.want_twice(inputs=[{"type": "tablet", "bus": "virtio"}, INPUTS[1]], sounds=SOUNDS[:1])
    assert sorted(changed["restart_required"]) == [
        *sorted(f"sound card {card.get('name', card['model'])} stays attached" for card in SOUNDS[1:])
    ]
    live = [(node.get("type"), node.get("bus")) for node in vm.live.iterfind("devices/input")]
    assert sorted(live) == [("keyboard", "ps2"), ("mouse", "ps2"), ("mouse", "virtio"), ("tablet", "virtio")]


WORD = "Zq7xK2pv"
LONG = "Zq7xK2pv-and-more-than-VNC-takes"


def outputs(vm: Vm) -> list[Any]:
    """Return the results of all kinds of runs with a password: that go well, that are refused, that fail."""
    vnc: dict[str, Any] = {"graphics": [{"password": WORD, "port": 5970}]}
    run = vm.modules
    made = [
        run(vm.host, "kvm_vm", check=check, diff=True, name=vm.name, **BARE, **vnc, state="paused")
        for check in (True, False)
    ]
    assert [result["failed"] for result in made] == [False, False]
    changed: dict[str, Any] = {"graphics": [{"password": WORD[::-1], "port": 5970, "keymap": "xx"}]}
    made.append(run(vm.host, "kvm_vm", diff=True, name=vm.name, **changed))
    failing: list[dict[str, Any]] = [
        # too long for VNC
        {"graphics": [{"password": LONG}]},
        # refused by libvirt, which is given it
        {"graphics": [{"type": "spice", "password": LONG, "port": 5971, "tls_port": 5972}]},
        # QEMU takes one server of a kind
        {
            "graphics": [{"password": WORD, "port": 5970}, {"password": WORD, "port": 5973}],
            "state": "restarted",
            **BARE,
        },
        # QEMU knows no such keymap
        {"graphics": [{"password": WORD, "port": 5970, "keymap": "xx"}], "state": "restarted", **BARE},
    ]
    failed = [run(vm.host, "kvm_vm", diff=True, name=vm.name, **options) for options in failing]
    assert [result["failed"] for result in failed] == [True] * len(failing)
    fleet: dict[str, Any] = {"vms": [{"name": vm.name}], "defaults": {"graphics": [{"password": WORD, "port": 5970}]}}
    told_of = run(vm.host, "kvm_vm_info", names=[vm.name])
    return [*made, *failed, run(vm.host, "kvm_fleet", diff=True, **fleet), told_of]


def test_a_password_is_shown_nowhere(vm: Vm) -> None:
    for result in outputs(vm):
        for word in (WORD, WORD[::-1], LONG):
            assert word not in json.dumps(result)
    # Ansible writes what it was called with into the host's log
    journal = vm.lab.exec(vm.host, "journalctl", "-n", "2000", "--no-pager")
    assert f"name={vm.name}" in journal
    assert WORD not in journal


def test_a_password_is_not_shown_by_verbose_runs_either(vm: Vm) -> None:
    args = {"name": vm.name, **BARE, "graphics": [{"password": WORD, "port": 5970}]}
    ansible = str(Path(sys.executable).with_name("ansible"))
    inventory = str(ROOT / "inventories" / "lab" / "hosts.yml")
    command = [ansible, vm.host, "-i", inventory, "-m", "kvmops.datacenter.kvm_vm", "-vvv", "--diff"]
    done = subprocess.run(
        [*command, "-a", json.dumps(args)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "ANSIBLE_INJECT_INVOCATION": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in done.stdout
    assert WORD not in done.stdout + done.stderr
    assert succeed(vm.modules(vm.host, "kvm_vm_info", names=[vm.name]))["vms"][0]["graphics"][0]["port"] == 5970
