# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VMs of these tests have, and lines of plans that are told of it."""

from __future__ import annotations

from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.interface import mac_for

from tests.unit.plugins.module_utils._vm.table import Table, domain, volume

DRIVER = "<driver name='qemu' type='qcow2'/><source file='/pool/root'/><target dev='vda' bus='virtio'/>"
ROOT = f"<disk type='file' device='disk'>{DRIVER}<alias name='ua-root'/></disk>"
DATA = ROOT.replace("root", "data").replace("vda", "vdb")
HAND = ROOT.replace("<alias name='ua-root'/>", "<alias name='virtio-disk0'/>")
CDROM = "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>"
SEED = ROOT.replace("ua-root", "ua-seed").replace("/pool/root", "/pool/web01-seed.iso").replace("vda", "vdz")
CARD = "<mac address='52:54:00:00:00:0a'/><source network='lan'/><model type='virtio'/>"
NIC = f"<interface type='network'><alias name='ua-lan'/>{CARD}</interface>"
HAND_NIC = NIC.replace("<alias name='ua-lan'/>", "")
NEW_MAC = mac_for(domain().findtext("uuid"), "default")
DISKS = Table(volumes=(volume("root"), volume("data"), volume("web01-seed.iso", kind="raw")))
WRITE = "write cloud-init seed to volume web01-seed.iso in pool default"
BEGUN = "note that default/web01-seed.iso is being made"
PENDING = "<k:pending><k:volume>default/web01-new.qcow2</k:volume></k:pending>"
FORGET = "forget what an interrupted run was making"
