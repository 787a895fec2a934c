# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections, lookups and errors, against libvirt's own test driver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils import _hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, NotFound, Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import (
    NO_DOMAIN,
    Hypervisor,
    found,
    hypervisor,
    sentence,
    speaking_of,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._libs import MissingLibrary, library

NETWORK = "<network><name>{}</name><bridge name='{}'/></network>"
POOL = "<pool type='dir'><name>{}</name><target><path>/tmp/{}</path></target></pool>"


@pytest.fixture
def host() -> Iterator[Hypervisor]:
    with hypervisor("test:///default") as connected:
        yield connected


class FakeError:
    """As much of a libvirtError as a sentence is made of."""

    def __init__(self, code: int, words: str) -> None:
        self.code = code
        self.words = words

    def get_error_code(self) -> int:
        return self.code

    def get_error_message(self) -> str:
        return self.words


@pytest.mark.parametrize(
    ("code", "kind", "meaning"),
    [
        (42, NotFound, "the VM does not exist (any more)"),
        (43, NotFound, "the network does not exist"),
        (49, NotFound, "the pool does not exist"),
        (50, NotFound, "the volume does not exist"),
        (27, Refused, "libvirt refuses the description"),
        (55, KvmError, "it cannot be done in the present state"),
        (68, TimedOut, "another operation on the object did not end in time; run it again"),
        (86, KvmError, "the guest agent does not answer; is qemu-guest-agent running in the guest?"),
        (9999, KvmError, "it failed"),
    ],
)
def test_codes_become_sentences(code: int, kind: type[KvmError], meaning: str) -> None:
    error = sentence(FakeError(code, "words\n  of   libvirt"), "web01: start")
    assert error.__class__ is kind
    assert str(error) == f"web01: start: {meaning} (libvirt: words of libvirt)."


def test_a_libvirt_error_inside_the_block_becomes_ours(host: Hypervisor) -> None:
    with (
        pytest.raises(NotFound, match=r"^web01: look: the VM does not exist \(any more\) \(libvirt: .*\)\.$"),
        speaking_of("web01: look"),
    ):
        host.connection.lookupByName("web01")


@pytest.mark.parametrize("kind", ["domain", "pool", "network"])
def test_looking_for_what_is_not_there_finds_none(host: Hypervisor, kind: str) -> None:
    assert getattr(host, kind)("nothing of that name") is None


@pytest.mark.parametrize("kind", ["domain", "pool", "network", "volume_at"])
def test_an_answer_that_cannot_be_had_is_no_absence(kind: str) -> None:
    with hypervisor("test:///default") as host:
        pass
    with pytest.raises(_hypervisor.libvirt.libvirtError, match="invalid connection pointer"):
        getattr(host, kind)("test")


class Forgetful:
    """Lookups of which the first ones fail and libvirt has forgotten why: nothing but chance makes a real one do it."""

    def __init__(self, host: Hypervisor, times: int) -> None:
        self.host = host
        self.times = times

    def __call__(self, name: str) -> Any:
        if self.times:
            self.times -= 1
            _hypervisor.libvirt.virResetLastError()
            raise _hypervisor.libvirt.libvirtError("it failed")
        return self.host.connection.lookupByName(name)


@pytest.mark.parametrize("name", ["test", "none"])
def test_an_error_that_libvirt_has_forgotten_is_asked_for_again(host: Hypervisor, name: str) -> None:
    for times in range(3):
        domain = found(Forgetful(host, times), name, NO_DOMAIN)
        assert (domain.name() if domain else None) == (name if name == "test" else None)
    with pytest.raises(_hypervisor.libvirt.libvirtError, match="it failed"):
        found(Forgetful(host, 3), name, NO_DOMAIN)


def test_looking_for_what_is_there_finds_it(host: Hypervisor) -> None:
    domain, pool, network = host.domain("test"), host.pool("default-pool"), host.network("default")
    assert domain is not None
    assert pool is not None
    assert network is not None
    assert [domain.name(), pool.name(), network.name()] == ["test", "default-pool", "default"]
    assert host.volume(pool, "nothing") is None
    assert host.volume_at("/nothing/at/all") is None


