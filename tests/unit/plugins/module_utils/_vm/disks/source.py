# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the content of a disk is: an image or a server, and the secrets of both."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.disks.parts import SECRET, Edited, New, Unfit, disk, network

IQN = "iqn.2013-07.com.example:disks"
HOST = "<host name='example.org' port='{}'/>"
AUTH = "<auth username='u'><secret type='ceph' usage='old'/></auth>"
RBD = "<source protocol='rbd' name='p/i'><host name='m1' port='1'/></source>"
LUKS = "<encryption format='luks'><secret type='passphrase' usage='old'/></encryption>"

NEW: list[New] = [
    (
        {"encryption": {"secret": SECRET}},
        disk(
            source="<source file='/p/a'><encryption format='luks'>"
            f"<secret uuid='{SECRET}' type='passphrase'/></encryption></source>"
        ).replace("type='network'", "type='file'"),
    ),
    (
        {"encryption": {"secret": "web01/data"}},
        disk(
            source="<source file='/p/a'><encryption format='luks'>"
            "<secret usage='web01/data' type='passphrase'/></encryption></source>"
        ).replace("type='network'", "type='file'"),
    ),
    (
        {"source": {"protocol": "nbd", "name": "export", "tls": True, "hosts": [{"name": "example.org"}]}},
        network(f"<source protocol='nbd' name='export' tls='yes'>{HOST.format(10809)}</source>"),
    ),
    (
        {"source": {"protocol": "nbd", "hosts": [{"transport": "unix", "socket": "/run/n.sock"}]}},
        network("<source protocol='nbd'><host transport='unix' socket='/run/n.sock'/></source>"),
    ),
    (
        {
            "source": {
                "protocol": "rbd",
                "name": "pool/image",
                "hosts": [{"name": "mon1", "port": 6789}, {"name": "mon2", "port": 6789, "transport": "tcp"}],
                "username": "libvirt",
                "secret": "ceph-libvirt",
                "config": "/etc/ceph/ceph.conf",
                "snapshot": "s1",
            }
        },
        network(
            "<source protocol='rbd' name='pool/image'><host name='mon1' port='6789'/><host name='mon2' port='6789'/>"
            "<snapshot name='s1'/><config file='/etc/ceph/ceph.conf'/>"
            "<auth username='libvirt'><secret usage='ceph-libvirt' type='ceph'/></auth></source>"
        ),
    ),
    (
        {
            "source": {
                "protocol": "iscsi",
                "name": f"{IQN}/2",
                "hosts": [{"name": "example.org"}],
                "username": "u",
                "secret": SECRET.upper(),
                "initiator": f"{IQN}:me",
            }
        },
        network(
            f"<source protocol='iscsi' name='{IQN}/2'>{HOST.format(3260)}"
            f"<auth username='u'><secret uuid='{SECRET}' type='iscsi'/></auth>"
            f"<initiator><iqn name='{IQN}:me'/></initiator></source>"
        ),
    ),
    (
        {
            "readonly": True,
            "source": {"protocol": "https", "name": "a.img", "query": "x=1&y=2", "hosts": [{"name": "example.org"}]},
        },
        network(
            f"<source protocol='https' name='a.img' query='x=1&amp;y=2'>{HOST.format(443)}</source>", "<readonly/>"
        ),
    ),
    (
        {
            "readonly": True,
            "source": {
                "protocol": "http",
                "name": "a.img",
                "hosts": [{"name": "example.org"}],
                "timeout": 9,
                "readahead": "1MiB",
            },
        },
        network(
            f"<source protocol='http' name='a.img'>{HOST.format(80)}<timeout seconds='9'/><readahead size='1048576'/>"
            "</source>",
            "<readonly/>",
        ),
    ),
    (
        {"source": {"protocol": "gluster", "name": "vol/a", "hosts": [{"name": "example.org", "transport": "rdma"}]}},
        network(
            "<source protocol='gluster' name='vol/a'><host name='example.org' port='24007' transport='rdma'/></source>"
        ),
    ),
    (
        {
            "source": {
                "protocol": "nfs",
                "name": "/export/a",
                "hosts": [{"name": "example.org"}],
                "user": "nobody",
                "group": "+1000",
            }
        },
        network(
            "<source protocol='nfs' name='/export/a'><host name='example.org'/>"
            "<identity user='nobody' group='+1000'/></source>"
        ),
    ),
    (
        {
            "encryption": {"secret": "k"},
            "source": {"protocol": "rbd", "name": "p/i", "hosts": [{"name": "m", "port": 1}]},
        },
        network(
            "<source protocol='rbd' name='p/i'><host name='m' port='1'/><encryption format='luks'>"
            "<secret usage='k' type='passphrase'/></encryption></source>"
        ),
    ),
]

