# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the machine behaves: features, clocks, power, events, security."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.corpus.builder import each, fragments

_HYPERV = [
    "relaxed",
    "vapic",
    "vpindex",
    "runtime",
    "synic",
    "reset",
    "frequencies",
    "reenlightenment",
    "tlbflush",
    "ipi",
    "evmcs",
    "avic",
]
_FLAGS = ["acpi", "pae", "hap", "privnet", "viridian"]
_PERF = [
    "cmt",
    "mbmt",
    "mbml",
    "cpu_cycles",
    "instructions",
    "cache_references",
    "cache_misses",
    "branch_instructions",
    "branch_misses",
    "bus_cycles",
    "stalled_cycles_frontend",
    "stalled_cycles_backend",
    "ref_cpu_cycles",
    "cpu_clock",
    "task_clock",
    "page_faults",
    "context_switches",
    "cpu_migrations",
    "page_faults_min",
    "page_faults_maj",
    "alignment_faults",
    "emulation_faults",
]
_TIMERS = ["pit", "rtc", "hpet", "kvmclock", "tsc", "hypervclock", "platform", "armvtimer"]

FEATURES = [
    *each("feature/flag", _FLAGS, "<features><@@/></features>"),
    *each("feature/hyperv", _HYPERV, "<features><acpi/><hyperv><@@ state='on'/></hyperv></features>"),
    *each("feature/ioapic", ("kvm", "qemu"), "<features><ioapic driver='@@'/></features>"),
    *each(
        "feature/state", ("vmport", "pmu", "pvspinlock", "vmcoreinfo", "smm"), "<features><@@ state='off'/></features>"
    ),
    *each(
        "feature/gic",
        ("2", "3", "host"),
        "<os><type arch='aarch64'>hvm</type></os><features><gic version='@@'/></features>",
    ),
    *each("feature/msrs", ("ignore", "fault"), "<features><msrs unknown='@@'/></features>"),
    *fragments(
        "feature",
        """
## none
<features/>
## windows
<features><acpi/><apic/><hyperv mode='custom'><relaxed state='on'/><vapic state='on'/>
<spinlocks state='on' retries='8191'/>
<vpindex state='on'/><synic state='on'/><stimer state='on'><direct state='on'/></stimer>
<vendor_id state='on' value='KVM Hv'/></hyperv><vmport state='off'/></features>
<clock offset='localtime'><timer name='hypervclock' present='yes'/></clock>
## hyperv-passthrough
<features><hyperv mode='passthrough'/></features>
## hyperv-off
<features><hyperv><relaxed state='off'/><spinlocks state='off'/></hyperv></features>
## apic-eoi
<features><apic eoi='on'/></features>
## kvm
<features><kvm><hidden state='on'/><hint-dedicated state='on'/><poll-control state='on'/><pv-ipi state='off'/>
<dirty-ring state='on' size='4096'/></kvm></features>
## smm-tseg
<features><smm state='on'><tseg unit='KiB'>16384</tseg></smm></features>
## tcg
<domain type='qemu'/><features><tcg><tb-cache unit='MiB'>128</tb-cache></tcg></features>
## async-teardown-like
<features><acpi/><apic/><pae/><pmu/><vmcoreinfo/></features>
""",
    ),
]

