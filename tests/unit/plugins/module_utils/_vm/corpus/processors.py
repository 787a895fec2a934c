# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processors: how many, which model, where they run, and how much of the host they get."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.corpus.builder import each, fragments

VCPUS = fragments(
    "vcpu",
    """
## one
<vcpu>1</vcpu>
## static
<vcpu placement='static'>4</vcpu>
## current
<vcpu placement='static' current='2'>8</vcpu>
## current-same
<vcpu current='4'>4</vcpu>
## cpuset
<vcpu placement='static' cpuset='0-3,^2,6'>2</vcpu>
## cpuset-current
<vcpu cpuset='1-4,^3,6' current='1'>2</vcpu>
## auto
<vcpu placement='auto'>2</vcpu>
## many
<vcpu placement='static'>240</vcpu>
## very-many
<vcpu placement='static'>288</vcpu>
## none
## list
<vcpu current='2'>4</vcpu><vcpus><vcpu id='0' enabled='yes' hotpluggable='no' order='1'/>
<vcpu id='1' enabled='no' hotpluggable='yes'/><vcpu id='2' enabled='yes' hotpluggable='yes' order='2'/>
<vcpu id='3' enabled='no' hotpluggable='yes'/></vcpus>
## iothreads
<iothreads>4</iothreads>
## iothreadids
<iothreads>3</iothreads><iothreadids><iothread id='2'/><iothread id='4'/>
<iothread id='6' thread_pool_min='8' thread_pool_max='32'/>
</iothreadids><defaultiothread thread_pool_min='8' thread_pool_max='16'/>
## cputune
<vcpu cpuset='0-7'>4</vcpu><iothreads>2</iothreads><cputune><shares>2048</shares><period>1000000</period>
<quota>-1</quota>
<global_period>1000000</global_period><global_quota>-1</global_quota>
<emulator_period>1000000</emulator_period><emulator_quota>-1</emulator_quota>
<iothread_period>1000000</iothread_period><iothread_quota>-1</iothread_quota>
<vcpupin vcpu='0' cpuset='1-4,^2'/><vcpupin vcpu='1' cpuset='0,1'/><vcpupin vcpu='3' cpuset='0'/>
<emulatorpin cpuset='1-3'/><iothreadpin iothread='1' cpuset='5,6'/><iothreadpin iothread='2' cpuset='7'/>
<vcpusched vcpus='0-1,3' scheduler='fifo' priority='1'/><iothreadsched iothreads='2' scheduler='batch'/>
<emulatorsched scheduler='rr' priority='2'/></cputune>
## cputune-sched
<vcpu>4</vcpu><cputune><vcpusched vcpus='0' scheduler='idle'/><vcpusched vcpus='1' scheduler='batch'/>
<vcpusched vcpus='2-3' scheduler='rr' priority='99'/></cputune>
## cachetune
<vcpu>4</vcpu><cputune><cachetune vcpus='0-1'><cache id='0' level='3' type='both' size='3' unit='MiB'/>
<cache id='1' level='3' type='both' size='3' unit='MiB'/><monitor level='3' vcpus='0'/></cachetune>
<cachetune vcpus='2'><cache id='0' level='3' type='code' size='1536' unit='KiB'/>
<cache id='0' level='3' type='data' size='1' unit='MiB'/></cachetune></cputune>
## memorytune
<vcpu>4</vcpu><cputune><memorytune vcpus='0-1'><node id='0' bandwidth='60'/><node id='1' bandwidth='50'/></memorytune>
</cputune>
## numatune
<numatune><memory mode='strict' nodeset='0-1'/></numatune>
## numatune-auto
<vcpu placement='auto'>2</vcpu><numatune><memory mode='preferred' placement='auto'/></numatune>
## numatune-cells
<vcpu>4</vcpu><numatune><memory mode='strict' nodeset='0-1'/><memnode cellid='0' mode='strict' nodeset='0'/>
<memnode cellid='1' mode='preferred' nodeset='1'/></numatune>
<cpu><numa><cell id='0' cpus='0-1' memory='524288'/><cell id='1' cpus='2-3' memory='524288'/></numa></cpu>
## numatune-interleave
<numatune><memory mode='interleave' nodeset='0-1'/></numatune>
## numatune-restrictive
<numatune><memory mode='restrictive' nodeset='0'/></numatune>
## blkiotune
<blkiotune><weight>800</weight><device><path>/dev/sda</path><weight>1000</weight></device>
<device><path>/dev/sdb</path><weight>500</weight><read_bytes_sec>10000</read_bytes_sec>
<write_bytes_sec>10000</write_bytes_sec>
<read_iops_sec>20000</read_iops_sec><write_iops_sec>20000</write_iops_sec></device></blkiotune>
## resource
<resource><partition>/virtualmachines/production</partition></resource>
## resource-fibre
<resource><partition>/machine</partition><fibrechannel appid='userProvidedID'/></resource>
""",
)

