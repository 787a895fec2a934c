# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of kvm_volume: it knows the file, and sends it only when the host lacks its content."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ..module_utils._errors import KvmError
from ..module_utils._image.origin import Origin
from ..module_utils._storage.volume_spec import read_image

MODULE = "kvmops.datacenter.kvm_volume"


class ActionModule(ActionBase):
    """Runs the module with the digest of the file, and again with the file where that was not enough."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Return the module's result."""
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        arguments.pop("_local", None)
        if not _names_local_file(arguments):
            return self._module(arguments, task_vars)
        try:
            image = read_image(arguments, self._find_needle("files", str(arguments["src"])), "src")
        except (AnsibleError, KvmError) as error:
            return {"failed": True, "changed": False, "msg": str(error)}
        result = self._module({**arguments, "_local": image.told()}, task_vars)
        if result.pop("upload_needed", False):
            return self._with_file(arguments, image, task_vars)
        return result

    def _with_file(self, arguments: dict[str, Any], image: Origin, task_vars: Any) -> dict[str, Any]:
        shell = self._connection._shell
        try:
            folder = shell.tmpdir or self._make_tmp_path()
            there = self._transfer_file(image.file, shell.join_path(folder, "image"))
            self._fixup_perms2((folder, there))
            return self._module({**arguments, "_local": image.told(there)}, task_vars)
        finally:
            self._remove_tmp_path(shell.tmpdir)

    def _module(self, arguments: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(MODULE, module_args=arguments, task_vars=task_vars)
        return result


def _names_local_file(arguments: dict[str, Any]) -> bool:
    """Return whether a file of the control node is to become the volume."""
    remote = boolean(arguments.get("remote_src", False), strict=False)
    return bool(arguments.get("src")) and not remote and arguments.get("state") != "absent"
