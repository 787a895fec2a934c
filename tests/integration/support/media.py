# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small ISO 9660 images made by xorriso on a host, that say on the first serial port that they have booted; and a
server of them that stalls on demand.
"""

from __future__ import annotations

import json
from typing import Any

from tests.integration.support.lab import Lab

BOOTED = "the medium has booted"

# What a BIOS starts: every letter of what follows the code is written to the first serial port, then all stops.
# xor ax,ax; mov ds,ax; mov si,0x7c15; mov dx,0x3f8; next: lodsb; test al,al; jz end; out dx,al; jmp next;
# end: hlt; jmp end
CODE = bytes.fromhex("31c08ed8be157cbaf803ac84c07403eeebf8f4ebfd")

_MAKE = """
import json, os, struct, subprocess, sys
os.chdir(sys.argv[1])
os.makedirs("tree")
with open("tree/boot.img", "wb") as image:
    image.write(bytes.fromhex(sys.argv[3]).ljust(2048, b"\\0"))
BOOT = {
    "bios": ["-c", "boot.cat", "-b", "boot.img", "-no-emul-boot"],
    "efi": ["-c", "boot.cat", "-e", "boot.img", "-no-emul-boot"],
    "both": ["-c", "boot.cat", "-b", "boot.img", "-no-emul-boot", "-eltorito-alt-boot", "-e", "boot.img",
             "-no-emul-boot"],
    "none": [],
}
media = json.loads(sys.argv[2])
# xorriso waits more than it works.
making = [subprocess.Popen(["xorriso", "-as", "mkisofs", "-quiet", "-V", volume, *BOOT[more.get("boot", "both")],
                            "-o", name, "tree"], stderr=subprocess.DEVNULL) for name, volume, more in media]
assert not any([made.wait() for made in making])
for name, volume, more in media:
    with open(name, "r+b") as image:
        # xorriso writes these in capitals only, as the standard asks.
        for word, place, length in (("sysid", 8, 32), ("publisher", 318, 128), ("appid", 574, 128)):
            image.seek(32768 + place)
            image.write(more.get(word, "").encode().ljust(length))
        if "size" in more:
            image.seek(32768 + 80)
            image.write(struct.pack("<I", more["size"] // 2048) + struct.pack(">I", more["size"] // 2048))
            image.truncate(more["size"])
        for place, content in more.get("damage", ()):
            image.seek(place)
            image.write(bytes.fromhex(content))
        image.truncate(more.get("keep", os.path.getsize(name)))
with open("disk.raw", "wb") as disk:
    disk.truncate(1 << 20)
"""

# Gives parts of the file that is its second argument; /stall is silent from the beginning, /slow once it has said how
# long the file is.
_SERVE = """
import re, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

content = open(sys.argv[2], "rb").read()


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def part(self):
        if self.path.startswith("/stall"):
            time.sleep(600)
        asked = re.fullmatch(r"bytes=(\\d+)-(\\d*)", self.headers.get("Range") or "")
        first = int(asked[1]) if asked else 0
        last = min(int(asked[2]) if asked and asked[2] else len(content), len(content) - 1)
        self.send_response(206 if asked else 200)
        self.send_header("Accept-Ranges", "bytes")
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        return content[first : last + 1]

    def do_HEAD(self):
        self.part()

    def do_GET(self):
        part = self.part()
        if self.path.startswith("/slow"):
            time.sleep(600)
        self.wfile.write(part)


ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Server).serve_forever()
"""


def make_media(lab: Lab, host: str, path: str, media: list[tuple[str, str, dict[str, Any]]]) -> None:
    """Make media in a directory of a host: the file, the volume id, and what is special about each.

    That is its other ids (`sysid`, `publisher`, `appid`), its `size`, from what it boots (`boot`: bios, efi, both,
    none), bytes to write at places (`damage`), and how much of it to `keep`.
    """
    lab.exec(host, "python3", "-", path, json.dumps(media), (CODE + BOOTED.encode() + b"\0").hex(), feed=_MAKE)


def serve(lab: Lab, host: str, unit: str, file: str, port: int) -> None:
    """Serve a file on a host by a transient unit of systemd, which `systemctl stop` ends; it answers at once."""
    script = f"{file}.py"
    lab.exec(host, "sh", "-c", f"cat > {script}", feed=_SERVE)
    lab.exec(host, "systemd-run", f"--unit={unit}", "--collect", "python3", script, str(port), file)
    ready = f"until (exec 3<> /dev/tcp/127.0.0.1/{port}) 2> /dev/null; do sleep 0.05; done"
    lab.exec(host, "timeout", "10", "bash", "-c", ready)
