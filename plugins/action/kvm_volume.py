# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of kvm_volume: it knows the files, and moves one only when the contents differ."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._errors import KvmError
from ..module_utils._image.origin import Origin
from ..module_utils._storage.volume_spec import read_image
from ..plugin_utils._arrival import Arrival
from ..plugin_utils._progress import read_so_far, size_now, watched

MODULE = "kvmops.datacenter.kvm_volume"

display = Display()


class ActionModule(ActionBase):
    """Runs the module with the digest of the file, and again with the file where that was not enough."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Return the module's result."""
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        arguments.pop("_local", None)
        try:
            if arguments.get("dest") and arguments.get("state") != "absent":
                return self._downloaded(arguments, task_vars or {})
            if _names_local_file(arguments):
                return self._uploaded(arguments, task_vars)
        except KvmError as error:
            return {"failed": True, "changed": False, "msg": _about(arguments, error)}
        return self._module(arguments, task_vars)

    def _uploaded(self, arguments: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        """Send the file where the host lacks its content."""
        try:
            file = self._find_needle("files", str(arguments["src"]))
        except AnsibleError as error:
            return {"failed": True, "changed": False, "msg": str(error)}
        image = read_image(arguments, file, "src")
        result = self._module({**arguments, "_local": image.told()}, task_vars)
        if result.pop("upload_needed", False):
            return self._with_file(arguments, image, task_vars)
        return result

    def _with_file(self, arguments: dict[str, Any], image: Origin, task_vars: Any) -> dict[str, Any]:
        shell = self._connection._shell
        try:
            folder = shell.tmpdir or self._make_tmp_path()
            file = str(image.file)
            with watched(partial(read_so_far, file), image.size, _teller(file, task_vars)):
                there = self._transfer_file(file, shell.join_path(folder, "image"))
            self._fixup_perms2((folder, there))
            return self._module({**arguments, "_local": image.told(there)}, task_vars)
        finally:
            self._remove_tmp_path(shell.tmpdir)

    def _downloaded(self, arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Let the host put the volume into a file where it differs from what is here, and fetch that file."""
        wanted = Arrival.at(self._loader.path_dwim(str(arguments["dest"])), str(arguments.get("name")))
        known, shell = wanted.known(), self._connection._shell
        try:
            staged = shell.join_path(shell.tmpdir or self._make_tmp_path(), "volume")
            local = {**known, "path": staged}
            result = self._module({**arguments, "dest": wanted.path, "_local": local}, task_vars)
            told = result.pop("_staged", None)
            if told:
                self._fetch(staged, wanted, told, task_vars)
            return result if result.get("failed") else {**result, "dest": wanted.path}
        finally:
            self._remove_tmp_path(shell.tmpdir)

    def _fetch(self, staged: str, wanted: Arrival, told: dict[str, Any], task_vars: dict[str, Any]) -> None:
        tell = _teller(wanted.path, task_vars)
        with wanted.arriving() as part:
            with watched(partial(size_now, part), int(told["size"]), tell):
                self._connection.fetch_file(staged, part)
            wanted.settle(str(told["sha256"]))

    def _module(self, arguments: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(MODULE, module_args=arguments, task_vars=task_vars)
        return result


def _teller(file: str, task_vars: Any) -> Callable[[str], None]:
    """Return what tells the people at the control node how far a file is."""
    host = (task_vars or {}).get("inventory_hostname")
    return lambda share: display.display(f"kvm_volume: [{host}] {file}: {share}")


def _about(arguments: dict[str, Any], error: KvmError) -> str:
    """Return what is wrong, naming the volume."""
    name = f"Volume '{arguments.get('pool')}/{arguments.get('name')}': "
    return str(error) if str(error).startswith(name) else f"{name}{error}"


def _names_local_file(arguments: dict[str, Any]) -> bool:
    """Return whether a file of the control node is to become the volume."""
    remote = boolean(arguments.get("remote_src", False), strict=False)
    return bool(arguments.get("src")) and not remote and arguments.get("state") != "absent"