CPUS = [
    *each("cpu/mode", ("custom", "host-model", "host-passthrough", "maximum"), "<cpu mode='@@'/>"),
    *each("cpu/match", ("exact", "minimum", "strict"), "<cpu match='@@'><model>Haswell</model></cpu>"),
    *each("cpu/check", ("none", "partial", "full"), "<cpu mode='custom' check='@@'><model>qemu64</model></cpu>"),
    *each("cpu/fallback", ("allow", "forbid"), "<cpu mode='custom'><model fallback='@@'>EPYC</model></cpu>"),
    *each(
        "cpu/policy",
        ("force", "require", "optional", "disable", "forbid"),
        "<cpu><model>core2duo</model><feature policy='@@' name='lahf_lm'/></cpu>",
    ),
    *each(
        "cpu/cache",
        ("passthrough", "disable"),
        "<cpu mode='host-passthrough'><cache mode='@@'/></cpu>",
    ),
    *fragments(
        "cpu",
        """
## empty
<cpu/>
## model-only
<cpu><model>Nehalem</model></cpu>
## vendor
<cpu mode='custom' match='exact' check='full'><model fallback='forbid'>Skylake-Server</model><vendor>Intel</vendor>
<feature policy='require' name='vmx'/><feature policy='disable' name='hle'/><feature policy='disable' name='rtm'/></cpu>
## vendor-id
<cpu mode='host-model'><model fallback='allow' vendor_id='KVMKVMKVMKVM'/></cpu>
## migratable
<cpu mode='host-passthrough' check='none' migratable='off'><feature policy='disable' name='svm'/></cpu>
## topology
<vcpu>8</vcpu><cpu><topology sockets='2' cores='2' threads='2'/></cpu>
## topology-dies
<vcpu current='2'>16</vcpu><cpu mode='host-passthrough'><topology sockets='2' dies='2' cores='2' threads='2'/></cpu>
## cache-emulate
<cpu mode='host-passthrough'><cache level='3' mode='emulate'/></cpu>
## maxphysaddr
<cpu mode='host-passthrough'><maxphysaddr mode='emulate' bits='42'/></cpu>
## maxphysaddr-passthrough
<cpu mode='host-passthrough'><maxphysaddr mode='passthrough'/></cpu>
## numa
<vcpu>4</vcpu><memory>1048576</memory><cpu><numa><cell id='0' cpus='0-1' memory='524288' unit='KiB' discard='yes'/>
<cell id='1' cpus='2-3' memory='524288' memAccess='shared'/></numa></cpu>
## numa-units
<vcpu>4</vcpu><memory unit='GiB'>3</memory><cpu><numa><cell id='0' cpus='0-1' memory='1' unit='GiB'/>
<cell id='1' cpus='2-3' memory='2048' unit='MiB' memAccess='private'/></numa></cpu>
## numa-distances
<vcpu>2</vcpu><cpu><numa><cell id='0' cpus='0' memory='524288'><distances><sibling id='0' value='10'/>
<sibling id='1' value='21'/></distances></cell><cell id='1' cpus='1' memory='524288'><distances>
<sibling id='0' value='21'/>
<sibling id='1' value='10'/></distances></cell></numa></cpu>
## numa-caches
<cpu><numa><cell id='0' cpus='0-1' memory='1048576'><cache level='1' associativity='direct' policy='writeback'>
<size value='10' unit='KiB'/><line value='8' unit='B'/></cache></cell>
<interconnects><latency initiator='0' target='0' type='access' value='5'/>
<latency initiator='0' target='0' cache='1' type='access' value='10'/>
<bandwidth initiator='0' target='0' type='access' value='204800' unit='KiB'/></interconnects></numa></cpu>
## numa-no-cpus
<cpu><numa><cell id='0' cpus='0-1' memory='524288'/><cell id='1' memory='524288'/></numa></cpu>
## everything
<vcpu placement='static' current='3'>8</vcpu><memory unit='GiB'>4</memory>
<cpu mode='custom' match='exact' check='partial'>
<model fallback='allow'>IvyBridge-IBRS</model><vendor>Intel</vendor>
<topology sockets='1' dies='1' cores='4' threads='2'/>
<cache level='3' mode='emulate'/><maxphysaddr mode='emulate' bits='40'/><feature policy='require' name='pcid'/>
<feature policy='optional' name='md-clear'/><numa><cell id='0' cpus='0-7' memory='4' unit='GiB'/></numa></cpu>
""",
    ),
]
