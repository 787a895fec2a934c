# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kind of machine it is: domain types, machines, firmware, boot."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.corpus.builder import each, fragments

_PC = "<os><type arch='x86_64' machine='@@'>hvm</type></os>"

MACHINES = [
    *each("machine/pc", ("pc", "pc-i440fx-7.2", "q35", "pc-q35-rhel9.2.0", "isapc", "microvm"), _PC),
    *each("machine/arm", ("virt", "virt-7.2", "raspi3b"), "<os><type arch='aarch64' machine='@@'>hvm</type></os>"),
    *each(
        "type",
        ("qemu", "kvm", "test", "vmware", "hyperv", "vbox", "openvz", "vz", "bhyve", "hvf"),
        "<domain type='@@'/>",
    ),
    *fragments(
        "machine",
        """
## no-machine
<os><type>hvm</type></os>
## no-arch
<os><type machine='pc'>hvm</type></os>
## i686
<os><type arch='i686' machine='pc'>hvm</type></os>
## armv7l
<domain type='qemu'/><os><type arch='armv7l' machine='virt'>hvm</type></os>
## aarch64-gic
<os firmware='efi'><type arch='aarch64' machine='virt'>hvm</type></os><features><acpi/><gic version='3'/></features>
<cpu mode='host-passthrough'/>
## riscv64
<domain type='qemu'/><os><type arch='riscv64' machine='virt'>hvm</type></os>
## pseries
<os><type arch='ppc64le' machine='pseries'>hvm</type></os><cpu mode='host-model'><model>power9</model></cpu>
<controller type='pci' index='0' model='pci-root'><model name='spapr-pci-host-bridge'/><target index='0'/></controller>
<controller type='pci' index='1' model='pci-root'><target index='1'><node>0</node></target></controller>
<nvram><address type='spapr-vio' reg='0x3000'/></nvram>
<features><htm state='on'/><nested-hv state='off'/><ccf-assist state='on'/><cfpc value='workaround'/>
<sbbc value='broken'/><ibs value='fixed-ccd'/><hpt resizing='enabled'><maxpagesize unit='GiB'>1</maxpagesize></hpt>
</features>
## s390
<os><type arch='s390x' machine='s390-ccw-virtio'>hvm</type></os>
<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none'/><source dev='/dev/disk/by-path/ccw-0'/>
<target dev='vda' bus='virtio'/><address type='ccw' cssid='0xfe' ssid='0x0' devno='0x0001'/></disk>
<interface type='network'><source network='default'/><model type='virtio'/>
<address type='ccw' cssid='0xfe' ssid='0x0' devno='0x0002'/></interface>
<console type='pty'><target type='sclp' port='0'/></console><panic model='s390'/>
<memballoon model='virtio'><address type='ccw' cssid='0xfe' ssid='0x0' devno='0x0003'/></memballoon>
## s390-keywrap
<os><type arch='s390x' machine='s390-ccw-virtio-7.2'>hvm</type></os>
<keywrap><cipher name='aes' state='off'/><cipher name='dea' state='on'/></keywrap>
## lxc
<domain type='lxc'/><os><type>exe</type><init>/sbin/init</init><initarg>--unit</initarg>
<initarg>emergency.service</initarg>
<initenv name='LANG'>C</initenv><initdir>/root</initdir><inituser>root</inituser><initgroup>wheel</initgroup></os>
<idmap><uid start='0' target='1000' count='10'/><gid start='0' target='1000' count='10'/></idmap>
<features><privnet/><capabilities policy='deny'><mknod state='on'/><sys_chroot state='off'/></capabilities></features>
<filesystem type='mount'><source dir='/srv/container'/><target dir='/'/></filesystem>
<filesystem type='ram'><source usage='1024' units='MiB'/><target dir='/tmp'/></filesystem>
<interface type='network'><source network='default'/><guest dev='eth7'/></interface><console type='pty'/>
## lxc-hostdev
<domain type='lxc'/><os><type arch='x86_64'>exe</type><init>/bin/sh</init></os>
<hostdev mode='capabilities' type='storage'><source><block>/dev/sdf1</block></source></hostdev>
<hostdev mode='capabilities' type='misc'><source><char>/dev/input/event3</char></source></hostdev>
<hostdev mode='capabilities' type='net'><source><interface>eth0</interface></source></hostdev>
## lxc-namespace
<domain type='lxc' uses='lxc'/><os><type>exe</type><init>/bin/sh</init></os>
<lxc:namespace><lxc:sharenet type='netns' value='red'/><lxc:shareuts type='name' value='other'/></lxc:namespace>
## xen-pv
<domain type='xen'/><bootloader>/usr/bin/pygrub</bootloader><bootloader_args>--append single</bootloader_args>
<os><type arch='x86_64' machine='xenpv'>linux</type></os><clock offset='utc' adjustment='reset'/>
<disk type='block' device='disk'><driver name='phy'/><source dev='/dev/vg/xen'/><target dev='xvda' bus='xen'/></disk>
<interface type='bridge'><source bridge='xenbr0'/><script path='vif-bridge'/></interface>
<console type='pty'><target type='xen' port='0'/></console>
## xen-hvm
<domain type='xen'/><os><type arch='x86_64' machine='xenfv'>hvm</type>
<loader type='rom'>/usr/lib/xen/boot/hvmloader</loader><boot dev='cdrom'/></os>
<features><acpi/><apic/><pae/><viridian/><hap state='on'/>
<xen><e820_host state='on'/><passthrough state='on' mode='sync_pt'/></xen></features>
<emulator>/usr/lib/xen/bin/qemu-system-i386</emulator>
<disk type='file'><driver name='qemu' type='raw'/><source file='/var/lib/xen/d.img'/><target dev='hda' bus='ide'/>
</disk>
<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/><readonly/></disk>
## xen-pvh
<domain type='xen'/><os><type machine='xenpvh'>xenpvh</type><kernel>/boot/vmlinuz</kernel></os>
## openvz-template
<domain type='openvz'/><os><type>exe</type><init>/sbin/init</init></os>
<filesystem type='template'><source name='debian-12'/><target dir='/'/></filesystem>
## bhyve-loader
<domain type='bhyve' uses='bhyve'/><os><type arch='x86_64'>hvm</type></os>
<bootloader>/usr/local/sbin/grub-bhyve</bootloader>
<bhyve:commandline><bhyve:arg value='-somebhyvearg'/></bhyve:commandline>
""",
    ),
]

