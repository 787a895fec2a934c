# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains as platforms over many hosts make them: imitations, after what their documentation describes."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.corpus.builder import fragments

DOMAINS = fragments(
    "cloud",
    """
## ovirt
<domain type="kvm"><name>web-ovirt</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d201</uuid>
<metadata xmlns:ovirt-tune="http://ovirt.org/vm/tune/1.0" xmlns:ovirt-vm="http://ovirt.org/vm/1.0">
<ovirt-tune:qos/><ovirt-vm:vm><ovirt-vm:balloonTarget type="int">4194304</ovirt-vm:balloonTarget>
<ovirt-vm:clusterVersion>4.7</ovirt-vm:clusterVersion><ovirt-vm:custom/>
<ovirt-vm:destroy_on_reboot type="bool">False</ovirt-vm:destroy_on_reboot>
<ovirt-vm:launchPaused>false</ovirt-vm:launchPaused>
<ovirt-vm:minGuaranteedMemoryMb type="int">1024</ovirt-vm:minGuaranteedMemoryMb>
<ovirt-vm:device mac_address="56:6f:1a:00:00:01" alias="ua-6f6ef2ee-9a53-4e45-a1b0-1fd9b5a0a3e5"/>
<ovirt-vm:device devtype="disk" name="sda"><ovirt-vm:domainID>a</ovirt-vm:domainID>
<ovirt-vm:imageID>b</ovirt-vm:imageID>
</ovirt-vm:device></ovirt-vm:vm></metadata><maxMemory slots="16" unit="KiB">16777216</maxMemory>
<memory unit="KiB">4194304</memory><currentMemory unit="KiB">4194304</currentMemory>
<vcpu placement="static" current="2">32</vcpu>
<iothreads>1</iothreads><resource><partition>/machine</partition></resource><sysinfo type="smbios"><system>
<entry name="manufacturer">oVirt</entry><entry name="product">RHEL</entry><entry name="version">8.6</entry>
<entry name="serial">4c4c4544-0051-3210-8052-b4c04f383358</entry>
<entry name="uuid">5f2d1d35-65c3-4a31-9a6f-0d9b84e6d201</entry><entry name="family">oVirt</entry></system></sysinfo>
<os><type arch="x86_64" machine="pc-q35-rhel8.6.0">hvm</type><smbios mode="sysinfo"/><bios useserial="yes"/>
<bootmenu enable="yes" timeout="10000"/></os><features><acpi/></features>
<cpu mode="custom" match="exact" check="partial"><model fallback="allow">Cascadelake-Server</model>
<topology sockets="16" dies="1" cores="2" threads="1"/><feature policy="require" name="vmx"/>
<numa><cell id="0" cpus="0-31" memory="4194304" unit="KiB"/></numa></cpu>
<clock offset="variable" adjustment="0" basis="utc"><timer name="rtc" tickpolicy="catchup"/>
<timer name="hpet" present="no"/></clock>
<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
<pm><suspend-to-mem enabled="no"/><suspend-to-disk enabled="no"/></pm><devices>
<disk type="file" device="cdrom"><driver name="qemu" error_policy="report"/><source startupPolicy="optional"/>
<target dev="sdc" bus="sata"/><readonly/><alias name="ua-0d6a9b6c-2f6c-4b2c-a0f3-1b1a2d5f3c11"/></disk>
<disk type="block" device="disk" snapshot="no">
<driver name="qemu" type="qcow2" cache="none" error_policy="stop" io="native" iothread="1"/>
<source dev="/rhev/data-center/mnt/blockSD/a/images/b/c"><seclabel model="dac" relabel="no"/></source>
<target dev="vda" bus="virtio"/>
<serial>6f6ef2ee-9a53-4e45-a1b0-1fd9b5a0a3e4</serial><boot order="1"/>
<alias name="ua-6f6ef2ee-9a53-4e45-a1b0-1fd9b5a0a3e4"/></disk>
<controller type="scsi" index="0" model="virtio-scsi"><driver iothread="1"/><alias name="ua-c1"/></controller>
<controller type="virtio-serial" index="0" ports="16"><alias name="ua-c2"/></controller>
<interface type="bridge"><mac address="56:6f:1a:00:00:01"/><source bridge="ovirtmgmt"/><model type="virtio"/>
<driver name="vhost" queues="2"/><filterref filter="vdsm-no-mac-spoofing"/><link state="up"/><mtu size="1500"/>
<alias name="ua-6f6ef2ee-9a53-4e45-a1b0-1fd9b5a0a3e5"/></interface>
<serial type="unix"><source mode="bind" path="/var/run/ovirt-vmconsole-console/b.sock"/></serial>
<console type="unix"><source mode="bind" path="/var/run/ovirt-vmconsole-console/a.sock"/>
<target type="virtio" port="0"/></console>
<channel type="unix"><target type="virtio" name="ovirt-guest-agent.0"/></channel>
<channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
<graphics type="vnc" port="-1" autoport="yes" passwd="*****" passwdValidTo="1970-01-01T00:00:01" keymap="en-us">
<listen type="network" network="vdsm-ovirtmgmt"/></graphics><video>
<model type="vga" vram="16384" heads="1" primary="yes"/></video>
<memballoon model="virtio"><stats period="5"/></memballoon><rng model="virtio">
<backend model="random">/dev/urandom</backend></rng>
</devices></domain>
## nova
<domain type="kvm">
  <uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d202</uuid>
  <name>instance-0000002a</name>
  <memory>2097152</memory>
  <vcpu>2</vcpu>
  <metadata>
    <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
      <nova:package version="27.1.0"/>
      <nova:name>web 🚀 &amp; more</nova:name>
      <nova:creationTime>2024-01-31 10:22:33</nova:creationTime>
      <nova:flavor name="m1.small"><nova:memory>2048</nova:memory><nova:disk>20</nova:disk><nova:swap>0</nova:swap>
        <nova:ephemeral>0</nova:ephemeral><nova:vcpus>2</nova:vcpus></nova:flavor>
      <nova:owner><nova:user uuid="a">admin</nova:user><nova:project uuid="b">demo</nova:project></nova:owner>
      <nova:root type="image" uuid="c"/>
      <nova:ports><nova:port uuid="d"><nova:ip type="fixed" address="10.0.0.5" ipVersion="4"/></nova:port></nova:ports>
    </nova:instance>
  </metadata>
  <sysinfo type="smbios"><system><entry name="manufacturer">OpenStack Foundation</entry>
    <entry name="product">OpenStack Nova</entry><entry name="version">27.1.0</entry><entry name="serial">x</entry>
    <entry name="uuid">5f2d1d35-65c3-4a31-9a6f-0d9b84e6d202</entry><entry name="family">Virtual Machine</entry>
    </system></sysinfo>
  <os><type machine="pc">hvm</type><boot dev="hd"/><smbios mode="sysinfo"/></os>
  <features><acpi/><apic/><vmcoreinfo/></features>
  <cputune><shares>2048</shares></cputune>
  <clock offset="utc"><timer name="pit" tickpolicy="delay"/><timer name="rtc" tickpolicy="catchup"/>
  <timer name="hpet" present="no"/></clock>
  <cpu mode="host-model" match="exact"><topology sockets="2" cores="1" threads="1"/></cpu>
  <devices>
    <disk type="network" device="disk"><driver type="raw" cache="writeback" discard="unmap"/>
      <source protocol="rbd" name="vms/5f2d_disk"><host name="192.0.2.10" port="6789"/>
      <host name="192.0.2.11" port="6789"/></source>
      <auth username="cinder"><secret type="ceph" uuid="c90bd1dc-2f0b-4a2c-8d54-5e1a3f6f5a11"/></auth>
      <target bus="virtio" dev="vda"/><iotune><total_iops_sec>500</total_iops_sec></iotune></disk>
    <disk type="file" device="cdrom"><driver name="qemu" type="raw" cache="none"/>
      <source file="/var/lib/nova/instances/5f2d/disk.config"/><target bus="ide" dev="hda"/></disk>
    <interface type="bridge"><mac address="fa:16:3e:00:00:02"/><model type="virtio"/>
    <driver name="vhost" rx_queue_size="512"/>
      <source bridge="br-int"/><mtu size="1450"/><target dev="tapd1a2b3c4-d5"/>
      <virtualport type="openvswitch"><parameters interfaceid="d1a2b3c4-d5e6-47f8-9a0b-1c2d3e4f5a6b"/></virtualport>
      </interface>
    <serial type="pty"><log file="/var/lib/nova/instances/5f2d/console.log" append="off"/></serial>
    <graphics type="vnc" autoport="yes" listen="0.0.0.0"/><video><model type="virtio"/></video>
    <input type="tablet" bus="usb"/>
    <memballoon model="virtio"><stats period="10"/></memballoon>
    <rng model="virtio"><backend model="random">/dev/urandom</backend></rng>
  </devices>
</domain>
## nova-pinned
<domain type="kvm"><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d203</uuid><name>instance-0000002b</name>
<memory>4194304</memory><memoryBacking><hugepages><page size="2048" nodeset="0" unit="KiB"/></hugepages>
<nosharepages/><locked/>
</memoryBacking><numatune><memory mode="strict" nodeset="0"/><memnode cellid="0" mode="strict" nodeset="0"/>
</numatune><vcpu>2</vcpu>
<os firmware="efi"><type machine="q35">hvm</type><loader secure="yes"/></os><features><acpi/><smm state="on"/>
</features>
<cputune><emulatorpin cpuset="4-5"/><vcpupin vcpu="0" cpuset="4"/><vcpupin vcpu="1" cpuset="5"/>
<vcpusched vcpus="0" scheduler="fifo" priority="1"/></cputune><cpu mode="host-passthrough">
<topology sockets="1" cores="1" threads="2"/>
<numa><cell id="0" cpus="0-1" memory="4194304" memAccess="shared"/></numa></cpu><devices>
<disk type="block" device="disk"><driver name="qemu" type="raw" cache="none" io="native"/><source dev="/dev/dm-3"/>
<target bus="virtio" dev="vda"/><serial>0d8f6c1e-7a42-4d1c-9b52-0c7f2c1d9a31</serial><shareable/></disk>
<interface type="hostdev" managed="yes"><mac address="fa:16:3e:00:00:03"/><source>
<address type="pci" domain="0x0000" bus="0x81" slot="0x02" function="0x3"/></source><vlan><tag id="1001"/></vlan>
</interface>
<interface type="vhostuser"><mac address="fa:16:3e:00:01:03"/><model type="virtio"/>
<source type="unix" path="/var/run/vhost/u" mode="server"/></interface>
<hostdev mode="subsystem" type="mdev" model="vfio-pci"><source><address uuid="f9169b79-1b46-4a05-8f1b-2c6a9c0c1a11"/>
</source></hostdev>
<tpm model="tpm-crb"><backend type="emulator" version="2.0">
<encryption secret="c90bd1dc-2f0b-4a2c-8d54-5e1a3f6f5a12"/></backend></tpm>
<watchdog model="i6300esb" action="reset"/></devices><launchSecurity type="sev"><policy>0x0033</policy>
</launchSecurity></domain>
## kubevirt
<domain type="kvm" id="1"><name>default_testvm</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d204</uuid>
<metadata><kubevirt xmlns="http://kubevirt.io"><uid>3c3bd0ff</uid><graceperiod><deletionGracePeriodSeconds>30
</deletionGracePeriodSeconds></graceperiod></kubevirt></metadata><memory unit="b">1073741824</memory>
<vcpu placement="static">1</vcpu><iothreads>1</iothreads><sysinfo type="smbios"><system>
<entry name="uuid">5f2d1d35-65c3-4a31-9a6f-0d9b84e6d204</entry>
<entry name="manufacturer">KubeVirt</entry><entry name="family">KubeVirt</entry><entry name="product">None</entry>
</system>
<bios></bios><baseBoard></baseBoard><chassis></chassis></sysinfo>
<os><type arch="x86_64" machine="q35">hvm</type><smbios mode="sysinfo"/></os><cpu mode="host-model">
<topology sockets="1" cores="1" threads="1"/></cpu><features><acpi/></features><devices>
<disk type="file" device="disk" model="virtio-non-transitional">
<source file="/var/run/kubevirt-ephemeral-disks/d.qcow2"/>
<target bus="virtio" dev="vda"/><driver cache="none" error_policy="stop" name="qemu" type="qcow2" discard="unmap"/>
<alias name="ua-containerdisk"/><backingStore type="file"><format type="qcow2"/>
<source file="/var/run/kubevirt/container-disks/disk_0.img"/>
</backingStore></disk><interface type="ethernet"><model type="virtio-non-transitional"/><mtu size="1480"/>
<alias name="ua-default"/>
<mac address="52:54:00:12:02:04"/><rom enabled="no"/><target dev="tap0" managed="no"/></interface>
<controller type="usb" index="0" model="none"/>
<controller type="virtio-serial" index="0" model="virtio-non-transitional"/>
<channel type="unix"><target name="org.qemu.guest_agent.0" type="virtio"/></channel>
<memballoon model="virtio-non-transitional"><stats period="10"/></memballoon>
<graphics type="vnc"><listen type="socket" socket="/var/run/kubevirt-private/virt-vnc"/></graphics>
<serial type="unix"><target port="0"/><source mode="bind" path="/var/run/kubevirt-private/virt-serial0"/></serial>
<console type="pty"><target type="serial" port="0"/></console></devices></domain>
## opennebula
<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>one-42</name><title>web</title>
<uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d205</uuid><vcpu><![CDATA[2]]></vcpu><cputune><shares>1024</shares></cputune>
<memory>1048576</memory><os><type arch='x86_64'>hvm</type></os><pm><suspend-to-disk enabled='no'/>
<suspend-to-mem enabled='no'/></pm>
<devices><emulator><![CDATA[/usr/bin/qemu-system-x86_64]]></emulator><disk type='file' device='disk'>
<source file='/var/lib/one//datastores/0/42/disk.0'/><target dev='vda'/><boot order='1'/>
<driver name='qemu' type='qcow2' cache='default' discard='unmap'/>
</disk><disk type='file' device='cdrom'><source file='/var/lib/one//datastores/0/42/disk.1'/><target dev='hda'/>
<readonly/>
<driver name='qemu' type='raw'/></disk><interface type='bridge'><virtualport type='openvswitch'/>
<source bridge='onebr.10'/>
<mac address='02:00:c0:a8:00:05'/><target dev='one-42-0'/><model type='virtio'/></interface>
<graphics type='vnc' listen='0.0.0.0' port='5942'/></devices><features><acpi/></features>
<metadata><one:vm xmlns:one="http://opennebula.org/xmlns/libvirt/1.0"><one:system_datastore>
<![CDATA[/var/lib/one//datastores/0/42]]>
</one:system_datastore><one:name><![CDATA[web <1>]]></one:name><one:uname><![CDATA[oneadmin]]></one:uname>
<one:opennebula_version>6.8.0</one:opennebula_version><one:stime>1700000000</one:stime></one:vm></metadata></domain>
## cloudstack
<domain type='kvm'>
<name>i-2-3-VM</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d206</uuid><description>Other Linux (64-bit)</description>
<clock offset='utc'></clock><features><pae/><apic/><acpi/></features>
<devices><emulator>/usr/bin/qemu-kvm</emulator><memballoon model='none'/>
<serial type='pty'><target port='0'/></serial><graphics type='vnc' autoport='yes' listen='192.0.2.1' passwd='c9'/>
<disk device='disk' type='file'><driver name='qemu' type='qcow2' cache='none' /><source file='/mnt/b1/u1'/>
<target dev='vda' bus='virtio'/><serial>f6a1c9f4c3d94a6e9f3b</serial><iotune>
<total_bytes_sec>10485760</total_bytes_sec></iotune></disk>
<disk device='cdrom' type='file'><driver name='qemu' type='raw' /><source file=''/><target dev='hdc' bus='ide'/></disk>
<console type='pty'><target port='0'/></console><input type='tablet' bus='usb'/>
<interface type='bridge'><source bridge='cloudbr0'/><mac address='06:aa:00:00:00:06'/><model type='virtio'/>
<bandwidth><inbound average='25600' peak='25600'/><outbound average='25600' peak='25600'/></bandwidth>
<link state='up'/></interface>
<channel type='unix'><source mode='bind' path='/var/lib/libvirt/qemu/i-2-3-VM.org.qemu.guest_agent.0'/>
<target type='virtio' name='org.qemu.guest_agent.0'/></channel></devices>
<maxMemory slots='16' unit='KiB'>4194304</maxMemory>
<memory unit='KiB'>1048576</memory><currentMemory unit='KiB'>524288</currentMemory><vcpu current='1'>4</vcpu>
<cpu mode='host-model'><numa><cell id='0' cpus='0-3' memory='1048576' unit='KiB'/></numa></cpu>
<on_reboot>restart</on_reboot><on_poweroff>destroy</on_poweroff><on_crash>destroy</on_crash>
<sysinfo type='smbios'><system><entry name='manufacturer'>Apache Software Foundation</entry></system></sysinfo>
<os><type arch='x86_64' machine='pc'>hvm</type><boot dev='cdrom'/><boot dev='hd'/><smbios mode='sysinfo'/></os>
<cputune><shares>500</shares></cputune></domain>
## unraid
<domain type='kvm' id='7'><name>Windows 10</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d207</uuid>
<metadata><vmtemplate xmlns="unraid" name="Windows 10" icon="windows.png" os="windows10"/></metadata>
<memory unit='KiB'>8388608</memory><memoryBacking><nosharepages/></memoryBacking><vcpu placement='static'>4</vcpu>
<cputune><vcpupin vcpu='0' cpuset='2'/><vcpupin vcpu='1' cpuset='10'/></cputune><resource>
<partition>/machine</partition></resource>
<os><type arch='x86_64' machine='pc-i440fx-7.1'>hvm</type>
<loader readonly='yes' type='pflash'>/usr/share/qemu/ovmf-x64/OVMF_CODE-pure-efi.fd</loader>
<nvram>/etc/libvirt/qemu/nvram/5f2d_VARS-pure-efi.fd</nvram></os><features><acpi/><apic/><hyperv mode='custom'>
<relaxed state='on'/><vendor_id state='on' value='none'/></hyperv><kvm><hidden state='on'/></kvm></features>
<cpu mode='host-passthrough' check='none' migratable='on'><topology sockets='1' dies='1' cores='2' threads='2'/>
<cache mode='passthrough'/>
<feature policy='require' name='topoext'/></cpu><clock offset='localtime'><timer name='hypervclock' present='yes'/>
</clock><devices>
<disk type='file' device='disk'><driver name='qemu' type='raw' cache='writeback'/>
<source file='/mnt/user/domains/Windows 10/vdisk1.img' index='2'/>
<backingStore/><target dev='hdc' bus='virtio'/><boot order='1'/><alias name='virtio-disk2'/></disk>
<interface type='bridge'><mac address='52:54:00:12:02:07'/><source bridge='br0'/><target dev='vnet3'/>
<model type='virtio-net'/></interface>
<hostdev mode='subsystem' type='pci' managed='yes' xvga='yes'><driver name='vfio'/><source>
<address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source><rom file='/mnt/user/vbios/gpu.rom'/></hostdev>
<hostdev mode='subsystem' type='usb' managed='no'><source><vendor id='0x046d'/><product id='0xc52b'/></source></hostdev>
<memballoon model='none'/></devices><seclabel type='dynamic' model='dac' relabel='yes'><label>+0:+100</label>
</seclabel></domain>
## passthrough-desktop
<domain xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0" type="kvm"><name>macOS</name>
<uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d208</uuid><memory unit="G">8</memory><vcpu>4</vcpu><os>
<type arch="x86_64" machine="pc-q35-4.2">hvm</type>
<loader readonly="yes" type="pflash">/o/OVMF_CODE.fd</loader><nvram>/o/OVMF_VARS.fd</nvram></os><features><acpi/><kvm>
<hidden state="on"/></kvm>
</features><devices><disk type="file" device="disk"><driver name="qemu" type="qcow2" cache="writeback" io="threads"/>
<source file="/o/OpenCore.qcow2"/><target dev="sda" bus="sata"/><boot order="2"/></disk>
<interface type="user"><mac address="52:54:00:12:02:08"/><model type="vmxnet3"/></interface></devices>
<qemu:commandline><qemu:arg value="-device"/><qemu:arg value="isa-applesmc,osk=words"/><qemu:env name="A" value="B"/>
</qemu:commandline></domain>
## gateway
<domain type='kvm'><name>Gateway</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d209</uuid>
<description>Do not change any settings
  if you do not understand the consequences!</description><memory dumpCore='off' unit='GB'>1</memory><blkiotune>
  <weight>250</weight>
</blkiotune><memoryBacking><nosharepages/></memoryBacking><vcpu placement='static' cpuset='0'>1</vcpu><os>
<type>hvm</type>
<boot dev='hd'/></os><features><acpi/><apic eoi='on'/></features><clock offset='utc'><timer name='tsc' present='no'/>
</clock>
<pm><suspend-to-disk enabled='no'/></pm><devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
<source file='/var/lib/libvirt/images/Gateway.qcow2'/><target dev='vda' bus='virtio'/></disk>
<interface type='network'><source network='External'/><model type='virtio'/><driver name='qemu'/>
<mac address='52:54:00:12:02:09'/></interface>
<interface type='network'><source network='Internal'/><model type='virtio'/><driver name='qemu'/>
<mac address='52:54:00:12:03:09'/></interface>
<channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel><graphics type='spice'/>
<memballoon model='none'/>
</devices></domain>
## maas
<domain type="kvm"><name>maas-pod-a</name><uuid>5f2d1d35-65c3-4a31-9a6f-0d9b84e6d20a</uuid>
<memory unit="MiB">2048</memory><vcpu>1</vcpu>
<os><type arch="x86_64">hvm</type></os><devices><disk type="volume" device="disk">
<source pool="maas" volume="1b2c3d"/><target dev="vda" bus="virtio"/><driver name="qemu" type="raw"/>
<serial>1b2c3d</serial></disk>
<interface type="network"><source network="maas"/><mac address="52:54:00:12:02:0a"/><model type="virtio"/>
<boot order="1"/></interface>
</devices></domain>
""",
)
