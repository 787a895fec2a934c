# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the lab's program: `python3 -m kvmlab`."""

from __future__ import annotations

import importlib
import signal
import sys


def start() -> int:
    """Check Python before anything that needs a newer one is read; Ctrl-C ends the reading without many words."""
    if sys.version_info < (3, 11):
        sys.exit("lab: this Python is too old: start the lab with 3.11 or newer, as LAB_PYTHON=/usr/bin/python3.11.")
    interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if interruptible:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    cli = importlib.import_module("kvmlab.cli")
    if interruptible:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return int(cli.main())


if __name__ == "__main__":
    sys.exit(start())
