# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tiny guest's reading of NoCloud seeds: awk programs that turn YAML or JSON into calls of shell functions."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

TINY = Path(__file__).resolve().parents[2] / "lab" / "guests" / "tiny"
FLATTEN = """
function emit(    key, path, value) {
    for (key in KIND) {
        if (KIND[key] == "map" || KIND[key] == "list") continue
        path = key; value = V[key]
        gsub(S, "/", path); gsub(/\\\\/, "&&", value); gsub(/\\n/, "\\\\n", value)
        print path "\\t" value
    }
}
"""
# What our own modules write, and what people write.
DOCUMENTS: list[Any] = [
    {"hostname": "web01", "ssh_authorized_keys": ["ssh-ed25519 " + "A" * 68 + " somebody with a name@a host"]},
    {"users": ["default", {"name": "ansible", "ssh_authorized_keys": ["k1", "k2"]}, {"name": "b", "sudo": False}]},
    {"runcmd": ["echo hi > /tmp/x", ["touch", "/root/a b"], "if true; then\n  echo 'y'\nfi\n", 'say "it\'s"']},
    {"write_files": [{"path": "/etc/motd", "content": "Grüße 😀\n\ttab \\ back # hash\n\nend", "permissions": "0600"}]},
    {
        "deep": {"er": [[1, [2, {"x": None}]], {"y": []}, {"z": {}}]},
        "odd keys": {"a: b": "c", "#d": "e: f", "-g": "- h"},
    },
    {
        "text": "  leading",
        "more": "trailing  ",
        "colon": "a: b",
        "long": "word " * 60,
        "lines": "a\n\n\nb\n",
        "empty": "",
    },
    {"folds": ["word " * 40 + "\n" + "next " * 40, "x" * 200, "'quoted' \"twice\"", "\\n is not a line break"]},
    {"network": {"version": 2, "ethernets": {"nic0": {"match": {"macaddress": "52:54:00:aa:bb:cc"}, "dhcp4": True}}}},
]
STYLES: dict[str, Callable[[Any], str]] = {
    "json": json.dumps,
    "json, one key a line": lambda data: json.dumps(data, indent=2, sort_keys=True),
    "json, unicode": lambda data: json.dumps(data, indent=1, ensure_ascii=False),
    "block": lambda data: yaml.safe_dump(data, default_flow_style=False),
    "block, wide": lambda data: yaml.safe_dump(data, default_flow_style=False, width=4000, allow_unicode=True),
    "block, quoted": lambda data: yaml.safe_dump(data, default_style='"'),
    "block, literal": lambda data: yaml.safe_dump(data, default_style="|"),
    "flow": lambda data: yaml.safe_dump(data, default_flow_style=True),
    "flow, single quotes": lambda data: yaml.safe_dump(data, default_flow_style=True, default_style="'"),
}


def awk(program: str, text: str) -> subprocess.CompletedProcess[str]:
    argv = ["awk", "-f", str(TINY / "yaml.awk"), "-f", program]
    return subprocess.run(argv, input=text, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, capture_output=True,
                          encoding="utf-8", check=False)  # fmt: skip


def flat(data: Any, path: str = "") -> dict[str, str]:
    """The leaves of a document, as the guest has them: path -> text."""
    if isinstance(data, dict | list):
        pairs = data.items() if isinstance(data, dict) else enumerate(data)
        return {key: text for name, item in pairs for key, text in flat(item, f"{path}/{name}").items()}
    text = "" if data is None else str(data).lower() if isinstance(data, bool) else str(data)
    return {path.lstrip("/"): text}


def read(text: str, tmp_path: Path) -> dict[str, str]:
    program = tmp_path / "flatten.awk"
    program.write_text(FLATTEN)
    done = awk(str(program), text)
    assert done.returncode == 0, done.stderr
    lines = (line.split("\t", 1) for line in done.stdout.split("\n") if line)
    return {path: text.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\") for path, text in lines}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("number", range(len(DOCUMENTS)))
def test_the_guest_reads_what_yaml_and_json_write(number: int, style: str, tmp_path: Path) -> None:
    data = DOCUMENTS[number]
    assert read("#cloud-config\n" + STYLES[style](data), tmp_path) == flat(data)


def test_the_guest_reads_what_people_write(tmp_path: Path) -> None:
    text = """\
#cloud-config
# a comment
hostname: web01   # not part of the name
users:
- name: a
  keys: &keys
    - one
    - "two"
- name: b
  keys: *keys
runcmd:
  - [ls, -l, 'it''s', http://host/x]
  - |
    first

    # no comment
      second
  - >-
    one
    line
  -   echo # comment
nothing:
"""
    assert read(text, tmp_path) == flat(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ('{"a": [1, 2}', 2, "expected ',' or ']'"),
        ('{"a": "b"', 2, "the document ends inside a value"),
        ("a: b\nno mapping\n", 2, "expected 'key: value'"),
        ("a:\n  b: c\n    d: e\n x: y\n", 4, "indented deeper than its neighbours"),
        ("a: *nobody\n", 1, "unknown alias *nobody"),
    ],
)
def test_a_document_that_cannot_be_read_is_told_with_its_line(
    text: str, line: int, complaint: str, tmp_path: Path
) -> None:
    program = tmp_path / "flatten.awk"
    program.write_text(FLATTEN)
    done = awk(str(program), text)
    assert (done.returncode, done.stderr) == (2, f"line {line}: {complaint}\n")


