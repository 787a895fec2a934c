# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that stand in for libvirt's where its test driver will not do: it tells nobody by which flags it was called,
refuses next to nothing, and has neither guests that do not listen nor objects that go meanwhile.
"""

from __future__ import annotations

from typing import Any, Callable

import libvirt
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import NO_DOMAIN, Hypervisor


def failure(code: int) -> libvirt.libvirtError:
    """Return an error of libvirt's with that code (virErrorNumber)."""
    error = libvirt.libvirtError(f"error {code}")
    error.err = (code, 0, f"error {code}", 2, "", "", "", 0, 0)
    return error


class StandIn:
    """An object that answers as the test says, and keeps the calls to which it has no answer, or an error."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.told: list[tuple[Any, ...]] = []

    def __getattr__(self, call: str) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            answer = self.answers.get(call)
            if call not in self.answers or isinstance(answer, Exception):
                self.told.append((call, *arguments))
            if isinstance(answer, Exception):
                raise answer
            return answer(*arguments) if callable(answer) else answer

        return called


def host_of(domain: StandIn | None) -> Hypervisor:
    """Return a hypervisor with that one VM, or with none."""
    found = failure(NO_DOMAIN) if domain is None else domain
    return Hypervisor(StandIn(lookupByName=found), "fake:///")
