# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of downloads and uploads: what the host is told, what moves, and what stays as it was.

The connection and the module are stand-ins, because what matters here is what is left on this side of them.
"""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible_collections.kvmops.datacenter.plugins.action import kvm_volume

CONTENT = b"volume" * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()
STAGED = {"changed": True, "_staged": {"size": len(CONTENT), "sha256": SHA}}


class Action(kvm_volume.ActionModule):
    """The action on a host that answers as told, and sends what it is told to."""

    def __init__(self, dest: str, answer: dict[str, Any], sent: bytes = CONTENT, breaks: bool = False) -> None:
        self._task: Any = SimpleNamespace(args={"name": "v", "pool": "p", "dest": dest}, check_mode=False)
        shell = SimpleNamespace(tmpdir="/remote/tmp", join_path=lambda *parts: "/".join(parts))
        self._connection: Any = SimpleNamespace(_shell=shell, fetch_file=self._sent)
        self._loader: Any = SimpleNamespace(path_dwim=str)
        self.answer, self.sent, self.breaks = answer, sent, breaks
        self.asked: dict[str, Any] = {}
        self.removed: list[str] = []

    def _sent(self, in_path: str, out_path: str) -> None:
        assert in_path == "/remote/tmp/volume"
        Path(out_path).write_bytes(self.sent)
        if self.breaks:
            raise AnsibleConnectionFailure("the line is cut")

    def _execute_module(self, _name: str, module_args: dict[str, Any], **_more: Any) -> dict[str, Any]:
        self.asked = module_args
        return dict(self.answer)

    def _remove_tmp_path(self, path: str) -> None:
        self.removed.append(path)


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kvm_volume.ActionBase, "run", lambda *_arguments: {})


@pytest.mark.parametrize("there", [None, b"old"])
@pytest.mark.parametrize("folder", [False, True])
def test_a_volume_arrives(tmp_path: Path, there: bytes | None, folder: bool) -> None:
    file = tmp_path / "v"
    if there is not None:
        file.write_bytes(there)
        file.chmod(0o640)
    # Left by a run that was cut off.
    (tmp_path / "v.part").write_bytes(CONTENT * 2)
    action = Action(str(tmp_path if folder else file), STAGED)
    assert action.run() == {"changed": True, "dest": str(file)}
    assert file.read_bytes() == CONTENT
    assert stat.S_IMODE(file.stat().st_mode) == (0o600 if there is None else 0o640)
    assert [path.name for path in tmp_path.iterdir()] == ["v"]
    known = {"size": 3, "sha256": hashlib.sha256(b"old").hexdigest()} if there else {}
    assert action.asked == {
        "name": "v",
        "pool": "p",
        "dest": str(file),
        "_local": {**known, "path": "/remote/tmp/volume"},
    }
    assert action.removed == ["/remote/tmp"]


LEFT = [
    ({"changed": False}, CONTENT, {"changed": False, "dest": "{}"}),
    ({"failed": True, "msg": "no"}, CONTENT, {"failed": True, "msg": "no"}),
    (
        STAGED,
        CONTENT[:-1],
        {
            "failed": True,
            "changed": False,
            "msg": "Volume 'p/v': dest {} did not arrive whole, and is left as it was; run it again.",
        },
    ),
]


@pytest.mark.parametrize(("answer", "sent", "result"), LEFT)
def test_what_is_there_is_left(tmp_path: Path, answer: dict[str, Any], sent: bytes, result: dict[str, Any]) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    action = Action(str(file), answer, sent)
    filled = {key: value.format(file) if isinstance(value, str) else value for key, value in result.items()}
    assert action.run() == filled
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert action.removed == ["/remote/tmp"]


def test_a_line_that_is_cut_leaves_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    action = Action(str(file), STAGED, CONTENT[:100], breaks=True)
    with pytest.raises(AnsibleConnectionFailure):
        action.run()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]
    assert action.removed == ["/remote/tmp"]


@pytest.mark.parametrize(
    ("dest", "words"),
    [
        ("none/file", "has no folder {}/none on the control node; make it first"),
        ("none/", "has no folder {}/none on the control node; make it first"),
        ("folder", "dest {}/folder/v is a directory"),
    ],
)
def test_no_place_for_a_file(tmp_path: Path, dest: str, words: str) -> None:
    (tmp_path / "folder" / "v").mkdir(parents=True)
    action = Action(f"{tmp_path}/{dest}", STAGED)
    result = action.run()
    assert result["msg"].startswith("Volume 'p/v': dest ")
    assert words.format(tmp_path) in result["msg"]
    assert action.asked == {}


def test_a_link_in_place_of_the_part_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / "v.part").symlink_to(tmp_path / "victim")
    assert Action(str(tmp_path / "v"), STAGED).run()["changed"]
    assert (tmp_path / "victim").read_bytes() == b"mine"
    assert not (tmp_path / "v").is_symlink()


def test_a_file_that_cannot_be_written_beside(tmp_path: Path) -> None:
    (tmp_path / "v.part").mkdir()
    result = Action(str(tmp_path / "v"), STAGED).run()
    assert result["msg"].startswith(f"Volume 'p/v': dest {tmp_path}/v cannot be written (")


class Upload(Action):
    """The action with a file to send, on a host that answers one thing after the other."""

    def __init__(self, src: Path, answers: list[dict[str, Any]]) -> None:
        super().__init__("", {})
        self._task.args = {"name": "v", "pool": "p", "src": str(src)}
        self.answers = iter(answers)
        self.calls: list[dict[str, Any]] = []
        self.brought: list[tuple[str, str]] = []

    def _execute_module(self, _name: str, module_args: dict[str, Any], **_more: Any) -> dict[str, Any]:
        self.calls.append(module_args["_local"])
        return dict(next(self.answers))

    def _find_needle(self, _dirname: str, needle: str) -> str:
        if not Path(needle).exists():
            raise AnsibleError(f"Could not find {needle}")
        return needle

    def _transfer_file(self, local_path: str, remote_path: str) -> str:
        self.brought.append((local_path, remote_path))
        return remote_path

    def _fixup_perms2(self, _paths: tuple[str, ...]) -> None:
        pass


DONE = {"changed": True}
UPLOADS = [
    ([{"changed": False}], False, {"changed": False}),
    ([{"changed": True, "upload_needed": True}, DONE], True, DONE),
    ([{"changed": True}], False, DONE),
]


@pytest.mark.parametrize(("answers", "sent", "result"), UPLOADS)
def test_a_file_is_sent_where_it_is_needed(
    tmp_path: Path, answers: list[dict[str, Any]], sent: bool, result: dict[str, Any]
) -> None:
    file = tmp_path / "file"
    file.write_bytes(CONTENT)
    action = Upload(file, answers)
    assert action.run() == result
    told = {"size": len(CONTENT), "format": "raw", "sha256": SHA, "capacity": len(CONTENT)}
    there = "/remote/tmp/image"
    assert action.brought == ([(str(file), there)] if sent else [])
    assert action.calls == [{**told, "path": path} for path in ([None, there] if sent else [None])]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    action = Upload(tmp_path / "none", [])
    assert action.run() == {"failed": True, "changed": False, "msg": f"Could not find {tmp_path}/none"}
    assert action.calls == []
