# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An import killed while it downloads, unpacks, converts or uploads: the next run ends with the whole template.

What is in the pool in between is never taken for a template.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.integration.support.lab import SSH, Lab

HOST = "h1"
POOL = "t-import-killed"
FOLDER = f"/var/lib/libvirt/{POOL}"
MODULE = "ansible_collections.kvmops.datacenter.plugins.modules.kvm_template"
COLLECTIONS = Path(__file__).parents[2] / ".cache/collections"
MIB = 1024 * 1024
DISK = bytes(510) + b"\x55\xaa" + random.randbytes(8 * MIB - 512) + bytes(4 * MIB)
PACKED = gzip.compress(DISK, 1)
# A download takes a second.
BLOCK, PAUSE = MIB // 4, 1 / 32
MOMENTS = 2

POOL_XML = f"<pool type='dir'><name>{POOL}</name><target><path>{FOLDER}</path></target></pool>"


class Server(BaseHTTPRequestHandler):
    """Gives the image slowly, from any byte on, and keeps from which."""

    asked: ClassVar[list[int]] = []
    sent = 0

    def log_message(self, *_words: Any) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        start = int(match[1]) if match and self.headers.get("If-Range") == '"image"' else 0
        self.asked.append(start)
        self.send_response(206 if start else 200)
        self.send_header("ETag", '"image"')
        self.send_header("Content-Length", str(len(PACKED) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(PACKED) - 1}/{len(PACKED)}")
        self.end_headers()
        for place in range(start, len(PACKED), BLOCK):
            self.wfile.write(PACKED[place : place + BLOCK])
            Server.sent = place + BLOCK
            time.sleep(PAUSE)


class Servers(ThreadingHTTPServer):
    def handle_error(self, *_arguments: Any) -> None:
        """Keep quiet where a client is killed."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = Servers(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/disk.raw.gz"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def pool(lab: Lab) -> Iterator[str]:
    """A pool of its own on a host."""
    made = lab.libvirt(HOST).storagePoolDefineXML(POOL_XML)
    made.build()
    made.create()
    yield POOL
    made.destroy()
    made.undefine()
    lab.exec(HOST, "rm", "-rf", FOLDER)


@pytest.fixture
def options(web: str, pool: str, tmp_path: Path) -> dict[str, Any]:
    return {"name": "web", "pool": pool, "url": web, "cache": str(tmp_path / "cache"), "timeout": 60}


def start(tmp_path: Path, options: dict[str, Any]) -> subprocess.Popen[str]:
    """Start the module here, for the host's libvirt, so that it can be killed at once and for sure."""
    (tmp_path / "tmp").mkdir(exist_ok=True)
    uri = f"qemu+ssh://root@{HOST}/system?command={SSH}"
    arguments = {"uri": uri, "_ansible_remote_tmp": str(tmp_path / "tmp"), **options}
    file = tmp_path / "arguments.json"
    file.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
    environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    null, pipe = subprocess.DEVNULL, subprocess.PIPE
    command = [sys.executable, "-m", MODULE, str(file)]
    return subprocess.Popen(command, env=environment, stdin=null, stdout=pipe, stderr=pipe, text=True)


def finish(tmp_path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Run the module to its end and return its result."""
    process = start(tmp_path, options)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, output + errors
    return dict(json.loads(output))


def check_whole(lab: Lab, tmp_path: Path, options: dict[str, Any], moment: str) -> None:
    """Run to the end what was killed; a template that is there is whole, and nothing else is left."""
    made = finish(tmp_path, options)
    assert not finish(tmp_path, options)["changed"], moment
    volumes = sorted(lab.libvirt(HOST).storagePoolLookupByName(POOL).listVolumes())
    assert volumes == ["web+1.template.json", "web+1.template.qcow2"], moment
    unpacked = f"qemu-img convert -f qcow2 -O raw {made['template']['path']} {FOLDER}.raw && sha256sum {FOLDER}.raw"
    digest = lab.exec(HOST, "sh", "-c", f"{unpacked}; rm {FOLDER}.raw").split()[0]
    assert digest == hashlib.sha256(DISK).hexdigest(), moment
    assert list((tmp_path / "cache").iterdir()) == [], moment


def test_a_download(lab: Lab, options: dict[str, Any], tmp_path: Path) -> None:
    Server.sent = 0
    Server.asked.clear()
    process = start(tmp_path, options)
    most = random.uniform(0.3, 0.8) * len(PACKED)
    deadline = time.monotonic() + 60
    while Server.sent < most and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert lab.libvirt(HOST).storagePoolLookupByName(POOL).listVolumes() == []
    Server.asked.clear()
    check_whole(lab, tmp_path, options, f"killed after {Server.sent} bytes")
    # Once it is looked at, and then gone on with.
    assert Server.asked[0] == 0
    assert 0 < Server.asked[1] < len(PACKED)
    finish(tmp_path, {**options, "state": "absent"})


def test_what_comes_after_it(lab: Lab, options: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "disk.raw.gz"
    file.write_bytes(PACKED)
    options = {**options, "url": f"file://{file}"}
    started = time.monotonic()
    finish(tmp_path, options)
    longest = time.monotonic() - started
    for number in range(MOMENTS):
        finish(tmp_path, {**options, "state": "absent"})
        process = start(tmp_path, options)
        # One moment in each part of the time that it takes.
        moment = random.uniform(number or 0.3, number + 1) / MOMENTS * longest
        time.sleep(moment)
        process.kill()
        process.communicate()
        check_whole(lab, tmp_path, options, f"killed after {moment:.3f} s")
