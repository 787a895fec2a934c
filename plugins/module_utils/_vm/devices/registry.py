# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The register of devices: one line a kind, in the order in which they are documented and changed."""

from __future__ import annotations

from .audio import Audio
from .balloon import Balloon
from .cdrom import Cdrom
from .channel import Channel, GuestAgent
from .controller import Controller
from .device import Device
from .disk import Disk
from .filesystem import Filesystem
from .floppy import Floppy
from .graphics import Graphics
from .hostdev import HostDevice
from .input import Input
from .interface import Interface
from .iommu import Iommu
from .lease import Lease
from .memory_module import MemoryModule
from .panic import Panic
from .redirdev import Redirdev
from .rng import Rng
from .serial import Console, Serial
from .shmem import Shmem
from .smartcard import Smartcard
from .sound import Sound
from .tpm import Tpm
from .video import Video
from .vsock import Vsock
from .watchdog import Watchdog

Kind = type[Device]

DEVICES: tuple[Kind, ...] = (
    Controller,
    Disk,
    Cdrom,
    Floppy,
    Interface,
    Graphics,
    Video,
    Input,
    Sound,
    Audio,
    Serial,
    Console,
    Channel,
    GuestAgent,
    Rng,
    Balloon,
    Tpm,
    Watchdog,
    Panic,
    Iommu,
    Redirdev,
    Smartcard,
    Filesystem,
    Vsock,
    HostDevice,
    Shmem,
    MemoryModule,
    Lease,
)
BY_OPTION = {device.option: device for device in DEVICES}
