# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of kvm_template: an image that lies there is brought to the host, if the host needs it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._errors import KvmError, Refused
from ..module_utils._image.kinds import image_format
from ..module_utils._image.origin import Checksum, Origin
from ..module_utils._units import MIB

display = Display()

_MODULE = "kvmops.datacenter.kvm_template"


class ActionModule(ActionBase):
    """Run the module; where it answers that it needs the image, bring the image and run it again."""

    TRANSFERS_FILES = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the result of the module's last run."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        args = {key: value for key, value in self._task.args.items() if key != "_source"}
        try:
            result.update(self._with_image(args, variables) if _names_image(args) else self._module(args, variables))
        except KvmError as error:
            raise AnsibleActionFail(f"Template '{args.get('name')}': {error}") from None
        finally:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        result.pop("_needs_source", None)
        return result

    def _module(self, args: Mapping[str, Any], variables: dict[str, Any], **told: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._execute_module(_MODULE, module_args={**args, **told}, task_vars=variables)
        return answer

    def _with_image(self, args: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Ask the host by the image's digest (or its checksum, which saves reading it); bring the image if needed."""
        host = variables.get("inventory_hostname")
        image = self._local_image(args)
        if image.checksum is None:
            display.v(f"kvm_template: reading {image.file} ({image.size // MIB} MiB)", host=host)
            image = image.read()
        answer = self._module(args, variables, _source=image.told())
        if not answer.get("_needs_source"):
            return answer
        image = image if image.sha256 else image.read()
        if self._task.check_mode:
            return answer
        display.v(f"kvm_template: transferring {image.file} ({image.size // MIB} MiB)", host=host)
        path = self._transferred(image)
        display.v("kvm_template: importing it on the host", host=host)
        return self._module(args, variables, _source=image.told(path))

    def _local_image(self, args: Mapping[str, Any]) -> Origin:
        place = str(args["src"])
        checksum = Checksum.parse(str(args["checksum"])) if args.get("checksum") else None
        try:
            file = self._find_needle("files", os.path.expanduser(place))
        except AnsibleError as error:
            raise Refused(f"The image {place} does not exist on the control node; correct src.") from error
        return Origin("src", place, checksum).seen(file, image_format)

    def _transferred(self, image: Origin) -> str:
        shell = self._connection._shell
        if shell.tmpdir is None:
            self._make_tmp_path()
        path: str = shell.join_path(shell.tmpdir, "image")
        self._transfer_file(image.file, path)
        self._fixup_perms2((shell.tmpdir, path))
        return path


def _names_image(args: Mapping[str, Any]) -> bool:
    """Return whether the task names an image of the control node, and nothing that may not stand beside it."""
    return bool(args.get("src")) and not args.get("path") and not args.get("url") and args.get("state") != "absent"
