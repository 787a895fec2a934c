# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All guests of one hypervisor, read in few calls."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ...module_utils._errors import KvmError
from ...module_utils._hypervisor import NO_DOMAIN, hypervisor, speaking_of
from ...module_utils._libs import etree, is_missing, libvirt
from ...module_utils._vm.census import Glance, take_census
from ...module_utils._vm.devices.interface import Interface, mac_of
from ...module_utils._vm.facts import brief_facts
from ...module_utils._vm.spec import NOTE_SUFFIX
from ...module_utils._vm.state import VmState
from ...module_utils._xml import parse_xml
from .addresses import find_addresses

_INACTIVE = 2  # VIR_DOMAIN_XML_INACTIVE
# As many as libvirtd works on for one client: what is read takes the network's time, not the host's.
_CALLS_AT_A_TIME = 5


def require_libraries() -> None:
    """Raise KvmError, with what to install, where the Python that runs Ansible lacks what hypervisors are read with."""
    missing = [name for name, module in (("libvirt-python", libvirt), ("lxml", etree)) if is_missing(module)]
    if missing:
        raise KvmError(
            f"The inventory needs {' and '.join(missing)} in the Python that runs Ansible, {sys.executable}; "
            "install it there with pip, or as python3-libvirt and python3-lxml if that is the system's Python."
        )


def read_guests(uri: str, sources: Sequence[str], seconds: float) -> dict[str, Any]:
    """Return {guests: facts as kvm_vm_info gives them, warnings: sentences}; KvmError if there is no answer.

    Left out are VMs whose making was not finished, and notes of VMs that are being removed. Agents that take too long
    for `seconds` are not waited for.
    """
    deadline = time.monotonic() + seconds
    with hypervisor(uri) as host, speaking_of("reading its VMs"):
        census = take_census(host.connection)
        states, warnings = _states(census)
        running = {name: census[name].domain for name, state in states.items() if state.power == "running"}
        macs = {name: [mac_of(node) for node in Interface.nodes(states[name].config)] for name in running}
        found, silent = find_addresses(host.connection, running, macs, sources, deadline)
    warnings += [f"the guest agent of {name} did not answer in time" for name in silent]
    guests = [brief_facts(state, found.get(name, {})) for name, state in sorted(states.items())]
    return {"guests": guests, "warnings": warnings}


def _states(census: Mapping[str, Glance]) -> tuple[dict[str, VmState], list[str]]:
    """Return the guests' states by name, and sentences about VMs that could not be read."""
    names = [name for name in census if not name.endswith(NOTE_SUFFIX)]
    with ThreadPoolExecutor(_CALLS_AT_A_TIME) as pool:
        read = dict(zip(names, pool.map(lambda name: _state(name, census[name]), names)))
    states = {name: state for name, state in read.items() if isinstance(state, VmState)}
    guests = {name: state for name, state in states.items() if not state.record.get("unfinished")}
    return guests, [problem for problem in read.values() if isinstance(problem, str)]


def _state(name: str, glance: Glance) -> VmState | str | None:
    """Return a VM's state, a sentence where it cannot be read, None where it is gone.

    One description is read, the one for its next boot and without its secrets: read_domain would read two.
    """
    try:
        config = parse_xml(glance.domain.XMLDesc(_INACTIVE if glance.persistent else 0))
    except libvirt.libvirtError as error:
        gone = error.get_error_code() == NO_DOMAIN
        return None if gone else f"the VM {name} could not be read (libvirt: {error})"
    return VmState(name, config, power=glance.power, autostart=glance.autostart)
