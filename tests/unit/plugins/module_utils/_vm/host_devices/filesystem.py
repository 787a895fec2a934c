# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories of the host."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.host_devices.parts import Edited, Live, New, Other, Unfit


def directory(driver: str = "", inside: str = "", attributes: str = "type='mount'", source: str = "dir='/srv'") -> str:
    """Return the XML of the file system data."""
    kind = f"<driver {driver}/>" if driver else ""
    return f"<filesystem {attributes}>{kind}<source {source}/><target dir='data'/>{inside}</filesystem>"


FS = "type='virtiofs'"
VIRTIOFS = "type='mount' accessmode='passthrough'"
DAEMON = {
    "path": "/usr/lib/qemu/virtiofsd",
    "cache": "always",
    "xattr": True,
    "posix_lock": True,
    "flock": False,
    "sandbox": "chroot",
    "threads": 8,
}
BINARY = (
    "<binary path='/usr/lib/qemu/virtiofsd' xattr='on'><cache mode='always'/><lock posix='on' flock='off'/>"
    "<sandbox mode='chroot'/><thread_pool size='8'/></binary>"
)
NINE_P = {"driver": "9p", "source": "/srv", "target": "data"}
PLAIN_DIRECTORY = {"source": "/srv", "target": "data"}
FULL = directory("type='virtiofs' queue='8'", BINARY, VIRTIOFS)
MAPPED = directory(attributes="type='mount' accessmode='mapped' fmode='0600' multidevs='warn'")

NEW: list[New] = [
    ("filesystems", PLAIN_DIRECTORY, directory(FS, attributes=VIRTIOFS)),
    ("filesystems", {**PLAIN_DIRECTORY, "driver": "virtiofs"}, directory(FS, attributes=VIRTIOFS)),
    (
        "filesystems",
        {**PLAIN_DIRECTORY, "queue_size": 1024, "daemon": DAEMON},
        directory("type='virtiofs' queue='1024'", BINARY, VIRTIOFS),
    ),
    (
        "filesystems",
        {"socket": "/run/v.sock", "target": "data"},
        directory(FS, attributes=VIRTIOFS, source="socket='/run/v.sock'"),
    ),
    *(
        (
            "filesystems",
            {**PLAIN_DIRECTORY, "model": model},
            directory("type='virtiofs'", "", f"{VIRTIOFS} model='{model}'"),
        )
        for model in ("virtio", "virtio-transitional", "virtio-non-transitional")
    ),
    ("filesystems", NINE_P, directory()),
    ("filesystems", {**NINE_P, "readonly": True}, directory(inside="<readonly/>")),
    *(
        ("filesystems", {**NINE_P, "access_mode": mode}, directory(attributes=f"type='mount' accessmode='{mode}'"))
        for mode in ("passthrough", "mapped", "squash")
    ),
    (
        "filesystems",
        {**NINE_P, "access_mode": "mapped", "file_mode": "644", "directory_mode": "0755"},
        directory(attributes="type='mount' accessmode='mapped' fmode='0644' dmode='0755'"),
    ),
    *(
        ("filesystems", {**NINE_P, "multidevs": word}, directory(attributes=f"type='mount' multidevs='{word}'"))
        for word in ("remap", "forbid", "warn")
    ),
]

EDITED: list[Edited] = [
    (
        "filesystems",
        FULL,
        {**NINE_P, "readonly": True},
        ["set file system data driver virtiofs -> 9p", "set file system data readonly False -> True"],
        directory("type='path'", "<readonly/>", VIRTIOFS),
    ),
    (
        "filesystems",
        MAPPED,
        {"target": "data", "driver": "virtiofs"},
        ["set file system data driver 9p -> virtiofs"],
        directory(FS, attributes=VIRTIOFS),
    ),
    (
        "filesystems",
        FULL,
        {"target": "data", "socket": "/s"},
        ["set file system data socket none -> /s"],
        directory("type='virtiofs' queue='8'", BINARY, VIRTIOFS, "socket='/s'"),
    ),
    (
        "filesystems",
        FULL,
        {"target": "data", "queue_size": 0, "daemon": {"threads": 0, "path": "", "xattr": False}},
        [
            "set file system data queue_size 8 -> none",
            "set file system data daemon.threads 8 -> none",
            "set file system data daemon.path /usr/lib/qemu/virtiofsd -> none",
            "set file system data daemon.xattr True -> False",
        ],
        directory(
            "type='virtiofs'",
            "<binary xattr='off'><cache mode='always'/><lock posix='on' flock='off'/><sandbox mode='chroot'/></binary>",
            VIRTIOFS,
        ),
    ),
    (
        "filesystems",
        MAPPED,
        {"target": "data", "file_mode": "", "multidevs": "default", "source": "/other"},
        [
            "set file system data source /srv -> /other",
            "set file system data file_mode 0600 -> none",
            "set file system data multidevs warn -> none",
        ],
        directory(attributes="type='mount' accessmode='mapped'", source="dir='/other'"),
    ),
]

OTHERS: list[Other] = [
    ("filesystems", "<filesystem type='file'><source file='/i'/><target dir='/'/></filesystem>"),
    ("filesystems", "<filesystem type='mount'><driver type='loop'/><source dir='/i'/><target dir='a'/></filesystem>"),
    ("filesystems", "<filesystem><source dir='/i'/><target dir='/a'/></filesystem>"),
]

REFUSED: list[Unfit] = [
    ("filesystems", [{"target": "data"}], "File system data must have a 'source'"),
    ("filesystems", [{**PLAIN_DIRECTORY, "socket": "/s"}], "either a source or the socket"),
    ("filesystems", [{"source": "srv", "target": "data"}], "source 'srv' is not understood"),
    ("filesystems", [{"source": "/srv", "target": "x" * 37}], "is not understood"),
    ("filesystems", [PLAIN_DIRECTORY, PLAIN_DIRECTORY], "filesystems has two entries for data; give one."),
    ("filesystems", [{**PLAIN_DIRECTORY, "readonly": True}], "readonly does not go with the driver virtiofs"),
    ("filesystems", [{**PLAIN_DIRECTORY, "access_mode": "mapped"}], "access_mode does not go with the driver virtiofs"),
    ("filesystems", [{**PLAIN_DIRECTORY, "file_mode": "0644"}], "file_mode does not go with the driver virtiofs"),
    ("filesystems", [{**NINE_P, "queue_size": 3}], "queue_size does not go with the driver 9p"),
    ("filesystems", [{**NINE_P, "daemon": {"cache": "none"}}], "daemon does not go with the driver 9p"),
    ("filesystems", [{**NINE_P, "file_mode": "rw"}], "file_mode 'rw' is not understood"),
]

LIVE: list[Live] = [
    (
        "",
        {"filesystems": [PLAIN_DIRECTORY]},
        ["attach file system data (virtiofs /srv)"],
    ),
    (
        "",
        {"filesystems": [NINE_P]},
        ["attach file system data (9p /srv) [next_boot]"],
    ),
]
