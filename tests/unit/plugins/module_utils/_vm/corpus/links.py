# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controllers and network cards."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.corpus.builder import Fragment, each, fragments

_USB = [
    "piix3-uhci",
    "piix4-uhci",
    "ehci",
    "ich9-ehci1",
    "vt82c686b-uhci",
    "pci-ohci",
    "nec-xhci",
    "qemu-xhci",
    "qusb1",
    "qusb2",
    "none",
]
_SCSI = [
    "auto",
    "buslogic",
    "lsilogic",
    "lsisas1068",
    "lsisas1078",
    "vmpvscsi",
    "ibmvscsi",
    "virtio-scsi",
    "virtio-transitional",
    "virtio-non-transitional",
    "ncr53c90",
    "dc390",
    "am53c974",
]
_NICS = [
    "virtio",
    "virtio-transitional",
    "virtio-non-transitional",
    "e1000",
    "e1000e",
    "rtl8139",
    "ne2k_pci",
    "pcnet",
    "vmxnet3",
    "igb",
    "usb-net",
    "spapr-vlan",
    "lan9118",
]
_PC = "<os><type arch='x86_64' machine='pc'>hvm</type></os>"
_Q35 = "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
_NET = "<interface type='network'><source network='default'/>@@</interface>"

CONTROLLERS = [
    *each("controller/usb", _USB, "<controller type='usb' index='0' model='@@'/>"),
    *each("controller/scsi", _SCSI, "<controller type='scsi' index='0' model='@@'/>"),
    *each("controller/ide", ("piix3", "piix4", "ich6"), _PC + "<controller type='ide' index='0' model='@@'/>"),
    *each(
        "controller/plain",
        ("ide", "fdc", "sata", "ccid", "virtio-serial", "usb", "scsi"),
        "<controller type='@@' index='0'/>",
    ),
    *fragments(
        "controller",
        """
## usb-ich9
<controller type='usb' index='0' model='ich9-ehci1'><address type='pci' bus='0x00' slot='0x1d' function='0x7'/>
</controller>
<controller type='usb' index='0' model='ich9-uhci1'><master startport='0'/>
<address type='pci' bus='0x00' slot='0x1d' function='0x0' multifunction='on'/></controller>
<controller type='usb' index='0' model='ich9-uhci2'><master startport='2'/>
<address type='pci' bus='0x00' slot='0x1d' function='0x1'/></controller>
<controller type='usb' index='0' model='ich9-uhci3'><master startport='4'/>
<address type='pci' bus='0x00' slot='0x1d' function='0x2'/></controller>
## usb-ports
<controller type='usb' index='0' model='nec-xhci' ports='15'/>
## scsi-driver
<iothreads>1</iothreads><controller type='scsi' index='0' model='virtio-scsi'>
<driver queues='4' cmd_per_lun='8' max_sectors='512' ioeventfd='on' iothread='1' iommu='on' ats='on'/></controller>
## scsi-several
<controller type='scsi' index='0' model='virtio-scsi'/><controller type='scsi' index='1' model='lsilogic'/>
## scsi-no-index
<controller type='scsi' model='virtio-scsi'/>
## virtio-serial
<controller type='virtio-serial' index='0' ports='16' vectors='4'/>
<controller type='virtio-serial' index='1' ports='32' vectors='0'/>
## pcie
<controller type='pci' index='0' model='pcie-root'/>
<controller type='pci' index='1' model='pcie-root-port'><model name='pcie-root-port'/>
<target chassis='1' port='0x10' hotplug='off'/>
<address type='pci' bus='0' slot='0x02' function='0' multifunction='on'/></controller>
<controller type='pci' index='2' model='pcie-root-port'><model name='ioh3420'/><target chassis='2' port='0x11'/>
</controller>
<controller type='pci' index='3' model='pcie-to-pci-bridge'><model name='pcie-pci-bridge'/></controller>
<controller type='pci' index='4' model='pcie-switch-upstream-port'><model name='x3130-upstream'/></controller>
<controller type='pci' index='5' model='pcie-switch-downstream-port'><model name='xio3130-downstream'/>
<target chassis='5' port='0x0'/></controller>
## pcie-expander
<cpu><numa><cell id='0' cpus='0-1' memory='1048576'/></numa></cpu>
<controller type='pci' index='0' model='pcie-root'><pcihole64 unit='GiB'>64</pcihole64></controller>
<controller type='pci' index='1' model='pcie-expander-bus'><model name='pxb-pcie'/><target busNr='180'><node>0</node>
</target></controller>
<controller type='pci' index='2' model='dmi-to-pci-bridge'><model name='i82801b11-bridge'/></controller>
## pci
<os><type arch='x86_64' machine='pc'>hvm</type></os><controller type='pci' index='0' model='pci-root'>
<pcihole64 unit='KiB'>1048576</pcihole64></controller><controller type='pci' index='1' model='pci-bridge'>
<model name='pci-bridge'/><target chassisNr='1'/></controller>
<controller type='pci' index='2' model='pci-expander-bus'><model name='pxb'/><target busNr='254'/></controller>
## xenbus
<domain type='xen'/><os><type arch='x86_64' machine='xenpvh'>xenpvh</type><kernel>/k</kernel></os>
<controller type='xenbus' index='0' maxGrantFrames='64' maxEventChannels='2047'/>
""",
    ),
]