def calls(program: str, functions: str, text: str) -> list[list[str]]:
    """The calls that a seed file becomes, run by a real shell: each a function's name and its arguments."""
    done = awk(str(TINY / program), text)
    assert done.returncode == 0, done.stderr
    say = "\n".join(f"{name}() {{ printf '%s\\001' {name} \"$@\"; printf '\\002'; }}" for name in functions.split())
    shell = subprocess.run(
        ["sh", "-e", "-c", f"{say}\n{done.stdout}"], capture_output=True, encoding="utf-8", check=True
    )
    return [call.split("\1")[:-1] for call in shell.stdout.split("\2")[:-1]]


def test_user_data_becomes_calls_in_order() -> None:
    config = {
        "fqdn": "ignored.example",
        "hostname": "web01",
        "ssh_authorized_keys": ["k'1"],
        "users": ["default", {"name": "bob", "homedir": "/srv/bob", "ssh_authorized_keys": ["$(reboot)"]}],
        "write_files": [{"path": "/x y", "content": "a\n`b`", "append": True, "owner": "bob"}],
        "runcmd": ['echo "$HOME"', ["touch", "it's"]],
        "packages": ["vim"],
    }
    functions = "ignored set_hostname add_user add_key write_file run_later"
    assert calls("cloud-config.awk", functions, json.dumps(config)) == [
        ["ignored", "packages"],
        ["set_hostname", "web01"],
        ["add_key", "root", "k'1"],
        ["add_user", "bob", "/srv/bob"],
        ["add_key", "bob", "$(reboot)"],
        ["write_file", "/x y", "", "bob", "", "append", "a\n`b`"],
        ["run_later", 'echo "$HOME"'],
        ["run_later", "'touch' 'it'\\''s'"],
    ]


@pytest.mark.parametrize("wrap", [lambda config: config, lambda config: {"network": config}])
def test_network_config_becomes_calls(wrap: Any) -> None:
    nic = {
        "match": {"macaddress": "52:54:00:AA:BB:CC"},
        "set-name": "lan0",
        "mtu": 1400,
        "addresses": ["10.1.2.3/24", "fd00::3/64"],
        "gateway4": "10.1.2.1",
        "routes": [{"to": "10.9.0.0/16", "via": "10.1.2.9", "metric": 50}],
        "nameservers": {"addresses": ["10.1.2.1"], "search": ["lab"]},
    }
    text = json.dumps(wrap({"version": 2, "ethernets": {"nic0": nic}}))
    assert calls("network.awk", "nic set_mtu add_address add_route add_resolver dhcp", text) == [
        ["nic", "52:54:00:AA:BB:CC", "*", "lan0"],
        ["set_mtu", "1400"],
        ["add_address", "10.1.2.3/24"],
        ["add_address", "fd00::3/64"],
        ["add_route", "default", "10.1.2.1", ""],
        ["add_route", "10.9.0.0/16", "10.1.2.9", "50"],
        ["add_resolver", "nameserver", "10.1.2.1"],
        ["add_resolver", "search", "lab"],
    ]


def test_an_interface_without_match_is_known_by_its_name() -> None:
    text = "version: 2\nethernets:\n  eth1:\n    dhcp4: true\n"
    assert calls("network.awk", "nic dhcp", text) == [["nic", "", "eth1", ""], ["dhcp"]]


def test_network_config_of_another_version_is_refused() -> None:
    done = awk(str(TINY / "network.awk"), "version: 1\nconfig: []\n")
    assert done.returncode == 2
    assert done.stderr.endswith("only version 2 of network-config is understood\n")
