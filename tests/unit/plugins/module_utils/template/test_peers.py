# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates that come from other hosts.

What a peer has is stood in for: libvirt's test driver keeps no content of volumes. The lab's tests ask real ones.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.origin import Origin
from ansible_collections.kvmops.datacenter.plugins.module_utils._template import converge, peers
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.changes import ImportTemplate
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.from_peer import FromPeer, peer_uris
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import Template
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.spec import TemplateSpec

CONTENT = b"image"
SHA = hashlib.sha256(CONTENT).hexdigest()
MADE_OF = {"sha256": "1" * 64, "url": "https://web/a.qcow2"}
DEFAULTS = {"vcpus": 2}
THERE = Template("web", "1", "p", "/p/i", 8, len(CONTENT), SHA, os="debian12", defaults=DEFAULTS, source=MADE_OF)
FIRST, SECOND = "qemu+ssh://root@one/system?no_tty=1", "qemu+tls://two/system"


@pytest.mark.parametrize(
    ("said", "opened"),
    [
        ("qemu+ssh://root@one/system", FIRST),
        ("qemu+ssh://one/system?command=/bin/s", "qemu+ssh://one/system?command=/bin/s&no_tty=1"),
        ("qemu+libssh2://one/system", "qemu+libssh2://one/system?no_tty=1"),
        ("qemu://one/system", "qemu://one/system"),
        (SECOND, SECOND),
        ("test:///default", "test:///default"),
    ],
)
def test_how_a_peer_is_opened(said: str, opened: str) -> None:
    assert peer_uris([said]) == (opened,)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("one", "'one', which is no URI of libvirt"),
        ("qemu:one", "is no URI of libvirt"),
        ("qemu+tcp://u:secret@one/system", "'qemu+tcp://one/system', which nothing encrypts"),
        ("qemu+ext://one/system", "nothing encrypts"),
    ],
)
def test_what_is_no_peer(said: str, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        peer_uris([SECOND, said])
    assert why in str(refusal.value)


def peers_with(monkeypatch: pytest.MonkeyPatch, **found: Template | KvmError | None) -> list[str]:
    """Let peers have templates, or errors, by the names of their hosts; returns who is asked."""
    asked = []

    def answer(uri: str, label: str) -> Template | None:
        assert label == "web:1"
        name = next(name for name in found if f"{name}/" in uri)
        asked.append(name)
        there = found[name]
        if isinstance(there, KvmError):
            raise there
        return there

    monkeypatch.setattr(peers, "_found", answer)
    return asked


@pytest.mark.parametrize(
    ("found", "taken", "passed", "asked"),
    [
        ({"one": THERE, "two": THERE}, FIRST, [], ["one"]),
        ({"one": None, "two": THERE}, SECOND, ["it does not have template web:1."], ["one", "two"]),
        ({"one": KvmError("It is off."), "two": THERE}, SECOND, ["It is off."], ["one", "two"]),
        (
            {"one": Template("web", "1", "p", "/p/i", 8, 5, "0" * 64), "two": THERE},
            SECOND,
            ["it has another image as template web:1."],
            ["one", "two"],
        ),
        ({"one": None, "two": None}, None, ["it does not have template web:1."] * 2, ["one", "two"]),
    ],
)
def test_which_peer_is_taken(
    monkeypatch: pytest.MonkeyPatch, found: dict[str, Any], taken: str | None, passed: list[str], asked: list[str]
) -> None:
    order = peers_with(monkeypatch, **found)
    source, why = peers.look_at_peers("web:1", [FIRST, SECOND], lambda there: there.sha256 == SHA)
    assert (source.uri if source else None) == taken
    shown = ["qemu+ssh://one/system", "qemu+tls://two/system"]
    assert why == [f"the peer {place} was passed over: {words}" for place, words in zip(shown, passed)]
    assert order == asked
    if source:
        assert (source.template, source.need, source.capacity, source.digests) == (THERE, len(CONTENT), 8, MADE_OF)


def test_a_peer_that_says_nothing_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    late = TimedOut("it does not answer within 30 s.")
    peers_with(monkeypatch, one=late, two=THERE)
    assert peers.look_at_peers("web:1", [FIRST], lambda _there: True) == (
        None,
        ["the peer qemu+ssh://one/system was passed over: it does not answer within 30 s."],
    )


def planned(**said: Any) -> tuple[ImportTemplate, list[str]]:
    """Return the import of a template that a peer may have, and the warnings, on libvirt's test driver."""
    spec = TemplateSpec("web", "1", pool="default-pool", peers=(FIRST,), **said)
    with hypervisor("test:///default") as host:
        outcome = converge.converge_template(host, spec, dry_run=True)
    if outcome.error:
        raise outcome.error
    (change,) = outcome.plan.changes
    assert isinstance(change, ImportTemplate)
    return change, outcome.plan.warnings


@pytest.mark.parametrize("origin", [None, Origin("url", "https://web/a.qcow2")])
def test_what_is_not_said_comes_with_the_template(monkeypatch: pytest.MonkeyPatch, origin: Origin | None) -> None:
    peers_with(monkeypatch, one=THERE)
    change, warnings = planned(origin=origin, description="mine", os="")
    assert change.summary == "import qemu+ssh://one/system as template web:1 into pool default-pool"
    assert (change.description, change.os, change.defaults) == ("mine", None, DEFAULTS)
    assert isinstance(change.source, FromPeer)
    assert warnings == []


def test_what_no_peer_has_comes_from_where_it_is_said_to_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A peer has been asked, and its image was made of something else."""
    image = tmp_path / "disk.raw"
    image.write_bytes(bytes(510) + b"\x55\xaa" + bytes(512))
    url = f"file://{image}"
    peers_with(monkeypatch, one=THERE)
    change, warnings = planned(origin=Origin("url", url), workdir=str(tmp_path))
    assert change.summary == f"import {url} as template web:1 into pool default-pool"
    assert (change.os, change.defaults, isinstance(change.source, FromPeer)) == (None, {}, False)
    shown = "the peer qemu+ssh://one/system was passed over"
    assert warnings == [f"{shown}: it has another image as template web:1."]


@pytest.mark.parametrize("there", [None, replace(THERE, source={"iso": "p/a.iso"}), replace(THERE, form=99)])
def test_without_a_peer_that_has_it_there_is_nothing(monkeypatch: pytest.MonkeyPatch, there: Template | None) -> None:
    peers_with(monkeypatch, one=there)
    with pytest.raises(KvmError, match=r"has no other source than its peers, and the peer .* was passed over"):
        planned()


@pytest.mark.parametrize(("content", "error"), [(CONTENT, ""), (b"other", "is not the one that its descriptor tells")])
def test_what_comes_is_held_against_the_descriptor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, error: str
) -> None:
    def fetched(uri: str, template: Template, target: str) -> str:
        assert (uri, template) == (FIRST, THERE)
        Path(target).write_bytes(content)
        return hashlib.sha256(content).hexdigest()

    monkeypatch.setattr(peers, "_fetched", fetched)
    source = FromPeer(Origin("peer", "one"), uri=FIRST, template=THERE)
    if error:
        with pytest.raises(KvmError, match=error), peers.brought(source, str(tmp_path), 5):
            pytest.fail("what is something else is never used")
    else:
        with peers.brought(source, str(tmp_path), 5) as staged:
            assert Path(staged.path).read_bytes() == CONTENT
            assert (staged.size, staged.capacity, staged.sha256, staged.source) == (len(CONTENT), 8, SHA, MADE_OF)
    assert list(tmp_path.iterdir()) == []
