# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is passed through from the host, and small devices."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.corpus.builder import each, fragments

HOST = fragments(
    "hostdev",
    """
## usb-product
<hostdev mode='subsystem' type='usb'><source startupPolicy='optional' guestReset='off'><vendor id='0x1234'/>
<product id='0xbeef'/>
</source><boot order='2'/></hostdev>
## usb-address
<hostdev mode='subsystem' type='usb' managed='yes'><source><address bus='1' device='4'/></source></hostdev>
## pci
<hostdev mode='subsystem' type='pci' managed='yes'><driver name='vfio'/><source>
<address domain='0x0000' bus='0x06' slot='0x02' function='0x0'/></source><rom bar='off'/></hostdev>
## pci-unfiltered
<hostdev mode='subsystem' type='pci' managed='yes'><source writeFiltering='no'>
<address bus='6' slot='5' function='0'/></source>
</hostdev>
## pci-unmanaged
<hostdev mode='subsystem' type='pci' managed='no'><source><address domain='0' bus='6' slot='3' function='0'/></source>
<rom file='/etc/fake/boot.bin'/></hostdev>
## scsi
<controller type='scsi' index='0' model='virtio-scsi'/>
<hostdev mode='subsystem' type='scsi' sgio='filtered' rawio='yes'><source><adapter name='scsi_host0'/>
<address bus='0' target='0' unit='0'/></source><address type='drive' controller='0' bus='0' target='4' unit='8'/>
</hostdev>
## scsi-iscsi
<hostdev mode='subsystem' type='scsi'><source protocol='iscsi' name='iqn.2014-08.com.example:iscsi-nopool/1'>
<host name='example.com' port='3260'/><auth username='myuser'><secret type='iscsi' usage='libvirtiscsi'/></auth>
</source>
<address type='drive' controller='0' bus='0' target='0' unit='5'/></hostdev>
## scsi-readonly
<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host1'/><address bus='0' target='1' unit='2'/>
</source>
<readonly/><shareable/><address type='drive' controller='0' bus='0' target='0' unit='6'/></hostdev>
## scsi-host
<hostdev mode='subsystem' type='scsi_host' model='virtio-non-transitional'>
<source protocol='vhost' wwpn='naa.50014057667280d8'/>
</hostdev>
## unassigned
<hostdev mode='subsystem' type='pci' managed='yes'><source><address bus='6' slot='7' function='0'/></source>
<address type='unassigned'/></hostdev>
## mdev
<graphics type='vnc'/><hostdev mode='subsystem' type='mdev' model='vfio-pci' display='on' ramfb='on'>
<source><address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source></hostdev>
## mdev-ccw
<os><type arch='s390x' machine='s390-ccw-virtio'>hvm</type></os><hostdev mode='subsystem' type='mdev' model='vfio-ccw'>
<source><address uuid='9063cba3-ecef-47b6-abcf-3fef4fdcad85'/></source>
<address type='ccw' cssid='0xfe' ssid='0x0' devno='0x0001'/>
</hostdev>
## mdev-ap
<os><type arch='s390x' machine='s390-ccw-virtio'>hvm</type></os><hostdev mode='subsystem' type='mdev' model='vfio-ap'>
<source><address uuid='9063cba3-ecef-47b6-abcf-3fef4fdcad86'/></source></hostdev>
## teaming
<hostdev mode='subsystem' type='pci' managed='yes'><source><address bus='6' slot='4' function='0'/></source>
<teaming type='transient' persistent='ua-x'/></hostdev>
## redirected
<graphics type='spice'/><controller type='usb' index='0' model='qemu-xhci'/>
<redirdev bus='usb' type='tcp'><source mode='connect' host='localhost' service='4000'/><boot order='1'/></redirdev>
<redirdev bus='usb' type='spicevmc'/>
<redirfilter><usbdev class='0x08' vendor='0x1234' product='0xBEEF' version='2.56' allow='yes'/><usbdev allow='no'/>
</redirfilter>
## redirected-two
<graphics type='spice'/><controller type='usb' index='0' model='qemu-xhci'/>
<redirdev bus='usb' type='spicevmc'><address type='usb' bus='0' port='2'/></redirdev>
<redirdev bus='usb' type='spicevmc'><address type='usb' bus='0' port='3'/></redirdev>
## smartcard-host
<smartcard mode='host'/>
## smartcard-certificates
<smartcard mode='host-certificates'><certificate>cert1</certificate><certificate>cert2</certificate>
<certificate>cert3</certificate>
<database>/etc/pki/nssdb/</database></smartcard>
## smartcard-passthrough
<smartcard mode='passthrough' type='tcp'><source mode='bind' host='127.0.0.1' service='2001'/><protocol type='raw'/>
<address type='ccid' controller='0' slot='0'/></smartcard>
## smartcard-spice
<graphics type='spice'/><smartcard mode='passthrough' type='spicevmc'/>
""",
)
FILES = fragments(
    "filesystem",
    """
## 9p
<filesystem type='mount' accessmode='mapped' multidevs='remap' fmode='0644' dmode='0755'>
<driver type='path' wrpolicy='immediate'/><source dir='/export/to/guest'/><target dir='tag'/><readonly/></filesystem>
## 9p-plain
<filesystem><source dir='/x'/><target dir='y'/></filesystem>
## passthrough
<filesystem type='mount' accessmode='passthrough' model='virtio'><source dir='/export'/><target dir='/import'/>
</filesystem>
## virtiofs
<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
<filesystem type='mount' accessmode='passthrough'><driver type='virtiofs' queue='1024'/>
<binary path='/usr/libexec/virtiofsd' xattr='on'><cache mode='always'/><sandbox mode='namespace'/>
<lock posix='on' flock='on'/>
<thread_pool size='16'/></binary><source dir='/path'/><target dir='mount_tag'/></filesystem>
## virtiofs-socket
<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
<filesystem type='mount'><driver type='virtiofs' queue='1024'/><source socket='/tmp/sock'/><target dir='tag'/>
</filesystem>
## file
<filesystem type='file' accessmode='passthrough'><driver type='loop' format='raw'/><source file='/export/a.img'/>
<target dir='/i'/>
</filesystem>
## block
<filesystem type='block'><source dev='/dev/sdb1'/><target dir='/d'/></filesystem>
## limits
<filesystem type='mount'><source dir='/a'/><target dir='/b'/><space_hard_limit unit='G'>10</space_hard_limit>
<space_soft_limit unit='M'>500</space_soft_limit></filesystem>
## bind
<domain type='lxc'/><os><type>exe</type><init>/bin/sh</init></os>
<filesystem type='bind'><source dir='/a'/><target dir='/b'/></filesystem>
""",
)
_TPM = "<tpm model='@@'><backend type='emulator' version='2.0'/></tpm>"
GADGETS = [
    *each("watchdog/model", ("i6300esb", "ib700", "diag288"), "<watchdog model='@@' action='reset'/>"),
    *each(
        "watchdog/action",
        ("reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi"),
        "<watchdog model='i6300esb' action='@@'/>",
    ),
    *each("tpm/model", ("tpm-tis", "tpm-crb", "tpm-spapr", "spapr-tpm-proxy"), _TPM),
    *each("panic/model", ("isa", "pseries", "hyperv", "s390"), "<panic model='@@'/>"),
    *each(
        "rng/model",
        ("virtio", "virtio-transitional", "virtio-non-transitional"),
        "<rng model='@@'><backend model='random'>/dev/urandom</backend></rng>",
    ),
    *each("balloon/model", ("none", "xen", "virtio", "virtio-transitional"), "<memballoon model='@@'/>"),
    *each("iommu", ("intel", "smmuv3"), "<os><type arch='x86_64' machine='q35'>hvm</type></os><iommu model='@@'/>"),
    *each(
        "shmem",
        ("ivshmem-plain",),
        "<shmem name='s0'><model type='@@'/><size unit='M'>4</size></shmem>",
    ),
    *fragments(
        "gadget",
        """
## rng-rate
<rng model='virtio'><rate period='2000' bytes='1234'/><backend model='random'>/dev/hwrng</backend></rng>
## rng-egd
<rng model='virtio'><backend model='egd' type='udp'><source mode='bind' service='1234'/>
<source mode='connect' host='1.2.3.4' service='1'/>
</backend></rng>
## rng-egd-tcp
<rng model='virtio'><backend model='egd' type='tcp'><source mode='connect' host='1.2.3.4' service='1234'/>
<protocol type='raw'/></backend></rng>
## rng-builtin
<rng model='virtio'><backend model='builtin'/><driver iommu='on' ats='on' packed='off'/></rng>
## rng-two
<rng model='virtio'><backend model='random'/></rng><rng model='virtio'><backend model='builtin'/></rng>
## balloon
<memballoon model='virtio' autodeflate='on' freePageReporting='on'><stats period='10'/><alias name='ua-balloon'/>
<driver iommu='on' ats='on'/></memballoon>
## tpm-passthrough
<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>
## tpm-encrypted
<tpm model='tpm-crb'><backend type='emulator' version='2.0' persistent_state='yes'>
<encryption secret='6dd3e4a5-1d76-44ce-961f-f119f5aad935'/><active_pcr_banks><sha256/><sha512/></active_pcr_banks>
</backend></tpm>
## tpm-version
<tpm model='tpm-tis'><backend type='emulator' version='1.2'/></tpm>
## tpm-external
<tpm model='tpm-crb'><backend type='external'><source type='unix' mode='connect' path='/tmp/path.sock'/></backend></tpm>
## panic
<panic/>
## panic-all
<panic model='hyperv'/><panic model='isa'><address type='isa' iobase='0x505'/></panic>
## shmem-server
<shmem name='shmem_server' role='peer'><model type='ivshmem-doorbell'/>
<server path='/tmp/socket-shmem'/>
<msi vectors='32' ioeventfd='on'/></shmem>
## shmem-doorbell
<shmem name='s0'><model type='ivshmem-doorbell'/><server/></shmem>
## iommu-virtio
<features><acpi/></features><iommu model='virtio'/>
## vsock
<vsock model='virtio'><cid auto='no' address='3'/><driver iommu='on'/></vsock>
## vsock-auto
<vsock><cid auto='yes'/></vsock>
## iommu-driver
<os><type arch='x86_64' machine='q35'>hvm</type></os>
<features><ioapic driver='qemu'/></features>
<iommu model='intel'><driver intremap='on' caching_mode='on' eim='on' iotlb='on' aw_bits='48'/></iommu>
## nvram
<os><type arch='ppc64' machine='pseries'>hvm</type></os><nvram><address type='spapr-vio' reg='0x00003000'/></nvram>
## lease
<lease><lockspace>somearea</lockspace><key>somekey</key><target path='/some/lease/path' offset='1024'/></lease>
## hub
<hub type='usb'><address type='usb' bus='0' port='1'/></hub><input type='tablet' bus='usb'>
<address type='usb' bus='0' port='1.2'/></input>
## no-devices
""",
    ),
]
