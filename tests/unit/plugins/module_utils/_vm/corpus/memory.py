# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory: units, limits, backing, modules."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.corpus.builder import Fragment, each, fragments

_AMOUNTS = {
    "b": 1073741824,
    "bytes": 1073741824,
    "KB": 1048576,
    "k": 1048576,
    "KiB": 1048577,
    "MB": 1024,
    "M": 1023,
    "MiB": 1000,
    "GB": 3,
    "G": 1,
    "GiB": 2,
    "T": 1,
    "TB": 1,
    "TiB": 1,
}
_NUMA = """<vcpu>2</vcpu><cpu><numa><cell id='0' cpus='0-1' memory='%s' unit='GiB'/></numa></cpu>
<memory unit='GiB'>%s</memory><maxMemory slots='16' unit='GiB'>64</maxMemory>"""

UNITS = [Fragment(f"memory/unit-{unit}", f"<memory unit='{unit}'>{n}</memory>") for unit, n in _AMOUNTS.items()]

PLAIN = fragments(
    "memory",
    """
## no-unit
<memory>524288</memory>
## odd-bytes
<memory unit='bytes'>1073741825</memory>
## unit-lower
<memory unit='gib'>1</memory>
## current-less
<memory unit='GiB'>4</memory><currentMemory unit='MiB'>1536</currentMemory>
## current-same
<memory unit='KiB'>2097152</memory><currentMemory unit='KiB'>2097152</currentMemory>
## current-no-unit
<memory unit='GiB'>4</memory><currentMemory>1048576</currentMemory>
## current-more
<memory unit='GiB'>1</memory><currentMemory unit='GiB'>2</currentMemory>
## current-only
<memory>0</memory><currentMemory unit='GiB'>1</currentMemory><cpu><numa><cell cpus='0-1' memory='1' unit='GiB'/>
</numa></cpu>
## dump-core-off
<memory unit='GiB' dumpCore='off'>1</memory>
## dump-core-on
<memory unit='GiB' dumpCore='on'>1</memory>
## huge
<memory unit='TiB'>12</memory>
## max
<maxMemory slots='16' unit='KiB'>16777216</maxMemory><cpu><numa><cell id='0' cpus='0-1' memory='1' unit='GiB'/></numa>
</cpu>
## hugepages
<memoryBacking><hugepages/></memoryBacking>
## hugepages-sizes
<memoryBacking><hugepages><page size='1' unit='G' nodeset='0'/><page size='2' unit='M' nodeset='1'/></hugepages>
<nosharepages/></memoryBacking><cpu><numa><cell id='0' cpus='0' memory='1048576'/>
<cell id='1' cpus='1' memory='1048576'/></numa></cpu>
## backing-locked
<memoryBacking><locked/></memoryBacking><memtune><hard_limit unit='G'>4</hard_limit></memtune>
## backing-memfd
<memoryBacking><source type='memfd'/><access mode='shared'/><allocation mode='immediate' threads='8'/><discard/>
</memoryBacking>
## backing-file
<memoryBacking><source type='file'/><access mode='private'/><allocation mode='ondemand'/></memoryBacking>
## backing-anonymous
<memoryBacking><source type='anonymous'/><allocation threads='2'/></memoryBacking>
## backing-empty
<memoryBacking/>
## memtune
<memtune><hard_limit unit='G'>1</hard_limit><soft_limit unit='M'>128</soft_limit>
<swap_hard_limit unit='G'>2</swap_hard_limit></memtune>
## memtune-guarantee
<memtune><min_guarantee unit='bytes'>67108864</min_guarantee></memtune>
## memtune-unlimited
<memtune><hard_limit unit='KiB'>9007199254740991</hard_limit></memtune>
## memtune-no-unit
<memtune><soft_limit>131072</soft_limit></memtune>
""",
)

_MODULES = {
    "dimm": "<memory model='dimm' access='private' discard='yes'><target><size unit='KiB'>524287</size>"
    "<node>0</node></target></memory>",
    "dimm-source": """<memory model='dimm'><source><pagesize unit='KiB'>4096</pagesize><nodemask>0-1</nodemask></source>
<target><size unit='MiB'>512</size><node>0</node></target><address type='dimm' slot='0' base='0x100000000'/>
</memory>""",
    "nvdimm": """<memory model='nvdimm'><source><path>/tmp/nvdimm</path></source>
<target><size unit='GiB'>1</size><node>0</node><label><size unit='KiB'>128</size></label><readonly/></target>
</memory>""",
    "nvdimm-pmem": """<memory model='nvdimm' access='shared'><source><path>/dev/dax0.0</path>
    <alignsize unit='MiB'>2</alignsize>
<pmem/></source><target><size unit='GiB'>1</size><node>0</node></target></memory>""",
    "virtio-mem": """<memory model='virtio-mem'><source><nodemask>1</nodemask><pagesize unit='KiB'>2048</pagesize>
    </source>
<target><size unit='GiB'>2</size><node>0</node><block unit='MiB'>2</block><requested unit='GiB'>1</requested></target>
</memory>""",
    "virtio-pmem": """<memory model='virtio-pmem' access='shared'><source><path>/tmp/virtio_pmem</path></source>
<target><size unit='MiB'>512</size></target></memory>""",
    "sgx": "<memory model='sgx-epc'><source><nodemask>0</nodemask></source><target><size unit='MiB'>16</size>"
    "<node>0</node></target></memory>",
}
MODULES = [
    *(Fragment(f"memory/module-{name}", _NUMA % (1, 3) + xml) for name, xml in _MODULES.items()),
    Fragment("memory/modules-many", _NUMA % (1, 8) + _MODULES["dimm"] * 3 + _MODULES["virtio-mem"]),
]

CURRENT = each("memory/current", ("0", "1", "1048575"), "<memory>1048576</memory><currentMemory>@@</currentMemory>")
