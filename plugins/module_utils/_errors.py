# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong, said in one sentence that a person can act on."""

from __future__ import annotations


class KvmError(Exception):
    """Something the user has to know: names the object, says what is wrong and what to do."""


class Refused(KvmError):
    """The input is wrong or would harm something; nothing was touched."""


class NotFound(Refused):
    """An object that was named does not exist on this hypervisor."""


class Overtaken(KvmError):
    """Another run works on the same object; look again at what is there."""


class TimedOut(KvmError):
    """What was waited for did not happen in time; running the play again is safe."""
