# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How hypervisors are named and shown."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.hypervisors import (
    Target,
    from_template,
    targets,
)

SSH = "qemu+ssh://root@{host}/system"
READ = {
    "a name": ("h1", Target("h1", "qemu+ssh://root@h1/system")),
    "an address": ("192.0.2.7", Target("192.0.2.7", "qemu+ssh://root@192.0.2.7/system")),
    "an IPv6 address": ("2001:db8::7", Target("2001:db8::7", "qemu+ssh://root@[2001:db8::7]/system")),
    "a URI": ("qemu+tls://h2.example.org/system", Target("h2.example.org", "qemu+tls://h2.example.org/system")),
    "a local URI": ("qemu:///system", Target("localhost", "qemu:///system")),
    "a dictionary": ({"name": "big", "uri": "qemu:///system"}, Target("big", "qemu:///system")),
    "only a URI": ({"uri": "qemu+ssh://me@h3:2222/system"}, Target("h3", "qemu+ssh://me@h3:2222/system")),
}


@pytest.mark.parametrize(("entry", "expected"), READ.values(), ids=list(READ))
def test_read(entry: Any, expected: Target) -> None:
    assert targets([entry], SSH) == [expected]


REFUSED = {
    "no URI": ([{"name": "h1"}], "'h1' needs a 'uri'"),
    "an unknown word": ([{"name": "h1", "uri": "qemu:///system", "usr": "x"}], "does not know 'usr'"),
    "one name, two URIs": (["h1", {"name": "h1", "uri": "qemu:///system"}], "called 'h1'"),
    "no name of a host": (["h1; reboot"], "'h1; reboot' is not the name of a host"),
    "an option of ssh": (["-oProxyCommand=x"], "is not the name of a host"),
}


@pytest.mark.parametrize(("entries", "words"), REFUSED.values(), ids=list(REFUSED))
def test_refuse(entries: list[Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        targets(entries, SSH)


def test_one_hypervisor_named_twice_is_read_once() -> None:
    assert targets(["h1", "h1"], SSH) == [Target("h1", "qemu+ssh://root@h1/system")]


def test_the_template_has_name_and_address() -> None:
    assert (
        from_template("qemu+tls://{host}/system?x={name}", "h1", "192.0.2.1").uri == "qemu+tls://192.0.2.1/system?x=h1"
    )


QUIET = {
    "ssh": ("qemu+ssh://h1/system", "qemu+ssh://h1/system?no_tty=1"),
    "with parameters": ("qemu+ssh://h1/system?command=/x/ssh", "qemu+ssh://h1/system?command=/x/ssh&no_tty=1"),
    "told otherwise": ("qemu+ssh://h1/system?no_tty=0", "qemu+ssh://h1/system?no_tty=0"),
    "no ssh": ("qemu+tls://h1/system", "qemu+tls://h1/system"),
    "local": ("test:///default", "test:///default"),
}


@pytest.mark.parametrize(("uri", "expected"), QUIET.values(), ids=list(QUIET))
def test_nobody_is_asked_for_a_password(uri: str, expected: str) -> None:
    assert Target("h1", uri).quiet_uri == expected


SECRET = {
    "password": "esx://root:s3%2Fcret@h1/?no_verify=1",
    "parameter": "qemu+tcp://h1/system?password=s3%2Fcret&x=y",
}


@pytest.mark.parametrize("uri", SECRET.values(), ids=list(SECRET))
def test_passwords_are_not_shown(uri: str) -> None:
    shown = Target("h1", uri).redacted(f"cannot open {uri}: s3/cret is wrong")
    assert "cret" not in shown
    assert "cannot open" in shown


def test_a_text_without_secrets_is_shown_as_it_is() -> None:
    assert Target("h1", "qemu+ssh://root@h1/system?keyfile=/k").redacted("root@h1 /k") == "root@h1 /k"