OS = fragments(
    "os",
    """
## kernel
<os><type arch='x86_64' machine='q35'>hvm</type><kernel>/boot/vmlinuz</kernel><initrd>/boot/initrd.img</initrd>
<cmdline>root=/dev/vda console=ttyS0 "quoted &amp; escaped" a&lt;b</cmdline></os>
## dtb
<os><type arch='aarch64' machine='virt'>hvm</type><kernel>/boot/Image</kernel><dtb>/boot/some.dtb</dtb></os>
## boot-all
<os><type>hvm</type><boot dev='network'/><boot dev='hd'/><boot dev='cdrom'/><boot dev='fd'/></os>
## bootmenu
<serial type='pty'/><os><type>hvm</type><boot dev='cdrom'/><bootmenu enable='yes' timeout='3000'/>
<bios useserial='yes' rebootTimeout='200'/></os>
## bootmenu-off
<os><type>hvm</type><bootmenu enable='no'/></os>
## reboot-never
<os><type>hvm</type><bios rebootTimeout='-1'/></os>
## per-device
<disk type='file'><driver name='qemu' type='qcow2'/><source file='/p/a.qcow2'/><target dev='vda' bus='virtio'/>
<boot order='2'/></disk>
<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/><boot order='3'/></disk>
<interface type='network'><source network='default'/><model type='virtio'/><boot order='1'/></interface>
## loadparm
<os><type arch='s390x' machine='s390-ccw-virtio'>hvm</type></os>
<disk type='file'><source file='/p/a'/><target dev='vda'/><boot order='1' loadparm='2'/></disk>
## efi-auto
<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
## bios-auto
<os firmware='bios'><type arch='x86_64' machine='q35'>hvm</type></os>
## efi-auto-secure
<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><loader secure='yes'/><firmware>
<feature enabled='yes' name='enrolled-keys'/><feature enabled='yes' name='secure-boot'/></firmware></os>
<features><acpi/><smm state='on'/></features>
## efi-auto-no-keys
<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type>
<firmware><feature enabled='no' name='enrolled-keys'/></firmware></os><features><acpi/></features>
## efi-loader
<os><type arch='x86_64' machine='q35'>hvm</type>
<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader>
<nvram>/var/lib/libvirt/qemu/nvram/a_VARS.fd</nvram></os><features><acpi/></features>
## efi-template
<os><type arch='x86_64' machine='q35'>hvm</type>
<loader readonly='yes' secure='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>
<nvram template='/usr/share/OVMF/OVMF_VARS_4M.ms.fd'>/var/lib/libvirt/qemu/nvram/b_VARS.fd</nvram></os>
<features><acpi/><smm state='on'><tseg unit='MiB'>48</tseg></smm></features>
## efi-nvram-file
<os><type arch='x86_64' machine='q35'>hvm</type>
<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader>
<nvram type='file'><source file='/var/lib/libvirt/nvram/c.fd'/></nvram></os><features><acpi/></features>
## efi-nvram-block
<os><type arch='x86_64' machine='q35'>hvm</type>
<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader>
<nvram type='block'><source dev='/dev/vg/vars'/></nvram></os><features><acpi/></features>
## efi-nvram-network
<os><type arch='x86_64' machine='q35'>hvm</type>
<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader>
<nvram type='network'><source protocol='iscsi' name='iqn.2013-07.com.example:iscsi-nopool/0'>
<host name='example.com' port='6000'/>
<auth username='myname'><secret type='iscsi' usage='mycluster_myname'/></auth></source></nvram></os><features><acpi/>
</features>
## rom
<os><type arch='x86_64' machine='pc'>hvm</type><loader type='rom'>/usr/share/seabios/bios.bin</loader></os>
## loader-plain
<os><type arch='x86_64' machine='pc'>hvm</type><loader>/usr/share/seabios/bios.bin</loader></os>
## stateless
<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><loader stateless='yes'/></os><features><acpi/>
</features>
## smbios-host
<os><type>hvm</type><smbios mode='host'/></os>
## smbios-emulate
<os><type>hvm</type><smbios mode='emulate'/></os>
## smbios-sysinfo
<os><type>hvm</type><smbios mode='sysinfo'/></os><sysinfo type='smbios'>
<bios><entry name='vendor'>Acme</entry><entry name='version'>1.2</entry><entry name='date'>01/31/2024</entry>
<entry name='release'>10.22</entry></bios>
<system><entry name='manufacturer'>A &amp; B</entry><entry name='product'>Cloud</entry>
<entry name='version'>4</entry><entry name='serial'>0xdeadbeef</entry><entry name='sku'>SKU7</entry>
<entry name='family'>Servers</entry></system>
<baseBoard><entry name='manufacturer'>Acme</entry><entry name='product'>Board</entry><entry name='asset'>T1</entry>
<entry name='location'>Slot 4</entry></baseBoard>
<baseBoard><entry name='serial'>second</entry></baseBoard>
<chassis><entry name='manufacturer'>Acme</entry><entry name='asset'>Tag</entry><entry name='sku'>x</entry></chassis>
<oemStrings><entry>io.systemd.credential:a=b</entry><entry>second, with comma</entry></oemStrings></sysinfo>
## fwcfg
<sysinfo type='fwcfg'><entry name='opt/com.example/name'>example value</entry>
<entry name='opt/com.coreos/config' file='/tmp/provision.ign'/></sysinfo>
## sysinfo-both
<sysinfo type='smbios'><system><entry name='product'>x</entry></system></sysinfo>
<sysinfo type='fwcfg'><entry name='opt/a'>b</entry></sysinfo>
## acpi-table
<os><type>hvm</type><acpi><table type='slic'>/path/slic.dat</table></acpi></os><features><acpi/></features>
## genid
<genid>43dc0cf8-809b-4adb-9bea-a9abb5f3d90e</genid>
## genid-empty
<genid/>
## emulator
<emulator>/usr/libexec/qemu-kvm</emulator>
""",
)
