# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks: where they lie, what they are, and what is said about them."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.corpus.builder import Fragment, each, fragments

_PC = "<os><type arch='x86_64' machine='pc'>hvm</type></os>"
_Q35 = "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
_DISK = """<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/p/a.qcow2'/>
<target dev='vda' bus='virtio'/>%s</disk>"""
_DRIVER = """<disk type='file' device='disk'><driver name='qemu' type='raw' @@/><source file='/p/a.img'/>
<target dev='vda' bus='virtio'/></disk>"""
_NET = """<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol=%s</source>
<target dev='vda' bus='virtio'/></disk>"""
_TUNES = ["total_bytes_sec", "read_bytes_sec", "write_bytes_sec", "total_iops_sec", "read_iops_sec", "write_iops_sec"]
_EACH = [key for key in _TUNES if not key.startswith("total")]
_HOST = "<host name='example.org' port='1234'/>"
_SECRET = "<secret type='%s' uuid='c90bd1dc-2f0b-4a2c-8d54-5e1a3f6f5a11'/>"

BUSES = [
    Fragment(
        f"disk/bus-{bus}",
        f"{_PC * (bus == 'ide')}<disk type='file'><source file='/p/{bus}'/><target dev='{dev}' bus='{bus}'/></disk>",
    )
    for bus, dev in {
        "virtio": "vda",
        "scsi": "sda",
        "sata": "sda",
        "usb": "sdb",
        "ide": "hda",
        "sd": "sda",
        "xen": "xvda",
    }.items()
]
DRIVERS = [
    *each(
        "disk/cache",
        ("default", "none", "writethrough", "writeback", "directsync", "unsafe"),
        _DRIVER.replace("@@", "cache='@@'"),
    ),
    *each("disk/io", ("threads", "native", "io_uring"), _DRIVER.replace("@@", "io='@@' cache='none'")),
    *each("disk/discard", ("ignore", "unmap"), _DRIVER.replace("@@", "discard='@@'")),
    *each("disk/zeroes", ("off", "on", "unmap"), _DRIVER.replace("@@", "detect_zeroes='@@' discard='unmap'")),
    *each("disk/werror", ("stop", "report", "ignore", "enospace"), _DRIVER.replace("@@", "error_policy='@@'")),
    *each("disk/rerror", ("stop", "report", "ignore"), _DRIVER.replace("@@", "rerror_policy='@@'")),
    *each(
        "disk/tuned",
        ("ioeventfd='on' event_idx='off'", "copy_on_read='on'", "queues='4'", "iommu='on' ats='on'", "packed='on'"),
        _DRIVER,
    ),
    *each(
        "disk/format",
        ("raw", "qcow2", "qed", "vmdk", "vdi", "vpc", "cow", "bochs", "dmg", "iso", "fat"),
        "<disk type='file'><driver name='qemu' type='@@'/><source file='/p/a'/><target dev='vda'/></disk>",
    ),
    *each(
        "disk/model",
        ("virtio", "virtio-transitional", "virtio-non-transitional"),
        "<disk type='file' model='@@'><source file='/p/a'/><target dev='vda' bus='virtio'/></disk>",
    ),
    *each(
        "disk/snapshot",
        ("internal", "external", "no"),
        "<disk type='file' snapshot='@@'><source file='/p/a'/><target dev='vda' bus='virtio'/></disk>",
    ),
    *each(
        "disk/startup",
        ("mandatory", "requisite", "optional"),
        "<disk type='file' device='cdrom'><source file='/p/a.iso' startupPolicy='@@'/>"
        "<target dev='sda' bus='sata'/></disk>",
    ),
]
PARTS = [
    *(Fragment(f"disk/tune-{key}", _DISK % f"<iotune><{key}>10000000</{key}></iotune>") for key in _TUNES),
    *(
        Fragment(f"disk/{name}", _Q35 * name.startswith("pci") + _DISK % xml)
        for name, xml in {
            # In libvirt's own order: libxml2 finds no way through the schema in any other.
            "iotune-all": "<iotune>"
            + "".join(f"<{key}{end}>{number}</{key}{end}>" for end, number in (("", 9), ("_max", 99)) for key in _EACH)
            + "<size_iops_sec>4096</size_iops_sec><group_name>gold tier</group_name>"
            + "".join(f"<{key}_max_length>5</{key}_max_length>" for key in _EACH)
            + "</iotune>",
            "geometry": "<geometry cyls='16383' heads='16' secs='63'/>",
            "blockio": "<blockio logical_block_size='512' physical_block_size='4096'/>",
            "serial": "<serial>WD-WMAP9A966149 x</serial>",
            "readonly": "<readonly/>",
            "transient": "<transient/>",
            "transient-shared": "<transient shareBacking='yes'/>",
            "alias": "<alias name='ua-root'/>",
            "alias-long": "<alias name='ua-1234567890-abcdef_GHI'/>",
            "alias-own": "<alias name='virtio-disk0'/>",
            "encryption": f"<encryption format='luks'>{_SECRET % 'passphrase'}</encryption>",
            "encryption-qcow": f"<encryption format='qcow'>{_SECRET % 'passphrase'}</encryption>",
            "mirror": "<mirror type='file' job='copy'><format type='qcow2'/><source file='/p/mirror.qcow2'/></mirror>",
            "pci-address": "<address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>",
            "pci-multifunction": "<address type='pci' bus='0' slot='5' function='0' multifunction='on'/>",
            "backing-none": "<backingStore/>",
            "backing-chain": """<backingStore type='file' index='1'><format type='qcow2'/><source file='/p/base.qcow2'/>
                <backingStore type='block'><format type='raw'/><source dev='/dev/vg/base'/><backingStore/>
                </backingStore>
                </backingStore>""",
            "backing-network": """<backingStore type='network'><format type='raw'/><source protocol='nbd' name='b'>
                <host name='h' port='10809'/></source><backingStore/></backingStore>""",
        }.items()
    ),
]
NETWORK = [
    Fragment(f"netdisk/{name}", _NET % xml)
    for name, xml in {
        "rbd": f"""'rbd' name='pool/image'><host name='mon1.example.org' port='6321'/><host name='mon2.example.org'/>
            <host name='2001:db8::3' port='6789'/><snapshot name='snap'/><config file='/etc/ceph/c.conf'/>
            <auth username='admin'>{_SECRET % "ceph"}</auth>""",
        "rbd-usage": "'rbd' name='p/i'><auth username='a'><secret type='ceph' usage='x y'/></auth>",
        "rbd-plain": "'rbd' name='p/i'>",
        "rbd-encrypted": f"""'rbd' name='p/i'><encryption format='luks2' engine='librbd'>{_SECRET % "passphrase"}
            </encryption>""",
        "iscsi": "'iscsi' name='iqn.2013-07.com.example:iscsi-nopool/2'>"
        + _HOST
        + "<auth username='u'><secret type='iscsi' usage='s'/></auth><initiator>"
        "<iqn name='iqn.2013-07.com.example:c'/></initiator>",
        "nbd": f"'nbd' name='export'>{_HOST}",
        "nbd-tls": f"'nbd' name='e' tls='yes' tlsHostname='real.example.org'>{_HOST}",
        "nbd-unix": "'nbd'><host transport='unix' socket='/var/run/nbdsock'/>",
        "https": f"""'https' name='image.iso' query='a=b&amp;c=d'>{_HOST}<ssl verify='no'/><cookies>
            <cookie name='test'>somevalue</cookie></cookies><readahead size='65536'/><timeout seconds='6'/>""",
        "http": f"'http' name='url_path'>{_HOST}",
        "ftp": f"'ftp' name='url_path'>{_HOST}",
        "ftps": f"'ftps' name='url_path'>{_HOST}",
        "tftp": f"'tftp' name='url_path'>{_HOST}",
        "gluster": "'gluster' name='volume/image'><host name='g1' port='24007'/><host name='g2' transport='tcp'/>"
        "<host transport='unix' socket='/run/g.sock'/>",
        "sheepdog": f"'sheepdog' name='image'>{_HOST}",
        "vxhs": f"'vxhs' name='eb90327c-8302-4725-9e1b-4e85ed4dc251' tls='yes'>{_HOST}",
        "nfs": "'nfs' name='/export/a.img'><host name='nfs.example.org'/><identity user='nobody' group='+1000'/>",
    }.items()
]
DISKS = fragments(
    "disk",
    """
## minimal
<disk><source file='/p/minimal.img'/><target dev='vda'/></disk>
## block
<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/><source dev='/dev/vg0/lv'/>
<target dev='vda' bus='virtio'/></disk>
## lun
<disk type='block' device='lun' rawio='yes' sgio='filtered'><driver name='qemu' type='raw'/><source dev='/dev/sdf'>
<reservations managed='no'><source type='unix' path='/path/to/qemu-pr-helper' mode='client'/></reservations></source>
<target dev='sda' bus='scsi'/></disk>
## lun-managed
<disk type='block' device='lun'><driver name='qemu' type='raw'/><source dev='/dev/sdf'><reservations managed='yes'/>
</source>
<target dev='sda' bus='scsi'/></disk>
## dir
<disk type='dir' device='floppy'><driver name='qemu' type='fat'/><source dir='/var/somefiles'/>
<target dev='fda' bus='fdc'/>
<readonly/></disk>
## volume
<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/><source pool='default' volume='a b.qcow2'/>
<target dev='vda' bus='virtio'/></disk>
## volume-iscsi
<disk type='volume' device='disk'><source pool='iscsi-pool' volume='unit:0:0:1' mode='host'/>
<target dev='vdb' bus='virtio'/></disk>
## volume-direct
<disk type='volume'><source pool='iscsi-pool' volume='unit:0:0:2' mode='direct'/><target dev='vda' bus='virtio'/></disk>
## volume-cdrom
<disk type='volume' device='cdrom'><source pool='default' volume='a.iso' startupPolicy='optional'/>
<target dev='sda' bus='sata'/></disk>
## nvme
<disk type='nvme' device='disk'><driver name='qemu' type='raw'/>
<source type='pci' managed='yes' namespace='1'><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source>
<target dev='vda' bus='virtio'/></disk>
## vhostuser
<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
<disk type='vhostuser' device='disk'><driver name='qemu' type='raw' queues='4'/>
<source type='unix' path='/tmp/vhost-blk.sock'><reconnect enabled='yes' timeout='10'/></source>
<target dev='vda' bus='virtio'/></disk>
## cdrom-empty
<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><target dev='sda' bus='sata' tray='open'/><readonly/>
</disk>
## cdrom-empty-ide
<os><type arch='x86_64' machine='pc'>hvm</type></os>
<disk type='block' device='cdrom'><target dev='hdc' bus='ide'/><readonly/></disk>
## cdrom-only-readonly-implied
<os><type arch='x86_64' machine='pc'>hvm</type></os>
<disk device='cdrom' type='file'><source file='/iso/a.iso'/><target dev='hda' bus='ide'/></disk>
## cdrom-two
<disk type='file' device='cdrom'><source file='/iso/a.iso'/><target dev='sda' bus='sata'/><readonly/></disk>
<disk type='file' device='cdrom'><target dev='sdb' bus='sata'/><readonly/></disk>
## cdrom-http
<disk type='network' device='cdrom'><driver name='qemu' type='raw'/><source protocol='http' name='a.iso'>
<host name='h' port='80'/></source><target dev='sda' bus='sata'/><readonly/></disk>
## floppy
<disk type='file' device='floppy'><source file='/p/f.img'/><target dev='fda' bus='fdc' tray='closed'/></disk>
## floppy-empty
<disk type='file' device='floppy'><target dev='fda'/></disk>
## scsi-identity
<controller type='scsi' index='0' model='virtio-scsi'/>
<disk type='file'><driver name='qemu' type='raw'/><source file='/p/a'/><target dev='sda' bus='scsi' rotation_rate='1'/>
<serial>abc</serial><wwn>5000c50015ea71ac</wwn><vendor>SEAGATE</vendor><product>ST3146707LC</product>
<address type='drive' controller='0' bus='0' target='3' unit='0'/></disk>
## usb-removable
<disk type='file'><source file='/p/a'/><target dev='sda' bus='usb' removable='on'/>
<address type='usb' bus='0' port='4'/></disk>
## many-buses
<disk type='file'><source file='/p/1'/><target dev='vda' bus='virtio'/></disk>
<disk type='file'><source file='/p/2'/><target dev='sda' bus='scsi'/></disk>
<disk type='file'><source file='/p/3'/><target dev='sdb' bus='sata'/></disk>
<disk type='file'><source file='/p/4'/><target dev='sdc' bus='usb'/></disk>
## driver-host
<iothreads>1</iothreads><disk type='file'><driver name='qemu' type='qcow2' cache='none' io='native' discard='unmap'
detect_zeroes='unmap' iothread='1' queues='2'/><source file='/p/a'/><target dev='vda' bus='virtio'/></disk>
## driver-guest
<disk type='file'><driver name='qemu' type='qcow2' error_policy='enospace' rerror_policy='ignore' iommu='on' ats='on'
packed='on' page_per_vq='off'/><source file='/p/a'/><target dev='vda' bus='virtio'/></disk>
## same-source-twice
<disk type='file'><source file='/p/a'/><target dev='vda' bus='virtio'/><shareable/><driver name='qemu' type='raw'/>
</disk>
<disk type='file'><source file='/p/a'/><target dev='vdb' bus='virtio'/><shareable/><driver name='qemu' type='raw'/>
</disk>
## address-mmio
<os><type arch='aarch64' machine='virt'>hvm</type></os><disk type='file'><source file='/p/a'/>
<target dev='vda' bus='virtio'/><address type='virtio-mmio'/></disk>
## address-zpci
<os><type arch='s390x' machine='s390-ccw-virtio'>hvm</type></os><disk type='file'><source file='/p/a'/>
<target dev='vda' bus='virtio'/><address type='pci' domain='0x0001' bus='0x00' slot='0x00' function='0x0'>
<zpci uid='0x0001' fid='0x00000000'/>
</address></disk>
## geometry-translated
<os><type arch='x86_64' machine='pc'>hvm</type></os>
<disk type='file'><source file='/p/g'/><target dev='hda' bus='ide'/>
<geometry cyls='16383' heads='16' secs='63' trans='lba'/></disk>
## shareable
<disk type='file'><driver name='qemu' type='raw'/><source file='/p/a'/><target dev='vda' bus='virtio'/><shareable/>
</disk>
## wide
<disk type='file'><source file='/p/1'/><target dev='vdz' bus='virtio'/></disk>
<disk type='file'><source file='/p/2'/><target dev='vdaa' bus='virtio'/></disk>
<disk type='file'><source file='/p/3'/><target dev='vdc' bus='virtio'/></disk>
## iothread
<iothreads>2</iothreads><disk type='file'><driver name='qemu' type='raw' iothread='2'/><source file='/p/1'/>
<target dev='vda' bus='virtio'/></disk>
## strange-path
<disk type='file'><source file='/p/a b&amp;c&lt;d,e=ü%20.img'/><target dev='vda' bus='virtio'/></disk>
## slice
<disk type='file'><driver name='qemu' type='raw'/><source file='/p/a'><slices>
<slice type='storage' offset='12345' size='1048576'/></slices>
</source><target dev='vda' bus='virtio'/></disk>
## metadata-cache
<disk type='file'><driver name='qemu' type='qcow2'><metadata_cache><max_size unit='bytes'>1234</max_size>
</metadata_cache></driver>
<source file='/p/a'/><target dev='vda' bus='virtio'/></disk>
## source-encryption
<disk type='file'><driver name='qemu' type='qcow2'/><source file='/p/a'><encryption format='luks'>
<secret type='passphrase' usage='/p/a'/></encryption></source><target dev='vda' bus='virtio'/></disk>
## source-index
<disk type='file'><driver name='qemu' type='qcow2'/><source file='/p/a' index='3'/><target dev='vda' bus='virtio'/>
</disk>
## discard-no-driver-name
<disk type='file'><driver type='raw' discard='unmap'/><source file='/p/a'/><target dev='vda' bus='virtio'/></disk>
""",
)
