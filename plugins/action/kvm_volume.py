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
from ..module_utils._storage.image import read_image
from ..module_utils._storage.volume_spec import Image, check_checksum

MODULE = "kvmops.datacenter.kvm_volume"


class ActionModule(ActionBase):
    """Runs the module with the digest of the file, and again with the file where that was not enough."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Return the module's result."""
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        arguments.pop("_local", None)
        src = arguments.get("src")
        if not src or boolean(arguments.get("remote_src", False), strict=False):
            return self._module(arguments, task_vars)
        try:
            image = self._image(str(src), arguments.get("checksum"))
        except (AnsibleError, KvmError) as error:
            return {"failed": True, "changed": False, "msg": str(error)}
        local = {"size": image.size, "sha256": image.sha256, "format": image.format}
        result = self._module({**arguments, "_local": local}, task_vars)
        if result.pop("upload_needed", False):
            return self._with_file(arguments, local, str(image.path), task_vars)
        return result

    def _image(self, src: str, checksum: Any) -> Image:
        image = read_image(self._find_needle("files", src))
        if checksum:
            check_checksum(str(checksum), image.sha256, src)
        return image

    def _with_file(self, arguments: dict[str, Any], local: dict[str, Any], path: str, task_vars: Any) -> dict[str, Any]:
        shell = self._connection._shell
        try:
            folder = shell.tmpdir or self._make_tmp_path()
            there = self._transfer_file(path, shell.join_path(folder, "image"))
            self._fixup_perms2((folder, there))
            return self._module({**arguments, "_local": {**local, "path": there}}, task_vars)
        finally:
            self._remove_tmp_path(shell.tmpdir)

    def _module(self, arguments: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(MODULE, module_args=arguments, task_vars=task_vars)
        return result
