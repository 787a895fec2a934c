# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of checksums: read, checked, never guessed. gpgv is a stand-in: the lab has the real one (test_template.py)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._image import listed
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.listed import find, resolved
from ansible_collections.kvmops.datacenter.plugins.module_utils._image.origin import ChecksumList, Origin

A, B, LONG = "a" * 64, "b" * 64, "c" * 128
LIST = ChecksumList("https://me:secret@example.org/SHA256SUMS?token=secret")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{A}  disk.raw\n{B}  other.raw\n", f"sha256:{A}"),
        (f"{A} *disk.raw\r\n", f"sha256:{A}"),
        (f"{A}  ./images/disk.raw\n", f"sha256:{A}"),
        (f"{LONG}  disk.raw\n", f"sha512:{LONG}"),
        (f"{A.upper()}  disk.raw\n", f"sha256:{A}"),
        (f"# disk.raw: 1 byte\nSHA256 (disk.raw) = {A}\n", f"sha256:{A}"),
        (f"SHA512 (disk.raw) = {LONG}\nSHA256 (disk.raw) = {A}\n", f"sha256:{A}"),
        (f"{A}  disk.raw\n{A}  copy/disk.raw\n", f"sha256:{A}"),
        (f"{A}  disk.raw (1)\n{B}  disk.raw\n", f"sha256:{B}"),
    ],
)
def test_the_checksum_of_a_file_is_found(text: str, found: str) -> None:
    assert str(find(LIST, text, "disk.raw")) == found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no SHA-256 or SHA-512 of disk.raw"),
        (f"{A}  other.raw\n", "no SHA-256 or SHA-512 of disk.raw"),
        (f"{A}  disk.raw.asc\n{A}  xdisk.raw\n", "no SHA-256 or SHA-512 of disk.raw"),
        (f"{'a' * 32}  disk.raw\n", "no SHA-256 or SHA-512 of disk.raw"),
        (f"{A[1:]}  disk.raw\n", "no SHA-256 or SHA-512 of disk.raw"),
        (f"MD5 (disk.raw) = {A}\n", "no SHA-256 or SHA-512 of disk.raw"),
        (f"{A}  a/disk.raw\n{B}  b/disk.raw\n", "several checksums of disk.raw"),
    ],
)
def test_a_list_that_does_not_tell_is_refused(text: str, word: str) -> None:
    with pytest.raises(Refused, match=word) as caught:
        find(LIST, text, "disk.raw")
    assert str(caught.value).startswith("The list of checksums https://example.org/SHA256SUMS has")


class Gpgv:
    """Stands in for gpgv: finds a signature good or not, and writes what is signed in a text around which it is."""

    def __init__(self, code: int = 0, signed: str = "") -> None:
        self.code, self.signed = code, signed
        self.commands: list[list[str]] = []

    def attempt(self, command: list[str]) -> tuple[int, str, str]:
        self.commands.append(command)
        if "--output" in command:
            Path(command[command.index("--output") + 1]).write_text(self.signed)
        return self.code, "", "gpgv: Signature made today\ngpgv: BAD signature\n"


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed.shutil, "which", lambda program: f"/usr/bin/{program}")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Return a directory with a list of checksums, a keyring, and a directory for temporary files."""
    (tmp_path / "SUMS").write_text(f"{A}  disk.raw\n")
    (tmp_path / "keys.gpg").write_bytes(b"\x98keys")
    (tmp_path / "tmp").mkdir()
    return tmp_path


def told(shelf: Path, host: Any, keyring: str = "keys.gpg", name: str = "disk.raw") -> str:
    """Return the checksum that an image gets; nothing temporary is left, whatever happens."""
    checksums = ChecksumList(f"file://{shelf}/SUMS", f"{shelf}/{keyring}" if keyring else "")
    origin = Origin("url", f"https://example.org/x/{name}?token=1", checksums=checksums)
    try:
        return str(resolved(host, origin, str(shelf / "tmp")).checksum)
    finally:
        assert list((shelf / "tmp").iterdir()) == []


@pytest.mark.parametrize("name", ["disk.raw", "disk%2Eraw"])
def test_a_list_that_is_not_signed_is_believed_where_no_keyring_is_given(shelf: Path, name: str) -> None:
    host = Gpgv()
    assert told(shelf, host, "", name) == f"sha256:{A}"
    assert host.commands == []


@pytest.mark.parametrize("end", [".gpg", ".asc", ".sign", ".sig"])
def test_a_signature_may_lie_beside_the_list(shelf: Path, end: str) -> None:
    (shelf / f"SUMS{end}").write_bytes(b"signature")
    host = Gpgv()
    assert told(shelf, host) == f"sha256:{A}"
    assert [command[:3] for command in host.commands] == [["gpgv", "--keyring", f"{shelf}/keys.gpg"]]


def test_only_what_is_signed_counts(shelf: Path) -> None:
    (shelf / "SUMS").write_text(f"-----BEGIN PGP SIGNED MESSAGE-----\n\n{A}  disk.raw\n")
    assert told(shelf, Gpgv(signed=f"{B}  disk.raw\n")) == f"sha256:{B}"
    with pytest.raises(Refused, match="no SHA-256"):
        told(shelf, Gpgv(signed=""))


@pytest.mark.parametrize("around", [True, False])
@pytest.mark.parametrize("code", [1, 2])
def test_a_signature_that_does_not_fit_is_refused(shelf: Path, around: bool, code: int) -> None:
    (shelf / "SUMS.gpg").write_bytes(b"signature")
    if around:
        (shelf / "SUMS").write_text(f"-----BEGIN PGP SIGNED MESSAGE-----\n\n{A}  disk.raw\n")
    with pytest.raises(Refused, match=r"\(gpgv: Signature made today; BAD signature\)") as caught:
        told(shelf, Gpgv(code, f"{A}  disk.raw\n"))
    assert "\n" not in str(caught.value)


def test_a_list_without_a_signature_is_refused(shelf: Path) -> None:
    with pytest.raises(Refused, match="nor is there a signature beside it"):
        told(shelf, Gpgv())


@pytest.mark.parametrize(
    ("content", "word"), [(None, "No such file"), (b"-----BEGIN PGP PUBLIC KEY BLOCK-----", "gpg --dearmor")]
)
def test_a_keyring_that_cannot_be_read_is_refused(shelf: Path, content: bytes | None, word: str) -> None:
    (shelf / "keys.gpg").unlink()
    if content:
        (shelf / "keys.gpg").write_bytes(content)
    with pytest.raises(Refused, match=word):
        told(shelf, Gpgv())


def test_a_host_without_gpgv_is_told_what_to_install(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    with pytest.raises(KvmError, match="install the package gpgv"):
        told(shelf, Gpgv())


def test_what_is_no_list_is_refused(shelf: Path) -> None:
    (shelf / "SUMS").write_bytes(bytes(4 * 1024**2 + 1))
    with pytest.raises(Refused, match="more than 4 MiB"):
        told(shelf, Gpgv(), "")


def test_an_image_without_a_list_is_left_as_it_is(tmp_path: Path) -> None:
    origin = Origin("url", "https://example.org/x")
    assert resolved(NOBODY, origin, str(tmp_path)) is origin


NOBODY: Any = None