_CARD = {
    "bandwidth": """<bandwidth><inbound average='1000' peak='5000' floor='200' burst='1024'/>
        <outbound average='128' peak='256' burst='256'/></bandwidth>""",
    "bandwidth-in": "<bandwidth><inbound average='1000'/></bandwidth>",
    "vlan": "<vlan><tag id='42'/></vlan>",
    "filter": """<filterref filter='clean-traffic'><parameter name='IP' value='10.0.0.1'/>
        <parameter name='IP' value='10.0.0.2'/><parameter name='CTRL_IP_LEARNING' value='none'/></filterref>""",
    "mtu": "<mtu size='9000'/>",
    "link-down": "<link state='down'/>",
    "link-up": "<link state='up'/>",
    "coalesce": "<coalesce><rx><frames max='7'/></rx></coalesce>",
    "target": "<target dev='vnet-web-0'/>",
    "address": "<model type='virtio'/><address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>",
    "alias": "<alias name='ua-lan'/>",
    "rom-off": "<rom bar='off'/>",
    "rom-file": "<rom bar='on' file='/etc/fake/boot.bin'/>",
    "rom-disabled": "<rom enabled='no'/>",
    "boot": "<boot order='1'/>",
    "model-none": "",
    "driver-vhost": """<model type='virtio'/>
    <driver name='vhost' txmode='iothread' ioeventfd='on' event_idx='off' queues='5'
        rx_queue_size='256' tx_queue_size='256' rss='on' rss_hash_report='on'>
        <host csum='off' gso='off' tso4='off' tso6='off'
        ecn='off' ufo='off' mrg_rxbuf='off'/><guest csum='off' tso4='off' tso6='off' ecn='off' ufo='off'/></driver>""",
    "driver-qemu": "<model type='virtio'/><driver name='qemu' iommu='on' ats='on' packed='on' page_per_vq='on'/>",
    "backend": "<model type='virtio'/><backend tap='/dev/net/tun' vhost='/dev/vhost-net'/>",
    "tune": "<tune><sndbuf>1600</sndbuf></tune>",
    "isolated": "<port isolated='yes'/>",
    "trunk": "<vlan trunk='yes'><tag id='123' nativeMode='untagged'/><tag id='42'/></vlan>",
    "script": "<script path='/etc/qemu-ifup'/>",
    "teaming": "<model type='virtio'/><teaming type='persistent'/><alias name='ua-backup0'/>",
    "ip": "<ip address='192.168.122.5' prefix='24'/><route family='ipv4' address='192.168.122.0' prefix='24' "
    "gateway='192.168.122.1'/>",
    "acpi-index": "<acpi index='4'/>",
    "trust": "<mac address='00:16:3E:5D:C7:9E'/>",
    "mac-generated": "<mac address='52:54:00:00:00:01' type='static' check='no'/>",
}
_TYPE = {
    "portgroup": "<interface type='network'><source network='ovs net' portgroup='dontpanic'/></interface>",
    "network-port": """<interface type='network'><source network='default'/><virtualport><parameters
        instanceid='09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f' interfaceid='09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4e'/>
        </virtualport>
        </interface>""",
    "bridge": "<interface type='bridge'><source bridge='br0'/><model type='virtio'/></interface>",
    "bridge-mac": "<interface type='bridge'><mac address='00:11:22:33:44:55'/><source bridge='br0'/>"
    "<target dev='vnet7'/></interface>",
    "ovs": """<interface type='bridge'><source bridge='ovsbr'/><virtualport type='openvswitch'>
        <parameters profileid='menial' interfaceid='09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f'/></virtualport>
        <vlan trunk='yes'><tag id='42'/><tag id='47'/></vlan></interface>""",
    "ovs-bare": "<interface type='bridge'><source bridge='ovsbr'/><virtualport type='openvswitch'/></interface>",
    "midonet": """<interface type='bridge'><source bridge='m'/><virtualport type='midonet'>
        <parameters interfaceid='0b2d64da-3d0e-431e-afdd-804415d6ebbb'/></virtualport></interface>""",
    "vepa": """<interface type='direct'><source dev='eth0' mode='vepa'/><virtualport type='802.1Qbg'><parameters
        managerid='11' typeid='1193047' typeidversion='2' instanceid='09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f'/>
        </virtualport>
        </interface>""",
    "8021qbh": """<interface type='direct'><source dev='eth0' mode='private'/><virtualport type='802.1Qbh'>
        <parameters profileid='finance'/></virtualport></interface>""",
    "user": "<interface type='user'><model type='e1000'/></interface>",
    "user-ip": """<interface type='user'><ip family='ipv4' address='172.17.2.0' prefix='24'/>
        <ip family='ipv6' address='2001:db8:ac10:fd01::' prefix='64'/><model type='virtio'/></interface>""",
    "ethernet": "<interface type='ethernet'/>",
    "ethernet-script": """<interface type='ethernet'><script path='/etc/qemu-ifup-mynet'/>
    <target dev='tap9' managed='no'/>
        <model type='virtio'/></interface>""",
    "ethernet-source": """<interface type='ethernet'><source><ip address='192.168.123.1' prefix='24'/>
        <ip address='10.0.0.10' prefix='24' peer='192.168.122.5'/>
        <route family='ipv4' address='192.168.42.0' prefix='24'
        gateway='192.168.123.4'/></source><target dev='mytap1'/></interface>""",
    "vhostuser": """<interface type='vhostuser'><source type='unix' path='/tmp/vhost1.sock' mode='server'/>
        <target dev='vhost-user1'/><model type='virtio'/></interface>""",
    "vhostuser-client": """<interface type='vhostuser'><source type='unix' path='/tmp/vhost2.sock' mode='client'>
        <reconnect enabled='yes' timeout='10'/></source><model type='virtio'/><driver queues='2'/></interface>""",
    "hostdev": """<interface type='hostdev' managed='yes'><source>
    <address type='pci' domain='0x0000' bus='0x00' slot='0x07'
        function='0x0'/></source><vlan><tag id='42'/></vlan><driver name='vfio'/></interface>""",
    "hostdev-teaming": """<interface type='network'><source network='default'/><model type='virtio'/>
        <teaming type='persistent'/><alias name='ua-team0'/></interface><interface type='hostdev' managed='yes'>
        <source><address type='pci' bus='0x03' slot='0x10' function='0x2'/></source>
        <teaming type='transient' persistent='ua-team0'/></interface>""",
    "internal": "<interface type='internal'><source name='intnet'/></interface>",
    "server": "<interface type='server'><source address='192.168.0.1' port='5558'/></interface>",
    "client": "<interface type='client'><source address='192.168.0.1' port='5558'/></interface>",
    "mcast": "<interface type='mcast'><source address='230.0.0.1' port='5558'/></interface>",
    "udp": """<interface type='udp'><source address='127.0.0.1' port='11115'><local address='127.0.0.1' port='11116'/>
    </source>
        </interface>""",
    "vdpa": "<interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface>",
    "vds": """<interface type='vds'><source switchid='12345678-1234-1234-1234-123456789abc' portid='6'
        portgroupid='pg-4321' connectionid='12345'/></interface>""",
    "same-mac": "<interface type='network'><mac address='52:54:00:aa:aa:aa'/><source network='default'/></interface>"
    * 2,
    "same-network": "<interface type='network'><source network='default'/><model type='virtio'/></interface>" * 3,
    "mixed": """<interface type='network'><mac address='52:54:00:AA:AA:0A'/><source network='default'/></interface>
        <interface type='bridge'><source bridge='br0'/></interface><interface type='user'/>""",
    "user-forward": """<interface type='user'><backend logFile='/tmp/p.log'/>
    <portForward proto='tcp' address='127.0.0.1'>
        <range start='22' to='2022'/><range start='8000' end='8010' exclude='yes'/></portForward></interface>""",
    "strange-network": "<interface type='network'><source network='netz &amp; ü'/></interface>",
}
INTERFACES = [
    *each("nic/model", _NICS, "<interface type='network'><source network='default'/><model type='@@'/></interface>"),
    *each(
        "nic/direct",
        ("vepa", "bridge", "private", "passthrough"),
        "<interface type='direct'><source dev='eth0' mode='@@'/><model type='virtio'/></interface>",
    ),
    *(Fragment(f"nic/{name}", _Q35 * (name == "address") + _NET.replace("@@", xml)) for name, xml in _CARD.items()),
    *(Fragment(f"nictype/{name}", xml) for name, xml in _TYPE.items()),
]
