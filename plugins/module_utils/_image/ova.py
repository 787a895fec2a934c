# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OVA files (DSP0243 of DMTF): a tar with a description (.ovf), perhaps a manifest (.mf), and the disk.

Nothing is extracted by the name that it has in the file: the one disk is copied into a file of ours.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, BinaryIO, cast

from .._errors import Refused
from .._libs import etree
from .._units import MIB
from .._xml import parse_xml
from .image import HEADER_BYTES
from .kinds import disk_format
from .packed import in_time
from .room import Room

_CHUNK = MIB
_MOST_MEMBERS = 1000
# No description or manifest is longer, and nothing that a tar says of a member.
_LONGEST_TEXT = 8 * MIB
_LINE = re.compile(r"(?P<algorithm>SHA1|SHA256|SHA512) ?\((?P<name>.+)\) ?= ?(?P<digest>[0-9a-fA-F]+)")
_DIGEST = "the digest that its manifest (.mf) tells"


class _Careful:
    """A file of which a tar's reader cannot be made to read more at once than there is sense in."""

    def __init__(self, opened: BinaryIO) -> None:
        self._opened = opened
        self.seek, self.tell = opened.seek, opened.tell

    def read(self, size: int) -> bytes:
        """Return the next bytes; the size comes from the file itself."""
        if not 0 <= size <= _LONGEST_TEXT:
            raise tarfile.ReadError("it tells too much of a member")
        return self._opened.read(size)


def extract_disk(what: str, path: str, target: str, room: Room, timeout: float) -> None:
    """Copy the disk of the OVA at `path` into the new file `target`; `timeout` in seconds.

    Refused, naming it as `what`, where it is broken, holds more than plain files, has not exactly one disk and that a
    VMDK, is not what its manifest tells, or the disk takes more than there is room for.
    """
    deadline = time.monotonic() + timeout
    with open(path, "rb") as opened:
        members = _members(what, opened)
        ovf = _only(what, [name for name in members if name.lower().endswith(".ovf")], "description (.ovf)")
        described = _text(what, opened, members[ovf])
        disk = _disk_of(what, described, members)
        manifest = _manifest(what, opened, members)
        _check_digest(what, manifest, ovf, [described])
        blocks = in_time(what, _content(opened, members[disk]), deadline)
        room.fill(what, target, _judged(what, blocks, members[disk].size))
        with open(target, "rb") as copied:
            blocks = in_time(what, iter(lambda: copied.read(_CHUNK), b""), deadline)
            _check_digest(what, manifest, disk, blocks)


def _members(what: str, opened: BinaryIO) -> dict[str, tarfile.TarInfo]:
    """Return the files in a tar by name; Refused for anything but plain files beside each other."""
    found: dict[str, tarfile.TarInfo] = {}
    size = opened.seek(0, 2)
    opened.seek(0)
    try:
        with tarfile.open(fileobj=cast("BinaryIO", _Careful(opened)), mode="r:") as archive:
            for member in archive:
                name = member.name[2:] if member.name.startswith("./") else member.name
                _check_member(what, member, name, size)
                found[name] = member
                if len(found) > _MOST_MEMBERS:
                    raise Refused(f"{what} has more than {_MOST_MEMBERS} files in it; an OVA has a few.")
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
        raise Refused(f"{what} is a broken tar ({' '.join(str(error).split())}); get it again.") from error
    _check_end(what, opened, found.values())
    return found


