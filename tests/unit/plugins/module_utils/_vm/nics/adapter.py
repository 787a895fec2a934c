# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guest sees of a network card: its model, its queues and offloads, its ROM."""

from __future__ import annotations

from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.interface import Interface

from tests.unit.plugins.module_utils._vm.nics.parts import MACVTAP, Edited, Live, New, Unfit, card, running

OFFLOADS = ("csum", "tso4", "tso6", "ecn", "ufo")
UNKNOWN = "<driver name='qemu' txmode='timer' queues='2'/><tune><sndbuf>1600</sndbuf></tune>"

NEW: list[New] = [
    *(({"model": model}, card(model=model)) for model in Interface.fields["model"].choices),
    ({"mtu": 9000}, card("<mtu size='9000'/>")),
    ({"driver": "vhost", "queues": 4}, card("<driver name='vhost' queues='4'/>")),
    (
        {"driver": "qemu", "rx_queue_size": 512, "tx_queue_size": 1024},
        card("<driver name='qemu' rx_queue_size='512' tx_queue_size='1024'/>"),
    ),
    (
        {"host_offloads": {**dict.fromkeys(OFFLOADS, False), "gso": False, "mrg_rxbuf": True}},
        card("<driver><host csum='off' tso4='off' tso6='off' ecn='off' ufo='off' gso='off' mrg_rxbuf='on'/></driver>"),
    ),
    (
        {"guest_offloads": dict.fromkeys(OFFLOADS, False)},
        card("<driver><guest csum='off' tso4='off' tso6='off' ecn='off' ufo='off'/></driver>"),
    ),
    ({"coalesce": 7}, card("<coalesce><rx><frames max='7'/></rx></coalesce>")),
    ({"rom": {"enabled": False}}, card("<rom enabled='no'/>")),
    ({"rom": {"bar": False}}, card("<rom bar='off'/>")),
    ({"rom": {"enabled": True, "bar": True, "file": "/r"}}, card("<rom enabled='yes' bar='on' file='/r'/>")),
    ({"target": "web01-lan"}, card("<target dev='web01-lan'/>")),
    ({"boot_order": 2}, card("<boot order='2'/>")),
]

EDITED: list[Edited] = [
    (card(model="e1000"), {"model": "virtio"}, ["model e1000 -> virtio"], card()),
    (card("<mtu size='9000'/>"), {"mtu": 0}, ["mtu 9000 -> none"], card()),
    (
        card(UNKNOWN),
        {"driver": "default", "queues": 1},
        ["driver qemu -> none", "queues 2 -> none"],
        card("<driver txmode='timer'/><tune><sndbuf>1600</sndbuf></tune>"),
    ),
    (
        card("<driver><host csum='off'/></driver>"),
        {"host_offloads": {"csum": True}},
        ["host_offloads.csum False -> True"],
        card("<driver><host csum='on'/></driver>"),
    ),
    (card("<coalesce><rx><frames max='7'/></rx></coalesce>"), {"coalesce": 0}, ["coalesce 7 -> none"], card()),
    (card("<rom bar='off' file='/r'/>"), {"rom": {"file": ""}}, ["rom.file /r -> none"], card("<rom bar='off'/>")),
    (card("<target dev='t1'/>"), {"target": ""}, ["target t1 -> none"], card()),
    (card("<boot order='1'/>"), {"boot_order": 0}, ["boot_order 1 -> none"], card()),
]

REFUSED: list[Unfit] = [
    ({"model": "e1000", "queues": 2}, "queues is for virtio cards, and the model is e1000"),
    ({"model": "rtl8139", "driver": "vhost"}, "driver is for virtio cards"),
    ({"model": "igb", "host_offloads": {"csum": False}}, "host_offloads is for virtio cards"),
    ({"target": "vnet7"}, "begins like the names that libvirt makes up"),
    ({"target": "sixteen-letters-"}, "is not understood"),
    ({"rom": {"enabled": False, "bar": True}}, "the device has no ROM"),
    ({"mtu": 65536}, "mtu 65536 is out of range"),
]

LIVE: list[Live] = [
    (running(), {"coalesce": 7}, ["coalesce none -> 7"]),
    (running(**MACVTAP), {"coalesce": 7}, ["coalesce none -> 7 [next_boot]"]),
    (running(), {"mtu": 1400}, ["mtu none -> 1400 [next_boot]"]),
    (running(), {"model": "e1000"}, ["model virtio -> e1000 [next_boot]"]),
    (running(), {"queues": 2}, ["queues none -> 2 [next_boot]"]),
    (running(), {"target": "t1"}, ["target none -> t1 [next_boot]"]),
    (running(), {"rom": {"enabled": False}}, ["rom.enabled none -> False [next_boot]"]),
    (running(), {"boot_order": 1}, ["boot_order none -> 1 [next_boot]"]),
]
