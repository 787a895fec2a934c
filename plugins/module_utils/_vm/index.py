# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module has to know of the declarations of VMs before it needs one of them.

Written by `python -m tools.index` from options.py, never by hand. JSON is read many times faster than Python.
"""

from __future__ import annotations

import json
from typing import Any

INDEX: dict[str, Any] = json.loads(r"""
{
 "options": {
  "name": {"type": "str", "required": true},
  "state": {
   "type": "str",
   "choices": ["present", "running", "stopped", "paused", "saved", "restarted", "absent"],
   "default": "present"
  },
  "apply": {"type": "str", "choices": ["live", "next_boot", "restart"], "default": "live"},
  "template": {"type": "str"},
  "os": {"type": "str"},
  "clone": {"type": "str", "choices": ["linked", "full"], "default": "linked"},
  "pool": {"type": "str"},
  "uuid": {"type": "str"},
  "domain_type": {"type": "str", "choices": ["auto", "kvm", "qemu"], "default": "auto"},
  "tags": {"type": "list", "elements": "str"},
  "project": {"type": "str"},
  "owner": {"type": "str"},
  "metadata": {"type": "dict"},
  "fleet": {"type": "str"},
  "autostart": {"type": "bool"},
  "cloud_init": {
   "type": "dict",
   "options": {
    "enabled": {"type": "bool", "default": true},
    "hostname": {"type": "str"},
    "ssh_authorized_keys": {"type": "list", "elements": "str", "no_log": false},
    "users": {
     "type": "list",
     "elements": "dict",
     "options": {
      "name": {"type": "str", "required": true},
      "ssh_authorized_keys": {"type": "list", "elements": "str", "no_log": false},
      "groups": {"type": "list", "elements": "str"},
      "sudo": {"type": "str"},
      "shell": {"type": "str"},
      "hashed_password": {"type": "str", "no_log": true}
     }
    },
    "packages": {"type": "list", "elements": "str"},
    "package_update": {"type": "bool"},
    "write_files": {
     "type": "list",
     "elements": "dict",
     "options": {
      "path": {"type": "str", "required": true},
      "content": {"type": "str"},
      "owner": {"type": "str"},
      "permissions": {"type": "str"},
      "encoding": {"type": "str", "choices": ["b64", "gzip", "gz+b64"]},
      "append": {"type": "bool"},
      "defer": {"type": "bool"}
     },
     "no_log": true
    },
    "runcmd": {"type": "list", "elements": "raw", "no_log": true},
    "timezone": {"type": "str"},
    "locale": {"type": "str"},
    "user_data": {"type": "dict", "no_log": true},
    "network_config": {"type": "dict"}
   }
  },
  "ignition": {"type": "raw", "no_log": true},
  "install": {
   "type": "dict",
   "options": {
    "profile": {"type": "str"},
    "hostname": {"type": "str"},
    "admin_password": {"type": "str", "no_log": true},
    "user": {
     "type": "dict",
     "options": {
      "name": {"type": "str", "required": true},
      "full_name": {"type": "str"},
      "password": {"type": "str", "no_log": true}
     }
    },
    "language": {"type": "str"},
    "keyboard": {"type": "str", "no_log": false},
    "timezone": {"type": "str"},
    "product_key": {"type": "str", "no_log": true},
    "script": {"type": "str", "no_log": true},
    "kernel_args": {"type": "str"},
    "wait": {"type": "bool", "default": true},
    "timeout": {"type": "int", "default": 3600},
    "overwrite": {"type": "bool", "default": false}
   }
  },
  "extra_xml": {
   "type": "list",
   "elements": "dict",
   "options": {
    "xpath": {"type": "str", "required": true},
    "attribute": {"type": "str"},
    "value": {"type": "str"},
    "xml": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"}
   }
  },
  "xml_transform": {"type": "str"},
  "boot_once": {"type": "str", "choices": ["hd", "cdrom", "network"]},
  "wait_for": {"type": "str", "choices": ["none", "ip", "agent", "ssh"], "default": "none"},
  "force": {"type": "bool", "default": false},
  "remove_disks": {"type": "bool", "default": false},
  "timeout": {"type": "int", "default": 120},
  "start_order": {"type": "int", "default": 0},
  "start_delay": {"type": "int", "default": 0},
  "arch": {"type": "str"},
  "machine": {"type": "str"},
  "emulator": {"type": "str"},
  "title": {"type": "str"},
  "description": {"type": "str"},
  "vcpus": {"type": "int"},
  "vcpus_max": {"type": "int"},
  "memory": {"type": "str"},
  "memory_max": {"type": "str"},
  "cpu": {
   "type": "dict",
   "options": {
    "mode": {"type": "str", "choices": ["host-model", "host-passthrough", "maximum", "custom"]},
    "model": {"type": "str"},
    "fallback": {"type": "str", "choices": ["allow", "forbid"]},
    "match": {"type": "str", "choices": ["minimum", "exact", "strict"]},
    "check": {"type": "str", "choices": ["none", "partial", "full"]},
    "vendor": {"type": "str"},
    "vendor_id": {"type": "str"},
    "migratable": {"type": "bool"},
    "features": {"type": "dict"},
    "topology": {
     "type": "dict",
     "options": {
      "sockets": {"type": "int"},
      "dies": {"type": "int"},
      "cores": {"type": "int"},
      "threads": {"type": "int"}
     }
    },
    "cache": {
     "type": "dict",
     "options": {"mode": {"type": "str", "choices": ["emulate", "passthrough", "disable"]}, "level": {"type": "int"}}
    },
    "address_bits": {
     "type": "dict",
     "options": {"mode": {"type": "str", "choices": ["emulate", "passthrough"]}, "bits": {"type": "int"}}
    },
    "numa": {
     "type": "list",
     "elements": "dict",
     "options": {
      "id": {"type": "int", "required": true},
      "cpus": {"type": "str"},
      "memory": {"type": "str", "required": true},
      "memory_access": {"type": "str", "choices": ["shared", "private"]},
      "discard": {"type": "bool"},
      "distances": {"type": "dict"}
     }
    }
   }
  },
  "memory_hotplug_max": {"type": "str"},
  "memory_slots": {"type": "int"},
  "memory_backing": {
   "type": "dict",
   "options": {
    "hugepages": {"type": "bool"},
    "hugepage_size": {"type": "str"},
    "nosharepages": {"type": "bool"},
    "locked": {"type": "bool"},
    "source": {"type": "str", "choices": ["anonymous", "file", "memfd"]},
    "access": {"type": "str", "choices": ["shared", "private"]},
    "allocation": {"type": "str", "choices": ["immediate", "ondemand"]},
    "allocation_threads": {"type": "int"},
    "discard": {"type": "bool"}
   }
  },
  "iothreads": {"type": "int"},
  "cputune": {
   "type": "dict",
   "options": {
    "shares": {"type": "int"},
    "period": {"type": "int"},
    "quota": {"type": "int"},
    "global_period": {"type": "int"},
    "global_quota": {"type": "int"},
    "emulator_period": {"type": "int"},
    "emulator_quota": {"type": "int"},
    "iothread_period": {"type": "int"},
    "iothread_quota": {"type": "int"},
    "vcpu_pins": {"type": "dict"},
    "emulator_pin": {"type": "str"},
    "iothread_pins": {"type": "dict"}
   }
  },
  "numatune": {
   "type": "dict",
   "options": {
    "mode": {"type": "str", "choices": ["strict", "preferred", "interleave", "restrictive"]},
    "nodeset": {"type": "str"},
    "nodes": {
     "type": "list",
     "elements": "dict",
     "options": {
      "cell": {"type": "int", "required": true},
      "mode": {"type": "str", "choices": ["strict", "preferred", "interleave", "restrictive"]},
      "nodeset": {"type": "str", "required": true}
     }
    }
   }
  },
  "memtune": {
   "type": "dict",
   "options": {"hard_limit": {"type": "str"}, "soft_limit": {"type": "str"}, "swap_hard_limit": {"type": "str"}}
  },
  "blkiotune": {"type": "dict", "options": {"weight": {"type": "int"}}},
  "firmware": {"type": "str", "choices": ["bios", "efi"]},
  "secure_boot": {"type": "bool"},
  "boot": {
   "type": "dict",
   "options": {
    "order": {"type": "list", "elements": "str", "choices": ["hd", "cdrom", "network", "fd"]},
    "menu": {"type": "bool"},
    "menu_timeout": {"type": "int"},
    "reboot_timeout": {"type": "int"},
    "serial": {"type": "bool"}
   }
  },
  "kernel": {"type": "str"},
  "initrd": {"type": "str"},
  "cmdline": {"type": "str"},
  "dtb": {"type": "str"},
  "smbios": {
   "type": "dict",
   "options": {
    "mode": {"type": "str", "choices": ["emulate", "host", "sysinfo"]},
    "bios": {
     "type": "dict",
     "options": {
      "vendor": {"type": "str"},
      "version": {"type": "str"},
      "date": {"type": "str"},
      "release": {"type": "str"}
     }
    },
    "system": {
     "type": "dict",
     "options": {
      "manufacturer": {"type": "str"},
      "product": {"type": "str"},
      "version": {"type": "str"},
      "serial": {"type": "str"},
      "sku": {"type": "str"},
      "family": {"type": "str"}
     }
    },
    "baseboard": {
     "type": "dict",
     "options": {
      "manufacturer": {"type": "str"},
      "product": {"type": "str"},
      "version": {"type": "str"},
      "serial": {"type": "str"},
      "asset": {"type": "str"},
      "location": {"type": "str"}
     }
    },
    "chassis": {
     "type": "dict",
     "options": {
      "manufacturer": {"type": "str"},
      "version": {"type": "str"},
      "serial": {"type": "str"},
      "asset": {"type": "str"},
      "sku": {"type": "str"}
     }
    },
    "oem_strings": {"type": "list", "elements": "str"}
   }
  },
  "features": {
   "type": "dict",
   "options": {
    "acpi": {"type": "bool"},
    "apic": {"type": "bool"},
    "apic_eoi": {"type": "bool"},
    "pae": {"type": "bool"},
    "hap": {"type": "bool"},
    "ioapic": {"type": "str", "choices": ["kvm", "qemu"]},
    "pmu": {"type": "bool"},
    "pvspinlock": {"type": "bool"},
    "smm": {"type": "bool"},
    "vmport": {"type": "bool"},
    "vmcoreinfo": {"type": "bool"},
    "msrs": {"type": "str", "choices": ["ignore", "fault"]},
    "gic": {"type": "str", "choices": ["2", "3", "host"]},
    "tcg_tb_cache": {"type": "str"},
    "hyperv": {
     "type": "dict",
     "options": {
      "mode": {"type": "str", "choices": ["custom", "passthrough"]},
      "relaxed": {"type": "bool"},
      "vapic": {"type": "bool"},
      "spinlocks": {"type": "bool"},
      "spinlock_retries": {"type": "int"},
      "vpindex": {"type": "bool"},
      "runtime": {"type": "bool"},
      "synic": {"type": "bool"},
      "stimer": {"type": "bool"},
      "stimer_direct": {"type": "bool"},
      "reset": {"type": "bool"},
      "vendor_id": {"type": "str"},
      "frequencies": {"type": "bool"},
      "reenlightenment": {"type": "bool"},
      "tlbflush": {"type": "bool"},
      "ipi": {"type": "bool"},
      "evmcs": {"type": "bool"},
      "avic": {"type": "bool"}
     }
    },
    "kvm": {
     "type": "dict",
     "options": {
      "hidden": {"type": "bool"},
      "hint_dedicated": {"type": "bool"},
      "poll_control": {"type": "bool"},
      "pv_ipi": {"type": "bool"},
      "dirty_ring": {"type": "int"}
     }
    }
   }
  },
  "pm": {"type": "dict", "options": {"suspend_to_mem": {"type": "bool"}, "suspend_to_disk": {"type": "bool"}}},
  "clock": {
   "type": "dict",
   "options": {
    "offset": {"type": "str", "choices": ["utc", "localtime", "timezone", "variable", "absolute"]},
    "timezone": {"type": "str"},
    "adjustment": {"type": "int"},
    "basis": {"type": "str", "choices": ["utc", "localtime"]},
    "start": {"type": "int"},
    "timers": {
     "type": "list",
     "elements": "dict",
     "options": {
      "name": {
       "type": "str",
       "choices": ["platform", "pit", "rtc", "hpet", "tsc", "kvmclock", "hypervclock", "armvtimer"],
       "required": true
      },
      "present": {"type": "bool"},
      "tickpolicy": {"type": "str", "choices": ["delay", "catchup", "merge", "discard"]},
      "track": {"type": "str", "choices": ["boot", "guest", "wall", "realtime"]},
      "frequency": {"type": "int"},
      "mode": {"type": "str", "choices": ["auto", "native", "emulate", "paravirt", "smpsafe"]},
      "catchup": {
       "type": "dict",
       "options": {"threshold": {"type": "int"}, "slew": {"type": "int"}, "limit": {"type": "int"}}
      }
     }
    }
   }
  },
  "on_poweroff": {"type": "str", "choices": ["destroy", "restart", "rename-restart", "preserve"]},
  "on_reboot": {"type": "str", "choices": ["destroy", "restart", "rename-restart", "preserve"]},
  "on_crash": {
   "type": "str",
   "choices": ["destroy", "restart", "rename-restart", "preserve", "coredump-destroy", "coredump-restart"]
  },
  "on_lockfailure": {"type": "str", "choices": ["default", "poweroff", "restart", "pause", "ignore"]},
  "controllers": {
   "type": "list",
   "elements": "dict",
   "options": {
    "type": {
     "type": "str",
     "choices": ["scsi", "usb", "pci", "virtio-serial", "ide", "sata", "fdc", "ccid", "isa", "xenbus"],
     "required": true
    },
    "index": {"type": "int"},
    "model": {
     "type": "str",
     "choices": [
      "virtio-scsi",
      "virtio-transitional",
      "virtio-non-transitional",
      "auto",
      "buslogic",
      "lsilogic",
      "lsisas1068",
      "lsisas1078",
      "vmpvscsi",
      "ibmvscsi",
      "am53c974",
      "dc390",
      "ncr53c90",
      "qemu-xhci",
      "nec-xhci",
      "piix3-uhci",
      "piix4-uhci",
      "ehci",
      "ich9-ehci1",
      "ich9-uhci1",
      "ich9-uhci2",
      "ich9-uhci3",
      "vt82c686b-uhci",
      "pci-ohci",
      "qusb1",
      "qusb2",
      "none",
      "pci-root",
      "pcie-root",
      "pcie-root-port",
      "pcie-to-pci-bridge",
      "pci-bridge",
      "dmi-to-pci-bridge",
      "pcie-switch-upstream-port",
      "pcie-switch-downstream-port",
      "pci-expander-bus",
      "pcie-expander-bus",
      "virtio",
      "piix3",
      "piix4",
      "ich6"
     ]
    },
    "ports": {"type": "int"},
    "vectors": {"type": "int"},
    "queues": {"type": "int"},
    "iothread": {"type": "int"},
    "cmd_per_lun": {"type": "int"},
    "max_sectors": {"type": "int"}
   }
  },
  "disks": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "bus": {"type": "str", "choices": ["virtio", "scsi", "sata", "usb", "ide"]},
    "target": {"type": "str"},
    "boot_order": {"type": "int"},
    "source": {
     "type": "dict",
     "options": {
      "protocol": {
       "type": "str",
       "choices": ["nbd", "rbd", "iscsi", "gluster", "nfs", "http", "https", "ftp", "ftps", "tftp"],
       "required": true
      },
      "name": {"type": "str"},
      "query": {"type": "str"},
      "hosts": {
       "type": "list",
       "elements": "dict",
       "options": {
        "name": {"type": "str"},
        "port": {"type": "int"},
        "transport": {"type": "str", "choices": ["tcp", "unix", "rdma"]},
        "socket": {"type": "str"}
       }
      },
      "tls": {"type": "bool"},
      "snapshot": {"type": "str"},
      "config": {"type": "str"},
      "username": {"type": "str"},
      "secret": {"type": "str", "no_log": false},
      "initiator": {"type": "str"},
      "user": {"type": "str"},
      "group": {"type": "str"},
      "timeout": {"type": "int"},
      "readahead": {"type": "str"}
     }
    },
    "encryption": {"type": "dict", "options": {"secret": {"type": "str", "required": true, "no_log": false}}},
    "cache": {"type": "str", "choices": ["default", "none", "writeback", "writethrough", "directsync", "unsafe"]},
    "io": {"type": "str", "choices": ["default", "native", "threads", "io_uring"]},
    "discard": {"type": "str", "choices": ["default", "unmap", "ignore"]},
    "detect_zeroes": {"type": "str", "choices": ["default", "off", "on", "unmap"]},
    "error_policy": {"type": "str", "choices": ["default", "stop", "report", "ignore", "enospace"]},
    "rerror_policy": {"type": "str", "choices": ["default", "stop", "report", "ignore"]},
    "copy_on_read": {"type": "bool"},
    "iothread": {"type": "int"},
    "queues": {"type": "int"},
    "rotation_rate": {"type": "int"},
    "serial": {"type": "str"},
    "wwn": {"type": "str"},
    "vendor": {"type": "str"},
    "product": {"type": "str"},
    "logical_block_size": {"type": "int"},
    "physical_block_size": {"type": "int"},
    "readonly": {"type": "bool"},
    "shareable": {"type": "bool"},
    "transient": {"type": "bool"},
    "iotune": {
     "type": "dict",
     "options": {
      "total_bytes_sec": {"type": "str"},
      "read_bytes_sec": {"type": "str"},
      "write_bytes_sec": {"type": "str"},
      "total_iops_sec": {"type": "int"},
      "read_iops_sec": {"type": "int"},
      "write_iops_sec": {"type": "int"},
      "total_bytes_sec_max": {"type": "str"},
      "read_bytes_sec_max": {"type": "str"},
      "write_bytes_sec_max": {"type": "str"},
      "total_iops_sec_max": {"type": "int"},
      "read_iops_sec_max": {"type": "int"},
      "write_iops_sec_max": {"type": "int"},
      "total_bytes_sec_max_length": {"type": "int"},
      "read_bytes_sec_max_length": {"type": "int"},
      "write_bytes_sec_max_length": {"type": "int"},
      "total_iops_sec_max_length": {"type": "int"},
      "read_iops_sec_max_length": {"type": "int"},
      "write_iops_sec_max_length": {"type": "int"},
      "size_iops_sec": {"type": "int"},
      "group_name": {"type": "str"}
     }
    },
    "size": {"type": "str"},
    "pool": {"type": "str"},
    "format": {"type": "str", "choices": ["qcow2", "raw"]},
    "path": {"type": "str"},
    "volume": {"type": "str"},
    "preallocation": {"type": "str", "choices": ["none", "metadata", "falloc", "full"]}
   }
  },
  "cdroms": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "bus": {"type": "str", "choices": ["sata", "scsi", "usb", "ide"]},
    "target": {"type": "str"},
    "boot_order": {"type": "int"},
    "serial": {"type": "str"},
    "timeout": {"type": "int"},
    "readahead": {"type": "str"},
    "path": {"type": "str"},
    "pool": {"type": "str"},
    "volume": {"type": "str"},
    "url": {"type": "str"}
   }
  },
  "floppies": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "target": {"type": "str"},
    "boot_order": {"type": "int"},
    "readonly": {"type": "bool"},
    "path": {"type": "str"},
    "pool": {"type": "str"},
    "volume": {"type": "str"}
   }
  },
  "nics": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "network": {"type": "str"},
    "bridge": {"type": "str"},
    "direct": {
     "type": "dict",
     "options": {
      "device": {"type": "str", "required": true},
      "mode": {"type": "str", "choices": ["bridge", "vepa", "private", "passthrough"]}
     }
    },
    "portgroup": {"type": "str"},
    "virtualport": {
     "type": "dict",
     "options": {
      "type": {"type": "str", "choices": ["none", "openvswitch", "midonet", "802.1Qbh", "802.1Qbg"]},
      "interface_id": {"type": "str"},
      "profile": {"type": "str"},
      "manager_id": {"type": "int"},
      "type_id": {"type": "int"},
      "type_id_version": {"type": "int"},
      "instance_id": {"type": "str"}
     }
    },
    "model": {
     "type": "str",
     "choices": [
      "virtio",
      "virtio-transitional",
      "virtio-non-transitional",
      "e1000",
      "e1000-82544gc",
      "e1000-82545em",
      "e1000e",
      "igb",
      "rtl8139",
      "vmxnet3",
      "pcnet",
      "ne2k_pci",
      "tulip",
      "usb-net",
      "i82550",
      "i82551",
      "i82557a",
      "i82557b",
      "i82557c",
      "i82558a",
      "i82558b",
      "i82559a",
      "i82559b",
      "i82559c",
      "i82559er",
      "i82562",
      "i82801",
      "spapr-vlan",
      "lan9118",
      "smc91c111"
     ]
    },
    "link": {"type": "bool"},
    "vlan": {
     "type": "dict",
     "options": {
      "tags": {"type": "list", "elements": "int"},
      "trunk": {"type": "bool"},
      "native": {"type": "int"},
      "native_mode": {"type": "str", "choices": ["tagged", "untagged"]}
     }
    },
    "bandwidth": {
     "type": "dict",
     "options": {
      "inbound": {
       "type": "dict",
       "options": {
        "average": {"type": "int"},
        "peak": {"type": "int"},
        "burst": {"type": "int"},
        "floor": {"type": "int"}
       }
      },
      "outbound": {
       "type": "dict",
       "options": {"average": {"type": "int"}, "peak": {"type": "int"}, "burst": {"type": "int"}}
      }
     }
    },
    "filter": {"type": "dict", "options": {"name": {"type": "str"}, "parameters": {"type": "dict"}}},
    "isolated": {"type": "bool"},
    "mtu": {"type": "int"},
    "boot_order": {"type": "int"},
    "driver": {"type": "str", "choices": ["default", "vhost", "qemu"]},
    "queues": {"type": "int"},
    "rx_queue_size": {"type": "int"},
    "tx_queue_size": {"type": "int"},
    "host_offloads": {
     "type": "dict",
     "options": {
      "csum": {"type": "bool"},
      "tso4": {"type": "bool"},
      "tso6": {"type": "bool"},
      "ecn": {"type": "bool"},
      "ufo": {"type": "bool"},
      "gso": {"type": "bool"},
      "mrg_rxbuf": {"type": "bool"}
     }
    },
    "guest_offloads": {
     "type": "dict",
     "options": {
      "csum": {"type": "bool"},
      "tso4": {"type": "bool"},
      "tso6": {"type": "bool"},
      "ecn": {"type": "bool"},
      "ufo": {"type": "bool"}
     }
    },
    "coalesce": {"type": "int"},
    "trust_guest_rx_filters": {"type": "bool"},
    "rom": {
     "type": "dict",
     "options": {"enabled": {"type": "bool"}, "bar": {"type": "bool"}, "file": {"type": "str"}}
    },
    "target": {"type": "str"},
    "mac": {"type": "str"},
    "ip": {"type": "list", "elements": "str"},
    "gateway": {"type": "list", "elements": "str"},
    "dns": {"type": "list", "elements": "str"},
    "dhcp": {"type": "bool"}
   }
  },
  "graphics": {
   "type": "list",
   "elements": "dict",
   "options": {
    "type": {"type": "str", "choices": ["vnc", "spice", "sdl", "egl-headless", "dbus"]},
    "port": {"type": "int"},
    "tls_port": {"type": "int"},
    "websocket": {"type": "int"},
    "listen": {
     "type": "dict",
     "options": {
      "type": {"type": "str", "choices": ["address", "network", "socket", "none"]},
      "address": {"type": "str"},
      "network": {"type": "str"},
      "socket": {"type": "str"}
     }
    },
    "password": {"type": "str", "no_log": true},
    "password_valid_until": {"type": "str", "no_log": false},
    "connected": {"type": "str", "choices": ["keep", "disconnect", "fail"]},
    "keymap": {"type": "str", "no_log": false},
    "share_policy": {"type": "str", "choices": ["allow-exclusive", "force-shared", "ignore"]},
    "power_control": {"type": "bool"},
    "audio": {"type": "int"},
    "default_mode": {"type": "str", "choices": ["any", "secure", "insecure"]},
    "channels": {
     "type": "dict",
     "options": {
      "main": {"type": "str", "choices": ["any", "secure", "insecure"]},
      "display": {"type": "str", "choices": ["any", "secure", "insecure"]},
      "inputs": {"type": "str", "choices": ["any", "secure", "insecure"]},
      "cursor": {"type": "str", "choices": ["any", "secure", "insecure"]},
      "playback": {"type": "str", "choices": ["any", "secure", "insecure"]},
      "record": {"type": "str", "choices": ["any", "secure", "insecure"]},
      "smartcard": {"type": "str", "choices": ["any", "secure", "insecure"]},
      "usbredir": {"type": "str", "choices": ["any", "secure", "insecure"]}
     }
    },
    "image_compression": {"type": "str", "choices": ["auto_glz", "auto_lz", "quic", "glz", "lz", "off"]},
    "jpeg_compression": {"type": "str", "choices": ["auto", "never", "always"]},
    "zlib_compression": {"type": "str", "choices": ["auto", "never", "always"]},
    "playback_compression": {"type": "bool"},
    "streaming": {"type": "str", "choices": ["filter", "all", "off"]},
    "mouse": {"type": "str", "choices": ["client", "server"]},
    "clipboard": {"type": "bool"},
    "file_transfer": {"type": "bool"},
    "gl": {"type": "bool"},
    "render_node": {"type": "str"},
    "display": {"type": "str"},
    "xauth": {"type": "str"},
    "fullscreen": {"type": "bool"},
    "p2p": {"type": "bool"},
    "address": {"type": "str"}
   }
  },
  "videos": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "model": {
     "type": "str",
     "choices": ["vga", "cirrus", "vmvga", "xen", "vbox", "virtio", "gop", "bochs", "ramfb", "qxl"]
    },
    "driver": {"type": "str", "choices": ["qemu", "vhostuser"]},
    "vram": {"type": "str"},
    "ram": {"type": "str"},
    "vram64": {"type": "str"},
    "vgamem": {"type": "str"},
    "heads": {"type": "int"},
    "primary": {"type": "bool"},
    "accel2d": {"type": "bool"},
    "accel3d": {"type": "bool"},
    "render_node": {"type": "str"},
    "resolution": {"type": "dict", "options": {"x": {"type": "int"}, "y": {"type": "int"}}},
    "virtio": {
     "type": "dict",
     "options": {
      "iommu": {"type": "bool"},
      "ats": {"type": "bool"},
      "packed": {"type": "bool"},
      "page_per_vq": {"type": "bool"}
     }
    }
   }
  },
  "inputs": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "type": {"type": "str", "choices": ["tablet", "mouse", "keyboard", "passthrough", "evdev"], "required": true},
    "bus": {"type": "str", "choices": ["usb", "ps2", "virtio", "xen"]},
    "model": {"type": "str", "choices": ["virtio", "virtio-transitional", "virtio-non-transitional"]},
    "device": {"type": "str"},
    "grab": {"type": "str", "choices": ["all"]},
    "grab_toggle": {
     "type": "str",
     "choices": ["ctrl-ctrl", "alt-alt", "shift-shift", "meta-meta", "scrolllock", "ctrl-scrolllock"]
    },
    "repeat": {"type": "bool"},
    "virtio": {
     "type": "dict",
     "options": {
      "iommu": {"type": "bool"},
      "ats": {"type": "bool"},
      "packed": {"type": "bool"},
      "page_per_vq": {"type": "bool"}
     }
    }
   }
  },
  "sounds": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "model": {"type": "str", "choices": ["ich9", "ich6", "ac97", "es1370", "sb16", "pcspk", "usb"]},
    "codecs": {"type": "list", "elements": "str", "choices": ["duplex", "micro", "output"]},
    "audio": {"type": "int"}
   }
  },
  "audios": {
   "type": "list",
   "elements": "dict",
   "options": {
    "id": {"type": "int"},
    "type": {
     "type": "str",
     "choices": ["none", "spice", "file", "alsa", "oss", "pulseaudio", "jack", "sdl", "dbus", "coreaudio"]
    },
    "path": {"type": "str"},
    "server_name": {"type": "str"},
    "driver": {"type": "str", "choices": ["esd", "alsa", "arts", "pulseaudio"]},
    "timer_period": {"type": "int"}
   }
  },
  "serials": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "type": {
     "type": "str",
     "choices": [
      "pty",
      "unix",
      "tcp",
      "udp",
      "file",
      "dev",
      "pipe",
      "null",
      "stdio",
      "vc",
      "spicevmc",
      "spiceport",
      "qemu-vdagent",
      "dbus"
     ]
    },
    "path": {"type": "str"},
    "mode": {"type": "str", "choices": ["bind", "connect"]},
    "host": {"type": "str"},
    "service": {"type": "str"},
    "bind_host": {"type": "str"},
    "bind_service": {"type": "str"},
    "protocol": {"type": "str", "choices": ["raw", "telnet", "telnets", "tls"]},
    "tls": {"type": "bool"},
    "reconnect": {"type": "int"},
    "append": {"type": "bool"},
    "channel": {"type": "str"},
    "clipboard": {"type": "bool"},
    "mouse": {"type": "str", "choices": ["client", "server"]},
    "log_file": {"type": "str"},
    "log_append": {"type": "bool"},
    "port": {"type": "int"},
    "target_type": {
     "type": "str",
     "choices": [
      "isa-serial",
      "usb-serial",
      "pci-serial",
      "spapr-vio-serial",
      "system-serial",
      "sclp-serial",
      "isa-debug"
     ]
    },
    "target_model": {
     "type": "str",
     "choices": [
      "isa-serial",
      "usb-serial",
      "pci-serial",
      "spapr-vty",
      "pl011",
      "16550a",
      "sclpconsole",
      "sclplmconsole",
      "isa-debugcon"
     ]
    },
    "iobase": {"type": "str"}
   }
  },
  "consoles": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "type": {
     "type": "str",
     "choices": [
      "pty",
      "unix",
      "tcp",
      "udp",
      "file",
      "dev",
      "pipe",
      "null",
      "stdio",
      "vc",
      "spicevmc",
      "spiceport",
      "qemu-vdagent",
      "dbus"
     ]
    },
    "path": {"type": "str"},
    "mode": {"type": "str", "choices": ["bind", "connect"]},
    "host": {"type": "str"},
    "service": {"type": "str"},
    "bind_host": {"type": "str"},
    "bind_service": {"type": "str"},
    "protocol": {"type": "str", "choices": ["raw", "telnet", "telnets", "tls"]},
    "tls": {"type": "bool"},
    "reconnect": {"type": "int"},
    "append": {"type": "bool"},
    "channel": {"type": "str"},
    "clipboard": {"type": "bool"},
    "mouse": {"type": "str", "choices": ["client", "server"]},
    "log_file": {"type": "str"},
    "log_append": {"type": "bool"},
    "target_type": {"type": "str", "choices": ["virtio", "sclp", "sclplm"]}
   }
  },
  "channels": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "type": {
     "type": "str",
     "choices": [
      "pty",
      "unix",
      "tcp",
      "udp",
      "file",
      "dev",
      "pipe",
      "null",
      "stdio",
      "vc",
      "spicevmc",
      "spiceport",
      "qemu-vdagent",
      "dbus"
     ]
    },
    "path": {"type": "str"},
    "mode": {"type": "str", "choices": ["bind", "connect"]},
    "host": {"type": "str"},
    "service": {"type": "str"},
    "bind_host": {"type": "str"},
    "bind_service": {"type": "str"},
    "protocol": {"type": "str", "choices": ["raw", "telnet", "telnets", "tls"]},
    "tls": {"type": "bool"},
    "reconnect": {"type": "int"},
    "append": {"type": "bool"},
    "channel": {"type": "str"},
    "clipboard": {"type": "bool"},
    "mouse": {"type": "str", "choices": ["client", "server"]},
    "log_file": {"type": "str"},
    "log_append": {"type": "bool"},
    "target_type": {"type": "str", "choices": ["virtio", "guestfwd", "xen"]},
    "target_name": {"type": "str"},
    "address": {"type": "str"},
    "port": {"type": "int"}
   }
  },
  "guest_agent": {"type": "dict", "options": {"enabled": {"type": "bool", "default": true}}},
  "rngs": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "model": {"type": "str", "choices": ["virtio", "virtio-transitional", "virtio-non-transitional"]},
    "backend": {"type": "str", "choices": ["random", "builtin", "egd"]},
    "device": {"type": "str"},
    "egd": {
     "type": "dict",
     "options": {
      "type": {
       "type": "str",
       "choices": [
        "pty",
        "unix",
        "tcp",
        "udp",
        "file",
        "dev",
        "pipe",
        "null",
        "stdio",
        "vc",
        "spicevmc",
        "spiceport",
        "qemu-vdagent",
        "dbus"
       ]
      },
      "path": {"type": "str"},
      "mode": {"type": "str", "choices": ["bind", "connect"]},
      "host": {"type": "str"},
      "service": {"type": "str"},
      "bind_host": {"type": "str"},
      "bind_service": {"type": "str"},
      "protocol": {"type": "str", "choices": ["raw", "telnet", "telnets", "tls"]},
      "tls": {"type": "bool"},
      "reconnect": {"type": "int"},
      "append": {"type": "bool"},
      "channel": {"type": "str"},
      "clipboard": {"type": "bool"},
      "mouse": {"type": "str", "choices": ["client", "server"]},
      "log_file": {"type": "str"},
      "log_append": {"type": "bool"}
     }
    },
    "rate": {"type": "dict", "options": {"bytes": {"type": "int"}, "period": {"type": "int"}}},
    "virtio": {
     "type": "dict",
     "options": {
      "iommu": {"type": "bool"},
      "ats": {"type": "bool"},
      "packed": {"type": "bool"},
      "page_per_vq": {"type": "bool"}
     }
    }
   }
  },
  "balloon": {
   "type": "dict",
   "options": {
    "enabled": {"type": "bool", "default": true},
    "model": {"type": "str", "choices": ["virtio", "virtio-transitional", "virtio-non-transitional", "xen"]},
    "stats_period": {"type": "int"},
    "autodeflate": {"type": "bool"},
    "free_page_reporting": {"type": "bool"},
    "virtio": {
     "type": "dict",
     "options": {
      "iommu": {"type": "bool"},
      "ats": {"type": "bool"},
      "packed": {"type": "bool"},
      "page_per_vq": {"type": "bool"}
     }
    }
   }
  },
  "tpm": {
   "type": "dict",
   "options": {
    "enabled": {"type": "bool", "default": true},
    "model": {"type": "str", "choices": ["tpm-crb", "tpm-tis", "tpm-spapr"]},
    "backend": {"type": "str", "choices": ["emulator", "passthrough", "external"]},
    "version": {"type": "str", "choices": ["2.0", "1.2"]},
    "persistent_state": {"type": "bool"},
    "pcr_banks": {"type": "list", "elements": "str", "choices": ["sha1", "sha256", "sha384", "sha512"]},
    "encryption_secret": {"type": "str", "no_log": false},
    "device": {"type": "str"},
    "socket": {"type": "str"}
   }
  },
  "watchdog": {
   "type": "dict",
   "options": {
    "enabled": {"type": "bool", "default": true},
    "model": {"type": "str", "choices": ["i6300esb", "ib700", "diag288"]},
    "action": {"type": "str", "choices": ["reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi"]}
   }
  },
  "panics": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "model": {"type": "str", "choices": ["isa", "hyperv", "pseries", "s390"]},
    "iobase": {"type": "str"}
   }
  },
  "iommu": {
   "type": "dict",
   "options": {
    "enabled": {"type": "bool", "default": true},
    "model": {"type": "str", "choices": ["intel", "virtio", "smmuv3"]},
    "interrupt_remapping": {"type": "bool"},
    "caching_mode": {"type": "bool"},
    "extended_interrupts": {"type": "bool"},
    "iotlb": {"type": "bool"},
    "aw_bits": {"type": "int"}
   }
  },
  "redirdevs": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "type": {
     "type": "str",
     "choices": [
      "pty",
      "unix",
      "tcp",
      "udp",
      "file",
      "dev",
      "pipe",
      "null",
      "stdio",
      "vc",
      "spicevmc",
      "spiceport",
      "qemu-vdagent",
      "dbus"
     ]
    },
    "path": {"type": "str"},
    "mode": {"type": "str", "choices": ["bind", "connect"]},
    "host": {"type": "str"},
    "service": {"type": "str"},
    "bind_host": {"type": "str"},
    "bind_service": {"type": "str"},
    "protocol": {"type": "str", "choices": ["raw", "telnet", "telnets", "tls"]},
    "tls": {"type": "bool"},
    "reconnect": {"type": "int"},
    "append": {"type": "bool"},
    "channel": {"type": "str"},
    "clipboard": {"type": "bool"},
    "mouse": {"type": "str", "choices": ["client", "server"]},
    "log_file": {"type": "str"},
    "log_append": {"type": "bool"},
    "bus": {"type": "str", "choices": ["usb"]},
    "boot_order": {"type": "int"}
   }
  },
  "smartcards": {
   "type": "list",
   "elements": "dict",
   "options": {
    "type": {
     "type": "str",
     "choices": [
      "pty",
      "unix",
      "tcp",
      "udp",
      "file",
      "dev",
      "pipe",
      "null",
      "stdio",
      "vc",
      "spicevmc",
      "spiceport",
      "qemu-vdagent",
      "dbus"
     ]
    },
    "path": {"type": "str"},
    "mode": {"type": "str", "choices": ["bind", "connect"]},
    "host": {"type": "str"},
    "service": {"type": "str"},
    "bind_host": {"type": "str"},
    "bind_service": {"type": "str"},
    "protocol": {"type": "str", "choices": ["raw", "telnet", "telnets", "tls"]},
    "tls": {"type": "bool"},
    "reconnect": {"type": "int"},
    "append": {"type": "bool"},
    "channel": {"type": "str"},
    "clipboard": {"type": "bool"},
    "mouse": {"type": "str", "choices": ["client", "server"]},
    "log_file": {"type": "str"},
    "log_append": {"type": "bool"},
    "card": {"type": "str", "choices": ["passthrough", "host", "host-certificates"]},
    "certificates": {"type": "list", "elements": "str"},
    "database": {"type": "str"}
   }
  },
  "filesystems": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "driver": {"type": "str", "choices": ["virtiofs", "9p"]},
    "source": {"type": "str"},
    "socket": {"type": "str"},
    "target": {"type": "str", "required": true},
    "access_mode": {"type": "str", "choices": ["passthrough", "mapped", "squash"]},
    "readonly": {"type": "bool"},
    "file_mode": {"type": "str"},
    "directory_mode": {"type": "str"},
    "multidevs": {"type": "str", "choices": ["default", "remap", "forbid", "warn"]},
    "queue_size": {"type": "int"},
    "daemon": {
     "type": "dict",
     "options": {
      "path": {"type": "str"},
      "cache": {"type": "str", "choices": ["none", "always"]},
      "xattr": {"type": "bool"},
      "posix_lock": {"type": "bool"},
      "flock": {"type": "bool"},
      "sandbox": {"type": "str", "choices": ["namespace", "chroot"]},
      "threads": {"type": "int"}
     }
    },
    "model": {"type": "str", "choices": ["virtio", "virtio-transitional", "virtio-non-transitional"]}
   }
  },
  "vsock": {
   "type": "dict",
   "options": {
    "enabled": {"type": "bool", "default": true},
    "cid": {"type": "str"},
    "model": {"type": "str", "choices": ["virtio", "virtio-transitional", "virtio-non-transitional"]}
   }
  },
  "hostdevs": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "pci": {"type": "str"},
    "usb": {"type": "str"},
    "usb_address": {"type": "str"},
    "mdev": {"type": "str"},
    "managed": {"type": "bool"},
    "model": {"type": "str", "choices": ["vfio-pci", "vfio-ccw", "vfio-ap"]},
    "display": {"type": "bool"},
    "ramfb": {"type": "bool"},
    "startup_policy": {"type": "str", "choices": ["default", "mandatory", "requisite", "optional"]},
    "guest_reset": {"type": "str", "choices": ["off", "uninitialized", "on"]},
    "boot_order": {"type": "int"},
    "rom": {
     "type": "dict",
     "options": {"enabled": {"type": "bool"}, "bar": {"type": "bool"}, "file": {"type": "str"}}
    }
   }
  },
  "shmems": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str", "required": true},
    "role": {"type": "str", "choices": ["master", "peer"]},
    "model": {"type": "str", "choices": ["ivshmem-plain", "ivshmem-doorbell"]},
    "size": {"type": "str"},
    "server": {"type": "str"},
    "vectors": {"type": "int"},
    "ioeventfd": {"type": "bool"}
   }
  },
  "memory_modules": {
   "type": "list",
   "elements": "dict",
   "options": {
    "name": {"type": "str"},
    "model": {"type": "str", "choices": ["dimm", "virtio-mem"]},
    "size": {"type": "str", "required": true},
    "node": {"type": "int"},
    "block": {"type": "str"},
    "requested": {"type": "str"},
    "access": {"type": "str", "choices": ["shared", "private"]},
    "discard": {"type": "bool"},
    "page_size": {"type": "str"},
    "host_nodes": {"type": "str"}
   }
  },
  "leases": {
   "type": "list",
   "elements": "dict",
   "options": {
    "lockspace": {"type": "str", "required": true},
    "key": {"type": "str", "required": true, "no_log": false},
    "path": {"type": "str", "required": true},
    "offset": {"type": "int"}
   }
  }
 },
 "among_others": ["start_order", "start_delay"],
 "machine": [
  "domain_type",
  "arch",
  "machine",
  "emulator",
  "title",
  "description",
  "vcpus",
  "vcpus_max",
  "memory",
  "memory_max",
  "cpu",
  "memory_hotplug_max",
  "memory_slots",
  "memory_backing",
  "iothreads",
  "cputune",
  "numatune",
  "memtune",
  "blkiotune",
  "firmware",
  "secure_boot",
  "boot",
  "kernel",
  "initrd",
  "cmdline",
  "dtb",
  "smbios",
  "features",
  "pm",
  "clock",
  "on_poweroff",
  "on_reboot",
  "on_crash",
  "on_lockfailure"
 ],
 "kinds": {
  "controllers": {"class": "controller:Controller", "tag": "controller", "usual": false},
  "disks": {"class": "disk:Disk", "tag": "disk", "usual": true},
  "cdroms": {"class": "cdrom:Cdrom", "tag": "disk", "usual": false},
  "floppies": {"class": "floppy:Floppy", "tag": "disk", "usual": false},
  "nics": {"class": "interface:Interface", "tag": "interface", "usual": true},
  "graphics": {"class": "graphics:Graphics", "tag": "graphics", "usual": true},
  "videos": {"class": "video:Video", "tag": "video", "usual": true},
  "inputs": {"class": "input:Input", "tag": "input", "usual": false},
  "sounds": {"class": "sound:Sound", "tag": "sound", "usual": false},
  "audios": {"class": "audio:Audio", "tag": "audio", "usual": false},
  "serials": {"class": "serial:Serial", "tag": "serial", "usual": true},
  "consoles": {"class": "serial:Console", "tag": "console", "usual": false},
  "channels": {"class": "channel:Channel", "tag": "channel", "usual": false},
  "guest_agent": {"class": "channel:GuestAgent", "tag": "channel", "usual": true},
  "rngs": {"class": "rng:Rng", "tag": "rng", "usual": true},
  "balloon": {"class": "balloon:Balloon", "tag": "memballoon", "usual": true},
  "tpm": {"class": "tpm:Tpm", "tag": "tpm", "usual": false},
  "watchdog": {"class": "watchdog:Watchdog", "tag": "watchdog", "usual": false},
  "panics": {"class": "panic:Panic", "tag": "panic", "usual": false},
  "iommu": {"class": "iommu:Iommu", "tag": "iommu", "usual": false},
  "redirdevs": {"class": "redirdev:Redirdev", "tag": "redirdev", "usual": false},
  "smartcards": {"class": "smartcard:Smartcard", "tag": "smartcard", "usual": false},
  "filesystems": {"class": "filesystem:Filesystem", "tag": "filesystem", "usual": false},
  "vsock": {"class": "vsock:Vsock", "tag": "vsock", "usual": false},
  "hostdevs": {"class": "hostdev:HostDevice", "tag": "hostdev", "usual": false},
  "shmems": {"class": "shmem:Shmem", "tag": "shmem", "usual": false},
  "memory_modules": {"class": "memory_module:MemoryModule", "tag": "memory", "usual": false},
  "leases": {"class": "lease:Lease", "tag": "lease", "usual": false}
 }
}
""")