def test_what_is_required_is_named_with_what_there_is(host: Hypervisor) -> None:
    with pytest.raises(NotFound) as refusal:
        host.require_active_pool("fast")
    assert str(refusal.value) == (
        "Pool 'fast' does not exist on test:///default; create it, or choose one of: default-pool."
    )
    with pytest.raises(NotFound, match=r"^Network 'lan' does not exist on .*; create it, or choose one of: default\.$"):
        host.require_network("lan")


def test_a_pool_that_is_not_active_is_refused(host: Hypervisor) -> None:
    host.connection.storagePoolDefineXML(POOL.format("cold", "cold"), 0)
    with pytest.raises(Refused, match=r"^Pool 'cold' is not active on .*; set it to state active first\.$"):
        host.require_active_pool("cold")
    assert host.require_active_pool("default-pool").name() == "default-pool"
    assert host.pool_names() == ["cold", "default-pool"]


def test_where_there_is_nothing_to_choose_from_nothing_is_listed(host: Hypervisor) -> None:
    host.connection.networkLookupByName("default").destroy()
    host.connection.networkLookupByName("default").undefine()
    with pytest.raises(NotFound, match=r"; create it first \(there is none yet\)\.$"):
        host.require_network("lan")


@pytest.mark.parametrize("uri", ["nonsense", "qemu+unix:///system?socket=/nowhere/sock", "test+nothing:///"])
def test_a_uri_that_does_not_answer_is_one_sentence(uri: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KvmError) as error, hypervisor(uri):
        pass
    text = str(error.value)
    assert text.startswith(f"The hypervisor '{uri}' does not answer; check the URI")
    assert text.endswith(").")
    assert "\n" not in text
    assert "".join(capfd.readouterr()) == ""


def test_the_connection_is_closed_whatever_happens() -> None:
    with pytest.raises(ZeroDivisionError), hypervisor("test:///default") as host:
        raise ZeroDivisionError
    with pytest.raises(_hypervisor.libvirt.libvirtError):
        host.connection.getHostname()


def test_what_is_the_same_for_a_run_is_asked_once() -> None:
    asked: list[int] = []
    host = Hypervisor(None, "x")

    def learn() -> int:
        asked.append(1)
        return len(asked)

    assert [host.once("a", learn), host.once("a", learn), host.once("b", learn)] == [1, 1, 2]
    host.forget("a")
    host.forget("never learnt")
    assert host.once("a", learn) == 3


@pytest.mark.parametrize(
    ("answer", "sentence_end"),
    [
        ((1, "", "no\n  space"), "failed with code 1: no space."),
        ((2, "said this", ""), "failed with code 2: said this."),
        ((3, "", ""), "failed with code 3: it printed nothing."),
    ],
)
def test_a_program_that_fails_is_a_sentence(answer: tuple[int, str, str], sentence_end: str) -> None:
    with pytest.raises(KvmError) as error:
        Hypervisor(None, "x", lambda _command: answer).run(["qemu-img", "info"])
    assert str(error.value) == f"qemu-img {sentence_end}"


def test_a_program_that_succeeds_says_what_it_printed() -> None:
    assert Hypervisor(None, "x", lambda command: (0, " ".join(command), "noise")).run(["a", "b"]) == "a b"


def test_a_library_that_is_missing_is_told_when_it_is_used() -> None:
    missing = library("no_such_library_here", "python3-nothing")
    assert isinstance(missing, MissingLibrary)
    with pytest.raises(KvmError, match=r"no_such_library_here is missing .*install the package python3-nothing"):
        missing.open("x")
    assert not hasattr(missing, "__wrapped__")


def test_a_host_without_libvirt_python_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_hypervisor, "libvirt", MissingLibrary("libvirt", "python3-libvirt"))
    with pytest.raises(KvmError, match="install the package python3-libvirt"), hypervisor("qemu:///system"):
        pass