CLOCKS = [
    *each("clock/offset", ("utc", "localtime"), "<clock offset='@@'/>"),
    *each("clock/timer", _TIMERS, "<clock offset='utc'><timer name='@@' present='no'/></clock>"),
    *each(
        "clock/tick", ("delay", "catchup", "discard"), "<clock offset='utc'><timer name='pit' tickpolicy='@@'/></clock>"
    ),
    *each("clock/track", ("guest", "wall", "realtime"), "<clock offset='utc'><timer name='rtc' track='@@'/></clock>"),
    *each("clock/zone", ("Europe/Paris", "Asia/Tokyo", "UTC"), "<clock offset='timezone' timezone='@@'/>"),
    *each(
        "clock/tsc",
        ("auto", "native", "emulate", "paravirt", "smpsafe"),
        "<clock offset='utc'><timer name='tsc' frequency='2000000000' mode='@@'/></clock>",
    ),
    *fragments(
        "clock",
        """
## variable
<clock offset='variable' adjustment='-3600' basis='utc'/>
## variable-localtime
<clock offset='variable' adjustment='123456' basis='localtime'/>
## utc-reset
<clock offset='utc' adjustment='reset'/>
## utc-adjustment
<clock offset='utc' adjustment='3600'/>
## absolute
<clock offset='absolute' start='1700000000'/>
## catchup
<clock offset='utc'><timer name='rtc' tickpolicy='catchup' track='guest'>
<catchup threshold='123' slew='120' limit='10000'/></timer>
<timer name='pit' tickpolicy='delay'/><timer name='hpet' present='no'/></clock>
""",
    ),
]

EVENTS = [
    *each("event/poweroff", ("destroy", "restart", "preserve", "rename-restart"), "<on_poweroff>@@</on_poweroff>"),
    *each("event/reboot", ("destroy", "restart", "preserve", "rename-restart"), "<on_reboot>@@</on_reboot>"),
    *each(
        "event/crash",
        ("destroy", "restart", "preserve", "rename-restart", "coredump-destroy", "coredump-restart"),
        "<on_crash>@@</on_crash>",
    ),
    *each("event/lockfailure", ("poweroff", "restart", "pause", "ignore"), "<on_lockfailure>@@</on_lockfailure>"),
    *each("perf", _PERF, "<perf><event name='@@' enabled='yes'/></perf>"),
    *fragments(
        "pm",
        """
## both
<pm><suspend-to-disk enabled='yes'/><suspend-to-mem enabled='no'/></pm>
## one
<pm><suspend-to-mem enabled='yes'/></pm>
## empty
<pm/>
""",
    ),
]

SECURITY = [
    *each(
        "seclabel",
        ("type='none'", "type='none' model='selinux'", "type='dynamic' model='selinux' relabel='yes'"),
        "<seclabel @@/>",
    ),
    *fragments(
        "seclabel",
        """
## dac
<seclabel type='static' model='dac' relabel='yes'><label>+107:+107</label></seclabel>
## apparmor
<seclabel type='dynamic' model='apparmor'><baselabel>libvirt-1234</baselabel></seclabel>
## selinux-static
<seclabel type='static' model='selinux' relabel='no'><label>system_u:system_r:svirt_t:s0:c392,c662</label></seclabel>
## several
<seclabel type='dynamic' model='selinux' relabel='yes'><baselabel>system_u:system_r:svirt_custom_t:s0</baselabel>
</seclabel>
<seclabel type='static' model='dac' relabel='no'><label>kvm:kvm</label></seclabel>
## per-disk
<seclabel type='dynamic' model='selinux' relabel='yes'/>
<disk type='file'><driver name='qemu' type='raw'/><source file='/p/x.img'><seclabel model='selinux' relabel='no'/>
</source>
<target dev='vda' bus='virtio'/></disk>
<disk type='file'><source file='/p/y.img'><seclabel model='selinux' relabel='yes'>
<label>system_u:object_r:virt_image_t:s0</label>
</seclabel></source><target dev='vdb' bus='virtio'/></disk>
""",
    ),
    *fragments(
        "launch",
        """
## sev
<launchSecurity type='sev'><policy>0x0001</policy><cbitpos>47</cbitpos><reducedPhysBits>1</reducedPhysBits>
<dhCert>RBBBSDDD=FDDCCCDDDG</dhCert><session>AAACCCDD=FFFCCCDSDS</session></launchSecurity>
## sev-hashes
<launchSecurity type='sev' kernelHashes='yes'><policy>7</policy></launchSecurity>
## s390-pv
<os><type arch='s390x' machine='s390-ccw-virtio'>hvm</type></os><launchSecurity type='s390-pv'/>
""",
    ),
]
