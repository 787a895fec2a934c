# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A callback that writes what each task did on each host into a file, one line of JSON each, for tests to read."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: kvm_lines
type: notification
short_description: Results as lines of JSON
description:
  - Appends the result of every task on every host to the file that the environment variable E(KVM_LINES) names.
"""


class CallbackModule(CallbackBase):
    """Notes results and the final sums."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "kvm_lines"

    def _write(self, line: dict[str, Any]) -> None:
        with open(os.environ["KVM_LINES"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def _note(self, status: str, result: Any) -> None:
        task, host = result._task, result._host.get_name()
        line = {"status": status, "host": host, "task": task.get_name(), "action": task.action}
        self._write({**line, "result": result._result})

    def v2_runner_on_ok(self, result: Any) -> None:
        self._note("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._note("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._note("unreachable", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._note("skipped", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        for host in sorted(stats.processed):
            self._write({"status": "sum", "host": host, "result": stats.summarize(host)})