def _check_end(what: str, opened: BinaryIO, members: Collection[tarfile.TarInfo]) -> None:
    """Refuse a tar without the empty block at its end: one that is cut off between two files has no other sign."""
    ends = [member.offset_data - -member.size // tarfile.BLOCKSIZE * tarfile.BLOCKSIZE for member in members]
    opened.seek(max(ends, default=0))
    if opened.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise Refused(f"{what} is cut off between the files in it; get it again.")


def _check_member(what: str, member: tarfile.TarInfo, name: str, size: int) -> None:
    shown = ascii(name[:80])
    if not member.isreg() or member.issparse():
        raise Refused(f"{what} has {shown} in it, which is no plain file; an OVA with links or devices is not opened.")
    if "/" in name or name in ("", ".", ".."):
        raise Refused(f"{what} has {shown} in it, which would lie in another directory; such an OVA is not opened.")
    if member.offset_data + member.size > size:
        raise Refused(f"{what} is cut off within {shown}; get it again.")


def _only(what: str, names: list[str], noun: str) -> str:
    if len(names) != 1:
        raise Refused(f"{what} has {len(names) or 'no'} {noun} in it, not one; give the wanted disk as path.")
    return names[0]


def _content(opened: BinaryIO, member: tarfile.TarInfo) -> Iterator[bytes]:
    opened.seek(member.offset_data)
    left = member.size
    while left:
        block = opened.read(min(left, _CHUNK))
        if not block:
            return
        left -= len(block)
        yield block


def _text(what: str, opened: BinaryIO, member: tarfile.TarInfo) -> bytes:
    if member.size > _LONGEST_TEXT:
        raise Refused(f"{what} has a description of {member.size // MIB} MiB in it, which is none; get another file.")
    return b"".join(_content(opened, member))


def _disk_of(what: str, described: bytes, members: Mapping[str, tarfile.TarInfo]) -> str:
    """Return the name of the one file that is a disk of the described VM."""
    tree = _parsed(what, described)
    files = {_named(node, "id"): node for node in tree.iter("{*}File")}
    disks = {_named(node, "fileRef") for node in tree.iter("{*}Disk")} - {""}
    file = files.get(_only(what, sorted(disks), "disk"))
    name = "" if file is None else _named(file, "href")
    if file is None or name not in members:
        raise Refused(f"{what} does not have the disk in it that its description names; get the whole OVA.")
    if _named(file, "compression") not in ("", "identity") or _named(file, "chunkSize"):
        raise Refused(f"{what} has its disk compressed or in pieces; unpack it, and give the disk as path.")
    return name


def _parsed(what: str, described: bytes) -> Any:
    try:
        tree = parse_xml(described)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(f"{what} has a description (.ovf) that is no XML; get it again.") from error
    if tree.getroottree().docinfo.internalDTD is not None:
        raise Refused(f"{what} has a description (.ovf) with a document type, which no OVF has; it is not read.")
    return tree


def _named(node: Any, attribute: str) -> str:
    """Return an attribute of any namespace; programs disagree about it."""
    return next((value for name, value in node.items() if etree.QName(name).localname == attribute), "")


def _manifest(what: str, opened: BinaryIO, members: Mapping[str, tarfile.TarInfo]) -> dict[str, tuple[str, str]]:
    """Return algorithm and digest of each file that a manifest lists; nothing where there is none."""
    names = [name for name in members if name.lower().endswith(".mf")]
    text = _text(what, opened, members[_only(what, names, "manifest (.mf)")]) if names else b""
    lines = [line.strip() for line in text.decode("utf-8", "replace").splitlines()]
    listed = [(line, _LINE.fullmatch(line)) for line in lines if line]
    for line, match in listed:
        if match is None:
            raise Refused(f"{what} has a manifest (.mf) with a line that is none ({line[:80]!a}); get it again.")
    return {match["name"]: (match["algorithm"].lower(), match["digest"].lower()) for _line, match in listed if match}


def _check_digest(what: str, manifest: Mapping[str, tuple[str, str]], name: str, blocks: Iterable[bytes]) -> None:
    if not manifest:
        return
    algorithm, wanted = manifest.get(name, ("sha256", ""))
    digest = hashlib.new(algorithm, usedforsecurity=False)
    for block in blocks:
        digest.update(block)
    if digest.hexdigest() != wanted:
        raise Refused(f"{what} has {name!a} in it, which does not have {_DIGEST}; get it again.")


def _judged(what: str, blocks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Pass the blocks of a disk on; Refused where its beginning shows that it is no VMDK."""
    first = next(blocks, b"")
    if disk_format(f"The disk in {what}", first[:HEADER_BYTES], size) != "vmdk":
        raise Refused(f"The disk in {what} is no VMDK; unpack it, and give the disk as path.")
    yield first
    yield from blocks
