# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of kvm_template: when an image is read, brought, and left alone."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible_collections.kvmops.datacenter.plugins.action import kvm_template

IMAGE = bytes(510) + b"\x55\xaa" + bytes(512)
SHA = hashlib.sha256(IMAGE).hexdigest()
NEEDED = {"changed": True, "_needs_source": True}
DONE = {"changed": True}
SAME = {"changed": False}
REMOTE = "/remote/tmp/image"


class Action(kvm_template.ActionModule):
    """The action on a host that answers as told."""

    def __init__(self, args: dict[str, Any], answers: list[dict[str, Any]], check_mode: bool = False) -> None:
        self._task: Any = SimpleNamespace(args=args, check_mode=check_mode)
        shell = SimpleNamespace(tmpdir="/remote/tmp", join_path=lambda *parts: "/".join(parts))
        self._connection: Any = SimpleNamespace(_shell=shell)
        self.answers = answers
        self.calls: list[dict[str, Any]] = []
        self.brought: list[tuple[str, str]] = []
        self.removed: list[str] = []

    def _execute_module(self, _name: str, module_args: dict[str, Any], **_more: Any) -> dict[str, Any]:
        self.calls.append(module_args)
        return dict(self.answers[len(self.calls) - 1])

    def _find_needle(self, _dirname: str, needle: str) -> str:
        if not Path(needle).exists():
            raise AnsibleError(f"Could not find {needle}\nSearched in:\n\teverywhere")
        return needle

    def _transfer_file(self, local_path: str, remote_path: str) -> None:
        self.brought.append((local_path, remote_path))

    def _fixup_perms2(self, _paths: tuple[str, ...]) -> None:
        pass

    def _remove_tmp_path(self, path: str) -> None:
        self.removed.append(path)


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kvm_template.ActionBase, "run", lambda *_arguments: {})


@pytest.fixture
def src(tmp_path: Path) -> str:
    (tmp_path / "disk.raw").write_bytes(IMAGE)
    return str(tmp_path / "disk.raw")


def told(action: Action) -> list[tuple[Any, Any]]:
    """Return the digest and the place that the module was told, call by call."""
    return [(call["_source"]["sha256"], call["_source"]["path"]) for call in action.calls]


def test_an_image_that_is_not_needed_is_not_brought(src: str) -> None:
    action = Action({"name": "web", "src": src}, [SAME])
    assert action.run() == SAME
    assert told(action) == [(SHA, None)]
    assert action.calls[0]["_source"] == {"size": 1024, "format": "raw", "capacity": 1024, "sha256": SHA, "path": None}
    assert action.brought == []


def test_an_image_that_is_needed_is_brought(src: str) -> None:
    action = Action({"name": "web", "src": src}, [NEEDED, DONE])
    assert action.run() == DONE
    assert told(action) == [(SHA, None), (SHA, REMOTE)]
    assert action.brought == [(src, REMOTE)]
    assert action.removed == ["/remote/tmp"]


def test_a_packed_image_is_brought_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "disk.raw.gz").write_bytes(gzip.compress(IMAGE))
    action = Action({"name": "web", "src": str(tmp_path / "disk.raw.gz")}, [NEEDED, DONE])
    assert action.run() == DONE
    assert action.calls[0]["_source"]["format"] == "gzip"
    assert action.brought == [(str(tmp_path / "disk.raw.gz"), REMOTE)]


def test_a_checksum_saves_reading_the_image(src: str) -> None:
    checksum = f"sha256:{SHA}"
    action = Action({"name": "web", "src": src, "checksum": checksum}, [SAME])
    assert action.run() == SAME
    assert told(action) == [(None, None)]
    action = Action({"name": "web", "src": src, "checksum": checksum}, [NEEDED, DONE])
    action.run()
    assert told(action) == [(None, None), (SHA, REMOTE)]


def test_nothing_is_brought_in_check_mode(src: str) -> None:
    action = Action({"name": "web", "src": src}, [NEEDED], check_mode=True)
    assert action.run() == DONE
    assert action.brought == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_wrong_image_is_not_brought(src: str, check_mode: bool) -> None:
    action = Action({"name": "web", "src": src, "checksum": f"sha256:{'0' * 64}"}, [NEEDED], check_mode)
    with pytest.raises(AnsibleActionFail, match=f"has the checksum sha256:{SHA}"):
        action.run()
    assert action.brought == []
    assert action.removed == ["/remote/tmp"]


@pytest.mark.parametrize(
    ("place", "word"), [("gone", "does not exist on the control node"), (".", "directory"), ("text", "no disk image")]
)
def test_what_is_no_image_is_refused_before_the_host_is_asked(tmp_path: Path, place: str, word: str) -> None:
    (tmp_path / "text").write_text("no image")
    action = Action({"name": "web", "src": str(tmp_path / place)}, [])
    with pytest.raises(AnsibleActionFail, match=word) as caught:
        action.run()
    assert "\n" not in str(caught.value)
    assert action.calls == []


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"path": "/x"},
        {"src": "/x", "path": "/y"},
        {"src": "/x", "url": "http://y/"},
        {"src": "/x", "state": "absent"},
    ],
)
def test_the_module_judges_everything_else(more: dict[str, Any]) -> None:
    action = Action({"name": "web", **more}, [SAME])
    assert action.run() == SAME
    assert action.calls == [{"name": "web", **more}]


def test_what_the_action_tells_cannot_be_forged() -> None:
    action = Action({"name": "web", "path": "/x", "_source": {"path": "/etc/shadow"}}, [SAME])
    action.run()
    assert action.calls == [{"name": "web", "path": "/x"}]
