# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains as tools for one host make them by default: imitations, after what the tools' documentation describes."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.corpus.builder import fragments

DOMAINS = fragments(
    "peer",
    """
## virt-install-linux
<domain type="kvm">
  <name>debian12</name>
  <uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d101</uuid>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://debian.org/debian/12"/>
    </libosinfo:libosinfo>
  </metadata>
  <memory>2097152</memory>
  <currentMemory>2097152</currentMemory>
  <vcpu>2</vcpu>
  <os>
    <type arch="x86_64" machine="q35">hvm</type>
    <boot dev="hd"/>
  </os>
  <features><acpi/><apic/></features>
  <cpu mode="host-passthrough"/>
  <clock offset="utc">
    <timer name="rtc" tickpolicy="catchup"/>
    <timer name="pit" tickpolicy="delay"/>
    <timer name="hpet" present="no"/>
  </clock>
  <pm><suspend-to-mem enabled="no"/><suspend-to-disk enabled="no"/></pm>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type="file" device="disk">
      <driver name="qemu" type="qcow2" discard="unmap"/>
      <source file="/var/lib/libvirt/images/debian12.qcow2"/>
      <target dev="vda" bus="virtio"/>
    </disk>
    <controller type="usb" model="qemu-xhci" ports="15"/>
    <controller type="pci" model="pcie-root"/>
    <controller type="pci" model="pcie-root-port"/>
    <controller type="pci" model="pcie-root-port"/>
    <controller type="pci" model="pcie-root-port"/>
    <interface type="network">
      <source network="default"/>
      <mac address="52:54:00:a1:b2:c3"/>
      <model type="virtio"/>
    </interface>
    <console type="pty"/>
    <channel type="unix">
      <source mode="bind"/>
      <target type="virtio" name="org.qemu.guest_agent.0"/>
    </channel>
    <memballoon model="virtio"/>
    <rng model="virtio"><backend model="random">/dev/urandom</backend></rng>
  </devices>
</domain>
## virt-install-windows
<domain type="kvm"><name>win11</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d102</uuid>
<memory>8388608</memory><vcpu>4</vcpu>
<os firmware="efi"><type arch="x86_64" machine="q35">hvm</type><loader secure="yes"/></os>
<features><acpi/><apic/><hyperv><relaxed state="on"/><vapic state="on"/><spinlocks state="on" retries="8191"/>
<vpindex state="on"/><synic state="on"/><stimer state="on"/><frequencies state="on"/></hyperv><vmport state="off"/>
<smm state="on"/></features><cpu mode="host-passthrough"><topology sockets="1" cores="4" threads="1"/></cpu>
<clock offset="localtime"><timer name="rtc" tickpolicy="catchup"/><timer name="hypervclock" present="yes"/></clock>
<devices><disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="/vm/win11.qcow2"/>
<target dev="sda" bus="sata"/><boot order="1"/></disk>
<disk type="file" device="cdrom"><driver name="qemu" type="raw"/><source file="/iso/win11.iso"/>
<target dev="sdb" bus="sata"/><readonly/></disk>
<disk type="file" device="cdrom"><source file="/iso/virtio-win.iso"/><target dev="sdc" bus="sata"/><readonly/></disk>
<interface type="network"><source network="default"/><mac address="52:54:00:12:00:02"/><model type="e1000e"/>
</interface>
<tpm model="tpm-crb"><backend type="emulator" version="2.0"/></tpm><input type="tablet" bus="usb"/>
<graphics type="spice" port="-1" tlsPort="-1" autoport="yes"><image compression="off"/></graphics>
<sound model="ich9"/><video><model type="qxl"/></video></devices></domain>
## virt-install-location
<domain type="kvm"><name>install</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d103</uuid><memory>1048576</memory>
<vcpu>1</vcpu><os><type>hvm</type><kernel>/var/lib/libvirt/boot/virtinst-vmlinuz.a1</kernel>
<initrd>/var/lib/libvirt/boot/virtinst-initrd.a1</initrd>
<cmdline>console=ttyS0 inst.ks=http://h/ks.cfg?a=1&amp;b=2</cmdline>
</os><on_reboot>destroy</on_reboot><devices><disk type="volume"><driver type="qcow2"/>
<source pool="default" volume="install.qcow2"/><target dev="vda" bus="virtio"/></disk></devices></domain>
## virt-install-unattended-console
<domain type="kvm"><name>cloudy</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d104</uuid><memory>524288</memory>
<vcpu>1</vcpu><sysinfo type="smbios"><system><entry name="serial">ds=nocloud</entry></system></sysinfo>
<os><type machine="q35">hvm</type><smbios mode="sysinfo"/></os><devices>
<disk type="file" device="disk"><source file="/vm/cloudy.img"/><target dev="vda"/></disk>
<disk type="file" device="cdrom"><source file="/tmp/virtinst-cloudinit.iso"/><target dev="sda" bus="sata"/><readonly/>
</disk>
<interface type="bridge"><source bridge="virbr0"/><mac address="52:54:00:12:00:04"/><model type="virtio"/></interface>
<console type="pty"><target type="virtio"/></console></devices></domain>
## virt-install-arm
<domain type="kvm"><name>arm</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d105</uuid><memory unit="KiB">4194304</memory>
<vcpu>4</vcpu><os firmware="efi"><type arch="aarch64" machine="virt">hvm</type></os>
<features><acpi/><gic version="2"/></features><cpu mode="host-passthrough"/><devices>
<disk type="block" device="disk"><driver name="qemu" type="raw" cache="none" io="native"/><source dev="/dev/vg/arm"/>
<target dev="vda" bus="virtio"/></disk><serial type="pty"/><tpm><backend type="emulator"/></tpm></devices></domain>
## virt-manager
<domain type="kvm"><name>ubuntu22.04-2</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d106</uuid>
<title>Ubuntu (test)</title><description>clone of ubuntu22.04

do not delete</description>
<memory unit="KiB">4194304</memory><currentMemory unit="KiB">2097152</currentMemory><vcpu placement="static">2</vcpu>
<os><type arch="x86_64" machine="pc-q35-6.2">hvm</type><bootmenu enable="yes"/></os>
<features><acpi/><apic/><vmport state="off"/></features><cpu mode="host-model" check="partial"/>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<disk type="file" device="disk"><driver name="qemu" type="qcow2" discard="unmap"/>
<source file="/var/lib/libvirt/images/ubuntu22.04-2.qcow2"/><target dev="vda" bus="virtio"/><boot order="1"/>
<address type="pci" domain="0x0000" bus="0x04" slot="0x00" function="0x0"/></disk>
<disk type="file" device="cdrom"><driver name="qemu" type="raw"/><target dev="sda" bus="sata"/><readonly/>
<boot order="2"/>
<address type="drive" controller="0" bus="0" target="0" unit="0"/></disk>
<controller type="sata" index="0"><address type="pci" domain="0x0000" bus="0x00" slot="0x1f" function="0x2"/>
</controller>
<interface type="network"><mac address="52:54:00:12:00:06"/><source network="default"/><model type="virtio"/>
<address type="pci" domain="0x0000" bus="0x01" slot="0x00" function="0x0"/></interface>
<serial type="pty"><target type="isa-serial" port="0"><model name="isa-serial"/></target></serial>
<console type="pty"><target type="serial" port="0"/></console>
<channel type="spicevmc"><target type="virtio" name="com.redhat.spice.0"/></channel>
<input type="tablet" bus="usb"/><input type="mouse" bus="ps2"/><input type="keyboard" bus="ps2"/>
<graphics type="spice" autoport="yes"><listen type="address"/><image compression="off"/></graphics>
<sound model="ich9"/><audio id="1" type="spice"/><video><model type="virtio" heads="1" primary="yes"/></video>
<redirdev bus="usb" type="spicevmc"/><redirdev bus="usb" type="spicevmc"/>
<controller type="usb" index="0" model="qemu-xhci" ports="15"/></devices></domain>
## virt-v2v
<?xml version='1.0'?>
<!-- generated by a converter from VMware -->
<domain type="kvm"><!-- the source's name was: [ds1] web.vmx --><name>converted</name>
<uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d107</uuid><genid>11111111-2222-3333-4444-555555555555</genid>
<memory unit="KiB">2097152</memory><currentMemory unit="KiB">2097152</currentMemory><vcpu>2</vcpu>
<features><acpi/><apic/><pae/></features><os><type arch="x86_64" machine="q35">hvm</type></os>
<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>restart</on_crash>
<devices><disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="/var/tmp/converted-sda"/>
<target dev="vda" bus="virtio"/></disk>
<disk device="cdrom" type="file"><!-- source cdrom --><target dev="sda" bus="sata"/></disk>
<interface type="bridge"><source bridge="VM Network"/><model type="virtio"/><mac address="00:0c:29:ab:cd:ef"/>
</interface>
<video><model type="vga" vram="16384" heads="1"/></video><graphics type="vnc" autoport="yes" port="-1"/>
<rng model="virtio"><backend model="random">/dev/urandom</backend></rng><memballoon model="virtio"/>
<panic model="isa"><address type="isa" iobase="0x505"/></panic><viosock model="none"/>
<input type="tablet" bus="usb"/><console type="pty"/></devices></domain>
## gnome-boxes
<domain type="kvm"><name>fedora39-wor</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d108</uuid>
<title>Fedora 39 Workstation</title>
<metadata><boxes:gnome-boxes xmlns:boxes="https://wiki.gnome.org/Apps/Boxes"><os-state>installed</os-state>
<media-id>http://fedoraproject.org/fedora/39:1</media-id><media>/home/u/Fedora.iso</media></boxes:gnome-boxes>
<libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
<libosinfo:os id="http://fedoraproject.org/fedora/39"/></libosinfo:libosinfo></metadata>
<memory unit="KiB">4194304</memory><currentMemory unit="KiB">4194304</currentMemory><vcpu placement="static">8</vcpu>
<os firmware="efi"><type arch="x86_64" machine="q35">hvm</type><boot dev="cdrom"/><boot dev="hd"/>
<bootmenu enable="yes"/></os>
<features><acpi/><apic/></features><cpu mode="host-passthrough"><topology sockets="1" dies="1" cores="4" threads="2"/>
</cpu>
<on_poweroff>destroy</on_poweroff><on_reboot>destroy</on_reboot><on_crash>destroy</on_crash><devices>
<disk type="file" device="disk" snapshot="internal"><driver name="qemu" type="qcow2" cache="writeback" discard="unmap"/>
<source file="/home/u/.local/share/gnome-boxes/images/fedora39-wor"/><target dev="vda" bus="virtio"/></disk>
<disk type="file" device="cdrom"><driver name="qemu" type="raw"/>
<source file="/home/u/Fedora.iso" startupPolicy="mandatory"/>
<target dev="hdc" bus="sata"/><readonly/></disk>
<interface type="user"><mac address="52:54:00:12:00:08"/><model type="virtio"/></interface>
<input type="tablet" bus="usb"/><graphics type="spice"><listen type="none"/><image compression="off"/>
<gl enable="yes"/></graphics>
<video><model type="virtio"><acceleration accel3d="yes"/></model></video><smartcard mode="passthrough" type="spicevmc"/>
<channel type="spiceport"><source channel="org.spice-space.webdav.0"/>
<target type="virtio" name="org.spice-space.webdav.0"/></channel></devices></domain>
## cockpit
<domain type="kvm"><name>subVmTest1</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d109</uuid><metadata>
<cockpit_machines:data xmlns:cockpit_machines="https://github.com/cockpit-project/cockpit/tree/master/pkg/machines">
<cockpit_machines:has_install_phase>false</cockpit_machines:has_install_phase>
<cockpit_machines:install_source_type>file</cockpit_machines:install_source_type>
<cockpit_machines:install_source>/iso/a.iso</cockpit_machines:install_source>
<cockpit_machines:os_variant>fedora39</cockpit_machines:os_variant></cockpit_machines:data></metadata>
<memory unit="MiB">1024</memory><vcpu>2</vcpu><os><type>hvm</type></os><devices>
<disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="/vm/s.qcow2"/>
<target dev="vda" bus="virtio"/>
</disk><interface type="direct"><source dev="eno1" mode="bridge"/><mac address="52:54:00:12:00:09"/></interface>
<graphics type="vnc" listen="127.0.0.1"/></devices></domain>
## kimchi
<domain type="kvm"><name>KimchiVM</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d10a</uuid><metadata>
<kimchi:info xmlns:kimchi="https://github.com/kimchi-project/"><access><user>admin</user><group>ops</group></access>
<os distro="ubuntu" version="16.04"/></kimchi:info></metadata><maxMemory slots="32" unit="KiB">8388608</maxMemory>
<memory unit="MiB">1024</memory><vcpu current="1">4</vcpu><cpu><topology sockets="1" cores="4" threads="1"/>
<numa><cell id="0" cpus="0-3" memory="1048576" unit="KiB"/></numa></cpu><os><type arch="x86_64">hvm</type>
<boot dev="hd"/><boot dev="cdrom"/></os><features><acpi/><apic/><pae/></features><clock offset="utc"/><devices>
<disk type="file" device="disk"><driver name="qemu" type="qcow2" cache="none"/><source file="/pool/0.img"/>
<target dev="vda" bus="virtio"/></disk><interface type="network"><source network="default"/><model type="virtio"/>
<mac address="52:54:00:12:00:0a"/></interface><graphics type="vnc" listen="127.0.0.1"/>
<sound model="ich6"/><memballoon model="virtio"/></devices></domain>
## proxmox-import
<domain type="kvm"><name>pve-100</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d10b</uuid><memory unit="MiB">4096</memory>
<currentMemory unit="MiB">2048</currentMemory><vcpu current="2">4</vcpu><os>
<type machine="pc-i440fx-7.2" arch="x86_64">hvm</type>
<bios useserial="yes"/></os><cpu><model>kvm64</model><topology sockets="1" cores="4" threads="1"/>
<feature policy="require" name="lahf_lm"/></cpu><devices><serial type="unix">
<source mode="bind" path="/var/run/qemu-server/100.serial0"/></serial>
<controller type="scsi" index="0" model="virtio-scsi"/>
<controller type="scsi" index="1" model="lsilogic"/>
<disk type="block" device="disk">
<driver name="qemu" type="raw" cache="none" io="io_uring" detect_zeroes="unmap" discard="unmap"/>
<source dev="/dev/pve/vm-100-disk-0"/><target dev="sda" bus="scsi"/><serial>drive-scsi0</serial><boot order="100"/>
</disk>
<disk type="file" device="cdrom"><target dev="hdc" bus="ide"/><readonly/><boot order="101"/></disk>
<interface type="bridge"><source bridge="vmbr0"/><mac address="BC:24:11:AA:BB:CC"/><model type="virtio"/>
<filterref filter="clean-traffic"/><boot order="102"/></interface></devices>
<description># Notes
* **web**
{"owner": "ops"}</description></domain>
## terraform
<domain type="kvm">
  <name>terraform_0</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d10c</uuid>
  <memory unit="MiB">512</memory><vcpu>1</vcpu>
  <os><type arch="x86_64" machine="pc">hvm</type></os>
  <features><pae></pae><acpi></acpi><apic></apic></features><cpu></cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type="volume" device="disk"><driver name="qemu" type="qcow2"></driver>
      <source pool="default" volume="root.qcow2"></source><target dev="vda" bus="virtio"></target>
      </disk>
    <disk type="volume" device="disk"><source pool="default" volume="data"></source><target dev="sda" bus="scsi">
    </target>
      <wwn>05abcd1234abcd12</wwn></disk>
    <disk type="volume" device="cdrom"><driver name="qemu" type="raw"></driver>
      <source pool="default" volume="commoninit.iso"></source><target dev="hdd" bus="ide"></target>
      <serial>cloudinit</serial></disk>
    <interface type="network"><mac address="52:54:00:12:00:0C"></mac><source network="net"></source>
    <model type="virtio"></model>
    </interface>
    <console type="pty"><target type="serial" port="0"></target></console>
    <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"></target></channel>
    <graphics type="spice" autoport="yes"></graphics><rng model="virtio">
    <backend model="random">/dev/urandom</backend></rng>
  </devices>
</domain>
## vagrant
<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>project_default</name>
<uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d10d</uuid><description>Source: /home/u/project/Vagrantfile</description>
<vcpu>1</vcpu><cpu check='partial' mode='host-model'/><memory unit='KiB'>524288</memory><os>
<type arch='x86_64'>hvm</type>
<kernel></kernel><initrd></initrd><cmdline></cmdline></os><features><acpi/><apic/><pae/></features><clock offset='utc'/>
<devices><disk device='disk' type='file'><alias name='ua-box-volume-0'/>
<driver discard='unmap' name='qemu' type='qcow2' cache='default'/>
<source file='/var/lib/libvirt/images/project_default.img'/><target bus='virtio' dev='vda'/></disk>
<interface type='network'><alias name='ua-net-0'/><mac address='52:54:00:12:00:0d'/><source network='vagrant-libvirt'/>
<target dev='vnet0'/><model type='virtio'/><driver iommu='off'/></interface>
<serial type='pty'><target port='0'/></serial><console type='pty'><target port='0'/></console>
<input bus='ps2' type='mouse'/><graphics autoport='yes' keymap='en-us' listen='127.0.0.1' port='-1' type='vnc'/>
<video><model heads='1' type='cirrus' vram='16384'/></video></devices></domain>
## minikube
<domain type='kvm'><name>minikube</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d10e</uuid>
<memory unit='MiB'>3900</memory><vcpu>2</vcpu>
<features><acpi/><apic/><pae/></features><cpu mode='host-passthrough'></cpu><os><type>hvm</type><boot dev='cdrom'/>
<boot dev='hd'/><bootmenu enable='no'/></os><devices><disk type='file' device='cdrom'>
<source file='/m/boot2docker.iso'/>
<target dev='hdc' bus='scsi'/><readonly/></disk><disk type='file' device='disk'>
<driver name='qemu' type='raw' cache='default' io='threads'/>
<source file='/m/minikube.rawdisk'/><target dev='hda' bus='virtio'/></disk>
<interface type='network'><source network='mk-minikube'/><mac address='52:54:00:12:00:0e'/><model type='virtio'/>
</interface>
<interface type='network'><source network='default'/><mac address='52:54:00:12:01:0e'/><model type='virtio'/>
</interface>
<serial type='pty'><target port='0'/></serial><console type='pty'><target type='serial' port='0'/></console>
<rng model='virtio'><backend model='random'>/dev/random</backend></rng></devices></domain>
""",
)