EDITED: list[Edited] = [
    # Where older descriptions have them, too.
    (
        network(RBD),
        {"source": {"protocol": "rbd", "name": "p/i", "hosts": [{"name": "m2", "port": 1}]}},
        ["source.hosts name m1, port 1 -> name m2, port 1"],
        network(RBD.replace("m1", "m2")),
    ),
    (
        network(RBD),
        {"source": {"protocol": "rbd", "username": "u", "secret": "new"}},
        ["source.username none -> u", "source.secret none -> new"],
        network(
            RBD.replace("</source>", "<auth username='u'><secret usage='new' type='ceph'/></auth></source>"),
        ),
    ),
    (
        network(RBD, AUTH),
        {"source": {"protocol": "rbd", "username": "v", "secret": SECRET}},
        ["source.username u -> v", f"source.secret old -> {SECRET}"],
        network(RBD, f"<auth username='v'><secret type='ceph' uuid='{SECRET}'/></auth>"),
    ),
    (disk(LUKS), {"encryption": {"secret": "old"}}, [], disk(LUKS)),
    (
        disk(LUKS),
        {"encryption": {"secret": "new"}},
        ["encryption.secret old -> new"],
        disk(LUKS.replace("old", "new")),
    ),
]

REFUSED: list[Unfit] = [
    ({"encryption": {"secret": ""}}, "encryption.secret is empty; name one of libvirt's secrets"),
    ({"source": {"protocol": "rbd", "username": "u"}}, "source.username and secret go together; name both"),
    (
        {"source": {"protocol": "nbd", "username": "u", "secret": "s"}},
        "source.nbd takes no secret; leave out username and secret.",
    ),
    ({"source": {"protocol": "nbd", "timeout": 5}}, "source.timeout cannot be said here; it is for http, https"),
    ({"source": {"protocol": "http", "readahead": "1000B"}}, "source.readahead 1000 is no multiple of 512 bytes"),
    (
        {"source": {"protocol": "nbd", "user": "u", "group": "g"}},
        "source.nbd knows no user and group; leave out user and group, which are for nfs.",
    ),
    (
        {"source": {"protocol": "nfs", "name": "export/a"}},
        "source.name 'export/a' is no path on the server; write all of it, beginning with '/'.",
    ),
    (
        {"source": {"protocol": "nfs", "name": "/export/a", "hosts": [{"name": "h", "port": 2049}]}},
        "source.hosts names a port, which nfs finds by itself; leave it out.",
    ),
    ({"source": {"protocol": "nbd", "hosts": [{"port": 1}]}}, "hosts: an entry has no 'name'"),
    (
        {"source": {"protocol": "nbd", "hosts": [{"name": "h"}, {"name": "h"}]}},
        "hosts has two entries for h",
    ),
    (
        {"source": {"protocol": "nbd"}, "path": "/p/a"},
        "Disk d is on the server that its source names; leave out its path, or the source.",
    ),
    ({"source": {"protocol": "nbd"}, "size": "1GiB", "pool": "p"}, "leave out its size and pool, or the source."),
    ({"path": "/p/a", "volume": "a"}, "Disk d has the path '/p/a'; leave out its volume, or the path."),
    ({"path": "a"}, "Disk d has the path 'a'; write a whole path, beginning with '/'."),
    ({"size": "1GiB", "preallocation": "full"}, "Disk d is qcow2, which has no preallocation 'full'; choose none, "),
    (
        {"size": "1GiB", "format": "raw", "preallocation": "metadata"},
        "Disk d is raw, which has no preallocation 'metadata'; choose none, falloc, full, or another format.",
    ),
    ({"path": "/p/a", "preallocation": "falloc"}, "the path '/p/a'; leave out its preallocation, or the path."),
    ({"volume": "a", "pool": "p", "preallocation": "falloc"}, "leave out its preallocation, or the volume."),
    ({"source": {"protocol": "nbd"}, "preallocation": "falloc"}, "leave out its preallocation, or the source."),
]
