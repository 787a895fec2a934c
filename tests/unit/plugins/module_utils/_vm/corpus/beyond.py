# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libvirt takes although its schema of version 9.0 does not: each with the reason. Mixes do without it."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.corpus.builder import fragments

FRAGMENTS = fragments(
    "beyond",
    """
## title-empty
<title/><description></description>
## nbd-reconnect
<disk type='network'><driver name='qemu' type='raw'/><source protocol='nbd' name='e'><host name='h' port='1'/>
<reconnect delay='10'/></source><target dev='vda' bus='virtio'/></disk>
## ssh
<disk type='network'><driver name='qemu' type='raw'/><source protocol='ssh' name='p'><host name='h' port='22'/>
<knownHosts path='/k'/><identity username='u' keyfile='/key'/></source><target dev='vda' bus='virtio'/></disk>
## video-blob
<video><model type='virtio' blob='on'/></video>
## crypto
<crypto model='virtio' type='qemu'><backend model='builtin' queues='1'/></crypto>
## filesystem-idmap
<filesystem type='mount'><source dir='/a'/><target dir='/b'/><idmap><uid start='0' target='1000' count='10'/></idmap>
</filesystem>
## filesystem-volume
<domain type='lxc'/><os><type>exe</type><init>/bin/sh</init></os>
<filesystem type='volume'><source pool='default' volume='c'/><target dir='/v'/></filesystem>
## element-unknown
<from-the-future a='1'><x/></from-the-future>
## root-unknown
<domain colour='red'/><pstore backend='acpi-erst'><path>/tmp/p</path><size unit='KiB'>8</size></pstore>
## disk-unknown
<disk type='file'><source file='/p/a'/><target dev='vda' bus='virtio' colour='red'/><throttlefilters>
<throttlefilter group='g'/></throttlefilters></disk>
## cpu-clusters
<vcpu>4</vcpu><cpu><topology sockets='1' dies='1' clusters='1' cores='2' threads='2'/></cpu>
## throttlegroups
<throttlegroups><throttlegroup><group_name>g</group_name><total_iops_sec>100</total_iops_sec></throttlegroup>
</throttlegroups>
""",
)

_LATER = "a later libvirt's, which this one reads over"
_GAP = "the parser knows it, the schema does not"
WHY: dict[str, str] = {
    "beyond/title-empty": "the schema wants a character at least",
    "beyond/nbd-reconnect": _LATER,
    "beyond/ssh": _GAP,
    "beyond/video-blob": _LATER,
    "beyond/crypto": _LATER,
    "beyond/filesystem-idmap": _LATER,
    "beyond/filesystem-volume": _GAP,
    "beyond/element-unknown": _LATER,
    "beyond/root-unknown": _LATER,
    "beyond/disk-unknown": _LATER,
    "beyond/cpu-clusters": _LATER,
    "beyond/throttlegroups": _LATER,
    "peer/virt-v2v": "viosock is no element of libvirt",
    "peer/vagrant": "an empty path of a kernel",
    "cloud/kubevirt": "an empty table of sysinfo",
    "cloud/cloudstack": "an empty path of a CD-ROM",
    "cloud/unraid": "xvga is no attribute of libvirt",
}
